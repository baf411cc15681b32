//! `cargo xtask bench size`: the build time and the size of a login program.

use std::collections::BTreeSet;
use std::fs;

use super::machine::Machine;
use super::markdown::{row, verdict};
use crate::command;
use crate::command::Workspace;

/// Builds every variant from scratch, and returns the report.
///
/// # Errors
/// An error message for a program that cannot be built.
pub(crate) fn measure(workspace: &Workspace) -> Result<String, String> {
    let machine = Machine::here(workspace)?;
    let mut built = Vec::new();
    for variant in &VARIANTS {
        let one = Built::from_nothing(workspace, variant)?;
        println!(
            "{}: {} bytes, {:.0} s",
            variant.title, one.bytes, one.seconds
        );
        built.push((variant, one));
    }
    Ok(report(&machine, &built))
}

/// One way to build the login program of `bench/size`.
struct Variant {
    title: &'static str,
    features: &'static str,
    program: &'static str,
    profile: Profile,
    /// The largest size in megabytes.
    size: Option<f64>,
    /// The longest processor time, as a multiple of the peer's.
    time: Option<f64>,
    /// The largest number of crates.
    crates: Option<usize>,
}

/// How Cargo builds the program.
#[derive(PartialEq)]
enum Profile {
    /// Cargo's default release profile.
    Release,
    /// One unit of code for each crate, and optimization across crates.
    Small,
}

/// The result of a build.
struct Built {
    /// Seconds of processor time.
    seconds: f64,
    /// Bytes without symbols.
    bytes: u64,
    crates: usize,
}

impl Built {
    fn from_nothing(workspace: &Workspace, variant: &Variant) -> Result<Self, String> {
        let folder = workspace.root().join(TARGET);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{TARGET}: {error}"))?;
        }
        let manifest = ["--manifest-path", "bench/size/Cargo.toml", "--locked"];
        let features = ["--features", variant.features];
        let mut tree = workspace.cargo(["tree", "--edges", "normal", "--prefix", "none"]);
        let tree = command::read(tree.args(manifest).args(features))?;
        let mut build = workspace.cargo(["build", "--release", "--target-dir", TARGET]);
        build.args(manifest).args(features);
        build.args(["--bin", variant.program]);
        build.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        if variant.profile == Profile::Small {
            build.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1");
            build.env("CARGO_PROFILE_RELEASE_LTO", "fat");
        }

        let before = processor_seconds()?;
        command::run(&mut build)?;
        let seconds = processor_seconds()? - before;
        let program = folder.join("release").join(variant.program);
        let bytes = fs::metadata(&program).map_err(|error| format!("{TARGET}: {error}"))?;
        Ok(Self {
            seconds,
            bytes: bytes.len(),
            crates: crates(&tree),
        })
    }
}

/// Returns the number of distinct crates in a tree, without the program itself.
fn crates(tree: &str) -> usize {
    let names: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.split_once(" (").map_or(line, |(name, _)| name))
        .filter(|name| !name.is_empty())
        .collect();
    names.len().saturating_sub(1)
}

/// Returns the processor time of all processes that this one has started, with their children,
/// after they ended.
fn processor_seconds() -> Result<f64, String> {
    let failed = || "processor time can only be measured on Linux".to_owned();
    let stat = fs::read_to_string("/proc/self/stat").map_err(|_| failed())?;
    children_seconds(&stat).ok_or_else(failed)
}

