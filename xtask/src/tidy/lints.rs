//! Checks that the lints of the workspace forbid `unsafe` code in every package.

use super::manifest;
use super::tree::Tree;

/// Returns packages that do not use the workspace's lints, and lints that do not forbid `unsafe`.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let workspace = tree.file("Cargo.toml").unwrap_or_default();
    if !has(
        workspace,
        "workspace.lints.rust",
        "unsafe_code = \"forbid\"",
    ) {
        faults.push(
            "Cargo.toml: `unsafe_code` is not forbidden in `workspace.lints.rust`".to_owned(),
        );
    }
    for (folder, manifest) in tree.packages() {
        if !has(manifest, "lints", "workspace = true") {
            faults.push(format!(
                "{folder}/Cargo.toml: the workspace's lints are not in force"
            ));
        }
    }
    faults
}

fn has(manifest: &str, table: &str, entry: &str) -> bool {
    manifest::entries(manifest, |name| name == table).any(|(_, line)| line == entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = "[workspace.lints.rust]\nunsafe_code = \"forbid\"";

    #[test]
    fn lints_in_force_pass() {
        let tree = Tree::from([
            ("Cargo.toml", WORKSPACE),
            ("crates/jose/Cargo.toml", "[lints]\nworkspace = true"),
        ]);
        assert_eq!(faults(&tree), [""; 0]);
    }

    #[test]
    fn a_weaker_level_is_found() {
        let weaker = WORKSPACE.replace("forbid", "deny");
        let found = faults(&Tree::from([("Cargo.toml", weaker.as_str())]));
        let expected = "Cargo.toml: `unsafe_code` is not forbidden in `workspace.lints.rust`";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_package_without_the_lints_is_found() {
        let tree = Tree::from([
            ("Cargo.toml", WORKSPACE),
            ("crates/jose/Cargo.toml", "[package]\nworkspace = true"),
        ]);
        let expected = "crates/jose/Cargo.toml: the workspace's lints are not in force";
        assert_eq!(faults(&tree), [expected]);
    }
}
