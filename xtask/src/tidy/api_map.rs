//! `docs/api-map.md` maps every name of the reference's API to its counterpart here.
//!
//! [`REFERENCE`] lists the names. This module checks the rules about the text. [`documented`]
//! checks in the built documentation that every Rust path in it belongs to the public API.

pub(super) mod documented;
mod table;

use std::collections::BTreeMap;

use super::tree::Tree;
use table::Row;

/// The names to map, one on each line: kind, then `symbol` or `symbol.member`.
const REFERENCE: &str = "docs/api-map/reference.txt";

/// The map: one file for the symbols, one for their members.
const MAP: [&str; 2] = ["docs/api-map.md", "docs/api-map/members.md"];

/// The beginning of the heading over names without a counterpart; the number of rows follows.
const NOT_THERE_YET: &str = "Not there yet: ";

/// The beginning of a row whose name needs no counterpart. The reason follows.
const NOT_NEEDED: &str = "Not needed: ";

/// Returns every name that is not mapped exactly once, and every row without a counterpart or
/// reason.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let mut mapped = names(tree, &mut faults);
    for map in MAP {
        let Some(text) = tree.file(map) else {
            faults.push(format!("{map}: is missing"));
            continue;
        };
        let rows = table::rows(text);
        for row in &rows {
            let place = format!("{map}:{}: `{}`", row.line, row.name);
            match mapped.get_mut(row.name.as_str()) {
                None => faults.push(format!("{place} is no name of the reference")),
                Some(times) => *times = times.saturating_add(1),
            }
            if !is_answer(row) {
                faults.push(format!(
                    "{place} has no Rust path and no `{NOT_NEEDED}` with a reason"
                ));
            }
        }
        faults.extend(
            miscounted(text, &rows)
                .into_iter()
                .map(|fault| format!("{map}:{fault}")),
        );
    }
    for (name, times) in mapped {
        match times {
            0 => faults.push(format!("{REFERENCE}: `{name}` is not mapped")),
            1 => {}
            times => faults.push(format!("{REFERENCE}: `{name}` is mapped {times} times")),
        }
    }
    faults
}

/// Returns the names in the reference, each with a count of zero.
fn names<'a>(tree: &'a Tree, faults: &mut Vec<String>) -> BTreeMap<&'a str, usize> {
    let lines = tree.file(REFERENCE).unwrap_or_default().lines();
    let names: BTreeMap<&str, usize> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| (line.split_once(' ').map_or(line, |(_, name)| name), 0))
        .collect();
    if names.is_empty() {
        faults.push(format!("{REFERENCE}: names nothing"));
    }
    names
}

/// Whether a row contains a Rust path, a reason for having none, or a description of what is
/// missing.
fn is_answer(row: &Row) -> bool {
    let reason = if row.section.starts_with(NOT_THERE_YET) {
        Some(row.answer.as_str())
    } else {
        row.answer.strip_prefix(NOT_NEEDED)
    };
    match reason {
        Some(reason) => reason.ends_with('.'),
        None => row
            .answer
            .strip_prefix('`')
            .is_some_and(documented::begins_with_a_path),
    }
}

