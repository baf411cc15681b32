use http::Method;

use super::*;
use crate::names::EndpointName;
use crate::wire::Draft;

const SECRET: &str = "p/a+s\"s&<w>o rd";

fn of(draft: Draft) -> Confidential {
    let request = draft.into_request(EndpointName::Token).unwrap();
    Confidential::of(&Presented::by(&request))
}

fn form(parameters: &[(&str, &str)]) -> Confidential {
    let mut draft = Draft::post_form(
        "https://op.example/token".parse().unwrap(),
        Parameters::new(),
    );
    for (name, value) in parameters {
        draft.form_mut().unwrap().append(*name, *value);
    }
    of(draft)
}

fn beginning(parameters: &[(&str, &str)], body: &str) -> String {
    form(parameters).beginning(body.as_bytes())
}

#[test]
fn every_value_is_masked_but_those_known_to_be_harmless() {
    let sent = [
        ("grant_type", "authorization_code"),
        ("client_id", "my-app"),
        ("redirect_uri", "https://app.example/cb"),
        ("scope", "openid profile"),
        ("code", "SplxlOBeZQQYbYS6WxSbIA"),
        ("code_verifier", "dBjftJeZ4CVP"),
        ("x-vendor", "vendor-secret"),
    ];
    let echoed: Vec<_> = sent
        .iter()
        .map(|(name, value)| format!("<{name}|{value}>"))
        .collect();
    assert_eq!(
        beginning(&sent, &echoed.concat()),
        "<grant_type|authorization_code><client_id|my-app><redirect_uri|https://app.example/cb>\
         <scope|openid profile><code|***><code_verifier|***><x-vendor|***>"
    );
}

#[test]
fn a_value_is_recognised_behind_each_notation() {
    for written in [
        SECRET,
        "p%2Fa%2Bs%22s%26%3Cw%3Eo+rd",
        "p%2fa%2bs%22s%26%3cw%3eo%20rd",
        r#"p\/a+s\"s&<w>o rd"#,
        r#"p\/a\u002bs\"s\u0026\u003cw\u003eo rd"#,
        "p/a+s&quot;s&amp;&lt;w&gt;o rd",
        "p&#47;a&#x2b;s&#34;s&#38;&lt;w&#x3E;o&#32;rd",
        // Two notations, one after the other.
        r#"p\/a+s&quot;s\u0026%3cw&gt;o+rd"#,
    ] {
        let body = format!("before {written} after");
        assert_eq!(
            beginning(&[("x", SECRET)], &body),
            "before *** after",
            "{written}"
        );
    }
}

#[test]
fn a_value_that_the_server_shortens_is_masked() {
    let sent = [("code", "SplxlOBeZQQYbYS6WxSbIA")];
    assert_eq!(beginning(&sent, "no SplxlOBeZQ... here"), "no ***... here");
    // Seven characters are too few to distinguish it from a word.
    assert_eq!(beginning(&sent, "no SplxlOB... here"), "no SplxlOB... here");
}

#[test]
fn characters_beyond_ascii_are_recognised() {
    const PASSWORD: &str = "pässwörd€😀";
    for written in [
        PASSWORD,
        "p\\u00e4ssw\\u00F6rd\\u20ac\\ud83d\\ude00",
        "p&#228;ssw&#xf6;rd&#8364;&#128512;",
        "p&auml;ssw&ouml;rd&#8364;&#x1F600;",
        "p%C3%A4ssw%c3%b6rd%E2%82%AC%F0%9F%98%80",
        "p%E4ssw%F6rd€😀",
        r"p\xc3\xa4ssw\xc3\xb6rd\xe2\x82\xac\xf0\x9f\x98\x80",
        "p\u{fffd}ssw\u{fffd}rd\u{fffd}\u{fffd}",
        "p?ssw?rd??",
    ] {
        assert_eq!(
            beginning(&[("password", PASSWORD)], &format!("<{written}>")),
            "<***>",
            "{written}"
        );
    }
    // The text is in Latin-1.
    let password = form(&[("password", "pässword")]);
    assert_eq!(password.beginning(b"<p\xe4ssword>"), "<***>");
    // Half of a surrogate pair remains of a character.
    assert_eq!(beginning(&[("x", "a😀")], r"<a\ud83d>"), "<***>");
}

#[test]
fn a_value_that_looks_like_an_escape_is_recognised() {
    for value in ["a%25b", r"a\\b", "a&amp;b", "a+%2F", r"a\u0041b"] {
        assert_eq!(beginning(&[("x", value)], value), "***", "{value}");
    }
}

