//! The project's own commands, started as `cargo xtask COMMAND`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks to its user"
)]

mod bench;
mod ci;
mod command;
mod demo;
mod fuzz;
mod test;
mod tidy;

use std::env;
use std::process::ExitCode;

use command::Workspace;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();

    let outcome = match name.as_str() {
        "bench" => Workspace::locate().and_then(|workspace| bench::run(&workspace, &rest)),
        "ci" => Workspace::locate().and_then(|workspace| ci::run(&workspace, &rest)),
        "demo" => Workspace::locate().and_then(|workspace| demo::run(&workspace, &rest)),
        "fuzz" => Workspace::locate().and_then(|workspace| fuzz::run(&workspace, &rest)),
        "test" => Workspace::locate().and_then(|workspace| test::run(&workspace, &rest)),
        "tidy" => Workspace::locate().and_then(|workspace| tidy::run(&workspace, &rest)),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        "" => Err(USAGE.to_owned()),
        other => Err(format!("there is no command `{other}`\n\n{USAGE}")),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(2)
    })
}

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  bench  measure speed and size against floors and peers (`cargo xtask bench --help`)
  ci     run everything, for hours: tests, benchmarks, fuzz targets, mutants (`cargo xtask ci --help`)
  demo   log in, in a browser or with --headless (`cargo xtask demo --help`)
  fuzz   run the fuzz targets and count the inputs (`cargo xtask fuzz --help`)
  test   run every check of this project (`cargo xtask test --help`)
  tidy   check the rules that the compiler does not: layers, dependencies, file lengths";
