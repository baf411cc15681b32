//! The FAPI profiles as a whole: FAPI 1.0 Advanced, FAPI 2.0 Security Profile and Message Signing,
//! and FAPI-CIBA. Each flow ends at a resource.

use http::Method;
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::authorization::{AuthorizationRequest, ResponseMode, ResponseType};
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::{Hint, ProtectedResourceEndpoint, TokenType};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{
    FetchProtectedResource, InitiateBackchannelAuthentication, PollBackchannelAuthenticationGrant,
    TokenSet,
};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use serde_json::json;
use test_provider::Misbehaviour::*;
use test_provider::{
    ClientAuthentication as Registered, ClientRegistration, DPoPBehaviour, Endpoint, Misbehaviour,
};

use crate::refusal::{INVALID, assert_rejected, missing};
use crate::world::{CLIENT_ID, ISSUER, World};

/// The key or certificate to which tokens are bound, and the client authentication that belongs to
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A DPoP key, with `private_key_jwt`.
    DPoP,
    /// The certificate of `tls_client_auth`.
    Certificate,
}

/// A bank whose server signs with PS256, and its client.
pub(crate) struct Bank {
    pub(crate) world: World,
    pub(crate) configuration: Configuration,
    pub(crate) request_object: RequestObject,
}

/// The algorithm with which the bank signs.
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::PS256;

impl Bank {
    pub(crate) fn new(bound: Bound) -> Self {
        let algorithm = SignatureAlgorithm::ES256;
        let key = SigningKey::generate(algorithm).unwrap();
        let keys = json!({ "keys": [key.public_jwk().unwrap().to_json()] }).to_string();
        let certificate = b"the certificate of the client".to_vec();
        let method = match bound {
            Bound::DPoP => Registered::PrivateKeyJwt(keys.clone()),
            Bound::Certificate => Registered::TlsClientAuth(certificate.clone()),
        };
        let registration = ClientRegistration::new(CLIENT_ID, method)
            .id_token_signed_response_alg(ALGORITHM)
            .keys(keys)
            .fapi();
        let mut world = World::with_client(registration);
        world.add_key("client key", key);
        let reference = KeyReference {
            name: KeyName::new("client key"),
            algorithm,
            kid: None,
        };
        let mut client = ClientMetadata::new(CLIENT_ID);
        client.id_token_signed_response_alg = Some(ALGORITHM.into());
        client.authorization_signed_response_alg = Some(ALGORITHM.into());
        let mut policy = Policy::default();
        policy.enable_detached_signature_response_checks();
        policy.require_authorization_response_iss();
        let server = world.configuration().server().clone();
        let authentication = match bound {
            Bound::DPoP => {
                ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(reference.clone()).unwrap())
            }
            Bound::Certificate => {
                *world.certificate.borrow_mut() = Some(certificate);
                ClientAuthentication::TlsClientAuth
            }
        };
        let configuration =
            Configuration::with_authentication(server, client, authentication, policy).unwrap();
        let configuration = match bound {
            Bound::Certificate => configuration,
            Bound::DPoP => {
                let key = SigningKey::generate(algorithm).unwrap();
                let reference = KeyReference {
                    name: KeyName::new("dpop key"),
                    algorithm,
                    kid: None,
                };
                let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
                world.add_key("dpop key", key);
                configuration.with_dpop_key(dpop_key)
            }
        };
        world.sent.borrow_mut().clear();
        Self {
            world,
            configuration,
            request_object: RequestObject::new(reference).unwrap(),
        }
    }

    pub(crate) fn request(&self) -> AuthorizationRequest {
        World::request(&self.configuration)
    }

    pub(crate) fn signed(&self) -> AuthorizationRequest {
        self.request().request_object(self.request_object.clone())
    }

    pub(crate) fn log_in(&self, request: AuthorizationRequest) -> Result<TokenSet, Error> {
        let (url, pending) = self.world.run(request.begin())?;
        let callback = self.world.follow(&url);
        self.world
            .run(pending.resume(&self.configuration, &callback)?)
    }

    /// Fetches a protected resource.
    pub(crate) fn fetch(&self, tokens: &TokenSet) -> Result<http::Response<()>, Error> {
        let url = self.world.provider.url(Endpoint::Resource);
        let configuration = self.configuration.clone();
        let resource = ProtectedResourceEndpoint::new(configuration, tokens, Method::GET, &url)?;
        self.world.run(FetchProtectedResource::new(resource))
    }

    pub(crate) fn succeeds(&self, request: AuthorizationRequest) -> TokenSet {
        let tokens = self.log_in(request).unwrap();
        assert_eq!(self.fetch(&tokens).unwrap().status(), 200);
        tokens
    }

    pub(crate) fn sent(&self, endpoint: EndpointName) -> usize {
        let sent = self.world.sent.borrow();
        sent.iter().filter(|sent| **sent == endpoint).count()
    }
}

