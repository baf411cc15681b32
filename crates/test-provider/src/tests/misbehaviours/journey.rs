//! Requests to every endpoint of a provider.

use super::super::registration::send;
use super::super::*;
use super::redirected;
use crate::Misbehaviour;

/// All responses of a provider. There are two logins, the second one without a nonce. Responses
/// that a misbehaviour makes impossible are missing.
pub(super) struct Journey {
    pub(super) steps: Vec<(Endpoint, Response<Bytes>)>,
}

impl Journey {
    pub(super) fn with(misbehaviour: Option<Misbehaviour>) -> Self {
        let provider = Provider::new(ISSUER);
        provider.sign_metadata();
        provider.register(registration().backchannel_logout_uri("https://app.example.com/out"));
        // The key set usually contains a key for another algorithm.
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
        let origin = Url::parse(ISSUER).unwrap().origin().ascii_serialization();
        let webfinger = format!("{origin}/.well-known/webfinger?resource={origin}/alice");
        self.step(Endpoint::WebFinger, get(provider, &webfinger, NOW));
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
        self.tell(
            Endpoint::EndSession,
            provider.logout_request(CLIENT_ID, NOW + 3),
        );
        let mut parameters = authorization_parameters();
        parameters.retain(|(name, _)| *name != "nonce");
        self.log_in(provider, &parameters);
        self.register(provider);
        self.fetch_claims(provider);
        self.ask_otherwise(provider);
    }

    /// Fetches distributed claims.
    fn fetch_claims(&mut self, provider: &Provider) {
        let url = provider.url(Endpoint::DistributedClaims);
        let request = http::Request::get(url)
            .header(
                http::header::AUTHORIZATION,
                "Bearer token-for-distributed-claims",
            )
            .body(Bytes::new())
            .unwrap();
        let response = provider.handle(&request, NOW + 700);
        self.step(Endpoint::DistributedClaims, response);
    }

    /// Requests a code with an ID Token and a response as a JWT, and pushes a request.
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

    /// Authenticates a user on another device, by device authorization and by backchannel
    /// authentication. The token of the first is introspected, plain and signed, and revoked.
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
        let token = ("client_notification_token", "the-notification-token");
        let pairs = [pairs[0], pairs[1], pairs[2], token];
        let backchannel = post(provider, place, &pairs, NOW + 1_000);
        self.ping(provider, &backchannel);
    }

    /// Records the ping and the push for an authentication that has begun.
    fn ping(&mut self, provider: &Provider, begun: &Response<Bytes>) {
        let begun: Option<Map<String, Value>> = serde_json::from_slice(begun.body()).ok();
        let auth_req_id = begun.as_ref().and_then(|begun| begun.get("auth_req_id"));
        let auth_req_id = auth_req_id.and_then(Value::as_str);
        let ping = auth_req_id.and_then(|it| provider.ping(it));
        self.tell(Endpoint::BackchannelAuthentication, ping);
        let push = auth_req_id.and_then(|it| provider.push(it, NOW + 1_000));
        self.tell(Endpoint::BackchannelAuthentication, push);
    }

    /// Records a request of the provider as a response, because it has headers and a body too.
    fn tell(&mut self, endpoint: Endpoint, request: Option<Request<Bytes>>) {
        if let Some(request) = request {
            let mut response = Response::new(request.body().clone());
            *response.headers_mut() = request.headers().clone();
            self.step(endpoint, response);
        }
    }

    /// Polls more slowly than any interval requires, until there is a result.
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
                // The provider is busy.
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
            let update = serde_json::json!({"client_id": text("client_id")});
            let response = send(provider, "PUT", &url, Some(&token), &update);
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

    /// Returns the responses of an endpoint in order.
    pub(super) fn all(&self, endpoint: Endpoint) -> impl Iterator<Item = &Response<Bytes>> {
        self.steps
            .iter()
            .filter(move |(known, _)| *known == endpoint)
            .map(|(_, response)| response)
    }

    /// Returns the first response of an endpoint.
    pub(super) fn first(&self, endpoint: Endpoint) -> &Response<Bytes> {
        self.all(endpoint).next().unwrap()
    }

    /// Returns the body of the first response of an endpoint as JSON. The last of duplicate members
    /// counts.
    pub(super) fn json(&self, endpoint: Endpoint) -> Map<String, Value> {
        json(self.first(endpoint))
    }

    /// Returns the body of the first response of an endpoint as text.
    pub(super) fn text(&self, endpoint: Endpoint) -> &str {
        std::str::from_utf8(self.first(endpoint).body()).unwrap()
    }
}

/// The client identifier of a resource server.
const API: &str = "api";

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
