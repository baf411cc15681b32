//! Each misbehaviour changes what its description says, first shows where it says, and leaves the rest alone.

mod authorization;
mod discovery;
mod grants;
mod id_token;
mod key_set;
mod pushed_authorization;
mod registration;
mod token;
mod user_info;

use std::collections::BTreeSet;

use super::registration::send;
use super::*;
use crate::Misbehaviour;

/// Everything a provider says in two logins, the second one without a nonce. What cannot be asked for is missing.
pub(super) struct Journey {
    pub(super) steps: Vec<(Endpoint, Response<Bytes>)>,
}

impl Journey {
    fn with(misbehaviour: Option<Misbehaviour>) -> Self {
        let provider = Provider::new(ISSUER);
        provider.register(registration());
        // A key for another algorithm is in the set, as is usual.
        let other = ClientRegistration::public("other-app")
            .id_token_signed_response_alg(SignatureAlgorithm::ES256);
        provider.register(other);
        provider.register(ClientRegistration::public(API).signed_introspection_responses());
        if let Some(misbehaviour) = misbehaviour {
            provider.misbehave(misbehaviour);
        }
        let mut journey = Self { steps: Vec::new() };
        journey.walk(&provider);
        journey
    }

    fn walk(&mut self, provider: &Provider) {
        self.step(
            Endpoint::Discovery,
            get(provider, &provider.url(Endpoint::Discovery), NOW),
        );
        self.step(
            Endpoint::KeySet,
            get(provider, &provider.url(Endpoint::KeySet), NOW),
        );
        self.log_in(provider, &authorization_parameters());
        let logout = form(&[
            ("client_id", CLIENT_ID),
            ("post_logout_redirect_uri", LOGOUT_URI),
            ("state", STATE),
        ]);
        let logout = format!("{}?{logout}", provider.url(Endpoint::EndSession));
        self.step(Endpoint::EndSession, get(provider, &logout, NOW));
        let mut parameters = authorization_parameters();
        parameters.retain(|(name, _)| *name != "nonce");
        self.log_in(provider, &parameters);
        self.register(provider);
        self.ask_otherwise(provider);
    }

    /// A code with an ID Token, a response as a JWT, and a pushed request.
    fn ask_otherwise(&mut self, provider: &Provider) {
        let mut parameters = authorization_parameters();
        parameters.retain(|(name, _)| *name != "response_type");
        parameters.push(("response_type", "code id_token".to_owned()));
        self.step(
            Endpoint::Authorization,
            authorize(provider, &parameters, NOW),
        );
        let mut parameters = authorization_parameters();
        parameters.push(("response_mode", "jwt".to_owned()));
        self.step(
            Endpoint::Authorization,
            authorize(provider, &parameters, NOW),
        );
        let parameters = authorization_parameters();
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let pushed = post(provider, Endpoint::PushedAuthorization, &pairs, NOW);
        self.step(Endpoint::PushedAuthorization, pushed);

        self.ask_elsewhere(provider);
    }

    /// A person answers on another device, twice; then the token is looked at, signed and unsigned, and revoked.
    fn ask_elsewhere(&mut self, provider: &Provider) {
        let pairs = [("client_id", CLIENT_ID), ("scope", "openid")];
        let place = Endpoint::DeviceAuthorization;
        let device = post(provider, place, &pairs, NOW + 1_000);
        let tokens = self.poll(provider, place, device, "device_code", DEVICE_CODE);
        if let Some(token) = tokens {
            for client in [CLIENT_ID, API] {
                let pairs = [("client_id", client), ("token", &token)];
                let response = post(provider, Endpoint::Introspection, &pairs, NOW + 1_200);
                self.step(Endpoint::Introspection, response);
            }
            let pairs = [("client_id", CLIENT_ID), ("token", &token)];
            let response = post(provider, Endpoint::Revocation, &pairs, NOW + 1_201);
            self.step(Endpoint::Revocation, response);
        }
        let pairs = [pairs[0], pairs[1], ("login_hint", "bob")];
        let place = Endpoint::BackchannelAuthentication;
        let backchannel = post(provider, place, &pairs, NOW + 1_000);
        self.poll(provider, place, backchannel, "auth_req_id", CIBA);
    }

