use proptest::prelude::*;

use super::Challenge;

/// Writes each challenge as `scheme[token68]{name=value;…}`, so that a case fits on one line.
fn read(value: &str) -> Option<String> {
    let shown = Challenge::parse(value)?.into_iter().map(|challenge| {
        let token68 = challenge.token68.map(|text| format!("[{text}]"));
        let parameters: Vec<_> = challenge
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let parameters = (!parameters.is_empty()).then(|| format!("{{{}}}", parameters.join(";")));
        challenge.scheme + &token68.unwrap_or_default() + &parameters.unwrap_or_default()
    });
    Some(shown.collect::<Vec<_>>().join(" "))
}

#[test]
fn readable_values() {
    let cases = [
        ("", ""),
        (",, ,", ""),
        ("Basic", "basic"),
        ("basic ", "basic"),
        (" Basic", "basic"),
        ("\tBasic\t", "basic"),
        ("Basic,", "basic"),
        (",Basic", "basic"),
        ("Basic, Bearer", "basic bearer"),
        ("Basic,Bearer", "basic bearer"),
        ("Basic,,,Bearer,", "basic bearer"),
        ("DPoP", "dpop"),
        ("BEARER Realm=X", "bearer{realm=X}"),
        (r#"Basic realm="simple""#, "basic{realm=simple}"),
        (r#"Basic realm=simple"#, "basic{realm=simple}"),
        (r#"Basic realm = "simple""#, "basic{realm=simple}"),
        ("Basic realm\t=\tsimple", "basic{realm=simple}"),
        (r#"Basic  ,  realm="x""#, "basic{realm=x}"),
        (r#"Scheme , realm="foo""#, "scheme{realm=foo}"),
        (r#"Basic realm="""#, "basic{realm=}"),
        (r#"Basic realm="a, b""#, "basic{realm=a, b}"),
        (r#"Basic realm="a=b""#, "basic{realm=a=b}"),
        (r#"Basic realm="a\"b""#, r#"basic{realm=a"b}"#),
        (r#"Basic realm="a\\b""#, r"basic{realm=a\b}"),
        (r#"Basic realm="\r\u0041""#, "basic{realm=ru0041}"),
        (r#"Basic realm="ünïcode""#, "basic{realm=ünïcode}"),
        (
            r#"Basic realm="x", charset="UTF-8""#,
            "basic{charset=UTF-8;realm=x}",
        ),
        (
            r#"Basic realm="x"charset="UTF-8""#,
            "basic{charset=UTF-8;realm=x}",
        ),
        (r#"Basic realm="x" charset=y"#, "basic{charset=y;realm=x}"),
        (r#"Basic realm="x",,charset=y"#, "basic{charset=y;realm=x}"),
        (
            r#"Basic realm="x" , charset=y ,"#,
            "basic{charset=y;realm=x}",
        ),
        (r#"Basic realm="first", realm="last""#, "basic{realm=last}"),
        (r#"Basic REALM="first", realm="last""#, "basic{realm=last}"),
        (r#"Bearer title*=utf-8''x"#, "bearer{title*=utf-8''x}"),
        (r#"Bearer __proto__="x""#, "bearer{__proto__=x}"),
        (
            r#"Basic realm="a", Bearer realm="b""#,
            "basic{realm=a} bearer{realm=b}",
        ),
        (
            r#"Basic realm="a" Bearer realm="b""#,
            "basic{realm=a} bearer{realm=b}",
        ),
        (r#"Scheme, DPoP algs="ES256""#, "scheme dpop{algs=ES256}"),
        (
            r#"Bearer, DPoP algs="ES256 PS256", error="use_dpop_nonce""#,
            "bearer dpop{algs=ES256 PS256;error=use_dpop_nonce}",
        ),
        (
            r#"dPoP error="use_dpop_nonce""#,
            "dpop{error=use_dpop_nonce}",
        ),
        (
            r#"Bearer error="invalid_token", error_description="expired""#,
            "bearer{error=invalid_token;error_description=expired}",
        ),
        (
            r#"Bearer resource_metadata="https://rs.example/.well-known/oauth-protected-resource""#,
            "bearer{resource_metadata=https://rs.example/.well-known/oauth-protected-resource}",
        ),
        ("Bearer scope=a b", "bearer{scope=a} b"),
        ("Negotiate", "negotiate"),
        ("Negotiate abc", "negotiate[abc]"),
        ("Negotiate abc=", "negotiate[abc=]"),
        ("Negotiate abc==", "negotiate[abc==]"),
        ("Negotiate a-b._~+/c==", "negotiate[a-b._~+/c==]"),
        (
            "Negotiate abc==, Basic realm=x",
            "negotiate[abc==] basic{realm=x}",
        ),
        ("Negotiate abc== Basic", "negotiate[abc==] basic"),
        ("Negotiate abc, def", "negotiate[abc] def"),
        ("NTLM, Negotiate", "ntlm negotiate"),
        ("Bearer error=", "bearer[error=]"),
        ("Scheme a=b, c", "scheme{a=b} c"),
        ("!#$%&'*+-.^_`|~ x=y", "!#$%&'*+-.^_`|~{x=y}"),
        (
            r#"Digest qop="auth, auth-int", algorithm=SHA-256, nonce="7y/4=""#,
            "digest{algorithm=SHA-256;nonce=7y/4=;qop=auth, auth-int}",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(read(value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn unreadable_values() {
    let cases = [
        r#"Scheme realm="basic"#,
        r#"Scheme realm="basic\"#,
        r#"Scheme realm="basic\""#,
        r#"Bearer error"x""#,
        r#"Negotiate abc==, realm="x""#,
        r#"Scheme, realm="foo""#,
        r#"Bearer error="ok", ???"#,
        r#"Bearer error="ok"; realm="x""#,
        r#"Bearer a=b; c=d"#,
        "Negotiate abc===",
        "Negotiate abc=d=",
        "Negotiate abc==def",
        "Negotiate abc=@",
        "Negotiate abc@",
        r#""Basic""#,
        "=",
        "Basic=",
        r#"realm="x""#,
        "Bearer: x",
        "Basic realm=\"x\"\u{1}",
        "Schéma realm=x",
        "Basic realm=é",
        "{}",
    ];
    for value in cases {
        assert_eq!(read(value), None, "{value}");
    }
}

#[test]
fn several_headers_are_read_as_one() {
    let mut headers = http::HeaderMap::new();
    for value in ["Basic", r#"DPoP algs="ES256", error="use_dpop_nonce""#] {
        headers.append("www-authenticate", value.parse().expect("a header value"));
    }
    let challenges = Challenge::of_response(&headers);
    assert_eq!(challenges.len(), 2);
    assert_eq!(challenges[1].algs(), Some("ES256"));
    assert_eq!(challenges[1].error(), Some("use_dpop_nonce"));
    assert_eq!(challenges[0].realm(), None);
    assert!(Challenge::of_response(&http::HeaderMap::new()).is_empty());
}

proptest! {
    #[test]
    fn anything_is_read_or_refused(value in ".{0,200}") {
        let _ = Challenge::parse(&value);
    }

    #[test]
    fn what_was_written_is_read(
        scheme in "[a-z]{1,8}",
        parameters in prop::collection::btree_map("[a-z_]{1,8}", "[ -~]{0,16}", 1..5),
    ) {
        let written: Vec<_> = parameters
            .iter()
            .map(|(name, value)| {
                format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
            })
            .collect();
        let challenges = Challenge::parse(&format!("{scheme} {}", written.join(", ")));
        prop_assert_eq!(challenges, Some(vec![Challenge { scheme, parameters, token68: None, repeated: Vec::new() }]));
    }
}
