//! Checks that every Rust path in the map is a name of the public API.
//!
//! The check reads the documentation that `cargo doc` builds. It contains each public name,
//! including re-exports and the output of macros, and no private name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{MAP, Tree};

/// The crates whose names the map uses, which are the beginnings of paths.
const CRATES: [&str; 3] = ["jose", "oauth_core", "openid_client"];

/// The kinds of pages, with which their file names begin.
const ITEMS: [&str; 8] = [
    "struct", "enum", "trait", "fn", "type", "constant", "macro", "static",
];

/// The kinds of members on a page, with which their anchors begin.
const MEMBERS: [&str; 6] = [
    "method",
    "tymethod",
    "structfield",
    "variant",
    "associatedconstant",
    "associatedtype",
];

/// Returns every path of the map that is missing in the documentation, with its place.
///
/// # Errors
/// An error message if a page of the documentation cannot be read.
pub(crate) fn faults(tree: &Tree, documentation: &Path) -> Result<Vec<String>, String> {
    let mut pages = Pages::of(|page| {
        let path = documentation.join(page);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    });
    let mut faults = Vec::new();
    for map in MAP {
        let text = tree.file(map).unwrap_or_default();
        for (number, line) in (1_usize..).zip(text.lines()) {
            for path in paths(line) {
                if !pages.hold(path)? {
                    faults.push(format!("{map}:{number}: there is no public `{path}`"));
                }
            }
        }
    }
    Ok(faults)
}

/// Whether a text begins with a path into one of the crates.
pub(super) fn begins_with_a_path(text: &str) -> bool {
    CRATES.iter().any(|name| {
        text.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with("::"))
    })
}

/// Returns the paths in the code spans of a line.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| begins_with_a_path(code))
}

/// The pages of the documentation, each read once.
struct Pages<R> {
    read: R,
    texts: BTreeMap<String, String>,
}

impl<R: Fn(&str) -> Result<String, String>> Pages<R> {
    const fn of(read: R) -> Self {
        Self {
            read,
            texts: BTreeMap::new(),
        }
    }

    fn text(&mut self, page: &str) -> Result<&str, String> {
        if !self.texts.contains_key(page) {
            let text = (self.read)(page)?;
            self.texts.insert(page.to_owned(), text);
        }
        Ok(self.texts.get(page).map_or("", String::as_str))
    }

    /// Whether a path is an item, a member of an item, or a field of a variant.
    fn hold(&mut self, path: &str) -> Result<bool, String> {
        if self.item(path)?.is_some() {
            return Ok(true);
        }
        let Some((owner, name)) = path.rsplit_once("::") else {
            return Ok(false);
        };
        if self.member(owner, name)? {
            return Ok(true);
        }
        let Some((owner, variant)) = owner.rsplit_once("::") else {
            return Ok(false);
        };
        self.anchor(owner, &format!("variant.{variant}.field.{name}"))
    }

    fn member(&mut self, owner: &str, name: &str) -> Result<bool, String> {
        for kind in MEMBERS {
            if self.anchor(owner, &format!("{kind}.{name}"))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn anchor(&mut self, item: &str, anchor: &str) -> Result<bool, String> {
        match self.item(item)? {
            Some(page) => Ok(self.text(&page)?.contains(&format!("id=\"{anchor}\""))),
            None => Ok(false),
        }
    }

    /// Returns the page of an item.
    ///
    /// The list of all items decides whether it exists, because the page of a deleted item may
    /// remain from an earlier build.
    fn item(&mut self, path: &str) -> Result<Option<String>, String> {
        let (Some((krate, rest)), Some((folder, name))) =
            (path.split_once("::"), path.rsplit_once("::"))
        else {
            return Ok(None);
        };
        let folder = folder.replace("::", "/");
        let inside = rest.replace("::", "/");
        let inside = inside.strip_suffix(name).unwrap_or_default();
        let all = self.text(&format!("{krate}/all.html"))?;
        let kind = ITEMS
            .into_iter()
            .find(|kind| all.contains(&format!("href=\"{inside}{kind}.{name}.html\"")));
        Ok(kind.map(|kind| format!("{folder}/{kind}.{name}.html")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(path: &str) -> Result<bool, String> {
        let mut pages = Pages::of(|page: &str| {
            let text = match page {
                "jose/all.html" => {
                    r#"<a href="struct.Jwk.html">Jwk</a> <a href="enum.Error.html">Error</a>
                       <a href="jws/trait.Sign.html">jws::Sign</a> <a href="json/fn.parse.html">"#
                }
                "jose/struct.Jwk.html" => {
                    r#"<section id="method.kty"> <span id="structfield.kid"> id="method.kidding""#
                }
                "jose/enum.Error.html" => {
                    r#"<section id="variant.Json"> <div id="variant.Json.field.part">"#
                }
                "jose/json/fn.parse.html" => "",
                "jose/jws/trait.Sign.html" => r#"<section id="tymethod.sign">"#,
                other => return Err(format!("no page {other}")),
            };
            Ok(text.to_owned())
        });
        pages.hold(path)
    }

    #[test]
    fn public_names_are_held() {
        for path in [
            "jose::Jwk",
            "jose::Jwk::kty",
            "jose::Jwk::kid",
            "jose::Error::Json",
            "jose::Error::Json::part",
            "jose::jws::Sign::sign",
            "jose::json::parse",
        ] {
            assert_eq!(held(path), Ok(true), "{path}");
        }
    }

    #[test]
    fn dead_names_are_not() {
        for path in [
            "jose::Jw",
            "jose::Jwks",
            "jose::Jwk::kidd",
            "jose::Jwk::kt",
            "jose::kty",
            "jose::Error::Json::found",
            "jose::Error::Text::part",
            "jose::Sign",
            "jose::jws::Jwk",
            "jose::jws",
            "jose::json::parse::text",
        ] {
            assert_eq!(held(path), Ok(false), "{path}");
        }
    }

    #[test]
    fn documentation_that_is_not_there_is_no_proof() {
        let failure = held("oauth_core::Error").unwrap_err();
        assert_eq!(failure, "no page oauth_core/all.html");
    }

    #[test]
    fn every_path_in_a_line_is_read() {
        let line = "| `x` | `jose::Jwk`, then `Jwk` or `oauth_core::Error`: not jose::Error |";
        let found: Vec<&str> = paths(line).collect();
        assert_eq!(found, ["jose::Jwk", "oauth_core::Error"]);
    }
}
