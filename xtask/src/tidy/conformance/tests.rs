use super::*;

const SWITCHES: &str = "    Token {\n\
    IssuerMissing = \"No `iss`\" Refuse \": required.\";\n\
    TypeMissing = \"No `typ`\" Accept \": optional.\";\n\
    Old = \"`iat` was a week ago\" Either \".\";\n";

const DPOP: &str = "pub enum DPoPBehaviour {\n    /// Nonces.\n    NonceRequired,\n}\n";

const TESTS: &str =
    "#[test]\nfn refused() {\n    IssuerMissing; Old; NonceRequired\n}\n\nfn helper() {\n}\n";

fn faults_in(rows: &str) -> Vec<String> {
    faults_with("m-1\n", rows)
}

fn faults_with(modules: &str, rows: &str) -> Vec<String> {
    let rows: Vec<&str> = rows.lines().collect();
    let count = |out: bool| {
        let rows = rows.iter();
        rows.filter(|row| row.contains("out of scope") == out)
            .count()
    };
    let text = format!(
        "There are {}, of which {} are played and {} are out of scope.\n\n{}\n",
        rows.len(),
        count(false),
        count(true),
        rows.join("\n")
    );
    let front = format!("{} of {} are played\n", count(false), rows.len());
    faults(&Tree::from([
        (MODULES, modules),
        (MAP, text.as_str()),
        (README, front.as_str()),
        ("crates/test-provider/src/misbehaviour.rs", SWITCHES),
        ("crates/test-provider/src/dpop.rs", DPOP),
        ("crates/oauth-core/tests/provider/a.rs", TESTS),
        (
            "crates/oauth-core/tests/provider/b/mod.rs",
            "#[test]\nfn accepted() {\n}\n",
        ),
        ("crates/oauth-core/tests/provider/b/table.rs", "TypeMissing"),
    ]))
}

#[test]
fn rows_that_are_true_pass() {
    for row in [
        "| `m-1` | No `iss` (`IssuerMissing`). | refused | `a::refused` |",
        "| `m-1` | Old (`Old`, `NonceRequired`). | accepted | `a::refused` |",
        "| `m-1` | No `typ` (`TypeMissing`). | accepted | `b::accepted`, `a::refused` |",
        "| `m-1` | No switch. | refused | `a::refused` |",
        "| `m-1` | A test. | out of scope | A reason. |",
    ] {
        assert_eq!(faults_in(row), [""; 0], "{row}");
    }
}

#[test]
fn rows_that_are_not_true_are_found() {
    for (row, fault) in [
        (
            "x | refused | `a::helper`",
            "names the test `a::helper`, which does not exist",
        ),
        (
            "x | refused | `a::nothing`",
            "names the test `a::nothing`, which does not exist",
        ),
        (
            "x | refused | `c::refused`",
            "names the test `c::refused`, which does not exist",
        ),
        ("x | refused | Nothing.", "names no test"),
        (
            "x | perhaps | `a::refused`",
            "has no verdict: accepted, refused or out of scope",
        ),
        ("x | out of scope | ", "has no reason to be out of scope"),
        (
            "`Unknown` | refused | `a::refused`",
            "names the switch `Unknown`, which does not exist",
        ),
        (
            "`IssuerMissing` | accepted | `a::refused`",
            "has another verdict than its switch `IssuerMissing`",
        ),
        (
            "`TypeMissing` | refused | `b::accepted`",
            "has another verdict than its switch `TypeMissing`",
        ),
        (
            "`TypeMissing` | accepted | `a::refused`",
            "names the switch `TypeMissing`, which its tests do not",
        ),
    ] {
        let row = format!("| `m-1` | {row} |");
        let expected = format!("docs/conformance.md:3: `m-1` {fault}");
        assert_eq!(faults_in(&row), [expected], "{row}");
    }
}

#[test]
fn each_module_has_one_row() {
    let row = "| `m-1` | x | out of scope | A reason. |";
    let once = "docs/conformance/modules.txt: `m-2` is mapped 0 times";
    assert_eq!(faults_with("# origin\nm-1\nm-2\n", row), [once]);
    let twice = "docs/conformance/modules.txt: `m-1` is mapped 2 times";
    assert_eq!(faults_in(&format!("{row}\n{row}")), [twice]);
    let unknown = "docs/conformance.md:4: `m-3` is no module of the suite";
    let other = row.replace("m-1", "m-3");
    assert_eq!(faults_in(&format!("{row}\n{other}")), [unknown]);
    assert_eq!(
        faults(&Tree::default()),
        [
            "docs/conformance/modules.txt: names nothing",
            "docs/conformance.md: is missing"
        ]
    );
}

#[test]
fn the_numbers_are_counted() {
    let map =
        "| `m-1` | x | out of scope | A reason. |\n1, of which 1 are played and 0 are out of scope";
    let found = faults(&Tree::from([(MODULES, "m-1\n"), (MAP, map)]));
    let expected = [
        "docs/conformance.md: does not say: 1, of which 0 are played and 1 are out of scope",
        "README.md: does not say: 0 of 1 are played",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_list_is_whole() {
    let text = include_str!("../../../../docs/conformance/modules.txt");
    let count = |prefix: &str| text.lines().filter(|line| line.starts_with(prefix)).count();
    // The core and the refresh modules, third-party-initiated login, and logout.
    assert_eq!(count("oidcc-client-test"), 39 + 3 + 1 + 14);
    assert_eq!(count("fapi1-advanced-final-client-"), 27);
    assert_eq!(count("fapi2-security-profile-final-client-"), 32);
    assert_eq!(count("fapi-ciba-id1-client-"), 29);
}
