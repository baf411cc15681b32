//! Checks that each module of `oauth-core` uses only the modules below it.
//!
//! A reader can then begin at the bottom, and every name is explained below. The scan reads
//! `crate::name` in production code; comments and unit tests may name any module.

use super::tree::Tree;

const ROOT: &str = "crates/oauth-core/src/";

/// The modules of `oauth-core`, lowest first. Modules in one row do not use each other.
const LAYERS: &[&[&str]] = &[
    &[
        "challenge",
        "entropy",
        "names",
        "profile",
        "report",
        "secret",
        "time",
    ],
    &["reason"],
    &["documents"],
    &["error"],
    &["outbound"],
    &["wire"],
    &["policy"],
    &["metadata"],
    &["parties"],
    &["cache", "pkce"],
    &["env", "key"],
    &["operation"],
    &["client_auth", "dpop"],
    &["configuration"],
    &["request_object", "validate"],
    &["endpoint"],
    &["authorization"],
    &["logout"],
    &["flow"],
    &["resource_server", "source"],
    &["run"],
];

/// Returns every use of a module that is not below, and every module that is missing in the list.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    judge(tree, LAYERS)
}

fn judge(tree: &Tree, layers: &[&[&str]]) -> Vec<String> {
    let height = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let mut faults = Vec::new();
    for (path, text) in tree.below(ROOT).filter(|(path, _)| ships(path)) {
        let module = module_of(path);
        let Some(own) = height(module) else {
            faults.push(format!("{path}: module `{module}` has no place in LAYERS"));
            continue;
        };
        for (line, used) in uses(text) {
            let is_below = height(used).is_some_and(|other| other < own);
            if used != module && !is_below {
                faults.push(format!(
                    "{path}:{line}: `{module}` uses `{used}`, which is not below it"
                ));
            }
        }
    }
    faults
}

fn ships(path: &str) -> bool {
    let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "testing" | "testing.rs");
    path.ends_with(".rs") && !path.ends_with("/lib.rs") && !path.split('/').any(is_test)
}

/// Returns the top-level module that a file belongs to.
fn module_of(path: &str) -> &str {
    let below = path.strip_prefix(ROOT).unwrap_or(path);
    below.split(['/', '.']).next().unwrap_or(below)
}

/// Returns the top-level modules that a file names after `crate::`, each with its line.
fn uses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            let named = line.split("crate::").skip(1);
            named.filter_map(move |rest| {
                let end = rest.find(|it: char| it != '_' && !it.is_alphanumeric());
                let name = rest.get(..end?)?;
                // `crate::Error` is an item at the crate's root, re-exported from its module.
                let is_module = name.starts_with(|first: char| first.is_ascii_lowercase());
                is_module.then_some((number, name))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[&[&str]] = &[&["low", "same"], &["high"]];

    fn faults_in(path: &str, text: &str) -> Vec<String> {
        judge(&Tree::from([(path, text)]), TWO)
    }

    #[test]
    fn a_use_that_runs_up_or_sideways_is_found() {
        for used in ["high", "same"] {
            let text = format!("//! Text.\nuse crate::{used}::Thing;");
            let found = faults_in("crates/oauth-core/src/low/file.rs", &text);
            let expected = format!(
                "crates/oauth-core/src/low/file.rs:2: `low` uses `{used}`, which is not below it"
            );
            assert_eq!(found, [expected]);
        }
    }

    #[test]
    fn a_use_that_runs_down_or_stays_passes() {
        let text = "use crate::low::Thing;\nfn f(_: crate::high::Other) -> crate::Error {}";
        let found = faults_in("crates/oauth-core/src/high.rs", text);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn comments_and_tests_may_name_anything() {
        let text =
            "//! [`Thing`](crate::high::Thing)\n#[cfg(test)]\nmod tests { use crate::high; }";
        assert_eq!(faults_in("crates/oauth-core/src/low.rs", text), [""; 0]);
        let text = "use crate::high::Thing;";
        for path in ["low/tests.rs", "low/tests/more.rs", "testing.rs", "lib.rs"] {
            let path = format!("{ROOT}{path}");
            assert_eq!(faults_in(&path, text), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_module_without_a_place_is_found() {
        let found = faults_in("crates/oauth-core/src/new.rs", "");
        let expected = "crates/oauth-core/src/new.rs: module `new` has no place in LAYERS";
        assert_eq!(found, [expected]);
    }
}
