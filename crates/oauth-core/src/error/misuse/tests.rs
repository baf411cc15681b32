use std::time::Duration;

use super::Misuse;

#[test]
fn a_missing_setting_names_what_sets_it() {
    for (argument, purpose, shown) in [
        (
            "redirect_uri",
            "an authorization request",
            "`redirect_uri` is needed for an authorization request; `redirect_uri` of the client or \
             of the request sets it",
        ),
        (
            "refresh_token",
            "a refresh",
            "`refresh_token` is needed for a refresh; the tokens have none: the server issues one for \
             the scope `offline_access`, or if it is set up to do so for this client",
        ),
        (
            "tenants",
            "a server that serves every tenant of Entra ID",
            "`tenants` is needed for a server that serves every tenant of Entra ID; `tenants` \
             names those whose users may log in",
        ),
        (
            "dpop_key",
            "an initial access token that is bound to it",
            "`dpop_key` is needed for an initial access token that is bound to it; `dpop_key` of the \
             client sets it",
        ),
        (
            "sub",
            "the comparison with the ID Token of the login",
            "`sub` is needed for the comparison with the ID Token of the login",
        ),
    ] {
        let error = Misuse::MissingArgument { argument, purpose };
        assert_eq!(error.to_string(), shown);
    }
}

#[test]
fn another_dpop_key_names_its_setter() {
    let error = Misuse::AnotherDPoPKey {
        expected: "abc".to_owned(),
        found: None,
    };
    assert_eq!(
        error.to_string(),
        "the token is bound to DPoP key abc, and the client has none; `dpop_key` sets the key of the \
         login"
    );
}

#[test]
fn a_login_that_cannot_be_finished_says_what_to_do() {
    let another = Misuse::AnotherConfiguration {
        member: "client_id",
    };
    assert_eq!(
        another.to_string(),
        "this login was begun with another client_id; finish it with the client that began it"
    );
    assert_eq!(
        Misuse::LoginExpired {
            limit: Duration::from_secs(600)
        }
        .to_string(),
        "this login was begun more than 600 s ago; begin a new one"
    );
}
