//! Checks that the root of `openid-client` exports each type that its public signatures name.
//!
//! A user then needs one path for a type, and the documentation links to a page of the crate that
//! the user has. The walk begins at what the root exports, and goes on through the signatures, the
//! public fields and the variants of each type of the facade and of `oauth-core` that it meets.

mod signatures;

use std::collections::BTreeSet;

use self::signatures::{Name, Signatures};
use super::tree::Tree;

/// The crates whose signatures are read, by folder.
const CRATES: &[(&str, &str)] = &[
    ("openid_client", "crates/openid-client/src/"),
    ("oauth_core", "crates/oauth-core/src/"),
];

/// The public modules of the facade. Their items are at the root, too.
const MODULES: &[&str] = &["http", "keyring", "store"];

/// The modules of `oauth-core` for programs that drive the machines themselves. Such a program
/// names them through `openid_client::oauth_core`.
const DRIVERS: &[&str] = &["cache", "env", "flow", "operation", "outbound"];

/// The crates whose types a signature may name without an export, each with the reason.
const FOREIGN: &[(&str, &str)] = &[("zeroize", "a bound of `Secret`, which users do not write")];

/// Returns each type that a signature names and the root does not export.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut signatures = Signatures::default();
    for (name, folder) in CRATES {
        for (path, text) in tree.below(folder).filter(|(path, _)| ships(path)) {
            if let Err(error) = signatures.read(name, folder, path, text) {
                return vec![format!("{path}: cannot be read as Rust: {error}")];
            }
        }
    }
    judge(&signatures)
}

fn judge(signatures: &Signatures) -> Vec<String> {
    let exported = signatures.exports("openid_client", "");
    let at_root: BTreeSet<&str> = exported.iter().map(|name| name.exported.as_str()).collect();
    let mut waiting: Vec<(String, Name)> = exported
        .iter()
        .map(|name| ("the root".to_owned(), name.clone()))
        .collect();
    for module in MODULES {
        let items = signatures.exports("openid_client", module);
        let owner = format!("the module `{module}`");
        waiting.extend(items.into_iter().map(|name| (owner.clone(), name)));
    }
    let mut seen = BTreeSet::new();
    let mut faults = BTreeSet::new();
    while let Some((owner, name)) = waiting.pop() {
        let own = CRATES.iter().any(|(known, _)| *known == name.package);
        let exempt = match own {
            true => name.package == "oauth_core" && is_for_drivers(&name),
            false => {
                at_root.contains(name.package.as_str())
                    || FOREIGN.iter().any(|(known, _)| *known == name.package)
            }
        };
        let is_exported = match own {
            true => exported.iter().any(|known| known.is(&name)),
            false => at_root.contains(name.exported.as_str()),
        };
        if !exempt && !is_exported {
            faults.insert(format!(
                "crates/openid-client/src/lib.rs: {owner} names `{}` of `{}`, which the root does \
                 not export",
                name.name, name.package
            ));
        }
        if own && (is_exported || !exempt) && seen.insert(name.key()) {
            let owner = format!("`{}`", name.name);
            let named = signatures.of(&name);
            waiting.extend(named.map(|name| (owner.clone(), name.clone())));
        }
    }
    faults.into_iter().collect()
}

/// Whether only programs that drive the machines need the name: a machine, or the pair of one.
fn is_for_drivers(name: &Name) -> bool {
    DRIVERS.contains(&name.module.as_str()) || name.name.ends_with("Endpoint")
}

fn ships(path: &str) -> bool {
    let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "testing" | "testing.rs");
    path.ends_with(".rs") && !path.split('/').any(is_test)
}

#[cfg(test)]
mod tests;
