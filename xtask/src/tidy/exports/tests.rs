use super::*;

const CORE: &str = "
pub struct Outer { pub field: Inner, hidden: Hidden }
pub struct Inner;
pub struct Hidden;
pub enum Choice { One(Payload), Two { deep: Option<Deep> } }
pub struct Payload;
pub struct Deep;
";

/// The faults of a facade with this root, over the core above.
fn faults_of(root: &str) -> Vec<String> {
    faults_in(root, "")
}

fn faults_in(root: &str, http: &str) -> Vec<String> {
    faults(&Tree::from([
        ("crates/openid-client/src/lib.rs", root),
        ("crates/openid-client/src/http.rs", http),
        ("crates/oauth-core/src/parts.rs", CORE),
        (
            "crates/oauth-core/src/flow.rs",
            "pub struct Machine { pub field: crate::parts::Deep }",
        ),
    ]))
}

fn missing(owner: &str, name: &str, package: &str) -> String {
    format!(
        "crates/openid-client/src/lib.rs: {owner} names `{name}` of `{package}`, which the root \
         does not export"
    )
}

#[test]
fn a_field_and_a_payload_are_followed() {
    let found = faults_of("pub use oauth_core::parts::{Choice, Outer};");
    let expected = [
        missing("`Choice`", "Deep", "oauth_core"),
        missing("`Choice`", "Payload", "oauth_core"),
        missing("`Outer`", "Inner", "oauth_core"),
    ];
    assert_eq!(found, expected);
    let found = faults_of("pub use oauth_core::parts::{Choice, Deep, Inner, Outer, Payload};");
    assert_eq!(found, [""; 0]);
}

#[test]
fn arguments_results_and_bounds_are_followed() {
    for method in [
        "pub fn f(it: &oauth_core::parts::Inner) {}",
        "pub async fn f() -> Result<Inner, ()> {}",
        "pub fn f(it: impl Into<Inner>) {}",
        "pub fn f<T>() where T: Into<Inner> {}",
    ] {
        let root = format!("use oauth_core::parts::Inner;\npub struct A;\nimpl A {{ {method} }}");
        let found = faults_of(&root);
        assert_eq!(found, [missing("`A`", "Inner", "oauth_core")], "{method}");
    }
    let private = "use oauth_core::parts::Inner;\npub struct A;\nimpl A { fn f(_: Inner) {} }";
    assert_eq!(faults_of(private), [""; 0]);
}

#[test]
fn the_setters_of_a_macro_are_followed() {
    let root = "use oauth_core::parts::Inner;\nrequest! { /// `Hidden`\n A(Machine) -> ();\n\
                set(it: Inner); }";
    let root = format!("{root}\npub struct B;\nimpl B {{ pub fn a() -> A {{}} }}");
    let expected = [
        missing("`A`", "Inner", "oauth_core"),
        missing("`B`", "A", "openid_client"),
    ];
    assert_eq!(faults_of(&root), expected);
}

#[test]
fn the_items_of_a_public_module_are_at_the_root() {
    let http = "pub use bytes::Bytes;\npub trait Send { fn send(it: ::url::Url); }";
    let expected = [
        missing("`Send`", "Url", "url"),
        missing("the module `http`", "Bytes", "bytes"),
        missing("the module `http`", "Send", "openid_client"),
    ];
    assert_eq!(faults_in("", http), expected);
    let root = "pub use self::http::{Bytes, Send};\npub use url;";
    assert_eq!(faults_in(root, http), [""; 0]);
}

#[test]
fn machines_are_named_through_the_core() {
    let root = "pub struct A;\nimpl A { pub fn f(_: oauth_core::flow::Machine) {} }";
    assert_eq!(faults_of(root), [""; 0]);
}
