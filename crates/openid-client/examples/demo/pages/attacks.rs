//! The attack panel.

use crate::attacks::{Attack, GROUPS};
use crate::html;
use crate::html::{escape, external, prose};
use crate::pages::typed;
use crate::web::Page;

/// Returns the attack panel. A real provider cannot be made to misbehave.
pub(crate) fn page(host: &str, has_provider: bool) -> Page {
    let body = if has_provider {
        let groups: String = GROUPS
            .iter()
            .map(|group| {
                let attacks: String = group.attacks.iter().map(card).collect();
                format!(
                    r#"<section><h2>{}</h2><ul class="attacks">{attacks}</ul></section>"#,
                    escape(group.title)
                )
            })
            .collect();
        format!(
            r#"<p class="lead">Each button makes the provider misbehave in one way, for one login. Log in as usual, and see what the library refuses.</p>{groups}"#
        )
    } else {
        r#"<p class="lead">The attacks need the provider of the demo. Start it without <code>--issuer</code>.</p>"#.to_owned()
    };
    typed(
        "text/html",
        html::page("Attack panel", "/attacks", host, None, &body),
    )
}

fn card(attack: &Attack) -> String {
    format!(
        r#"<li class="card"><h3 id="{0}">{1}</h3><p>{2}</p><p><small>{3}</small></p>{4}</li>"#,
        attack.id,
        prose(attack.title),
        prose(attack.story),
        external(attack.url, attack.rule),
        button(attack, "Try it"),
    )
}

/// Returns the button that begins an attack. `text` is escaped; a screen reader reads the title of
/// the attack after it.
pub(crate) fn button(attack: &Attack, text: &str) -> String {
    let title = attack.title.replace('`', "");
    format!(
        r#"<form method="post" action="/attacks/{}"><button class="attack">{}<span class="hidden"> {}</span></button></form>"#,
        attack.id,
        escape(text),
        escape(&title)
    )
}
