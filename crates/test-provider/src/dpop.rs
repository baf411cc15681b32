/// How the provider treats DPoP (RFC 9449), beyond what it always does: verify each proof, bind the
/// tokens that are asked for with one, and want it again with each use of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DPoPBehaviour {
    /// Proofs need a nonce, which is one for the authorization server and another for resources, and stays the same.
    NonceRequired,
    /// Proofs need a nonce that was not used before; each response brings the next one.
    NonceOnce,
    /// No nonce is ever the right one, and each refusal brings another.
    NonceNeverRight,
    /// Refusals demand a nonce and bring none.
    NonceWithheld,
    /// The challenges of resources spell the scheme in inverted case, `dpOp`; schemes know no case (RFC 9110 11.1).
    SchemeInvertedCase,
    /// Tokens are Bearer tokens, proof or not (RFC 9449 section 5 lets a server decide).
    BearerIssued,
    /// Tokens are said to be bound, proof or not.
    BoundWithoutProof,
}
