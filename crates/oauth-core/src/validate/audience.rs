//! The audience of an ID Token (OpenID Connect Core 1.0 section 3.1.3.7, steps 3 to 5).

use jose::jwt::Audience;

use crate::error::{Reason, printable};

/// Requires `aud` to contain the client (step 3).
pub(crate) fn contains_client(aud: Audience<'_>, client_id: &str) -> Result<(), Reason> {
    if aud.contains(client_id) {
        return Ok(());
    }
    // Five values are enough for the message.
    let found: Vec<_> = aud.iter().take(5).collect();
    Err(Reason::ClaimMismatch {
        claim: "aud",
        expected: Some(client_id.to_owned()),
        found: Some(printable(&found.join(", "))),
    })
}

/// Requires `azp`, if present, to be the client, and to be present if there are further audiences.
/// Steps 4 and 5 leave both to the client. Beyond them both are required, because otherwise a token
/// made for another client could be replayed here.
pub(crate) fn authorized_for_client(
    aud: Audience<'_>,
    azp: Option<&str>,
    client_id: &str,
) -> Result<(), Reason> {
    let alone = aud.iter().all(|audience| audience == client_id);
    if azp == Some(client_id) || (azp.is_none() && alone) {
        return Ok(());
    }
    Err(Reason::ClaimMismatch {
        claim: "azp",
        expected: Some(client_id.to_owned()),
        found: azp.map(printable),
    })
}
