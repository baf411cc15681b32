//! The stable code of each reason for a refusal.

use crate::reason::Reason;

impl Reason {
    /// The stable code; see [`Error::code`](crate::Error::code).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Status { .. } | Self::ContentEncoding { .. } => "OAUTH_RESPONSE_IS_NOT_CONFORM",
            Self::MediaType { .. } => "OAUTH_RESPONSE_IS_NOT_JSON",
            Self::Json(jose::json::Error::NotAnObject { .. }) => "OAUTH_INVALID_RESPONSE",
            Self::Json(_) => "OAUTH_PARSE_ERROR",
            Self::Missing { .. }
            | Self::Nested { .. }
            | Self::IllTyped { .. }
            | Self::Duplicate { .. }
            | Self::Unexpected { .. }
            | Self::UnexpectedWithSwitch { .. }
            | Self::NoResponse { .. }
            | Self::ResponseMode { .. }
            | Self::IssuerInQuery
            | Self::PercentEncodedIssuer
            | Self::ParameterMismatch { .. }
            | Self::Algorithm { .. }
            | Self::TokenType { .. }
            | Self::NotEncrypted { .. }
            // The code of an endpoint whose response should be a JWT is that of the rejection.
            | Self::NotSigned { .. } => "OAUTH_INVALID_RESPONSE",
            Self::Weakened { .. } => "OAUTH_REGISTRATION_WEAKENED",
            Self::AttributeMismatch { .. } => "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
            Self::ClaimMismatch { .. } => "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
            Self::Replayed { .. } => "OAUTH_TOKEN_REPLAYED",
            Self::ReplayStoreFull => "OAUTH_REPLAY_STORE_FULL",
            Self::TenantRefused { .. } => "OAUTH_TENANT_REFUSED",
            Self::Timestamp { .. } => "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
            Self::KeySelection(_) => "OAUTH_KEY_SELECTION_FAILED",
            Self::DecryptionKey { .. } | Self::Decryption(_) => "OAUTH_DECRYPTION_FAILED",
            Self::Jose(error) => jose_code(error),
            Self::ImplicitParameter { .. }
            | Self::UnsupportedTokenType { .. }
            | Self::UnsupportedHash { .. } => "OAUTH_UNSUPPORTED_OPERATION",
            Self::Url { .. } => "OAUTH_HTTP_REQUEST_FORBIDDEN",
        }
    }
}

/// The code for an error of `jose`: unsupported, unreadable, without a key, or invalid.
fn jose_code(error: &jose::Error) -> &'static str {
    match error {
        jose::Error::UnsupportedAlgorithm { .. } | jose::Error::Critical => {
            "OAUTH_UNSUPPORTED_OPERATION"
        }
        jose::Error::Json {
            reason: jose::json::Error::NotAnObject { .. },
            ..
        } => "OAUTH_INVALID_RESPONSE",
        jose::Error::Json { .. } | jose::Error::Malformed(jose::Malformed::Base64Url { .. }) => {
            "OAUTH_PARSE_ERROR"
        }
        _ => "OAUTH_INVALID_RESPONSE",
    }
}
