//! JSON Web Tokens (RFC 7519): the claims of a verified token, and the checks on them.

mod audience;
mod claims;
mod numeric_date;
mod validation;

pub use audience::Audience;
pub use claims::Claims;
pub use numeric_date::NumericDate;
pub use validation::{TimeRule, Validated, Validation, ValidationError};
