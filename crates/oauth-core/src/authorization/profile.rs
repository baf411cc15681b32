//! The request and the callback of a login under a security profile.

use super::checks::{AuthorizationCodeGrantChecks, ExpectedState};
use super::response_type::{ResponseMode, ResponseType};
use crate::configuration::Configuration;
use crate::error::Error;
use crate::profile::{Party, Profile, Requirement};
use crate::validate::{Form, check_request, response_violation};
use crate::wire::Parameters;

/// Refuses every authorization URL that the caller builds under a profile. The profile requires a
/// request that is signed or pushed by this library: the content of a reference that the caller
/// supplies, and whether it was pushed, cannot be checked here.
///
/// # Errors
///
/// [`Error::Profile`].
pub(super) fn check_browser(
    configuration: &Configuration,
    parameters: &Parameters,
) -> Result<(), Error> {
    let Some(profile) = configuration.profile() else {
        return Ok(());
    };
    let is_reference = parameters.contains("request_uri")
        && parameters
            .iter()
            .all(|(name, _)| matches!(name, "client_id" | "request_uri"));
    if is_reference && profile != Profile::Ciba {
        configuration.check_profile()?;
        let (requirement, found) = match profile.pushes() {
            true => (
                Requirement::PushedRequest,
                "refers to a request that was not pushed with this URL",
            ),
            false => (
                Requirement::SignedRequest,
                "refers to a request that was not signed with this URL",
            ),
        };
        return Err(profile.violated(requirement, Party::Request, found).into());
    }
    let form = Form {
        signed: false,
        pushed: false,
    };
    check_request(configuration, parameters, form)?;
    let found = "brings parameters through the browser";
    Err(profile
        .violated(Requirement::ReferenceOnly, Party::Request, found)
        .into())
}

/// Checks that the checks of a callback and its tokens satisfy the client's profile. Without a
/// profile, the code must at least be tied to the login.
///
/// # Errors
///
/// [`Error::Profile`], and [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) for a
/// code that is not tied to the login.
pub(crate) fn check_grant(
    configuration: &Configuration,
    checks: &AuthorizationCodeGrantChecks,
) -> Result<(), Error> {
    let Some(profile) = configuration.profile() else {
        return Ok(checks.check_code_is_bound(configuration)?);
    };
    let found = if checks.response_type == ResponseType::IdToken {
        Some((Requirement::ResponseType, "asks for an ID Token alone"))
    } else if profile == Profile::Ciba {
        Some((Requirement::Grant, "comes from the authorization endpoint"))
    } else if checks.expected_state == ExpectedState::DangerUnchecked {
        Some((Requirement::NoDanger, "leaves `state` unchecked"))
    } else if profile.pushes() && checks.pkce_code_verifier.is_none() {
        Some((Requirement::Pkce, "is finished without a `code_verifier`"))
    } else {
        let response_mode = checks.response_mode.map(ResponseMode::as_str);
        response_violation(profile, Some(checks.response_type.as_str()), response_mode)
    };
    match found {
        Some((requirement, found)) => {
            Err(profile.violated(requirement, Party::Request, found).into())
        }
        None => Ok(checks.check_code_is_bound(configuration)?),
    }
}
