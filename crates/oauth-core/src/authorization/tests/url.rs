use super::*;
use crate::wire::Parameters;

fn url(query: &str) -> String {
    authorization_url(&testing::configuration(), Parameters::decode(query))
        .unwrap()
        .to_string()
}

#[test]
fn what_is_missing_is_added_and_nothing_else() {
    assert_eq!(
        url("scope=openid&resource=a&resource=b"),
        "https://op.example/authorize?scope=openid&resource=a&resource=b&client_id=app&response_type=code"
    );
    assert_eq!(
        url("response_type=none&client_id=other"),
        "https://op.example/authorize?response_type=none&client_id=other"
    );
    assert_eq!(
        url("request_uri=urn:x"),
        "https://op.example/authorize?request_uri=urn%3Ax&client_id=app"
    );
}

#[test]
fn states_and_nonces_are_43_characters_of_randomness() {
    let entropy = Counting(AtomicU8::new(1));
    assert_eq!(random_state(&entropy).unwrap().expose(), STATE);
    assert_eq!(random_nonce(&entropy).unwrap().expose(), NONCE);
}
