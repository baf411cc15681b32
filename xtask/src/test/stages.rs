//! The stages of `cargo xtask test`.

use std::path::Path;
use std::process::Command;

use super::outcome::{Counts, Outcome};
use super::{browser, count, real_provider};
use crate::command::Workspace;
use crate::{command, tidy};

/// One stage: its name on the command line, a description in one line, and its function.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Workspace) -> Outcome,
}

/// The stages in the order in which they run: quick stages that often fail come first.
pub(crate) const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        about: "formatting",
        run: fmt,
    },
    Stage {
        name: "clippy",
        about: "lints, with every feature and with one cryptography library alone",
        run: clippy,
    },
    Stage {
        name: "tidy",
        about: "layers, dependencies, file lengths, links, the API map, an example of each operation",
        run: tidy,
    },
    Stage {
        name: "doc",
        about: "documentation builds without a warning, also with one feature, and has every name of the \
                API map",
        run: doc,
    },
    Stage {
        name: "unit",
        about: "unit, integration and documentation tests",
        run: unit,
    },
    Stage {
        name: "wasm",
        about: "oauth-core builds for WebAssembly",
        run: wasm,
    },
    Stage {
        name: "deny",
        about: "licences, duplicate and banned crates, sources",
        run: deny,
    },
    Stage {
        name: "real-provider",
        about: "openid-client against oidc-provider on Node",
        run: real_provider::run,
    },
    Stage {
        name: "axum",
        about: "an API behind the layer, with the features tower and axum",
        run: axum,
    },
    Stage {
        name: "redis",
        about: "tokens that several processes share in a redis-server",
        run: redis,
    },
    Stage {
        name: "browser",
        about: "the demo and the two web examples in Chromium",
        run: browser::run,
    },
    Stage {
        name: "fuzz",
        about: "every fuzz target for ten seconds, beginning with the vectors",
        run: fuzz,
    },
];

/// WebAssembly in a browser.
const WASM: &str = "wasm32-unknown-unknown";

/// The cryptography features, each of which must work alone.
const SINGLE_FEATURES: [&str; 2] = ["ring", "aws-lc-rs"];

/// The manifest of each workspace: the benchmarks and fuzz targets have other dependencies.
const MANIFESTS: [&str; 5] = [
    "Cargo.toml",
    "bench/Cargo.toml",
    "bench/client/Cargo.toml",
    "bench/size/Cargo.toml",
    "fuzz/Cargo.toml",
];

fn fmt(workspace: &Workspace) -> Outcome {
    let commands = MANIFESTS.map(|manifest| {
        let mut command = workspace.cargo(["fmt", "--all", "--manifest-path", manifest]);
        command.args(["--", "--check"]);
        command
    });
    all(commands.into()).into()
}

fn clippy(workspace: &Workspace) -> Outcome {
    all(clippy_commands(workspace)).into()
}

fn clippy_commands(workspace: &Workspace) -> Vec<Command> {
    let mut commands =
        vec![workspace.cargo(["clippy", "--workspace", "--all-targets", "--all-features"])];
    for feature in SINGLE_FEATURES {
        // The tests of oauth-core depend on the test provider, which needs both libraries.
        for (package, targets) in [("jose", "--all-targets"), ("oauth-core", "--lib")] {
            let mut command = workspace.cargo(["clippy", "--package", package, targets]);
            command.args(["--no-default-features", "--features", feature]);
            commands.push(command);
        }
    }
    for command in &mut commands {
        command.args(["--", "-D", "warnings"]);
    }
    commands
}

fn tidy(workspace: &Workspace) -> Outcome {
    rules(tidy::faults(workspace))
}

fn rules(faults: Result<Vec<String>, String>) -> Outcome {
    let faults = match faults {
        Ok(faults) => faults,
        Err(failure) => return Outcome::failed(failure),
    };
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => Outcome::passed(),
        1 => Outcome::failed("1 rule is broken"),
        number => Outcome::failed(format!("{number} rules are broken")),
    }
}

