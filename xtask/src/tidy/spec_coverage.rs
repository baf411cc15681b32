//! Checks `docs/SPEC-COVERAGE.md`, which names module and test for each requirement.

use std::collections::BTreeSet;

use super::threats;
use super::tree::Tree;

const PAGE: &str = "docs/SPEC-COVERAGE.md";

/// The crates whose citations must be on the page.
const SOURCES: [&str; 5] = [
    "crates/jose/src/",
    "crates/oauth-core/src/",
    "crates/openid-client/src/",
    "crates/openid-client-axum/src/",
    "crates/openid-client-blocking/src/",
];

/// Begins the last cell of a row without a test.
const NOT_COVERED: &str = "not covered: ";

/// Returns every row whose module or test does not exist or whose reason is missing, a wrong number
/// of rows in the text, and every RFC that the sources cite and the page does not.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let Some(text) = tree.file(PAGE) else {
        return vec![format!("{PAGE}: is missing")];
    };
    let mut faults = Vec::new();
    let (mut rows, mut open) = (0_usize, 0_usize);
    for (line, content) in (1_usize..).zip(text.lines()) {
        let Some([module, last]) = cells(content) else {
            continue;
        };
        rows = rows.saturating_add(1);
        open = open.saturating_add(usize::from(last.starts_with(NOT_COVERED)));
        let found = judge(tree, module, last);
        faults.extend(found.map(|fault| format!("{PAGE}:{line}: {fault}")));
    }
    let stated = format!("{rows} rows, of which {open} are not covered");
    let words: Vec<&str> = text.split_whitespace().collect();
    if !words.join(" ").contains(&stated) {
        faults.push(format!("{PAGE}: does not say: {stated}"));
    }
    let missing = cited(tree).into_iter().filter(|rfc| !text.contains(rfc));
    faults.extend(missing.map(|rfc| format!("{PAGE}: RFC {rfc} is cited by the code")));
    faults
}

/// Returns the last two of the four cells of a row; `None` for a heading and for other lines.
fn cells(line: &str) -> Option<[&str; 2]> {
    let inside = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<&str> = inside.split(" | ").collect();
    let [section, _, module, last] = cells[..] else {
        return None;
    };
    (section != "section").then_some([module, last])
}

/// Returns the first fault of a row.
fn judge(tree: &Tree, module: &str, last: &str) -> Option<String> {
    let mut modules = code(module).peekable();
    if modules.peek().is_none() {
        return Some("names no module".to_owned());
    }
    if let Some(missing) = modules.find(|path| tree.file(&format!("crates/{path}")).is_none()) {
        return Some(format!("the module `{missing}` does not exist"));
    }
    if let Some(reason) = last.strip_prefix(NOT_COVERED) {
        return (!reason.ends_with('.')).then(|| "has no reason".to_owned());
    }
    let mut tests = code(last).peekable();
    if tests.peek().is_none() {
        return Some("names no test, and is not marked as not covered".to_owned());
    }
    tests
        .find(|test| !threats::exists(tree, test))
        .map(|test| format!("the test `{test}` does not exist"))
}

/// The text between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns the numbers of the RFCs that the sources name.
fn cited(tree: &Tree) -> BTreeSet<&str> {
    let files = SOURCES.into_iter().flat_map(|folder| tree.below(folder));
    let sources = files.filter(|(path, _)| path.ends_with(".rs"));
    sources
        .flat_map(|(_, text)| text.split("RFC ").skip(1))
        .filter_map(|rest| rest.get(..4))
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "The table has 1 rows, of which 0 are not covered.\n\n\
                        | section | requirement | module | test |\n|---|---|---|---|\n";
    const TEST: &str = "#[test]\nfn there() {\n}\n";

    fn found(row: &str, source: &str) -> Vec<String> {
        let page = format!("{HEAD}{row}\n");
        let tree = Tree::from([
            (PAGE, page.as_str()),
            ("crates/oauth-core/src/a.rs", source),
            ("crates/oauth-core/tests/b.rs", TEST),
        ]);
        faults(&tree)
    }

    #[test]
    fn each_fault_of_a_row_is_found() {
        let good = "| 1 | x | `oauth-core/src/a.rs` | `oauth-core/tests/b.rs::there` |";
        assert_eq!(found(good, "").len(), 0);
        for (row, fault) in [
            (
                good.replace("src/a.rs", "src/c.rs"),
                "the module `oauth-core/src/c.rs` does not exist",
            ),
            (
                good.replace("::there", "::gone"),
                "the test `oauth-core/tests/b.rs::gone` does not exist",
            ),
            (
                good.replace("`oauth-core/src/a.rs`", "a"),
                "names no module",
            ),
            (
                good.replace("`oauth-core/tests/b.rs::there`", "all"),
                "names no test, and is not marked as not covered",
            ),
        ] {
            assert_eq!(found(&row, ""), [format!("{PAGE}:5: {fault}")]);
        }
    }

    #[test]
    fn a_row_without_a_test_gives_its_reason_and_is_counted() {
        let row = "| 1 | x | `oauth-core/src/a.rs` | not covered: later |";
        let counted = format!("{PAGE}: does not say: 1 rows, of which 1 are not covered");
        assert_eq!(
            found(row, ""),
            [format!("{PAGE}:5: has no reason"), counted.clone()]
        );
        assert_eq!(found(&row.replace("later", "Later."), ""), [counted]);
    }

    #[test]
    fn a_citation_that_the_page_lacks_is_found() {
        let row = "| 1 | x | `oauth-core/src/a.rs` | `oauth-core/tests/b.rs::there` |";
        let cited = found(row, "// RFC 6749 section 1, RFC abcd\n");
        assert_eq!(cited, [format!("{PAGE}: RFC 6749 is cited by the code")]);
    }
}
