//! Checks the length of source files.

use super::tree::Tree;

const MOST_LINES: usize = 400;

/// Files that may be longer, each with the reason.
const LONGER: &[(&str, &str)] = &[
    (
        "crates/oauth-core/src/authorization/callback/tests.rs",
        "one table of refusals",
    ),
    (
        "crates/oauth-core/src/authorization/tests/build_url.rs",
        "one table of requests",
    ),
    (
        "crates/test-provider/src/misbehaviour.rs",
        "one table of misbehaviours",
    ),
];

/// Returns files that are too long, and exceptions that are no longer needed.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    judge(tree, LONGER)
}

fn judge(tree: &Tree, longer: &[(&str, &str)]) -> Vec<String> {
    let is_source = |path: &str| path.ends_with(".rs") || path.ends_with(".mjs");
    let too_long: Vec<(&str, usize)> = tree
        .files()
        .filter(|(path, _)| is_source(path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .collect();
    let mut faults = Vec::new();
    for (path, lines) in &too_long {
        if !longer.iter().any(|(exception, _)| exception == path) {
            faults.push(format!(
                "{path}: {lines} lines, where {MOST_LINES} are allowed"
            ));
        }
    }
    for (exception, _) in longer {
        if !too_long.iter().any(|(path, _)| path == exception) {
            faults.push(format!(
                "{exception}: may be longer than other files, but is not"
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_more_than_allowed_is_too_many() {
        let tree = |lines: usize| Tree::from([("src/lib.rs", "\n".repeat(lines).as_str())]);
        assert_eq!(judge(&tree(400), &[]), [""; 0]);
        assert_eq!(
            judge(&tree(401), &[]),
            ["src/lib.rs: 401 lines, where 400 are allowed"]
        );
    }

    #[test]
    fn data_may_be_long() {
        let tree = Tree::from([("tests/vectors/rfc7515.json", "\n".repeat(401).as_str())]);
        assert_eq!(judge(&tree, &[]), [""; 0]);
    }

    #[test]
    fn an_exception_holds_for_its_file_and_only_while_it_is_needed() {
        let exception = [("src/lib.rs", "one table")];
        let long = Tree::from([("src/lib.rs", "\n".repeat(401).as_str())]);
        assert_eq!(judge(&long, &exception), [""; 0]);
        let short = Tree::from([("src/lib.rs", "\n")]);
        let expected = "src/lib.rs: may be longer than other files, but is not";
        assert_eq!(judge(&short, &exception), [expected]);
    }
}