fn doc(workspace: &Workspace) -> Outcome {
    // A link to an item of a feature is broken without that feature. Both commands write to the
    // same place, from which the names are read, so the one with every feature is the last.
    let mut alone = workspace.cargo(["doc", "--package", "openid-client", "--no-deps"]);
    alone.args(["--no-default-features", "--features", "ring"]);
    let all = workspace.cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    let built = [alone, all].iter_mut().try_for_each(|command| {
        command.env("RUSTDOCFLAGS", "-D warnings");
        command::run(command)
    });
    rules(built.and_then(|()| tidy::dead_names(workspace)))
}

fn unit(workspace: &Workspace) -> Outcome {
    let mut commands = vec![workspace.cargo(["test", "--workspace", "--no-fail-fast"])];
    for feature in SINGLE_FEATURES {
        let mut command = workspace.cargo(["test", "--package", "jose", "--no-fail-fast"]);
        command.args(["--no-default-features", "--features", feature]);
        commands.push(command);
    }
    commands.push(numbers_as_text(workspace));
    commands.push(tower_sessions(workspace));
    commands.push(other_features(workspace));
    tests(commands)
}

/// Runs the tests of the sessions that the crate tower-sessions keeps.
fn tower_sessions(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["test", "--package", "openid-client-axum"]);
    command.args(["--no-fail-fast", "--features", "tower-sessions"]);
    command.args(["--test", "tower_sessions"]);
    command
}

/// Runs the tests of the other features, which are off by default.
fn other_features(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["test", "--package", "openid-client", "--no-fail-fast"]);
    let features = "http2,native,proxy,tracing,webpki-roots,platform-verifier";
    command.args(["--features", features, "--lib"]);
    for test in [
        "http2",
        "http2_floods",
        "native",
        "proxy",
        "platform_verifier",
    ] {
        command.args(["--test", test]);
    }
    command.args(["--test", "tracing", "--test", "no_secret_is_shown"]);
    command
}

/// Runs the tests with two more features. Any crate in an application's tree may enable the first,
/// which changes how serde_json stores numbers. The second is off by default.
fn numbers_as_text(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["test", "--package", "jose", "--package", "oauth-core"]);
    command.args([
        "--no-fail-fast",
        "--features",
        "serde_json/arbitrary_precision,jose/encrypted-keys",
    ]);
    command
}

/// Needs the standard library for the target, and clang, which compiles the C code of *ring*.
fn wasm(workspace: &Workspace) -> Outcome {
    let mut library = Command::new("rustc");
    library.args(["--print", "target-libdir", "--target", WASM]);
    let library = command::read(library.current_dir(workspace.root()));
    if !library.is_ok_and(|folder| Path::new(folder.trim()).is_dir()) {
        let how = format!("{WASM} is not installed (rustup target add {WASM})");
        return Outcome::skipped(how);
    }
    if command::read(Command::new("clang").arg("--version")).is_err() {
        return Outcome::skipped("there is no clang, which compiles ring for WebAssembly");
    }
    let mut command = workspace.cargo(["build", "--package", "oauth-core", "--target", WASM]);
    command.args(["--no-default-features", "--features", "ring,wasm-js"]);
    command::run(&mut command).into()
}

fn deny(workspace: &Workspace) -> Outcome {
    if command::read(&mut workspace.cargo(["deny", "--version"])).is_err() {
        return Outcome::skipped("cargo-deny is not installed (cargo install --locked cargo-deny)");
    }
    // `advisories` is omitted, because it downloads a database.
    let checks = [
        "deny",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ];
    command::run(&mut workspace.cargo(checks)).into()
}

