//! The report: a verdict for each target, then every case.

use super::measured::{Case, Group, Role, Run};
use super::{reasons, targets};
use crate::bench::machine::Machine;
use crate::bench::markdown::{row as line, time, verdict};

/// Returns the whole part of the document. The tables come from the first run; the second adds the
/// peer that only it has.
pub(crate) fn write(machine: &Machine, main: &Run, other: &Run) -> String {
    let mut text = introduction(machine, main, other);
    text.push_str(&verdicts(main, other));
    for (title, kind) in SECTIONS {
        let groups: Vec<&Group> = main
            .groups
            .iter()
            .filter(|group| kind_of(&group.name) == kind)
            .collect();
        if !groups.is_empty() {
            text.push_str(&section(title, &groups, other));
        }
    }
    text.push_str(NOTES);
    text
}

fn introduction(machine: &Machine, main: &Run, other: &Run) -> String {
    format!(
        "# Benchmarks of `jose`\n\n\
         Written by `cargo xtask bench jose`; the command overwrites changes made by hand.\n\n\
         {}; {} and {} rounds.\n\n{METHOD}\n",
        machine.words(),
        main.rounds,
        other.rounds
    )
}

/// Returns one row for each group that has a target.
fn verdicts(main: &Run, other: &Run) -> String {
    let mut text = String::from(
        "## Targets\n\n\
         | | floor | floor's time | `jose` | target | reached | | best peer | `jose` to it | allocations |\n\
         |---|---|--:|--:|--:|--:|---|---|--:|--:|\n",
    );
    for group in &main.groups {
        let (Some(floor), Some(ours)) = (group.floor(), group.ours()) else {
            continue;
        };
        let (target, reached, verdict) = match targets::of(&group.name) {
            Some(most) => (
                format!("≤ {most:.2} ×"),
                format!("{:.3} ×", ours.ratio),
                verdict(ours.ratio <= most),
            ),
            None => (String::new(), String::new(), ""),
        };
        let (peer, to_peer) = match best_peer(group, other) {
            Some(peer) => (
                peer.name.as_str(),
                format!("{:.2} ×", ours.ratio / peer.ratio),
            ),
            None => ("none", String::new()),
        };
        line(
            &mut text,
            &[
                &group.name,
                &floor.name,
                &time(floor.nanoseconds),
                &time(ours.nanoseconds),
                &target,
                &reached,
                verdict,
                peer,
                &to_peer,
                &allocations(group, ours),
            ],
        );
    }
    let missing: Vec<&str> = main
        .groups
        .iter()
        .filter(|group| group.ours().is_none())
        .map(|group| group.name.as_str())
        .collect();
    if !missing.is_empty() {
        let missing = missing.join("; ");
        text.push_str(&format!(
            "\nNot measured, because `jose` cannot do it yet: {missing}.\n"
        ));
    }
    text
}

/// Returns the allocations, with a verdict if there is a limit.
fn allocations(group: &Group, ours: &Case) -> String {
    let count = ours.allocations;
    if group.name.starts_with("verify ") {
        let met = verdict(count <= targets::ALLOCATIONS);
        return format!("{count} (≤ {}: {met})", targets::ALLOCATIONS);
    }
    count.to_string()
}

/// Returns the peer with the lowest ratio to the floor of its own process.
fn best_peer<'r>(group: &'r Group, other: &'r Run) -> Option<&'r Case> {
    peers(group, other).min_by(|a, b| a.ratio.total_cmp(&b.ratio))
}

/// The peers of a group: those of the first process, and those that only the other one has.
fn peers<'r>(group: &'r Group, other: &'r Run) -> impl Iterator<Item = &'r Case> {
    let is_peer = |case: &&Case| case.role == Role::Peer;
    let known = |case: &&Case| !group.cases.iter().any(|own| own.name == case.name);
    let others = other.group(&group.name).into_iter();
    let others = others.flat_map(|group| &group.cases).filter(is_peer);
    group
        .cases
        .iter()
        .filter(is_peer)
        .chain(others.filter(known))
}

/// Returns every case of some groups, the fastest first.
fn section(title: &str, groups: &[&Group], other: &Run) -> String {
    let mut text = format!(
        "\n## {title}\n\n\
         | | library | time | to the floor | quartiles | allocations | |\n\
         |---|---|--:|--:|--:|--:|---|\n"
    );
    for group in groups {
        let ours = group.ours();
        let mut cases: Vec<&Case> = group
            .cases
            .iter()
            .filter(|case| case.role != Role::Peer)
            .chain(peers(group, other))
            .collect();
        cases.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        for (case, label) in cases.into_iter().zip(labels(&group.name)) {
            let name = match case.role {
                Role::Floor => format!("floor: {}", case.name),
                Role::Ours => format!("**{}**", case.name),
                Role::Peer => case.name.clone(),
            };
            let [lower, upper] = case.quartiles;
            line(
                &mut text,
                &[
                    label,
                    &name,
                    &time(case.nanoseconds),
                    &format!("{:.2}", case.ratio),
                    &format!("{lower:.2}–{upper:.2}"),
                    &case.allocations.to_string(),
                    note(&group.name, case, ours),
                ],
            );
        }
    }
    text
}

/// Returns the name for the first row, and empty labels for the rows below.
fn labels(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(std::iter::repeat(""))
}

/// Returns the reason why a peer is faster, if it is.
fn note<'r>(group: &str, case: &Case, ours: Option<&Case>) -> &'r str {
    match ours {
        Some(ours) if case.role == Role::Peer && case.ratio < ours.ratio * LEVEL => {
            reasons::of(group, &case.name).unwrap_or("**ahead of `jose`; reason not known**")
        }
        _ => "",
    }
}

