//! The settings of a client whose authorization server a protected resource names.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::error::Misuse;
use oauth_core::flow::{DiscoverAuthorizationServer, FetchProtectedResourceMetadata};
use oauth_core::metadata::{
    ClientIdMetadataDocument, ClientMetadata, ProtectedResourceMetadata, RegistrationOption,
    RegistrationOptions, ResourceIdentifier, Scope, ServerMetadata,
};
use oauth_core::validate::{MetadataSigner, ResourceChallenge};

use super::registration::Permit;
use super::{ClientBuilder, Settings};
use crate::client::{Client, FurtherScope, ResourceClient};
use crate::error::Error;
use crate::host::{Host, Shared, drive};
use crate::http::{BoxFuture, PublicAddresses};
use crate::trace;

/// The URL of a protected resource whose authorization server is to be found; see
/// [`Client::for_protected_resource`].
pub struct ResourceUrl {
    resource: String,
    challenge: ResourceChallenge,
    signer: Option<MetadataSigner>,
    options: RegistrationOptions,
    /// What servers are asked to register; completed when all settings are known.
    dynamic: Option<ClientMetadata>,
    choose_issuer: Option<Box<ChooseIssuer>>,
    further_scope: Option<Arc<ChooseScope>>,
    offline_access: bool,
}

type ChooseIssuer = dyn Fn(&ProtectedResourceMetadata) -> Option<String> + Send + Sync;

pub(crate) type ChooseScope = dyn Fn(&FurtherScope) -> Option<Scope> + Send + Sync;

impl ResourceUrl {
    pub(crate) fn new(resource: String) -> Self {
        Self {
            resource,
            challenge: ResourceChallenge::default(),
            signer: None,
            options: RegistrationOptions::default(),
            dynamic: None,
            choose_issuer: None,
            further_scope: None,
            offline_access: false,
        }
    }

    /// The issuer to log in at: one of the list.
    fn issuer(&self, metadata: &ProtectedResourceMetadata) -> Result<String, Error> {
        let listed = metadata
            .authorization_servers
            .as_deref()
            .unwrap_or_default();
        let chosen = match &self.choose_issuer {
            Some(choose) => choose(metadata),
            None => self.options.preferred_issuer(listed).cloned(),
        };
        match chosen {
            Some(chosen) if listed.contains(&chosen) => Ok(chosen),
            chosen => Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "choose_issuer",
                expected: "one of the `authorization_servers` of the resource",
                found: chosen.map_or_else(
                    || "none: the application accepts no issuer of the resource".to_owned(),
                    |chosen| chosen.escape_debug().to_string(),
                ),
            })
            .into()),
        }
    }

    /// The scope of the first login.
    fn first_scope(&self, metadata: &ProtectedResourceMetadata, server: &ServerMetadata) -> Scope {
        let scope = self.challenge.initial_scope(metadata);
        let supported = server.scopes_supported.as_deref().unwrap_or_default();
        let offline = Scope::parse(OFFLINE_ACCESS).filter(|_| {
            self.offline_access && supported.iter().any(|value| value == OFFLINE_ACCESS)
        });
        // A scope that leaves no room for the value is requested without it.
        let both = offline.and_then(|offline| scope.union(&offline));
        both.unwrap_or(scope)
    }
}

impl ClientBuilder<ResourceUrl> {
    /// Reads the challenge of the resource from the headers of its response, for example of a
    /// `401`: where its metadata are, and which scope the request needs (RFC 9728 section 5.1).
    /// Without it, the metadata are looked for below `/.well-known/oauth-protected-resource`.
    pub fn challenge(mut self, headers: &HeaderMap) -> Self {
        let read = ResourceChallenge::of_response(headers);
        let set = read.map(|challenge| self.source.challenge = challenge);
        self.check(set)
    }

    /// Uses this client at exactly this issuer, with the credentials in its metadata. Another
    /// server never sees them. May be called for several issuers.
    ///
    /// A registration that was [made dynamically](Self::dynamic_registration) is kept this way:
    /// store the [`client_information`](Client::client_information) under the issuer, and give its
    /// [`metadata`](crate::ClientInformation::metadata) here when the program starts again.
    pub fn registered_at(mut self, issuer: impl Into<String>, client: ClientMetadata) -> Self {
        self.source.options.add_registered(issuer, client);
        self
    }

    /// Uses this metadata document as the client at servers that support such documents, where
    /// [`registered_at`](Self::registered_at) names no client. The application serves the document
    /// at the URL that is its `client_id`. Set the [`private_key`](Self::private_key) if the
    /// document says `private_key_jwt`.
    pub fn client_id_metadata_document(mut self, document: ClientIdMetadataDocument) -> Self {
        self.source.options.set_document(document);
        self
    }

    /// Registers a client with this metadata (RFC 7591) at servers where no other way is possible.
    /// `application_type` is set, unless the metadata have one. The Model Context Protocol
    /// deprecates dynamic registration.
    pub fn dynamic_registration(mut self, metadata: ClientMetadata) -> Self {
        self.source.dynamic = Some(metadata);
        self
    }

    /// Decides which of the `authorization_servers` a person may be sent to. The set-up fails if
    /// the answer is `None`. By default, it is the first one that
    /// [`registered_at`](Self::registered_at) names, and otherwise the first of the list.
    ///
    /// The resource chooses the list, and a stranger may have chosen the resource: ask the person,
    /// or compare with the issuers that the application trusts (RFC 9728 section 7.6).
    pub fn choose_issuer(
        mut self,
        choose: impl Fn(&ProtectedResourceMetadata) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.source.choose_issuer = Some(Box::new(choose));
        self
    }