fn axum(workspace: &Workspace) -> Outcome {
    // The guide of native applications is compiled here, too.
    let package = ["--package", "openid-client", "--features", "axum,native"];
    let mut example = workspace.cargo(["build", "--example", "resource_server"]);
    if let Err(failure) = command::run(example.args(package)) {
        return Outcome::failed(failure);
    }
    let mut api = workspace.cargo(["test", "--test", "resource_server", "--no-fail-fast"]);
    api.args(package);
    let mut documentation = workspace.cargo(["test", "--doc"]);
    documentation.args(package);
    documentation.args([
        "--",
        "resource_server",
        "ProtectingAnApi",
        "native",
        "Native",
    ]);
    tests(vec![api, documentation])
}

fn redis(workspace: &Workspace) -> Outcome {
    let mut version = Command::new("redis-server");
    if command::read(version.arg("--version")).is_err() {
        return Outcome::skipped("redis-server is not installed");
    }
    let mut build = workspace.cargo(["build", "--package", "openid-client"]);
    build.args(["--features", "redis", "--example", "shared_tokens"]);
    if let Err(failure) = command::run(&mut build) {
        return Outcome::failed(failure);
    }
    // Each test starts its own server.
    let mut command = workspace.cargo(["test", "--package", "openid-client", "--no-fail-fast"]);
    command.args(["--features", "redis", "--test", "token_store_redis"]);
    command.env("REQUIRE_REDIS_SERVER", "1");
    let mut example = workspace.cargo(["test", "--package", "openid-client"]);
    example.args(["--features", "redis", "--test", "examples"]);
    example.args(["--", "instances_share_tokens"]);
    example.env("REQUIRE_REDIS_SERVER", "1");
    let mut guide = workspace.cargo(["test", "--package", "openid-client", "--doc"]);
    guide.args(["--features", "redis", "ManyInstances"]);
    tests(vec![command, example, guide])
}

fn fuzz(workspace: &Workspace) -> Outcome {
    if !crate::fuzz::can_build() {
        return Outcome::skipped("there is no C++ compiler, and libFuzzer is C++");
    }
    match crate::fuzz::all(workspace, 10, None) {
        Ok(total) => {
            let mut outcome = Outcome::passed();
            outcome.notes.push(total);
            outcome
        }
        Err(failure) => Outcome::failed(failure),
    }
}

/// Runs every command, even after one has failed.
fn all(commands: Vec<Command>) -> Result<(), String> {
    let failures: Vec<String> = commands
        .into_iter()
        .filter_map(|mut command| command::run(&mut command).err())
        .collect();
    if failures.is_empty() {
        return Ok(());
    }
    Err(failures.join("; "))
}

/// Runs every command, even after one has failed, and counts its tests.
fn tests(commands: Vec<Command>) -> Outcome {
    let mut total = Counts::default();
    let mut failures = Vec::new();
    for mut command in commands {
        match count::run(&mut command) {
            Ok(ran) => {
                total.add(ran.counts);
                failures.extend(ran.verdict.err());
            }
            Err(failure) => failures.push(failure),
        }
    }
    Outcome::of_tests(total, failures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::outcome::Verdict;

    fn prints(output: &str, exit_code: u8) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo '{output}'; exit {exit_code}")]);
        command
    }

    #[cfg(unix)]
    #[test]
    fn one_command_without_a_test_fails_the_stage() {
        let outcome = super::tests(vec![
            prints("test result: ok. 5 passed; 0 failed; 0 ignored", 0),
            prints("test result: ok. 0 passed; 0 failed; 0 ignored", 0),
        ]);
        let Verdict::Failed(reason) = outcome.verdict else {
            panic!("{:?}", outcome.verdict);
        };
        assert!(reason.ends_with("ran no test"), "{reason}");
        assert_eq!(
            outcome.counts,
            Counts {
                passed: 5,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_fails_the_stage_and_the_next_one_still_runs() {
        let outcome = super::tests(vec![
            prints("error: could not compile", 101),
            prints("test result: ok. 5 passed; 0 failed; 0 ignored", 0),
        ]);
        assert!(matches!(outcome.verdict, Verdict::Failed(_)));
        assert_eq!(
            outcome.counts,
            Counts {
                passed: 5,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[test]
    fn stages_have_distinct_names() {
        let mut names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STAGES.len());
    }
}
