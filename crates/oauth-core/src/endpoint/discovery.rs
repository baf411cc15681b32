//! Discovery: the server metadata of an issuer (OpenID Connect Discovery 1.0 section 4, RFC 8414
//! section 3).

use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};
use url::Url;

use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Misuse, Reason, printable, printable_url};
use crate::metadata::{IssuerTemplate, ServerMetadata, check_issuer, endpoint_url, may_publish};
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::wire::{Draft, json_object, refusal, status_refusal};

/// The rule for the URL of an issuer's metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiscoveryAlgorithm {
    /// After the issuer: `{issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0
    /// section 4.1).
    #[default]
    Oidc,
    /// Between host and path: `/.well-known/oauth-authorization-server{path}` (RFC 8414
    /// section 3.1).
    Oauth2,
    /// Between host and path: `/.well-known/openid-configuration{path}`, where servers of OpenID
    /// Connect publish it that follow RFC 8414 (section 5).
    OidcInserted,
}

/// The discovery endpoint of one issuer.
#[derive(Debug, Clone)]
pub struct DiscoveryEndpoint {
    place: Place,
    policy: Policy,
}

/// How the document is found. `Debug` omits the query, because that of a document's URL may be
/// secret.
#[derive(Clone)]
enum Place {
    Issuer {
        issuer: Url,
        /// The issuer as the application wrote it, for messages.
        given: String,
        algorithm: DiscoveryAlgorithm,
        /// Where the document is, if the algorithm does not say it.
        document: Option<Url>,
    },
    Document(Url),
}

impl DiscoveryEndpoint {
    /// Creates the discovery of `issuer` with `policy`.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the issuer is not an https URL, or has a query, a fragment or a user
    /// name. [`Misuse::InvalidArgument`] if it is the URL of a metadata document: the issuer in
    /// such a document could not be compared with an expected one.
    pub fn new(issuer: &str, algorithm: DiscoveryAlgorithm, policy: Policy) -> Result<Self, Error> {
        let url = check_issuer(issuer, &policy)?;
        if url.path().contains("/.well-known/") {
            return Err(Misuse::InvalidArgument {
                argument: "issuer",
                expected: "the issuer identifier alone, without /.well-known/ and what follows",
                found: printable(issuer),
            }
            .into());
        }
        Ok(Self {
            place: Place::Issuer {
                issuer: url,
                given: issuer.to_owned(),
                algorithm,
                document: None,
            },
            policy,
        })
    }

    /// Reads the document from this URL instead of the one that the algorithm makes from the
    /// issuer: for a server that is reached under another address from here. The document must
    /// still name the issuer.
    ///
    /// The host of this URL is trusted like the issuer's: it says where the client sends its
    /// credentials. Write the URL into the program.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if it is not an https URL, or has a user name.
    pub fn metadata_url(mut self, url: &str) -> Result<Self, Error> {
        let url = endpoint_url("metadata_url", url, &self.policy)?;
        match &mut self.place {
            Place::Issuer { document, .. } => *document = Some(url),
            Place::Document(document) => *document = url,
        }
        Ok(self)
    }

    /// Creates discovery by the URL of the document itself, for servers that publish it at an
    /// unusual place or under another issuer.
    ///
    /// The issuer in the document is then not compared: anyone who can change the document decides
    /// whose tokens are trusted. Write the URL into the program; never take it from a user or from
    /// another server.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if it is not an https URL, or has a user name.
    pub fn danger_document(url: &str, policy: Policy) -> Result<Self, Error> {
        let url = endpoint_url("url", url, &policy)?;
        Ok(Self {
            place: Place::Document(url),
            policy,
        })
    }

    /// The issuer that was asked for; `None` where the document may name any.
    pub fn issuer(&self) -> Option<&str> {
        match &self.place {
            Place::Issuer { given, .. } => Some(given),
            Place::Document(_) => None,
        }
    }

