//! The stored form of an ID Token alone, for sessions that keep no tokens.

use std::borrow::Cow;
use std::fmt;

use jose::base64url;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use url::Url;

use crate::authorization::versioned;
use crate::configuration::Configuration;
use crate::error::{Error, Misuse};
use crate::secret::Secret;
use crate::validate::IdToken;

/// A verified [`IdToken`] to be stored, with the issuer and the client that it belongs to: all that
/// a session needs to know who has logged in, and for a logout at the server. It has about the size
/// of the token, so that a sealed cookie can hold it.
///
/// It is `Serialize` and `Deserialize`, with a version. Another version and a member that this
/// version does not have are refused.
///
/// The form is **trusted**: anyone who can write it can log in as any user, because the claims are
/// not verified again. Use it only in storage that only the application can read and write, and
/// [seal](crate::authorization::SealingKey::seal) it everywhere else.
#[derive(Clone)]
pub struct StoredIdToken {
    issuer: String,
    client_id: String,
    id_token: IdToken,
}

impl StoredIdToken {
    /// The ID Token that a client of this configuration verified.
    pub fn new(configuration: &Configuration, id_token: IdToken) -> Self {
        Self {
            issuer: configuration.server().issuer.clone(),
            client_id: configuration.client().client_id.clone(),
            id_token,
        }
    }

    /// The issuer that the metadata of the server named.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The ID Token, for a client of the same issuer with the same client identifier. It may have
    /// expired: it says who logged in, and the session may last longer.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`] when the ID Token belongs to another issuer or client.
    pub fn restore(self, configuration: &Configuration) -> Result<IdToken, Error> {
        let another = |member| Err(Misuse::AnotherConfiguration { member }.into());
        if self.issuer != configuration.server().issuer {
            return another("issuer");
        }
        if self.client_id != configuration.client().client_id {
            return another("client_id");
        }
        Ok(self.id_token)
    }
}

/// For a client whose server metadata are not known yet.
impl StoredIdToken {
    /// The ID Token, for a client with this identifier at a server whose metadata must name this
    /// issuer. Both issuers are compared as discovery compares them: as URLs.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`] as [`restore`](Self::restore). A server may publish its
    /// metadata under another URL than its issuer, as Microsoft Entra ID does. Then only `restore`
    /// can decide.
    pub fn restore_for(self, issuer: &str, client_id: &str) -> Result<IdToken, Error> {
        let another = |member| Err(Misuse::AnotherConfiguration { member }.into());
        if self.client_id != client_id {
            return another("client_id");
        }
        match (Url::parse(&self.issuer), Url::parse(issuer)) {
            (Ok(found), Ok(expected)) if found == expected => Ok(self.id_token),
            _ => another("issuer"),
        }
    }
}

impl fmt::Debug for StoredIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredIdToken")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("id_token", &self.id_token)
            .finish()
    }
}

impl Serialize for StoredIdToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let jwt = self.id_token.jwt().expose();
        let claims = self.id_token.claims();
        Form {
            version: VERSION,
            issuer: Cow::Borrowed(&self.issuer),
            client_id: Cow::Borrowed(&self.client_id),
            jwt: Cow::Borrowed(jwt),
            claims: (payload(jwt).as_ref() != Some(claims)).then_some(Cow::Borrowed(claims)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredIdToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form: Form<'_> = versioned::read(deserializer, "a stored ID Token", &[VERSION])?;
        form.read().map_err(serde::de::Error::custom)
    }
}

/// The stored form. A change to it is a new version.
#[derive(Serialize, Deserialize)]
#[serde(rename = "StoredIdToken", deny_unknown_fields)]
struct Form<'a> {
    version: u8,
    issuer: Cow<'a, str>,
    client_id: Cow<'a, str>,
    jwt: Cow<'a, str>,
    /// Left out when the JWT itself shows them, which an encrypted one does not.
    claims: Option<Cow<'a, Map<String, Value>>>,
}

impl Form<'_> {
    /// Reads the form. The error contains no value, because values are secrets.
    fn read(self) -> Result<StoredIdToken, &'static str> {
        let claims = self.claims.map(Cow::into_owned);
        let claims = claims.or_else(|| payload(&self.jwt));
        let claims = claims.ok_or("`claims` is needed for a `jwt` that does not show them")?;
        let jwt = Secret::new(self.jwt.into_owned());
        let id_token = IdToken::restored(claims, jwt).ok_or("the ID Token lacks a claim")?;
        Ok(StoredIdToken {
            issuer: self.issuer.into_owned(),
            client_id: self.client_id.into_owned(),
            id_token,
        })
    }
}

/// The claims that a signed JWT shows. They were verified when the token arrived.
fn payload(jwt: &str) -> Option<Map<String, Value>> {
    let mut parts = jwt.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&base64url::decode(payload).ok()?).ok()
}

const VERSION: u8 = 1;
