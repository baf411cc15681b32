//! The callback, and the return from logout.

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let location = |journey: &Journey, endpoint| {
        journey.first(endpoint).headers()[LOCATION]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let callback = location(bad, Endpoint::Authorization);
    let good_callback = location(good, Endpoint::Authorization);
    let all = |name: &str| -> Vec<String> {
        let query = Url::parse(&callback).unwrap();
        let pairs = query.query_pairs().into_owned();
        pairs
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value)
            .collect()
    };
    let code = parameter(&redirected(good.first(Endpoint::Authorization)), "code").unwrap();
    let added = |name: &str, value: &str| callback == format!("{good_callback}&{name}={value}");
    let logout = location(bad, Endpoint::EndSession);
    Some(match misbehaviour {
        M::CallbackStateMismatch => all("state") == [format!("{STATE}1")],
        M::CallbackStateMissing => all("state").is_empty(),
        M::CallbackStateEmpty => all("state") == [""],
        M::CallbackDuplicateState => all("state") == [STATE, STATE],
        M::CallbackIssuerMismatch => all("iss") == [format!("{ISSUER}1")],
        M::CallbackIssuerMissing => all("iss").is_empty(),
        M::CallbackDuplicateIssuer => all("iss") == [ISSUER, ISSUER],
        M::CallbackAccessDenied => {
            all("error") == ["access_denied"] && all("code").is_empty() && all("state") == [STATE]
        }
        M::CallbackErrorWithCode => added("error", "server_error"),
        M::CallbackErrorStateMismatch => {
            all("error") == ["access_denied"]
                && all("code").is_empty()
                && all("state") == [format!("{STATE}1")]
        }
        M::CallbackCodeMissing => all("code").is_empty() && all("error").is_empty(),
        M::CallbackCodeEmpty => all("code") == [""],
        M::CallbackDuplicateCode => all("code") == [code.as_str(), code.as_str()],
        M::CallbackStrayAccessToken => added("access_token", "stray"),
        M::CallbackStrayIdToken => added("id_token", "e30.e30.stray"),
        M::CallbackStrayTokenType => added("token_type", "Bearer"),
        M::CallbackStrayExpiresIn => added("expires_in", "3600"),
        M::CallbackResponse => added("response", "e30.e30.stray"),
        M::CallbackInFragment => callback == good_callback.replacen("&code", "#code", 1),
        M::CallbackUnknownParameter => added("session_state", "unknown"),
        M::LogoutStateMismatch => logout == format!("{}1", location(good, Endpoint::EndSession)),
        M::LogoutStateMissing => logout == LOGOUT_URI,
        _ => return None,
    })
}
