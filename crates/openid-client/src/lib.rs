//! An OAuth 2 and OpenID Connect client, strict by default, over hyper and rustls.
//!
//! # A login
//!
//! ```
//! # test_provider::example!(at |issuer, root, server| {
//! # let secret = "a-secret-of-at-least-32-characters";
//! # let method = test_provider::ClientAuthentication::ClientSecretBasic(secret.to_owned());
//! # let app = test_provider::ClientRegistration::new("my-app", method);
//! # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
//! use openid_client::Client;
//!
//! // Once, when the application starts; `issuer` is a URL such as "https://id.example.com".
//! let client = Client::discover(issuer, "my-app")
//!     .client_secret_basic(secret)
//!     .redirect_uri("https://app.example.com/cb")
//! #   .root_certificate_pem(root)
//!     .await?;
//!
//! // A person wants to log in: send the browser to `url`, and store `pending`, which is
//! // serialisable, under the browser's session and `pending.state()`.
//! let (url, pending) = client.authorization_request().scope("openid email").await?;
//!
//! // The browser comes back: take `pending` out of the store. Every check is made here.
//! # let callback = server.log_in(url);
//! let tokens = client.authorization_code_grant(pending, callback).await?;
//! let user = client.fetch_user_info(&tokens).await?;
//! println!("hello {}", user.email().unwrap_or(user.sub()));
//! # assert_eq!(user.email(), Some("alice@example.com"));
//!
//! // Later: new tokens, and the logout.
//! let tokens = client.refresh_token_grant(&tokens).await?;
//! let logout = client.end_session().url()?;
//! # assert!(tokens.expires_in(client.now()).is_some() && logout.as_str().starts_with(issuer));
//! # });
//! ```
//!
//! The library makes every check: `state`, `nonce`, PKCE, the issuer in the callback (RFC 9207),
//! signature and claims of the ID Token, the subject of UserInfo. The application keeps the store:
//! when it takes a [`PendingLogin`] out before it uses it, the login can be finished only once. An
//! application without a store puts the login into a cookie with [`Client::seal_login`].
//!
//! # More
//!
//! - [`Client`] has a method for each operation. [`Client::run`] runs any operation of
//!   [`oauth_core`], the protocol without I/O.
//! - [`ClientBuilder`] sets secrets, private keys, root certificates, deadlines and clocks.
//! - [`Policy::danger`] has a switch for each check that a provider may fail. Error messages name
//!   it as `danger.…`; set it, and give the policy to [`ClientBuilder::policy`].
//! - [`LazyClient`] lets an application start while its provider is down, and
//!   [`ClientBuilder::lazy`](ClientBuilder::<ProtectedResource>::lazy) an API.
//! - [`Profile`] puts a client under FAPI 2.0, FAPI 1.0 Advanced or FAPI-CIBA.
//! - [`TokenSource`] keeps a token valid for many callers, and [`store`] for many instances; the
//!   guide `docs/guide/keeping-tokens.md` explains both.
//! - [`Client::verify_logout_token`], [`Client::check_front_channel_logout`] and [`SESSION_FRAME`]
//!   end sessions that have ended at the server. [`Client::login_initiated`] begins a login that
//!   another party asks for, and [`Client::find_issuer`] finds the issuer of a person.
//! - [`Client::verify_aggregated_claims`] and [`Client::fetch_distributed_claims`] read claims of
//!   other parties.
//! - [`ResourceServer`] protects an API: it decides whether the access token of a request permits
//!   it; see [`resource_server`] and the guide `docs/guide/protecting-an-api.md`.
//! - [`Client::for_protected_resource`] finds the authorization server of a resource, for example
//!   of an MCP server, and logs a person in there; see the guide `docs/guide/mcp.md`.
//! - [`Keyring`] holds private keys, and uses keys that are kept elsewhere.
//! - [`http::HttpClient`] replaces the transport. [`http::DestinationPolicy`] decides which servers
//!   requests may go to, for applications whose users name the servers.
//! - [`Error::code`] is stable. The errors hold what was expected and what was found, `{:#}` prints
//!   them with their causes, and [`Report`] is for the `main` of a program.
//! - [`ClientBuilder::observer`] sees each request and the head of its response, without secrets.
//! - `docs/guide` contains a guide for each job, settings for well-known providers and the answers
//!   to common questions.
//!
//! # Features
//!
//! | feature | default | does |
//! |---|---|---|
//! | `native-roots` | yes | trusts the platform's root certificates |
//! | `webpki-roots` | no | trusts the root certificates of Mozilla's list, as of the version of the crate |
//! | `platform-verifier` | no | lets the platform decide; see `ClientBuilder::platform_verifier` |
//! | `ring`, `aws-lc-rs` | yes | which library signs and verifies; see [`jose`] |
//! | `http2` | no | uses HTTP/2 when the server offers it |
//! | `encrypted-keys` | no | reads private keys that a passphrase protects |
//! | `tower` | no | protects the routes of a server; see [`resource_server`] |
//! | `axum` | no | the same with an extractor for handlers |
//! | `native` | no | logs in through the browser of the same machine; see `native` |
//! | `proxy` | no | reaches servers through an HTTP proxy; see `ClientBuilder::proxy` |
//! | `tracing` | no | writes spans and events; see the guide `docs/guide/operations.md` |
//! | `redis` | no | keeps tokens in Redis; see [`store`] |
//!
//! TLS is always rustls over *ring*, set explicitly: no process-wide default is read or set.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod accepted_tokens;
mod builder;
mod client;
mod clock;
mod error;
mod exchange;
mod flights;
#[cfg(doctest)]
mod guides;
mod host;
pub mod http;
pub mod keyring;
mod lock;
#[cfg(feature = "native")]
pub mod native;
pub mod resource_server;
pub mod store;
mod trace;

