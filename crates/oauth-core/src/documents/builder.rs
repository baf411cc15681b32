//! Builders of documents: a setter for each member.

use jose::SignatureAlgorithm;
use serde_json::{Map, Value};

use crate::documents::RegisteredAlgorithm;
use crate::secret::Secret;

/// Declares a document like [`document!`](crate::documents::document::document), and a builder with
/// the name given first, which has a setter for each optional member.
macro_rules! document_with_builder {
    (
        $builder:ident;
        $(#[$documentation:meta])*
        $name:ident {
            $([$(#[$required_documentation:meta])* $required:ident])?
            $($(#[$member_documentation:meta])* $member:ident: $type:ty,)*
            $(@informative {
                $($(#[$told_documentation:meta])* $told:ident: $told_type:ty,)*
            })?
        }
    ) => {
        $crate::documents::document! {
            $(#[$documentation])*
            $name {
                $([$(#[$required_documentation])* $required])?
                $($(#[$member_documentation])* $member: $type,)*
                $(@informative {
                    $($(#[$told_documentation])* $told: $told_type,)*
                })?
            }
        }

        #[doc = concat!("Builds a [`", stringify!($name), "`]: a setter for each of its members.")]
        #[derive(Debug, Clone, Default)]
        #[must_use]
        pub struct $builder($name);

        impl $builder {
            $(
                $(#[$member_documentation])*
                pub fn $member(
                    mut self,
                    value: impl $crate::documents::builder::IntoMember<$type>,
                ) -> Self {
                    self.0.$member = Some(value.into_member());
                    self
                }
            )*
            $($(
                $(#[$told_documentation])*
                pub fn $told(
                    mut self,
                    value: impl $crate::documents::builder::IntoMember<$told_type>,
                ) -> Self {
                    self.0.$told = Some(value.into_member());
                    self
                }
            )*)?

            /// Sets a member that has no setter here, for example `client_name#fr`. A member with a
            /// setter keeps the value from its setter.
            pub fn member(
                mut self,
                name: impl Into<String>,
                value: impl Into<serde_json::Value>,
            ) -> Self {
                self.0.extra.insert(name.into(), value.into());
                self
            }

            /// Returns the finished document.
            pub fn build(self) -> $name {
                self.0
            }
        }
    };
}
pub(crate) use document_with_builder;

/// A value that a setter of a builder accepts for a member of type `T`.
pub trait IntoMember<T> {
    /// Converts the value to the type of the member.
    fn into_member(self) -> T;
}

impl<S: Into<String>> IntoMember<String> for S {
    fn into_member(self) -> String {
        self.into()
    }
}

impl<S: Into<Secret>> IntoMember<Secret> for S {
    fn into_member(self) -> Secret {
        self.into()
    }
}

impl<I: IntoIterator<Item = S>, S: Into<String>> IntoMember<Vec<String>> for I {
    fn into_member(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}

/// A client requests an algorithm that this library supports. Set any other name in the finished
/// document.
impl IntoMember<RegisteredAlgorithm> for SignatureAlgorithm {
    fn into_member(self) -> RegisteredAlgorithm {
        self.into()
    }
}

impl IntoMember<bool> for bool {
    fn into_member(self) -> bool {
        self
    }
}

impl IntoMember<u64> for u64 {
    fn into_member(self) -> u64 {
        self
    }
}

impl IntoMember<Map<String, Value>> for Map<String, Value> {
    fn into_member(self) -> Map<String, Value> {
        self
    }
}
