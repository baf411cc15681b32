//! Node and its packages, for the stages whose programs are written in JavaScript.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command;

/// Checks that Node and npm are installed and new enough; otherwise returns the reason.
pub(crate) fn check() -> Result<(), String> {
    let (major, minor) = OLDEST_NODE;
    let needed = format!("the packages need Node {major}.{minor} or later");
    let version = command::read(Command::new("node").arg("--version"))
        .map_err(|_| format!("Node is not installed; {needed}"))?;
    let version = version.trim();
    match parse_version(version) {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        _ => Err(format!("Node is {version}; {needed}")),
    }?;
    command::read(npm().arg("--version"))
        .map(|_| ())
        .map_err(|_| "npm is not installed".to_owned())
}

/// Installs the packages in the lock file of a project, unless they are installed already.
pub(crate) fn install(project: &Path) -> Result<(), String> {
    let lock = project.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|error| failed(&lock, &error))?;
    // `npm ci` removes the folder first, so the copy exists only after a success.
    let installed = project.join("node_modules").join("installed-lock.json");
    if fs::read(&installed).is_ok_and(|copy| copy == wanted) {
        return Ok(());
    }
    let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    command::run(npm().args(arguments).current_dir(project))?;
    fs::write(&installed, wanted).map_err(|error| failed(&installed, &error))
}

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The oldest version for oidc-provider 9 (`crypto.hash`), which `xtask/real-provider/package.json`
/// states too. Playwright needs 20.
const OLDEST_NODE: (u32, u32) = (20, 12);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let new_enough = |version| parse_version(version).is_some_and(|found| found >= OLDEST_NODE);
        for version in ["v20.12.0", "v20.20.2", "v22.1.0", "v100.0.0"] {
            assert!(new_enough(version), "{version}");
        }
        for version in ["v20.9.0", "v18.19.1", "v8.17.0", "20.12.0", "", "v20"] {
            assert!(!new_enough(version), "{version}");
        }
    }
}