/// Returns the headings over missing names that state a wrong number of rows.
fn miscounted(text: &str, rows: &[Row]) -> Vec<String> {
    let headings = table::headings(text).filter_map(|(line, heading)| {
        let stated = heading.strip_prefix(NOT_THERE_YET)?;
        let found = rows.iter().filter(|row| row.section == heading).count();
        (stated != found.to_string())
            .then(|| format!("{line}: `{heading}` stands over {found} rows"))
    });
    headings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "# origin\nfunction discovery\ninterface JWK\ninterface JWK.kty\n";
    const MEMBERS: &str =
        "## `JWK`\n\n| Member | Rust |\n|---|---|\n| `kty` | `jose::Jwk::kty` |\n";

    fn faults_in(names: &str, symbols: &str) -> Vec<String> {
        faults(&Tree::from([
            (REFERENCE, names),
            (MAP[0], symbols),
            (MAP[1], MEMBERS),
        ]))
    }

    #[test]
    fn each_name_once_passes() {
        for symbols in [
            "| `discovery` | `openid_client::Client::discover` |\n| `JWK` | `jose::Jwk`: read. |\n",
            "| `discovery` | Not needed: a reason. |\n| `JWK` | `jose::Jwk` |\n",
            "| `JWK` | `jose::Jwk` |\n## Not there yet: 1\n| `discovery` | No client. |\n",
        ] {
            assert_eq!(faults_in(NAMES, symbols), [""; 0], "{symbols}");
        }
    }

    #[test]
    fn a_name_without_a_row_is_found() {
        assert_eq!(
            faults_in(NAMES, "| `JWK` | `jose::Jwk` |\n"),
            ["docs/api-map/reference.txt: `discovery` is not mapped"]
        );
        let names = format!("{NAMES}interface JWK.use\n");
        let symbols = "| `discovery` | `openid_client::Client` |\n| `JWK` | `jose::Jwk` |\n";
        assert_eq!(
            faults_in(&names, symbols),
            ["docs/api-map/reference.txt: `JWK.use` is not mapped"]
        );
    }

    #[test]
    fn a_name_with_two_rows_is_found() {
        let symbols = "| `discovery` | `openid_client::Client` |\n| `JWK` | `jose::Jwk` |\n\
                       ## Not there yet: 1\n| `JWK` | No keys. |\n";
        assert_eq!(
            faults_in(NAMES, symbols),
            ["docs/api-map/reference.txt: `JWK` is mapped 2 times"]
        );
    }

    #[test]
    fn a_row_for_nothing_is_found() {
        let symbols = "| `discovery` | `openid_client::Client` |\n| `JWK` | `jose::Jwk` |\n\
                       | `JWKS` | `jose::JwkSet` |\n";
        assert_eq!(
            faults_in(NAMES, symbols),
            ["docs/api-map.md:3: `JWKS` is no name of the reference"]
        );
    }

    #[test]
    fn a_row_that_says_nothing_is_found() {
        for answer in [
            "",
            "Not needed: ",
            "Not needed: no",
            "soon.",
            "`Jwk`",
            "`jose`",
        ] {
            let symbols = format!("| `discovery` | `jose::Jwk` |\n| `JWK` | {answer} |\n");
            assert_eq!(
                faults_in(NAMES, &symbols),
                ["docs/api-map.md:2: `JWK` has no Rust path and no `Not needed: ` with a reason"]
            );
        }
    }

    #[test]
    fn what_is_missing_is_counted() {
        let symbols = "| `discovery` | `openid_client::Client` |\n\
                       ## Not there yet: 2\n| `JWK` | No keys. |\n";
        assert_eq!(
            faults_in(NAMES, symbols),
            ["docs/api-map.md:2: `Not there yet: 2` stands over 1 rows"]
        );
    }

    #[test]
    fn a_name_without_a_kind_is_no_comment() {
        let symbols = "| `discovery` | `openid_client::Client` |\n| `JWK` | `jose::Jwk` |\n";
        assert_eq!(
            faults_in(&format!("{NAMES}JWKS\n"), symbols),
            ["docs/api-map/reference.txt: `JWKS` is not mapped"]
        );
    }

    #[test]
    fn a_list_of_no_names_is_found() {
        let expected = "docs/api-map/reference.txt: names nothing";
        assert_eq!(faults(&Tree::default())[0], expected);
    }

    #[test]
    fn the_reference_is_whole() {
        let text = include_str!("../../../docs/api-map/reference.txt");
        let count = |wanted: &str, dotted: bool| {
            let names = text.lines().filter_map(|line| line.split_once(' '));
            names
                .filter(|(kind, name)| *kind == wanted && name.contains('.') == dotted)
                .count()
        };
        // The second number counts the additions of later versions.
        assert_eq!(count("function", false), 38 + 2);
        assert_eq!(count("class", false), 5);
        assert_eq!(count("interface", false), 36 + 1);
        assert_eq!(count("type-alias", false), 9 + 1);
        assert_eq!(count("variable", false), 6);
        // Open interfaces have one more, for any further member.
        for (interface, members) in [
            ("ServerMetadata", 67 + 1 + 1),
            ("ClientMetadata", 11 + 1),
            ("IntrospectionResponse", 15 + 1),
            ("UserInfoResponse", 19 + 1),
        ] {
            let prefix = format!("interface {interface}.");
            let found = text.lines().filter(|line| line.starts_with(&prefix));
            assert_eq!(found.count(), members, "{interface}");
        }
    }
}
