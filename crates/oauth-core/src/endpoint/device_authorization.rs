//! Device authorization: a code that a user enters on another device (RFC 8628 sections 3.1 and
//! 3.2).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};
use url::Url;

use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Reason, printable};
use crate::metadata::endpoint_url;
use crate::names::EndpointName;
use crate::profile::{Party, Requirement};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Draft, Members, Parameters, successful_object};

/// The request that begins a login on a device without a browser or a keyboard.
/// [`PollDeviceAuthorizationGrant`](crate::flow::PollDeviceAuthorizationGrant) completes the login.
#[derive(Debug, Clone)]
pub struct DeviceAuthorizationEndpoint {
    /// The client and the server.
    pub configuration: Configuration,
    /// The parameters, for example `scope`. Those of client authentication are refused.
    pub parameters: Parameters,
}

impl DeviceAuthorizationEndpoint {
    /// Creates a request without a scope, which the server then chooses.
    pub const fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            parameters: Parameters::new(),
        }
    }

    /// Sets the scope values, separated by single spaces. With `openid`, the response contains an
    /// ID Token.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, for example `resource` (RFC 8707 section 2).
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }
}

impl Endpoint for DeviceAuthorizationEndpoint {
    type Output = DeviceAuthorizationResponse;

    const NAME: EndpointName = EndpointName::DeviceAuthorization;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(&self.configuration)
    }

    fn request(&self) -> Result<Draft, Error> {
        self.parameters.refuse(&RESERVED)?;
        let unsigned = "is a device authorization, which has no signature";
        self.configuration
            .require(Requirement::Grant, Party::Request, |profile| {
                profile.signs().then_some(unsigned)
            })?;
        let mut form = self.parameters.clone();
        // RFC 8628 section 3.1 requires it of public clients only. Servers read the form before the
        // header: without it, Dex returns a `verification_uri_complete` that does not work.
        form.set("client_id", self.configuration.client().client_id.as_str());
        let url = self.configuration.endpoint(Self::NAME)?;
        Ok(Draft::post_form(url, form))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error> {
        let object = successful_object(ARTEFACT, response, "device_code")?;
        let members = Members::new(ARTEFACT, &object);
        let url = |member, text: &str| match endpoint_url(member, text, self.policy()) {
            Ok(url) if url.as_str().len() <= LONGEST_URL => Ok(url),
            _ => Err(not_openable(member, text)),
        };
        // One large provider still uses the name from an early draft.
        let verification_uri = match members.optional_text("verification_uri")? {
            Some(text) => url("verification_uri", text)?,
            None => match members.optional_text("verification_url")? {
                Some(text) => url("verification_url", text)?,
                None => return Err(members.missing("verification_uri")),
            },
        };
        let user_code = members.text("user_code")?;
        if printable(user_code) != user_code {
            // The code goes to a terminal or a small display. Control characters could take over a
            // terminal, and marks that reverse text could deceive the user.
            let expected = "at most 200 visible characters";
            return Err(members.ill_typed("user_code", expected, "longer or other text"));
        }
        let complete = members.optional_text("verification_uri_complete")?;
        Ok(DeviceAuthorizationResponse {
            device_code: members.text("device_code")?.into(),
            user_code: user_code.to_owned(),
            verification_uri,
            verification_uri_complete: complete
                .map(|text| url("verification_uri_complete", text))
                .transpose()?,
            expires_in: Duration::from_secs(members.lifetime("expires_in", LONGEST_LIFETIME)?),
            interval: members.interval("interval", LONGEST_INTERVAL)?,
            received_at: now,
            scope: self.parameters.first("scope").map(str::to_owned),
            extra: members.extra(&KNOWN),
        })
    }
}

/// The codes to show to the user, and the code that polls the token endpoint.
#[derive(Clone)]
pub struct DeviceAuthorizationResponse {
    /// The code of the device: a secret between it and the server.
    pub device_code: Secret,
    /// The code that the user enters; show it.
    pub user_code: String,
    /// The URL where the user enters the code; show it. Its scheme is https.
    pub verification_uri: Url,
    /// The same URL with the code in it, for a QR code. Show `user_code` next to it, so that the
    /// user can compare the two (RFC 8628 section 3.3.1).
    pub verification_uri_complete: Option<Url>,
    /// The lifetime of the codes, from `received_at` on.
    pub expires_in: Duration,
    /// The shortest time between two polls; 5 seconds if the server sends none.
    pub interval: Option<Duration>,
    /// When the response was received, by the local clock.
    pub received_at: UnixTime,
    /// The requested scope.
    pub scope: Option<String>,
    /// The other members.
    pub extra: Map<String, Value>,
}

impl DeviceAuthorizationResponse {
    /// Returns a text for the person: the page to open, and the code to enter there. A program that
    /// speaks another language, or shows a QR code, uses the fields.
    pub fn prompt(&self) -> String {
        let mut prompt = format!(
            "Open {} and enter the code {}",
            self.verification_uri, self.user_code
        );
        if let Some(complete) = &self.verification_uri_complete {
            // The code is shown too, so that the person can compare it (RFC 8628 section 3.3.1).
            prompt.push_str(&format!("\nor open {complete} and compare the code"));
        }
        prompt
    }
}

impl fmt::Debug for DeviceAuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A reader of the user code, or of the URL that contains it, could answer in the user's
        // place.
        f.debug_struct("DeviceAuthorizationResponse")
            .field("verification_uri", &self.verification_uri.as_str())
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .field("received_at", &self.received_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Error for a URL that must not be shown to a user, because its scheme is not https or it contains
/// credentials.
fn not_openable(member: &'static str, text: &str) -> Error {
    // Scheme and host only: the rest may contain the user code.
    let found = match Url::parse(text) {
        Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => "text that is not a URL".to_owned(),
    };
    ARTEFACT
        .rejected(Reason::Url {
            member: member.into(),
            expected: "an https URL of at most 2048 bytes, without user name, password, spaces and \
                       control characters",
            found: printable(&found),
        })
        .into()
}

/// A month; a user who is asked today does not answer later than that.
pub(super) const LONGEST_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

/// The longest URL in bytes, more than fits a QR code that a telephone reads easily.
const LONGEST_URL: usize = 2048;

pub(super) const LONGEST_INTERVAL: Duration = Duration::from_secs(3600);

const ARTEFACT: Artefact = Artefact::DeviceAuthorizationResponse;

const RESERVED: [&str; 4] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

const KNOWN: [&str; 7] = [
    "device_code",
    "user_code",
    "verification_uri",
    "verification_url",
    "verification_uri_complete",
    "expires_in",
    "interval",
];

#[cfg(test)]
mod tests;
