//! Strangers who send JWTs that name keys which do not exist.

use jose::base64url;
use oauth_core::authorization::{Callback, ResponseMode};
use oauth_core::configuration::Configuration;
use oauth_core::operation::{Action, Event, Operation as _};
use oauth_core::run::Host as _;
use test_provider::Endpoint;

use crate::world::{REDIRECT_URI, World};

/// A response as a JWT that names this key.
fn forged(kid: usize) -> String {
    let header = format!(r#"{{"alg":"RS256","kid":"invented-{kid}"}}"#);
    let [header, payload] = [header.as_str(), "{}"].map(|part| base64url::encode(part.as_bytes()));
    let signature = base64url::encode(&[1; 256]);
    format!("{REDIRECT_URI}&response={header}.{payload}.{signature}")
}

/// The attacker answers a login of their own with such a JWT. Waits for the result, or hangs up.
fn attack(world: &World, configuration: &Configuration, kid: usize, waits: bool) {
    let request = World::request(configuration).response_mode(ResponseMode::Jwt);
    let (_, pending) = world.run(request.begin()).unwrap();
    let callback = Callback::from_url(&forged(kid)).unwrap();
    let mut operation = pending.resume(configuration, &callback).unwrap();
    let mut event = Event::Begin;
    while let Ok(Action::Send(outbound)) = operation.step(&mut world.env(), event) {
        event = world.send(*outbound);
        if !waits {
            return;
        }
    }
}

#[test]
fn a_stranger_keeps_no_login_from_finding_its_key() {
    for waits in [false, true] {
        let world = World::new();
        let configuration = world.configuration();
        world.log_in(&configuration).unwrap();
        for second in 0..200 {
            if second % 5 == 0 {
                attack(&world, &configuration, second, waits);
            }
            // Longer apart than the cool-down of the logins themselves.
            if second % 61 == 60 {
                world.provider.rotate_keys();
            }
            let login = world.log_in(&configuration);
            assert!(login.is_ok(), "{second}: {}", login.unwrap_err());
            world.pass(1);
        }
        // The first one, one for each rotation, and one in each minute for the stranger.
        let requests = world.served(Endpoint::KeySet);
        assert!(requests <= 1 + 3 + 4, "{requests} requests");
    }
}
