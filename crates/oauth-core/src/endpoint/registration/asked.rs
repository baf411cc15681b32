//! What a client has asked for beside what the server has registered (RFC 7591 section 3.2.1).
//!
//! A server may register other values than those asked for, and it is for the client to see whether it
//! can live with them. It cannot where the values protect it less: a signature that is gone, or a secret
//! that would be sent.

use crate::endpoint::ClientInformation;
use crate::error::{Artefact, Error, Misuse, Reason, RegistrationUnusable, printable};
use crate::metadata::{ClientMetadata, RegisteredAlgorithm, sends_secret, signed};

/// Refuses to ask for what no client of this library could use.
pub(super) fn check(asked: &ClientMetadata) -> Result<(), Misuse> {
    let id_token = &asked.id_token_signed_response_alg;
    let unsecured = [("id_token_signed_response_alg", id_token.as_ref())]
        .into_iter()
        .chain(always_signed(asked))
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

/// What is registered, with an authentication method where the server has left that out.
/// `asked_method` is the one asked for, now or when the client was registered.
///
/// # Errors
///
/// [`Error::RegistrationUnusable`], with the registration, when it protects the client less than what
/// was asked for.
pub(super) fn settle(
    asked: &ClientMetadata,
    asked_method: Option<&str>,
    information: ClientInformation,
) -> Result<ClientInformation, Error> {
    let weaker = weaker(asked, asked_method, information.metadata());
    let information = information.with_method(asked_method);
    match weaker {
        None => Ok(information),
        Some(reason) => {
            let rejection = Artefact::RegistrationResponse.rejected(reason);
            Err(RegistrationUnusable::new(*rejection, information).into())
        }
    }
}

/// The first member that protects less than what was asked for.
fn weaker(
    asked: &ClientMetadata,
    asked_method: Option<&str>,
    registered: &ClientMetadata,
) -> Option<Reason> {
    // Without these, a response or request counts without a signature.
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
    let asked = asked_method.filter(|asked| !sends_secret(asked))?;
    sends_secret(method).then(|| Reason::Weakened {
        member: "token_endpoint_auth_method",
        asked: Some(printable(asked)),
        found: Some(method.to_owned()),
    })
}

/// What is nothing without a signature.
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
