use std::time::Duration;

use jose::SignatureAlgorithm::HS256;

use super::*;
use crate::error::TimestampRule;
use crate::resource_server::binding::JKT;
use crate::resource_server::{DPoPNonces, MemoryReplayStore};
use crate::secret::Secret;

/// The decision about a bound token with a good proof that has these changes.
fn changed(changes: &[(&str, Value)]) -> Result<Authorized, Error> {
    let token = access_token(&bound());
    let claims = with(&proof_claims(&token), changes);
    decide(&server(), dpop(&token, &proof(&claims)))
}

/// The decision about a bound token with a proof that has this header.
fn under(key: &SigningKey, header: &ProtectedHeader) -> Result<Authorized, Error> {
    let token = access_token(&bound());
    let proof = sign_with(key, header, &proof_claims(&token));
    decide(&server(), dpop(&token, &proof))
}

#[test]
fn a_bound_token_passes_with_its_proof() {
    for changes in [
        &[][..],
        &[("htu", json!("HTTPS://API.example:443/%69tems?page=3#x"))],
        &[("iat", json!(NOW - 90))],
        &[("iat", json!(NOW + 30))],
        &[("nonce", json!("of another server"))],
    ] {
        let authorized = changed(changes).unwrap();
        let binding = authorized.access_token.binding().clone();
        assert_eq!(binding.jkt, Some(thumbprint()), "{changes:?}");
    }
}

