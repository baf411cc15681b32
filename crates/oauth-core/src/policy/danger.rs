//! The switches that weaken a check.

use crate::policy::RepairResponse;

/// Checks that can be switched off for a provider that cannot pass them. All are on by default. The
/// documentation of each field names the protection that is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Danger {
    /// Accept an ID Token from the token endpoint without verifying its signature (OpenID Connect
    /// Core 1.0 section 3.1.3.7, step 6, permits it). An attacker who can answer in the provider's
    /// place, for example through a proxy that ends TLS, can then log in as any user.
    pub skip_id_token_signature_check: bool,
    /// Skip the comparison of `at_hash` with the access token (section 3.1.3.8). An attacker can
    /// then substitute an access token of another login. An ID Token signed with ML-DSA that has an
    /// `at_hash` is accepted only with this switch, because SHAKE256, which made the hash, is not
    /// supported.
    pub skip_at_hash_check: bool,
    /// Accept an ID Token whose `iat` lies in the future, or before the backchannel authentication
    /// request that it answers, and a logout token whose `iat` lies in the future.
    pub skip_iat_check: bool,
    /// Accept an `azp` that is not this client, further audiences without an `azp` (section
    /// 3.1.3.7, steps 3 to 5), and, after a refresh, an `azp` that differs from that of the login
    /// (section 12.2). A token issued to another client can then be replayed here. The rules about
    /// `azp` also apply to logout tokens.
    pub skip_azp_check: bool,
    /// Accept an ID Token from a refresh without comparing it with the original one (section 12.2).
    /// A login can then become that of another user.
    pub skip_continuity_check: bool,
    /// Accept an ID Token from a refresh whose `auth_time` differs from that of the login (section
    /// 12.2), for providers that put the time of the refresh there. A second authentication of the
    /// user in the meantime then goes unnoticed. All other claims are still compared.
    pub skip_auth_time_continuity_check: bool,
    /// Accept an ID Token whose `typ` is one of these, in addition to `JWT` and an absent `typ`;
    /// for example `["ID"]`, for providers that invented a type. A type that another kind of token
    /// uses, for example `at+jwt`, lets tokens of that kind log users in if their claims fit.
    pub accepted_id_token_types: Vec<String>,
    /// Accept a `sub` that is an integer (RFC 7519 section 4.1.2 requires a string) in ID Tokens,
    /// UserInfo and introspection, and convert it to text, digit for digit; the claims then contain
    /// that text. For providers that use the number of a database row. The user `7` and the user
    /// `"7"` of such a provider are then the same.
    pub accept_numeric_sub: bool,
    /// Accept `exp`, `nbf`, `iat` and `auth_time` that are strings of digits (RFC 7519 section 2
    /// requires numbers) in signed tokens and in introspection; the claims then contain numbers.
    /// Other readers of the same token may treat such a time as absent.
    pub accept_times_as_text: bool,
    /// Accept a Bearer token where a token bound to the DPoP key was requested (RFC 9449 section 5
    /// permits it). An attacker who obtains that token can use it.
    pub accept_bearer_for_dpop: bool,
    /// Treat an access token without `token_type` as a Bearer token (RFC 6749 section 5.1 requires
    /// the type), for providers that are older than RFC 6749. A token of another type, which must
    /// not be used like a Bearer token (section 7.1), is then not recognised. With a DPoP key, this
    /// also needs [`accept_bearer_for_dpop`](Self::accept_bearer_for_dpop).
    pub accept_missing_token_type: bool,
    /// Accept the `scope` of a token response as an array of scope values (RFC 6749 section 3.3
    /// requires one string), as Twitch sends it. This relaxes the format only.
    pub accept_scope_array: bool,
    /// Accept token responses and errors of the token endpoint as
    /// `application/x-www-form-urlencoded`, or as `text/plain` with the same content, instead of
    /// JSON (RFC 6749 section 5.1). For providers of OAuth without OpenID Connect that are older
    /// than RFC 6749; such a response with an ID Token is refused. An error page that contains an
    /// `=` is then read as a form.
    pub accept_form_encoded_tokens: bool,
    /// Read the tokens from the object in this member of a token response, instead of from the
    /// response itself; for example `authed_user` for the user's token of Slack. The token types
    /// `user` and `bot` are then read as Bearer. For OAuth without OpenID Connect: a response with
    /// an ID Token is refused. If the member belongs to another party, that party's token is used
    /// as the user's.
    pub token_response_within: Option<String>,
    /// Accept base64url with padding in the numbers of a key set (RFC 7515 section 2 excludes
    /// padding). The only thing lost is that each number has one spelling. All clients that share
    /// the cache see a key set that was read this way.
    pub accept_padded_keys: bool,
    /// Accept a response that is signed but not encrypted where the client registered encryption.
    /// Its content is then readable to every party that it passes through.
    pub accept_unencrypted: bool,
    /// Accept tokens in an authorization response to a request for a code alone.
    pub accept_stray_parameters: bool,
    /// Read `iss` of an authorization response in the fragment from the query, if it is the only
    /// parameter of the protocol there and the `redirect_uri` that was sent has no `iss`. For
    /// servers built with Authlib, which answer the hybrid flow this way. An attacker who can add
    /// to the query of the callback can then choose which server appears to have answered (RFC
    /// 9207). The `iss` of the ID Token is still compared.
    pub accept_iss_in_query: bool,
    /// Accept an `iss` of an authorization response that is percent-encoded once more than its
    /// channel needs, for Glewlwyd with `form_post`. RFC 9207 section 2.4 requires a plain
    /// comparison. The only additional value accepted is the encoded issuer itself.
    pub accept_percent_encoded_iss: bool,
    /// Redeem a code that neither a PKCE verifier nor a nonce ties to this login, in a login whose
    /// checks the application lists itself (RFC 9700 section 2.1.1). An attacker can then use a
    /// stolen code in a login here, or use the victim's code.
    pub accept_unbound_code: bool,
    /// Use the token endpoint instead of the issuer as the audience of the assertions that
    /// authenticate the client (`private_key_jwt`, `client_secret_jwt`), for providers that accept
    /// no other audience. A malicious server that the client also uses, and whose metadata contain
    /// this token endpoint's URL, receives assertions that this server accepts (audience injection:
    /// CVE-2025-27370, CVE-2025-27371). To limit this, the assertions are sent to the origin of the
    /// token endpoint only. Where the client uses the mutual TLS alias, the alias is the audience
    /// and its origin the only one.
    pub token_endpoint_as_assertion_audience: bool,
    /// Accept protected resource metadata whose `resource` is not the requested URL but a URL above
    /// it: of the same origin, with a path that contains the requested one. RFC 9728 section 3.3
    /// requires equality. For servers that publish one document for all resources of a host. Tokens
    /// then go to every URL below that `resource`, so several tenants of one host must not be
    /// distinguished by the path alone.
    pub accept_parent_resource: bool,
    /// Log a person in for a protected resource at an authorization server that does not list
    /// `S256` among its `code_challenge_methods_supported`. The Model Context Protocol requires the
    /// refusal, because nothing else shows that the server supports PKCE. The challenge is sent in
    /// any case. A server that ignores it issues codes that an attacker who obtains one can inject
    /// into a login of a client.
    pub accept_unadvertised_pkce: bool,
    /// Log a person in for a protected resource at an authorization server whose metadata do not
    /// promise `iss` in each authorization response (RFC 9207 section 3). If this server is
    /// hostile, it can send the browser on to an honest server that sends no `iss` either, and the
    /// client brings it the code of that server (mix-up, RFC 9700 section 4.4). For servers that
    /// the application trusts by name. An `iss` that comes is compared in any case.
    ///
    /// A redirect URI for each issuer does not replace `iss` here: a hostile server can use the
    /// metadata document of the client at every server that supports such documents, and can
    /// register the redirect URI elsewhere (RFC 9700 section 4.4.2.2).
    pub accept_unadvertised_iss: bool,
    /// Change a server's response before it is checked, for responses that cannot be accepted as
    /// they are. It applies to every endpoint except protected resources, whose responses are
    /// streamed. The changed content is trusted like the server's own, and a changed key set is
    /// shared by all clients of the cache. Signatures are still verified.
    pub repair_response: Option<RepairResponse>,
}
