//! The authorization response as the browser delivers it (OAuth 2.0 Multiple Response Type Encoding
//! Practices section 2.1, OAuth 2.0 Form Post Response Mode, JARM section 2.3).

mod conversions;
mod issuer_in_query;
mod unverified_error;

use std::borrow::Cow;

use jose::{base64url, json};
use url::Url;

use super::response::{ResponseParameters, rejected};
use super::response_type::ResponseMode;
use crate::error::{Error, Misuse, Reason};
use crate::secret::Secret;
use crate::validate::PARAMETERS_ONCE;
use crate::wire::Parameters;

/// An authorization response that came through the browser and is not verified yet.
///
/// It is made of a URL (`&str`, `String`, [`Url`]), of the URI or the whole of an HTTP request
/// ([`http::Uri`], [`http::Request`]), or of the body of one
/// ([`from_form_post`](Self::from_form_post)).
#[derive(Debug, Clone)]
pub struct Callback {
    query: Parameters,
    fragment: Parameters,
    form: Parameters,
    /// The unverified `state` inside a `response` that is a JWT.
    packed_state: Option<Secret>,
}

/// A response in the channel where it was expected.
#[derive(Debug)]
pub(crate) enum Received {
    /// The parameters.
    Plain(ResponseParameters),
    /// The parameters as a JWT (JARM section 2.1).
    Jwt(Secret),
}

impl Callback {
    /// Reads the callback from the URL that the browser was sent to: the whole URL, or its path and
    /// query as a server sees them. A server never sees the fragment. For a response in the
    /// fragment, a script of the application has to send the whole URL.
    ///
    /// Scheme, host and path are ignored. The `redirect_uri` of the login is the stored one, never
    /// this one: behind a proxy the two differ.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `url` is not a URL.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        let invalid = |found: String| Misuse::InvalidArgument {
            argument: "callback",
            expected: "the URL that the browser was sent to, or its path and query \
                       (`Callback::from_query` takes a query alone, \
                       and `Callback::from_form_post` the body of a form post)",
            found,
        };
        let url = &*without_line_breaks(url);
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        match Url::parse(place) {
            Err(url::ParseError::RelativeUrlWithoutBase) if url.contains(['/', '?', '#']) => {
                Url::parse(ANY_BASE).and_then(|base| base.join(place))
            }
            // The text itself stays out of the message: it may contain a code.
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                return Err(invalid("text without a path or a query".to_owned()).into());
            }
            result => result,
        }
        .map_err(|error| invalid(format!("none ({error})")))?;
        Ok(Self::of_query_and_fragment(query, fragment))
    }

    fn of_url(url: &Url) -> Self {
        let (query, fragment) = (url.query(), url.fragment());
        Self::of_query_and_fragment(query.unwrap_or_default(), fragment.unwrap_or_default())
    }

    fn of_query_and_fragment(query: &str, fragment: &str) -> Self {
        Self::new(
            Parameters::decode(query),
            Parameters::decode(fragment),
            Parameters::new(),
        )
    }

    /// Reads the callback from a raw query, not decoded and without its `?`.
    pub fn from_query(query: &str) -> Self {
        Self::new(
            Parameters::decode(query),
            Parameters::new(),
            Parameters::new(),
        )
    }

    /// Reads the callback from the body of a POST request, not decoded. The caller checks that its
    /// media type is `application/x-www-form-urlencoded`.
    pub fn from_form_post(body: &str) -> Self {
        Self::from_query_and_form("", body)
    }

    fn from_query_and_form(query: &str, body: &str) -> Self {
        Self::new(
            Parameters::decode(query),
            Parameters::new(),
            Parameters::decode(body),
        )
    }

    fn new(query: Parameters, fragment: Parameters, form: Parameters) -> Self {
        let packed_state = [&form, &fragment, &query]
            .into_iter()
            .find_map(|parameters| parameters.first("response"))
            .and_then(packed_state);
        Self {
            query,
            fragment,
            form,
            packed_state,
        }
    }

    /// The `state` of the response, by which a store finds the login. It is not verified here; it
    /// is compared with that of the login later.
    ///
    /// `None` for an encrypted response too: find that login by the browser's session alone.
    pub fn state(&self) -> Option<&str> {
        [&self.form, &self.fragment, &self.query]
            .into_iter()
            .find_map(|parameters| parameters.first("state"))
            .or_else(|| self.packed_state.as_ref().map(|it| it.expose().as_str()))
    }

    /// A parameter that the server has added to those of the protocol, such as `user` in Apple's
    /// form post: the person's name, which Apple sends with the first login only.
    ///
    /// Nothing proves who wrote it, not even after the login has succeeded: no signature covers it.
    /// Use it as the person's own word, for example to fill in a form. What a `response` that is a
    /// JWT holds is not given here.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Duplicate`] when the parameter occurs more than once in
    /// query, fragment and form together, and with [`Reason::IllTyped`] when it is longer than 16
    /// KiB; [`Misuse::InvalidArgument`] for a parameter of the protocol, such as `code`, which the
    /// login checks and uses. [`state`](Self::state) has a method.
    pub fn parameter<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Error> {
        if PARAMETERS_ONCE.contains(&name) {
            return Err(Misuse::InvalidArgument {
                argument: "name",
                expected: "a parameter that the protocol does not define",
                found: name.escape_debug().to_string(),
            }
            .into());
        }
        let channels = [&self.form, &self.fragment, &self.query];
        let mut values = channels.into_iter().flat_map(|channel| channel.all(name));
        let value = values.next();
        let member = || name.to_owned().into();
        if values.next().is_some() {
            return Err(rejected(Reason::Duplicate { member: member() }));
        }
        match value {
            Some(value) if value.len() > LONGEST_PARAMETER => Err(rejected(Reason::IllTyped {
                member: member(),
                expected: "at most 16 KiB of text",
                found: format!("{} bytes", value.len()),
            })),
            value => Ok(value),
        }
    }

    /// The parameters in the query, for callbacks from endpoints other than the authorization
    /// endpoint.
    pub(crate) const fn query(&self) -> &Parameters {
        &self.query
    }

    /// Returns the response, which must have come in this mode. A parameter of the protocol in
    /// another channel is refused, and so is a plain response in place of a packed one, or the
    /// reverse.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`].
    pub(crate) fn received(self, mode: ResponseMode) -> Result<Received, Error> {
        let another_mode = |found| {
            rejected(Reason::ResponseMode {
                expected: mode.as_str(),
                found,
            })
        };
        let channels = [&self.query, &self.fragment, &self.form];
        if !channels.into_iter().any(has_any) {
            let expected = mode.channel();
            return Err(rejected(Reason::NoResponse { expected }));
        }
        let (mut parameters, mut channel) = (Parameters::new(), "query");
        for (other, name) in [
            (self.query, "query"),
            (self.fragment, "fragment"),
            (self.form, "form_post"),
        ] {
            if name == mode.channel() {
                (parameters, channel) = (other, name);
            } else if has_any(&other) {
                return Err(another_mode(name));
            }
        }
        match (mode.is_jwt(), parameters.contains("response")) {
            (false, false) => Ok(Received::Plain(ResponseParameters::new(parameters))),
            (false, true) => Err(another_mode("jwt")),
            (true, true) => packed(&parameters).map(Received::Jwt),
            (true, false) => Err(another_mode(channel)),
        }
    }
}

