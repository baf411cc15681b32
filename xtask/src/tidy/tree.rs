//! The text files of the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Text files by their path from the root, with `/` between folders on every platform.
#[derive(Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    /// The paths of the other files, for example pictures.
    others: BTreeSet<String>,
}

impl Tree {
    /// Reads every UTF-8 file below `root`, except the output of tools.
    ///
    /// # Errors
    /// An error message if a folder or a file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut tree = Self::default();
        tree.add(root, "")?;
        Ok(tree)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> Result<(), String> {
        let failed = |error| format!("{} cannot be read: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).map_err(failed)?;
                match String::from_utf8(bytes) {
                    Ok(text) => drop(self.files.insert(path, text)),
                    Err(_) => drop(self.others.insert(path)),
                }
            }
        }
        Ok(())
    }

    /// Returns path and text of every file, sorted by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Returns the files below a folder, whose name ends with a slash.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files()
            .filter(move |(path, _)| path.starts_with(folder))
    }

    /// Returns the text of one file.
    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether there is a file of any kind, or a folder with one, at this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let below = |it: &String| path.is_empty() || it == path || it.starts_with(&folder);
        self.files.keys().chain(&self.others).any(below)
    }

    /// Returns the folders of the packages, each with the text of its manifest.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter_map(|(path, text)| {
            let folder = path.strip_suffix("/Cargo.toml")?;
            let member = folder == "xtask" || folder.starts_with("crates/");
            member.then_some((folder, text))
        })
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
        Self {
            files: files.into_iter().map(owned).collect(),
            others: BTreeSet::new(),
        }
    }
}

/// The folders and files that are skipped. In a linked worktree `.git` is a file.
const SKIPPED: [&str; 6] = [
    ".git",
    "target",
    "node_modules",
    "corpus",
    "artifacts",
    "coverage",
];
