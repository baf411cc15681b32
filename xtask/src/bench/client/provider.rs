//! The provider's process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::program::built;
use crate::command::Workspace;

/// A provider on loopback that does no work. It ends when this value is dropped.
pub(crate) struct Provider {
    process: Child,
    url: String,
}

impl Provider {
    /// Starts the provider, and waits for its URL.
    ///
    /// # Errors
    /// An error message if it cannot be started.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self, String> {
        let failed = |error| format!("the provider could not be started: {error}");
        let mut process = Command::new(built(workspace, "provider"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        let url = line.trim().to_owned();
        Ok(Self { process, url })
    }

    /// The URL that all issuers begin with.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // The process ends when its standard input is closed.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
