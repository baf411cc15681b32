use std::time::Duration;

use jose::KeySelectionError;
use jose::SignatureAlgorithm::ES256;

use crate::error::{Artefact, Error, Misuse, Reason, TimestampRule};

fn refused(artefact: Artefact, reason: Reason) -> Error {
    refused_login(artefact, reason).of_refresh()
}

fn refused_login(artefact: Artefact, reason: Reason) -> Error {
    Error::from(artefact.rejected(reason)).with_refresh_token(Some("r2".into()))
}

fn timestamp(claim: &'static str, rule: TimestampRule) -> Reason {
    Reason::Timestamp {
        claim,
        found: 1,
        rule,
        now: 2,
        tolerance: Duration::from_secs(30),
    }
}

fn mismatch(claim: &'static str) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: None,
        found: None,
    }
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

#[test]
fn the_refresh_token_is_kept_where_only_a_time_was_wrong() {
    use TimestampRule::{Expired, InTheFuture, NotYetValid};
    for reason in [
        timestamp("exp", Expired),
        timestamp("nbf", NotYetValid),
        timestamp("iat", InTheFuture),
        timestamp("auth_time", InTheFuture),
        mismatch("auth_time"),
        missing("auth_time"),
    ] {
        let error = refused(Artefact::IdToken, reason.clone());
        assert_eq!(error.refresh_token(), Some(&"r2".into()), "{reason}");
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()));
        assert!(!format!("{error:?} {error}").contains("r2"));
        // A login that was refused has no session to continue.
        let error = refused_login(Artefact::IdToken, reason.clone());
        assert_eq!(error.refresh_token(), None, "{reason}");
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()));
        // The same reason for another artefact says nothing about an ID Token.
        let error = refused(Artefact::TokenResponse, reason);
        assert_eq!(error.refresh_token(), None);
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()));
    }
}

#[test]
fn the_refresh_token_is_dangerous_after_anything_else() {
    let mut reasons = vec![
        // It was issued for something else, perhaps for another person.
        timestamp("iat", TimestampRule::TooOld),
        // A refresh has no maximum age.
        timestamp("auth_time", TimestampRule::TooOld),
        timestamp("exp", TimestampRule::InTheFuture),
        missing("exp"),
        missing("iat"),
        Reason::Jose(jose::Error::Signature),
        Reason::Jose(jose::Error::Unsecured),
        Reason::Algorithm {
            expected: vec![],
            found: "HS256".to_owned(),
        },
        Reason::TokenType {
            expected: "JWT",
            found: "at+jwt".to_owned(),
        },
        Reason::Unexpected {
            member: "events".into(),
        },
        Reason::IllTyped {
            member: "auth_time".into(),
            expected: "a number",
            found: "string".to_owned(),
        },
        Reason::NotEncrypted {
            expected: "ECDH-ES".to_owned(),
        },
        Reason::TenantRefused {
            tenant: String::new(),
        },
        Reason::UnsupportedHash {
            claim: "at_hash",
            algorithm: ES256,
            hash: "SHAKE256",
        },
    ];
    for claim in ["iss", "sub", "aud", "azp", "nonce", "at_hash", "c_hash"] {
        reasons.extend([mismatch(claim), missing(claim)]);
    }
    for reason in reasons {
        let error = refused(Artefact::IdToken, reason.clone());
        assert_eq!(error.refresh_token(), None, "{reason}");
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()));
    }
    // The key set's own faults are kept with all the tokens, in another error.
    let none = Reason::KeySelection(KeySelectionError::Symmetric { alg: ES256 });
    assert_eq!(refused(Artefact::IdToken, none).refresh_token(), None);
    let misuse = Error::from(Misuse::Finished).with_refresh_token(Some("r2".into()));
    assert_eq!(misuse.danger_refresh_token(), None);
}