#[test]
fn what_follows_a_value_that_is_not_recognised_to_its_end_is_masked() {
    let sent = [("code", "abcdefgh+ij/klmno=pqrst")];
    for (body, shown) in [
        ("got abcdefgh+ij%2Fklmno%3Dpqrst, sorry", "got ***, sorry"),
        ("got abcdefgh%252Bij%252Fklmno end", "got *** end"),
        ("<b>abcdefgh&plus;ij/klmno</b>", "<b>***</b>"),
        (
            r#"{"x":"abcdefgh-ij/klmno=pq","y":1}"#,
            r#"{"x":"***","y":1}"#,
        ),
        (r#"{"x":"abcdefgh\"klmno","y":1}"#, r#"{"x":"***","y":1}"#),
        ("abcdefgh+i… no", "***… no"),
    ] {
        assert_eq!(beginning(&sent, body), shown, "{body}");
    }
}

/// The time grows linearly with the length of the text.
#[test]
fn a_long_text_that_almost_matches_is_read_once() {
    let value = "a".repeat(200_000) + "b";
    let dots = ".".repeat(200_000) + "b";
    let sent = form(&[("one", &value), ("two", "aaaaaaa!"), ("three", &dots)]);
    assert_eq!(sent.masked(&"a".repeat(1_000_000)), "***");
    assert_eq!(sent.masked(&".".repeat(1_000_000)), "***...");
    let words = "aaaaaaa ".repeat(5_000);
    assert_eq!(sent.masked(&words), words);
}

#[test]
fn a_value_that_lies_across_the_end_of_what_is_looked_at_is_masked() {
    // The first secret fills the window up to the second.
    let long = "l".repeat(8 * 1024 - 3);
    let sent = [("long", long.as_str()), ("code", "secret")];
    assert_eq!(beginning(&sent, &format!("{long}secret")), "******");
    assert_eq!(beginning(&sent, &format!("{long}sec")), "***sec");
    // The window may end within an escape too.
    let long = "l".repeat(8 * 1024 - 5);
    let sent = [("long", long.as_str()), ("code", "sécret")];
    assert_eq!(beginning(&sent, &format!(r"{long}s\u00e9cret")), "******");
}

#[test]
fn a_syllable_is_masked_where_it_stands_alone() {
    let sent = [("user_code", "7"), ("pin", "code")];
    assert_eq!(
        beginning(&sent, "7 is not 17 (7), a decoder"),
        "*** is not 17 (***), a de***r"
    );
}

#[test]
fn members_named_like_secrets_are_masked() {
    for (body, shown) in [
        (
            r#"{"access_token":"x","a":"y"}"#,
            r#"{"access_token":***,"a":"y"}"#,
        ),
        (r#"{"clientSecret" : "x"}"#, r#"{"clientSecret" : ***}"#),
        (r#"{"code":"x\"y","z":1}"#, r#"{"code":***,"z":1}"#),
        (r#"{"code":100}"#, r#"{"code":100}"#),
        (r#"{"token":100}"#, r#"{"token":***}"#),
        (
            r#"{"token":null,"token_ok":true}"#,
            r#"{"token":null,"token_ok":true}"#,
        ),
        (
            r#"{"tokens":["x",{"a":"]"}],"z":1}"#,
            r#"{"tokens":***,"z":1}"#,
        ),
        (
            r#"{"errorCode":"x","status_code":"y"}"#,
            r#"{"errorCode":"x","status_code":"y"}"#,
        ),
        (
            r#"{"m":"{\"id_token\":\"x\"}"}"#,
            r#"{"m":"{\"id_token\":***}"}"#,
        ),
        (
            "{&quot;password&quot;:&quot;x&quot;}",
            "{&quot;password&quot;:***}",
        ),
        (
            "a=1&client_assertion=x.y.z&b=2",
            "a=1&client_assertion=***&b=2",
        ),
        ("token: x\nnext", "token: ***\\nnext"),
        ("'code' => 'x', 'b' => 'y'", "'code' => ***, 'b' => 'y'"),
        (r#"{"refresh_token":"never ends"#, r#"{"refresh_token":***"#),
        (r#"{"tokens":["never ends"#, r#"{"tokens":***"#),
        (
            "<access_token>x y</access_token><error>z</error>",
            "<access_token>***</access_token><error>z</error>",
        ),
        (
            "<o:id-token a=\"b\">x</o:id-token>z",
            "<o:id-token a=\"b\">***</o:id-token>z",
        ),
        (
            "<tokens><a>x</a>\n<b>y</b></tokens>z",
            "<tokens>***</tokens>z",
        ),
        (
            "<client_secret><![CDATA[x>y]]></client_secret>",
            "<client_secret>***</client_secret>",
        ),
        (
            "&lt;access_token&gt;x&lt;/access_token&gt;z",
            "&lt;access_token&gt;***&lt;/access_token&gt;z",
        ),
        ("<access_token>never ends", "<access_token>***"),
        ("<token/><error>z</error>", "<token/><error>z</error>"),
        ("<code>invalid_grant</code>", "<code>invalid_grant</code>"),
        (
            r#"<input name="code" value="x"/> z"#,
            r#"<input name="code" value=***/> z"#,
        ),
        (
            r#"[{"name":"id_token","value":"x"},"z"]"#,
            r#"[{"name":"id_token","value":***},"z"]"#,
        ),
        ("token: Bearer x y", "token: *** y"),
        ("token=DPoP  x&y=z", "token=***&y=z"),
        ("token: bearer, z", "token: ***, z"),
        ("the code is wrong", "the code is wrong"),
        ("token:", "token:"),
    ] {
        assert_eq!(beginning(&[], body), shown, "{body}");
    }
}

#[test]
fn the_text_is_printable_and_capped() {
    assert_eq!(beginning(&[], "a\u{1b}[0m\r\n"), "a\\u{1b}[0m\\r\\n");
    assert_eq!(form(&[]).beginning(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    let long = "é".repeat(5000);
    assert_eq!(beginning(&[], &long), "é".repeat(1000) + "…");
    assert_eq!(
        beginning(&[], &"code ".repeat(100_000)).len(),
        1000 + '…'.len_utf8()
    );
}

#[test]
fn credentials_in_headers_are_masked() {
    let mut draft = Draft::get(
        "https://op.example/x?key=of-the-url".parse().unwrap(),
        "*/*",
    );
    let authorization = "Basic bXktYXBwOnMlMkZjcmV0JTIw";
    for (name, value) in [
        ("authorization", authorization),
        ("dpop", "eyJ.proof"),
        ("cookie", "c=biscuit"),
    ] {
        let name: HeaderName = name.parse().unwrap();
        draft
            .headers
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    let mut sensitive = HeaderValue::from_static("of-the-application");
    sensitive.set_sensitive(true);
    draft.headers.insert("x-key", sensitive);
    let confidential = of(draft);
    assert!(!confidential.has_access_token());
    let echo = "of-the-url bXktYXBwOnMlMkZjcmV0JTIw s/cret s%2Fcret%20 eyJ.proof c=biscuit \
                of-the-application my-app";
    // The decoded secret ends with a space.
    assert_eq!(
        confidential.beginning(echo.as_bytes()),
        "*** *** ****** *** *** *** my-app"
    );
    let mut headers = HeaderMap::new();
    headers.append("x-debug", HeaderValue::from_static("got c=biscuit"));
    headers.append(
        "x-debug",
        HeaderValue::from_bytes(b"\xe9 c=biscuit").unwrap(),
    );
    headers.append("retry-after", HeaderValue::from_static("7"));
    let masked = confidential.masked_headers(&headers);
    let all: Vec<_> = masked
        .get_all("x-debug")
        .iter()
        .map(|it| String::from_utf8_lossy(it.as_bytes()))
        .collect();
    assert_eq!(all, ["got ***", "\u{fffd} ***"]);
    assert_eq!(masked["retry-after"], "7");
}

#[test]
fn an_access_token_is_recognised_by_its_scheme() {
    for (authorization, expected) in [
        ("Bearer at-1", true),
        ("bearer at-1", true),
        ("DPoP at-1", true),
        ("Basic YTpi", false),
        ("Bearer-like x", false),
    ] {
        let mut draft = Draft::get("https://op.example/x".parse().unwrap(), "*/*");
        draft
            .headers
            .insert("authorization", HeaderValue::from_static(authorization));
        let confidential = of(draft);
        assert_eq!(confidential.has_access_token(), expected, "{authorization}");
        let token = authorization.split(' ').next_back().unwrap();
        assert_eq!(confidential.masked(token), "***");
    }
}

#[test]
fn the_secrets_of_a_registration_are_masked() {
    let document = serde_json::json!({
        "client_name": "my name",
        "client_secret": "the-secret",
        "software_statement": "the.statement.x",
        "redirect_uris": ["https://app.example"],
    });
    let mut draft = Draft::post_json("https://op.example/r".parse().unwrap(), &document);
    draft.method = Method::PUT;
    let confidential = of(draft);
    assert_eq!(
        confidential.masked("my name the-secret the.statement.x https://app.example"),
        "my name *** *** https://app.example"
    );
}
