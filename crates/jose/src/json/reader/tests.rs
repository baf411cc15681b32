use super::*;

const SMALL: Limits = Limits::new(64 << 10, 4);

#[test]
fn every_kind_of_value_is_read() {
    let text = br#" {"n":null,"b":true,"i":-3,"f":1.5,"s":"caf\u00e9","a":[1,"x"],"o":{"k":"v"}} "#;
    let object = parse_object(text, SMALL).unwrap();
    assert_eq!(object.len(), 7);
    let kinds: Vec<_> = object
        .iter()
        .map(|(name, value)| (name, value.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("n", "null"),
            ("b", "boolean"),
            ("i", "number"),
            ("f", "number"),
            ("s", "string"),
            ("a", "array"),
            ("o", "object"),
        ]
    );
    assert_eq!(object.get("s").unwrap().as_str(), Some("café"));
    assert_eq!(
        serde_json::Value::Object(object.to_owned_map()),
        serde_json::from_slice::<serde_json::Value>(text).unwrap()
    );
}

#[test]
fn text_without_escapes_is_borrowed() {
    let Value::String(text) = parse(br#""plain""#, SMALL).unwrap() else {
        panic!()
    };
    assert!(matches!(text, Cow::Borrowed("plain")));
}

#[test]
fn duplicates_are_refused_at_every_depth_and_through_escapes() {
    for (text, member) in [
        (r#"{"a":1,"a":1}"#, "a"),
        (r#"{"x":{"y":[{"b":1,"c":2,"b":3}]}}"#, "b"),
        (r#"{"alg":1,"\u0061lg":2}"#, "alg"),
        (r#"{"":1,"":2}"#, ""),
    ] {
        assert_eq!(
            parse(text.as_bytes(), SMALL),
            Err(Error::Duplicate {
                member: member.to_owned()
            }),
            "{text}"
        );
    }
    let mut many: Vec<String> = (0..1000).map(|number| format!("\"m{number}\":0")).collect();
    assert_eq!(
        parse_object(format!("{{{}}}", many.join(",")).as_bytes(), SMALL)
            .unwrap()
            .len(),
        1000
    );
    many.push("\"m500\":1".to_owned());
    assert_eq!(
        parse(format!("{{{}}}", many.join(",")).as_bytes(), SMALL),
        Err(Error::Duplicate {
            member: "m500".to_owned()
        })
    );
}

#[test]
fn the_same_name_in_two_objects_is_not_a_duplicate() {
    assert!(parse(br#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#, SMALL).is_ok());
}

#[test]
fn depth_is_limited() {
    assert!(parse(b"[[[[1]]]]", SMALL).is_ok());
    assert_eq!(parse(b"[[[[[1]]]]]", SMALL), Err(Error::Depth { limit: 4 }));
    assert_eq!(
        parse(br#"[{"a":[{"b":{}}]}]"#, SMALL),
        Err(Error::Depth { limit: 4 })
    );
    let deep = "{\"a\":".repeat(200);
    assert_eq!(
        parse(deep.as_bytes(), SMALL),
        Err(Error::Depth { limit: 4 })
    );
    let deep = "[".repeat(60_000);
    assert_eq!(
        parse(deep.as_bytes(), SMALL),
        Err(Error::Depth { limit: 4 })
    );
    assert_eq!(
        parse(deep.as_bytes(), Limits::new(1 << 20, usize::MAX)),
        Err(Error::Depth { limit: 100 })
    );
}

#[test]
fn length_is_limited_before_anything_is_read() {
    let text = [b'x'; 11];
    assert_eq!(
        parse(&text, Limits::new(10, 4)),
        Err(Error::Size {
            limit: 10,
            found: 11
        })
    );
}

/// The text and each array, object, element and member are one value each.
#[test]
fn the_number_of_values_is_limited() {
    for (limits, limit) in [
        (Limits::HEADER, 1 << 10),
        (Limits::CLAIMS, 1 << 14),
        (Limits::DOCUMENT, 1 << 14),
        (Limits::new(usize::MAX, 2), 1 << 14),
    ] {
        let array = |elements| format!("[0{}]", ",0".repeat(elements - 1));
        let object = |members| {
            let members: Vec<_> = (0..members)
                .map(|name| format!(r#""{name}":{{}}"#))
                .collect();
            format!("{{{}}}", members.join(","))
        };
        for text in [array(limit - 1), object(limit - 1)] {
            assert!(parse(text.as_bytes(), limits).is_ok());
        }
        for text in [array(limit), object(limit)] {
            assert_eq!(parse(text.as_bytes(), limits), Err(Error::Values { limit }));
        }
        let nested = |arrays| format!("[{}]", vec![array(9); arrays].join(","));
        assert!(parse(nested(limit / 10).as_bytes(), limits).is_ok());
        let too_many = nested(limit / 10 + 1);
        assert_eq!(
            parse(too_many.as_bytes(), limits),
            Err(Error::Values { limit })
        );
        let repeated = format!("[{}]", vec![r#"{"a":0,"a":0}"#; limit / 2].join(","));
        let kept = parse_keeping_repeats(repeated.as_bytes(), limits);
        assert_eq!(kept, Err(Error::Values { limit }));
    }
}

/// serde_json has a feature `arbitrary_precision`, with which it uses such an object itself.
#[test]
fn an_object_that_looks_like_a_number_stays_an_object() {
    let token = "$serde_json::private::Number";
    let text = format!("{{\"{token}\":\"12.5\",\"a\":1}}");
    assert_eq!(parse_object(text.as_bytes(), SMALL).unwrap().len(), 2);
    let text = format!("{{\"{token}\":12.5}}");
    assert_eq!(parse(text.as_bytes(), SMALL).unwrap().kind(), "object");
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    assert_eq!(
        parse(b"{\n\"a\":01}", SMALL),
        Err(Error::Syntax { line: 2, column: 6 })
    );
    assert_eq!(
        parse(b"{} x", SMALL),
        Err(Error::Syntax { line: 1, column: 4 })
    );
    for text in [
        &b""[..],
        b"{\"a\":1",
        b"{}{}",
        b"\"\xff\"",
        b"{\"\xff\":1}",
        b"\"\\ud800\"",
        b"\"\\udc00\\ud800\"",
        b"\"a\nb\"",
        b"1e400",
        b"NaN",
        b"{'a':1}",
        b"[1,]",
        b"{\"a\":1,}",
        b"{1:1}",
        b"\xef\xbb\xbf{}",
    ] {
        let error = parse(text, SMALL).unwrap_err();
        assert!(
            matches!(error, Error::Syntax { line: 1 | 2, .. }),
            "{text:?}: {error:?}"
        );
    }
}

#[test]
fn an_object_is_required_where_asked_for() {
    assert!(parse_object(b"{}", SMALL).unwrap().is_empty());
    assert!(!parse_object(b"{\"\":null}", SMALL).unwrap().is_empty());
    assert_eq!(
        parse_object(b"[]", SMALL),
        Err(Error::NotAnObject { found: "array" })
    );
    assert_eq!(
        parse_object(b"\"{}\"", SMALL),
        Err(Error::NotAnObject { found: "string" })
    );
}

#[test]
fn a_message_shows_no_control_characters() {
    let error = parse(br#"{"\u001b[2J\n":1,"\u001b[2J\n":1}"#, SMALL).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the member `\\u{1b}[2J\\n` appears twice in one object"
    );
}

/// A value that is read, written and read again is the same, including every bit of a fraction.
#[test]
fn numbers_survive_being_written() {
    for text in [
        "0.1",
        "1700000000.25",
        "-1.7976931348623157e308",
        "22222200000000000000000000000000000000000000000014347467613019417728",
        "2893288888888888888888888888888888888888888888888888888888888888887680",
    ] {
        let read = |text: &str| {
            parse(text.as_bytes(), Limits::CLAIMS)
                .unwrap()
                .to_owned_value()
        };
        let value = read(text);
        assert_eq!(read(&value.to_string()), value, "{text}");
    }
}

proptest::proptest! {
    /// The names are so short that many are equal. The objects are both smaller and larger than the
    /// limit between comparing and sorting.
    #[test]
    fn an_object_is_read_exactly_when_its_names_differ(
        names in proptest::collection::vec("[ab]{0,3}", 0..24),
    ) {
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        let different: std::collections::HashSet<&String> = names.iter().collect();
        match parse_object(text.as_bytes(), SMALL) {
            Ok(object) => {
                proptest::prop_assert_eq!(different.len(), names.len());
                let read: Vec<&str> = object.iter().map(|(name, _)| name).collect();
                proptest::prop_assert_eq!(read, names);
            }
            Err(Error::Duplicate { member }) => {
                proptest::prop_assert!(names.iter().filter(|name| **name == member).count() > 1);
            }
            Err(other) => proptest::prop_assert!(false, "{}", other),
        }
    }
}
