use crate::secret::Secret;

/// A response that may be signed, as it came.
#[derive(Debug, Clone)]
pub enum JsonOrJwt<T> {
    /// As JSON, over a connection that the server's certificate protects.
    Json(Box<T>),
    /// As a JWT that nobody has verified.
    Jwt(Secret),
}
