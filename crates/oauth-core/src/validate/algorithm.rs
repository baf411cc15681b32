//! The signature algorithms that a token may have.

use jose::SignatureAlgorithm;

use crate::metadata::RegisteredAlgorithm;
use crate::profile::Profile;

/// Returns the algorithms that a token may be signed with. The first source that is present
/// decides:
///
/// 1. The algorithm that the client registered.
/// 2. The algorithms that the server advertises, without HMAC: an attacker who can change the
///    server's metadata must not be able to turn a client secret into a signing key.
/// 3. The default in the token's specification.
///
/// They never include `none` or an algorithm that the client's profile does not permit. A profile
/// also replaces the default, which is always `RS256` and which no profile permits.
pub(crate) fn permitted_algorithms(
    profile: Option<Profile>,
    registered: Option<&RegisteredAlgorithm>,
    advertised: Option<&[String]>,
    default: SignatureAlgorithm,
) -> Vec<SignatureAlgorithm> {
    match (registered, advertised, profile) {
        // OpenID Connect Core 1.0 section 3.1.3.7, step 7.
        (None, None, None) => vec![default],
        (None, None, Some(profile)) => {
            let all = SignatureAlgorithm::ALL.iter().copied();
            all.filter(|it| profile.permits(*it)).collect()
        }
        _ => advertised_algorithms(profile, registered, advertised.unwrap_or(&[])),
    }
}

/// Returns the algorithms for a token whose specification has no default.
pub(crate) fn advertised_algorithms(
    profile: Option<Profile>,
    registered: Option<&RegisteredAlgorithm>,
    advertised: &[String],
) -> Vec<SignatureAlgorithm> {
    let all = SignatureAlgorithm::ALL.iter().copied();
    let all = all.filter(|it| profile.is_none_or(|profile| profile.permits(*it)));
    match registered {
        // The same step: the algorithm that was registered. `none` names no signature (RFC 8725
        // section 3.2).
        Some(registered) => all
            .filter(|it| registered.signature() == Some(*it))
            .collect(),
        // Step 8 keys HMAC with the client secret. The server must not choose that (RFC 8725
        // section 2.1).
        None => all
            .filter(|it| !it.is_symmetric() && advertised.iter().any(|name| name == it.as_str()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use jose::SignatureAlgorithm;
    use jose::SignatureAlgorithm::{ES256, Ed25519, EdDSA, HS256, PS256, RS256};

    use super::{Profile, permitted_algorithms};
    use crate::metadata::RegisteredAlgorithm;

    #[test]
    fn the_first_source_that_says_anything_decides() {
        const NOTHING: &[SignatureAlgorithm] = &[];
        for (registered, advertised, permitted) in [
            (None, None, &[RS256][..]),
            (None, Some(&["ES256", "PS256"][..]), &[PS256, ES256]),
            (Some("ES256"), Some(&["RS256"]), &[ES256]),
            (Some("HS256"), Some(&["RS256"]), &[HS256]),
            (None, Some(&["HS256", "none", "RS256"]), &[RS256]),
            (None, Some(&["HS256", "HS384", "HS512", "none"]), NOTHING),
            (None, Some(&[]), NOTHING),
            (None, Some(&["rs256", "ES256K"]), NOTHING),
            (Some("none"), Some(&["RS256"]), NOTHING),
        ] {
            let advertised = advertised.map(|names| names.iter().map(ToString::to_string));
            let advertised: Option<Vec<String>> = advertised.map(Iterator::collect);
            let algorithm = registered.map(RegisteredAlgorithm::from);
            assert_eq!(
                permitted_algorithms(None, algorithm.as_ref(), advertised.as_deref(), RS256),
                permitted,
                "{registered:?} {advertised:?}"
            );
        }
    }

    #[test]
    fn a_profile_leaves_its_own() {
        const NOTHING: &[SignatureAlgorithm] = &[];
        for (profile, registered, advertised, permitted) in [
            (Profile::Fapi1Advanced, None, None, &[PS256, ES256][..]),
            (
                Profile::Fapi2SecurityProfile,
                None,
                None,
                &[PS256, ES256, Ed25519, EdDSA],
            ),
            (
                Profile::Fapi1Advanced,
                None,
                Some(&["RS256", "ES256", "EdDSA"][..]),
                &[ES256],
            ),
            (
                Profile::Fapi2MessageSigning,
                None,
                Some(&["RS256", "EdDSA"]),
                &[EdDSA],
            ),
            (Profile::Fapi1Advanced, Some("RS256"), None, NOTHING),
            (Profile::Ciba, Some("HS256"), None, NOTHING),
        ] {
            let advertised = advertised.map(|names| names.iter().map(ToString::to_string));
            let advertised: Option<Vec<String>> = advertised.map(Iterator::collect);
            let algorithm = registered.map(RegisteredAlgorithm::from);
            let algorithm = algorithm.as_ref();
            assert_eq!(
                permitted_algorithms(Some(profile), algorithm, advertised.as_deref(), RS256),
                permitted,
                "{profile} {registered:?} {advertised:?}"
            );
        }
    }
}
