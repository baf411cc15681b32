//! The choice of a client for a server that a protected resource names.

use url::{Host, Url};

use crate::error::{Error, Unsupported, printable};
use crate::metadata::{ClientIdMetadataDocument, ClientMetadata, ServerMetadata};

/// The ways in which an application can be a client of a server that it has not known before.
///
/// Credentials belong to one issuer, and no other server sees them.
#[derive(Clone, Default)]
pub struct RegistrationOptions {
    registered: Vec<(String, ClientMetadata)>,
    document: Option<ClientIdMetadataDocument>,
    dynamic: Option<ClientMetadata>,
}

/// The client for one server.
#[derive(Debug, Clone, PartialEq)]
pub enum RegistrationOption {
    /// The client that the application has at this issuer, with its credentials.
    Registered(ClientMetadata),
    /// The client of a metadata document, which is registered nowhere.
    Document(ClientMetadata),
    /// Metadata that are yet to be registered (RFC 7591).
    Dynamic(ClientMetadata),
}

impl RegistrationOptions {
    /// Adds a client that is registered at exactly this issuer.
    pub fn add_registered(&mut self, issuer: impl Into<String>, client: ClientMetadata) {
        self.registered.push((issuer.into(), client));
    }

    /// Sets the metadata document of the application, for servers that support such documents.
    pub fn set_document(&mut self, document: ClientIdMetadataDocument) {
        self.document = Some(document);
    }

    /// Sets the metadata that servers are asked to register.
    pub fn set_dynamic(&mut self, client: ClientMetadata) {
        self.dynamic = Some(client);
    }

    /// The issuer of a list at which the application has a client; otherwise the first one.
    pub fn preferred_issuer<'i>(&self, issuers: &'i [String]) -> Option<&'i String> {
        let has_client = |issuer: &&String| self.registered.iter().any(|(at, _)| at == *issuer);
        issuers.iter().find(has_client).or(issuers.first())
    }

    /// Chooses the client for a server (Model Context Protocol 2026-07-28, client registration):
    ///
    /// 1. the one that the application has at this issuer;
    /// 2. its metadata document, if `client_id_metadata_document_supported` is true;
    /// 3. dynamic registration, if there is a `registration_endpoint`. `application_type` is set,
    ///    unless the metadata have one: `native` if every redirect URI is http on loopback or has a
    ///    private-use scheme, and `web` otherwise.
    ///
    /// # Errors
    ///
    /// [`Unsupported::NoRegistration`] if none is possible.
    pub fn choose(&self, server: &ServerMetadata) -> Result<RegistrationOption, Error> {
        let mut registered = self.registered.iter();
        if let Some((_, client)) = registered.find(|(issuer, _)| *issuer == server.issuer) {
            return Ok(RegistrationOption::Registered(client.clone()));
        }
        if let Some(document) = &self.document
            && server.client_id_metadata_document_supported == Some(true)
        {
            let client = ClientMetadata::from_json(document.document())?;
            return Ok(RegistrationOption::Document(client));
        }
        if let Some(client) = &self.dynamic
            && server.registration_endpoint.is_some()
        {
            let mut client = client.clone();
            if client.application_type.is_none() {
                client.application_type = Some(application_type(&client).to_owned());
            }
            return Ok(RegistrationOption::Dynamic(client));
        }
        let issuer = printable(&server.issuer);
        Err(Unsupported::NoRegistration { issuer }.into())
    }
}

/// Shows the issuers, and no credentials.
impl std::fmt::Debug for RegistrationOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let issuers: Vec<_> = self.registered.iter().map(|(issuer, _)| issuer).collect();
        f.debug_struct("RegistrationOptions")
            .field("registered", &issuers)
            .field("document", &self.document)
            .field("dynamic", &self.dynamic.is_some())
            .finish()
    }
}

/// OpenID Connect Dynamic Client Registration 1.0 section 2.
fn application_type(client: &ClientMetadata) -> &'static str {
    let uris = client.redirect_uris.as_deref().unwrap_or_default();
    match !uris.is_empty() && uris.iter().all(|uri| is_native(uri)) {
        true => "native",
        false => "web",
    }
}

