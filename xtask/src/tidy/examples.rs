//! Checks that the documentation of each operation of the facade has a short example that runs.

mod format;
mod methods;

pub(crate) use self::format::unformatted;

use self::methods::{Example, Method};
use super::tree::Tree;

/// The code of the facade.
const FACADE: &str = "crates/openid-client/src/";

/// The largest number of lines in an example. `use`, comments and blank lines do not count.
const MOST_LINES: usize = 5;

/// The type whose public methods are operations, except those that only return or
/// generate a value.
const OPERATIONS: &str = "Client";
const NO_OPERATIONS: &[&str] = &[
    "configuration",
    "server_metadata",
    "client_metadata",
    "client_information",
    "now",
    "random_state",
    "random_nonce",
    "random_pkce_code_verifier",
];

/// Methods of other types that enable a feature and need an example.
const SWITCHES: &[(&str, &[&str])] = &[
    (
        "ClientBuilder",
        &[
            "client_secret_basic",
            "client_secret_post",
            "client_secret",
            "client_secret_jwt",
            "private_key",
            "remote_private_key",
            "authentication",
            "custom_authentication",
            "client_certificate_pem",
            "dpop_key",
            "remote_dpop_key",
            "request_object_key",
            "decryption_key",
            "decryption_key_from_client_secret",
            "decryption_keys",
            "jwks_cache",
            "client_information",
            "initial_access_token",
            "dpop_initial_access_token",
            "redirect_uri",
            "policy",
            "danger_token_endpoint_as_assertion_audience",
        ],
    ),
    (
        "AuthorizationRequest",
        &[
            "pushed",
            "request_object",
            "response_mode",
            "response_type",
            "claims",
            "authorization_details",
            "resource",
        ],
    ),
    (
        "BackchannelAuthenticationRequest",
        &["ping", "request_object"],
    ),
    ("ProtectedResourceRequest", &["repeatable_body"]),
    ("Keyring", &["insert_remote"]),
];

/// Returns operations and switches without an example that runs, and examples that are too long.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let methods = methods::of(tree.below(FACADE));
    let mut faults = missing(&methods);
    for method in &methods {
        if is_shown(method) && !method.examples.iter().any(Example::runs) {
            let Method {
                path,
                line,
                owner,
                name,
                ..
            } = method;
            faults.push(format!(
                "{path}:{line}: `{owner}::{name}` has no documentation test that runs"
            ));
        }
        for example in &method.examples {
            let lines = example.shown().count();
            if lines > MOST_LINES {
                faults.push(format!(
                    "{}:{}: the example shows {lines} lines, where {MOST_LINES} are allowed",
                    method.path, example.line
                ));
            }
        }
    }
    faults
}

fn is_shown(method: &Method) -> bool {
    if method.owner == OPERATIONS {
        return !NO_OPERATIONS.contains(&method.name.as_str());
    }
    SWITCHES
        .iter()
        .any(|(owner, names)| method.owner == *owner && names.contains(&method.name.as_str()))
}

/// Returns names in the lists above that belong to no method.
fn missing(methods: &[Method]) -> Vec<String> {
    let listed = SWITCHES.iter().chain([&(OPERATIONS, NO_OPERATIONS)]);
    listed
        .flat_map(|(owner, names)| names.iter().map(move |name| (*owner, *name)))
        .filter(|(owner, name)| {
            !methods
                .iter()
                .any(|method| method.owner == *owner && method.name == *name)
        })
        .map(|(owner, name)| format!("{FACADE}: there is no method `{owner}::{name}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/openid-client/src/client.rs";

    /// Returns the faults of these examples of `Client::log_in`.
    fn judged(examples: &str) -> Vec<String> {
        let source = format!("impl Client {{\n{examples}    pub async fn log_in(&self) {{}}\n}}\n");
        let tree = Tree::from([(PATH, source.as_str())]);
        let absent = |fault: &String| !fault.contains("there is no method");
        faults(&tree).into_iter().filter(absent).collect()
    }

    fn example(lines: usize) -> String {
        let shown = "    /// step();\n".repeat(lines);
        format!("    /// ```\n    /// # hidden();\n{shown}    /// ```\n")
    }

    #[test]
    fn five_lines_are_enough_and_six_too_many() {
        assert_eq!(judged(&example(5)), [""; 0]);
        assert_eq!(
            judged(&example(6)),
            [format!(
                "{PATH}:2: the example shows 6 lines, where 5 are allowed"
            )]
        );
    }

    #[test]
    fn an_operation_without_an_example_is_named() {
        let nothing = [format!(
            "{PATH}:2: `Client::log_in` has no documentation test that runs"
        )];
        assert_eq!(judged(""), nothing);
        let silent = example(1).replacen("```", "```no_run", 1);
        assert_eq!(judged(&silent)[0], nothing[0].replace(":2:", ":6:"));
    }

    #[test]
    fn a_name_in_the_lists_that_is_gone_is_named() {
        let tree = Tree::from([(PATH, "impl Keyring {\n}\n")]);
        let expected = "crates/openid-client/src/: there is no method `Keyring::insert_remote`";
        assert!(faults(&tree).iter().any(|fault| fault == expected));
    }
}
