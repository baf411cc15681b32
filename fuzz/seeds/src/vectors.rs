//! Seeds from the keys and tokens in the vectors.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::Seeds;

/// Reads every vector in a folder and its subfolders.
pub(crate) fn read(folder: &Path, seeds: &mut Seeds) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, seeds)?;
            continue;
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => value(&serde_json::from_slice(&fs::read(&path)?)?, seeds),
            Some("pem") => pem(&fs::read_to_string(&path)?, seeds)?,
            Some("txt") => token(fs::read_to_string(&path)?.trim_end(), seeds),
            _ => {}
        }
    }
    Ok(())
}

fn value(value: &Value, seeds: &mut Seeds) {
    match value {
        Value::Object(members) => {
            if members.contains_key("kty") {
                seeds.add("jwk", value.to_string());
                seeds.add("json", value.to_string());
                let set = json!({ "keys": [value] });
                seeds.add(
                    "jwks",
                    format!("{set}\0{{\"alg\":\"ES256\",\"kid\":\"1\"}}"),
                );
            }
            if members.contains_key("keys") {
                seeds.add("jwks", value.to_string());
            }
            members
                .values()
                .for_each(|member| self::value(member, seeds));
        }
        Value::Array(values) => values.iter().for_each(|value| self::value(value, seeds)),
        Value::String(text) => token(text, seeds),
        _ => {}
    }
}

/// Adds a compact JWS or JWE, and ignores any other text.
fn token(text: &str, seeds: &mut Seeds) {
    let segments: Option<Vec<Vec<u8>>> = text
        .split('.')
        .map(|segment| URL_SAFE_NO_PAD.decode(segment).ok())
        .collect();
    match segments.as_deref() {
        Some([header, payload, _]) => {
            seeds.add("jws", text);
            seeds.add("jws", [header.as_slice(), b"\0", payload].concat());
            seeds.add("json", header.as_slice());
            seeds.add("jwt_claims", payload.as_slice());
        }
        Some([header, ..]) if text.matches('.').count() == 4 => {
            seeds.add("jwe", text);
            // The first two bytes choose the algorithms and the byte that is changed.
            seeds.add("jwe", [b"\0\0", header.as_slice()].concat());
            seeds.add("json", header.as_slice());
            seeds.add("callback", text);
        }
        _ => {}
    }
}

/// Adds the PEM text and the DER document in it.
fn pem(text: &str, seeds: &mut Seeds) -> Result<(), Box<dyn Error>> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    seeds.add("key_files", text);
    seeds.add("key_files", STANDARD.decode(body)?);
    Ok(())
}
