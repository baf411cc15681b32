//! The attacks of the panel.

use test_provider::{DPoPBehaviour, Misbehaviour};

use crate::choice::Choice;

/// One attack.
#[derive(Debug)]
pub(crate) struct Attack {
    /// Its name in URLs.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What happens, and what the attacker would gain. Backticks mark code.
    pub(crate) story: &'static str,
    pub(crate) play: Play,
    /// The rule that refuses it, and where to read it.
    pub(crate) rule: &'static str,
    pub(crate) url: &'static str,
}

/// How an attack is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Play {
    /// The provider misbehaves in a login.
    Provider(Misbehaviour),
    /// The provider treats DPoP in this way.
    DPoP(DPoPBehaviour),
    /// The provider misbehaves when a device asks for a code.
    Device(Misbehaviour),
    /// The provider misbehaves when it reports a logout.
    Logout(Misbehaviour),
    /// The callback of a login that has ended is opened again.
    Replay,
    /// The browser opens the callback of a login that another browser began.
    OtherBrowser,
}

impl Attack {
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        GROUPS
            .iter()
            .flat_map(|group| group.attacks)
            .find(|it| it.id == id)
    }

    /// The attack that follows, for a walk through all of them.
    pub(crate) fn next(&self) -> Option<&'static Self> {
        let all = GROUPS.iter().flat_map(|group| group.attacks);
        all.skip_while(|it| it.id != self.id).nth(1)
    }

    /// The line that plays the attack in a test of an application, for attacks of the provider.
    pub(crate) fn line(&self) -> Option<String> {
        match self.play {
            Play::Provider(it) | Play::Device(it) | Play::Logout(it) => {
                Some(format!("provider.misbehave(Misbehaviour::{it:?})"))
            }
            Play::DPoP(it) => Some(format!("provider.treat_dpop(DPoPBehaviour::{it:?})")),
            Play::Replay | Play::OtherBrowser => None,
        }
    }

    /// What the login needs to use for the attack to be possible.
    pub(crate) fn choice(&self) -> Choice {
        let jarm = match self.play {
            Play::Provider(misbehaviour) => [
                Misbehaviour::CallbackUnpacked,
                Misbehaviour::PackedSignatureBroken,
            ]
            .contains(&misbehaviour),
            _ => false,
        };
        Choice {
            jarm,
            dpop: matches!(self.play, Play::DPoP(_)),
            par: false,
        }
    }
}

/// Attacks at the same place.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) attacks: &'static [Attack],
}

pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: "Discovery and keys",
        attacks: &[
            Attack {
                id: "foreign-issuer",
                title: "Metadata of another issuer",
                story: "The metadata document says that it belongs to another issuer. Whoever wrote it could name endpoints that collect codes and secrets.",
                play: Play::Provider(Misbehaviour::DiscoveryIssuerMismatch),
                rule: "OpenID Connect Discovery 1.0 section 4.3",
                url: "https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation",
            },
            Attack {
                id: "weak-key",
                title: "A key that can be factored",
                story: "The only key in the key set is RSA with 1,024 bits. Who factors it signs ID Tokens for everybody.",
                play: Play::Provider(Misbehaviour::KeySetWeakRsa),
                rule: "RFC 7518 section 3.3",
                url: "https://www.rfc-editor.org/rfc/rfc7518#section-3.3",
            },
            Attack {
                id: "public-secret",
                title: "A secret in the public key set",
                story: "The key set contains a symmetric key, and the ID Token is signed with it (HS256). Everybody can read the key, so everybody can sign.",
                play: Play::Provider(Misbehaviour::KeySetSymmetricKey),
                rule: "RFC 8725 section 3.1",
                url: "https://www.rfc-editor.org/rfc/rfc8725#section-3.1",
            },
        ],
    },
    Group {
        title: "The callback",
        attacks: &[
            Attack {
                id: "mix-up",
                title: "Mix-up: wrong `iss`",
                story: "The response carries the `iss` of another server. In a mix-up attack, the client would send the code of an honest server to the attacker's server.",
                play: Play::Provider(Misbehaviour::CallbackIssuerMismatch),
                rule: "RFC 9207 section 2.4",
                url: "https://www.rfc-editor.org/rfc/rfc9207#section-2.4",
            },
            Attack {
                id: "replayed-callback",
                title: "Replayed callback",
                story: "After a good login, the same callback URL is opened again, as from a history, a log or a proxy. It must not log anybody in a second time.",
                play: Play::Replay,
                rule: "RFC 6749 section 10.5",
                url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.5",
            },
            Attack {
                id: "other-browser",
                title: "Callback of another browser",
                story: "The attacker begins a login, logs in as Bob, and gives the callback to you before it is used. Your browser would be logged in as Bob, and you would write into Bob's account (login CSRF).",
                play: Play::OtherBrowser,
                rule: "RFC 6749 section 10.12",
                url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.12",
            },
            Attack {
                id: "two-codes",
                title: "Two codes",
                story: "The callback has `code` twice. Where a proxy checks one and the application uses the other, the check is worth nothing.",
                play: Play::Provider(Misbehaviour::CallbackDuplicateCode),
                rule: "RFC 6749 section 3.1",
                url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1",
            },
            Attack {
                id: "unsigned-response",
                title: "JARM dropped on the way",
                story: "The client asked for a signed response (JARM) and gets plain parameters, which anybody on the way could have written.",
                play: Play::Provider(Misbehaviour::CallbackUnpacked),
                rule: "JARM section 2.4",
                url: "https://openid.net/specs/oauth-v2-jarm-final.html#section-2.4",
            },
            Attack {
                id: "forged-response",
                title: "JARM with a forged signature",
                story: "One bit of the signature of the response is wrong, so the response is not the provider's.",
                play: Play::Provider(Misbehaviour::PackedSignatureBroken),
                rule: "JARM section 2.4",
                url: "https://openid.net/specs/oauth-v2-jarm-final.html#section-2.4",
            },
        ],
    },
    Group {
        title: "The ID Token",
        attacks: &[
            Attack {
                id: "forged-signature",
                title: "Forged signature",
                story: "The ID Token names the provider's key and is signed with another one.",
                play: Play::Provider(Misbehaviour::IdTokenSignedByStranger),
                rule: "RFC 7515 section 5.2",
                url: "https://www.rfc-editor.org/rfc/rfc7515#section-5.2",
            },
            Attack {
                id: "alg-none",
                title: "`alg: none`",
                story: "The header says that the token needs no signature. Anybody could write it.",
                play: Play::Provider(Misbehaviour::IdTokenAlgorithmNone),
                rule: "RFC 8725 section 3.2",
                url: "https://www.rfc-editor.org/rfc/rfc8725#section-3.2",
            },
            Attack {
                id: "key-confusion",
                title: "HMAC with the public key",
                story: "The token says HS256, and the HMAC key is the text of the provider's public RSA key. A library that takes the algorithm from the token would verify it.",
                play: Play::Provider(Misbehaviour::IdTokenHmacWithPublicKeyPem),
                rule: "RFC 8725 section 3.1",
                url: "https://www.rfc-editor.org/rfc/rfc8725#section-3.1",
            },
            Attack {
                id: "embedded-key",
                title: "The token brings its own key",
                story: "The header contains a public key as `jwk`, and the signature fits it. It proves only that the attacker has a key.",
                play: Play::Provider(Misbehaviour::IdTokenEmbeddedKey),
                rule: "RFC 8725 section 3.10",
                url: "https://www.rfc-editor.org/rfc/rfc8725#section-3.10",
            },
            Attack {
                id: "wrong-issuer",
                title: "Wrong `iss`",
                story: "The token is well signed, and says that another issuer made it.",
                play: Play::Provider(Misbehaviour::IdTokenIssuerMismatch),
                rule: "OpenID Connect Core 1.0 section 3.1.3.7, item 2",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
            },
            Attack {
                id: "wrong-audience",
                title: "Wrong `aud`",
                story: "The token was made for another client. That client could log in here as all of its users.",
                play: Play::Provider(Misbehaviour::IdTokenAudienceMismatch),
                rule: "OpenID Connect Core 1.0 section 3.1.3.7, item 3",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
            },
            Attack {
                id: "wrong-nonce",
                title: "Wrong `nonce`",
                story: "The token belongs to another login. An attacker with a stolen code would inject it like this.",
                play: Play::Provider(Misbehaviour::IdTokenNonceMismatch),
                rule: "OpenID Connect Core 1.0 section 3.1.3.7, item 11",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
            },
            Attack {
                id: "expired",
                title: "Expired",
                story: "The token expired six minutes ago. It may come from a backup or a log.",
                play: Play::Provider(Misbehaviour::IdTokenExpired),
                rule: "OpenID Connect Core 1.0 section 3.1.3.7, item 9",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
            },
            Attack {
                id: "token-substitution",
                title: "Wrong `at_hash`",
                story: "The access token is not the one that the ID Token was issued with, so it may be another person's.",
                play: Play::Provider(Misbehaviour::IdTokenAccessTokenHashMismatch),
                rule: "OpenID Connect Core 1.0 section 3.1.3.8",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowTokenValidation",
            },
        ],
    },
    Group {
        title: "Endpoints",
        attacks: &[
            Attack {
                id: "redirect",
                title: "Redirect at the token endpoint",
                story: "The token endpoint redirects the request. A client that followed would hand the code and its credentials to the target.",
                play: Play::Provider(Misbehaviour::TokenRedirect),
                rule: "RFC 6749 section 5.1: success has status 200",
                url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.1",
            },
            Attack {
                id: "oversize",
                title: "An answer without end",
                story: "The token response has 2 MiB of padding. A client that reads on runs out of memory.",
                play: Play::Provider(Misbehaviour::TokenTooLarge),
                rule: "RFC 9110 section 17.5: a recipient limits what it reads; the limit is the client's, 1 MiB by default",
                url: "https://www.rfc-editor.org/rfc/rfc9110#section-17.5",
            },
            Attack {
                id: "bearer",
                title: "DPoP dropped by the server",
                story: "The client asked for tokens that are bound to its key, and gets tokens that any thief can use.",
                play: Play::DPoP(DPoPBehaviour::BearerIssued),
                rule: "RFC 9449 section 5",
                url: "https://www.rfc-editor.org/rfc/rfc9449#section-5",
            },
            Attack {
                id: "another-person",
                title: "UserInfo of another person",
                story: "UserInfo answers with another `sub` than the ID Token has. The name and the e-mail address would be another person's.",
                play: Play::Provider(Misbehaviour::UserInfoSubjectMismatch),
                rule: "OpenID Connect Core 1.0 section 5.3.2",
                url: "https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse",
            },
            Attack {
                id: "device-script",
                title: "A device that opens a script",
                story: "The URL that the device should show has the scheme `javascript`. A device that opens it in a web view runs the attacker's code.",
                play: Play::Device(Misbehaviour::DeviceVerificationUriScript),
                rule: "RFC 8628 section 3.2",
                url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.2",
            },
            Attack {
                id: "forged-logout",
                title: "Forged logout token",
                story: "Somebody sends a logout token with a broken signature to the back-channel logout URL. It would end your session.",
                play: Play::Logout(Misbehaviour::LogoutTokenSignatureBroken),
                rule: "OpenID Connect Back-Channel Logout 1.0 section 2.6",
                url: "https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation",
            },
        ],
    },
];
