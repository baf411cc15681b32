//! `jose` and `oauth-core` name no clock, socket, thread, file, process or async runtime.
//!
//! Time, randomness and answers come to them as arguments. A name that is not there cannot be
//! called, so this reads the names. Comments, literals and tests are free.

use std::collections::BTreeSet;

use super::source::{self, is_word};
use super::tree::Tree;

const PURE: [&str; 2] = ["crates/jose/", "crates/oauth-core/"];

/// Words that may not occur at all.
const WORDS: &[(&str, &str)] = &[
    ("SystemTime", "a clock"),
    ("Instant", "a clock"),
    ("TcpStream", "a socket"),
    ("TcpListener", "a socket"),
    ("UdpSocket", "a socket"),
    ("UnixStream", "a socket"),
    ("ToSocketAddrs", "name resolution"),
    ("async", "an async runtime's caller"),
    ("await", "an async runtime's caller"),
    ("tokio", "an async runtime"),
    ("async_std", "an async runtime"),
    ("smol", "an async runtime"),
    ("mio", "an async runtime"),
    ("hyper", "a transport"),
    ("reqwest", "a transport"),
    ("stdin", "a file"),
    ("stdout", "a file"),
    ("stderr", "a file"),
];

/// Modules of `std` that may not be named. Plain addresses are in `core::net`.
const MODULES: &[(&str, &str)] = &[
    ("net", "a socket"),
    ("thread", "a thread"),
    ("fs", "a file"),
    ("env", "the environment"),
    ("process", "a process"),
    ("os", "the operating system"),
];

/// Every forbidden name with its place.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for package in PURE {
        let folder = format!("{package}src/");
        let files: Vec<(&str, source::Shipped)> = tree
            .below(&folder)
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path, source::without_tests(&source::without_text(text))))
            .collect();
        if files.is_empty() {
            faults.push(format!("{folder}: there is nothing to read"));
        }
        let tests: BTreeSet<String> = files
            .iter()
            .flat_map(|(path, shipped)| shipped.test_modules.iter().map(|name| child(path, name)))
            .collect();
        for (path, shipped) in &files {
            let is_test = tests.iter().any(|test| {
                path.strip_prefix(test.as_str())
                    .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            });
            if !is_test {
                faults.extend(forbidden(path, &shipped.code));
            }
        }
    }
    faults
}

/// The path of a child module, without `.rs`.
fn child(path: &str, name: &str) -> String {
    let module = path.strip_suffix(".rs").unwrap_or(path);
    let folder = ["/lib", "/main", "/mod"]
        .into_iter()
        .find_map(|file| module.strip_suffix(file))
        .unwrap_or(module);
    format!("{folder}/{name}")
}

fn forbidden(path: &str, code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let mut faults = Vec::new();
    let mut rest = tokens.as_slice();
    while let [(line, token), after @ ..] = rest {
        let mut fault = |name: &str, what: &str| {
            faults.push(format!("{path}:{line}: `{name}` names {what}"));
        };
        if let Some((word, what)) = WORDS.iter().find(|(word, _)| word == token) {
            fault(word, what);
        }
        if *token == "std" {
            for module in modules_of_std(after) {
                match MODULES.iter().find(|(name, _)| *name == module) {
                    Some((name, what)) => fault(&format!("std::{name}"), what),
                    None if module == "*" => fault("std", "all of the standard library"),
                    None => {}
                }
            }
        }
        // The one way to read a clock without naming its type.
        if let ".elapsed()" = text_of(rest, 4).as_str() {
            fault(".elapsed()", "a clock");
        }
        rest = after;
    }
    faults
}

/// What follows the word `std`: the modules named, or `*` where a module could hide.
fn modules_of_std<'a>(after: &[(usize, &'a str)]) -> Vec<&'a str> {
    match after {
        [(_, "::"), (_, "{"), group @ ..] => first_words(group),
        [(_, "::"), (_, module), ..] => vec![module],
        // `use std as s`, `extern crate std;`
        _ => vec!["*"],
    }
}

