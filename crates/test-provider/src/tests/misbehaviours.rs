//! Each misbehaviour changes what its description says, shows first at its endpoint, and changes
//! nothing else.

mod authorization;
mod discovery;
mod grants;
mod id_token;
mod journey;
mod key_set;
mod logout;
mod pushed_authorization;
mod registration;
mod token;
mod user_info;

use std::collections::BTreeSet;

use self::journey::Journey;
use super::*;
use crate::Misbehaviour;

/// Returns the parameters of a redirect, in the query or in the fragment.
pub(super) fn redirected(response: &Response<Bytes>) -> Vec<(String, String)> {
    let location = response.headers()[LOCATION].to_str().unwrap();
    form_urlencoded::parse(&location.as_bytes()[REDIRECT_URI.len() + 1..])
        .into_owned()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Whether the first response differs from the right one in these members only.
fn only_differs(good: &Journey, bad: &Journey, endpoint: Endpoint, members: &[&str]) -> bool {
    let strip = |mut document: Map<String, Value>| {
        document.retain(|name, _| !members.contains(&name.as_str()));
        document
    };
    strip(good.json(endpoint)) == strip(bad.json(endpoint))
}

/// Whether a response has a fault of the wire, which is named without its endpoint.
pub(super) fn wire_fault(
    name: &str,
    good: &Response<Bytes>,
    bad: &Response<Bytes>,
) -> Option<bool> {
    let is_html = bad.body().starts_with(b"<!doctype html>");
    let media_type = |response: &Response<Bytes>| {
        response.headers()[CONTENT_TYPE]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let same_body = good.body() == bad.body();
    let html_with =
        |status: u16| is_html && bad.status() == status && media_type(bad).starts_with("text/html");
    Some(match name {
        "Html" => html_with(200),
        "HtmlAsJson" => is_html && media_type(bad) == "application/json",
        "BadRequestHtml" => html_with(400),
        "NotFound" => html_with(404),
        "ServerError" => html_with(500),
        "JsonAsHtml" => same_body && media_type(bad) == "text/html",
        "MediaTypeCase" => same_body && media_type(bad) == "Application/JSON; charset=UTF-8",
        "MediaType" => same_body && media_type(bad) == "application/jwk-set+json",
        "Redirect" => {
            bad.status() == 307
                && bad.headers()[LOCATION]
                    .to_str()
                    .unwrap()
                    .ends_with("?moved")
        }
        "TooLarge" => {
            let mut document = json(bad);
            bad.body().len() > 2 << 20
                && document.remove("padding").is_some()
                && document == json(good)
        }
        "NotAnObject" => bad.body()[..] == [b"[", &good.body()[..], b"]"].concat(),
        "TrailingData" => bad.body()[..] == good.body().repeat(2),
        "DeepNesting" => bad
            .body()
            .starts_with(format!(r#"{{"nested":{}"#, "[".repeat(10_000)).as_bytes()),
        "EmptyBody" => bad.body().is_empty(),
        "ContentEncoding" => same_body && bad.headers()[http::header::CONTENT_ENCODING] == "gzip",
        _ => return None,
    })
}

#[test]
fn each_shows_as_described_and_first_at_its_endpoint() {
    let good = Journey::with(None);
    for misbehaviour in Misbehaviour::ALL.iter().copied() {
        let bad = Journey::with(Some(misbehaviour));
        let verdicts: Vec<bool> = [
            discovery::shows(misbehaviour, &good, &bad),
            key_set::shows(misbehaviour, &good, &bad),
            authorization::shows(misbehaviour, &good, &bad),
            id_token::shows(misbehaviour, &good, &bad),
            token::shows(misbehaviour, &good, &bad),
            pushed_authorization::shows(misbehaviour, &good, &bad),
            user_info::shows(misbehaviour, &good, &bad),
            registration::shows(misbehaviour, &good, &bad),
            grants::shows(misbehaviour, &good, &bad),
            logout::shows(misbehaviour, &good, &bad),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(
            verdicts,
            [true],
            "{misbehaviour:?}: {}",
            misbehaviour.description()
        );
        let first = good
            .steps
            .iter()
            .zip(&bad.steps)
            .find_map(|((endpoint, good), (_, bad))| {
                let same = good.status() == bad.status()
                    && good.headers() == bad.headers()
                    && good.body() == bad.body();
                (!same).then_some(*endpoint)
            });
        assert_eq!(first, Some(misbehaviour.endpoint()), "{misbehaviour:?}");
    }
}

#[test]
fn without_misbehaviours_two_journeys_are_the_same() {
    let (one, two) = (Journey::with(None), Journey::with(None));
    for ((endpoint, one), (_, two)) in one.steps.iter().zip(&two.steps) {
        assert_eq!(
            (one.headers(), one.body()),
            (two.headers(), two.body()),
            "{endpoint:?}"
        );
    }
    assert_eq!(one.steps.len(), two.steps.len());
}

#[test]
fn the_list_has_no_duplicates_and_says_its_verdicts() {
    let names: BTreeSet<String> = Misbehaviour::ALL
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    assert_eq!(names.len(), Misbehaviour::ALL.len());
    for misbehaviour in Misbehaviour::ALL {
        let verdict = format!(". {:?}", misbehaviour.verdict());
        assert!(
            misbehaviour.description().contains(&verdict),
            "{misbehaviour:?}"
        );
        assert!(
            misbehaviour.description().ends_with('.'),
            "{misbehaviour:?}"
        );
    }
}

#[test]
fn a_redirect_leads_to_a_good_answer() {
    let provider = provider();
    provider.misbehave(Misbehaviour::DiscoveryRedirect);
    let url = provider.url(Endpoint::Discovery);
    let moved = get(&provider, &url, NOW);
    let location = Url::parse(&url)
        .unwrap()
        .join(moved.headers()[LOCATION].to_str().unwrap())
        .unwrap();
    assert_eq!(
        json(&get(&provider, location.as_str(), NOW))["issuer"],
        ISSUER
    );
}

#[test]
fn behave_switches_everything_off() {
    let provider = provider();
    let good = get(&provider, &provider.url(Endpoint::Discovery), NOW);
    provider.misbehave(Misbehaviour::DiscoveryServerError);
    provider.misbehave(Misbehaviour::DiscoveryIssuerMissing);
    assert_eq!(
        get(&provider, &provider.url(Endpoint::Discovery), NOW).status(),
        500
    );
    provider.behave();
    assert_eq!(
        get(&provider, &provider.url(Endpoint::Discovery), NOW).body(),
        good.body()
    );
}
