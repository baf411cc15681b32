//! Key files: PEM and DER.

use jose::{Jwk, PrivateJwk, PrivateKeyFormat, PublicKeyFormat, base64url, pem};

use super::{Add, CLAIMS, Kept, keep, text};

pub(super) fn add(add: Add<'_>) {
    for (name, piece) in [
        ("PEM: beginnings", "-----BEGIN "),
        ("PEM: empty beginnings", "-----BEGIN -----"),
        ("PEM: labels without an end", "-----BEGIN A-----"),
        (
            "PEM: documents",
            "-----BEGIN A-----\nAAAA\n-----END A-----\n",
        ),
        (
            "PEM: documents of another end",
            "-----BEGIN A-----\nAAAA\n-----END B-----\n",
        ),
        ("PEM: dashes", "-"),
        ("PEM: whitespace", "-----BEGIN PRIVATE KEY----- \n\t"),
    ] {
        add(
            name,
            CLAIMS,
            Box::new(move |length| piece.repeat(length / piece.len()).into_bytes()),
            read_pem,
        );
    }
    for (name, character) in [
        ("PEM: a long body", "A"),
        ("PEM: a long body of line breaks", "\n"),
        ("PEM: a long body of escapes", "\\"),
        ("PEM: a long body of headers", "Proc-Type"),
    ] {
        let make = move |length: usize| {
            let body = character.repeat((length - 60) / character.len());
            format!("-----BEGIN PRIVATE KEY-----{body}-----END PRIVATE KEY-----").into_bytes()
        };
        add(name, CLAIMS, Box::new(make), read_pem);
    }
    let nested = |length: usize| {
        let mut heads: Vec<Vec<u8>> = Vec::new();
        let mut inner = 0;
        while inner + 6 <= length {
            let head = head(0x30, inner);
            inner += head.len();
            heads.push(head);
        }
        heads.into_iter().rev().flatten().collect()
    };
    add("DER: nested", CLAIMS, Box::new(nested), read_der);
    let numbers = |version: &'static [u8]| {
        move |length: usize| {
            let number = der(2, &vec![0x7f; length / 9]);
            der(0x30, &[version, &number.repeat(8)].concat())
        }
    };
    add(
        "DER: a long RSA private key",
        CLAIMS,
        Box::new(numbers(&[2, 1, 0])),
        read_der,
    );
    let numbers = |length: usize| der(0x30, &der(2, &vec![0x7f; length / 2 - 16]).repeat(2));
    add(
        "DER: a long RSA public key",
        CLAIMS,
        Box::new(numbers),
        read_der,
    );
    // The key of RFC 8410 section 10.1, at its place in a certificate (RFC 5280 section 4.1).
    let key =
        base64url::decode("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE").unwrap();
    let certificate = move |length: usize| {
        let empty = [0x30, 0];
        let parts = [&empty.repeat(5), &key, &empty.repeat(length / 2 - 60)[..]].concat();
        der(0x30, &[&der(0x30, &parts)[..], &empty, &[3, 1, 0]].concat())
    };
    assert!(Jwk::from_der(PublicKeyFormat::Certificate, &certificate(1000)).is_ok());
    add(
        "DER: a long certificate",
        CLAIMS,
        Box::new(certificate),
        read_der,
    );
    for (name, tag) in [("DER: a long identifier", 6), ("DER: long parameters", 5)] {
        let unknown = move |length: usize| {
            let ed25519 = der(6, &[0x2b, 0x65, 0x70]);
            let algorithm = [ed25519, der(tag, &vec![0x01; length - 64])].concat();
            let algorithm = der(0x30, &algorithm[if tag == 6 { 5 } else { 0 }..]);
            der(0x30, &[vec![2, 1, 0], algorithm, der(4, &[])].concat())
        };
        add(name, CLAIMS, Box::new(unknown), read_der);
    }
    let seed = |length: usize| {
        let ed25519 = der(0x30, &der(6, &[0x2b, 0x65, 0x70]));
        let seed = der(4, &der(4, &vec![1; length - 64]));
        der(0x30, &[vec![2, 1, 0], ed25519, seed].concat())
    };
    add("DER: a long seed", CLAIMS, Box::new(seed), read_der);
}

fn read_pem(bytes: &[u8]) -> Box<dyn Kept> {
    let text = text(bytes);
    let documents = pem::documents(bytes).map(|document| document.der());
    keep((
        documents.count(),
        Jwk::from_pem(text),
        PrivateJwk::from_pem(text),
    ))
}

fn read_der(bytes: &[u8]) -> Box<dyn Kept> {
    keep((
        [
            PublicKeyFormat::Spki,
            PublicKeyFormat::Pkcs1,
            PublicKeyFormat::Certificate,
        ]
        .map(|format| Jwk::from_der(format, bytes)),
        [
            PrivateKeyFormat::Pkcs8,
            PrivateKeyFormat::Pkcs1,
            PrivateKeyFormat::Sec1,
        ]
        .map(|format| PrivateJwk::from_der(format, bytes)),
    ))
}

/// Returns a DER value: its tag, its length in the shortest form, and its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut value = head(tag, content.len());
    value.extend_from_slice(content);
    value
}

fn head(tag: u8, length: usize) -> Vec<u8> {
    let bytes = length.to_be_bytes();
    let bytes = bytes.strip_prefix(&[0; 4][..]).unwrap();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => [&[tag, 0x80 | u8::try_from(bytes.len()).unwrap()], bytes].concat(),
    }
}
