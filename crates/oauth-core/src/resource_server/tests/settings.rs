use super::*;
use crate::error::Misuse;

#[test]
fn settings_that_cannot_work_are_refused() {
    let new = |resource, origin| ResourceServer::new(resource, origin, Policy::default());
    for (result, argument) in [
        (new("", "https://api.example"), "resource"),
        (new(RESOURCE, "api.example"), "origin"),
        (new(RESOURCE, "https://api.example/v1?"), "origin"),
        (new(RESOURCE, "https://api.example/#x"), "origin"),
        (new(RESOURCE, "https://user@api.example"), "origin"),
        (new(RESOURCE, "ftp://api.example"), "origin"),
        (
            server().with_max_proof_age(std::time::Duration::from_secs(601)),
            "max_proof_age",
        ),
        (server().with_algorithms(&[]), "algorithms"),
        (
            server().with_algorithms(&[jose::SignatureAlgorithm::HS256]),
            "algorithms",
        ),
        (server().with_issuer(testing::server()), "server"),
    ] {
        match result {
            Err(Error::Misuse(Misuse::InvalidArgument {
                argument: found, ..
            })) => {
                assert_eq!(found, argument);
            }
            other => panic!("{argument}: {other:?}"),
        }
    }
}