    /// Polls as slowly as anybody could ask for, until there is an answer.
    fn poll(
        &mut self,
        provider: &Provider,
        place: Endpoint,
        begun: Response<Bytes>,
        credential: &str,
        grant_type: &str,
    ) -> Option<String> {
        let begun_with: Option<Map<String, Value>> = serde_json::from_slice(begun.body()).ok();
        self.step(place, begun);
        let code = begun_with?.get(credential)?.as_str()?.to_owned();
        let pairs = [
            ("client_id", CLIENT_ID),
            ("grant_type", grant_type),
            (credential, &code),
        ];
        for poll in 1..=4 {
            let response = post(provider, Endpoint::Token, &pairs, NOW + 1_000 + 40 * poll);
            let answer: Option<Map<String, Value>> = serde_json::from_slice(response.body()).ok();
            self.step(Endpoint::Token, response);
            let text = |name: &str| Some(answer.as_ref()?.get(name)?.as_str()?.to_owned());
            match text("error").as_deref() {
                Some("authorization_pending" | "slow_down") => {}
                // Busy.
                None if answer.is_none() => {}
                _ => return text("access_token"),
            }
        }
        None
    }

    fn register(&mut self, provider: &Provider) {
        let url = provider.url(Endpoint::Registration);
        let response = send(provider, "POST", &url, None, &Value::Object(Map::new()));
        let registered: Option<Map<String, Value>> = serde_json::from_slice(response.body()).ok();
        self.step(Endpoint::Registration, response);
        let text = |name: &str| Some(registered.as_ref()?.get(name)?.as_str()?.to_owned());
        if let (Some(url), Some(token)) = (
            text("registration_client_uri"),
            text("registration_access_token"),
        ) {
            let response = send(provider, "GET", &url, Some(&token), &Value::Null);
            self.step(Endpoint::ClientConfiguration, response);
        }
    }

    fn log_in(&mut self, provider: &Provider, parameters: &[(&str, String)]) {
        let response = authorize(provider, parameters, NOW);
        let code = parameter(&redirected(&response), "code");
        self.step(Endpoint::Authorization, response);
        let Some(code) = code else { return };
        let response = redeem(provider, &code, NOW + 1);
        let tokens: Option<Map<String, Value>> = serde_json::from_slice(response.body()).ok();
        self.step(Endpoint::Token, response);
        let text = |name: &str| Some(tokens.as_ref()?.get(name)?.as_str()?.to_owned());
        if let Some(token) = text("access_token") {
            self.step(Endpoint::UserInfo, user_info(provider, &token, NOW + 2));
        }
        if let Some(token) = text("refresh_token") {
            self.step(Endpoint::Token, refresh(provider, &token, NOW + 600));
        }
        self.step(
            Endpoint::KeySet,
            get(provider, &provider.url(Endpoint::KeySet), NOW + 601),
        );
    }

    fn step(&mut self, endpoint: Endpoint, response: Response<Bytes>) {
        self.steps.push((endpoint, response));
    }

    /// The responses of an endpoint, in order.
    pub(super) fn all(&self, endpoint: Endpoint) -> impl Iterator<Item = &Response<Bytes>> {
        self.steps
            .iter()
            .filter(move |(known, _)| *known == endpoint)
            .map(|(_, response)| response)
    }

    /// The first response of an endpoint.
    pub(super) fn first(&self, endpoint: Endpoint) -> &Response<Bytes> {
        self.all(endpoint).next().unwrap()
    }

    /// The body of the first response of an endpoint, as JSON; of duplicate members the last.
    pub(super) fn json(&self, endpoint: Endpoint) -> Map<String, Value> {
        json(self.first(endpoint))
    }

    /// The body of the first response of an endpoint, as text.
    pub(super) fn text(&self, endpoint: Endpoint) -> &str {
        std::str::from_utf8(self.first(endpoint).body()).unwrap()
    }
}

/// The parameters of a redirect, in the query or in the fragment.
pub(super) fn redirected(response: &Response<Bytes>) -> Vec<(String, String)> {
    let location = response.headers()[LOCATION].to_str().unwrap();
    form_urlencoded::parse(&location.as_bytes()[REDIRECT_URI.len() + 1..])
        .into_owned()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Whether the first response differs from the good one in these members alone.
pub(super) fn only_differs(
    good: &Journey,
    bad: &Journey,
    endpoint: Endpoint,
    members: &[&str],
) -> bool {
    let strip = |mut document: Map<String, Value>| {
        document.retain(|name, _| !members.contains(&name.as_str()));
        document
    };
    strip(good.json(endpoint)) == strip(bad.json(endpoint))
}

/// What a fault of the wire must look like, by the name that follows the endpoint's.
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

/// A resource server.
const API: &str = "api";

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
