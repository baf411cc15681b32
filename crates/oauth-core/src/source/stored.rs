//! The stored form of tokens, which is the only form that can be serialised and read back.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::authorization::{is_session_state, versioned};
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{TokenResponse, TokenType};
use crate::error::{Error, Misuse};
use crate::flow::TokenSet;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{IdToken, PreviousIdToken};

/// A [`TokenSet`] to be stored, with the issuer and the client that it belongs to.
///
/// It is `Serialize` and `Deserialize`, with a version. Another version and a member that this
/// version does not have are refused. Tokens with a `session_state` are written in version 2. All
/// others are written in version 1, which earlier builds of this library can read.
///
/// | stored | not stored |
/// |---|---|
/// | access token, its type, receipt and expiry as moments, scope | further members of the response ([`TokenSet::extra`]) |
/// | refresh token | |
/// | the verified ID Token with its claims, and the claims of the login, which stay the same over refreshes that bring no ID Token | |
/// | thumbprint of the DPoP key, `issued_token_type` | the DPoP key itself |
/// | the [`session_state`](TokenSet::session_state) of the login | |
/// | whether [a refresh has begun](Self::with_refresh_begun) | |
///
/// # Where to keep it
///
/// The plain form is a secret: anyone who can read it can use the tokens. It is also **trusted**:
/// anyone who can write it can log in as any user, because the claims of the ID Token are not
/// verified again. Use it only in storage that only the application can read and write. Everywhere
/// else, such as in a store on the network, in a database that others administer, or in a cookie,
/// use the [sealed](Self::seal) form.
///
/// A cookie, sealed or not, cannot hold a refresh token that the server rotates (RFC 9700 section
/// 4.14.2) while the browser sends requests in parallel: two requests bring the same cookie, the
/// second one uses a refresh token that the first one has spent, and a server that detects reuse
/// ends the login. Keep such tokens in a store on the server's side.
#[derive(Clone)]
pub struct StoredTokenSet {
    pub(super) issuer: String,
    pub(super) client_id: String,
    tokens: TokenSet,
    is_refresh_begun: bool,
}

impl StoredTokenSet {
    /// The tokens that a client of this configuration got.
    pub fn new(configuration: &Configuration, tokens: TokenSet) -> Self {
        Self {
            issuer: configuration.server().issuer.clone(),
            client_id: configuration.client().client_id.clone(),
            tokens,
            is_refresh_begun: false,
        }
    }

    /// The issuer of the tokens, for applications with several.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The client that the tokens were issued to.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Who logged in: the claims of the ID Token that began the login. They stay the same over
    /// every refresh, whether or not it brought another ID Token. `None` for a login without
    /// `openid` and for a client's own tokens.
    pub const fn login(&self) -> Option<&PreviousIdToken> {
        self.tokens.login()
    }

    pub(super) const fn tokens(&self) -> &TokenSet {
        &self.tokens
    }

    /// When the access token expires; `None` when the server did not say.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.tokens.expires_at()
    }

    /// Replaces the refresh token, for example by [`Error::refresh_token`], which has replaced it
    /// at the server.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: Secret) -> Self {
        self.tokens = self.tokens.with_refresh_token(refresh_token);
        self.is_refresh_begun = false;
        self
    }

    /// Whether this holds the same access token and refresh token as another value.
    pub fn has_tokens_of(&self, other: &Self) -> bool {
        self.tokens.access_token() == other.tokens.access_token()
            && self.tokens.refresh_token() == other.tokens.refresh_token()
    }

    /// Notes that a refresh of these tokens begins. An instance that stores this before it sends
    /// the refresh token, and then stops, tells the others that the refresh token may be spent.
    #[must_use]
    pub const fn with_refresh_begun(mut self) -> Self {
        self.is_refresh_begun = true;
        self
    }

    /// Whether [a refresh has begun](Self::with_refresh_begun) whose end is not stored.
    pub const fn is_refresh_begun(&self) -> bool {
        self.is_refresh_begun
    }

    /// The tokens, for a client of the same issuer, with the same client identifier and DPoP key.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`] when the tokens belong to another issuer or client, or are
    /// bound to another DPoP key.
    pub fn restore(self, configuration: &Configuration) -> Result<TokenSet, Error> {
        let another = |member| Err(Misuse::AnotherConfiguration { member }.into());
        if self.issuer != configuration.server().issuer {
            return another("issuer");
        }
        if self.client_id != configuration.client().client_id {
            return another("client_id");
        }
        // A Bearer token works for a client with a DPoP key too, and is replaced by a bound one.
        let found = configuration.dpop_key().map(DPoPKey::thumbprint);
        if let Some(expected) = self.tokens.dpop_thumbprint()
            && found != Some(expected)
        {
            return another("DPoP key");
        }
        Ok(self.tokens)
    }
}

impl fmt::Debug for StoredTokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTokenSet")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("tokens", &self.tokens)
            .field("is_refresh_begun", &self.is_refresh_begun)
            .finish()
    }
}