/// Removes what a URL that was copied out of a text may contain, as the URL standard does (section
/// 4.4): spaces around it, and line breaks and tabs within.
fn without_line_breaks(url: &str) -> Cow<'_, str> {
    let url = url.trim_matches(|character| character <= ' ');
    // To look at all bytes takes fewer instructions than to stop at the first that is found.
    match url
        .bytes()
        .fold(false, |any, byte| any | byte.is_ascii_control())
    {
        true => url.replace(['\t', '\n', '\r'], "").into(),
        false => url.into(),
    }
}

/// Whether there is a parameter of the protocol.
fn has_any(parameters: &Parameters) -> bool {
    PARAMETERS_ONCE
        .into_iter()
        .any(|name| parameters.contains(name))
}

/// Returns the one `response`. A parameter of the protocol outside of it is refused.
fn packed(parameters: &Parameters) -> Result<Secret, Error> {
    let mut responses = parameters.all("response");
    let response = responses.next().filter(|response| !response.is_empty());
    let member = "response".into();
    if responses.next().is_some() {
        return Err(rejected(Reason::Duplicate { member }));
    }
    if let Some(stray) = PARAMETERS_ONCE
        .into_iter()
        .find(|name| *name != "response" && parameters.contains(name))
    {
        return Err(rejected(Reason::Unexpected {
            member: stray.into(),
        }));
    }
    response
        .map(Secret::from)
        .ok_or_else(|| rejected(Reason::Missing { member }))
}

/// Reads the `state` from a JWT without verifying it. The value serves to find the login, and is
/// read by the same rules as after verification.
fn packed_state(jwt: &str) -> Option<Secret> {
    let payload = base64url::decode(jwt.split('.').nth(1)?).ok()?;
    let claims = json::parse_object_with_repeats(&payload, json::Limits::CLAIMS).ok()?;
    claims.get("state")?.as_str().map(Secret::from)
}

/// The most bytes of a parameter that the server has added.
const LONGEST_PARAMETER: usize = 16 * 1024;

/// Lends a path and query the scheme and host that a URL needs; neither is ever looked at.
const ANY_BASE: &str = "https://callback.invalid";

#[cfg(test)]
mod tests;
