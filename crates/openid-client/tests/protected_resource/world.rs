//! A provider, a resource at another origin, and a client that may reach both.

use std::net::{IpAddr, Ipv4Addr};

use openid_client::http::{Bytes, DestinationPolicy, HeaderMap, Response, Uri};
use openid_client::{
    Client, ClientBuilder, ClientIdMetadataDocument, ClientMetadata, Error, ResourceAccess,
    ResourceClient, ResourceUrl,
};
use serde_json::{Value, json};
use test_provider::server::{Scheme, Server};
use test_provider::{ProtectedResource, Provider};

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:8321/cb";
pub(crate) const CLIENT_ID: &str = "https://app.example.com/client.json";

pub(crate) struct World {
    pub(crate) provider: Server,
    pub(crate) resource: Server,
}

/// Allows this machine, where the servers of the tests are, and nothing else.
pub(crate) struct Loopback;

impl DestinationPolicy for Loopback {
    fn allows_url(&self, _: &Uri) -> bool {
        true
    }

    fn allows_address(&self, _: &str, address: IpAddr) -> bool {
        address == IpAddr::from(Ipv4Addr::LOCALHOST)
    }
}

impl World {
    /// The resource `/mcp` supports the scope `read`; the path `/mcp/write` needs `write`.
    pub(crate) async fn new() -> Self {
        Self::with(|resource, issuer| {
            resource
                .authorization_server(issuer)
                .scope_supported("read")
                .requires("/mcp/write", "write")
        })
        .await
    }

    pub(crate) async fn with(
        build: impl FnOnce(ProtectedResource, &str) -> ProtectedResource,
    ) -> Self {
        let provider = Server::start(Scheme::Https, Provider::new).await.unwrap();
        provider.provider().host(CLIENT_ID, document().response());
        let issuer = provider.url().to_owned();
        let build = |url: String| build(ProtectedResource::new(url + "/mcp"), &issuer);
        let resource = Server::start_resource(Scheme::Https, &provider, build);
        let resource = resource.await.unwrap();
        Self { provider, resource }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.resource.url())
    }

    /// A client that has nothing to be a client with.
    pub(crate) fn stranger(&self) -> ClientBuilder<ResourceUrl> {
        self.trusting(Client::for_protected_resource(self.url("/mcp")))
            .destination_policy(Loopback)
    }

    /// The same under the default policy about destinations.
    pub(crate) fn trusting(
        &self,
        client: ClientBuilder<ResourceUrl>,
    ) -> ClientBuilder<ResourceUrl> {
        client
            .root_certificate_pem(self.provider.ca_certificate_pem())
            .root_certificate_pem(self.resource.ca_certificate_pem())
            .redirect_uri(REDIRECT_URI)
    }

    /// A client with a metadata document.
    pub(crate) fn client(&self) -> ClientBuilder<ResourceUrl> {
        self.stranger().client_id_metadata_document(document())
    }

    /// The challenge of the resource to a request without a token.
    pub(crate) fn challenge(&self, path: &str) -> HeaderMap {
        let request = openid_client::http::Request::get(path).body(Bytes::new());
        let provider = self.provider.provider();
        let response = self
            .resource
            .resource()
            .handle(provider, &request.unwrap(), 0);
        assert_eq!(response.status(), 401);
        response.headers().clone()
    }

    pub(crate) async fn log_in(&self, client: &ResourceClient) -> ResourceAccess {
        let (url, pending) = client.authorization_request().await.unwrap();
        let callback = self.provider.log_in(url);
        client
            .authorization_code_grant(pending, callback)
            .await
            .unwrap()
    }

    /// Paths of the resource that were requested with a token.
    pub(crate) fn with_token(&self) -> Vec<String> {
        let received = self.resource.resource().received();
        let with_token = received.into_iter().filter(|(_, token)| token.is_some());
        with_token.map(|(path, _)| path).collect()
    }
}

pub(crate) fn document() -> ClientIdMetadataDocument {
    ClientIdMetadataDocument::new(&public(CLIENT_ID)).unwrap()
}

/// A client without credentials.
pub(crate) fn public(client_id: &str) -> ClientMetadata {
    let mut client = ClientMetadata::new(client_id);
    client.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    client.token_endpoint_auth_method = Some("none".to_owned());
    client
}

/// The JSON that the resource answered with.
pub(crate) async fn body(response: Response<openid_client::Body>) -> Value {
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect(10_000).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

pub(crate) fn json_page(document: &Value) -> Response<Bytes> {
    let body = Bytes::from(document.to_string());
    Response::builder()
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

/// Metadata of an authorization server at this origin.
pub(crate) fn server_metadata(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "registration_endpoint": format!("{origin}/register"),
        "client_id_metadata_document_supported": true,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

#[track_caller]
pub(crate) fn refused<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("nothing was refused"),
        Err(error) => error,
    }
}
