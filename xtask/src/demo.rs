//! `cargo xtask demo`: a login to try by hand.

use std::process::ExitCode;

use crate::command;
use crate::command::Workspace;

/// Runs the demo of `openid-client`, which has separate options and help.
///
/// # Errors
/// An error message if it cannot be built or fails.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let example = ["run", "--quiet", "-p", "openid-client", "--example", "demo"];
    let mut demo = workspace.cargo(example);
    demo.arg("--").args(arguments);
    command::run(&mut demo)?;
    Ok(ExitCode::SUCCESS)
}