impl Serialize for StoredTokenSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn exposed(secret: &Secret) -> Cow<'_, str> {
            Cow::Borrowed(secret.expose())
        }
        let tokens = &self.tokens;
        let id_token = tokens.id_token();
        let claims = id_token.map(IdToken::claims);
        let login = tokens.login().map(PreviousIdToken::claims);
        let session_state = tokens.session_state();
        Form {
            version: match session_state {
                Some(_) => WITH_SESSION_STATE,
                None => WITHOUT_SESSION_STATE,
            },
            issuer: Cow::Borrowed(&self.issuer),
            client_id: Cow::Borrowed(&self.client_id),
            access_token: exposed(tokens.access_token()),
            token_type: Cow::Borrowed(tokens.token_type().as_str()),
            received_at: tokens.received_at().seconds(),
            expires_at: tokens.expires_at().map(UnixTime::seconds),
            scope: tokens.scope().map(Cow::Borrowed),
            refresh_token: tokens.refresh_token().map(exposed),
            id_token: id_token.map(|id_token| FormIdToken {
                jwt: exposed(id_token.jwt()),
                claims: Cow::Borrowed(id_token.claims()),
            }),
            // Left out when they equal the claims of the ID Token, that is, until a refresh brings
            // another ID Token.
            login: login
                .filter(|login| Some(*login) != claims)
                .map(Cow::Borrowed),
            dpop_jkt: tokens.dpop_thumbprint().map(Cow::Borrowed),
            issued_token_type: tokens.issued_token_type().map(Cow::Borrowed),
            refresh_begun: self.is_refresh_begun,
            session_state: session_state.map(Cow::Borrowed),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredTokenSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let known = &[WITHOUT_SESSION_STATE, WITH_SESSION_STATE];
        let form: Form<'_> = versioned::read(deserializer, "stored tokens", known)?;
        form.read().map_err(serde::de::Error::custom)
    }
}

/// The stored form. A change to it is a new version.
#[derive(Serialize, Deserialize)]
#[serde(rename = "StoredTokenSet", deny_unknown_fields)]
struct Form<'a> {
    version: u8,
    issuer: Cow<'a, str>,
    client_id: Cow<'a, str>,
    access_token: Cow<'a, str>,
    token_type: Cow<'a, str>,
    received_at: i64,
    expires_at: Option<i64>,
    scope: Option<Cow<'a, str>>,
    refresh_token: Option<Cow<'a, str>>,
    id_token: Option<FormIdToken<'a>>,
    login: Option<Cow<'a, Map<String, Value>>>,
    dpop_jkt: Option<Cow<'a, str>>,
    issued_token_type: Option<Cow<'a, str>>,
    #[serde(default)]
    refresh_begun: bool,
    /// Left out in version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "IdToken", deny_unknown_fields)]
struct FormIdToken<'a> {
    jwt: Cow<'a, str>,
    claims: Cow<'a, Map<String, Value>>,
}

impl Form<'_> {
    /// Reads the form. The error names the member that cannot be read and contains no value,
    /// because values are secrets.
    fn read(self) -> Result<StoredTokenSet, &'static str> {
        let secret = |text: Cow<'_, str>| Secret::new(text.into_owned());
        let token_type = [TokenType::Bearer, TokenType::DPoP, TokenType::NotApplicable]
            .into_iter()
            .find(|known| known.as_str() == self.token_type)
            .ok_or("`token_type` is not known")?;
        if (token_type == TokenType::DPoP) != self.dpop_jkt.is_some() {
            return Err("`dpop_jkt` and the token type DPoP must come together");
        }
        let id_token = match self.id_token {
            None => None,
            Some(FormIdToken { jwt, claims }) => {
                let jwt = Secret::new(jwt.into_owned());
                let id_token = IdToken::restored(claims.into_owned(), jwt);
                Some(id_token.ok_or("`id_token` lacks a claim")?)
            }
        };
        let login = match self.login {
            Some(claims) => {
                let login = PreviousIdToken::from_claims(claims.into_owned());
                Some(login.map_err(|_| "`login` lacks a claim")?)
            }
            None => id_token.as_ref().map(PreviousIdToken::from),
        };
        if let Some(session_state) = &self.session_state {
            if self.version == WITHOUT_SESSION_STATE {
                return Err("version 1 has no `session_state`");
            }
            // Otherwise it could reach a page that an authorization response could not bring it to.
            if !is_session_state(session_state) {
                return Err("`session_state` cannot be one of an authorization response");
            }
        }
        let session_state = self.session_state.map(secret);
        let received_at = UnixTime::from_seconds(self.received_at);
        let expires_at = self.expires_at.map(UnixTime::from_seconds);
        let mut extra = Map::new();
        if let Some(issued) = self.issued_token_type {
            extra.insert("issued_token_type".to_owned(), issued.into());
        }
        let response = TokenResponse {
            access_token: secret(self.access_token),
            token_type,
            dpop_thumbprint: self.dpop_jkt.map(Cow::into_owned),
            expires_in: expires_at.map(|expires_at| expires_at.seconds_since(received_at)),
            received_at,
            refresh_token: self.refresh_token.map(secret),
            scope: self.scope.map(Cow::into_owned),
            id_token: id_token.as_ref().map(|id_token| id_token.jwt().clone()),
            extra,
        };
        Ok(StoredTokenSet {
            issuer: self.issuer.into_owned(),
            client_id: self.client_id.into_owned(),
            tokens: TokenSet::restored(response, id_token, login).of_session(session_state),
            is_refresh_begun: self.refresh_begun,
        })
    }
}

/// The version of tokens without a `session_state`, which earlier builds read.
const WITHOUT_SESSION_STATE: u8 = 1;

const WITH_SESSION_STATE: u8 = 2;
