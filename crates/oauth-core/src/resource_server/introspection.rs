//! Opaque access tokens: their server says what they are (RFC 7662, RFC 9701).

mod cache;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jose::jwt::NumericDate;

pub(super) use self::cache::Moment;
use self::cache::{Key, ResponseCache};
use crate::configuration::Configuration;
use crate::endpoint::{IntrospectionEndpoint, IntrospectionResponse};
use crate::error::{Error, Misuse, Reason, printable};
use crate::flow::TokenIntrospection;
use crate::metadata::IssuerTemplate;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::resource_server::members::{authorization_details, is_for, scope_values};
use crate::resource_server::{TokenBinding, ValidatedAccessToken};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::claim::{check_subject, not_empty, required};
use crate::validate::issuer;
use crate::validate::times::Clock;

/// Validation of opaque access tokens by introspection (RFC 7662).
///
/// The response must say that the token is active. `aud` must contain the resource. `iss`, `exp`,
/// `nbf`, `iat` and `token_type` are checked where they are present, and `cnf` binds the token to a
/// key as in a JWT. Each request sends one introspection request, unless
/// [`with_cache`](Self::with_cache) is set.
#[derive(Clone)]
pub struct Introspection {
    configuration: Configuration,
    accepts_missing_audience: bool,
    cache: Option<Arc<Mutex<ResponseCache>>>,
}

impl Introspection {
    /// Introspection at the server of `configuration`, whose client is the resource server itself,
    /// with its credentials. When the client has registered `introspection_signed_response_alg`,
    /// the response must be signed for this client (RFC 9701 section 5).
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the server has no usable `introspection_endpoint`.
    pub fn new(configuration: Configuration) -> Result<Self, Error> {
        configuration.endpoint(EndpointName::Introspection)?;
        Ok(Self {
            configuration,
            accepts_missing_audience: false,
            cache: None,
        })
    }

    /// Uses the response about an active token for `max_age` after its request, and never past its
    /// `exp`. At most `entries` responses of at most 64 KiB each are kept, by a hash of the token;
    /// the oldest makes room for a new one. Every check is made again when a response is used. By
    /// default, no response is kept.
    ///
    /// A token that is revoked is accepted for up to `max_age` longer; 60 seconds are a common
    /// choice (RFC 7662 section 4).
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `entries` is zero, or `max_age` is less than a second or more
    /// than an hour.
    pub fn with_cache(mut self, max_age: Duration, entries: usize) -> Result<Self, Error> {
        let invalid = |argument, expected, found| Misuse::InvalidArgument {
            argument,
            expected,
            found,
        };
        if !(SHORTEST_AGE..=LONGEST_AGE).contains(&max_age) {
            let expected = "1 to 3600 seconds";
            return Err(invalid("max_age", expected, format!("{max_age:?}")).into());
        }
        if entries == 0 {
            return Err(invalid("entries", "at least 1", entries.to_string()).into());
        }
        let cache = ResponseCache::new(max_age, entries);
        self.cache = Some(Arc::new(Mutex::new(cache)));
        Ok(self)
    }

    /// Accepts tokens for which the response has no `aud`, for a server that omits it. The server
    /// alone then decides which tokens are for this resource (RFC 7662 section 4): if it does not,
    /// a token that was issued for another API is accepted. An `aud` that is present is checked.
    #[must_use]
    pub const fn danger_accept_missing_audience(mut self) -> Self {
        self.accepts_missing_audience = true;
        self
    }

    /// Whether a JWT that names this issuer is one of this server's tokens.
    pub(super) fn is_of(&self, iss: &str) -> bool {
        let published = &self.configuration.server().issuer;
        match IssuerTemplate::of(published) {
            Some(template) => template.tenant(iss).is_some(),
            None => published == iss,
        }
    }

    pub(super) fn ask(&self, token: &Secret) -> TokenIntrospection {
        let mut endpoint = IntrospectionEndpoint::new(self.configuration.clone(), token.clone());
        endpoint.parameters.set("token_type_hint", "access_token");
        TokenIntrospection::new(endpoint)
    }

    /// The response about this token in the cache.
    pub(super) fn cached(&self, token: &Secret, now: Moment) -> Option<Arc<IntrospectionResponse>> {
        locked(self.cache.as_ref()?).find(&Key::of(token), now)
    }

    /// Puts a response that [`judge`](Self::judge) accepts into the cache. `begun` is when it was
    /// requested.
    pub(super) fn keep(&self, token: &Secret, response: IntrospectionResponse, begun: Moment) {
        if let Some(cache) = &self.cache {
            locked(cache).insert(Key::of(token), response, begun);
        }
    }

