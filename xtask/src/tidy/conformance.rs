//! Checks `docs/conformance.md`, which names the test for each module of the conformance suite.

mod played;
mod table;

use std::collections::BTreeMap;

use super::tree::Tree;
use played::Switches;
use table::{Row, Verdict};

/// The modules, one on each line.
const MODULES: &str = "docs/conformance/modules.txt";

const MAP: &str = "docs/conformance.md";

const README: &str = "README.md";

/// Returns every module that is not mapped exactly once, and every row whose test, switch or
/// verdict does not exist.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = tree.file(MODULES).unwrap_or_default().lines();
    let mut mapped: BTreeMap<&str, usize> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| (line, 0))
        .collect();
    if mapped.is_empty() {
        faults.push(format!("{MODULES}: names nothing"));
    }
    let Some(text) = tree.file(MAP) else {
        faults.push(format!("{MAP}: is missing"));
        return faults;
    };
    let switches = Switches::read(tree);
    let rows = table::rows(text);
    for row in &rows {
        match mapped.get_mut(row.module.as_str()) {
            None => faults.push(format!("{} is no module of the suite", place(row))),
            Some(times) => *times = times.saturating_add(1),
        }
        let found = judge(tree, &switches, row);
        faults.extend(found.map(|fault| format!("{} {fault}", place(row))));
    }
    for (module, times) in mapped {
        if times != 1 {
            faults.push(format!("{MODULES}: `{module}` is mapped {times} times"));
        }
    }
    faults.extend(miscounted(tree, text, &rows));
    faults
}

fn place(row: &Row) -> String {
    format!("{MAP}:{}: `{}`", row.line, row.module)
}

/// Returns the first fault of a row.
fn judge(tree: &Tree, switches: &Switches, row: &Row) -> Option<String> {
    let Some(verdict) = row.verdict else {
        return Some("has no verdict: accepted, refused or out of scope".to_owned());
    };
    if verdict == Verdict::OutOfScope {
        return (!row.reason.ends_with('.')).then(|| "has no reason to be out of scope".to_owned());
    }
    if row.tests.is_empty() {
        return Some("names no test".to_owned());
    }
    for test in &row.tests {
        if !played::is_test(tree, test) {
            return Some(format!("names the test `{test}`, which does not exist"));
        }
    }
    for switch in &row.switches {
        match switches.allow(switch, verdict) {
            None => return Some(format!("names the switch `{switch}`, which does not exist")),
            Some(false) => {
                return Some(format!("has another verdict than its switch `{switch}`"));
            }
            Some(true) => {}
        }
        if !row
            .tests
            .iter()
            .any(|test| played::names(tree, test, switch))
        {
            return Some(format!(
                "names the switch `{switch}`, which its tests do not"
            ));
        }
    }
    None
}

/// Checks the numbers of modules, and of modules with a test, in the text and in the README.
fn miscounted(tree: &Tree, text: &str, rows: &[Row]) -> Vec<String> {
    let played = rows
        .iter()
        .filter(|row| row.verdict != Some(Verdict::OutOfScope))
        .count();
    let rest = rows.len().saturating_sub(played);
    let all = rows.len();
    let front = tree.file(README).unwrap_or_default();
    let stated = [
        (
            MAP,
            text,
            format!("{all}, of which {played} are played and {rest} are out of scope"),
        ),
        (README, front, format!("{played} of {all} are played")),
    ];
    let missing = stated.into_iter().filter(|(_, text, stated)| {
        let words: Vec<&str> = text.split_whitespace().collect();
        !words.join(" ").contains(stated)
    });
    missing
        .map(|(file, _, stated)| format!("{file}: does not say: {stated}"))
        .collect()
}

#[cfg(test)]
mod tests;
