//! Request objects (RFC 9101): an authorization request as a signed JWT, which cannot be changed on
//! its way through the browser.

mod hosted;
mod pending;
mod profile;

use jose::json;
use serde_json::{Map, Value};

use self::profile::check_request_object;
use crate::client_auth::claims_of_client;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Error, Misuse, printable};
use crate::key::{
    KeyReference, ModifyAssertion, PendingSignature, Recipient, check_asymmetric,
    registered_encryption,
};
use crate::profile::Profile;
use crate::wire::Parameters;

pub(crate) use self::hosted::RequestUri;
pub use self::hosted::{HostedRequest, request_object_response};
pub(crate) use self::pending::{PendingRequestObject, Progress};

/// The key and the settings for request objects. If the client has registered
/// `request_object_encryption_alg`, they are also encrypted to a key of the server.
///
/// The URL for the browser repeats `response_type` of the request object, and its `scope` if that
/// contains `openid`. OpenID Connect Core 1.0 section 6.1 requires this, many servers refuse a
/// request without them, and RFC 9101 section 5 permits it.
/// [`without_repetition`](Self::without_repetition) omits them, except under
/// [`Profile::Fapi1Advanced`], which requires them. A pushed request never has them.
///
/// With an encrypted request object, the `scope` in the URL is `openid` alone; the rest stays
/// hidden.
#[derive(Debug, Clone)]
pub struct RequestObject {
    key: KeyReference,
    modify: Option<ModifyAssertion>,
    recipient: Option<Recipient>,
    repeats: bool,
}

impl RequestObject {
    /// Creates settings for request objects that are signed with `key`. The server must know the
    /// key as this client's.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the key's algorithm is symmetric.
    pub fn new(key: KeyReference) -> Result<Self, Error> {
        check_asymmetric(&key)?;
        Ok(Self {
            key,
            modify: None,
            recipient: None,
            repeats: true,
        })
    }

    /// Changes each request object before it is signed.
    #[must_use]
    pub fn modify_assertion(mut self, modify: ModifyAssertion) -> Self {
        self.modify = Some(modify);
        self
    }

    /// Omits everything but `client_id` from the URL (RFC 9101 section 5), for a server that
    /// accepts nothing else there.
    #[must_use]
    pub const fn without_repetition(mut self) -> Self {
        self.repeats = false;
        self
    }

    /// Encrypts each request object for the server after it is signed.
    pub(crate) fn encrypted_for(mut self, recipient: Recipient) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// Whether backchannel authentication requests are signed with this key (CIBA Core 1.0 section
    /// 4): the client has registered an algorithm for them, the server lists the key's algorithm,
    /// or the client's profile requires every request to be signed.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the client has registered an algorithm other than the key's.
    pub(crate) fn signs_backchannel_authentication(
        &self,
        configuration: &Configuration,
    ) -> Result<bool, Error> {
        let key = self.key.algorithm;
        let client = configuration.client();
        let registered = &client.backchannel_authentication_request_signing_alg;
        match registered {
            Some(registered) if registered.signature() == Some(key) => Ok(true),
            Some(_) => Err(Misuse::InvalidArgument {
                argument: "request_object_key",
                expected: "a key for backchannel_authentication_request_signing_alg",
                found: format!("one for {key}"),
            }
            .into()),
            None => {
                let server = configuration.server();
                let listed =
                    &server.backchannel_authentication_request_signing_alg_values_supported;
                let signs = configuration.profile().is_some_and(Profile::signs);
                Ok(signs || listed.iter().flatten().any(|it| it == key.as_str()))
            }
        }
    }

    /// Applies these settings to an authorization request of this configuration (RFC 9101 section
    /// 4).
    pub(crate) const fn of_authorization<'a>(
        &'a self,
        configuration: &'a Configuration,
    ) -> SignedRequest<'a> {
        SignedRequest {
            request_object: self,
            configuration,
            typ: Some(TYPE),
            may_be_encrypted: true,
        }
    }

    /// Applies these settings to a backchannel authentication request (CIBA Core 1.0 section
    /// 7.1.1), which has no `typ` and is never encrypted.
    pub(crate) const fn of_backchannel_authentication<'a>(
        &'a self,
        configuration: &'a Configuration,
    ) -> SignedRequest<'a> {
        SignedRequest {
            request_object: self,
            configuration,
            typ: None,
            may_be_encrypted: false,
        }
    }
}

/// The settings of one request object, which is sent in place of the request's parameters.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    request_object: &'a RequestObject,
    configuration: &'a Configuration,
    typ: Option<&'static str>,
    may_be_encrypted: bool,
}

