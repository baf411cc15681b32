//! The macro that declares the misbehaviours, and their verdicts.

/// Whether a client must accept a [`Misbehaviour`](crate::Misbehaviour). The enum is exhaustive on
/// purpose, because there is no fourth verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider is unusual but right. The client must continue.
    Accept,
    /// The provider is wrong. The client must stop and report what is wrong.
    Refuse,
    /// Specifications allow both. A client decides once, and its tests assert the decision.
    Either,
}

macro_rules! misbehaviours {
    ($($endpoint:ident { $($name:ident = $what:literal $verdict:ident $rule:literal;)* })*) => {
        /// One way in which the provider can be wrong, or unusual but right. Each variant documents
        /// what the provider does, and the rule that decides whether a client accepts it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $($(#[doc = concat!($what, ". ", stringify!($verdict), $rule)] $name,)*)*
        }

        impl Misbehaviour {
            /// Every misbehaviour, for a test that proves that it covers all.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// Returns the endpoint whose response shows the misbehaviour first.
            pub fn endpoint(self) -> Endpoint {
                match self {
                    $($(Self::$name => Endpoint::$endpoint,)*)*
                }
            }

            /// Whether a client must accept the misbehaviour.
            pub fn verdict(self) -> Verdict {
                match self {
                    $($(Self::$name => Verdict::$verdict,)*)*
                }
            }

            /// Returns the documentation of the misbehaviour: what the provider does, and the rule
            /// that decides.
            pub fn description(self) -> &'static str {
                match self {
                    $($(Self::$name => concat!($what, ". ", stringify!($verdict), $rule),)*)*
                }
            }
        }
    };
}
pub(super) use misbehaviours;
