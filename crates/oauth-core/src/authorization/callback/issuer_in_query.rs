//! Responses in the fragment whose `iss` (RFC 9207) came in the query.

use super::Callback;
use crate::authorization::ResponseMode;
use crate::authorization::response::rejected;
use crate::error::{Error, Reason};
use crate::policy::Policy;
use crate::validate::PARAMETERS_ONCE;
use crate::wire::Parameters;

impl Callback {
    /// Moves an `iss` from the query to the channel of the response, if it is alone in the query.
    ///
    /// It cannot belong to the application, because the `redirect_uri` that was sent has none.
    ///
    /// # Errors
    ///
    /// [`Reason::IssuerInQuery`] unless the policy permits it.
    pub(crate) fn with_issuer_in_the_query(
        mut self,
        mode: ResponseMode,
        redirect_uri: Option<&str>,
        policy: &Policy,
    ) -> Result<Self, Error> {
        if mode != ResponseMode::Fragment || self.fragment.contains("iss") {
            return Ok(self);
        }
        let Some(issuer) = self.issuer_alone_in_query().map(str::to_owned) else {
            return Ok(self);
        };
        if redirect_uri.is_none_or(has_issuer) {
            return Ok(self);
        }
        if !policy.danger.accept_iss_in_query {
            return Err(rejected(Reason::IssuerInQuery));
        }
        self.query.remove("iss");
        self.fragment.append("iss", issuer);
        Ok(self)
    }

    /// Returns `iss` of the query if it occurs once and no other parameter of the protocol is in
    /// the query or in a form.
    fn issuer_alone_in_query(&self) -> Option<&str> {
        let mut issuers = self.query.all("iss");
        let issuer = issuers.next()?;
        let is_alone = issuers.next().is_none()
            && !PARAMETERS_ONCE.into_iter().any(|name| {
                self.form.contains(name) || (name != "iss" && self.query.contains(name))
            });
        is_alone.then_some(issuer)
    }
}

fn has_issuer(redirect_uri: &str) -> bool {
    let query = redirect_uri
        .split_once('#')
        .map_or(redirect_uri, |(url, _)| url)
        .split_once('?');
    query.is_some_and(|(_, query)| Parameters::decode(query).contains("iss"))
}
