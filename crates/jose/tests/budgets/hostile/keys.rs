//! Keys and sets of keys.

use jose::{Jwk, JwkSet, SigningKey};

use super::{Add, DOCUMENT, HEADER, Kept, keep, list};

const P256: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;

pub(super) fn add(add: Add<'_>) {
    for (name, key) in [
        ("key: members", format!(r##"{{{P256},"x5c":["##)),
        ("key: operations", format!(r##"{{{P256},"key_ops":["##)),
    ] {
        let make = move |length| list(&key, r#""a""#, "]}", length);
        add(name, HEADER, Box::new(make), read_key);
    }
    let padded = |members: &str, length: usize| {
        format!(r##"{{{P256},{members}"a":"{}"}}"##, "a".repeat(length))
    };
    for (name, piece) in [
        ("key set: nothing", "0".to_owned()),
        ("key set: empty keys", "{}".to_owned()),
        ("key set: unknown types", r##"{"kty":"#"}"##.to_owned()),
        ("key set: one key", format!("{{{P256}}}")),
        ("key set: many keys", padded(r##""kid":"#","##, 4000)),
        (
            "key set: many keys of one name",
            padded(r##""issuer":"#","##, 4000),
        ),
        (
            "key set: operations",
            padded(
                &format!(r##""key_ops":["#",{}],"##, [r#""verify""#; 31].join(",")),
                4000,
            ),
        ),
        (
            "key set: unknown members",
            format!(
                r##"{{{P256},"kid":"#","a":[{}"{}"]}}"##,
                r#"{"":0},"#.repeat(28),
                "a".repeat(3760)
            ),
        ),
        (
            "key set: long unknown members",
            format!(r##"{{{P256},"kid":"#","a":["{}"]}}"##, r"\n".repeat(2000)),
        ),
        (
            "key set: skipped",
            format!(r##"{{"kty":"{}#"}}"##, "a".repeat(4090)),
        ),
        (
            "key set: for encryption",
            padded(r##""use":"enc","kid":"#","##, 4000),
        ),
        (
            "key set: large exponents",
            format!(
                r##"{{"kty":"RSA","kid":"#","n":"{}","e":"{}"}}"##,
                "_".repeat(1364),
                "_".repeat(2700)
            ),
        ),
    ] {
        let make = move |length| list(r#"{"keys":["#, &piece, "]}", length);
        add(name, DOCUMENT, Box::new(make), read_set);
    }
}

fn read_key(bytes: &[u8]) -> Box<dyn Kept> {
    keep((Jwk::parse(bytes), SigningKey::from_jwk(bytes).is_ok()))
}

fn read_set(bytes: &[u8]) -> Box<dyn Kept> {
    keep(JwkSet::parse(bytes))
}
