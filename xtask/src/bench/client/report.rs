//! The report: a verdict for each target, then every figure.

use super::Case;
use super::operations::{
    CLIENT_BYTES, CLIENTS, FLIGHT_BYTES, IN_FLIGHT, LOAD, OPERATIONS, Operation,
};
use super::program::Role;
use super::sample::{Sample, median};
use crate::bench::machine::Machine;
use crate::bench::markdown::{amount, row, time, verdict};

/// Returns the whole part of the document. `memory` is that of a client of bare hyper and of one of
/// `openid-client`; `left_out` names what could not be measured on this machine.
pub(crate) fn write(
    machine: &Machine,
    rounds: u32,
    cases: &[Case],
    memory: [f64; 2],
    left_out: &[String],
) -> String {
    let mut text = format!(
        "# Benchmarks of `openid-client`\n\n\
         Written by `cargo xtask bench client`; the command overwrites changes made by hand.\n\n\
         {}; {rounds} rounds.\n\n{METHOD}",
        machine.words()
    );
    for reason in left_out {
        text.push_str(&format!("\nLeft out: {reason}.\n"));
    }
    text.push_str(&targets(cases));
    text.push_str(&memory_targets(cases, memory));
    text.push_str(&instructions(cases));
    for (place, (in_flight, count)) in IN_FLIGHT.iter().enumerate() {
        text.push_str(&format!(
            "\n## {in_flight} in flight\n\n{count} operations in each round; {} on Node.\n\n",
            count / 10
        ));
        text.push_str(&samples(cases, place));
    }
    text.push_str(NOTES);
    text
}

/// Returns the floor and all cases of one operation.
fn of<'c>(cases: &'c [Case], operation: &Operation) -> Option<(&'c Case<'c>, Vec<&'c Case<'c>>)> {
    let own: Vec<&Case> = cases
        .iter()
        .filter(|case| case.operation == operation)
        .collect();
    let floor = own.iter().find(|case| case.program.role == Role::Floor)?;
    Some((floor, own))
}

fn targets(cases: &[Case]) -> String {
    let mut text = String::from(
        "\n## Targets\n\n\
         | | asked | target | reached | |\n\
         |---|---|--:|--:|---|\n",
    );
    for operation in &OPERATIONS {
        let Some((floor, own)) = of(cases, operation) else {
            continue;
        };
        let Some(ours) = own.iter().find(|case| case.program.role == Role::Ours) else {
            continue;
        };
        let target = &operation.target;
        if let (Some(ours), Some(floor)) = (ours.instructions, floor.instructions) {
            let ratio = ours / floor;
            row(
                &mut text,
                &[
                    operation.title,
                    "instructions, to the floor",
                    &format!("≤ {:.2} ×", target.instructions),
                    &format!("{ratio:.2} ×"),
                    verdict(ratio <= target.instructions),
                ],
            );
        }
        if let (Some(most), Some(above)) = (target.allocations, ours.above(floor)) {
            row(
                &mut text,
                &[
                    "",
                    "allocations above the floor's",
                    &format!("≤ {most}"),
                    &format!("{above:.0}"),
                    verdict(above <= most),
                ],
            );
        }
        let place = IN_FLIGHT.iter().position(|(number, _)| *number == LOAD);
        let rate = place.and_then(|place| ours.ratio(floor, place, |sample| sample.rate));
        if let (Some(least), Some(rate)) = (target.rate, rate) {
            row(
                &mut text,
                &[
                    "",
                    &format!("operations per second, {LOAD} in flight, to the floor"),
                    &format!("≥ {least:.2} ×"),
                    &format!("{rate:.2} ×"),
                    verdict(rate >= least),
                ],
            );
        }
    }
    text
}

