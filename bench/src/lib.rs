//! Measures `jose` against the libraries beneath it and against its peers.
//!
//! Two programs run the same cases, because OpenSSL and BoringSSL cannot share a process: `openssl`
//! adds josekit, `boring` adds jwt-simple. Both print one line per case; `cargo xtask bench jose`
//! runs them and writes the report.
//!
//! Every operation checks its own result and stops the run when it fails, so that nothing is
//! measured that does not work.

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

/// What every program measures, and the inputs for the peers that only one of them has.
pub struct Cases {
    pub suite: Suite,
    pub fixtures: Vec<Fixture>,
    pub encrypted: [Encrypted; 2],
    pub key_sets: Vec<KeySet>,
}

/// Makes keys and tokens, and the cases of the floors, of `jose` and of jsonwebtoken.
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

/// Runs the cases for as many seconds as the first argument says, and prints what was measured.
pub fn run(mut suite: Suite) {
    let seconds = env::args()
        .nth(1)
        .and_then(|argument| argument.parse().ok())
        .expect("the first argument is a number of seconds");
    let results = rounds::run(&mut suite, Duration::from_secs(seconds));
    output::print(&suite, &results);
}
