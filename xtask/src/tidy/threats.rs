//! Checks that each test that `docs/THREATS.md` names exists.

use super::tree::Tree;

const THREATS: &str = "docs/THREATS.md";

/// Returns every test in the table that does not exist.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let Some(text) = tree.file(THREATS) else {
        return vec![format!("{THREATS}: is missing")];
    };
    let tests: Vec<&str> = text
        .split('`')
        .filter(|part| part.contains(".rs::"))
        .collect();
    if tests.is_empty() {
        return vec![format!("{THREATS}: names no test")];
    }
    let missing = tests.into_iter().filter(|test| !exists(tree, test));
    missing
        .map(|test| format!("{THREATS}: names the test `{test}`, which does not exist"))
        .collect()
}

/// Whether `path.rs::function`, with the path below `crates/`, is a test.
pub(super) fn exists(tree: &Tree, test: &str) -> bool {
    let Some((path, function)) = test.split_once("::") else {
        return false;
    };
    let Some(text) = tree.file(&format!("crates/{path}")) else {
        return false;
    };
    let signature = format!("fn {function}() {{");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.windows(2).any(|pair| match pair {
        [attribute, line] => {
            (*attribute == "#[test]" || attribute.starts_with("#[tokio::test"))
                && line.ends_with(&signature)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        let code = "#[tokio::test]\nasync fn there() {\n}\nfn no_test() {\n}\n";
        let table = "| `a/tests/b.rs::there` | `a/tests/b.rs::no_test` `a/tests/c.rs::there` |";
        let tree = Tree::from([(THREATS, table), ("crates/a/tests/b.rs", code)]);
        let missing = |test| format!("{THREATS}: names the test `{test}`, which does not exist");
        let expected = ["a/tests/b.rs::no_test", "a/tests/c.rs::there"].map(missing);
        assert_eq!(faults(&tree), expected);
    }
}
