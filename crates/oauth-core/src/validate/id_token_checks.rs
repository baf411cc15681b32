//! The checks on an ID Token whose signature is valid (OpenID Connect Core 1.0 section 3.1.3.7).
//!
//! Identity is checked first and times last: if a time is the fault, the response is known to
//! belong to this login, and its refresh token can be kept.

use jose::jws::Header;
use jose::jwt::{Audience, Claims};

use crate::configuration::Configuration;
use crate::error::{Reason, printable};
use crate::policy::Policy;
use crate::secret::{Secret, constant_time_eq};
use crate::time::UnixTime;
use crate::validate::claim::{check_subject, required, text};
use crate::validate::expectations::Occasion;
use crate::validate::id_token::Judged;
use crate::validate::times::Clock;
use crate::validate::{
    IdToken, IdTokenExpectations, NonceExpectation, audience, hashes, issuer, token_type,
};

/// Checks the header and the claims of an ID Token whose signature is valid.
pub(crate) fn validate_id_token(
    configuration: &Configuration,
    expectations: &IdTokenExpectations,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
    jwt: &Secret,
) -> Result<IdToken, Reason> {
    let checks = Checks {
        configuration,
        expectations,
        clock: Clock::new(configuration.policy(), now),
        claims,
    };
    // Steps 1 and 6 to 8, decryption and signature, have passed in the caller, which has the keys.
    // Step 6 permits skipping the signature of a token that came over TLS. It is checked
    // nevertheless, because TLS proves which host answered and not who issued the token.
    is_an_id_token(configuration.policy(), header, claims)?;
    let judged = Judged {
        // Step 2.
        iss: issuer::check_login_issuer(configuration, claims)?,
        // Section 2.
        sub: checks.subject()?,
        // Steps 3 to 5.
        aud: checks.audience()?,
        // Section 2 requires both.
        exp: required("exp", claims.exp())?,
        iat: required("iat", claims.iat())?,
    };
    // Step 11, sections 3.1.3.8, 3.3.2.11, 3.3.3.6 and 12.2.
    checks.belongs_to_the_login(header, &judged)?;
    // Steps 9, 10 and 13. Step 12, `acr`, is left to the application, which knows what it
    // requested.
    checks.times(&judged)?;
    let danger = &configuration.policy().danger;
    Ok(IdToken::checked(danger, claims, judged, jwt))
}

struct Checks<'a, 'c> {
    configuration: &'a Configuration,
    expectations: &'a IdTokenExpectations,
    clock: Clock,
    claims: &'a Claims<'c>,
}