impl SignedRequest<'_> {
    /// Prepares a new request object with these parameters for its signature; `jti` and times are
    /// new each time.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot become a claim;
    /// [`Misuse::MissingArgument`] if the request object must be encrypted and no key was chosen.
    pub(crate) fn prepare(
        &self,
        env: &Env<'_>,
        parameters: &Parameters,
    ) -> Result<PendingRequestObject, Error> {
        let configuration = self.configuration;
        let RequestObject {
            key,
            modify,
            recipient,
            ..
        } = self.request_object;
        if self.may_be_encrypted
            && recipient.is_none()
            && registered_encryption(configuration.client())?.is_some()
        {
            return Err(Misuse::MissingArgument {
                argument: "recipient",
                purpose: "an encrypted request object, which BuildAuthorizationUrl makes",
            }
            .into());
        }
        let mut claims = claims_of(parameters)?;
        // No `sub`: with the client's identifier in it, a request object could pass as a client
        // assertion (RFC 9101 section 10.8).
        claims.extend(claims_of_client(configuration.parties(), env)?);
        let kid = key.kid.as_deref().map(|kid| ("kid", kid.into()));
        let typ = self.typ.map(|typ| ("typ", typ.into()));
        let header = kid.into_iter().chain(typ);
        let signature = PendingSignature::new(key, header, claims, modify.as_ref())?;
        check_request_object(configuration.parties(), parameters, &signature)?;
        Ok(PendingRequestObject::new(signature, recipient.clone()))
    }

    /// Returns the parameters in the URL for the browser in addition to the request object:
    /// `client_id`, and what RFC 6749 and OpenID Connect Core 1.0 section 6.1 require outside of
    /// it.
    ///
    /// The values are those of the final claims, because a server must refuse a `response_type`
    /// that differs from the one inside.
    pub(crate) fn outside(
        &self,
        parameters: &Parameters,
        pending: &PendingRequestObject,
    ) -> Parameters {
        let mut outside = Parameters::new();
        if let Some(client_id) = parameters.first("client_id") {
            outside.set("client_id", client_id);
        }
        // FAPI 1.0 Part 2 section 5.2.3, item 9, requires the scope too, also one without `openid`.
        let of_fapi_1 = self.configuration.profile() == Some(Profile::Fapi1Advanced);
        if !self.request_object.repeats && !of_fapi_1 {
            return outside;
        }
        let claims = pending.claims();
        let text = |name| claims.get(name).and_then(Value::as_str);
        if let Some(response_type) = text("response_type") {
            outside.set("response_type", response_type);
        }
        if let Some(scope) = text("scope") {
            // The rest of an encrypted scope stays hidden: only `openid` is required outside.
            let is_encrypted = self.request_object.recipient.is_some();
            if scope.split(' ').any(|it| it == "openid") {
                outside.set("scope", if is_encrypted { "openid" } else { scope });
            } else if of_fapi_1 && !is_encrypted {
                outside.set("scope", scope);
            }
        }
        outside
    }

    /// Replaces the parameters by a request object that contains them. `client_id` stays at its
    /// place, so that a server finds the client's keys (RFC 9101 section 5).
    pub(crate) fn replace(parameters: &mut Parameters, request_object: &str) {
        let client_id = parameters.first("client_id").map(str::to_owned);
        *parameters = client_id
            .into_iter()
            .map(|client_id| ("client_id".to_owned(), client_id))
            .chain([("request".to_owned(), request_object.to_owned())])
            .collect();
    }
}

/// Returns each parameter as a claim. Numbers and JSON values become such (OpenID Connect Core 1.0
/// section 6.1, RFC 9396 section 3), and several resources become an array (RFC 8707 section 2).
fn claims_of(parameters: &Parameters) -> Result<Map<String, Value>, Error> {
    let mut claims = Map::new();
    for (name, value) in parameters.iter() {
        if RESERVED.contains(&name) {
            return Err(invalid("without claims of the request object itself", name));
        }
        let claim = match name {
            "max_age" => seconds(value, "max_age as a whole number of seconds")?,
            "requested_expiry" => seconds(value, "requested_expiry as a whole number of seconds")?,
            "claims" => json_text(value, "claims as a JSON object", Value::is_object)?,
            "authorization_details" => json_text(
                value,
                "authorization_details as a JSON array",
                Value::is_array,
            )?,
            _ => value.into(),
        };
        match (name, claims.get_mut(name)) {
            (_, None) => {
                claims.insert(name.to_owned(), claim);
            }
            ("resource", Some(Value::Array(resources))) => resources.push(claim),
            ("resource", Some(first)) => {
                let first = first.take();
                claims.insert(name.to_owned(), Value::Array(vec![first, claim]));
            }
            (_, Some(_)) => return Err(invalid("each once in a request object", name)),
        }
    }
    Ok(claims)
}

fn seconds(text: &str, expected: &'static str) -> Result<Value, Error> {
    text.parse::<u64>()
        .map(Value::from)
        .map_err(|_| invalid(expected, text))
}

fn json_text(
    text: &str,
    expected: &'static str,
    is_expected: fn(&Value) -> bool,
) -> Result<Value, Error> {
    json::parse(text.as_bytes(), json::Limits::DOCUMENT)
        .ok()
        .map(|value| value.to_owned_value())
        .filter(is_expected)
        .ok_or_else(|| invalid(expected, text))
}

fn invalid(expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "parameters",
        expected,
        found: printable(found),
    }
    .into()
}

/// The `typ` that distinguishes request objects from the client's other JWTs (RFC 9101 section
/// 10.8).
const TYPE: &str = "oauth-authz-req+jwt";

/// Claims about the request object itself, and parameters that it must not contain (RFC 9101
/// section 4).
const RESERVED: [&str; 9] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "request",
    "request_uri",
];