    /// Decides which scope is asked for when the resource needs more than it was granted; `None`
    /// keeps the refusal. By default, it is the [proposed](FurtherScope::proposed) one.
    pub fn further_scope(
        mut self,
        choose: impl Fn(&FurtherScope) -> Option<Scope> + Send + Sync + 'static,
    ) -> Self {
        self.source.further_scope = Some(Arc::new(choose));
        self
    }

    /// Adds `offline_access` to the scope of the first login if the server lists it, so that the
    /// server may issue a refresh token.
    pub fn offline_access(mut self) -> Self {
        self.source.offline_access = true;
        self
    }

    /// Requires metadata of the resource that this party has signed (RFC 9728 section 2.2). The
    /// signed values replace the plain ones.
    pub fn resource_metadata_signer(mut self, signer: MetadataSigner) -> Self {
        self.source.signer = Some(signer);
        self
    }

    async fn fetch(mut self) -> Result<ResourceClient, Error> {
        // Strangers choose all URLs. A transport of the application decides itself, for the
        // requests that it sends.
        if self.transport.is_none() {
            self.default_destinations = Some(Arc::new(PublicAddresses));
        }
        self.load().await;
        let (mut source, settings, shared) = self.prepare()?;
        settings.check_portable()?;
        let policy = settings.policy.clone();
        let host = Host::new(&shared, &settings.keyring, &policy);
        let resource = ResourceIdentifier::new(&source.resource, &policy)?;
        let signer = source.signer.as_ref();
        let fetch =
            FetchProtectedResourceMetadata::new(&resource, &source.challenge, signer, &policy)?;
        let fetch = drive(&host, fetch);
        let metadata = trace::operation("fetch_protected_resource_metadata", "", fetch).await?;
        if metadata.dpop_bound_access_tokens_required == Some(true) && settings.dpop_key.is_none() {
            return Err(oauth_core::Error::from(Misuse::MissingArgument {
                argument: "dpop_key",
                purpose: "a resource that accepts only access tokens that are bound to one",
            })
            .into());
        }
        let issuer = source.issuer(&metadata)?;
        let discover = DiscoverAuthorizationServer::new(&issuer, policy.clone())?;
        let discover = drive(&host, discover);
        let server = trace::operation("discover", &issuer, discover).await?;
        if let Some(mut client) = source.dynamic.take() {
            settings.set_redirect_uris(&mut client);
            source.options.set_dynamic(client);
        }
        let scope = source.first_scope(&metadata, &server);
        let option = source.options.choose(&server)?;
        let client = settings.become_client(option, server, shared).await?;
        let resource = ResourceIdentifier::new(&metadata.resource, &policy)?;
        let further_scope = source.further_scope;
        Ok(ResourceClient::new(
            client,
            resource,
            metadata,
            scope,
            further_scope,
        ))
    }
}

impl Settings {
    /// Refuses settings that would go to every server: a secret belongs to one.
    fn check_portable(&self) -> Result<(), Error> {
        if let Some(
            method @ (ClientAuthentication::ClientSecretBasic(_)
            | ClientAuthentication::ClientSecretPost(_)
            | ClientAuthentication::ClientSecretJwt(_)),
        ) = &self.authentication
        {
            return refused("authentication", method.as_str());
        }
        if self.client.client_secret.is_some() {
            return refused("client_secret", "a secret");
        }
        let mut alone = ClientMetadata::new("");
        alone.redirect_uris.clone_from(&self.client.redirect_uris);
        match self.information.is_some() || *self.client != alone {
            true => refused("client_metadata", "metadata"),
            false => Ok(()),
        }
    }

    /// Refuses a method of the application at a server that no setting names. Its credentials may
    /// be a secret, which the server would learn.
    fn check_custom_authentication(&self) -> Result<(), Error> {
        match &self.authentication {
            Some(method @ ClientAuthentication::Custom(_)) => {
                refused("authentication", method.as_str())
            }
            _ => Ok(()),
        }
    }

    /// Replaces the redirect URIs, if the application set one.
    fn set_redirect_uris(&self, client: &mut ClientMetadata) {
        if let Some(own) = &self.client.redirect_uris {
            client.redirect_uris = Some(own.clone());
        }
    }

    /// Sets up the client that was chosen for this server, and no other credentials.
    async fn become_client(
        mut self,
        option: RegistrationOption,
        server: ServerMetadata,
        shared: Arc<Shared>,
    ) -> Result<Client, Error> {
        let is_registered = matches!(option, RegistrationOption::Registered(_));
        let mut client = match option {
            RegistrationOption::Dynamic(client) => {
                self.check_custom_authentication()?;
                self.client = Arc::new(client);
                self.register_authentication()?;
                return self.register(server, Permit::default(), shared).await;
            }
            RegistrationOption::Registered(client) | RegistrationOption::Document(client) => client,
        };
        self.set_redirect_uris(&mut client);
        // The metadata decide, where they name a method without a key.
        let is_public = client.token_endpoint_auth_method.as_deref() == Some("none");
        if is_public || client.client_secret.is_some() {
            self.authentication = None;
        }
        if !is_registered {
            self.check_custom_authentication()?;
        }
        self.client = Arc::new(client);
        self.pair(server, shared)
    }
}

/// The refusal of a setting that would go to every server.
fn refused(argument: &'static str, found: &str) -> Result<(), Error> {
    Err(oauth_core::Error::from(Misuse::InvalidArgument {
        argument,
        expected: "absent: credentials belong to one issuer, which `registered_at` names",
        found: found.to_owned(),
    })
    .into())
}

impl IntoFuture for ClientBuilder<ResourceUrl> {
    type Output = Result<ResourceClient, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

impl fmt::Debug for ResourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceUrl")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// OpenID Connect Core 1.0 section 11.
const OFFLINE_ACCESS: &str = "offline_access";
