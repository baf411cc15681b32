//! Checks that the documents name every switch that weakens a check.

use super::tree::Tree;

const SWITCHES: &str = "crates/oauth-core/src/policy/danger.rs";

const DOCUMENTS: [&str; 2] = ["docs/DESIGN.md", "docs/COMPATIBILITY.md"];

/// Returns every field of `Danger` that a document omits.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let switches = switches(tree.file(SWITCHES).unwrap_or_default());
    if switches.is_empty() {
        return vec![format!("{SWITCHES}: `Danger` has no fields")];
    }
    let mut faults = Vec::new();
    for document in DOCUMENTS {
        let names: Vec<&str> = names(tree.file(document).unwrap_or_default()).collect();
        let missing = switches.iter().filter(|switch| !names.contains(switch));
        faults.extend(missing.map(|it| format!("{document}: does not name `{it}` of `Danger`")));
    }
    faults
}

/// Returns the public fields of `Danger`.
fn switches(text: &str) -> Vec<&str> {
    text.lines()
        .skip_while(|line| !line.starts_with("pub struct Danger "))
        .take_while(|line| *line != "}")
        .filter_map(|line| line.trim().strip_prefix("pub "))
        .filter_map(|field| field.split_once(':'))
        .map(|(name, _)| name)
        .collect()
}

/// Returns the code spans of a document, without the path before a name: `danger.` or `Danger::`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`')
        .filter_map(|it| it.rsplit(['.', ':']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DANGER: &str = "/// Switches.\npub struct Danger {\n    /// One.\n    pub one: bool,\n    /// Two.\n    \
                          pub two: Option<u8>,\n}\n\npub struct Other {\n    pub three: bool,\n}\n";

    fn faults_of(design: &str, compatibility: &str) -> Vec<String> {
        faults(&Tree::from([
            (SWITCHES, DANGER),
            ("docs/DESIGN.md", design),
            ("docs/COMPATIBILITY.md", compatibility),
        ]))
    }

    #[test]
    fn each_switch_is_named_in_both_documents() {
        let both = "- `one`: a. `danger.two`: b.";
        assert_eq!(faults_of(both, "| `Danger::one` | `two` |"), [""; 0]);
        assert_eq!(
            faults_of("`two`", "one `one_and_two`"),
            [
                "docs/DESIGN.md: does not name `one` of `Danger`",
                "docs/COMPATIBILITY.md: does not name `one` of `Danger`",
                "docs/COMPATIBILITY.md: does not name `two` of `Danger`",
            ]
        );
    }

    #[test]
    fn switches_that_are_not_found_are_a_fault() {
        assert_eq!(
            faults(&Tree::from([(SWITCHES, "")])),
            [format!("{SWITCHES}: `Danger` has no fields")]
        );
    }
}
