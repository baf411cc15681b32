//! The page that shows what was refused, where, by which rule and with which code.

use openid_client::UnixTime;

use crate::attacks::Attack;
use crate::html;
use crate::html::{code, escape, external, prose};
use crate::journey::{Journey, Refusal};
use crate::pages::{attacks, timeline, typed};
use crate::web::Page;
use crate::when;

/// Returns the page of a login that was refused.
pub(crate) fn page(host: &str, journey: &Journey, is_logged_in: bool, now: UnixTime) -> Page {
    let title = match (&journey.refusal, journey.attack) {
        (None, _) => "Not refused".to_owned(),
        (Some(_), Some(attack)) => format!("Refused: {}", attack.title.replace('`', "")),
        (Some(_), None) => "That did not work".to_owned(),
    };
    let attack = journey.attack.map_or_else(String::new, |attack| {
        format!(
            r#"<p class="lead"><strong class="attacker">Attack</strong> {}</p>"#,
            prose(attack.story)
        )
    });
    let verdict = match &journey.refusal {
        Some(refusal) => verdict(journey, refusal, now),
        None => r#"<p class="status bad" role="alert">The login was accepted. Either another login switched the attack off, or this is a fault of the library: please report it.</p>"#.to_owned(),
    };
    let session = match is_logged_in {
        true => "Your session is as it was before.",
        false => "Nobody is logged in, and no token was kept.",
    };
    let body = format!(
        r#"{attack}{verdict}<p>{session}</p><div class="actions">{}</div><h2>What happened</h2>{}"#,
        next(journey.attack),
        timeline::timeline(journey),
    );
    let path = if journey.attack.is_some() {
        "/attacks"
    } else {
        "/"
    };
    typed("text/html", html::page(&title, path, host, None, &body))
}

fn verdict(journey: &Journey, refusal: &Refusal, now: UnixTime) -> String {
    let rule = journey.attack.map_or_else(String::new, |attack| {
        format!(
            "<dt>Rule</dt><dd>{}</dd>",
            external(attack.url, attack.rule)
        )
    });
    let step = journey
        .steps
        .iter()
        .zip(1..)
        .find(|(step, _)| step.is_refused);
    let place = step.map_or_else(String::new, |(step, number)| {
        let title = escape(step.kind.text().title);
        format!(r##", in <a href="#step-{number}">step {number}: {title}</a>"##)
    });
    let line = journey.attack.and_then(Attack::line);
    let line = line.map_or_else(String::new, |line| {
        format!("<dt>In a test</dt><dd>{}</dd>", code(&line))
    });
    let times: String = when::times_in(&refusal.message)
        .into_iter()
        .map(|seconds| {
            format!(
                "<dt>Time</dt><dd>{}</dd>",
                html::time(seconds, now.seconds())
            )
        })
        .collect();
    format!(
        r#"<section class="verdict" aria-label="Verdict"><dl><dt>Refused</dt><dd>the {}{place}</dd>{rule}{}{times}{line}</dl></section>"#,
        escape(&refusal.what),
        code_and_message(refusal),
    )
}

/// Returns the code and the message of a refusal.
pub(crate) fn reason(refusal: &Refusal) -> String {
    format!(
        r#"<section class="verdict" aria-label="Reason"><dl>{}</dl></section>"#,
        code_and_message(refusal)
    )
}

fn code_and_message(refusal: &Refusal) -> String {
    let found = match refusal.code {
        Some(found) => code(found),
        None => "none: the application refuses before it calls the library, \
                 which takes a <code>PendingLogin</code> by value and so once"
            .to_owned(),
    };
    let causes: String = refusal
        .causes
        .iter()
        .map(|cause| format!("<dt>Because</dt><dd>{}</dd>", prose(cause)))
        .collect();
    format!(
        r#"<dt>Code</dt><dd class="error-code">{found}</dd><dt>Message</dt><dd>{}</dd>{causes}"#,
        prose(&refusal.message)
    )
}

fn next(attack: Option<&'static Attack>) -> String {
    match attack {
        None => r#"<a class="button" href="/">Start again</a>"#.to_owned(),
        Some(attack) => {
            let next = attack.next().map_or_else(String::new, |next| {
                format!(
                    r#"<form method="post" action="/attacks/{}"><button class="attack">Next attack: {}</button></form>"#,
                    next.id,
                    prose(next.title)
                )
            });
            format!(
                r#"{next}{}<a class="button quiet" href="/attacks">All attacks</a>"#,
                attacks::button(attack, "Once more")
            )
        }
    }
}
