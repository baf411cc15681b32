//! The switches that weaken a check.

use crate::policy::RepairResponse;

/// Checks that can be switched off for a provider that cannot pass them. All are on by default;
/// each that is switched off takes a protection away, which its documentation names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Danger {
    /// Believe an ID Token from the token endpoint without verifying its signature (OpenID Connect
    /// Core 1.0 section 3.1.3.7, step 6, permits it). Whoever can answer in the provider's place,
    /// a proxy that ends TLS for one, can then log in as anybody.
    pub skip_id_token_signature_check: bool,
    /// Do not compare `at_hash` with the access token (section 3.1.3.8). An access token of another
    /// login can then be swapped in. An ID Token signed with ML-DSA that has an `at_hash` is
    /// accepted with this alone, since SHAKE256, which made it, is not supported here.
    pub skip_at_hash_check: bool,
    /// Accept an ID Token whose `iat` lies in the future, or before the backchannel authentication that
    /// it answers.
    pub skip_iat_check: bool,
    /// Accept an `azp` that is not this client, and further audiences without one (section
    /// 3.1.3.7, steps 3 to 5), or after a refresh one that is not that of the login (section 12.2). A
    /// token meant for another client can then be replayed here.
    pub skip_azp_check: bool,
    /// Accept an ID Token from a refresh that is not held against the original one (section 12.2).
    /// A login can then turn into somebody else's.
    pub skip_continuity_check: bool,
    /// Accept an ID Token from a refresh whose `auth_time` is not that of the login (section 12.2). For
    /// providers that put the time of the refresh there. A login that the user has renewed in between
    /// then looks like the first one. Everything else is still compared.
    pub skip_auth_time_continuity_check: bool,
    /// Accept an ID Token whose `typ` is one of these, besides `JWT` and none at all: `["ID"]`, for
    /// example. For providers that invented a type. A type that another kind of token has, such as
    /// `at+jwt`, lets tokens of that kind log people in, where their claims are right.
    pub accepted_id_token_types: Vec<String>,
    /// Accept a `sub` that is an integer (RFC 7519 section 4.1.2 has it as a string) in ID Tokens,
    /// UserInfo and introspection, and read it as text, digit for digit; the claims then hold that text.
    /// For home-made providers that use the number of a database row. The user `7` and the user `"7"`
    /// of such a provider are then the same.
    pub accept_numeric_sub: bool,
    /// Accept `exp`, `nbf`, `iat` and `auth_time` that are strings of digits (RFC 7519 section 2 has them
    /// as numbers) in signed tokens and in introspection; the claims then hold numbers. For home-made
    /// providers. Other readers of the same token may take such a time for absent.
    pub accept_times_as_text: bool,
    /// Accept a Bearer token where a token bound to the DPoP key was asked for (RFC 9449 section 5
    /// permits it). Whoever gets hold of that token can use it.
    pub accept_bearer_for_dpop: bool,
    /// Take an access token without `token_type` for a Bearer token (RFC 6749 section 5.1 requires the
    /// type). For providers of OAuth's early days. A token of another type, which must not be used like
    /// a Bearer token (section 7.1), is then not recognised. Beside a DPoP key it changes nothing unless
    /// [`accept_bearer_for_dpop`](Self::accept_bearer_for_dpop) is set.
    pub accept_missing_token_type: bool,
    /// Accept the `scope` of a token response as an array of scope values (RFC 6749 section 3.3 has it
    /// as one string), as Twitch sends it. Nothing but the strictness of the format is lost.
    pub accept_scope_array: bool,
    /// Accept token responses and errors of the token endpoint as `application/x-www-form-urlencoded`,
    /// or as `text/plain` with the same content, in the place of JSON (RFC 6749 section 5.1). For
    /// providers of OAuth without OpenID Connect that are older than RFC 6749; one that comes with an
    /// ID Token is refused. An error page with an `=` in it is then read as a form.
    pub accept_form_encoded_tokens: bool,
    /// Read the tokens from this member of a token response, where it is an object, in the place of the
    /// response's own; `authed_user` for the user's token of Slack. Its token types `user` and `bot` are
    /// then read as Bearer. For OAuth without OpenID Connect: a response that comes with an ID Token is
    /// refused. Whoever names another member takes another party's token for the user's.
    pub token_response_within: Option<String>,
    /// Read a key set whose numbers are base64url with padding (RFC 7515 section 2 rules it out). For
    /// publishers who encode their keys by a library's default. Nothing but the one spelling of each
    /// number is lost. A key set that was read so is read so for all that share the cache.
    pub accept_padded_keys: bool,
    /// Accept what is signed and not encrypted where the client registered encryption. What it was
    /// meant to hide is then readable to whoever sees it on its way.
    pub accept_unencrypted: bool,
    /// Accept tokens in an authorization response that asked for a code alone.
    pub accept_stray_parameters: bool,
    /// Take `iss` of an authorization response in the fragment from the query, where it came alone, and
    /// where the `redirect_uri` that was sent has no `iss` of its own. For servers built with Authlib,
    /// which send the hybrid flow's answer so. Whoever can add to the query of the callback can then
    /// say which server answered (RFC 9207); `iss` of the ID Token is compared all the same.
    pub accept_iss_in_query: bool,
    /// Accept an `iss` of an authorization response that was percent-encoded once more than its
    /// channel needs. For Glewlwyd with `form_post`. RFC 9207 section 2.4 wants the plain comparison;
    /// only the encoding of the issuer itself passes.
    pub accept_percent_encoded_iss: bool,
    /// Redeem a code although neither a PKCE verifier nor a nonce ties it to this login, in a login whose
    /// checks the application lists itself (RFC 9700 section 2.1.1). An attacker can then log a victim
    /// in with a stolen code, or use the victim's.
    pub accept_unbound_code: bool,
    /// Name the token endpoint, and not the issuer, as the audience of the assertions that authenticate
    /// the client (`private_key_jwt`, `client_secret_jwt`). For providers that accept no other audience.
    /// An attacker whose server the client uses as well, and who has put the token endpoint's URL into
    /// that server's metadata, gets assertions that this one accepts (audience injection: CVE-2025-27370,
    /// CVE-2025-27371). So they are sent to the origin of the token endpoint alone, and refused everywhere
    /// else; to that of its mutual TLS alias, where the client uses it, with the alias as the audience.
    pub token_endpoint_as_assertion_audience: bool,
    /// Change what a server has answered before it is checked, where it cannot be accepted as it is;
    /// every endpoint's answer but those of protected resources, which stream past. What the change
    /// puts in is believed as if the server had sent it, and a key set that it has changed is changed
    /// for all that share the cache. Signatures are still verified.
    pub repair_response: Option<RepairResponse>,
}
