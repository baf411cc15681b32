//! Tests of several machines together.

mod keyed;
mod mapped_origins;
mod one_request;
mod registered_encryption;

use super::*;
