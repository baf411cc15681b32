//! Tests of several machines together.

mod keyed;
mod one_request;
mod registered_encryption;

use super::*;
