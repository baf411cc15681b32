//! The issuer of a person, by WebFinger (OpenID Connect Discovery 1.0 section 2, RFC 7033).

mod identifier;

use bytes::Bytes;
use http::{Response, StatusCode};
use jose::json::{Object, Value};
use url::Url;

pub use self::identifier::UserIdentifier;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Reason, printable_url};
use crate::metadata::check_issuer;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::wire::{Draft, json_object, status_refusal};

/// The WebFinger endpoint at the host of an identifier: which issuer a person logs in at.
///
/// The host comes from the person, so a driver that can reach private networks needs a policy about
/// destinations. The issuer comes from that host. Use a client that was registered at exactly this
/// issuer, and never send it the credentials of another client.
#[derive(Debug, Clone)]
pub struct WebFingerEndpoint {
    identifier: UserIdentifier,
    policy: Policy,
}

impl WebFingerEndpoint {
    /// The question for the issuer of this person, on the terms of `policy`.
    pub const fn new(identifier: UserIdentifier, policy: Policy) -> Self {
        Self { identifier, policy }
    }

    fn read(&self, response: &Response<Bytes>) -> Result<String, Error> {
        if response.status() != StatusCode::OK {
            return Err(status_refusal(ARTEFACT, 200, response));
        }
        let object = json_object(ARTEFACT, response)?;
        let rejected = |reason| Error::from(ARTEFACT.rejected(reason));
        let issuer = issuer_link(&object).map_err(rejected)?;
        if check_issuer(issuer, &self.policy).is_err() {
            return Err(rejected(Reason::Url {
                member: "href".into(),
                expected: "an https URL without user name, query and fragment",
                found: printable_url(issuer),
            }));
        }
        Ok(issuer.to_owned())
    }
}

impl Endpoint for WebFingerEndpoint {
    type Output = String;

    const NAME: EndpointName = EndpointName::WebFinger;

    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.policy)
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut url: Url = self.identifier.host().clone();
        url.set_path("/.well-known/webfinger");
        url.query_pairs_mut()
            .append_pair("resource", self.identifier.resource())
            .append_pair("rel", ISSUER);
        Ok(Draft::get(url, "application/jrd+json"))
    }

    /// Reads the issuer: the `href` of the first link with the relation of an issuer. It must be an
    /// https URL without user name, query and fragment.
    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<String, Error> {
        self.read(response)
    }
}

/// The order of links is an order of preference (RFC 7033 section 4.4.4), so the first one counts.
fn issuer_link<'o>(document: &'o Object<'_>) -> Result<&'o str, Reason> {
    let ill_typed = |member: &'static str, expected, found: &Value<'_>| Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.kind().to_owned(),
    };
    let missing = |member: &'static str| Reason::Missing {
        member: member.into(),
    };
    let links = match document.get("links") {
        None => return Err(missing("links")),
        Some(Value::Array(links)) => links,
        Some(other) => return Err(ill_typed("links", "an array", other)),
    };
    let link = links.iter().find_map(|link| match link {
        Value::Object(link) => {
            let rel = link.get("rel").and_then(Value::as_str);
            (rel == Some(ISSUER)).then_some(link)
        }
        _ => None,
    });
    match link.ok_or_else(|| missing(ISSUER))?.get("href") {
        None => Err(missing("href")),
        Some(Value::String(href)) => Ok(href),
        Some(other) => Err(ill_typed("href", "a string", other)),
    }
}

const ARTEFACT: Artefact = Artefact::WebFingerResponse;

/// The relation of an issuer (OpenID Connect Discovery 1.0 section 2).
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

#[cfg(test)]
mod tests;