fn kind_of(group: &str) -> &str {
    match group.split_once(' ') {
        Some((kind @ ("verify" | "sign" | "decrypt"), _)) => kind,
        _ => "keys",
    }
}

/// A peer within two per cent counts as equal: the same program varies by as much from run to run.
const LEVEL: f64 = 0.98;

const SECTIONS: [(&str, &str); 4] = [
    ("Verification of an ID Token", "verify"),
    ("Signature of a DPoP proof", "sign"),
    ("Decryption of an ID Token", "decrypt"),
    ("Key sets", "keys"),
];

const METHOD: &str = "\
The cases are interleaved. In each round, every case runs a batch of about 1.5 ms. The order of the
groups, and of the cases within a group, is random. Times are medians of the processor time of the
thread. *To the floor* is the median over the rounds of the time of the case divided by the time of
the floor in the same round, with quartiles. The floor is the faster of ring and aws-lc-rs: the bare
call on decoded bytes, with a key that is ready. Allocations are those of Rust code; allocations of
C code are not counted.

- **verify**: verifies an ID Token of eight claims, about 700 bytes with RSA: signature, algorithm,
  `iss`, `aud`, `exp`, `nonce`. It returns the claims. Keys and validators are built once.
- **sign**: signs a DPoP proof with the public key in its header. Header and key are built once. The
  claims are written each time.
- **decrypt**: decrypts a signed ID Token inside an encrypted one, without verifying the inner
  signature. The floor makes the same calls of aws-lc-rs directly.
- **keys**: reads a key set: half RSA with 2048 bits, two fifths P-256, one tenth Ed25519. *Ready*
  means that the verifying library has parsed each key and refused an empty signature with it.
  `jose` parses points on a curve when it parses the set, which checks that they are on it, and RSA
  keys at their first use. The floor reads borrowed strings with serde and decodes them, without
  checks.

josekit (OpenSSL) cannot share a process with jwt-simple (BoringSSL). It runs in a separate process
with the same floors, and its ratios refer to these. *`jose` to it* is the quotient of the two
ratios.
";

const NOTES: &str = "
## Notes

- jsonwebtoken uses one library per process. Both are measured through a provider that passes each
  call to one of them.
- jwt-simple uses BoringSSL only for RSA, and Rust code for its other algorithms. It cannot write
  `jwk` into a header, so its proofs are shorter. It has neither RSA-OAEP-256 nor plain ECDH-ES.
- EdDSA: jsonwebtoken's `rust_crypto` verifies with the vector code of curve25519-dalek (AVX2,
  AVX-512 IFMA), and `jose` with aws-lc. It depends on the processor which of them is faster; the
  table shows the result for this one.
- josekit enables serde_json's `preserve_order` for its whole program, which also changes `jose`.
  All figures of `jose` come from the other program.
- josekit is not measured on 200 keys that are ready to verify, because 20 keys already take it two
  milliseconds.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn runs() -> (Run, Run) {
        let main = "verify RS256\tfloor\tring\t20000.0\t1.0\t1.0\t1.0\t0\t9\n\
                    verify RS256\tours\tjose\t23000.0\t1.15\t1.1\t1.2\t11\t9\n\
                    verify RS256\tpeer\tjosekit\t22000.0\t1.1\t1.1\t1.1\t3\t9\n\
                    decrypt X\tfloor\tring\t20000.0\t1.0\t1.0\t1.0\t0\t9\n";
        let other = "verify RS256\tfloor\tring\t30000.0\t1.0\t1.0\t1.0\t0\t9\n\
                     verify RS256\tpeer\tjosekit\t1.0\t0.1\t0.1\t0.1\t3\t9\n\
                     verify RS256\tpeer\tjwt-simple\t60000.0\t2.0\t2.0\t2.0\t4\t9\n";
        (Run::parse(main).unwrap(), Run::parse(other).unwrap())
    }

    #[test]
    fn a_missed_target_is_called_missed() {
        let (main, other) = runs();
        let text = verdicts(&main, &other);
        assert!(
            text.contains(
                "| ≤ 1.10 × | 1.150 × | **missed** | josekit | 1.05 × | 11 (≤ 10: **missed**) |"
            ),
            "{text}"
        );
        assert!(text.contains("cannot do it yet: decrypt X."), "{text}");
    }

    #[test]
    fn a_target_is_met_up_to_its_bound() {
        let lines = "verify ES256\tfloor\tring\t20000.0\t1.0\t1.0\t1.0\t0\t9\n\
                     verify ES256\tours\tjose\t21000.0\t1.05\t1.0\t1.1\t10\t9\n";
        let run = Run::parse(lines).unwrap();
        let text = verdicts(&run, &run);
        assert!(
            text.contains("| ≤ 1.05 × | 1.050 × | met | none |  | 10 (≤ 10: met) |"),
            "{text}"
        );
    }

    #[test]
    fn a_peer_of_the_second_process_is_added_once_and_a_lead_is_marked() {
        let (main, other) = runs();
        let groups: Vec<&Group> = main.groups.iter().collect();
        let text = section("T", &groups, &other);
        let rows: Vec<&str> = text.lines().filter(|row| row.contains("josekit")).collect();
        assert_eq!(
            rows,
            [
                "|  | josekit | 22.0 µs | 1.10 | 1.10–1.10 | 3 | **ahead of `jose`; reason not known** |"
            ]
        );
        assert!(text.contains("|  | jwt-simple | 60.0 µs | 2.00 | 2.00–2.00 | 4 |  |"));
    }
}
