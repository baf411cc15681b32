//! Measures `jose`, and compares it with the libraries that it uses and with other libraries.
//!
//! Two programs run the same cases, because OpenSSL and BoringSSL cannot be in the same process:
//! `openssl` adds josekit, and `boring` adds jwt-simple. Both print one line for each case. `cargo
//! xtask bench jose` runs them and writes the report.
//!
//! Every operation checks its result and stops the run if it fails, so that only successful
//! operations are measured.

pub mod algorithm;
pub mod allocations;
pub mod claims;
pub mod fixture;
pub mod floor;
pub mod jsonwebtoken_peer;
pub mod jwe;
pub mod key_set;
pub mod ours;
pub mod output;
pub mod rounds;
pub mod suite;

use std::env;
use std::time::Duration;

use algorithm::Algorithm;
use fixture::Fixture;
use jwe::Encrypted;
use key_set::KeySet;
use suite::Suite;

/// The cases of every program, and the inputs for libraries that only one program measures.
pub struct Cases {
    pub suite: Suite,
    pub fixtures: Vec<Fixture>,
    pub encrypted: [Encrypted; 2],
    pub key_sets: Vec<KeySet>,
}

/// Generates keys and tokens, and adds the cases of the floors, of `jose` and of jsonwebtoken.
pub fn cases() -> Cases {
    jsonwebtoken_peer::install();
    let mut suite = Suite::default();

    let fixtures: Vec<Fixture> = Algorithm::ALL.map(Fixture::new).into();
    for fixture in &fixtures {
        floor::verify(&mut suite, fixture);
        ours::verify(&mut suite, fixture);
        jsonwebtoken_peer::verify(&mut suite, fixture);
    }
    for fixture in fixtures.iter().filter(|fixture| fixture.signs_proofs()) {
        floor::sign(&mut suite, fixture);
        ours::sign(&mut suite, fixture);
        jsonwebtoken_peer::sign(&mut suite, fixture);
    }

    let signed = &fixtures[0].token;
    let encrypted = [Encrypted::with_rsa(signed), Encrypted::with_ecdh(signed)];
    for encrypted in &encrypted {
        jwe::floor(&mut suite, encrypted);
        ours::decrypt(&mut suite, encrypted);
    }

    let key_sets = KeySet::all();
    for set in &key_sets {
        key_set::floor(&mut suite, set);
        key_set::ours(&mut suite, set);
        key_set::jsonwebtoken(&mut suite, set);
    }
    Cases {
        suite,
        fixtures,
        encrypted,
        key_sets,
    }
}

/// Runs the cases for the number of seconds in the first argument, and prints the results.
pub fn run(mut suite: Suite) {
    let seconds = env::args()
        .nth(1)
        .and_then(|argument| argument.parse().ok())
        .expect("the first argument is a number of seconds");
    let results = rounds::run(&mut suite, Duration::from_secs(seconds));
    output::print(&suite, &results);
}
