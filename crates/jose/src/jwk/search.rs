//! The result of a search that found no key, for the person who has to find out why.

use std::fmt::Write as _;

use crate::escaped::Escaped;
use crate::jws::Header;
use crate::{Error, JwkSet, KeyFamily, SetKey, SignatureAlgorithm};

/// A search in a set that found no key for a token: the `kid` of the token, the URL of the set, and
/// why each key does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySearch {
    kid: Option<String>,
    origin: Option<String>,
    published: usize,
    unfit: Vec<UnfitKey>,
}

/// A key of a set that does not fit a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfitKey {
    /// Its `kid`, when it has one.
    pub kid: Option<String>,
    /// Why it does not fit.
    pub reason: Unfit,
}

/// Why a key does not fit a token.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// Its `kid` differs from that of the token.
    Kid,
    /// It has no `kid`, and the token names one.
    NoKid,
    /// Its type or its curve belongs to other algorithms.
    Family(KeyFamily),
    /// Its `alg` names another algorithm.
    Algorithm(String),
    /// It cannot be used at all.
    Skipped(Error),
}

impl KeySearch {
    pub(super) fn failed(set: &JwkSet, header: &Header) -> Self {
        let usable = set.keys().iter().map(|key| UnfitKey {
            kid: key.jwk().kid().map(str::to_owned),
            reason: unfit(key, header),
        });
        let skipped = set.skipped().iter().map(|key| UnfitKey {
            kid: key.kid().map(str::to_owned),
            reason: Unfit::Skipped(key.reason().clone()),
        });
        // The key with the name of the token explains most.
        let is_named =
            |key: &UnfitKey| header.kid().is_some() && key.kid.as_deref() == header.kid();
        let (mut unfit, others): (Vec<_>, Vec<_>) = usable.chain(skipped).partition(is_named);
        unfit.extend(others);
        let published = unfit.len();
        unfit.truncate(MOST_KEYS);
        Self {
            kid: header.kid().map(str::to_owned),
            origin: None,
            published,
            unfit,
        }
    }

    /// The `kid` of the token.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The URL of the set, if [`at`](Self::at) has set it.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The number of keys in the set, including those that cannot be used.
    #[must_use]
    pub fn published(&self) -> usize {
        self.published
    }

    /// At most eight keys of the set: first those with the name of the token, then those that can
    /// be used, then the others.
    #[must_use]
    pub fn unfit(&self) -> &[UnfitKey] {
        &self.unfit
    }

    /// Sets the URL of the set, for messages.
    pub fn at(&mut self, origin: impl Into<String>) {
        self.origin = Some(origin.into());
    }

    /// One sentence, of a bounded length.
    pub(super) fn described(&self, alg: SignatureAlgorithm) -> String {
        let (mut text, fits) = match self.published {
            1 => ("the one key".to_owned(), "does not fit"),
            published => (format!("none of {published} keys"), "fits"),
        };
        // Writing into a `String` cannot fail.
        if let Some(origin) = &self.origin {
            let _ = write!(text, " at {}", cut(&origin.escape_debug().to_string()));
        }
        let _ = write!(text, " {fits} a token signed with {alg}");
        match &self.kid {
            Some(kid) => {
                let _ = write!(text, " and `kid` `{}`", short(kid));
            }
            None => text.push_str(" and without `kid`"),
        }
        for (number, key) in self.unfit.iter().enumerate() {
            text.push_str(if number == 0 { ": " } else { "; " });
            match &key.kid {
                Some(kid) => {
                    let _ = write!(text, "`{}` ", short(kid));
                }
                None => text.push_str("a key without `kid` "),
            }
            let _ = match &key.reason {
                Unfit::Kid => write!(text, "has another name"),
                Unfit::NoKid => write!(text, "cannot be the one that is named"),
                Unfit::Family(family) => write!(text, "is of the family {family}"),
                Unfit::Algorithm(alg) => write!(text, "is for `{}`", short(alg)),
                Unfit::Skipped(reason) => {
                    write!(text, "is skipped, as {}", cut(&reason.to_string()))
                }
            };
        }
        let others = self.published.saturating_sub(self.unfit.len());
        if others > 0 {
            let _ = write!(text, "; and {others} more");
        }
        text
    }
}

/// The reason why a key of the set does not fit. Its `use` and `key_ops` allow verifying; otherwise
/// it would be among the skipped keys.
fn unfit(key: &SetKey, header: &Header) -> Unfit {
    let jwk = key.jwk();
    match (header.kid(), jwk.kid()) {
        (Some(_), None) => return Unfit::NoKid,
        (Some(named), Some(kid)) if named != kid => return Unfit::Kid,
        _ => {}
    }
    match jwk.alg() {
        Some(alg) if alg != header.alg().as_str() => Unfit::Algorithm(alg.to_owned()),
        _ => Unfit::Family(key.verifying_key().family()),
    }
}

/// A peer's text, escaped and cut.
fn short(text: &str) -> String {
    cut(&Escaped(text).to_string())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The most keys in a message.
const MOST_KEYS: usize = 8;
/// The longest name or reason, in characters.
const LONGEST: usize = 120;
