//! Logins that another party asks the client to begin (OpenID Connect Core 1.0 section 4, LTI
//! Security Framework 1.1 section 5.1.1.1).

use url::Url;

use super::callback::Callback;
use super::request::AuthorizationRequest;
use crate::error::{Artefact, Error, Reason, printable, printable_url};
use crate::validate::check_parameter;
use crate::wire::Parameters;

/// A request to the client's `initiate_login_uri`, with which a page asks the application to begin
/// a login.
///
/// Any page can send it, and nothing in it is signed. It chooses a server from those that the
/// application knows, suggests a user, and names a page of the application to open after the login.
/// [`accept`](Self::accept) checks all three. The request can therefore neither begin a login at
/// another server nor turn the application into an open redirector.
///
/// In LTI 1.3, it is the first message of a launch, with `client_id` and `lti_message_hint`.
#[derive(Debug, Clone)]
pub struct LoginInitiation(Parameters);

impl LoginInitiation {
    /// Reads the request from the URL of a GET request: the whole URL, or its path and query.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) if `url` is not a URL;
    /// [`Error::Rejected`] with [`Reason::Duplicate`] for a parameter that occurs twice, and with
    /// [`Reason::Missing`] for `iss`.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::new(Callback::from_url(url)?.query().clone())
    }

    /// Reads the request from the body of a POST request, which is a form. LTI 1.3 platforms send
    /// it this way.
    ///
    /// # Errors
    ///
    /// The errors of [`from_url`](Self::from_url) for parameters.
    pub fn from_form_post(body: &str) -> Result<Self, Error> {
        Self::new(Parameters::decode(body))
    }

    fn new(parameters: Parameters) -> Result<Self, Error> {
        for name in ONCE {
            if parameters.all(name).nth(1).is_some() {
                return Err(rejected(Reason::Duplicate {
                    member: name.into(),
                }));
            }
        }
        match parameters.first("iss") {
            Some(iss) if !iss.is_empty() => Ok(Self(parameters)),
            _ => Err(rejected(Reason::Missing {
                member: "iss".into(),
            })),
        }
    }

    /// The issuer of the server to log in at. An application with several clients selects the
    /// client by it, and also by [`client_id`](Self::client_id) if necessary.
    pub fn iss(&self) -> &str {
        self.0.first("iss").unwrap_or_default()
    }

    /// The client that the request is for. LTI 1.3 platforms send it.
    pub fn client_id(&self) -> Option<&str> {
        self.0.first("client_id")
    }

    /// The user who is expected to log in, in a form that the server defines.
    pub fn login_hint(&self) -> Option<&str> {
        self.0.first("login_hint")
    }

    /// The LTI message that the server continues with after the login.
    pub fn lti_message_hint(&self) -> Option<&str> {
        self.0.first("lti_message_hint")
    }

    /// The deployment of an LTI tool.
    pub fn lti_deployment_id(&self) -> Option<&str> {
        self.0.first("lti_deployment_id")
    }

    /// Checks the request for the client of `request`, and adds its hints to `request`. Also
    /// returns the page to open after the login, if the request names one.
    ///
    /// `iss` must be the issuer of the client's server, and `client_id`, if present, must be the
    /// client. `target_link_uri` must be an https URL without a user name for which `is_own`
    /// returns true; http is accepted if the client's policy allows it. `is_own` decides whether
    /// the URL is a page of the application, for example because its [origin](Url::origin) is the
    /// application's. Open the returned URL and not the text of the parameter.
    ///
    /// LTI 1.3 requires further settings: the response type
    /// [`IdToken`](super::ResponseType::IdToken), the mode
    /// [`FormPost`](super::ResponseMode::FormPost) and the prompt `none`.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::ParameterMismatch`] for `iss` or `client_id`, with
    /// [`Reason::TenantRefused`], and with [`Reason::Url`] for `target_link_uri`.
    pub fn accept(
        &self,
        request: AuthorizationRequest,
        is_own: impl FnOnce(&Url) -> bool,
    ) -> Result<(AuthorizationRequest, Option<Url>), Error> {
        check_parameter(&request.configuration, self.iss()).map_err(rejected)?;
        let client_id = &request.configuration.client().client_id;
        if let Some(found) = self.client_id()
            && found != client_id
        {
            return Err(rejected(Reason::ParameterMismatch {
                parameter: "client_id",
                expected: Some(printable(client_id)),
                found: Some(printable(found)),
            }));
        }
        let accepts_http = request.configuration.policy().insecure_requests();
        let target = self.0.first("target_link_uri");
        let target = target.map(|target| own_page(target, accepts_http, is_own));
        let target = target.transpose().map_err(rejected)?;
        let request = match self.login_hint() {
            Some(hint) => request.login_hint(hint),
            None => request,
        };
        let request = match self.lti_message_hint() {
            Some(hint) => request.parameter("lti_message_hint", hint),
            None => request,
        };
        Ok((request, target))
    }
}

/// Refuses a URL that is not a page of the application (section 4: no open redirector).
fn own_page(
    target: &str,
    accepts_http: bool,
    is_own: impl FnOnce(&Url) -> bool,
) -> Result<Url, Reason> {
    let refused = |expected| Reason::Url {
        member: "target_link_uri".into(),
        expected,
        found: printable_url(target),
    };
    // URL parsers differ on these characters, so another one may read another host.
    if target.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err(refused(
            "a URL without spaces, control characters and backslashes",
        ));
    }
    let url = Url::parse(target).map_err(|_| refused("an absolute URL"))?;
    if url.scheme() != "https" && !(accepts_http && url.scheme() == "http") {
        return Err(refused("an https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("a URL without user name and password"));
    }
    match is_own(&url) {
        true => Ok(url),
        false => Err(refused("a page of the application")),
    }
}

fn rejected(reason: Reason) -> Error {
    Artefact::LoginInitiation.rejected(reason).into()
}

/// Parameters with a meaning here. Each may occur once (RFC 6749 section 3.1).
const ONCE: [&str; 6] = [
    "iss",
    "client_id",
    "login_hint",
    "target_link_uri",
    "lti_message_hint",
    "lti_deployment_id",
];

#[cfg(test)]
mod tests;
