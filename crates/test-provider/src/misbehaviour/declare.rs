//! What is said of each misbehaviour, and the enum that says it.

/// What a client must make of a [`Misbehaviour`](crate::Misbehaviour). Exhaustive on purpose: there is no fourth
/// verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider is unusual but right: the client goes on.
    Accept,
    /// The provider is wrong: the client stops, and says what was wrong.
    Refuse,
    /// Both are allowed; a client decides once, and its tests hold it to that.
    Either,
}

macro_rules! misbehaviours {
    ($($endpoint:ident { $($name:ident = $what:literal $verdict:ident $rule:literal;)* })*) => {
        /// One way in which the provider can be wrong, or unusual and still right. The documentation of each says what
        /// the provider does, and which rule decides what a client must make of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $($(#[doc = concat!($what, ". ", stringify!($verdict), $rule)] $name,)*)*
        }

        impl Misbehaviour {
            /// Every misbehaviour, for a test which proves that it covers them all.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The endpoint whose response shows the misbehaviour first.
            pub fn endpoint(self) -> Endpoint {
                match self {
                    $($(Self::$name => Endpoint::$endpoint,)*)*
                }
            }

            /// What a client must make of it.
            pub fn verdict(self) -> Verdict {
                match self {
                    $($(Self::$name => Verdict::$verdict,)*)*
                }
            }

            /// The line of documentation: what the provider does, and which rule decides.
            pub fn description(self) -> &'static str {
                match self {
                    $($(Self::$name => concat!($what, ". ", stringify!($verdict), $rule),)*)*
                }
            }
        }
    };
}
pub(super) use misbehaviours;
