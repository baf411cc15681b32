//! Discovery documents that are wrong or unusual.

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::{Artefact, MetadataError, NoAnswer, Reason};
use oauth_core::flow::Discover;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    CONFORM, INVALID, PARSE, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::signed_metadata::is_of_signed_metadata;
use crate::world::{CLIENT_ID, ISSUER, World};

const ACCEPTED: [Misbehaviour; 4] = [
    DiscoveryJsonAsHtml,
    DiscoveryMediaTypeCase,
    DiscoveryKeySetUriElsewhere,
    DiscoveryUnknownMembers,
];

/// The document is accepted. The error comes when an operation needs what is missing.
const REFUSED_LATER: [Misbehaviour; 6] = [
    DiscoveryAuthorizationEndpointMissing,
    DiscoveryTokenEndpointMissing,
    DiscoveryKeySetUriMissing,
    DiscoveryEndpointHttp,
    DiscoveryEndpointUserinfo,
    DiscoveryEndpointNotAUrl,
];

fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    let syntax = |line, column| Reason::Json(jose::json::Error::Syntax { line, column });
    vec![
        (
            DiscoveryIssuerMismatch,
            "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
            Reason::AttributeMismatch {
                member: "issuer",
                expected: Some(ISSUER.to_owned()),
                found: Some(format!("{ISSUER}INVALID")),
            },
        ),
        (DiscoveryIssuerMissing, INVALID, missing("issuer")),
        (
            DiscoveryIssuerNotAString,
            INVALID,
            ill_typed("issuer", "a string", "number"),
        ),
        (
            DiscoveryDuplicateIssuer,
            PARSE,
            Reason::Json(jose::json::Error::Duplicate {
                member: "issuer".to_owned(),
            }),
        ),
        (
            DiscoveryHtml,
            "OAUTH_RESPONSE_IS_NOT_JSON",
            Reason::MediaType {
                expected: "application/json",
                found: Some("text/html; charset=utf-8".to_owned()),
            },
        ),
        (DiscoveryHtmlAsJson, PARSE, syntax(1, 1)),
        (DiscoveryServerError, CONFORM, status(500, None)),
        (DiscoveryNotFound, CONFORM, status(404, None)),
        (
            DiscoveryRedirect,
            CONFORM,
            status(307, Some("/tenant/.well-known/openid-configuration")),
        ),
        (
            DiscoveryNotAnObject,
            INVALID,
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            DiscoveryDeepNesting,
            PARSE,
            Reason::Json(jose::json::Error::Depth { limit: 32 }),
        ),
        (DiscoveryEmptyBody, PARSE, syntax(1, 0)),
        (
            DiscoveryContentEncoding,
            CONFORM,
            Reason::ContentEncoding {
                found: "gzip".to_owned(),
            },
        ),
    ]
}

#[test]
fn a_wrong_document_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (_, result) = discover(misbehaviour);
        assert_rejected(result, code, Artefact::DiscoveryDocument, &reason);
    }
}

#[test]
fn what_follows_the_document_is_refused_where_it_begins() {
    let error = discover(DiscoveryTrailingData).1.unwrap_err();
    assert_eq!(error.code(), Some(PARSE));
    let Reason::Json(jose::json::Error::Syntax { line: 1, column }) =
        error.rejection().unwrap().reason
    else {
        panic!("{error}");
    };
    assert!(column > 1000, "{column}");
}

#[test]
fn a_document_beyond_the_cap_is_refused() {
    let error = discover(DiscoveryTooLarge).1.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_TOO_LARGE"));
    let Error::Unanswered(unanswered) = error else {
        panic!("{error}");
    };
    assert_eq!(unanswered.endpoint, EndpointName::Discovery);
    let cap = 1024 * 1024;
    assert_eq!(unanswered.reason, NoAnswer::BodyTooLarge { cap });
}

#[test]
fn an_unusual_document_is_accepted() {
    for misbehaviour in ACCEPTED {
        let (world, result) = discover(misbehaviour);
        assert_eq!(result.unwrap().issuer, ISSUER);
        world.log_in(&world.configuration()).unwrap();
        assert_eq!(world.served(Endpoint::KeySet), 1);
    }
}

#[test]
fn an_endpoint_that_cannot_be_used_is_refused_when_it_is_needed() {
    let missing = |member| MetadataError::Missing { member };
    let invalid = |expected, found: &str| MetadataError::Invalid {
        member: "token_endpoint",
        expected,
        found: found.to_owned(),
    };
    let errors = [
        missing("authorization_endpoint"),
        missing("token_endpoint"),
        missing("jwks_uri"),
        MetadataError::NotHttps {
            member: "token_endpoint",
            found: "http://id.example.com".to_owned(),
        },
        invalid("a URL without user name and password", "one with them"),
        invalid("an absolute URL", "/token"),
    ];
    for (misbehaviour, expected) in REFUSED_LATER.into_iter().zip(errors) {
        let (world, server) = discover(misbehaviour);
        let client = ClientMetadata::new(CLIENT_ID);
        let configuration = Configuration::new(server.unwrap(), client, Policy::default());
        let configuration = configuration.unwrap();
        let (Err(Error::Metadata(error)), sent) = (
            match misbehaviour {
                DiscoveryAuthorizationEndpointMissing => world
                    .run(World::request(&configuration).begin())
                    .map(|_| ()),
                _ => world.log_in(&configuration).map(|_| ()),
            },
            world.served(Endpoint::Token),
        ) else {
            panic!("{misbehaviour:?}");
        };
        assert_eq!(error, expected, "{misbehaviour:?}");
        assert_eq!(sent, 0);
    }
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let refused = refused.iter().map(|(misbehaviour, ..)| *misbehaviour);
    let tested = refused
        .chain(ACCEPTED)
        .chain(REFUSED_LATER)
        .chain([DiscoveryTooLarge, DiscoveryTrailingData]);
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::Discovery && !is_of_signed_metadata(misbehaviour)
    });
}

#[test]
fn the_document_of_rfc_8414_is_found_too() {
    let world = World::new();
    let algorithm = DiscoveryAlgorithm::Oauth2;
    let discovery = DiscoveryEndpoint::new(ISSUER, algorithm, Policy::default()).unwrap();
    let server = world.run(Discover::new(discovery)).unwrap();
    assert_eq!(server.issuer, ISSUER);
}

fn discover(misbehaviour: Misbehaviour) -> (World, Result<ServerMetadata, Error>) {
    let world = World::wrong(misbehaviour);
    let algorithm = DiscoveryAlgorithm::Oidc;
    let discovery = DiscoveryEndpoint::new(ISSUER, algorithm, Policy::default()).unwrap();
    let result = world.run(Discover::new(discovery));
    (world, result)
}
