//! Issuers that differ from the requested URL: with a slash at the end, or for every tenant.

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, UserInfoEndpoint};
use oauth_core::error::{Artefact, Misuse, Reason};
use oauth_core::flow::{Discover, FetchUserInfo, RefreshTokenGrant};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::{Policy, Tenants};
use test_provider::{ClientRegistration, Endpoint, Provider};

use crate::refusal::assert_rejected;
use crate::world::{CLIENT_ID, World};

const COMMON: &str = "https://login.microsoftonline.com/common/v2.0";
const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER: &str = "82229342-1101-4ab6-817b-70c0747630f3";

fn discover(world: &World, issuer: &str, policy: Policy) -> Result<Configuration, Error> {
    let discovery = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, policy.clone())?;
    let server = world.run(Discover::new(discovery))?;
    Configuration::new(server, ClientMetadata::new(CLIENT_ID), policy)
}

/// Logs in, fetches UserInfo and refreshes.
fn whole_session(world: &World, configuration: &Configuration) {
    let tokens = world.log_in(configuration).unwrap();
    let id_token = tokens.id_token().unwrap();
    let user_info = UserInfoEndpoint::new(configuration.clone(), &tokens, id_token);
    assert_eq!(
        world.run(FetchUserInfo::new(user_info)).unwrap().sub(),
        "alice"
    );
    let refresh_token = tokens.refresh_token().unwrap().clone();
    let refresh = RefreshTokenGrant::new(configuration.clone(), refresh_token).previous(id_token);
    let refreshed = world.run(refresh).unwrap();
    assert_eq!(refreshed.id_token().unwrap().iss(), id_token.iss());
}

#[test]
fn an_issuer_with_a_slash_at_its_end() {
    for (issuer, asked) in [
        ("https://id.example.com/", "https://id.example.com/"),
        ("https://id.example.com/", "https://id.example.com"),
        (
            "https://id.example.com/tenant/",
            "https://id.example.com/tenant/",
        ),
    ] {
        let client = ClientRegistration::public(CLIENT_ID);
        let world = World::with_provider(Provider::new(issuer), client);
        let configuration = discover(&world, asked, Policy::default()).unwrap();
        assert_eq!(configuration.server().issuer, issuer);
        whole_session(&world, &configuration);
    }
}

/// Returns a provider for every tenant, where users of [`TENANT`] log in.
fn entra() -> World {
    let provider = Provider::new(COMMON).tenant(TENANT);
    World::with_provider(provider, ClientRegistration::public(CLIENT_ID))
}

fn with_tenants(tenants: Tenants) -> Policy {
    let mut policy = Policy::default();
    policy.set_tenants(tenants);
    policy
}

#[test]
fn people_of_a_tenant_that_may_log_in() {
    for tenants in [
        Tenants::listed([OTHER, TENANT]).unwrap(),
        Tenants::checked(|tenant| tenant.as_str() == TENANT),
        Tenants::any(),
    ] {
        let world = entra();
        let configuration = discover(&world, COMMON, with_tenants(tenants)).unwrap();
        assert_eq!(
            configuration.server().issuer,
            "https://login.microsoftonline.com/{tenantid}/v2.0"
        );
        whole_session(&world, &configuration);
    }
}

/// The authorization response is refused before the code is redeemed.
#[test]
fn people_of_another_tenant_stay_outside() {
    let world = entra();
    let tenants = Tenants::listed([OTHER]).unwrap();
    let configuration = discover(&world, COMMON, with_tenants(tenants)).unwrap();
    assert_rejected(
        world.log_in(&configuration),
        "OAUTH_TENANT_REFUSED",
        Artefact::AuthorizationResponse,
        &Reason::TenantRefused {
            tenant: TENANT.to_owned(),
        },
    );
    assert_eq!(world.served(Endpoint::Token), 0);
}

#[test]
fn a_login_needs_a_decision_about_tenants() {
    let Err(Error::Misuse(misuse)) = discover(&entra(), COMMON, Policy::default()) else {
        panic!("accepted");
    };
    assert_eq!(
        misuse,
        Misuse::MissingArgument {
            argument: "tenants",
            purpose: "a server that serves every tenant of Entra ID",
        }
    );
}
