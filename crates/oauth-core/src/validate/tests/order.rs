//! The order of the checks: identity first, then times.

use serde_json::{Value, json};

use super::{judge_by, login, previous, rejection, with};
use crate::error::Reason;
use crate::policy::Policy;
use crate::testing::{NOW, claims};
use crate::validate::IdTokenExpectations;

/// If a wrong time hid a wrong identity, the refresh token of another user could be kept.
#[test]
fn a_wrong_time_hides_no_other_fault() {
    let times = [
        ("exp", json!(NOW - 3600)),
        ("nbf", json!(NOW + 3600)),
        ("iat", json!(NOW + 3600)),
        ("auth_time", json!(NOW + 3600)),
        ("auth_time", json!(1)),
    ];
    let faults = [
        ("iss", json!("https://op.example1")),
        ("sub", json!("mallory")),
        ("aud", json!("another")),
        ("aud", json!(["app", "another"])),
        ("azp", json!("another")),
        ("nonce", json!("n-2")),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("events", json!({})),
    ];
    let mut first = claims();
    first["auth_time"] = json!(NOW - 10);
    let mut refresh = IdTokenExpectations::refresh(Some(previous(&first)));
    let mut login = login();
    for expectations in [&mut refresh, &mut login] {
        expectations.access_token = Some("token".into());
    }
    let reason = |changes: &[(&str, Value)], expectations: &IdTokenExpectations| {
        let error = judge_by(Policy::default(), &with(changes), expectations.clone());
        rejection(error.unwrap_err())
    };
    for time in &times {
        for fault in &faults {
            let both = [time.clone(), fault.clone()];
            for (expectations, is_login) in [(&refresh, false), (&login, true)] {
                // There is no earlier user to compare with.
                if is_login && fault.0 == "sub" {
                    continue;
                }
                let found = reason(&both, expectations);
                assert_eq!(found, reason(&both[1..], expectations), "{both:?}");
                assert!(!matches!(found, Reason::Timestamp { .. }));
            }
        }
        if time.1 != json!(1) {
            assert!(matches!(
                reason(std::slice::from_ref(time), &login),
                Reason::Timestamp { claim, .. } if claim == time.0
            ));
        }
    }
}
