/// A behaviour of the provider towards DPoP (RFC 9449).
///
/// Without any of them, the provider verifies each proof, binds the tokens of a request with a
/// proof to its key, and requires a proof for each use of such a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DPoPBehaviour {
    /// Proofs need a nonce. The authorization server and resources have different nonces, which
    /// stay the same.
    NonceRequired,
    /// Proofs need a nonce that was not used before. Each response contains the next nonce.
    NonceOnce,
    /// Every nonce is refused, and each refusal contains a new one.
    NonceNeverRight,
    /// Refusals demand a nonce and contain none.
    NonceWithheld,
    /// The challenges of resources spell the scheme with inverted case, `dpOp`. The case of a
    /// scheme has no meaning (RFC 9110 section 11.1).
    SchemeInvertedCase,
    /// Tokens are Bearer tokens, with or without a proof. RFC 9449 section 5 lets the server
    /// decide.
    BearerIssued,
    /// The token response says that the token is bound, even without a proof.
    BoundWithoutProof,
}
