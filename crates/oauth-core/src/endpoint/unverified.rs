use crate::secret::Secret;

/// A response that may be signed, before verification.
#[derive(Debug, Clone)]
pub enum JsonOrJwt<T> {
    /// JSON, protected by TLS alone.
    Json(Box<T>),
    /// A JWT that is not verified yet.
    Jwt(Secret),
}
