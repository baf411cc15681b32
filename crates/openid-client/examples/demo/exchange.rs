//! A request and its response, as they may be shown.

use std::time::Duration;

use http::{HeaderMap, header, request, response};
use openid_client::serde_json::Value;
use openid_client::{Url, serde_json};

use crate::{mask, when};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Browser,
    Application,
    Provider,
    Attacker,
}

impl Party {
    /// The name, which is a class in the style sheet in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browser => "Browser",
            Self::Application => "Application",
            Self::Provider => "Provider",
            Self::Attacker => "Attacker",
        }
    }
}

/// A request and its response.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The path of the request.
    pub(crate) path: String,
    pub(crate) request: Message,
    /// The response, or why there is none.
    pub(crate) response: Result<Message, String>,
    pub(crate) took: Option<Duration>,
}

/// A request or a response, without secrets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// For example "POST /token" or "200 OK".
    pub(crate) start: String,
    pub(crate) lines: Vec<Line>,
    /// A JSON document in the body.
    pub(crate) document: Option<String>,
    /// The JWTs in the message: a name, the header and the claims.
    pub(crate) tokens: Vec<(String, String)>,
}

/// A header or a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What comes before the name, and after it.
    pub(crate) marks: (&'static str, &'static str),
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Exchange {
    /// The browser opens this URL.
    pub(crate) fn visit(url: &Url, response: Message) -> Self {
        let mut request = Message {
            start: format!("GET {}", url.path()),
            ..Message::default()
        };
        request.host(url.authority());
        request.query(url.query().unwrap_or_default());
        Self {
            path: url.path().to_owned(),
            request,
            response: Ok(response),
            took: None,
        }
    }
}

impl Message {
    /// A request of the client.
    pub(crate) fn request(head: &request::Parts, body: &[u8]) -> Self {
        let mut message = Self {
            start: format!("{} {}", head.method, head.uri.path()),
            ..Self::default()
        };
        if let Some(authority) = head.uri.authority() {
            message.host(authority.as_str());
        }
        message.query(head.uri.query().unwrap_or_default());
        message.headers(&head.headers);
        message.body(&head.headers, body, true);
        message
    }

    /// A response with the beginning of its body. `is_whole` says whether that is all of it.
    pub(crate) fn response(head: &response::Parts, body: &[u8], is_whole: bool) -> Self {
        let mut message = Self {
            start: head.status.to_string(),
            ..Self::default()
        };
        message.headers(&head.headers);
        message.body(&head.headers, body, is_whole);
        message
    }

    fn host(&mut self, host: &str) {
        self.push(HEADER, "host", host);
    }

    fn query(&mut self, query: &str) {
        self.parameters("?", query);
    }

    fn parameters(&mut self, first: &'static str, form: &str) {
        let mut mark = first;
        for (name, value) in openid_client::Url::parse(&format!("form:?{form}"))
            .iter()
            .flat_map(Url::query_pairs)
        {
            self.push((mark, "="), &name, &value);
            mark = "&";
        }
    }

    fn headers(&mut self, headers: &HeaderMap) {
        for name in SHOWN {
            for found in headers.get_all(*name) {
                let text = String::from_utf8_lossy(found.as_bytes());
                let Some((scheme, credentials)) = text.split_once(' ') else {
                    self.push(HEADER, name, &text);
                    continue;
                };
                if *name == "authorization" {
                    // The scheme is no secret.
                    let masked = format!("{scheme} {}", mask::value("credentials", credentials));
                    self.lines.push(Line {
                        marks: HEADER,
                        name: (*name).to_owned(),
                        value: masked,
                    });
                } else {
                    self.push(HEADER, name, &text);
                }
            }
        }
    }

    fn body(&mut self, headers: &HeaderMap, body: &[u8], is_whole: bool) {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            self.parameters("", &String::from_utf8_lossy(body));
        } else if let (true, Ok(document)) = (is_whole, serde_json::from_slice::<Value>(body)) {
            self.tokens_of(&document);
            self.document = Some(format!("{:#}", mask::document(&document)));
        } else if !body.is_empty() {
            let (size, more) = (body.len(), if is_whole { "" } else { " and more" });
            self.document = Some(format!("({size} bytes{more}: not a JSON document)"));
        }
    }

    fn tokens_of(&mut self, document: &Value) {
        for (name, value) in document.as_object().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                self.token(name, text);
            }
        }
    }

    fn push(&mut self, marks: (&'static str, &'static str), name: &str, value: &str) {
        self.token(name, value);
        let value = match (name, value.split_once('?')) {
            // The query of a URL may hold anything.
            ("location", Some((target, _))) => format!("{target}?…"),
            _ => mask::value(name, value),
        };
        self.lines.push(Line {
            marks,
            name: name.to_owned(),
            value,
        });
    }

    /// Decodes a JWT. That of an access token is not the client's business.
    fn token(&mut self, name: &str, text: &str) {
        let is_known = ["id_token", "response", "dpop", "logout_token"].contains(&name);
        if let Some((header, claims)) = mask::jwt(text).filter(|_| is_known) {
            let text = format!("{header}\n{claims:#}");
            let text: Vec<String> = text.lines().map(when::explained).collect();
            self.tokens.push((name.to_owned(), text.join("\n")));
        }
    }
}

const HEADER: (&str, &str) = ("", ": ");

/// The headers that are shown, in this order.
const SHOWN: &[&str] = &[
    "authorization",
    "dpop",
    "accept",
    "content-type",
    "content-encoding",
    "content-length",
    "location",
    "www-authenticate",
    "dpop-nonce",
    "cache-control",
];
