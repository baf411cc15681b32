//! Asking for a code that a person enters on another device (RFC 8628 sections 3.1 and 3.2).

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

/// The beginning of a login on a device without a browser or a keyboard.
/// [`DeviceAuthorizationGrant`](crate::flow::DeviceAuthorizationGrant) finishes it.
#[derive(Debug, Clone)]
pub struct DeviceAuthorizationEndpoint {
    /// The client and the server.
    pub configuration: Configuration,
    /// The parameters, such as `scope`; those of client authentication are refused among them.
    pub parameters: Parameters,
}

impl DeviceAuthorizationEndpoint {
    /// A request for the scope that the server gives by default.
    pub const fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            parameters: Parameters::new(),
        }
    }

    /// What to ask for: scope values with single spaces between them; with `openid` an ID Token
    /// comes as well.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `resource` (RFC 8707 section 2).
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
        let unsigned = "is a device authorization, which nothing signs";
        self.configuration
            .require(Requirement::Grant, Party::Request, |profile| {
                profile.signs().then_some(unsigned)
            })?;
        let mut form = self.parameters.clone();
        // RFC 8628 section 3.1 demands it of public clients alone. Servers read the form before the
        // header: without it, Dex answers a `verification_uri_complete` that leads nowhere.
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
        // One large provider still uses the name of an early draft.
        let verification_uri = match members.optional_text("verification_uri")? {
            Some(text) => url("verification_uri", text)?,
            None => match members.optional_text("verification_url")? {
                Some(text) => url("verification_url", text)?,
                None => return Err(members.missing("verification_uri")),
            },
        };
        let user_code = members.text("user_code")?;
        if printable(user_code) != user_code {
            // It goes to a terminal or a small display, which control characters can take over and
            // marks that reverse text can deceive.
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
            expires_in: members.lifetime("expires_in", LONGEST_LIFETIME)?,
            interval: members.interval("interval", LONGEST_INTERVAL)?,
            received_at: now,
            scope: self.parameters.first("scope").map(str::to_owned),
            extra: members.extra(&KNOWN),
        })
    }
}

/// What to show to the person, and what to ask the token endpoint with.
#[derive(Clone)]
pub struct DeviceAuthorizationResponse {
    /// The device's own code: a secret between it and the server.
    pub device_code: Secret,
    /// What the person enters: show it.
    pub user_code: String,
    /// Where the person enters it: show it. An https URL.
    pub verification_uri: Url,
    /// The same with the code inside, for a QR code. Show `user_code` beside it, so that the person
    /// can compare the two (RFC 8628 section 3.3.1).
    pub verification_uri_complete: Option<Url>,
    /// Seconds for which the codes are good, from `received_at` on.
    pub expires_in: u64,
    /// The least time between two questions; 5 seconds where the server names none.
    pub interval: Option<Duration>,
    /// When the response was received, by the local clock.
    pub received_at: UnixTime,
    /// The scope that was asked for.
    pub scope: Option<String>,
    /// The other members.
    pub extra: Map<String, Value>,
}

impl fmt::Debug for DeviceAuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever has the user code, or the URL with it, can answer in the person's place.
        f.debug_struct("DeviceAuthorizationResponse")
            .field("verification_uri", &self.verification_uri.as_str())
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .field("received_at", &self.received_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A URL that must not be put before a person: another scheme than https, credentials in it.
fn not_openable(member: &'static str, text: &str) -> Error {
    // No more than scheme and host: the rest may hold the user code.
    let found = match Url::parse(text) {
        Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => "text that is no URL".to_owned(),
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

/// A month: nobody who was asked today answers later than that.
pub(super) const LONGEST_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

/// More than fits a QR code that a telephone reads with ease.
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
