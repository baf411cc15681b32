//! The programs that measure, one for each library.

use std::path::PathBuf;
use std::process::Command;

use super::operations::Operation;
use super::provider::Provider;
use crate::command;
use crate::command::Workspace;

/// The role of a library in the comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Floor,
    Ours,
    Peer,
}

/// A program that measures one library.
pub(crate) struct Program {
    /// The library's name on the program's command line.
    pub(crate) library: &'static str,
    /// The name in the report.
    pub(crate) title: &'static str,
    pub(crate) role: Role,
    path: PathBuf,
    /// The script that Node runs.
    script: Option<PathBuf>,
}

impl Program {
    /// Creates the peer that Node runs.
    pub(crate) fn of_node(script: PathBuf) -> Self {
        Self {
            library: "openid-client-npm",
            title: "openid-client (npm)",
            role: Role::Peer,
            path: PathBuf::from("node"),
            script: Some(script),
        }
    }

    /// Whether callgrind can measure it.
    pub(crate) fn is_native(&self) -> bool {
        self.script.is_none()
    }

    /// Whether the library has this operation.
    pub(crate) fn can(&self, operation: &Operation) -> bool {
        match self.library {
            "openidconnect" => !matches!(operation.name, "dpop" | "api"),
            "openid-client-npm" => operation.name != "api",
            _ => true,
        }
    }

    /// Returns the command that runs an operation `count` times, `in_flight` at once.
    pub(crate) fn command(
        &self,
        operation: &Operation,
        in_flight: u32,
        count: u32,
        provider: &Provider,
    ) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(&self.script)
            .args([self.library, operation.name])
            .args([in_flight.to_string(), count.to_string()])
            .arg(provider.url());
        command
    }
}

#[cfg(test)]
impl Program {
    /// Creates a program that is never run.
    pub(crate) fn of_role(role: Role) -> Self {
        Self {
            library: "",
            title: "another client",
            role,
            path: PathBuf::new(),
            script: None,
        }
    }
}

/// Builds the programs that are written in Rust.
///
/// # Errors
/// An error message if one of them cannot be built.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Program>, String> {
    // The peer is built separately, because it enables features of libraries that all programs
    // share.
    let own = ["--bin", "client", "--bin", "provider"];
    let peer = ["--bin", "openidconnect", "--features", "openidconnect"];
    for arguments in [own, peer] {
        let mut build = workspace.cargo(["build", "--release", "--locked"]);
        build.args(["--manifest-path", "bench/client/Cargo.toml"]);
        build.args(["--target-dir", TARGET]);
        command::run(build.args(arguments))?;
    }
    let program = |library, title, role, name| Program {
        library,
        title,
        role,
        path: built(workspace, name),
        script: None,
    };
    Ok(vec![
        program("hyper", "floor: hyper", Role::Floor, "client"),
        program("openid-client", "**openid-client**", Role::Ours, "client"),
        program(
            "openidconnect",
            "openidconnect, reqwest",
            Role::Peer,
            "openidconnect",
        ),
    ])
}

/// Returns the path of a program after it was built.
pub(crate) fn built(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root().join(TARGET).join("release").join(name)
}

const TARGET: &str = "bench/target";