/// The request object is sent by value or pushed. The response has a detached signature or is a
/// JWT. The scope contains `openid` or not.
#[test]
fn fapi_1_advanced() {
    for bound in [Bound::Certificate, Bound::DPoP] {
        let bank = Bank::new(bound);
        for pushed in [false, true] {
            let signed = || match pushed {
                false => bank.signed(),
                true => bank.signed().pushed(),
            };
            let hybrid = signed().response_type(ResponseType::CodeIdToken);
            let tokens = bank.succeeds(hybrid);
            assert_eq!(tokens.id_token().unwrap().sub(), "alice");
            let packed = signed().response_mode(ResponseMode::Jwt);
            let tokens = bank.succeeds(packed);
            assert_eq!(tokens.id_token().unwrap().sub(), "alice");
            let without_openid = signed().response_mode(ResponseMode::Jwt).scope("accounts");
            assert!(bank.succeeds(without_openid).id_token().is_none());
        }
        // An attacker has the token, but not the key or certificate to which it is bound.
        let tokens = bank.succeeds(bank.signed());
        bank.world.certificate.borrow_mut().take();
        let stolen = match bound {
            Bound::Certificate => bank.fetch(&tokens),
            Bound::DPoP => {
                let token = tokens.access_token().clone();
                let bearer = oauth_core::endpoint::AccessToken::bearer(token);
                let url = bank.world.provider.url(Endpoint::Resource);
                let configuration = bank.configuration.clone();
                let resource =
                    ProtectedResourceEndpoint::new(configuration, bearer, Method::GET, &url)
                        .unwrap();
                bank.world.run(FetchProtectedResource::new(resource))
            }
        };
        let error = stolen.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    }
}

/// RS256 fits the bank's keys too, but is not registered.
#[test]
fn rs256_is_refused_where_ps256_is_right() {
    let bank = Bank::new(Bound::Certificate);
    bank.world.provider.misbehave(IdTokenAlternateAlgorithm);
    let reason = Reason::Algorithm {
        expected: vec!["PS256".to_owned()],
        found: "RS256".to_owned(),
    };
    let hybrid = bank.signed().response_type(ResponseType::CodeIdToken);
    assert_rejected(bank.log_in(hybrid), INVALID, Artefact::IdToken, &reason);
    assert_eq!(bank.world.served(Endpoint::Token), 0);
    let packed = bank.signed().response_mode(ResponseMode::Jwt);
    assert_rejected(bank.log_in(packed), INVALID, Artefact::IdToken, &reason);
    assert_eq!(bank.world.served(Endpoint::Token), 1);
    assert_eq!(bank.world.served(Endpoint::Resource), 0);
}

/// Every server requires a nonce, and the key set contains keys with the same `kid` for other
/// algorithms.
#[test]
fn fapi_2_security_profile_and_message_signing() {
    for bound in [Bound::DPoP, Bound::Certificate] {
        for (nonces, scope) in [
            (true, "openid"),
            (true, "accounts"),
            (false, "openid"),
            (false, "accounts"),
        ] {
            let bank = Bank::new(bound);
            let provider = &bank.world.provider;
            provider.misbehave(KeySetDuplicateKidOtherAlgorithm);
            if nonces {
                provider.treat_dpop(DPoPBehaviour::NonceRequired);
            }
            let tokens = bank.succeeds(bank.request().pushed().scope(scope));
            assert_eq!(tokens.id_token().is_some(), scope == "openid");
            // The nonce of the authorization server is known after the first request.
            let once_more = usize::from(nonces && bound == Bound::DPoP);
            assert_eq!(bank.sent(EndpointName::PushedAuthorization), 1 + once_more);
            assert_eq!(bank.sent(EndpointName::Token), 1);
            assert_eq!(bank.sent(EndpointName::ProtectedResource), 1 + once_more);
            bank.succeeds(
                bank.signed()
                    .pushed()
                    .scope(scope)
                    .response_mode(ResponseMode::Jwt),
            );
        }
    }
}

