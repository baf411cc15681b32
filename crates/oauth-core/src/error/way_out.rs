//! The switch that accepts what was refused, for the message.

use crate::error::{Artefact, Reason, TimestampRule};

/// The end of the message of a refusal: the setting of [`Danger`](crate::policy::Danger) or of the
/// clock that would accept what was refused. The reader decides whether their provider deserves it.
///
/// Two settings are never named: `skip_continuity_check` and `skip_id_token_signature_check`. When
/// their checks fail, another person may be logging in, and a message must not suggest to let them
/// in.
pub(super) fn way_out(artefact: Artefact, reason: &Reason) -> &'static str {
    match (artefact, reason) {
        (
            Artefact::IdToken,
            Reason::ClaimMismatch {
                claim: "auth_time", ..
            },
        ) => "; `danger.skip_auth_time_continuity_check` accepts it",
        (
            Artefact::IdToken | Artefact::LogoutToken,
            Reason::ClaimMismatch {
                claim: "azp",
                found: None,
                ..
            },
        ) => {
            ": it is missing although there are other audiences, or the login had it; \
             `danger.skip_azp_check` accepts it"
        }
        (Artefact::IdToken | Artefact::LogoutToken, Reason::ClaimMismatch { claim: "azp", .. }) => {
            "; `danger.skip_azp_check` accepts it"
        }
        (Artefact::TokenResponse, Reason::Unexpected { member }) if member == "id_token" => {
            "; the ID Token of the login, or what was stored of it, given as `previous` lets it be \
             compared with that one"
        }
        (Artefact::DeviceAuthorizationResponse, Reason::Url { found, .. })
            if found.starts_with("http://") =>
        {
            "; `danger_allow_insecure_requests` permits http, which others on the network can read \
             and change; use it only on one machine"
        }
        (
            Artefact::ProtectedResourceMetadata,
            Reason::AttributeMismatch {
                member: "resource", ..
            },
        ) => "; `danger.accept_parent_resource` accepts a resource above the requested URL",
        (Artefact::TokenResponse | Artefact::Push, Reason::Missing { member })
            if member == "token_type" =>
        {
            "; `danger.accept_missing_token_type` takes it for Bearer"
        }
        (Artefact::TokenResponse | Artefact::Push, Reason::IllTyped { member, found, .. })
            if member == "scope" && found == "array" =>
        {
            "; `danger.accept_scope_array` accepts it"
        }
        (
            Artefact::TokenResponse,
            Reason::MediaType {
                found: Some(found), ..
            },
        ) if ["application/x-www-form-urlencoded", "text/plain"]
            .iter()
            .any(|form| found.to_ascii_lowercase().starts_with(form)) =>
        {
            "; `danger.accept_form_encoded_tokens` accepts a form"
        }
        (Artefact::TokenResponse, Reason::Nested { .. }) => {
            "; `danger.token_response_within` reads it there"
        }
        (
            Artefact::TokenResponse | Artefact::Push,
            Reason::UnsupportedTokenType {
                expected: "DPoP",
                found,
            },
        ) if found.eq_ignore_ascii_case("Bearer") => "; `danger.accept_bearer_for_dpop` accepts it",
        (
            Artefact::IdToken
            | Artefact::LogoutToken
            | Artefact::UserInfoResponse
            | Artefact::IntrospectionResponse,
            Reason::IllTyped { member, found, .. },
        ) if member == "sub" && found == "number" => {
            "; `danger.accept_numeric_sub` reads an integer as text"
        }
        (
            Artefact::IdToken
            | Artefact::LogoutToken
            | Artefact::AuthorizationResponse
            | Artefact::UserInfoResponse
            | Artefact::IntrospectionResponse,
            Reason::IllTyped { member, found, .. },
        ) if ["exp", "nbf", "iat", "auth_time"].contains(&member.as_ref()) && found == "string" => {
            "; `danger.accept_times_as_text` reads digits as a number"
        }
        (Artefact::IdToken, Reason::Jose(jose::Error::Unsecured)) => {
            "; an ID Token must be signed for every registered algorithm, and no switch accepts it"
        }
        (
            Artefact::IdToken | Artefact::LogoutToken,
            Reason::Timestamp {
                claim: "iat",
                rule: TimestampRule::InTheFuture,
                ..
            },
        ) => {
            "; `clock_skew` corrects a clock that is behind, `clock_tolerance` grants more; \
             `danger.skip_iat_check` accepts it"
        }
        (
            _,
            Reason::Timestamp {
                rule: TimestampRule::InTheFuture | TimestampRule::NotYetValid,
                ..
            },
        ) => "; `clock_skew` corrects a clock that is behind, `clock_tolerance` grants more",
        (
            Artefact::IdToken | Artefact::LogoutToken | Artefact::AuthorizationResponse,
            Reason::Timestamp {
                rule: TimestampRule::Expired,
                ..
            },
        ) => "; `clock_skew` corrects a clock that is ahead, `clock_tolerance` grants more",
        (_, Reason::NotEncrypted { .. }) => {
            "; `danger.accept_unencrypted` accepts one that is signed"
        }
        (Artefact::AuthorizationResponse, Reason::ImplicitParameter { .. }) => {
            "; `danger.accept_stray_parameters` passes over it"
        }
        (
            Artefact::IdToken,
            Reason::ClaimMismatch {
                claim: "at_hash", ..
            }
            | Reason::UnsupportedHash {
                claim: "at_hash", ..
            },
        ) => "; `danger.skip_at_hash_check` accepts it",
        (Artefact::IdToken, Reason::TokenType { .. }) => {
            "; `danger.accepted_id_token_types` can list it"
        }
        _ => "",
    }
}
