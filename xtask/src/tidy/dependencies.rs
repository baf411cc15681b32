//! Checks that each package depends only on the packages that are listed here.

use std::collections::BTreeSet;

use super::manifest;
use super::manifest::key;
use super::tree::Tree;
use crate::command;
use crate::command::Workspace;

/// The permitted dependencies of each package. The commit that adds a line says why.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "crates/jose",
        &[
            "aws-lc-rs",
            "base64",
            "base64ct",
            "der",
            "memchr",
            "pkcs1",
            "pkcs8",
            "ring",
            "sec1",
            "serde",
            "serde_json",
            "subtle",
            "thiserror",
            "zeroize",
        ],
    ),
    (
        "crates/oauth-core",
        &[
            "base64ct",
            "bytes",
            "http",
            "httpdate",
            "jose",
            "serde",
            "serde_json",
            "subtle",
            "thiserror",
            "url",
            "zeroize",
        ],
    ),
    (
        "crates/openid-client",
        &[
            "axum-core",
            "bytes",
            "http",
            "http-body-util",
            "hyper",
            "hyper-rustls",
            "hyper-util",
            "jose",
            "oauth-core",
            "redis",
            "ring",
            "rustls",
            "rustls-native-certs",
            "rustls-platform-verifier",
            "serde",
            "serde_json",
            "socket2",
            "thiserror",
            "tokio",
            "tower-layer",
            "tower-service",
            "tracing",
            "url",
            "webbrowser",
            "webpki-roots",
            "zeroize",
        ],
    ),
    (
        "crates/openid-client-axum",
        &[
            "axum-core",
            "bytes",
            "http",
            "http-body",
            "http-body-util",
            "openid-client",
            "serde",
            "serde_json",
            "tokio",
            "tower-layer",
            "tower-service",
            "tower-sessions-core",
        ],
    ),
    (
        "crates/openid-client-blocking",
        &[
            "bytes",
            "http",
            "jose",
            "log",
            "oauth-core",
            "ring",
            "rustls",
            "rustls-native-certs",
            "thiserror",
            "ureq",
            "url",
            "zeroize",
        ],
    ),
    (
        "crates/test-provider",
        &[
            "bytes",
            "http",
            "http-body-util",
            "hyper",
            "hyper-util",
            "jose",
            "rcgen",
            "rustls",
            "serde_json",
            "tokio",
            "tokio-rustls",
            "url",
        ],
    ),
    ("xtask", &["proc-macro2", "syn"]),
];

/// The largest number of crates that a user of a package compiles with its default features,
/// including itself.
const MOST_CRATES: &[(&str, usize)] = &[
    ("openid-client", 95),
    ("openid-client-axum", 100),
    ("openid-client-blocking", 80),
];

/// Returns the dependencies and the packages that are not in the list.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (folder, manifest) in tree.packages() {
        let place = format!("{folder}/Cargo.toml");
        let Some((_, allowed)) = ALLOWED.iter().find(|(package, _)| *package == folder) else {
            faults.push(format!(
                "{place}: tidy has no list of dependencies for this package"
            ));
            continue;
        };
        for (table, line) in manifest::entries(manifest, is_dependencies) {
            if line.contains("package =") || line.contains("package=") {
                faults.push(format!(
                    "{place}: a renamed dependency hides from this check: {line}"
                ));
            }
            let name = dependency(table, line);
            if let Some(name) = name.filter(|name| !allowed.contains(name)) {
                faults.push(format!(
                    "{place}: `{name}` is not in the list of dependencies"
                ));
            }
        }
    }
    for (package, _) in ALLOWED {
        if tree.file(&format!("{package}/Cargo.toml")).is_none() {
            faults.push(format!("{package}: tidy lists a package that is not there"));
        }
    }
    let workspace = tree.file("Cargo.toml").unwrap_or_default();
    for (_, line) in manifest::entries(workspace, |table| table.ends_with("dependencies")) {
        if line.contains("package =") || line.contains("package=") {
            faults.push(format!(
                "Cargo.toml: a renamed dependency hides from this check: {line}"
            ));
        }
    }
    faults
}

/// Whether a table contains dependencies of the library, and not only of its tests.
fn is_dependencies(table: &str) -> bool {
    let mut parts = table.rsplit('.').take(2);
    parts.any(|part| matches!(part, "dependencies" | "build-dependencies"))
}

fn dependency<'a>(table: &'a str, line: &'a str) -> Option<&'a str> {
    match table.rsplit_once('.') {
        Some((parent, name)) if parent.ends_with("dependencies") => Some(name),
        _ => (!line.is_empty()).then(|| key(line)),
    }
}

