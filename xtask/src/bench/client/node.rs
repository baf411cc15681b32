//! The peer from npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::program::Program;
use crate::command;
use crate::command::Workspace;

/// Installs the packages in the lock file, unless they are installed already.
///
/// # Errors
/// The reason for leaving the peer out: Node or npm is missing, or the installation failed.
pub(crate) fn install(workspace: &Workspace) -> Result<Program, String> {
    let project = workspace.root().join("bench/client/node");
    let npm = || Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    for mut program in [Command::new("node"), npm()] {
        let name = program.get_program().to_string_lossy().into_owned();
        command::read(program.arg("--version")).map_err(|_| format!("{name} is not installed"))?;
    }
    let lock = read(&project.join("package-lock.json"))?;
    // `npm ci` removes the folder first, so the copy exists only after a success.
    let installed = project.join("node_modules/installed-lock.json");
    if fs::read(&installed).is_ok_and(|copy| copy == lock) {
        return Ok(Program::of_node(project.join("client.mjs")));
    }
    let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    command::run(npm().args(arguments).current_dir(&project))?;
    fs::write(&installed, lock).map_err(|error| failed(&installed, &error))?;
    Ok(Program::of_node(project.join("client.mjs")))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