fn is_native(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    match (url.scheme(), url.host()) {
        ("https", _) => false,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", host) => host == Some(Host::Domain("localhost")),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{RegistrationOption, RegistrationOptions};
    use crate::error::{Error, Unsupported};
    use crate::metadata::{ClientIdMetadataDocument, ClientMetadata, ServerMetadata};

    const ISSUER: &str = "https://op.example";

    fn client(client_id: &str) -> ClientMetadata {
        let mut client = ClientMetadata::new(client_id);
        client.redirect_uris = Some(vec!["http://127.0.0.1:8321/cb".to_owned()]);
        client.token_endpoint_auth_method = Some("none".to_owned());
        client
    }

    /// Everything, with credentials of two issuers.
    fn options() -> RegistrationOptions {
        let mut options = RegistrationOptions::default();
        options.add_registered("https://other.example", client("other"));
        options.add_registered(ISSUER, client("known"));
        let document = client("https://app.example/client.json");
        options.set_document(ClientIdMetadataDocument::new(&document).unwrap());
        options.set_dynamic(client(""));
        options
    }

    fn server(supports_documents: bool, registers: bool) -> ServerMetadata {
        let mut server = ServerMetadata::new(ISSUER);
        server.client_id_metadata_document_supported = Some(supports_documents);
        server.registration_endpoint = registers.then(|| format!("{ISSUER}/register"));
        server
    }

    fn chosen(options: &RegistrationOptions, server: &ServerMetadata) -> (&'static str, String) {
        match options.choose(server).unwrap() {
            RegistrationOption::Registered(client) => ("registered", client.client_id),
            RegistrationOption::Document(client) => ("document", client.client_id),
            RegistrationOption::Dynamic(client) => ("dynamic", client.client_id),
        }
    }

    #[test]
    fn the_order_of_the_specification() {
        let everything = options();
        let known = ("registered", "known".to_owned());
        assert_eq!(chosen(&everything, &server(true, true)), known);
        let mut stranger = options();
        stranger.registered.pop();
        let document = ("document", "https://app.example/client.json".to_owned());
        assert_eq!(chosen(&stranger, &server(true, true)), document);
        assert_eq!(chosen(&stranger, &server(false, true)).0, "dynamic");
        let mut unadvertised = server(true, true);
        unadvertised.client_id_metadata_document_supported = None;
        assert_eq!(chosen(&stranger, &unadvertised).0, "dynamic");
        stranger.document = None;
        assert_eq!(chosen(&stranger, &server(true, true)).0, "dynamic");
    }

    #[test]
    fn credentials_of_another_issuer_are_not_used() {
        let mut options = options();
        options.registered.pop();
        (options.document, options.dynamic) = (None, None);
        for near in [ISSUER, "https://other.example/", "https://OTHER.example"] {
            let mut server = server(true, true);
            server.issuer = near.to_owned();
            match options.choose(&server).unwrap_err() {
                Error::Unsupported(Unsupported::NoRegistration { issuer }) => {
                    assert_eq!(issuer, near);
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn an_issuer_with_a_client_is_preferred() {
        let issuers = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let two = issuers(&["https://first.example", ISSUER]);
        assert_eq!(options().preferred_issuer(&two).unwrap(), ISSUER);
        let none = RegistrationOptions::default();
        assert_eq!(
            none.preferred_issuer(&two).unwrap(),
            "https://first.example"
        );
        assert_eq!(none.preferred_issuer(&[]), None);
    }

    #[test]
    fn a_registration_says_which_type_of_application_it_is() {
        let of = |uris: &[&str], set: Option<&str>| {
            let mut client = client("");
            client.redirect_uris = Some(uris.iter().map(|it| (*it).to_owned()).collect());
            client.application_type = set.map(str::to_owned);
            let mut options = RegistrationOptions::default();
            options.set_dynamic(client);
            match options.choose(&server(false, true)).unwrap() {
                RegistrationOption::Dynamic(client) => client.application_type.unwrap(),
                other => panic!("{other:?}"),
            }
        };
        for (uris, expected) in [
            (&["http://127.0.0.1/cb"][..], "native"),
            (
                &[
                    "http://localhost:1/cb",
                    "http://[::1]/cb",
                    "com.example.app:/cb",
                ],
                "native",
            ),
            (&["https://app.example/cb"], "web"),
            (&["http://127.0.0.1/cb", "https://app.example/cb"], "web"),
            (&["http://app.example/cb"], "web"),
            (&[], "web"),
        ] {
            assert_eq!(of(uris, None), expected, "{uris:?}");
        }
        assert_eq!(of(&["http://127.0.0.1/cb"], Some("web")), "web");
    }

    #[test]
    fn no_credentials_are_shown() {
        let mut options = RegistrationOptions::default();
        let mut client = client("app");
        client.client_secret = Some("secret-of-op".to_owned().into());
        options.add_registered(ISSUER, client);
        let shown = format!("{options:?}");
        assert!(
            shown.contains(ISSUER) && !shown.contains("secret-of-op"),
            "{shown}"
        );
    }
}
