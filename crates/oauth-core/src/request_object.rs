//! Request objects (RFC 9101): an authorization request as a signed JWT, which nobody in the browser
//! can change.

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

pub(crate) use self::pending::{PendingRequestObject, Progress};

/// How request objects are signed. They are also encrypted where the client has registered
/// `request_object_encryption_alg`, to a key of the server's.
///
/// The URL for the browser repeats `response_type`, and `scope` where `openid` is in it, outside of
/// the request object, as they are inside: OpenID Connect Core 1.0 section 6.1 demands it, many
/// servers refuse a request without them, and RFC 9101 section 5 allows it.
/// [`without_repetition`](Self::without_repetition) leaves them out, but under
/// [`Profile::Fapi1Advanced`], which demands them. A pushed request never has them.
///
/// Beside an encrypted request object the `scope` is `openid` alone: the rest stays hidden.
#[derive(Debug, Clone)]
pub struct RequestObject {
    key: KeyReference,
    modify: Option<ModifyAssertion>,
    recipient: Option<Recipient>,
    repeats: bool,
}

impl RequestObject {
    /// Request objects signed with `key`, which the server must know as this client's.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the key's algorithm is symmetric.
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

    /// Sends nothing beside the request object but `client_id`, as RFC 9101 section 5 has it, for a
    /// server that wants nothing else there.
    #[must_use]
    pub const fn without_repetition(mut self) -> Self {
        self.repeats = false;
        self
    }

    /// Encrypts each request object for the server, once it is signed.
    pub(crate) fn encrypted_for(mut self, recipient: Recipient) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// Whether backchannel authentication requests are to be signed in this way (CIBA Core 1.0 section
    /// 4): where the client has registered an algorithm for them, the server lists the key's, or the client's
    /// profile signs every request.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the client has registered another algorithm than the key's.
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

    /// This, for an authorization request of the configuration's client (RFC 9101 section 4).
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

    /// The same for a backchannel authentication request (CIBA Core 1.0 section 7.1.1), which has no
    /// type of its own and is never encrypted.
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

/// How one request is packed into a request object, which then travels in place of its parameters.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    request_object: &'a RequestObject,
    configuration: &'a Configuration,
    typ: Option<&'static str>,
    may_be_encrypted: bool,
}

impl SignedRequest<'_> {
    /// A new request object with these parameters, which waits for its signature: `jti` and times
    /// are never used twice.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot become a claim;
    /// [`Misuse::MissingArgument`] when it must be encrypted, and nobody has chosen the key.
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

    /// What stands beside the request object in the URL for the browser: whose it is, and what
    /// RFC 6749 and OpenID Connect Core 1.0 section 6.1 require of the request as it can be seen.
    ///
    /// The values are those of the claims after their last change, since a server has to refuse a
    /// `response_type` that differs from the one inside.
    pub(crate) fn outside(
        &self,
        parameters: &Parameters,
        pending: &PendingRequestObject,
    ) -> Parameters {
        let mut outside = Parameters::new();
        if let Some(client_id) = parameters.first("client_id") {
            outside.set("client_id", client_id);
        }
        // FAPI 1.0 Part 2 section 5.2.3, item 9: the scope too, whatever it is.
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
            // What was encrypted to be hidden is not shown beside it: `openid` is all that must be.
            let is_encrypted = self.request_object.recipient.is_some();
            if scope.split(' ').any(|it| it == "openid") {
                outside.set("scope", if is_encrypted { "openid" } else { scope });
            } else if of_fapi_1 && !is_encrypted {
                outside.set("scope", scope);
            }
        }
        outside
    }

    /// Puts a request object in the place of the parameters that are in it. Whose it is stays beside
    /// it where it was, so that a server finds the client's keys (RFC 9101 section 5).
    pub(crate) fn replace(parameters: &mut Parameters, request_object: &str) {
        let client_id = parameters.first("client_id").map(str::to_owned);
        *parameters = client_id
            .into_iter()
            .map(|client_id| ("client_id".to_owned(), client_id))
            .chain([("request".to_owned(), request_object.to_owned())])
            .collect();
    }
}

/// Each parameter as a claim. What is a number or JSON by nature becomes that (OpenID Connect Core
/// 1.0 section 6.1, RFC 9396 section 3), and several resources an array (RFC 8707 section 2).
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

/// RFC 9101 section 10.8: tells it from every other JWT of the client.
const TYPE: &str = "oauth-authz-req+jwt";

/// Claims about the request object itself, and what must not be inside one (RFC 9101 section 4).
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
