//! The machine and the compiler of a measurement.

use std::fs;
use std::process::Command;

use crate::command;
use crate::command::Workspace;

/// The machine, the compiler and the day.
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) rustc: String,
    pub(crate) date: String,
}

impl Machine {
    /// Examines this machine.
    ///
    /// # Errors
    /// An error message if rustc or `date` cannot be run.
    pub(crate) fn here(workspace: &Workspace) -> Result<Self, String> {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or("processor not known", |(_, model)| model);
        let version =
            |command: &mut Command| Ok::<_, String>(command::read(command)?.trim().to_owned());
        Ok(Self {
            processor: model.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            rustc: version(
                Command::new("rustc")
                    .arg("--version")
                    .current_dir(workspace.root()),
            )?,
            date: version(Command::new("date").args(["-u", "+%Y-%m-%d"]))?,
        })
    }

    /// Describes them in a sentence without a full stop.
    pub(crate) fn words(&self) -> String {
        let Self {
            processor,
            cores,
            rustc,
            date,
        } = self;
        format!("{date}, {processor}, {cores} cores, shared with other work; {rustc}")
    }
}
