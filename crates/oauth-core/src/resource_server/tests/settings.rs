use super::*;
use crate::error::Misuse;

#[test]
fn settings_that_cannot_work_are_refused() {
    let new = |resource, origin| ResourceServer::new(resource, origin, Policy::default());
    let metadata = |url: &str| server().with_resource_metadata(url);
    metadata("https://api.example/.well-known/oauth-protected-resource/v1?x=y").unwrap();
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
        (metadata(""), "resource_metadata"),
        (metadata("/.well-known/x"), "resource_metadata"),
        (metadata("ftp://api.example/x"), "resource_metadata"),
        (metadata("https://user@api.example/x"), "resource_metadata"),
        (metadata("https://:pw@api.example/x"), "resource_metadata"),
        (metadata("https://api.example/x#y"), "resource_metadata"),
        (
            metadata("https://api.example/\", error=\"x"),
            "resource_metadata",
        ),
        (metadata("https://api.example/\"x"), "resource_metadata"),
        (metadata("https://api.example/\\x"), "resource_metadata"),
        (
            metadata("https://api.example/\r\nx: y"),
            "resource_metadata",
        ),
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