#[test]
fn each_claim_of_the_proof_is_checked() {
    let rows: [(&'static str, Value, Reason); 14] = [
        ("jti", Value::Null, missing("jti")),
        (
            "jti",
            json!(""),
            ill_typed("jti", "a string that is not empty", "an empty string"),
        ),
        ("htm", Value::Null, missing("htm")),
        ("htm", json!("POST"), mismatch("htm", Some(("GET", "POST")))),
        ("htm", json!("get"), mismatch("htm", Some(("GET", "get")))),
        ("htu", Value::Null, missing("htu")),
        (
            "htu",
            json!("https://api.example/other"),
            mismatch(
                "htu",
                Some(("https://api.example/items", "https://api.example/other")),
            ),
        ),
        (
            "htu",
            json!("https://proxy.internal/items"),
            mismatch(
                "htu",
                Some(("https://api.example/items", "https://proxy.internal/items")),
            ),
        ),
        (
            "htu",
            json!("/items"),
            mismatch("htu", Some(("https://api.example/items", "/items"))),
        ),
        ("iat", Value::Null, missing("iat")),
        (
            "iat",
            json!(NOW - 91),
            timestamp("iat", NOW - 91, TimestampRule::TooOld),
        ),
        (
            "iat",
            json!(NOW + 31),
            timestamp("iat", NOW + 31, TimestampRule::InTheFuture),
        ),
        ("ath", Value::Null, missing("ath")),
        ("ath", json!(hash(b"another token")), mismatch("ath", None)),
    ];
    assert_refused(
        rows.into_iter()
            .map(|(claim, value, reason)| {
                (
                    claim,
                    changed(&[(claim, value)]),
                    Artefact::DPoPProof,
                    reason,
                )
            })
            .collect(),
    );
}

#[test]
fn the_age_of_a_proof_is_a_setting() {
    let server = server()
        .with_max_proof_age(Duration::from_secs(10))
        .unwrap();
    let token = access_token(&bound());
    let issued = |seconds: i64| {
        let claims = with(&proof_claims(&token), &[("iat", json!(NOW - seconds))]);
        decide(&server, dpop(&token, &proof(&claims)))
    };
    issued(40).unwrap();
    let reason = timestamp("iat", NOW - 41, TimestampRule::TooOld);
    assert_refused(vec![("too old", issued(41), Artefact::DPoPProof, reason)]);
}

#[test]
fn the_header_and_the_key_of_the_proof_are_checked() {
    let at = Artefact::DPoPProof;
    let public = || CLIENT_KEY.public_jwk().unwrap();
    let jwk = |value: Value| {
        let header = ProtectedHeader::new(ES256).typ("dpop+jwt");
        header.member("jwk", value).unwrap()
    };
    let mut private = json!(public().to_json());
    private["d"] = json!("AAAA");
    let secret = SigningKey::hmac(&[7; 32]).unwrap();
    let hmac = ProtectedHeader::new(HS256).typ("dpop+jwt").jwk(&public());
    let another = SigningKey::generate(ES256).unwrap();
    let another_header = ProtectedHeader::new(ES256)
        .typ("dpop+jwt")
        .jwk(&another.public_jwk().unwrap());
    let oct = json!({"kty": "oct", "k": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"});
    let symmetric = jose::Jwk::parse(oct.to_string().as_bytes()).unwrap_err();
    let untyped = ProtectedHeader::new(ES256).jwk(&public());
    let jwt = ProtectedHeader::new(ES256).typ("JWT").jwk(&public());
    let token_type = |found: &str| Reason::TokenType {
        expected: "dpop+jwt",
        found: found.to_owned(),
    };
    let private_member = jose::KeyRejected::PrivateMember { member: "d" };
    let algorithm = Reason::Algorithm {
        expected: server()
            .algorithms
            .iter()
            .map(ToString::to_string)
            .collect(),
        found: "HS256".to_owned(),
    };
    let signature = || Reason::Jose(jose::Error::Signature);
    assert_refused(vec![
        (
            "no typ",
            under(&CLIENT_KEY, &untyped),
            at,
            token_type("nothing"),
        ),
        ("JWT", under(&CLIENT_KEY, &jwt), at, token_type("JWT")),
        ("HS256", under(&secret, &hmac), at, algorithm),
        (
            "private key",
            under(&CLIENT_KEY, &jwk(private)),
            at,
            Reason::Jose(private_member.into()),
        ),
        (
            "symmetric key",
            under(&CLIENT_KEY, &jwk(oct)),
            at,
            Reason::Jose(symmetric),
        ),
        (
            "no key",
            under(&CLIENT_KEY, &ProtectedHeader::new(ES256).typ("dpop+jwt")),
            at,
            missing("jwk"),
        ),
        (
            "signature",
            under(&another, &proof_header()),
            at,
            signature(),
        ),
        (
            "key of another client",
            under(&another, &another_header),
            at,
            mismatch(JKT, None),
        ),
    ]);
}

#[test]
fn the_proof_of_another_token_does_not_fit() {
    let [first, second] =
        ["t-1", "t-2"].map(|jti| access_token(&with(&bound(), &[("jti", json!(jti))])));
    let proof = proof(&proof_claims(&first));
    assert_refused(vec![(
        "another token",
        decide(&server(), dpop(&second, &proof)),
        Artefact::DPoPProof,
        mismatch("ath", None),
    )]);
}

#[test]
fn scheme_binding_and_proof_belong_together() {
    let token = access_token(&bound());
    let proof = proof(&proof_claims(&token));
    let unbound = access_token(&good());
    let with_proofs =
        |proofs: &[&str]| decide(&server(), request(&[&format!("DPoP {token}")], proofs));
    let joined = format!("{proof}, {proof}");
    let member = "DPoP".into();
    let bearer_for_dpop = || Reason::UnsupportedTokenType {
        expected: "DPoP",
        found: "Bearer".to_owned(),
    };
    let malformed = with_proofs(&[&joined]);
    let malformed_reason = Reason::from(jose::jws::Unverified::parse(&joined).unwrap_err());
    let strict = server().require_dpop();
    decide(&strict, dpop(&token, &proof)).unwrap();
    assert_refused(vec![
        (
            "no proof",
            with_proofs(&[]),
            Artefact::DPoPProof,
            missing("DPoP"),
        ),
        (
            "two proofs",
            with_proofs(&[&proof, &proof]),
            Artefact::DPoPProof,
            Reason::Duplicate { member },
        ),
        (
            "two proofs in one",
            malformed,
            Artefact::DPoPProof,
            malformed_reason,
        ),
        (
            "a bound token as Bearer",
            decide(&server(), request(&[&format!("Bearer {token}")], &[&proof])),
            Artefact::AccessToken,
            bearer_for_dpop(),
        ),
        (
            "a proof for a token without binding",
            decide(&server(), dpop(&unbound, &proof)),
            Artefact::AccessToken,
            missing(JKT),
        ),
        (
            "a bearer token where DPoP is required",
            decide(&strict, bearer(&unbound)),
            Artefact::AccessToken,
            bearer_for_dpop(),
        ),
    ]);
}

#[test]
fn a_certificate_must_be_the_one_of_the_token() {
    let cnf = json!({ "x5t#S256": hash(b"certificate") });
    let token = access_token(&with(&good(), &[("cnf", cnf)]));
    let with_certificate = |der: &[u8]| decide(&server(), bearer(&token).with_certificate(der));
    with_certificate(b"certificate").unwrap();
    let both = json!({ "x5t#S256": hash(b"certificate"), "jkt": thumbprint() });
    let both = access_token(&with(&good(), &[("cnf", both)]));
    let proof = proof(&proof_claims(&both));
    let request = dpop(&both, &proof);
    decide(&server(), request.clone().with_certificate(*b"certificate")).unwrap();
    let at = Artefact::AccessToken;
    assert_refused(vec![
        (
            "another certificate",
            with_certificate(b"another"),
            at,
            mismatch("cnf.x5t#S256", None),
        ),
        (
            "no certificate",
            decide(&server(), bearer(&token)),
            at,
            missing("client certificate"),
        ),
        (
            "a proof without the certificate",
            decide(&server(), request),
            at,
            missing("client certificate"),
        ),
    ]);
}

#[test]
fn a_proof_is_used_once_and_only_valid_proofs_count() {
    let server = server();
    let token = access_token(&bound());
    let claims = proof_claims(&token);
    let proof_with = |change: (&str, Value)| proof(&with(&claims, &[change]));
    // A proof that is refused does not use up its `jti`.
    let for_post = dpop(&token, &proof_with(("htm", json!("POST"))));
    decide(&server, for_post).unwrap_err();
    decide(&server, dpop(&token, &proof(&claims))).unwrap();
    let replayed = decide(&server, dpop(&token, &proof(&claims)));
    // A new signature does not make another proof.
    let same_jti = decide(&server, dpop(&token, &proof_with(("iat", json!(NOW - 1)))));
    decide(&server, dpop(&token, &proof_with(("jti", json!("p-2"))))).unwrap();
    let full = server.clone().with_replay_store(MemoryReplayStore::new(0));
    let at = Artefact::DPoPProof;
    assert_refused(vec![
        ("replay", replayed, at, Reason::Replayed { claim: "jti" }),
        ("same jti", same_jti, at, Reason::Replayed { claim: "jti" }),
        (
            "full store",
            decide(&full, dpop(&token, &proof(&claims))),
            at,
            Reason::ReplayStoreFull,
        ),
    ]);
}

/// Two instances share a store, and their clocks differ by as much as is tolerated. The one that is
/// ahead has forgotten what has expired by its clock.
#[test]
fn a_proof_is_not_accepted_again_by_an_instance_whose_clock_is_behind() {
    let store = Arc::new(MemoryReplayStore::default());
    let server = server().with_replay_store(Arc::clone(&store));
    let token = access_token(&bound());
    let used = || dpop(&token, &proof(&proof_claims(&token)));
    // The last second of the proof.
    let (last, tolerance) = (NOW + 90, 30);
    decide_at(last, &server, used()).unwrap();
    let later = with(
        &proof_claims(&token),
        &[("jti", json!("p-2")), ("iat", json!(last))],
    );
    // A moment passes between the comparison of the times and the store.
    let ahead = last + 2 * tolerance + 1;
    decide_at(ahead, &server, dpop(&token, &proof(&later))).unwrap();
    assert_refused(vec![(
        "replay",
        decide_at(last, &server, used()),
        Artefact::DPoPProof,
        Reason::Replayed { claim: "jti" },
    )]);
    // It is forgotten when no instance can accept it any more.
    let forgotten = with(&later, &[("jti", json!("p-3"))]);
    decide_at(ahead + 1, &server, dpop(&token, &proof(&forgotten))).unwrap();
    decide_at(last, &server, used()).unwrap();
}

#[test]
fn a_nonce_is_required_where_nonces_are_in_use() {
    let nonces = DPoPNonces::new(&[Secret::new(vec![7; 32])], Duration::from_secs(60)).unwrap();
    let at_time = |seconds| {
        nonces
            .current(crate::time::UnixTime::from_seconds(seconds))
            .unwrap()
    };
    let token = access_token(&bound());
    let decide_with = |nonce: Value| {
        let claims = with(&proof_claims(&token), &[("nonce", nonce)]);
        let server = server().with_nonces(nonces.clone());
        decide(&server, dpop(&token, &proof(&claims)))
    };
    let current = decide_with(json!(at_time(NOW))).unwrap();
    assert_eq!(current.dpop_nonce, None);
    let older = decide_with(json!(at_time(NOW - 60))).unwrap();
    assert_eq!(older.dpop_nonce, Some(at_time(NOW)));
    let at = Artefact::DPoPProof;
    assert_refused(vec![
        ("none", decide_with(Value::Null), at, missing("nonce")),
        (
            "invented",
            decide_with(json!("x")),
            at,
            mismatch("nonce", None),
        ),
        (
            "too old",
            decide_with(json!(at_time(NOW - 120))),
            at,
            mismatch("nonce", None),
        ),
        (
            "from the future",
            decide_with(json!(at_time(NOW + 60))),
            at,
            mismatch("nonce", None),
        ),
    ]);
}
