//! HTML pages of the application and their parts. All text from outside this program is escaped.

use crate::when;

/// Returns a whole page of the application. `title` is escaped, and `body` is HTML. A page with
/// `again` loads itself again after this number of seconds.
pub(crate) fn page(title: &str, path: &str, host: &str, again: Option<u8>, body: &str) -> String {
    let again = again.map_or_else(String::new, |seconds| {
        format!(r#"<meta http-equiv="refresh" content="{seconds}">"#)
    });
    let links: String = NAVIGATION
        .iter()
        .map(|(to, text)| {
            let current = if *to == path {
                r#" aria-current="page""#
            } else {
                ""
            };
            format!(r#"<li><a href="{to}"{current}>{text}</a></li>"#)
        })
        .collect();
    format!(
        r##"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{again}<title>{title} · Application</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"></head>
<body><a class="skip" href="#main">Skip to content</a>
<header class="site"><img src="/icon.svg" alt="" width="36" height="36"><p><strong>Application</strong>
<small>You are at the application, {host}</small></p>
<nav aria-label="Pages"><ul>{links}</ul></nav></header>
<main id="main"><h1>{title}</h1>{body}</main>
<footer><p>This is <code>cargo xtask demo</code>. Everything runs on this machine, and nothing here needs a script.
Secrets are masked before they are recorded.</p></footer></body></html>
"##,
        title = escape(title),
        host = escape(host),
    )
}

const NAVIGATION: [(&str, &str); 3] = [
    ("/", "Log in"),
    ("/device", "Device"),
    ("/attacks", "Attacks"),
];

/// Returns a table of names and values, which are HTML. `caption` is escaped.
pub(crate) fn table(caption: &str, rows: impl IntoIterator<Item = (String, String)>) -> String {
    let rows: String = rows
        .into_iter()
        .map(|(name, value)| format!(r#"<tr><th scope="row">{name}</th><td>{value}</td></tr>"#))
        .collect();
    let caption = escape(caption);
    format!(
        r#"<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><tbody>{rows}</tbody></table></div>"#
    )
}

/// Returns a button that posts to `path`.
pub(crate) fn button(path: &str, text: &str) -> String {
    format!(
        r#"<form method="post" action="{}"><button>{}</button></form>"#,
        escape(path),
        escape(text)
    )
}

/// Returns a link in a new tab, with a mark for screen readers.
pub(crate) fn external(url: &str, text: &str) -> String {
    format!(
        r#"<a href="{}" target="_blank" rel="noopener noreferrer">{}<span class="hidden"> (opens a new tab)</span></a>"#,
        escape(url),
        escape(text)
    )
}

/// Returns escaped text in a `code` element.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Returns text where the parts between backticks are `code` elements. All of it is escaped.
pub(crate) fn prose(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(number, part)| match number % 2 {
            0 => escape(part),
            _ => code(part),
        })
        .collect()
}

/// Returns a time for people and for programs, and how far it is from now.
pub(crate) fn time(seconds: i64, now: i64) -> String {
    match when::date(seconds) {
        None => code(&seconds.to_string()),
        Some(date) => format!(
            r#"<time datetime="{}">{}</time>, {} <small>({seconds})</small>"#,
            escape(&date.machine),
            escape(&date.text),
            when::distance(seconds, now)
        ),
    }
}

/// Escapes text for content and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