#[test]
fn schemes_and_token_types_are_compared_without_case() {
    for bound in [Bound::DPoP, Bound::Certificate] {
        let bank = Bank::new(bound);
        let provider = &bank.world.provider;
        provider.treat_dpop(DPoPBehaviour::NonceRequired);
        provider.treat_dpop(DPoPBehaviour::SchemeInvertedCase);
        provider.misbehave(TokenTypeInvertedCase);
        let tokens = bank.succeeds(bank.request().pushed());
        let token_type = match bound {
            Bound::DPoP => TokenType::DPoP,
            Bound::Certificate => TokenType::Bearer,
        };
        assert_eq!(tokens.token_type(), token_type);
        let asked = bank.sent(EndpointName::ProtectedResource);
        assert_eq!(asked, 1 + usize::from(bound == Bound::DPoP));
    }
}

#[test]
fn scope_and_lifetime_need_not_come() {
    for bound in [Bound::DPoP, Bound::Certificate] {
        let bank = Bank::new(bound);
        for misbehaviour in [
            TokenScopeMissing,
            TokenExpiresInMissing,
            IdTokenAccessTokenHashMissing,
            IdTokenAudienceArray,
        ] {
            bank.world.provider.misbehave(misbehaviour);
        }
        let hybrid = bank.signed().response_type(ResponseType::CodeIdToken);
        let packed = bank.signed().response_mode(ResponseMode::Jwt);
        for request in [hybrid, packed, bank.request().pushed()] {
            let tokens = bank.succeeds(request);
            assert_eq!(tokens.scope(), None);
            assert_eq!(tokens.expires_in(tokens.received_at()), None);
        }
    }
}

/// FAPI 2.0 Security Profile section 5.3.3.1 (RFC 9207) checks `iss`, and RFC 6749 section 10.12
/// checks `state`.
#[test]
fn an_answer_of_another_server_or_to_another_request_costs_no_code() {
    let mismatch =
        |parameter, expected: Option<&str>, found: Option<&str>| Reason::ParameterMismatch {
            parameter,
            expected: expected.map(str::to_owned),
            found: found.map(str::to_owned),
        };
    let changed = format!("{ISSUER}1");
    let cases: [(Misbehaviour, Reason); 4] = [
        (
            CallbackIssuerMismatch,
            mismatch("iss", Some(ISSUER), Some(&changed)),
        ),
        (CallbackIssuerMissing, missing("iss")),
        (CallbackStateMismatch, mismatch("state", None, None)),
        (CallbackStateMissing, missing("state")),
    ];
    for bound in [Bound::DPoP, Bound::Certificate] {
        for (misbehaviour, reason) in &cases {
            let bank = Bank::new(bound);
            bank.world.provider.misbehave(*misbehaviour);
            let result = bank.log_in(bank.request().pushed());
            assert_rejected(result, INVALID, Artefact::AuthorizationResponse, reason);
            assert_eq!(bank.world.served(Endpoint::Token), 0);
        }
    }
}

/// The backchannel request is signed. The client polls, or waits for a ping.
#[test]
fn fapi_ciba() {
    for bound in [Bound::DPoP, Bound::Certificate] {
        for pings in [false, true] {
            let bank = Bank::new(bound);
            let hint = Hint::LoginHint("bob".to_owned());
            let request = InitiateBackchannelAuthentication::new(bank.configuration.clone(), hint)
                .binding_message("W4SCT")
                .request_object(bank.request_object.clone());
            let request = match pings {
                false => request,
                true => request.ping(),
            };
            let begun = bank.world.run(request).unwrap();
            let grant = PollBackchannelAuthenticationGrant::new(bank.configuration.clone(), &begun);
            let grant = match pings {
                false => grant,
                true => {
                    bank.world.provider.approve_after(0);
                    grant.after_ping()
                }
            };
            let tokens = bank.world.run(grant).unwrap();
            assert_eq!(tokens.id_token().unwrap().sub(), "bob");
            assert_eq!(bank.sent(EndpointName::BackchannelAuthentication), 1);
            assert_eq!(bank.sent(EndpointName::Token), if pings { 1 } else { 2 });
            assert_eq!(bank.fetch(&tokens).unwrap().status(), 200);
        }
    }
}