    /// Whether tokens with this `iss` may come from the server, whose metadata are not known yet:
    /// whether the metadata may name this issuer, or the one that covers its tenant. Where the
    /// document may name any issuer, it may be each.
    ///
    /// This is no check. It says for which tokens the metadata are needed.
    pub fn may_issue(&self, iss: &str) -> bool {
        let Place::Issuer { issuer, .. } = &self.place else {
            return true;
        };
        let template = IssuerTemplate::behind(iss).map(|template| template.text());
        self.may_name(issuer, iss) || template.is_some_and(|text| self.may_name(issuer, &text))
    }

    /// Whether metadata that were asked for at `asked` may name this issuer.
    fn may_name(&self, asked: &Url, issuer: &str) -> bool {
        let is_oidc = matches!(
            self.place,
            Place::Issuer {
                algorithm: DiscoveryAlgorithm::Oidc,
                ..
            }
        );
        Url::parse(issuer).as_ref() == Ok(asked) || is_oidc && may_publish(asked, issuer)
    }

    /// The URL of the document. One slash at the end of the issuer's path, if present, is removed.
    fn url(&self) -> Url {
        let (issuer, algorithm) = match &self.place {
            Place::Issuer {
                document: Some(url),
                ..
            }
            | Place::Document(url) => return url.clone(),
            Place::Issuer {
                issuer, algorithm, ..
            } => (issuer, algorithm),
        };
        let path = issuer.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = match algorithm {
            DiscoveryAlgorithm::Oidc => format!("{path}/.well-known/openid-configuration"),
            DiscoveryAlgorithm::Oauth2 => {
                format!("/.well-known/oauth-authorization-server{path}")
            }
            DiscoveryAlgorithm::OidcInserted => format!("/.well-known/openid-configuration{path}"),
        };
        let mut url = issuer.clone();
        url.set_path(&path);
        url
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuer {
                issuer,
                algorithm,
                document,
                ..
            } => f
                .debug_struct("Issuer")
                .field("issuer", &issuer.as_str())
                .field("algorithm", algorithm)
                .field(
                    "document",
                    &document.as_ref().map(|url| printable_url(url.as_str())),
                )
                .finish(),
            Self::Document(url) => f
                .debug_tuple("Document")
                .field(&printable_url(url.as_str()))
                .finish(),
        }
    }
}

impl Endpoint for DiscoveryEndpoint {
    type Output = ServerMetadata;

    const NAME: EndpointName = EndpointName::Discovery;

    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.policy)
    }

    fn request(&self) -> Result<Draft, Error> {
        Ok(Draft::get(self.url(), "application/json"))
    }

    /// Reads the document and compares its `issuer` with the requested one, both as normalised
    /// URLs: the case of the host, a default port and the slash after a bare host are ignored, and
    /// everything else must be equal (OpenID Connect Discovery 1.0 section 4.3, RFC 8414 section
    /// 3.3). Microsoft Entra ID and Azure AD B2C publish other issuers, which are accepted from
    /// their hosts in their form: the issuer of the tenant that was requested by name, and the one
    /// that covers all tenants ([`Policy::set_tenants`]).
    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ServerMetadata, Error> {
        self.read(response)
            .map_err(|error| error.asked_at(printable_url(self.url().as_str())))
    }
}

impl DiscoveryEndpoint {
    fn read(&self, response: &Response<Bytes>) -> Result<ServerMetadata, Error> {
        let artefact = Artefact::DiscoveryDocument;
        match response.status() {
            StatusCode::OK => {}
            // An error in the body adds nothing to this status.
            StatusCode::NOT_FOUND => return Err(status_refusal(artefact, 200, response)),
            _ => return Err(refusal(artefact, 200, response)),
        }
        let object = json_object(artefact, response)?;
        let metadata = ServerMetadata::read(&object).map_err(|reason| artefact.rejected(reason))?;
        if let Place::Issuer { issuer, given, .. } = &self.place
            && !self.may_name(issuer, &metadata.issuer)
        {
            let mismatch = Reason::AttributeMismatch {
                member: "issuer",
                expected: Some(printable(given)),
                found: Some(printable(&metadata.issuer)),
            };
            return Err(artefact.rejected(mismatch).into());
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests;
