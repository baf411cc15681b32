//! The cases with josekit, which uses OpenSSL.

mod josekit_peer;

fn main() {
    let mut inputs = bench::cases();
    for fixture in &inputs.fixtures {
        josekit_peer::verify(&mut inputs.suite, fixture);
    }
    for fixture in inputs
        .fixtures
        .iter()
        .filter(|fixture| fixture.signs_proofs())
    {
        josekit_peer::sign(&mut inputs.suite, fixture);
    }
    for encrypted in &inputs.encrypted {
        josekit_peer::decrypt(&mut inputs.suite, encrypted);
    }
    for set in &inputs.key_sets {
        josekit_peer::key_set(&mut inputs.suite, set);
    }
    bench::run(inputs.suite);
}
