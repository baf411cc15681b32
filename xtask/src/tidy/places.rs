//! No file names a package registry's host or a path of one machine.
//!
//! Either works for its author and breaks for everybody behind another registry or another home.

use std::path::Path;

use super::tree::Tree;

/// Folders at the root of a file system below which each machine looks different.
const FOLDERS: [&str; 6] = ["home", "root", "Users", "tmp", "work", "mnt"];

/// Labels of host names under which packages are served.
const LABELS: [&str; 7] = [
    "registry", "crates", "npmjs", "yarnpkg", "pypi", "jfrog", "nexus",
];

/// Every such name with its place. `root` is this checkout's own path.
pub(crate) fn faults(tree: &Tree, root: &Path) -> Vec<String> {
    let root = root.to_string_lossy();
    let mut faults = Vec::new();
    for (path, text) in tree.files() {
        for (number, line) in (1_usize..).zip(text.lines()) {
            if line.contains(root.as_ref()) || names_a_machine_path(line) {
                faults.push(format!("{path}:{number}: names a path of one machine"));
            }
            if let Some(host) = registry_host(line) {
                faults.push(format!("{path}:{number}: names the registry host {host}"));
            }
        }
    }
    faults
}

/// Whether an absolute path into one of the folders begins somewhere in the line.
fn names_a_machine_path(line: &str) -> bool {
    FOLDERS.iter().any(|folder| {
        let folder = format!("/{folder}/");
        line.match_indices(&folder).any(|(position, _)| {
            let before = line.get(..position).unwrap_or_default();
            let marked = before.ends_with("://") || before.ends_with(':');
            // In the middle of a URL or of a relative path it is no place on a machine.
            marked || !before.ends_with(|c: char| c.is_alphanumeric() || "._-/*}])>~".contains(c))
        })
    })
}

/// The first host of a URL in the line that serves packages.
fn registry_host(line: &str) -> Option<&str> {
    line.match_indices("://").find_map(|(position, mark)| {
        let start = position.saturating_add(mark.len());
        let rest = line.get(start..)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
        let host = rest.get(..end.unwrap_or(rest.len()))?;
        let serves = |label| LABELS.contains(&label);
        host.split('.').any(serves).then_some(host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_in(line: &str) -> Vec<String> {
        let tree = Tree::from([("docs/x.md", line)]);
        faults(&tree, Path::new("/srv/checkout"))
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for folder in FOLDERS {
            for before in ["", "see ", "\"", "path=", "(", "file://", "C:"] {
                let line = format!("{before}/{folder}/someone/file");
                let expected = ["docs/x.md:1: names a path of one machine"];
                assert_eq!(faults_in(&line), expected, "{line}");
            }
        }
        assert_eq!(
            faults_in("in /srv/checkout/x"),
            ["docs/x.md:1: names a path of one machine"]
        );
    }

    #[test]
    fn other_paths_pass() {
        for line in [
            "https://app.example.com/home/x",
            "crates/root/x",
            "~/work/x",
            "${root}/tmp/x",
            "/usr/bin/env",
        ] {
            assert_eq!(faults_in(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn registry_hosts_are_found() {
        for label in LABELS {
            let line = format!("\"resolved\": \"https://{label}.example/jose.tgz\"");
            let expected = format!("docs/x.md:1: names the registry host {label}.example");
            assert_eq!(faults_in(&line), [expected]);
        }
    }

    #[test]
    fn other_hosts_pass() {
        let line = "registry+https://example.com/crates-index and https://docs.example/registry";
        assert_eq!(faults_in(line), [""; 0]);
    }
}
