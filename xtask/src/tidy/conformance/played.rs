//! The tests that a row names, and the switches of the test provider.

use std::collections::BTreeMap;

use super::table::Verdict;
use crate::tidy::tree::Tree;

/// The folder of the tests.
const TESTS: &str = "crates/oauth-core/tests/provider/";

/// The files of the switches.
const MISBEHAVIOURS: &str = "crates/test-provider/src/misbehaviour.rs";
const DPOP: &str = "crates/test-provider/src/dpop.rs";

/// Whether `file::function` is a test.
pub(super) fn is_test(tree: &Tree, test: &str) -> bool {
    let Some((module, function)) = test.rsplit_once("::") else {
        return false;
    };
    let path = format!("{TESTS}{}", module.replace("::", "/"));
    let file = tree.file(&format!("{path}.rs"));
    let Some(text) = file.or_else(|| tree.file(&format!("{path}/mod.rs"))) else {
        return false;
    };
    let signature = format!("fn {function}() {{");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .any(|pair| pair == ["#[test]", signature.as_str()])
}

/// Whether the file of a test, or a file in the test's folder, uses a switch.
pub(super) fn names(tree: &Tree, test: &str, switch: &str) -> bool {
    let Some((file, _)) = test.split_once("::") else {
        return false;
    };
    let alone = tree.file(&format!("{TESTS}{file}.rs"));
    let folder = format!("{TESTS}{file}/");
    let folder = tree.below(&folder);
    let mut texts = alone.into_iter().chain(folder.map(|(_, text)| text));
    texts.any(|text| words(text).any(|word| word == switch))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric())
}

/// The switches, with the verdicts that each allows.
pub(super) struct Switches(BTreeMap<String, Vec<Verdict>>);

impl Switches {
    /// Reads the switches of both enums. A misbehaviour states its verdict. A DPoP behaviour allows
    /// every verdict.
    pub(super) fn read(tree: &Tree) -> Self {
        use Verdict::{Accepted, Refused};
        let misbehaviours = tree.file(MISBEHAVIOURS).unwrap_or_default().lines();
        let misbehaviours = misbehaviours.filter_map(|line| {
            let (name, rest) = line.trim().split_once(" = \"")?;
            let (_, rest) = rest.split_once("\" ")?;
            let allowed = match rest.split_once(' ')?.0 {
                "Accept" => vec![Accepted],
                "Refuse" => vec![Refused],
                _ => vec![Accepted, Refused],
            };
            Some((name.to_owned(), allowed))
        });
        let dpop = tree.file(DPOP).unwrap_or_default().lines();
        let dpop = dpop.filter_map(|line| line.strip_prefix("    ")?.strip_suffix(','));
        let dpop = dpop.map(|name| (name.to_owned(), vec![Accepted, Refused]));
        Self(misbehaviours.chain(dpop).collect())
    }

    /// Whether a switch allows this verdict; `None` if the switch does not exist.
    pub(super) fn allow(&self, switch: &str, verdict: Verdict) -> Option<bool> {
        let allowed = self.0.get(switch)?;
        Some(allowed.contains(&verdict))
    }
}
