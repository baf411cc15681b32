//! JSON Web Tokens (RFC 7519): the claims within a verified token.

mod audience;
mod claims;
mod numeric_date;

pub use audience::Audience;
pub use claims::Claims;
pub use numeric_date::NumericDate;