impl<'a> Checks<'a, '_> {
    /// `sub` identifies the user (section 2).
    fn subject(&self) -> Result<&'a str, Reason> {
        let sub = required("sub", self.claims.sub())?;
        check_subject(sub)?;
        Ok(sub)
    }

    /// Steps 3 to 5.
    fn audience(&self) -> Result<Audience<'a>, Reason> {
        let client_id = &self.configuration.client().client_id;
        let aud = required("aud", self.claims.aud())?;
        // Step 3.
        audience::contains_client(aud, client_id)?;
        // Steps 4 and 5 leave `azp` to the client. It is checked, and required if there are other
        // audiences: otherwise another client could replay its token here.
        if !self.configuration.policy().danger.skip_azp_check {
            let azp = text(self.claims, "azp")?;
            audience::authorized_for_client(aud, azp, client_id)?;
        }
        Ok(aud)
    }

    /// Checks everything that ties the token to this login: another token of the login, the nonce
    /// (step 11) or the login that a refresh continues (section 12.2), and the hashes of what came
    /// with it.
    fn belongs_to_the_login(&self, header: &Header, judged: &Judged<'_>) -> Result<(), Reason> {
        let policy = self.configuration.policy();
        let expectations = self.expectations;
        // Section 3.3.3.6: the ID Token of the authorization endpoint and that of the token
        // endpoint.
        if let Some(person) = &expectations.person {
            check_person(person, judged.iss, judged.sub)?;
        }
        self.occasion()?;
        // Step 10 leaves the greatest age to the client. A token that was issued before the request
        // answers another request.
        if let Some(request) = expectations.issued_since
            && !policy.danger.skip_iat_check
        {
            self.clock
                .issued_since(judged.iat, policy.skewed(request))?;
        }
        // Section 3.1.3.8.
        if !policy.danger.skip_at_hash_check
            && let Some(at_hash) = text(self.claims, "at_hash")?
            && let Some(access_token) = &expectations.access_token
        {
            hashes::matches_hash("at_hash", at_hash, access_token.expose(), header.alg())?;
        }
        // Section 3.3.2.11.
        if let Some(front_channel) = &expectations.front_channel {
            front_channel.check(policy, self.clock, judged.iat, self.claims, header.alg())?;
        }
        // CIBA Core 1.0 section 10.3.1.
        match &expectations.pushed {
            Some(pushed) => pushed.check(self.claims, header.alg()),
            None => Ok(()),
        }
    }

    /// Checks the nonce of a login, or the agreement of a refresh with its login.
    fn occasion(&self) -> Result<(), Reason> {
        let nonce_mismatch = |expected: Option<&str>| Reason::ClaimMismatch {
            claim: "nonce",
            expected: expected.map(str::to_owned),
            found: None,
        };
        match &self.expectations.occasion {
            // Step 11 compares a nonce that was sent. Beyond it, a nonce that was not sent must be
            // absent, because such a token belongs to another login.
            Occasion::Login { nonce, .. } => match nonce {
                NonceExpectation::Absent if self.claims.get("nonce").is_some() => {
                    Err(nonce_mismatch(Some("none")))
                }
                NonceExpectation::Absent => Ok(()),
                NonceExpectation::Equals(expected) => {
                    let found = required("nonce", text(self.claims, "nonce")?)?;
                    // An empty nonce never passes, even if the expected one is empty too.
                    if !found.is_empty()
                        && constant_time_eq(expected.expose().as_bytes(), found.as_bytes())
                    {
                        Ok(())
                    } else {
                        Err(nonce_mismatch(None))
                    }
                }
            },
            // Section 12.2.
            Occasion::Refresh { .. } if self.skips_continuity() => Ok(()),
            Occasion::Refresh {
                previous: Some(previous),
            } => previous.continued_by(self.claims, &self.configuration.policy().danger),
            // Section 12.2 cannot be checked without the ID Token of the login.
            Occasion::Refresh { previous: None } => Err(Reason::Unexpected {
                member: "id_token".into(),
            }),
        }
    }

    /// Steps 9, 10 and 13, and `nbf` (RFC 7519 section 4.1.5).
    fn times(&self, judged: &Judged<'_>) -> Result<(), Reason> {
        // Step 9.
        self.clock.not_expired(judged.exp)?;
        // RFC 7519 section 4.1.5; OpenID Connect does not mention it.
        if let Some(nbf) = self.claims.nbf() {
            self.clock.already_valid(nbf)?;
        }
        // Step 10 permits a greatest age only. A token from the future comes from a wrong clock, so
        // its `exp` is wrong too.
        if !self.configuration.policy().danger.skip_iat_check {
            self.clock.happened("iat", judged.iat)?;
        }
        self.auth_time()
    }

    /// Checks `auth_time`. It is mandatory if the client registered that or a maximum age applies
    /// (step 13). After a refresh it must be that of the login (section 12.2).
    fn auth_time(&self) -> Result<(), Reason> {
        let client = self.configuration.client();
        let max_age = match self.expectations.occasion {
            Occasion::Login { max_age, .. } => max_age.or(client.default_max_age),
            // The login may be long ago.
            Occasion::Refresh { .. } => None,
        };
        let Some(auth_time) = self.claims.auth_time() else {
            if max_age.is_some() || client.require_auth_time == Some(true) {
                return Err(Reason::Missing {
                    member: "auth_time".into(),
                });
            }
            return Ok(());
        };
        // Beyond section 2: no person logged in before 1970, so the server is at fault.
        if auth_time.seconds() < 0 {
            return Err(Reason::IllTyped {
                member: "auth_time".into(),
                expected: "a number that is not negative",
                found: "a negative number".to_owned(),
            });
        }
        // Section 2: the authentication has happened.
        self.clock.happened("auth_time", auth_time)?;
        // Step 13.
        if let Some(max_age) = max_age {
            self.clock.recent(auth_time, max_age)?;
        }
        // Section 12.2.
        let danger = &self.configuration.policy().danger;
        match &self.expectations.occasion {
            Occasion::Refresh {
                previous: Some(previous),
            } if !self.skips_continuity() && !danger.skip_auth_time_continuity_check => {
                previous.authenticated_at(self.claims)
            }
            _ => Ok(()),
        }
    }

    fn skips_continuity(&self) -> bool {
        self.configuration.policy().danger.skip_continuity_check
    }
}

/// Refuses other kinds of JWT, which the same server signs with the same keys (RFC 8725 sections
/// 3.11 and 3.12): for example access tokens (RFC 9068 section 2.1) and logout tokens (Back-Channel
/// Logout 1.0 section 2.4).
///
/// No switch accepts `events`, so that a logout token is never mistaken for an ID Token even if
/// `typ` is not checked.
fn is_an_id_token(policy: &Policy, header: &Header, claims: &Claims<'_>) -> Result<(), Reason> {
    token_type::untyped(header, &policy.danger.accepted_id_token_types)?;
    if claims.get("events").is_some() {
        return Err(Reason::Unexpected {
            member: "events".into(),
        });
    }
    Ok(())
}

/// Checks that two ID Tokens of one login are about the same user (section 3.3.3.6: `iss` and `sub`
/// must be identical).
fn check_person(person: &(String, String), iss: &str, sub: &str) -> Result<(), Reason> {
    for (claim, expected, found) in [("iss", &person.0, iss), ("sub", &person.1, sub)] {
        if expected != found {
            return Err(Reason::ClaimMismatch {
                claim,
                expected: Some(printable(expected)),
                found: Some(printable(found)),
            });
        }
    }
    Ok(())
}
