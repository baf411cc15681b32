//! One compact token: its form, its signature and its claims, for every kind alike.

use jose::jwe::{Accepted, Encrypted, PendingDecryption};
use jose::jws::{Header, Unverified, Verified};
use jose::jwt::Claims;
use jose::{
    JwkSet, KeySelectionError, Malformed, Part, SetKey, SignatureAlgorithm, VerifyingKey,
    base64url, json,
};

use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Misuse, Reason, Unsupported, printable_url};
use crate::names::KeyName;
use crate::validate::{check_key, read_claims};

/// A token, and what configuration and kind say about it.
pub(super) struct Token<'t> {
    /// The kind's name in errors.
    pub(super) artefact: Artefact,
    pub(super) configuration: &'t Configuration,
    /// The algorithms that it may be signed with.
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    /// The registered algorithms of its encryption and of that of its content.
    pub(super) encryption: [Option<&'t str>; 2],
    pub(super) jwt: &'t str,
    /// Whether it was in an encrypted token.
    pub(super) decrypted: bool,
}

impl<'t> Token<'t> {
    /// Parses a token that is not encrypted, or no longer.
    pub(super) fn parse(&self) -> Result<Unverified<'t>, Error> {
        let [algorithm, _] = self.encryption;
        if let Some(algorithm) = algorithm
            && !self.decrypted
            && !self.configuration.policy().danger.accept_unencrypted
        {
            let expected = algorithm.to_owned();
            return Err(self.refused(Reason::NotEncrypted { expected }));
        }
        Unverified::parse(self.jwt).map_err(|error| self.rejected(error))
    }

    /// Begins the decryption of an encrypted token, and returns the name of the key that it is for.
    /// An algorithm that neither the registration nor the list of keys accepts is refused before
    /// any key is used.
    pub(super) fn decrypt(&self) -> Result<(PendingDecryption, KeyName), Error> {
        let keys = self.configuration.decryption_keys();
        let keys = keys.ok_or(Unsupported::Form {
            artefact: self.artefact,
            form: "an encrypted JWT",
        })?;
        let [alg, enc] = self.encryption;
        let accepted = Accepted {
            alg: &keys.accepted_alg(alg),
            enc: &keys.accepted_enc(enc),
        };
        let undecrypted = |error| undecrypted(self.artefact, error);
        let token = Encrypted::parse(self.jwt, accepted).map_err(undecrypted)?;
        let key = keys
            .choose(token.header())
            .map_err(|found| self.refused(Reason::DecryptionKey { found }))?;
        Ok((token.begin().map_err(undecrypted)?, key.clone()))
    }

    /// Returns the algorithm of the signature, if it is one of those.
    pub(super) fn permitted(&self, header: &Header) -> Result<SignatureAlgorithm, Error> {
        let found = header.alg();
        if self.algorithms.contains(&found) {
            return Ok(found);
        }
        let expected = self.algorithms.iter().map(ToString::to_string).collect();
        let found = found.to_string();
        Err(self.refused(Reason::Algorithm { expected, found }))
    }

    /// Whether the key is among these.
    pub(super) fn is_among(&self, keys: &JwkSet) -> bool {
        self.parse()
            .is_ok_and(|token| keys.select(token.header()).is_ok())
    }

    /// Whether the token may be signed with a key that has taken the place of the cached one: its
    /// signature is not valid, and no `kid` says which key it is signed with. A `kid` that both
    /// have names the key, new or old (OpenID Connect Core 1.0 section 10.1.1).
    pub(super) fn may_be_rotated(&self, error: &Error, keys: &JwkSet) -> bool {
        let is_wrongly_signed = error
            .rejection()
            .is_some_and(|rejection| rejection.reason == Reason::Jose(jose::Error::Signature));
        is_wrongly_signed
            && self.parse().is_ok_and(|token| {
                let key = keys.select(token.header());
                token.header().kid().is_none() || key.is_ok_and(|key| key.jwk().kid().is_none())
            })
    }

    /// Verifies the signature with the one key of the set that fits.
    pub(super) fn verify_with<'k>(
        &self,
        keys: &'k JwkSet,
    ) -> Result<(Verified, &'k SetKey), Error> {
        let token = self.parse()?;
        let key = keys
            .select(token.header())
            .map_err(|error| self.rejected(self.located(error)))?;
        Ok((self.verify(token, key.verifying_key())?, key))
    }

    /// Verifies the signature with the client secret.
    pub(super) fn verify_with_secret(&self, token: Unverified<'_>) -> Result<Verified, Error> {
        let key = self.configuration.hmac_key();
        let key = key.ok_or(Misuse::MissingArgument {
            argument: "client_secret",
            purpose: "the registered HMAC algorithm",
        })?;
        self.verify(token, key.map_err(|error| self.rejected(error))?)
    }

    fn verify(&self, token: Unverified<'_>, key: &VerifyingKey) -> Result<Verified, Error> {
        let algorithm = self.permitted(token.header())?;
        let verified = token.verify(key, algorithm);
        verified.map_err(|error| self.rejected(error))
    }

    /// Claims that the issuer signed. One that it has written twice is accepted (RFC 7519 section
    /// 4). In a token that is only encrypted or not verified, it is refused.
    pub(super) fn claims<'v>(&self, verified: &'v Verified) -> Result<Claims<'v>, Error> {
        let payload = verified.payload();
        let object = json::parse_object_with_repeats(payload, json::Limits::CLAIMS);
        let object = object.map_err(|reason| {
            let part = Part::Payload;
            self.rejected(jose::Error::Json { part, reason })
        })?;
        let danger = &self.configuration.policy().danger;
        read_claims(danger, payload, object).map_err(|error| self.rejected(error))
    }

    /// The payload of a token whose signature is not checked.
    pub(super) fn unverified_payload(&self) -> Result<Vec<u8>, Error> {
        let payload = self.jwt.split('.').nth(1).unwrap_or_default();
        base64url::decode(payload).map_err(|_| {
            let part = Part::Payload;
            self.rejected(Malformed::Base64Url { part }.into())
        })
    }

    /// The claims in such a payload.
    pub(super) fn unverified_claims<'p>(&self, payload: &'p [u8]) -> Result<Claims<'p>, Error> {
        let object = json::parse_object(payload, json::Limits::CLAIMS)
            .map_err(|error| self.refused(Reason::Json(error)))?;
        let danger = &self.configuration.policy().danger;
        read_claims(danger, payload, object).map_err(|error| self.rejected(error))
    }

    /// Refuses a key that may not sign for the issuer in the claims.
    pub(super) fn check_key(&self, key: &SetKey, claims: &Claims<'_>) -> Result<(), Error> {
        check_key(self.configuration, key.jwk(), claims).map_err(|reason| self.refused(reason))
    }

    /// Adds to the error for missing keys where the keys came from.
    fn located(&self, mut error: jose::Error) -> jose::Error {
        if let jose::Error::KeySelection(KeySelectionError::None { search, .. }) = &mut error
            && let Some(url) = &self.configuration.server().jwks_uri
        {
            search.at(printable_url(url));
        }
        error
    }

    fn rejected(&self, error: jose::Error) -> Error {
        self.refused(error.into())
    }

    fn refused(&self, reason: Reason) -> Error {
        self.artefact.rejected(reason).into()
    }
}

/// The error for a token that cannot be decrypted.
pub(super) fn undecrypted(artefact: Artefact, error: jose::Error) -> Error {
    artefact.rejected(Reason::Decryption(error)).into()
}