/// Returns the sum of `cutime` and `cstime` (proc(5)), which count hundredths of a second.
fn children_seconds(stat: &str) -> Option<f64> {
    // The name of the program, in parentheses, may contain spaces.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(13);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

fn report(machine: &Machine, built: &[(&Variant, Built)]) -> String {
    let mut text = format!(
        "# Size and build of a login program\n\n\
         Written by `cargo xtask bench size`; the command overwrites changes made by hand.\n\n{}.\n\n{METHOD}\n\
         | | crates | | stripped | | processor time to build | to the peer | |\n\
         |---|--:|---|--:|---|--:|--:|---|\n",
        machine.words()
    );
    let peer = built.iter().find(|(variant, _)| variant.program == PEER);
    let peer = peer.map_or(f64::NAN, |(_, built)| built.seconds);
    for (variant, built) in built {
        let megabytes = built.bytes as f64 / 1e6;
        let ratio = built.seconds / peer;
        let judged = |target: Option<(String, bool)>| {
            target.map_or_else(String::new, |(words, met)| {
                format!("{words}: {}", verdict(met))
            })
        };
        let crates = variant
            .crates
            .map(|most| (format!("≤ {most}"), built.crates <= most));
        let size = variant
            .size
            .map(|most| (format!("≤ {most:.1} MB"), megabytes <= most));
        let time = variant
            .time
            .map(|most| (format!("≤ {most:.2} ×"), ratio <= most));
        row(
            &mut text,
            &[
                variant.title,
                &built.crates.to_string(),
                &judged(crates),
                &format!("{megabytes:.1} MB"),
                &judged(size),
                &format!("{:.0} s", built.seconds),
                &format!("{ratio:.2} ×"),
                &judged(time),
            ],
        );
    }
    text
}

const PEER: &str = "peer";

const TARGET: &str = "bench/target/size";

/// The programs on `openid-client` depend only on it and on tokio.
const VARIANTS: [Variant; 8] = [
    Variant {
        title: "hyper and rustls with ring alone: fetches a document",
        features: "floor",
        program: "floor",
        profile: Profile::Release,
        size: None,
        time: None,
        crates: None,
    },
    Variant {
        title: "openidconnect, reqwest with rustls",
        features: "openidconnect",
        program: PEER,
        profile: Profile::Release,
        size: None,
        time: None,
        crates: None,
    },
    Variant {
        title: "**openid-client**, default features",
        features: "openid-client,ring,aws-lc-rs,native-roots",
        program: "ours",
        profile: Profile::Release,
        size: Some(6.0),
        time: Some(1.25),
        crates: Some(95),
    },
    Variant {
        title: "default features without aws-lc-rs",
        features: "openid-client,ring,native-roots",
        program: "ours",
        profile: Profile::Release,
        size: Some(4.0),
        time: Some(1.0),
        crates: Some(95),
    },
    Variant {
        title: "the same, `codegen-units = 1` and `lto = \"fat\"`",
        features: "openid-client,ring,native-roots",
        program: "ours",
        profile: Profile::Small,
        size: None,
        time: None,
        crates: None,
    },
    Variant {
        title: "`default-features = false` with ring and aws-lc-rs",
        features: "openid-client,ring,aws-lc-rs",
        program: "ours",
        profile: Profile::Release,
        size: None,
        time: None,
        crates: None,
    },
    Variant {
        title: "`default-features = false` with ring",
        features: "openid-client,ring",
        program: "ours",
        profile: Profile::Release,
        size: None,
        time: None,
        crates: None,
    },
    Variant {
        title: "`default-features = false` with aws-lc-rs",
        features: "openid-client,aws-lc-rs",
        program: "ours",
        profile: Profile::Release,
        size: None,
        time: None,
        crates: None,
    },
];

const METHOD: &str = "\
The example `login` of `openid-client`, and the same program on openidconnect. Each variant is built
from nothing, with Cargo's default release profile unless the table says something else. The first
row is a program that fetches one document over the same HTTP and TLS crates: no login program on
them can be smaller. *Processor time* is that of Cargo and every program it starts, including C
compilers. *Crates* counts the crates that the program depends on, including those of tokio's
macros.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_read_behind_the_name() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 11 12 150 250 20 0";
        assert_eq!(children_seconds(stat), Some(4.0));
        assert_eq!(children_seconds("7 (a) S 1"), None);
    }

    #[test]
    fn a_crate_counts_once() {
        let tree = "bench-size v0.1.0 (/somewhere)\nring v1 (*)\nring v1\nring v2\n\n";
        assert_eq!(crates(tree), 2);
    }

    #[test]
    fn a_missed_target_is_called_missed() {
        let machine = Machine {
            processor: String::new(),
            cores: 1,
            rustc: String::new(),
            date: String::new(),
        };
        let of = |seconds, bytes| Built {
            seconds,
            bytes,
            crates: 95,
        };
        let [_, peer, ours, ..] = &VARIANTS;
        let built = [(peer, of(100.0, 9_000_000)), (ours, of(126.0, 6_000_000))];
        let text = report(&machine, &built);
        let row =
            "| 95 | ≤ 95: met | 6.0 MB | ≤ 6.0 MB: met | 126 s | 1.26 × | ≤ 1.25 ×: **missed** |";
        assert!(text.contains(row), "{text}");
    }
}
