use super::*;
use crate::json::parse;

const SMALL: Limits = Limits::new(64 << 10, 8);

fn read(text: &str) -> Result<String, Error> {
    let object = parse_object_with_repeats(text.as_bytes(), SMALL)?;
    let shown = object
        .iter()
        .map(|(name, value)| format!("{name}={}", value.to_owned_value()));
    Ok(shown.collect::<Vec<_>>().join(" "))
}

fn twice(member: &str) -> Result<String, Error> {
    Err(Error::Duplicate {
        member: member.to_owned(),
    })
}

#[test]
fn the_same_value_twice_is_one_member_in_its_first_place() {
    for (text, members) in [
        (r#"{"a":1,"b":2}"#, "a=1 b=2"),
        (r#"{"b":"x","a":1,"b":"x"}"#, r#"b="x" a=1"#),
        (r#"{"a":1,"a":1,"a":1}"#, "a=1"),
        (r#"{"a":null,"a":null,"b":true,"b":true}"#, "a=null b=true"),
        // Escapes, whitespace and the order of members do not matter.
        (r#"{"a":"A","\u0061": "\u0041"}"#, r#"a="A""#),
        (
            r#"{"a":{"b":1,"c":2},"a":{"c":2,"b":1}}"#,
            r#"a={"b":1,"c":2}"#,
        ),
        (
            r#"{"a":[1,{"b":[]}],"a":[ 1 , {"b":[]} ]}"#,
            r#"a=[1,{"b":[]}]"#,
        ),
        // Repeats in a value, and in both values that are compared.
        (r#"{"a":{"b":1,"b":1}}"#, r#"a={"b":1}"#),
        (r#"{"a":{"b":1,"b":1},"a":{"b":1}}"#, r#"a={"b":1}"#),
        (r#"{"a":[{"b":"x","b":"x"}]}"#, r#"a=[{"b":"x"}]"#),
    ] {
        assert_eq!(read(text).as_deref(), Ok(members), "{text}");
    }
}

#[test]
fn different_values_are_refused() {
    for (text, member) in [
        (r#"{"a":1,"a":2}"#, "a"),
        (r#"{"a":1,"a":1,"a":2}"#, "a"),
        (r#"{"a":1,"a":"1"}"#, "a"),
        (r#"{"a":null,"a":false}"#, "a"),
        (r#"{"a":false,"a":true}"#, "a"),
        (r#"{"a":"x","a":"X"}"#, "a"),
        (r#"{"a":["x"],"a":"x"}"#, "a"),
        (r#"{"a":[1,2],"a":[2,1]}"#, "a"),
        (r#"{"a":[1],"a":[1,1]}"#, "a"),
        (r#"{"a":[[],1],"a":[[1]]}"#, "a"),
        (r#"{"a":["b","c"],"a":["bc"]}"#, "a"),
        (r#"{"a":["n1:1"],"a":[1]}"#, "a"),
        (r#"{"a":{},"a":[]}"#, "a"),
        (r#"{"a":{"b":1},"a":{"b":1,"c":1}}"#, "a"),
        (r#"{"a":{"b":1},"a":{"c":1}}"#, "a"),
        (r#"{"x":[{"a":{"b":1,"b":2}}]}"#, "b"),
        (r#"{"a":{"b":1,"b":1},"a":{"b":2,"b":2}}"#, "a"),
    ] {
        assert_eq!(read(text), twice(member), "{text}");
    }
}

/// Numbers differ even if they have the same value.
#[test]
fn numbers_are_compared_as_they_are_written() {
    for (first, second) in [
        ("1", "1.0"),
        ("1.0", "1.00"),
        ("100", "1e2"),
        ("1e2", "1E2"),
        ("1e2", "1e+2"),
        ("0", "-0"),
        ("0.1", "0.10000000000000000001"),
        ("9007199254740993.0", "9007199254740992.0"),
        ("100000000000000000000001", "100000000000000000000002"),
    ] {
        for (first, second) in [(first, second), (second, first)] {
            // Strings that look like numbers, and characters that look like the end of a string,
            // are skipped.
            let text = format!(r#"{{"7":"8\"9\\","a":{first},"a":{second}}}"#);
            assert_eq!(read(&text), twice("a"), "{text}");
        }
        let text = format!(r#"{{"7":"8\"9\\","a":[0,{first}],"b":3,"a":[0,{first}]}}"#);
        assert_eq!(read(&text).map(|_| ()), Ok(()), "{text}");
    }
}

/// All other texts that the strict reader refuses are refused here.
#[test]
fn every_other_rule_stays() {
    for text in [
        r#"{"a":1,"a":1"#,
        r#"{"a":1,"a":1}x"#,
        r#"{"a":01,"a":01}"#,
        r#"{"a":1e400,"a":1e400}"#,
        r#"{"a":"\ud800","a":"\ud800"}"#,
        "\u{feff}{\"a\":1,\"a\":1}",
    ] {
        let found = read(text);
        assert!(
            matches!(found, Err(Error::Syntax { .. })),
            "{text}: {found:?}"
        );
    }
    let deep = format!(r#"{{"a":1,"a":1,"b":{}0{}}}"#, "[".repeat(8), "]".repeat(8));
    assert_eq!(read(&deep), Err(Error::Depth { limit: 8 }));
    assert_eq!(
        read(r#"[{"a":1,"a":1}]"#),
        Err(Error::NotAnObject { found: "array" })
    );
    let long = format!(r#"{{"a":1,"a":1,"b":"{}"}}"#, "x".repeat(64 << 10));
    assert_eq!(
        read(&long),
        Err(Error::Size {
            limit: 64 << 10,
            found: long.len()
        })
    );
    assert!(matches!(
        parse_object_with_repeats(b"{\"a\":\"\xff\",\"a\":\"\xff\"}", SMALL),
        Err(Error::Syntax { .. })
    ));
    // The other reader still refuses the duplicate.
    assert!(matches!(
        parse(br#"{"a":1,"a":1}"#, SMALL),
        Err(Error::Duplicate { .. })
    ));
}

/// Texts as long as a claims set may be, in the forms that take longest. Each takes a moment. A
/// walk that is quadratic, or doubles with the depth, would not end.
#[test]
fn a_hostile_text_takes_no_longer_than_a_long_one() {
    let long = 250_000;
    let nested = |depth: usize| {
        // Each level contains the next one twice: a text of 2^depth values.
        let mut text = "0".to_owned();
        for _ in 0..depth {
            text = format!(r#"{{"a":{text},"a":{text}}}"#);
        }
        text
    };
    // As many values as the reader takes, and as long as a claims set may be.
    let value = r#""0123456789ab""#;
    let same = vec![format!(r#""a":{value}"#); long / 20];
    let names: Vec<String> = (0..long / 48)
        .map(|number| format!(r#""m{number}":{value},"m{number}":{value}"#))
        .collect();
    let [same, names] = [same, names].map(|members| format!("{{{}}}", members.join(",")));
    let mut deep = format!("[{}]", vec![value; long / 16].join(","));
    for _ in 0..29 {
        deep = format!("{{\"a\":{deep}}}");
    }
    let deep = format!("{{\"a\":{deep},\"b\":1,\"b\":1}}");
    for text in [nested(13), same, names, deep] {
        assert!(text.len() < 256 << 10);
        let read = parse_object_with_repeats(text.as_bytes(), Limits::CLAIMS);
        assert!(read.is_ok(), "{:?}", read.err());
    }
}

proptest::proptest! {
    /// Compares the result with a plain form of the rule, for objects of few names and values.
    #[test]
    fn an_object_is_read_exactly_when_its_repeats_agree(
        members in proptest::collection::vec(("[ab]{1,2}", "1|1\\.0|\"1\"|\\[1\\]|\\{\"x\":1,\"x\":1\\}"), 0..24),
    ) {
        let text: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        let text = format!("{{{}}}", text.join(","));
        let mut first = std::collections::BTreeMap::new();
        let mut agree = true;
        for (name, value) in &members {
            agree &= first.entry(name).or_insert(value) == &value;
        }
        match parse_object_with_repeats(text.as_bytes(), SMALL) {
            Ok(object) => {
                proptest::prop_assert!(agree);
                proptest::prop_assert_eq!(object.len(), first.len());
            }
            Err(Error::Duplicate { .. }) => proptest::prop_assert!(!agree),
            Err(other) => proptest::prop_assert!(false, "{}", other),
        }
    }
}
