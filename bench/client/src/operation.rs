//! The operations that are measured, and the values that the clients and the provider share.

/// An operation, with its name on the command line. The provider has an issuer for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A client credentials grant.
    ClientCredentials,
    /// A code grant whose ID Token is signed with the client's secret.
    CodeHs256,
    /// A code grant whose ID Token is signed with a key of the provider, which the client has in
    /// its cache.
    CodeEs256,
    /// A UserInfo request with a Bearer token.
    UserInfo,
    /// A request to a protected resource, with a DPoP proof signed with ES256.
    Dpop,
    /// A refresh whose response contains no ID Token.
    Refresh,
    /// The other side of a token: an access token and a DPoP proof, both with ES256, through the
    /// layer of a resource server. It sends no request.
    Api,
}

impl Operation {
    /// All operations, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::ClientCredentials,
        Self::CodeHs256,
        Self::CodeEs256,
        Self::UserInfo,
        Self::Dpop,
        Self::Refresh,
        Self::Api,
    ];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client-credentials",
            Self::CodeHs256 => "code-hs256",
            Self::CodeEs256 => "code-es256",
            Self::UserInfo => "user-info",
            Self::Dpop => "dpop",
            Self::Refresh => "refresh",
            Self::Api => "api",
        }
    }

    /// Returns the operation with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Returns the issuer for this operation. `provider` is for example `http://127.0.0.1:3000`.
    pub fn issuer(self, provider: &str) -> String {
        format!("{provider}/{}", self.name())
    }

    /// Returns the algorithm of the ID Token.
    pub fn id_token_algorithm(self) -> &'static str {
        match self {
            Self::CodeHs256 => "HS256",
            _ => "ES256",
        }
    }
}

pub const CLIENT_ID: &str = "s6BhdRkqt3-web-client";
pub const CLIENT_SECRET: &str = "7-Vqkd9tTqJ2Q0sX4nB8yL1wZ5rC3mGe";
pub const REDIRECT_URI: &str = "https://app.example.com/callback";
pub const STATE: &str = "k3Jx0aQbq0V9y8n1Tn5mZr7cWb2LdUe4";
pub const NONCE: &str = "n-0S6_WzA2Mj-kq5t8vXbYeR3Pd7hGf1";
pub const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA-4kq8Yp1tR";
pub const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const SUBJECT: &str = "248289761001-5f1c9e7a";
