//! The steps of a login, each with its exchanges and its lines of code.

use crate::exchange::{Exchange, Message, Party};
use crate::html::{code, escape, prose};
use crate::journey::{Journey, Step};
use crate::snippets::snippet;
use crate::steps::Kind;

/// Returns the list of steps. Where one was refused, the others are folded.
pub(crate) fn timeline(journey: &Journey) -> String {
    let mut shown = Vec::new();
    let steps: String = journey
        .steps
        .iter()
        .zip(1..)
        .map(|(it, number)| {
            let is_folded = journey.refusal.is_some() && !it.is_refused;
            step(it, number, is_folded, &mut shown)
        })
        .collect();
    format!(r#"<ol class="steps">{steps}</ol>"#)
}

/// Returns a step. `shown` holds the names of the lines of code that are on the page already.
fn step(step: &Step, number: usize, is_folded: bool, shown: &mut Vec<&'static str>) -> String {
    let text = step.kind.text();
    let refused = if step.is_refused { " refused" } else { "" };
    let mark = if step.is_refused {
        r#"<strong class="mark">refused here</strong>"#
    } else {
        ""
    };
    let checks: String = text
        .checks
        .iter()
        .map(|(check, section)| {
            format!(
                "<li>{} <small>{}</small></li>",
                prose(check),
                escape(section)
            )
        })
        .collect();
    let checks = match (checks.is_empty(), step.is_refused) {
        (true, _) => String::new(),
        (_, true) => format!(
            r#"<p class="label">What is checked here</p><ul class="checks open">{checks}</ul>"#
        ),
        (_, false) => format!(r#"<p class="label">Checked</p><ul class="checks">{checks}</ul>"#),
    };
    let lines = match snippet(text.snippet) {
        Some(_) if shown.contains(&text.snippet) && !step.is_refused => {
            r#"<p class="label">Code</p><p>The call above makes this step, too.</p>"#.to_owned()
        }
        Some(lines) => {
            shown.push(text.snippet);
            format!(
                r#"<p class="label">Code</p><pre class="code" tabindex="0" role="region" aria-label="Lines of code"><code>{}</code></pre>"#,
                escape(&lines)
            )
        }
        None => String::new(),
    };
    let is_long = matches!(step.kind, Kind::Discovery | Kind::Keys) || step.exchanges.len() > 2;
    let exchanges: String = step
        .exchanges
        .iter()
        .map(|it| exchange(it, step.is_refused || !is_long))
        .collect();
    let columns =
        format!(r#"<div class="columns"><div>{exchanges}</div><div>{lines}{checks}</div></div>"#);
    let columns = match is_folded {
        true => format!(
            r#"<details class="fold"><summary>Exchange, code and checks</summary>{columns}</details>"#
        ),
        false => columns,
    };
    format!(
        r#"<li class="step{refused}" id="step-{number}"><div class="head"><h3>{}</h3>{}{mark}</div>
<p>{}</p>{columns}</li>"#,
        escape(text.title),
        lane(text.from, text.to),
        prose(text.what),
    )
}

/// Returns who talks to whom.
pub(crate) fn lane(from: Party, to: Party) -> String {
    format!(
        r#"<p class="lane"><span class="{}">{}</span><span class="hidden"> to </span><span class="arrow" aria-hidden="true"></span><span class="{}">{}</span></p>"#,
        from.name().to_lowercase(),
        from.name(),
        to.name().to_lowercase(),
        to.name()
    )
}

fn exchange(exchange: &Exchange, is_open: bool) -> String {
    let (status, answer) = match &exchange.response {
        Ok(response) if response.start.is_empty() => (String::new(), String::new()),
        Ok(response) => (
            format!(" <b>{}</b>", escape(&response.start)),
            message("Response", response),
        ),
        Err(failure) => (
            " <b>no response</b>".to_owned(),
            format!("<p>{}</p>", escape(failure)),
        ),
    };
    let took = exchange.took.map_or_else(String::new, |took| {
        format!(" <small>{} ms</small>", took.as_millis())
    });
    format!(
        "<details{}><summary>{}{status}{took}</summary>{}{answer}</details>",
        if is_open { " open" } else { "" },
        code(&exchange.request.start),
        message("Request", &exchange.request),
    )
}

fn message(title: &str, message: &Message) -> String {
    let lines: String = message
        .lines
        .iter()
        .map(|line| {
            let (before, after) = line.marks;
            format!(
                "{before}<b>{}</b>{after}{}\n",
                escape(&line.name),
                escape(&line.value)
            )
        })
        .collect();
    let document = message.document.as_deref().unwrap_or_default();
    let gap = if document.is_empty() { "" } else { "\n" };
    let tokens: String = message
        .tokens
        .iter()
        .map(|(name, claims)| {
            format!(
                r#"<p class="label">{} decoded</p><pre tabindex="0" role="region" aria-label="{} decoded">{}</pre>"#,
                code(name),
                escape(name),
                escape(claims)
            )
        })
        .collect();
    format!(
        r#"<p class="label">{title}</p><pre class="http" tabindex="0" role="region" aria-label="{title}"><i>{}</i>
{lines}{gap}{}</pre>{tokens}"#,
        escape(&message.start),
        escape(document),
    )
}
