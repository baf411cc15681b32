//! Checks the guides: each is in the index and in the README, its examples run, and the table of
//! error codes and that of the fuzz targets are complete.

use std::collections::BTreeSet;

use super::tree::Tree;

const GUIDES: &str = "docs/guide/";

const INDEX: &str = "docs/guide/README.md";

const README: &str = "README.md";

const FUZZING: &str = "docs/guide/fuzzing.md";

const CODES: &str = "docs/guide/errors.md";

/// The source files that may include a guide as the documentation of an item. The guide of
/// another crate is included there.
const INCLUDED_BY: [&str; 2] = [
    "crates/openid-client/src/",
    "crates/openid-client-axum/src/",
];

/// The source files that define codes.
const DEFINED_BY: [&str; 2] = ["crates/oauth-core/src/", "crates/openid-client/src/"];

/// Returns every guide that is missing in the index or in the README, or that does not run, and
/// every error code that the table lacks, repeats or invents, and every fuzz target that its table
/// lacks.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let index = tree.file(INDEX).unwrap_or_default();
    let readme = tree.file(README).unwrap_or_default();
    let including = INCLUDED_BY
        .into_iter()
        .flat_map(|folder| tree.below(folder));
    let including: Vec<&str> = including.map(|(_, text)| text).collect();
    for (path, _) in tree.below(GUIDES) {
        let name = path.strip_prefix(GUIDES).unwrap_or(path);
        if path != INDEX && !index.contains(&format!("]({name})")) {
            faults.push(format!("{INDEX}: does not link to {name}"));
        }
        if !readme.contains(&format!("]({path})")) {
            faults.push(format!("{README}: does not link to {path}"));
        }
        let includes = format!("include_str!(\"../../../{path}\")");
        if !including.iter().any(|text| text.contains(&includes)) {
            faults.push(format!(
                "{path}: its examples do not run: {}guides.rs does not include it",
                INCLUDED_BY[0]
            ));
        }
    }
    faults.extend(codes(tree));
    let fuzzing = tree.file(FUZZING).unwrap_or_default();
    let targets = tree.below("fuzz/targets/").filter_map(|(path, _)| {
        let (_, name) = path.strip_suffix(".rs")?.rsplit_once('/')?;
        Some(name)
    });
    let missing = targets.filter(|name| !fuzzing.contains(&format!("`{name}`")));
    faults.extend(missing.map(|name| format!("{FUZZING}: lacks the target `{name}`")));
    faults
}

fn codes(tree: &Tree) -> Vec<String> {
    let defined: BTreeSet<&str> = DEFINED_BY
        .into_iter()
        .flat_map(|folder| tree.below(folder))
        .filter(|(path, _)| !path.ends_with("/tests.rs") && !path.contains("/tests/"))
        .flat_map(|(_, text)| defined_codes(text))
        .collect();
    if defined.is_empty() {
        return vec![format!("{CODES}: the source defines no codes")];
    }
    let listed: Vec<&str> = tree
        .file(CODES)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.starts_with(PREFIX))
        .collect();
    let times = |code: &str| listed.iter().filter(|name| **name == code).count();
    let mut faults: Vec<String> = defined
        .iter()
        .filter(|code| times(code) != 1)
        .map(|code| format!("{CODES}: lists `{code}` {} times", times(code)))
        .collect();
    let invented = listed.iter().filter(|name| !defined.contains(*name));
    faults.extend(invented.map(|name| format!("{CODES}: `{name}` is not in the source")));
    faults
}

/// Returns the codes in the text literals of a source file, without its comments and its tests.
fn defined_codes(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|literal| literal.starts_with(PREFIX))
}

const PREFIX: &str = "OAUTH_";

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn code() {\n    /// \"OAUTH_C\"\n    \"OAUTH_A\", \"x\", \"OAUTH_B\"\n}\n\
                          #[cfg(test)]\nmod tests { \"OAUTH_D\" }\n";

    const INCLUDES: &str = "#[doc = include_str!(\"../../../docs/guide/README.md\")]\n\
                            #[doc = include_str!(\"../../../docs/guide/errors.md\")]\n";

    fn faults_of(index: &str, includes: &str, table: &str) -> Vec<String> {
        let readme = format!("[guides]({INDEX}) {}", index.replace("](", "](docs/guide/"));
        faults(&Tree::from([
            (README, readme.as_str()),
            (INDEX, index),
            (CODES, table),
            ("crates/openid-client/src/guides.rs", includes),
            ("crates/oauth-core/src/error.rs", SOURCE),
            (
                "crates/oauth-core/src/error/tests.rs",
                "fn f() { \"OAUTH_E\" }",
            ),
        ]))
    }

    #[test]
    fn a_fuzz_target_that_the_guide_lacks_is_found() {
        let tree = Tree::from([
            (FUZZING, "| `jws`, `jwe` | a property |"),
            ("fuzz/targets/jwe.rs", ""),
            ("fuzz/targets/jw.rs", ""),
        ]);
        let found = faults(&tree);
        let expected = "docs/guide/fuzzing.md: lacks the target `jw`";
        assert_eq!(found.last().map(String::as_str), Some(expected));
        assert_eq!(found.iter().filter(|it| it.contains("target")).count(), 1);
    }

    #[test]
    fn a_complete_table_passes() {
        let table = "| code | |\n|---|---|\n| `OAUTH_A` | one |\n| `OAUTH_B` | two |\n";
        assert_eq!(faults_of("[e](errors.md)", INCLUDES, table), [""; 0]);
    }

    #[test]
    fn missing_repeated_and_invented_codes_are_found() {
        let table = "| `OAUTH_A` | |\n| `OAUTH_A` | |\n| `OAUTH_C` | |\n";
        assert_eq!(
            faults_of("[e](errors.md)", INCLUDES, table),
            [
                "docs/guide/errors.md: lists `OAUTH_A` 2 times",
                "docs/guide/errors.md: lists `OAUTH_B` 0 times",
                "docs/guide/errors.md: `OAUTH_C` is not in the source",
            ]
        );
    }

    #[test]
    fn a_guide_without_a_link_or_a_test_is_found() {
        let table = "| `OAUTH_A` | |\n| `OAUTH_B` | |\n";
        let some = INCLUDES.lines().next().unwrap_or_default();
        assert_eq!(
            faults_of("", some, table),
            [
                "docs/guide/README.md: does not link to errors.md",
                "README.md: does not link to docs/guide/errors.md",
                "docs/guide/errors.md: its examples do not run: \
                 crates/openid-client/src/guides.rs does not include it",
            ]
        );
    }
}
