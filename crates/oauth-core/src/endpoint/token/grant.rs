//! The interface that all grants share.

use bytes::Bytes;
use http::Response;

use crate::configuration::Configuration;
use crate::documents::TokenResponse;
use crate::endpoint::{Endpoint, Sender};
use crate::error::Error;
use crate::names::EndpointName;
use crate::time::UnixTime;
use crate::wire::{Draft, Parameters};

/// One grant at the token endpoint.
pub trait Grant {
    /// The client and the server.
    fn configuration(&self) -> &Configuration;

    /// The parameters that the caller has added, to add more.
    fn parameters_mut(&mut self) -> &mut Parameters;

    /// The parameters of the request, without client authentication.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if an argument cannot be sent.
    fn form(&self) -> Result<Parameters, Error>;

    /// Reads the response, in the usual form unless the grant defines another.
    ///
    /// # Errors
    ///
    /// The errors of [`Endpoint::response`].
    fn read(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(self.configuration(), now, response)
    }
}

impl<G: Grant> Endpoint for G {
    type Output = TokenResponse;

    const NAME: EndpointName = EndpointName::Token;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(self.configuration())
    }

    fn request(&self) -> Result<Draft, Error> {
        let form = self.form()?;
        let url = self.configuration().endpoint(EndpointName::Token)?;
        Ok(Draft::post_form(url, form))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        self.read(now, response)
    }
}
