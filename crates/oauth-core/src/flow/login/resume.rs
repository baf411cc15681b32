//! The second half of a login, made from what was remembered of the first.

use crate::authorization::{Callback, PendingLogin, ResponseType};
use crate::configuration::Configuration;
use crate::error::Error;
use crate::flow::{AuthorizationCodeGrant, ImplicitAuthentication};

impl PendingLogin {
    /// Goes on with the login: the operation checks the callback, redeems its code and verifies what
    /// comes back.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`](crate::error::Misuse::AnotherConfiguration) when the login was begun with another issuer, client or DPoP
    /// key, and [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) when it asked for an ID Token alone; nothing has been
    /// sent then.
    pub fn resume(
        self,
        configuration: &Configuration,
        callback: &Callback,
    ) -> Result<AuthorizationCodeGrant, Error> {
        self.check_configuration(configuration)?;
        if !self.response_type.has_code() {
            return Err(self.another_response_type("a login that asked for a code"));
        }
        Ok(AuthorizationCodeGrant::resumed(
            configuration,
            callback,
            self,
        ))
    }

    /// Goes on with a login that asked for an [`IdToken`](ResponseType::IdToken) alone.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`](crate::error::Misuse::AnotherConfiguration) as [`resume`](Self::resume), and [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument)
    /// when the login asked for something else.
    pub fn resume_implicit(
        self,
        configuration: &Configuration,
        callback: &Callback,
    ) -> Result<ImplicitAuthentication, Error> {
        self.check_configuration(configuration)?;
        if self.response_type != ResponseType::IdToken {
            return Err(self.another_response_type("a login that asked for an ID Token alone"));
        }
        Ok(ImplicitAuthentication::resumed(
            configuration,
            callback,
            self,
        ))
    }
}