pub use jose;
pub use jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
pub use jose::{SignatureAlgorithm, SigningKey};
pub use oauth_core;
pub use oauth_core::Error as CoreError;
pub use oauth_core::authorization::AuthorizationRequest as CoreAuthorizationRequest;
pub use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, AuthorizationDetail, Callback, ExpectedState, LoginInitiation,
    PendingLogin, ResponseMode, ResponseType, SealingKey,
};
pub use oauth_core::cache::ExportedJwksCache;
pub use oauth_core::challenge::Challenge;
pub use oauth_core::client_auth::{
    ClientAttestation, ClientAuthentication, ClientSecret, ClientSecretBasic, ClientSecretJwt,
    Credentials, CustomAuthentication, PrivateKeyJwt, UnauthenticatedRequest,
};
pub use oauth_core::configuration::Configuration;
pub use oauth_core::dpop::DPoPKey;
pub use oauth_core::endpoint::{
    AccessToken, BackchannelAuthenticationResponse, ClientInformation, DeviceAuthorizationResponse,
    DiscoveryAlgorithm, ExpectedSubject, Hint, IntrospectionResponse, Ping, Push, TokenResponse,
    TokenType, UserInfoResponse,
};
pub use oauth_core::entropy::{Entropy, EntropyFault};
pub use oauth_core::error::RegistrationUnusable as CoreRegistrationUnusable;
pub use oauth_core::error::{
    Artefact, AuthenticationFault, AuthorizationResponseError, Expired, KeyFault, MetadataError,
    Misuse, NoAnswer, Reason, RefusedResponse, Rejection, ResponseBodyError, SealFault, StepUp,
    StoreError, TimestampRule, TlsFault, TokensUnverified, Unanswered, Unsupported,
    UnverifiedError, WwwAuthenticateChallengeError,
};
pub use oauth_core::flow::{ClaimsProvider, ImplicitAuthenticationResponse, TokenSet};
pub use oauth_core::key::{
    DecryptionKeyReference, DecryptionKeys, Encryption, KeyJob, KeyReference, KeyResult,
    ModifyAssertion,
};
pub use oauth_core::logout::{
    EndSession, FrontChannelLogout, SESSION_FRAME, logged_out, logout_failed,
};
pub use oauth_core::metadata::{
    ClientIdMetadataDocument, ClientMetadata, ClientMetadataBuilder, MtlsEndpointAliases,
    ProtectedResourceMetadata, RegisteredAlgorithm, ResourceIdentifier, Scope, ServerMetadata,
};
pub use oauth_core::names::{EndpointName, KeyName};
pub use oauth_core::operation::Operation;
pub use oauth_core::pkce::CodeVerifier;
pub use oauth_core::policy::{ClockSkew, Danger, Policy, RepairResponse, TenantId, Tenants};
pub use oauth_core::profile::{Party, Profile, ProfileViolation, Requirement};
pub use oauth_core::report::Report;
pub use oauth_core::request_object::{HostedRequest, RequestObject, request_object_response};
pub use oauth_core::resource_server::{
    AuthorizationScheme, DPoPNonces, DangerAccessTokenProfile, Introspection, Refusal,
    ResourceRequest, TokenBinding, ValidatedAccessToken,
};
pub use oauth_core::secret::Secret;
pub use oauth_core::source::{
    Invalidation, LoginNeeded, Renewal, RequestedGrant, SourceError, SourceGrantRequest,
    SourcedTokens, StoredIdToken, StoredTokenSet, Warning,
};
pub use oauth_core::time::UnixTime;
pub use oauth_core::validate::{
    ConfirmationClaims, DistributedClaims, IdToken, LogoutToken, MetadataSigner, PreviousIdToken,
    SourcedClaims, UnverifiedAggregatedClaims, UnverifiedClaimSource, UserInfoAddress,
};
pub use oauth_core::wire::{JsonObject, Parameters, access_token_is_dead};
pub use rustls;
pub use serde_json;
pub use url::Url;

