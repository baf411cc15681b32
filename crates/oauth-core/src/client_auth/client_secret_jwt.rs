//! `client_secret_jwt`: a client assertion with an HMAC whose key is the client secret (RFC 7523
//! section 2.2, OpenID Connect Core 1.0 section 9).

use jose::jws::SigningInput;
use jose::{SignatureAlgorithm, SigningKey};

use crate::client_auth::client_secret::{check_length, fits};
use crate::client_auth::{ClientSecret, client_assertion, form_of};
use crate::env::Env;
use crate::error::{Error, Misuse, printable};
use crate::key::{ModifyAssertion, signing_input};
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::parties::Parties;
use crate::secret::Secret;
use crate::wire::Draft;

/// The secret that signs the client's assertions, and the settings of these assertions.
///
/// The algorithm is the registered `token_endpoint_auth_signing_alg`. If none is registered, it is
/// the first HMAC in the server's `token_endpoint_auth_signing_alg_values_supported` that the
/// secret is long enough for, and otherwise `HS256`. A secret must be at least as long as the hash
/// (RFC 7518 section 3.2): 32, 48 or 64 bytes.
#[derive(Debug, Clone)]
pub struct ClientSecretJwt {
    secret: ClientSecret,
    typ: Option<String>,
    modify: Option<ModifyAssertion>,
}

impl ClientSecretJwt {
    /// Creates a method whose assertions are signed with this secret and have no `typ`.
    pub fn new(secret: impl Into<ClientSecret>) -> Self {
        Self {
            secret: secret.into(),
            typ: None,
            modify: None,
        }
    }

    /// Sets the `typ` of the header, for servers that require one, for example
    /// `client-authentication+jwt`.
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Changes each assertion before it is signed. `alg` must remain one of `HS256`, `HS384` and
    /// `HS512`.
    #[must_use]
    pub fn modify_assertion(mut self, modify: ModifyAssertion) -> Self {
        self.modify = Some(modify);
        self
    }

    pub(super) fn bind_to_registered(&mut self) {
        self.secret = ClientSecret::Registered;
    }

    /// Refuses a secret or an algorithm that cannot sign an assertion.
    pub(super) fn check(
        &self,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<(), Error> {
        let secret = self.secret.resolve(client, NAME)?;
        key(secret, algorithm(server, client, secret)?).map(drop)
    }

    /// Adds a new assertion to the request. A request without a form is refused before the
    /// signature.
    pub(super) fn apply(
        &self,
        parties: &Parties,
        env: &Env<'_>,
        draft: &mut Draft,
    ) -> Result<(), Error> {
        form_of(draft)?;
        let (server, client) = (&parties.server, &parties.client);
        let secret = self.secret.resolve(client, NAME)?;
        let algorithm = algorithm(server, client, secret)?;
        let claims = client_assertion::claims(parties, env, &draft.url)?;
        let typ = self.typ.as_deref().map(|typ| ("typ", typ.into()));
        let input = signing_input(
            algorithm,
            &mut typ.into_iter(),
            claims,
            self.modify.as_ref(),
        )?;
        let assertion = sign(secret, input)?;
        client_assertion::add(client.client_id.as_str(), assertion, form_of(draft)?);
        Ok(())
    }
}

/// Returns the algorithm: the registered one, or, if none is registered, one from the server's
/// list.
fn algorithm(
    server: &ServerMetadata,
    client: &ClientMetadata,
    secret: &Secret,
) -> Result<SignatureAlgorithm, Error> {
    let hmac = |name: &String| {
        let algorithm = name.parse::<SignatureAlgorithm>().ok();
        algorithm.filter(|algorithm| algorithm.is_symmetric())
    };
    if let Some(registered) = &client.token_endpoint_auth_signing_alg {
        let algorithm = registered.signature();
        let hmac = algorithm.filter(|algorithm| algorithm.is_symmetric());
        return hmac.ok_or_else(|| {
            Misuse::InvalidArgument {
                argument: "token_endpoint_auth_signing_alg",
                expected: "HS256, HS384 or HS512, for client_secret_jwt",
                found: printable(registered.as_str()),
            }
            .into()
        });
    }
    let listed = server
        .token_endpoint_auth_signing_alg_values_supported
        .iter()
        .flatten()
        .filter_map(hmac);
    let fitting = listed.clone().find(|algorithm| fits(secret, *algorithm));
    let otherwise = fitting.or_else(|| listed.clone().next());
    Ok(otherwise.unwrap_or(SignatureAlgorithm::HS256))
}

fn sign(secret: &Secret, input: SigningInput) -> Result<String, Error> {
    let key = key(secret, input.algorithm())?;
    input.sign(&key).map_err(|error| unusable(&error))
}

/// Returns the secret as a key for this algorithm.
fn key(secret: &Secret, algorithm: SignatureAlgorithm) -> Result<SigningKey, Error> {
    check_length(secret, algorithm)?;
    SigningKey::hmac(secret.expose().as_bytes())
        .and_then(|key| key.with_algorithm(algorithm))
        .map_err(|error| unusable(&error))
}

/// Error for a secret that HMAC rejects, for example because it is a PEM document.
fn unusable(error: &jose::Error) -> Error {
    Misuse::InvalidArgument {
        argument: "client_secret",
        expected: "a secret that can be the key of an HMAC",
        found: error.to_string(),
    }
    .into()
}

pub(super) const NAME: &str = "client_secret_jwt";
