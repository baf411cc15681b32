//! Comparison of what a server has registered with what the client requested (RFC 7591 section
//! 3.2.1).
//!
//! A server may register other values than those requested, and the client decides whether to
//! accept them. This client refuses values that protect it less: a missing signature, a method that
//! sends the secret, or no client authentication.

use serde_json::{Map, Value};

use crate::endpoint::ClientInformation;
use crate::error::{Artefact, Error, Misuse, Reason, RegistrationUnusable, Rejection, printable};
use crate::metadata::{ClientMetadata, RegisteredAlgorithm, sends_secret, signed};

/// The security-relevant members of the metadata, of a request or of a response.
pub(super) struct Asked(ClientMetadata);

impl Asked {
    /// Reads the document that is sent, because a caller may have written a member into
    /// [`ClientMetadata::extra`].
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for a member that is not a string.
    pub(super) fn read(metadata: &ClientMetadata) -> Result<Self, Error> {
        Self::in_document(metadata.to_json())
    }

    /// Reads the members from a document in the form that is sent.
    pub(super) fn in_document(mut document: Map<String, Value>) -> Result<Self, Error> {
        document.retain(|member, _| JUDGED.contains(&member.as_str()));
        let document = Value::Object(document).to_string();
        ClientMetadata::unregistered_from_json(document.as_bytes()).map(Self)
    }

    /// The authentication method.
    pub(super) fn method(&self) -> Option<&str> {
        self.0.token_endpoint_auth_method.as_deref()
    }

    /// Refuses a request for values that this library cannot use.
    pub(super) fn check(&self) -> Result<(), Misuse> {
        let id_token = &self.0.id_token_signed_response_alg;
        let unsecured = [("id_token_signed_response_alg", id_token.as_ref())]
            .into_iter()
            .chain(always_signed(&self.0))
            .find(|(_, algorithm)| *algorithm == Some(&RegisteredAlgorithm::Unsigned));
        match unsecured {
            None => Ok(()),
            Some((argument, _)) => Err(Misuse::InvalidArgument {
                argument,
                expected: "a signature algorithm",
                found: "none".to_owned(),
            }),
        }
    }
}

/// Removes from an update each algorithm that is `none` and is registered as `none`: the
/// application started from the registered metadata and does not request this value again.
pub(super) fn leave_out_none(document: &mut Map<String, Value>, registered: &ClientMetadata) {
    let registered = registered.to_json();
    document.retain(|member, value| {
        let is_algorithm = JUDGED.contains(&member.as_str()) && *member != METHOD;
        !(is_algorithm && value == "none" && registered.get(member) == Some(value))
    });
}

/// Accepts a registration. `method` is the requested one, now or when the client was registered.
///
/// # Errors
///
/// [`Error::RegistrationUnusable`] with the registration if it protects the client less than
/// requested.
pub(super) fn settle(
    asked: &Asked,
    method: Option<&str>,
    information: ClientInformation,
) -> Result<ClientInformation, Error> {
    match weaker(&asked.0, method, information.metadata()) {
        None => Ok(information),
        Some(reason) => {
            let rejection = Rejection::new(Artefact::RegistrationResponse, reason);
            Err(RegistrationUnusable::new(rejection, information).into())
        }
    }
}

/// Returns the first member that protects less than requested.
fn weaker(
    asked: &ClientMetadata,
    asked_method: Option<&str>,
    registered: &ClientMetadata,
) -> Option<Reason> {
    // Without these, responses or requests are accepted without a signature.
    let signatures = [
        (
            "userinfo_signed_response_alg",
            &asked.userinfo_signed_response_alg,
            &registered.userinfo_signed_response_alg,
        ),
        (
            "introspection_signed_response_alg",
            &asked.introspection_signed_response_alg,
            &registered.introspection_signed_response_alg,
        ),
        (
            "request_object_signing_alg",
            &asked.request_object_signing_alg,
            &registered.request_object_signing_alg,
        ),
        (
            "backchannel_authentication_request_signing_alg",
            &asked.backchannel_authentication_request_signing_alg,
            &registered.backchannel_authentication_request_signing_alg,
        ),
    ];
    for (member, asked, registered) in signatures {
        if let Some(algorithm) = signed(asked.as_ref())
            && signed(registered.as_ref()).is_none()
        {
            return Some(Reason::Weakened {
                member,
                asked: Some(printable(algorithm.as_str())),
                found: registered.as_ref().map(ToString::to_string),
            });
        }
    }
    for (member, algorithm) in always_signed(registered) {
        if algorithm == Some(&RegisteredAlgorithm::Unsigned) {
            return Some(Reason::Weakened {
                member,
                asked: None,
                found: Some("none".to_owned()),
            });
        }
    }
    let method = registered.token_endpoint_auth_method.as_deref()?;
    let asked = asked_method?;
    let sends_secret = sends_secret(method) && !sends_secret(asked);
    let is_unauthenticated = method == NONE && asked != NONE;
    (sends_secret || is_unauthenticated).then(|| Reason::Weakened {
        member: METHOD,
        asked: Some(printable(asked)),
        found: Some(method.to_owned()),
    })
}

/// The algorithms of messages that are worthless without a signature.
fn always_signed(client: &ClientMetadata) -> [(&'static str, Option<&RegisteredAlgorithm>); 4] {
    [
        (
            "authorization_signed_response_alg",
            client.authorization_signed_response_alg.as_ref(),
        ),
        (
            "introspection_signed_response_alg",
            client.introspection_signed_response_alg.as_ref(),
        ),
        (
            "backchannel_authentication_request_signing_alg",
            client
                .backchannel_authentication_request_signing_alg
                .as_ref(),
        ),
        (
            "token_endpoint_auth_signing_alg",
            client.token_endpoint_auth_signing_alg.as_ref(),
        ),
    ]
}

const METHOD: &str = "token_endpoint_auth_method";
const NONE: &str = "none";

/// The security-relevant members.
const JUDGED: [&str; 8] = [
    METHOD,
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
    "authorization_signed_response_alg",
    "request_object_signing_alg",
    "backchannel_authentication_request_signing_alg",
    "token_endpoint_auth_signing_alg",
];
