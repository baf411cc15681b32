//! Names of endpoints and of private keys.

mod endpoint_name;
mod key_name;

pub use self::endpoint_name::EndpointName;
pub use self::key_name::KeyName;
