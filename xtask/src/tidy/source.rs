//! Rust source reduced to the code that ships: no comments, no literals, no tests.

/// Replaces comments, strings and character literals by blanks. Line numbers stay.
pub(crate) fn without_text(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    let mut in_word = false;
    while let Some(first) = rest.chars().next() {
        let text = text_length(rest, in_word);
        let length = text.unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(length);
        match text {
            Some(_) => blank(&mut code, piece),
            None => code.push_str(piece),
        }
        in_word = text.is_none() && is_word(first);
        rest = after;
    }
    code
}

/// Code without what is compiled for tests only, and the names of the modules that are such files.
pub(crate) struct Shipped {
    pub(crate) code: String,
    pub(crate) test_modules: Vec<String>,
}

/// Blanks every item under `#[cfg(test)]` in code that [`without_text`] has prepared.
pub(crate) fn without_tests(code: &str) -> Shipped {
    let mut shipped = Shipped {
        code: String::with_capacity(code.len()),
        test_modules: Vec::new(),
    };
    let mut rest = code;
    while let Some(start) = test_gate(rest) {
        let (before, gated) = rest.split_at(start);
        let (item, after) = gated.split_at(item_length(gated));
        shipped.code.push_str(before);
        blank(&mut shipped.code, item);
        shipped.test_modules.extend(module_file(item));
        rest = after;
    }
    shipped.code.push_str(rest);
    shipped
}

/// The length of the comment or literal at the start of `rest`, if there is one.
fn text_length(rest: &str, in_word: bool) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    if let Some(after) = rest.strip_prefix('\'') {
        return Some(character_length(after)?.saturating_add(1));
    }
    if in_word {
        return None;
    }
    let plain = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let raw = plain.strip_prefix('r');
    let hashed = raw.unwrap_or(plain);
    let content = hashed.trim_start_matches('#');
    let hashes = hashed.len().saturating_sub(content.len());
    let content = content.strip_prefix('"')?;
    let content_length = match raw {
        Some(_) => {
            let closing = format!("\"{}", "#".repeat(hashes));
            let end = content.find(&closing).unwrap_or(content.len());
            end.saturating_add(closing.len()).min(content.len())
        }
        None if hashes > 0 => return None,
        None => quoted_length(content, '"'),
    };
    Some(
        rest.len()
            .saturating_sub(content.len())
            .saturating_add(content_length),
    )
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (position, character) in rest.char_indices() {
        let pair = (previous, character);
        previous = character;
        if pair == ('/', '*') {
            depth = depth.saturating_add(1);
        } else if pair == ('*', '/') {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return position.saturating_add(1);
            }
        } else {
            continue;
        }
        // The characters of one delimiter belong to no other.
        previous = ' ';
    }
    rest.len()
}

/// The length of a character literal behind its opening quote; a lifetime is none.
fn character_length(after: &str) -> Option<usize> {
    let mut characters = after.chars();
    let first = characters.next()?;
    (first == '\\' || characters.next() == Some('\'')).then(|| quoted_length(after, '\''))
}

/// The length up to and with the closing quote.
fn quoted_length(content: &str, quote: char) -> usize {
    let mut escaped = false;
    for (position, character) in content.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return position.saturating_add(1);
        }
    }
    content.len()
}

/// Where the next gate is.
fn test_gate(code: &str) -> Option<usize> {
    ["#[cfg(test)]", "#[cfg(all(test,"]
        .into_iter()
        .filter_map(|gate| code.find(gate))
        .min()
}

/// The length of an item with its attributes: up to a `;` or `,` outside of brackets, to the end of
/// its braces, or to the end of what it stands in. Rather too short than too long: what is left is
/// read as code that ships.
fn item_length(item: &str) -> usize {
    let mut in_attribute = false;
    let mut depth = 0_usize;
    for (position, character) in item.char_indices() {
        let end = position.saturating_add(1);
        match character {
            '#' if depth == 0 => in_attribute = true,
            '(' | '[' | '{' => depth = depth.saturating_add(1),
            ')' | ']' | '}' if depth == 0 => return position,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && character == '}' {
                    return end;
                }
                in_attribute = in_attribute && depth > 0;
            }
            ';' | ',' if depth == 0 && !in_attribute => return end,
            _ => {}
        }
    }
    item.len()
}

/// `tests` for an item that ends in `mod tests;`.
fn module_file(item: &str) -> Option<String> {
    let declaration = item.strip_suffix(';')?;
    let mut words = declaration.split_whitespace().rev();
    let name = words.next()?;
    (words.next()? == "mod").then(|| name.to_owned())
}

fn blank(code: &mut String, text: &str) {
    code.extend(text.chars().map(|character| match character {
        '\n' => '\n',
        _ => ' ',
    }));
}

/// Whether a character may stand in an identifier.
pub(crate) fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that are left, for source in which `gone` must go.
    fn words(code: &str) -> Vec<&str> {
        code.split(|character| !is_word(character))
            .filter(|word| !word.is_empty())
            .collect()
    }

    #[test]
    fn comments_and_literals_go() {
        for source in [
            "a // gone\nb",
            "a /* gone /* gone */ gone */ b",
            "a /*/ gone */ b",
            r#"a "gone \" gone" b"#,
            r##"a r#"gone " gone"# b"##,
            r#"a br"gone \" b"#,
            r#"a c"gone" b"#,
            r"a '\'' b",
            "a '\"' b '\"'",
            "a b // gone",
        ] {
            assert_eq!(words(&without_text(source)), ["a", "b"], "{source}");
        }
    }

    #[test]
    fn lifetimes_and_raw_identifiers_stay() {
        assert_eq!(without_text("fn f<'a>(b: &'a str)"), "fn f<'a>(b: &'a str)");
        assert_eq!(without_text("r#type bar"), "r#type bar");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "a\n/* x\n y */ \"\n\" b";
        assert_eq!(without_text(source).lines().count(), source.lines().count());
    }

    #[test]
    fn items_for_tests_go_and_the_next_item_stays() {
        for source in [
            "a #[cfg(test)] mod tests { fn gone() { gone } } b",
            "a #[cfg(test)] use gone::{gone, gone}; b",
            "a #[cfg(test)] const GONE: [u8; 2] = gone; b",
            "a #[cfg(test)] #[allow(gone)] fn gone(x: [u8; 2]) -> u8 { gone } b",
            "a #[cfg(test)] mod gone; b",
            "a #[cfg(all(test, gone))] mod gone { gone } b",
        ] {
            let left = without_tests(source).code;
            assert_eq!(words(&left), ["a", "b"], "{source}");
        }
    }

    #[test]
    fn code_for_other_configurations_stays() {
        let source = "#[cfg(not(test))] fn kept() {} #[cfg(any(test, unix))] fn kept() {}";
        assert_eq!(without_tests(source).code, source);
    }

    #[test]
    fn a_gated_field_hides_nothing_behind_it() {
        for source in [
            "struct S { #[cfg(test)] gone: u8, kept: u8 }",
            "struct S { kept: u8, #[cfg(test)] gone: u8 }",
        ] {
            let left = without_tests(source).code;
            assert_eq!(words(&left), ["struct", "S", "kept", "u8"], "{source}");
            assert!(left.ends_with('}'), "{left}");
        }
    }

    #[test]
    fn modules_in_files_of_their_own_are_named() {
        let shipped = without_tests("mod one; #[cfg(test)] pub(crate) mod two; mod three;");
        assert_eq!(shipped.test_modules, ["two"]);
        assert_eq!(words(&shipped.code), ["mod", "one", "mod", "three"]);
    }
}
