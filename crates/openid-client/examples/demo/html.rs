//! HTML pages and their parts. All text from outside this program is escaped.

/// Returns a whole page. `title` is escaped, and `body` is HTML.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{STYLE}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"#,
        title = escape(title),
    )
}

/// Returns an ordered list of steps. Each title is escaped, and each explanation is HTML.
pub(crate) fn steps<'a>(steps: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let items: String = steps
        .into_iter()
        .map(|(title, text)| format!("<li><b>{}</b><br>{text}</li>", escape(title)))
        .collect();
    format!("<ol>{items}</ol>")
}

/// Returns a table of names and values, which are escaped.
pub(crate) fn table<N: AsRef<str>, V: AsRef<str>>(
    rows: impl IntoIterator<Item = (N, V)>,
) -> String {
    let rows: String = rows
        .into_iter()
        .map(|(name, value)| {
            format!(
                "<tr><th>{}</th><td>{}</td></tr>",
                escape(name.as_ref()),
                escape(value.as_ref())
            )
        })
        .collect();
    format!("<table>{rows}</table>")
}

/// Returns a button that posts to `path`.
pub(crate) fn button(path: &str, text: &str) -> String {
    format!(
        r#"<form method="post" action="{}"><button>{}</button></form>"#,
        escape(path),
        escape(text)
    )
}

/// Returns escaped text in a `code` element.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
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

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --accent: #2563eb; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 44rem; margin: 3rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
ol { padding-left: 1.4rem; } li { margin: .7rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 500; width: 11rem; } td { overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .9rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
form { display: inline-block; margin: 1.5rem .5rem 0 0; }
button, .button { background: var(--accent); border: 0; border-radius: .4rem; color: #fff; cursor: pointer; font: inherit; padding: .55rem 1.1rem; display: inline-block; text-decoration: none; }
.button { margin-top: 1.5rem; }
.error { border-left: .3rem solid #dc2626; padding: .2rem 1rem; }
";
