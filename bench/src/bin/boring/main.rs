//! The cases with jwt-simple, which uses BoringSSL.

mod jwt_simple_peer;

fn main() {
    let mut inputs = bench::cases();
    for fixture in &inputs.fixtures {
        jwt_simple_peer::verify(&mut inputs.suite, fixture);
    }
    for fixture in inputs
        .fixtures
        .iter()
        .filter(|fixture| fixture.signs_proofs())
    {
        jwt_simple_peer::sign(&mut inputs.suite, fixture);
    }
    bench::run(inputs.suite);
}