/// Returns the rows about memory, which apply to all operations.
fn memory_targets(cases: &[Case], [floor, ours]: [f64; 2]) -> String {
    let mut text = String::new();
    let mut add = |title: &str, asked: &str, most: f64, reached: f64| {
        let target = format!("≤ {:.0} KiB", most / 1024.0);
        let cell = format!("{:.1} KiB", reached / 1024.0);
        let met = verdict(reached <= most);
        row(&mut text, &[title, asked, &target, &cell, met]);
    };
    let last = IN_FLIGHT.len().saturating_sub(1);
    if let Some((in_flight, _)) = IN_FLIGHT.last() {
        let heaviest = OPERATIONS
            .iter()
            .filter_map(|operation| {
                let (floor, own) = of(cases, operation)?;
                let ours = own.iter().find(|case| case.program.role == Role::Ours)?;
                let heap = |case: &Case| case.middle(last, |sample| sample.heap);
                Some((heap(ours)? - heap(floor)?) / f64::from(*in_flight))
            })
            .max_by(f64::total_cmp);
        if let Some(heaviest) = heaviest {
            let title = format!("{in_flight} operations in flight");
            let asked = "heap for each, above the floor's; the heaviest operation";
            add(&title, asked, FLIGHT_BYTES, heaviest);
        }
    }
    let title = format!("{CLIENTS} clients after a login");
    let asked = "heap for each, above a client of bare hyper, both with an open connection";
    add(&title, asked, CLIENT_BYTES, ours - floor);
    text
}

fn instructions(cases: &[Case]) -> String {
    let mut text = String::from(
        "\n## Instructions and allocations for one operation\n\n\
         | | library | instructions | to the floor | allocations | above the floor's |\n\
         |---|---|--:|--:|--:|--:|\n",
    );
    for operation in &OPERATIONS {
        let Some((floor, own)) = of(cases, operation) else {
            continue;
        };
        for (case, label) in own.iter().zip(labels(operation.title)) {
            let ratio = case
                .instructions
                .zip(floor.instructions)
                .map(|(case, floor)| format!("{:.2}", case / floor));
            let allocations = case.allocations();
            row(
                &mut text,
                &[
                    label,
                    case.program.title,
                    &case.instructions.map_or_else(none, amount),
                    &ratio.unwrap_or_else(none),
                    &allocations.map_or_else(none, |number| format!("{number:.0}")),
                    &case
                        .above(floor)
                        .map_or_else(none, |number| format!("{number:.0}")),
                ],
            );
        }
    }
    text
}

fn samples(cases: &[Case], place: usize) -> String {
    let mut text = String::from(
        "| | library | per second | to the floor | processor time | to the floor | heap, most | memory, most |\n\
         |---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for operation in &OPERATIONS {
        let Some((floor, own)) = of(cases, operation) else {
            continue;
        };
        for (case, label) in own.iter().zip(labels(operation.title)) {
            let show = |number: Option<f64>, how: fn(f64) -> String| number.map_or_else(none, how);
            let ratio = |number| format!("{number:.2}");
            let bytes = |number| format!("{}B", amount(number));
            row(
                &mut text,
                &[
                    label,
                    case.program.title,
                    &show(case.middle(place, |sample| Some(sample.rate)), amount),
                    &show(case.ratio(floor, place, |sample| sample.rate), ratio),
                    &show(case.middle(place, |sample| Some(sample.processor)), time),
                    &show(case.ratio(floor, place, |sample| sample.processor), ratio),
                    &show(case.middle(place, |sample| sample.heap), bytes),
                    &show(
                        case.middle(place, |sample| Some(sample.memory * 1024.0)),
                        bytes,
                    ),
                ],
            );
        }
    }
    text
}

impl Case<'_> {
    /// Returns the median over the rounds.
    fn middle(&self, place: usize, of: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        median(self.samples.get(place)?.iter().filter_map(of))
    }

    /// Returns the median over the rounds of the ratio to the floor in the same round.
    fn ratio(&self, floor: &Self, place: usize, of: impl Fn(&Sample) -> f64) -> Option<f64> {
        let own = self.samples.get(place)?.iter();
        let pairs = own.zip(floor.samples.get(place)?);
        median(pairs.map(|(own, floor)| of(own) / of(floor)))
    }

    fn allocations(&self) -> Option<f64> {
        self.middle(0, |sample| sample.allocations)
    }

    fn above(&self, floor: &Self) -> Option<f64> {
        Some(self.allocations()?.round() - floor.allocations()?.round())
    }
}

fn none() -> String {
    "–".to_owned()
}