    /// Checks what the server says about a token.
    pub(super) fn judge(
        &self,
        expected: &IntrospectionExpectations<'_>,
        response: &IntrospectionResponse,
    ) -> Result<ValidatedAccessToken, Reason> {
        if !response.active() {
            return Err(Reason::ClaimMismatch {
                claim: "active",
                expected: Some("true".to_owned()),
                found: Some("false".to_owned()),
            });
        }
        let iss = self.issuer(response.iss(), expected.iss)?;
        self.check_audience(response.aud(), expected.resource)?;
        let clock = Clock::new(expected.policy, expected.now);
        let date = |time: UnixTime| NumericDate::from_seconds(time.seconds());
        if let Some(exp) = response.exp() {
            clock.not_expired(date(exp))?;
        }
        if let Some(nbf) = response.nbf() {
            clock.already_valid(date(nbf))?;
        }
        for (member, time) in [("iat", response.iat()), ("auth_time", response.auth_time())] {
            let time = time.map(|time| clock.happened(member, date(time)));
            time.transpose()?;
        }
        response.sub().map(check_subject).transpose()?;
        let client_id = response.client_id().map(|it| not_empty("client_id", it));
        let client_id = client_id.transpose()?;
        let members = response.members();
        let binding = TokenBinding::read(members)?;
        check_token_type(response.token_type(), &binding)?;
        Ok(ValidatedAccessToken {
            iss: iss.to_owned(),
            sub: response.sub().map(str::to_owned),
            client_id: client_id.map(str::to_owned),
            jti: response.jti().map(str::to_owned),
            exp: response.exp(),
            iat: response.iat(),
            auth_time: response.auth_time(),
            acr: response.acr().map(str::to_owned),
            scope: scope_values(response.scope().unwrap_or_default()),
            authorization_details: match members.get("authorization_details") {
                // An optional member that is null counts as absent.
                None | Some(serde_json::Value::Null) => Vec::new(),
                Some(_) => authorization_details(members)?,
            },
            binding,
            claims: members.clone(),
            clock_skew: expected.policy.clock_skew(),
        })
    }

    /// The issuer of the token: the one in the response, or else the server that was asked. A
    /// server of many tenants must name the tenant, which must be that of a JWT that names one.
    fn issuer<'a>(
        &'a self,
        found: Option<&'a str>,
        named: Option<&str>,
    ) -> Result<&'a str, Reason> {
        let published = &self.configuration.server().issuer;
        match found {
            Some(iss) => {
                issuer::check_introspected(&self.configuration, iss)?;
                match named.filter(|named| *named != iss) {
                    None => Ok(iss),
                    Some(named) => Err(Reason::ClaimMismatch {
                        claim: "iss",
                        expected: Some(printable(named)),
                        found: Some(printable(iss)),
                    }),
                }
            }
            None if IssuerTemplate::of(published).is_some() => required("iss", None),
            None => Ok(published),
        }
    }

    fn check_audience(&self, found: &[String], resource: &str) -> Result<(), Reason> {
        match found {
            [] if self.accepts_missing_audience => Ok(()),
            [] => required("aud", None),
            found => {
                let found: Vec<_> = found.iter().map(String::as_str).collect();
                is_for("aud", &found, resource)
            }
        }
    }
}

/// What the response about a token is compared with.
pub(super) struct IntrospectionExpectations<'a> {
    pub(super) resource: &'a str,
    /// The issuer that the token names, if it is a JWT.
    pub(super) iss: Option<&'a str>,
    pub(super) policy: &'a Policy,
    pub(super) now: UnixTime,
}

/// Refuses a token that is not an access token, and one whose binding the response omits.
fn check_token_type(found: Option<&str>, binding: &TokenBinding) -> Result<(), Reason> {
    match found {
        None => Ok(()),
        Some(found) if found.eq_ignore_ascii_case("Bearer") => Ok(()),
        Some(found) if found.eq_ignore_ascii_case("DPoP") => {
            required("cnf.jkt", binding.jkt.as_ref()).map(drop)
        }
        Some(found) => Err(Reason::UnsupportedTokenType {
            expected: "Bearer or DPoP",
            found: printable(found),
        }),
    }
}

fn locked(cache: &Mutex<ResponseCache>) -> MutexGuard<'_, ResponseCache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("issuer", &self.configuration.server().issuer)
            .finish_non_exhaustive()
    }
}

const SHORTEST_AGE: Duration = Duration::from_secs(1);
const LONGEST_AGE: Duration = Duration::from_secs(3600);
