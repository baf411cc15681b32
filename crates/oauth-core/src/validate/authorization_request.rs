//! Checks of the plain parameters of an authorization request under a security profile.

use url::{Host, Url};

use crate::configuration::Configuration;
use crate::error::Error;
use crate::profile::{Party, Profile, Requirement};
use crate::wire::Parameters;

/// The way that a request is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// This library packs the request into a request object.
    pub(crate) signed: bool,
    /// The client sends the request to the server before the browser goes there.
    pub(crate) pushed: bool,
}

/// Checks the plain parameters of an authorization request against the client's profile.
///
/// # Errors
///
/// [`Error::Profile`] with the requirement that the request violates.
pub(crate) fn check_request(
    configuration: &Configuration,
    parameters: &Parameters,
    form: Form,
) -> Result<(), Error> {
    let Some(profile) = configuration.profile() else {
        return Ok(());
    };
    configuration.check_profile()?;
    let rule = [
        check_form(profile, parameters, form),
        check_response(profile, parameters),
        check_pkce(profile, parameters, form),
        check_session_binding(profile, parameters),
        check_redirect_uri(profile, parameters),
    ];
    match rule.into_iter().flatten().next() {
        Some((requirement, found)) => {
            Err(profile.violated(requirement, Party::Request, found).into())
        }
        None => Ok(()),
    }
}

type Violation = Option<(Requirement, &'static str)>;

/// Checks that the request is signed (FAPI 2.0 Message Signing section 5.3.2, FAPI 1.0 Part 2
/// section 5.2.3) and pushed (FAPI 2.0 Security Profile section 5.3.3.2).
fn check_form(profile: Profile, parameters: &Parameters, form: Form) -> Violation {
    if profile == Profile::Ciba {
        return Some((Requirement::Grant, "goes to the authorization endpoint"));
    }
    let packed = match profile.signs() {
        true => Requirement::SignedRequest,
        false => Requirement::PushedRequest,
    };
    if parameters.contains("request") || parameters.contains("request_uri") {
        return Some((
            packed,
            "contains a `request` or `request_uri` of the caller, which cannot be checked",
        ));
    }
    if profile.pushes() && !form.pushed {
        return Some((Requirement::PushedRequest, "is not pushed"));
    }
    if profile.signs() && !form.signed {
        return Some((Requirement::SignedRequest, "is not signed"));
    }
    None
}

/// FAPI 2.0 Security Profile section 5.3.3.2, FAPI 2.0 Message Signing section 5.4.2, FAPI 1.0 Part
/// 2 section 5.2.2 item 2.
fn check_response(profile: Profile, parameters: &Parameters) -> Violation {
    let response_type = only(parameters, "response_type");
    response_violation(profile, response_type, only(parameters, "response_mode"))
}

pub(crate) fn response_violation(
    profile: Profile,
    response_type: Option<&str>,
    response_mode: Option<&str>,
) -> Violation {
    match (profile, response_type, response_mode) {
        (Profile::Fapi1Advanced, Some("code id_token"), _)
        | (Profile::Fapi2SecurityProfile, Some("code"), _)
        | (_, Some("code"), Some("jwt")) => None,
        (_, Some("code"), _) => Some((
            Requirement::ProtectedResponse,
            "asks for a plain code in another response mode than jwt",
        )),
        _ => Some((Requirement::ResponseType, "asks for another response type")),
    }
}

/// FAPI 2.0 Security Profile section 5.3.3.2, FAPI 1.0 Part 2 section 5.2.3 item 15 for a pushed
/// request.
fn check_pkce(profile: Profile, parameters: &Parameters, form: Form) -> Violation {
    let has_challenge = only(parameters, "code_challenge").is_some_and(|it| !it.is_empty());
    let method = only(parameters, "code_challenge_method");
    let required = profile.pushes() || form.pushed;
    (required && !(has_challenge && method == Some("S256")))
        .then_some((Requirement::Pkce, "has no `code_challenge` by S256"))
}

/// FAPI 1.0 Part 1 section 5.2.3. In FAPI 2.0, PKCE binds a code to the browser.
fn check_session_binding(profile: Profile, parameters: &Parameters) -> Violation {
    if profile != Profile::Fapi1Advanced {
        return None;
    }
    let scope = only(parameters, "scope").unwrap_or_default();
    let (name, found) = match scope.split(' ').any(|value| value == "openid") {
        true => ("nonce", "has no `nonce`"),
        false => ("state", "has no `state`"),
    };
    let sent = only(parameters, name).is_some_and(|value| !value.is_empty());
    (!sent).then_some((Requirement::SessionBinding, found))
}

/// FAPI 1.0 Part 1 section 5.2.2 item 20, FAPI 2.0 Security Profile section 5.3.2.2.
fn check_redirect_uri(profile: Profile, parameters: &Parameters) -> Violation {
    let url = only(parameters, "redirect_uri").and_then(|text| Url::parse(text).ok());
    let Some(url) = url else {
        return Some((
            Requirement::RedirectUri,
            "has no `redirect_uri` that is a URL",
        ));
    };
    // Native applications may listen on loopback (RFC 8252 section 7.3), or use a private scheme.
    let fits = match profile {
        Profile::Fapi1Advanced => url.scheme() == "https",
        _ => url.scheme() != "http" || is_loopback(&url),
    };
    (!fits).then_some((
        Requirement::RedirectUri,
        "has a `redirect_uri` with another scheme",
    ))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Returns the value of a parameter that occurs exactly once.
fn only<'a>(parameters: &'a Parameters, name: &'a str) -> Option<&'a str> {
    let mut values = parameters.all(name);
    values.next().filter(|_| values.next().is_none())
}