pub use self::builder::{
    ClientBuilder, DangerDocument, IssuerOnly, Lazy, LazyProtectedResource, NewClient,
    ProtectedResource, ResourceUrl,
};
pub use self::client::{
    AuthorizationCodeGrantRequest, AuthorizationCodeGrantWithChecks, AuthorizationRequest,
    BackchannelAuthenticationGrantRequest, BackchannelAuthenticationRequest, Client,
    ClientCredentialsGrantRequest, DeviceAuthorizationGrantRequest, DeviceAuthorizationRequest,
    FurtherScope, GenericGrantRequest, LazyClient, ProtectedResourceRequest,
    RefreshTokenGrantRequest, ResourceAccess, ResourceAccessRequest, ResourceClient, ResourceToken,
    SourceGrant, StoredResourceAccess, TokenIntrospectionRequest, TokenRevocationRequest,
    TokenSource, TokenSourceBuilder, UserInfoRequest,
};
pub use self::clock::Clock;
pub use self::error::{Error, RegistrationUnusable};
pub use self::http::{
    Body, BoxFuture, Bytes, ClientCertificate, DestinationPolicy, HeaderMap, HeaderName,
    HeaderValue, HttpBody, HttpClient, HyperClient, Method, Observation, ObservedEvent,
    PublicAddresses, ReplaceableCertificate, Request, Resolve, Response, RootCertificates,
    ServiceClient, StatusCode, TransportError, TransportFailure, Uri,
};
pub use self::keyring::{Keyring, RemoteKey};
#[cfg(feature = "axum")]
pub use self::resource_server::NotVerified;
#[cfg(feature = "tower")]
pub use self::resource_server::{PeerCertificate, ResourceServerLayer, ResourceServerService};
pub use self::resource_server::{Refused, ResourceServer, VerifiedToken};
#[cfg(feature = "redis")]
pub use self::store::RedisStore;
pub use self::store::{
    Entry, FileStore, Lease, MemoryStore, Revision, SealedStore, StoreFuture, TimedStore,
    TokenStore,
};
