//! `cargo xtask bench client`: `openid-client` against bare hyper and its peers, on loopback.
//!
//! Every measurement is a separate process, so that none is affected by another. In each round all
//! libraries do the same work in turn, and each is compared with the floor of the same round.

mod callgrind;
mod node;
mod operations;
mod program;
mod provider;
mod report;
mod sample;

use std::process::Command;

use super::machine::Machine;
use crate::command;
use crate::command::Workspace;
use operations::{IN_FLIGHT, OPERATIONS, Operation};
use program::Program;
use provider::Provider;
use sample::Sample;

/// Measures, and returns the report.
///
/// # Errors
/// An error message for a program that cannot be built or run.
pub(crate) fn measure(workspace: &Workspace, rounds: u32) -> Result<String, String> {
    let machine = Machine::here(workspace)?;
    let mut programs = program::build(workspace)?;
    let mut left_out = Vec::new();
    match node::install(workspace) {
        Ok(program) => programs.push(program),
        Err(reason) => left_out.push(format!("openid-client (npm): {reason}")),
    }
    let provider = Provider::start(workspace)?;
    let mut cases: Vec<Case> = OPERATIONS
        .iter()
        .flat_map(|operation| programs.iter().map(move |program| (operation, program)))
        .filter(|(operation, program)| program.can(operation))
        .map(|(operation, program)| Case::new(operation, program))
        .collect();

    match callgrind::missing() {
        Some(reason) => left_out.push(format!("instructions: {reason}")),
        None => {
            for case in &mut cases {
                case.count_instructions(workspace, &provider)?;
            }
        }
    }
    for round in 1..=rounds {
        println!("round {round} of {rounds}");
        for place in 0..IN_FLIGHT.len() {
            for case in &mut cases {
                case.sample(place, &provider)?;
            }
        }
    }
    let memory = memory(workspace, &provider)?;
    Ok(report::write(&machine, rounds, &cases, memory, &left_out))
}

/// Returns the bytes of heap for each of many clients in one process: of bare hyper, and of
/// `openid-client`.
fn memory(workspace: &Workspace, provider: &Provider) -> Result<[f64; 2], String> {
    let mut command = Command::new(program::built(workspace, "client"));
    command.args(["clients", &operations::CLIENTS.to_string()]);
    let line = command::read(command.arg(provider.url()))?;
    let read = |number: &str| number.trim().parse().ok();
    let numbers = line.split_once('\t');
    numbers
        .and_then(|(floor, ours)| Some([read(floor)?, read(ours)?]))
        .ok_or_else(|| format!("the benchmark printed `{}`", line.trim_end()))
}

/// One operation of one library, with its measurements.
struct Case<'a> {
    operation: &'a Operation,
    program: &'a Program,
    /// Instructions per operation.
    instructions: Option<f64>,
    /// The samples for each number in flight, one for each round.
    samples: [Vec<Sample>; IN_FLIGHT.len()],
}

impl<'a> Case<'a> {
    fn new(operation: &'a Operation, program: &'a Program) -> Self {
        Self {
            operation,
            program,
            instructions: None,
            samples: Default::default(),
        }
    }

    fn count_instructions(
        &mut self,
        workspace: &Workspace,
        provider: &Provider,
    ) -> Result<(), String> {
        if self.program.is_native() {
            let count = callgrind::OPERATIONS;
            let command = self.program.command(self.operation, 1, count, provider);
            let name = format!("{}-{}", self.program.library, self.operation.name);
            let collected = callgrind::collected(workspace, &name, &command)?;
            self.instructions = Some(collected / f64::from(count));
        }
        Ok(())
    }

    fn sample(&mut self, place: usize, provider: &Provider) -> Result<(), String> {
        let (Some((in_flight, count)), Some(samples)) =
            (IN_FLIGHT.get(place), self.samples.get_mut(place))
        else {
            return Ok(());
        };
        // An operation takes about twenty times as long on Node.
        let count = if self.program.is_native() {
            *count
        } else {
            *count / 10
        };
        let mut command = self
            .program
            .command(self.operation, *in_flight, count, provider);
        samples.push(Sample::parse(&command::read(&mut command)?)?);
        Ok(())
    }
}