/// Returns each package that has too many dependencies.
///
/// # Errors
/// An error message if `cargo tree` fails.
pub(crate) fn too_many(workspace: &Workspace) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for (package, most) in MOST_CRATES {
        let mut tree = workspace.cargo(["tree", "--locked", "--package", package]);
        tree.args(["--edges", "normal", "--prefix", "none"]);
        let number = crates(&command::read(&mut tree)?).len();
        faults.extend(judge(package, number, *most));
    }
    Ok(faults)
}

fn judge(package: &str, number: usize, most: usize) -> Option<String> {
    match number {
        0 => Some(format!("{package}: `cargo tree` lists no crate")),
        _ if number > most => Some(format!(
            "{package}: {number} crates to compile, where {most} are allowed"
        )),
        _ => None,
    }
}

/// Returns the distinct crates of a tree: name and version, without path and marks.
fn crates(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .map(|line| line.split_once(" (").map_or(line, |(name, _)| name))
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace in which only the manifest of `jose` has content.
    fn with_jose(manifest: &str) -> Vec<String> {
        faults(&Tree::from([
            ("crates/jose/Cargo.toml", manifest),
            ("crates/oauth-core/Cargo.toml", ""),
            ("crates/openid-client/Cargo.toml", ""),
            ("crates/openid-client-axum/Cargo.toml", ""),
            ("crates/openid-client-blocking/Cargo.toml", ""),
            ("crates/test-provider/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]))
    }

    #[test]
    fn listed_dependencies_pass_and_so_do_those_of_tests() {
        let manifest = "[dependencies]\nserde.workspace = true\nring = { workspace = true }\n\
            [dev-dependencies]\ntokio.workspace = true\n[features]\nhyper = []";
        assert_eq!(with_jose(manifest), [""; 0]);
    }

    #[test]
    fn other_dependencies_are_found_in_every_spelling() {
        for manifest in [
            "[dependencies]\ntokio.workspace = true",
            "[dependencies]\ntokio = \"1\"",
            "[dependencies]\n\"tokio\" = \"1\"",
            "[dependencies.tokio]\nversion = \"1\"",
            "[build-dependencies]\ntokio = \"1\"",
            "[target.'cfg(unix)'.dependencies]\ntokio = \"1\"",
            "[target.'cfg(unix)'.dependencies.tokio]\nversion = \"1\"",
        ] {
            let expected = "crates/jose/Cargo.toml: `tokio` is not in the list of dependencies";
            let found = with_jose(manifest);
            assert!(!found.is_empty(), "{manifest}");
            assert!(
                found.iter().all(|fault| fault == expected),
                "{manifest}: {found:?}"
            );
        }
    }

    #[test]
    fn a_renamed_dependency_is_found() {
        let found = with_jose("[dependencies]\nserde = { package = \"tokio\", version = \"1\" }");
        let expected = "crates/jose/Cargo.toml: a renamed dependency hides from this check: \
            serde = { package = \"tokio\", version = \"1\" }";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_package_without_a_list_and_a_list_without_a_package_are_found() {
        let found = faults(&Tree::from([
            ("crates/jose/Cargo.toml", ""),
            ("crates/oauth-core/Cargo.toml", ""),
            ("crates/oidc-new/Cargo.toml", ""),
            ("crates/openid-client/Cargo.toml", ""),
            ("crates/openid-client-axum/Cargo.toml", ""),
            ("crates/openid-client-blocking/Cargo.toml", ""),
            ("crates/test-provider/Cargo.toml", ""),
        ]));
        let expected = [
            "crates/oidc-new/Cargo.toml: tidy has no list of dependencies for this package",
            "xtask: tidy lists a package that is not there",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn crates_are_counted_once_for_each_version() {
        let tree = "a v1.0.0 (/path/to/a)\nb v2.0.0 (proc-macro)\nb v2.0.0 (proc-macro) (*)\nb v3.0.0\n\na v1.0.0 (*)";
        let expected = BTreeSet::from(["a v1.0.0", "b v2.0.0", "b v3.0.0"]);
        assert_eq!(crates(tree), expected);
    }

    #[test]
    fn one_crate_more_than_allowed_is_too_many() {
        assert_eq!(judge("a", 100, 100), None);
        let expected = "a: 101 crates to compile, where 100 are allowed";
        assert_eq!(judge("a", 101, 100).as_deref(), Some(expected));
        let none = judge("a", 0, 100);
        assert_eq!(none.as_deref(), Some("a: `cargo tree` lists no crate"));
    }
}
