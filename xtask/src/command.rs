//! Execution of other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{env, io};

/// The checkout that this command works on.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the workspace by the manifest of this package, whose folder Cargo sets at run time.
    ///
    /// A path that was fixed at compile time would be wrong after the checkout was moved.
    pub(crate) fn locate() -> Result<Self, String> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .ok_or("CARGO_MANIFEST_DIR is not set: start this program as `cargo xtask`")?;
        let root = Path::new(&manifest)
            .parent()
            .ok_or("the xtask package lies outside of a workspace")?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns a call of the Cargo that started this program, at the root of the workspace.
    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(&self.root);
        command
    }
}

/// Runs a command that writes to the same output as this program.
///
/// # Errors
/// An error message if the command cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    judge(command, status)
}

/// Runs a command, prints its standard output line by line, and returns it with the verdict.
///
/// # Errors
/// An error message if the command cannot be started. The inner result says whether it succeeded;
/// the output is returned in both cases.
pub(crate) fn run_and_read(command: &mut Command) -> Result<(String, Result<(), String>), String> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let mut output = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| not_read(command, &error))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            output.push_str(&line);
            output.push('\n');
        }
    }
    let status = child.wait().map_err(|error| not_read(command, &error))?;
    Ok((output, judge(command, status)))
}

/// Returns the standard output of a command without printing it.
///
/// # Errors
/// An error message if the command cannot be started, or with its error output if it does not
/// succeed.
pub(crate) fn read(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| not_started(command, &error))?;
    judge(command, output.status).map_err(|failure| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("{failure}: {}", complaint.trim_end())
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn judge(command: &Command, status: ExitStatus) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` ended with {status}", shown(command)))
}

fn not_started(command: &Command, error: &io::Error) -> String {
    format!("`{}` could not be started: {error}", shown(command))
}

fn not_read(command: &Command, error: &io::Error) -> String {
    format!("the output of `{}` was lost: {error}", shown(command))
}

/// Formats a command without the folder of the program.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let mut shown = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_failing_command_is_named_with_its_exit_code() {
        let failure = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(failure, "`sh -c exit 3` ended with exit status: 3");
    }

    #[cfg(unix)]
    #[test]
    fn output_is_kept_when_the_command_fails() {
        let (output, verdict) =
            run_and_read(Command::new("sh").args(["-c", "echo one; echo two; exit 1"])).unwrap();
        assert_eq!(output, "one\ntwo\n");
        assert!(verdict.is_err());
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = read(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(failure.starts_with("`no-such-program-here` could not be started: "));
    }
}