/// The first word of each member of a `use` group.
fn first_words<'a>(group: &[(usize, &'a str)]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut depth = 1_usize;
    let mut first = true;
    for (_, token) in group {
        let is_start = first;
        first = false;
        match *token {
            "{" => depth = depth.saturating_add(1),
            "}" if depth == 1 => break,
            "}" => depth = depth.saturating_sub(1),
            "," => first = depth == 1,
            // `std::{self as s}` renames the root.
            "self" if is_start => words.push("*"),
            word if is_start => words.push(word),
            _ => {}
        }
    }
    words
}

fn text_of(tokens: &[(usize, &str)], number: usize) -> String {
    tokens
        .iter()
        .take(number)
        .map(|(_, token)| *token)
        .collect()
}

/// Identifiers, `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (line, text) in (1..).zip(code.lines()) {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|character| !is_word(character))
                    .unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(length);
            tokens.push((line, token));
            rest = after.trim_start();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_in(source: &str) -> Vec<String> {
        faults(&Tree::from([
            ("crates/jose/src/lib.rs", ""),
            ("crates/oauth-core/src/lib.rs", source),
        ]))
    }

    #[test]
    fn forbidden_names_are_found_with_their_line() {
        for (source, name, what) in [
            ("use std::time::SystemTime;", "SystemTime", "a clock"),
            ("use std::time::{Duration, Instant};", "Instant", "a clock"),
            (
                "fn f() { g(httpdate::parse()?.elapsed()) }",
                ".elapsed()",
                "a clock",
            ),
            ("use std::net::IpAddr;", "std::net", "a socket"),
            ("use std::{fmt, thread};", "std::thread", "a thread"),
            (
                "use std::{fmt::{self, Debug}, fs::read};",
                "std::fs",
                "a file",
            ),
            (
                "fn f() { ::std::env::var(x) }",
                "std::env",
                "the environment",
            ),
            (
                "fn f() { std :: process :: abort() }",
                "std::process",
                "a process",
            ),
            ("use std as s;", "std", "all of the standard library"),
            ("use std::*;", "std", "all of the standard library"),
            (
                "use std::{self as s};",
                "std",
                "all of the standard library",
            ),
            ("fn f() { tokio::spawn(x) }", "tokio", "an async runtime"),
            ("pub async fn f() {}", "async", "an async runtime's caller"),
            ("fn f() { x\n.await }", "await", "an async runtime's caller"),
        ] {
            let line = if source.contains('\n') { 3 } else { 2 };
            let found = faults_in(&format!("//! Text.\n{source}"));
            let expected = format!("crates/oauth-core/src/lib.rs:{line}: `{name}` names {what}");
            assert_eq!(found, [expected], "{source}");
        }
    }

    #[test]
    fn both_packages_are_read() {
        let found = faults(&Tree::from([
            ("crates/jose/src/jwt/claims.rs", "use std::time::Instant;"),
            ("crates/oauth-core/src/lib.rs", ""),
        ]));
        assert_eq!(
            found,
            ["crates/jose/src/jwt/claims.rs:1: `Instant` names a clock"]
        );
    }

    #[test]
    fn a_package_that_is_not_there_is_a_fault() {
        let found = faults(&Tree::from([("crates/jose/src/lib.rs", "")]));
        assert_eq!(found, ["crates/oauth-core/src/: there is nothing to read"]);
    }

    #[test]
    fn what_the_core_needs_is_allowed() {
        let source = "
            // `SystemTime` is the caller's.
            use std::{collections::BTreeMap, fmt, time::Duration};
            use core::net::IpAddr;
            fn wait(env: &mut Env<'_>, name: &str) -> Duration { env.elapsed + thread + fs }
            const NAME: &str = \"tokio\";
            #[cfg(test)] mod tests { use std::thread; }
        ";
        assert_eq!(faults_in(source), [""; 0]);
    }

    #[test]
    fn a_file_is_free_only_where_its_parent_gates_it() {
        let tree = |parent| {
            Tree::from([
                ("crates/jose/src/lib.rs", ""),
                ("crates/oauth-core/src/flow.rs", parent),
                ("crates/oauth-core/src/flow/tests.rs", "use std::thread;"),
                ("crates/oauth-core/src/flow/tests/script.rs", "use std::fs;"),
            ])
        };
        assert_eq!(faults(&tree("#[cfg(test)]\nmod tests;")), [""; 0]);
        assert_eq!(faults(&tree("mod tests;")).len(), 2);
    }
}
