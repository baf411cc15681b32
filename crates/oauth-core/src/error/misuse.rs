use std::time::Duration;

use crate::names::EndpointName;

/// The library was used in a way that cannot work; a mistake in the program, not in the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The operation was stepped again after it had ended.
    #[error("this operation is over; begin a new one")]
    Finished,
    /// The event does not belong to the last action.
    #[error("expected event {expected}, found {found}")]
    UnexpectedEvent {
        /// The event that the last action calls for.
        expected: &'static str,
        /// The event that came.
        found: &'static str,
    },
    /// An argument or setting has a value that cannot be used.
    #[error("`{argument}` must be {expected}, found {found}")]
    InvalidArgument {
        /// The argument or setting.
        argument: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is; never a secret.
        found: String,
    },
    /// A setting is needed that was not given.
    #[error("`{argument}` is needed for {purpose}{}", source_of(.argument))]
    MissingArgument {
        /// The argument or setting.
        argument: &'static str,
        /// What it is needed for.
        purpose: &'static str,
    },
    /// A pending login was resumed with a configuration that it does not belong to.
    #[error("this login was begun with another {member}; finish it with the client that began it")]
    AnotherConfiguration {
        /// What differs.
        member: &'static str,
    },
    /// A pending login, stored tokens or another value could not be sealed: it is longer than 3 MB,
    /// or the cryptography library refused, for example without randomness.
    #[error("the value cannot be sealed: it is longer than 3 MB, or there is no randomness")]
    NotSealed,
    /// A sealed value could not be opened. [`Error::code`](crate::Error::code) has a code for it,
    /// because such a value may come from a browser or a store.
    #[error("the sealed value cannot be opened: {0}")]
    NotSealedHere(SealFault),
    /// A pending login is too old to be resumed.
    #[error("this login was begun more than {} s ago; begin a new one", .limit.as_secs())]
    LoginExpired {
        /// The longest a login may take.
        limit: Duration,
    },
    /// The request was built for another endpoint.
    #[error("this request is not for the {endpoint} endpoint")]
    WrongEndpoint {
        /// The endpoint it is for.
        endpoint: EndpointName,
    },
    /// A token that is bound to one DPoP key was to be used with another, or with none.
    #[error("the token is bound to DPoP key {expected}, and the client has {}; `dpop_key` sets the key of the login", .found.as_deref().unwrap_or("none"))]
    AnotherDPoPKey {
        /// The thumbprint of the key that the token is bound to.
        expected: String,
        /// The thumbprint of the client's key.
        found: Option<String>,
    },
    /// A token for one protected resource was to be sent to a URL of another one.
    /// [`Error::code`](crate::Error::code) has a code for it, because the URL may come from a server.
    #[error(
        "the token is for {resource}, and {found} does not belong to it; find the authorization server \
         of that resource, and log in there"
    )]
    AnotherResource {
        /// The identifier of the resource that the token is for.
        resource: String,
        /// The URL, without its query.
        found: String,
    },
    /// The server asked for a DPoP nonce, and the body of the request could be sent only once. The
    /// nonce is remembered: the same request will succeed with a new body.
    #[error("the server asks for a DPoP nonce, and the body can be sent only once; send it again")]
    BodySpent,
}

/// Why a sealed value could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealFault {
    /// The value is not sealed, or not in this way.
    #[error("it is not a sealed value; remove it, and store the content again")]
    NoSeal,
    /// The value was sealed for another purpose, issuer, client or name, for example because it was
    /// moved in a store.
    #[error("it was sealed for another purpose, issuer, client or name; remove it")]
    AnotherPlace,
    /// None of the keys opens the value.
    #[error(
        "none of the keys opens it; add the key that it was sealed with, or remove it if it was \
         changed"
    )]
    NoKey,
    /// A key opens the value, and its content cannot be read.
    #[error(
        "its content was written by another version of this library; update this instance, or \
         remove it"
    )]
    UnknownForm,
}

/// Where a missing setting comes from, as the end of the message.
fn source_of(argument: &str) -> &'static str {
    match argument {
        "redirect_uri" => "; `redirect_uri` of the client or of the request sets it",
        "refresh_token" => {
            "; the tokens have none: the server issues one for the scope `offline_access`, or if it \
             is set up to do so for this client"
        }
        "tenants" => "; `tenants` names those whose users may log in",
        "dpop_key" => "; `dpop_key` of the client sets it",
        "client_secret" => "; `client_secret` of the client sets it",
        "client_certificate" => "; `client_certificate_pem` of the client sets it",
        "authentication" => "; `private_key` or `authentication` of the client sets it",
        "id_token" => "; the server issues one for the scope `openid`",
        "client_information" => {
            "; `client_information` of the client sets it to what was returned by the registration"
        }
        "pushed" => "; `authorization_request` pushes the request where it is required",
        "request_object" => "; `request_object_key` of the client sets the key that signs it",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
