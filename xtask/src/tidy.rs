//! `cargo xtask tidy`: the rules of this project that the compiler does not check.

mod api_map;
mod conformance;
mod danger;
mod dependencies;
mod examples;
mod exports;
mod guides;
mod layers;
mod length;
mod links;
mod lints;
mod manifest;
mod spec_coverage;
mod threats;
mod tree;
mod width;

use std::env;
use std::process::ExitCode;

use crate::command::Workspace;
use tree::Tree;

/// Prints every violation of a rule.
///
/// # Errors
/// An error message for invalid arguments, or if the tree cannot be read.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    if !arguments.is_empty() {
        return Err("Usage: cargo xtask tidy".to_owned());
    }
    let faults = faults(workspace)?;
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} rules broken", faults.len());
    Ok(if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns every violation as a sentence that begins with its place.
///
/// # Errors
/// An error message if the tree cannot be read, or a program that it needs does not run.
pub(crate) fn faults(workspace: &Workspace) -> Result<Vec<String>, String> {
    let tree = Tree::read(workspace.root())?;
    let mut faults = layers::faults(&tree);
    faults.extend(dependencies::faults(&tree));
    faults.extend(dependencies::too_many(workspace)?);
    faults.extend(lints::faults(&tree));
    faults.extend(length::faults(&tree));
    faults.extend(width::faults(&tree));
    faults.extend(api_map::faults(&tree));
    faults.extend(examples::faults(&tree));
    faults.extend(examples::unformatted(&tree)?);
    faults.extend(exports::faults(&tree));
    faults.extend(conformance::faults(&tree));
    faults.extend(danger::faults(&tree));
    faults.extend(threats::faults(&tree));
    faults.extend(spec_coverage::faults(&tree));
    faults.extend(guides::faults(&tree));
    faults.extend(links::faults(&tree));
    Ok(faults)
}

/// Returns every Rust path in the API map that is missing in the documentation, which must be
/// built.
///
/// # Errors
/// An error message if the tree or the documentation cannot be read.
pub(crate) fn dead_names(workspace: &Workspace) -> Result<Vec<String>, String> {
    let tree = Tree::read(workspace.root())?;
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let documentation = workspace.root().join(target).join("doc");
    api_map::documented::faults(&tree, &documentation)
}
