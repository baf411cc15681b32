//! Logins that a person confirms on another device, which the server notifies (CIBA).

use oauth_core::endpoint::{BackchannelAuthenticationResponse, Hint, Push};
use oauth_core::flow::{
    InitiateBackchannelAuthentication, PollBackchannelAuthenticationGrant, TokenSet, VerifyPush,
};

use super::Client;
use crate::error::Error;
use crate::request::{BackchannelAuthenticationGrant, Request};

impl Client {
    /// Asks the server to let a person confirm a login on another device (CIBA Core 1.0 section
    /// 7.1). The hint says which person.
    pub fn initiate_backchannel_authentication(
        &self,
        hint: Hint,
    ) -> Request<InitiateBackchannelAuthentication> {
        let request = InitiateBackchannelAuthentication::new(self.configuration.clone(), hint);
        let request = match &self.request_object {
            Some(request_object) => request.usual_request_object(request_object.clone()),
            None => request,
        };
        Request::new(self, request)
    }

    /// Waits until the person has decided, and returns the tokens (CIBA Core 1.0 section 10.1).
    /// Blocks the thread for minutes; it ends when the request expires.
    pub fn poll_backchannel_authentication_grant(
        &self,
        begun: &BackchannelAuthenticationResponse,
    ) -> Request<BackchannelAuthenticationGrant> {
        let configuration = self.configuration.clone();
        let request = BackchannelAuthenticationGrant {
            grant: PollBackchannelAuthenticationGrant::new(configuration, begun),
            begun: begun.clone(),
        };
        Request::new(self, request)
    }

    /// Verifies the tokens that the server has sent (CIBA Core 1.0 section 10.3.1), for the request
    /// that [`Push::auth_req_id`] names.
    ///
    /// # Errors
    ///
    /// The errors of [`VerifyPush`].
    pub fn verify_push(
        &self,
        begun: &BackchannelAuthenticationResponse,
        push: Push,
    ) -> Result<TokenSet, Error> {
        self.run(VerifyPush::new(self.configuration.clone(), begun, push))
    }
}