/// Returns the title for the first row, and empty labels for the rows below.
fn labels(title: &str) -> impl Iterator<Item = &str> {
    std::iter::once(title).chain(std::iter::repeat(""))
}

const METHOD: &str = "\
Every client uses plain HTTP/1.1 with a provider on loopback that does no work: it made all its
responses when it started. Each measurement is a separate process with one thread. The libraries
take turns in each round. *To the floor* is the median over the rounds of the figure of the library
divided by the figure of the floor in the same round. Other figures are medians.

- **floor**: hyper with a connection pool sends the same bytes as `openid-client`, and collects the
  response without parsing it. If the response contains an ID Token, the floor verifies its
  signature; if the request contains a proof, the floor makes one. Both are the bare call of ring or
  aws-lc-rs with a key that is ready.
- **instructions**: executed in user space, counted by callgrind with one operation in flight. They
  do not depend on other work of the machine, and do not include the kernel. Callgrind emulates a
  processor without the newest instructions, so signatures take more instructions than outside and
  hide more of the rest. For operations with a signature under ES256, the ratio of processor times
  is more meaningful.
- **processor time**: of the whole client process, including the kernel's work for it.
- **allocations**: those of Rust code. **heap**: the most bytes that Rust code used at one time,
  including connections. **memory**: the most RAM that the process used, including the program.
- **client credentials grant**: HTTP Basic, two scopes. **code grant**: from the URL of the callback
  to tokens, with `state`, `iss`, nonce, PKCE, and an ID Token of eight claims; the keys are in the
  cache. **UserInfo**: a JSON response of ten claims. **DPoP**: a GET with a proof, whose response
  is collected. **refresh**: a response without an ID Token. **API**: a request with an access token
  of ten claims (RFC 9068) and a new DPoP proof reaches a service behind the layer. No request is
  sent; the floor verifies the two signatures with keys that are ready.
";

const NOTES: &str = "
## Notes

- openidconnect does not support DPoP. The benchmark checks `state` and `iss` for it, as its users
  have to.
- The npm package does not verify a signature under the client secret, so it does less work for
  HS256. It runs on Node: its heap is not comparable with that of Rust code, and its instructions
  are not counted.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::client::program::Program;

    fn sample(rate: f64, allocations: f64) -> Sample {
        Sample {
            rate,
            processor: 1e9 / rate,
            allocations: Some(allocations),
            heap: None,
            memory: 1.0,
        }
    }

    fn case<'c>(program: &'c Program, instructions: f64, samples: &[Sample]) -> Case<'c> {
        let [operation, ..] = &OPERATIONS;
        let mut case = Case::new(operation, program);
        case.instructions = Some(instructions);
        case.samples = IN_FLIGHT.map(|_| samples.to_vec());
        case
    }

    #[test]
    fn a_case_is_compared_with_the_floor_in_its_round() {
        let (floor, ours) = (Program::of_role(Role::Floor), Program::of_role(Role::Ours));
        // The machine was busy in the second round. The medians of the rates alone would give 0.5.
        let rounds = [sample(100.0, 20.0), sample(50.0, 20.0), sample(100.0, 20.0)];
        let floor = case(&floor, 1_000.0, &rounds);
        let rounds = [sample(90.0, 60.0), sample(45.0, 60.0), sample(50.0, 60.0)];
        let ours = case(&ours, 1_310.0, &rounds);
        let text = targets(&[floor, ours]);
        for row in [
            "| client credentials grant | instructions, to the floor | ≤ 1.30 × | 1.31 × | **missed** |",
            "|  | allocations above the floor's | ≤ 40 | 40 | met |",
            "|  | operations per second, 64 in flight, to the floor | ≥ 0.90 × | 0.90 × | met |",
        ] {
            assert!(text.contains(row), "{text}");
        }
    }

    #[test]
    fn what_was_not_counted_has_no_verdict() {
        let (floor, ours) = (Program::of_role(Role::Floor), Program::of_role(Role::Ours));
        let mut ours = case(&ours, 1.0, &[]);
        ours.instructions = None;
        let cases = [case(&floor, 1.0, &[]), ours];
        assert!(!targets(&cases).contains("met"), "{}", targets(&cases));
        assert!(instructions(&cases).contains("|  | another client | – | – | – | – |"));
    }
}
