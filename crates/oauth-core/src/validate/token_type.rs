//! The kind of a JWT according to the `typ` of its header (RFC 7515 section 4.1.9, RFC 8725 section
//! 3.11).

use jose::jws::Header;

use crate::error::{Reason, printable};

/// Requires `typ`, if present, to be that of a general JWT (RFC 7519 section 5.1), or one of
/// `further`.
pub(crate) fn untyped(header: &Header, further: &[String]) -> Result<(), Reason> {
    let is_accepted = |typ| is(typ, JWT) || further.iter().any(|further| is(typ, further));
    match header.typ() {
        Some(typ) if !is_accepted(typ) => Err(mismatch(JWT, typ)),
        _ => Ok(()),
    }
}

/// Requires `typ`, if present, to be that of a general JWT (RFC 7519 section 5.1), or `expected`.
pub(crate) fn untyped_or(header: &Header, expected: &'static str) -> Result<(), Reason> {
    match header.typ() {
        Some(typ) if !is(typ, JWT) && !is(typ, expected) => Err(mismatch(expected, typ)),
        _ => Ok(()),
    }
}

/// Refuses a `typ` that is registered for another kind of token (RFC 8725 section 3.12). An
/// unregistered type has no meaning.
pub(crate) fn of_no_other_kind(header: &Header) -> Result<(), Reason> {
    match header.typ() {
        Some(typ) if REGISTERED.iter().any(|registered| is(typ, registered)) => {
            Err(mismatch(JWT, typ))
        }
        _ => Ok(()),
    }
}

/// Requires `typ` to be present and equal to `expected` (RFC 8725 section 3.11). `JWT` does not
/// suffice, because any token can have it.
pub(crate) fn explicit(header: &Header, expected: &'static str) -> Result<(), Reason> {
    match header.typ().unwrap_or("nothing") {
        typ if is(typ, expected) => Ok(()),
        typ => Err(mismatch(expected, typ)),
    }
}

fn mismatch(expected: &'static str, found: &str) -> Reason {
    Reason::TokenType {
        expected,
        found: printable(found),
    }
}

/// Whether both name the same media type. Case is ignored, and `application/` may be omitted if the
/// rest has no slash (RFC 7515 section 4.1.9).
fn is(typ: &str, other: &str) -> bool {
    bare(typ).eq_ignore_ascii_case(bare(other))
}

fn bare(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => typ,
    }
}

const JWT: &str = "JWT";

/// The types of tokens for one purpose, none of which is UserInfo, from the registry of media types
/// (RFC 6838) and from specifications that request a registration.
const REGISTERED: [&str; 37] = [
    // OAuth: RFC 9068, 9449, 9101, 9701, 7523 as it is revised, Transaction Tokens,
    // Attestation-Based Client Authentication, Identity Assertion Authorization Grant, Token Status
    // List.
    "at+jwt",
    "dpop+jwt",
    "oauth-authz-req+jwt",
    "token-introspection+jwt",
    "client-authentication+jwt",
    "authorization-grant+jwt",
    "txntoken+jwt",
    "oauth-client-attestation+jwt",
    "oauth-client-attestation-pop+jwt",
    "oauth-id-jag+jwt",
    "statuslist+jwt",
    // Security events (RFC 8417), OpenID Connect Back-Channel Logout 1.0 section 2.4.
    "secevent+jwt",
    "logout+jwt",
    // OpenID Federation 1.0 section 15.
    "entity-statement+jwt",
    "trust-mark+jwt",
    "trust-mark-delegation+jwt",
    "trust-mark-status-response+jwt",
    "resolve-response+jwt",
    "explicit-registration-response+jwt",
    "jwk-set+jwt",
    // OpenID for Verifiable Credentials.
    "openid4vci-proof+jwt",
    "key-attestation+jwt",
    "verifier-attestation+jwt",
    "wallet-attestation+jwt",
    // Credentials: W3C VC-JOSE-COSE, RFC 9901 and its credentials.
    "vc+jwt",
    "vp+jwt",
    "vc-ld+jwt",
    "vp-ld+jwt",
    "sd-jwt",
    "kb+jwt",
    "vc+sd-jwt",
    "dc+sd-jwt",
    // Entity attestation (RFC 9782), telephone numbers (RFC 8225), workloads (WIMSE).
    "eat+jwt",
    "passport",
    "wit+jwt",
    "wpt+jwt",
    // User Questioning.
    "ust+jwt",
];

#[cfg(test)]
mod tests {
    use super::{REGISTERED, bare, is};

    #[test]
    fn the_prefix_goes_where_no_other_slash_follows() {
        for (typ, expected) in [
            ("JWT", "JWT"),
            ("application/jwt", "jwt"),
            ("Application/JWT", "JWT"),
            ("application/at+jwt", "at+jwt"),
            ("application/", ""),
            ("application/a/jwt", "application/a/jwt"),
            ("application//jwt", "application//jwt"),
            ("applicationjwt", "applicationjwt"),
            ("text/jwt", "text/jwt"),
            ("äpplication/jwt", "äpplication/jwt"),
            ("", ""),
        ] {
            assert_eq!(bare(typ), expected);
        }
        assert!(is("APPLICATION/jwt", "JWT"));
        assert!(!is("application/application/jwt", "JWT"));
        assert!(!is("JWT ", "JWT"));
    }

    #[test]
    fn each_type_is_listed_once_and_none_is_that_of_any_jwt() {
        for (index, typ) in REGISTERED.iter().enumerate() {
            assert!(!is(typ, "JWT"));
            assert_eq!(*typ, bare(typ).to_ascii_lowercase());
            assert!(!REGISTERED.iter().take(index).any(|other| is(typ, other)));
        }
    }
}
