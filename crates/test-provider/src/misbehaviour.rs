//! The ways in which the provider can be wrong, or unusual but right.

mod declare;

pub use self::declare::Verdict;
use self::declare::misbehaviours;
use crate::provider::Endpoint;

misbehaviours! {
    Discovery {
        DiscoveryIssuerMismatch = "`issuer` has `INVALID` at its end" Refuse ": it must equal the one asked for (OpenID Connect Discovery 4.3).";
        DiscoveryIssuerMissing = "No `issuer`" Refuse ": it is required (Discovery 3).";
        DiscoveryIssuerNotAString = "`issuer` is a number" Refuse ": it is a string (Discovery 3).";
        DiscoveryDuplicateIssuer = "`issuer` occurs twice, a wrong one first" Refuse ": readers differ in which they take (RFC 8259 section 4).";
        DiscoveryAuthorizationEndpointMissing = "No `authorization_endpoint`" Refuse " when an authorization request needs it (Discovery 3).";
        DiscoveryTokenEndpointMissing = "No `token_endpoint`" Refuse " when a token request needs it (Discovery 3).";
        DiscoveryKeySetUriMissing = "No `jwks_uri`" Refuse ": without keys no signature can be verified (Discovery 3).";
        DiscoveryEndpointHttp = "`token_endpoint` has the scheme `http`" Refuse ": it must use https (Discovery 3), unless https is switched off.";
        DiscoveryEndpointUserinfo = "`token_endpoint` contains a user name and password" Refuse ": they would go out as credentials (RFC 9110 4.2.4).";
        DiscoveryEndpointNotAUrl = "`token_endpoint` is not a URL" Refuse " (Discovery 3).";
        DiscoveryHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON (Discovery 4.2).";
        DiscoveryHtmlAsJson = "An HTML page as `application/json`" Refuse ": not JSON (Discovery 4.2).";
        DiscoveryJsonAsHtml = "The right document as `text/html`" Either ": the media type is wrong, the content right (Discovery 4.2).";
        DiscoveryMediaTypeCase = "The right document as `Application/JSON; charset=UTF-8`" Accept ": media types know no case (RFC 9110 8.3.1).";
        DiscoveryServerError = "Status 500 with an HTML page" Refuse ": success is 200 (Discovery 4.2).";
        DiscoveryNotFound = "Status 404 with an HTML page" Refuse ": success is 200 (Discovery 4.2).";
        DiscoveryRedirect = "Status 307 to a place where the right document is" Refuse ": only the issuer names the place.";
        DiscoveryTooLarge = "The right document with 2 MiB of padding" Refuse ": bodies are capped.";
        DiscoveryNotAnObject = "The right document inside an array" Refuse ": it must be an object (Discovery 4.2).";
        DiscoveryTrailingData = "The right document, then another" Refuse ": a JSON text is one value (RFC 8259 section 2).";
        DiscoveryDeepNesting = "A member nested 10,000 deep" Refuse ": depth is bounded (RFC 8259 section 9).";
        DiscoveryEmptyBody = "No body at all" Refuse ": not JSON (Discovery 4.2).";
        DiscoveryContentEncoding = "`Content-Encoding: gzip` over the right document" Refuse ": no coding was asked for (RFC 9110 12.5.3).";
        DiscoveryKeySetUriElsewhere = "`jwks_uri` has another path than usual, and nothing is at the usual one" Accept ": the metadata name the place (Discovery 3).";
        DiscoverySignedMetadataMissing = "No `signed_metadata`" Refuse " where the application requires a signature (RFC 8414 section 2.1).";
        DiscoverySignedMetadataSignatureBroken = "One bit of the signature of `signed_metadata` is wrong" Refuse " (RFC 8414 section 2.1).";
        DiscoverySignedMetadataAlgorithmNone = "The `alg` of `signed_metadata` is `none`" Refuse " (RFC 8414 section 2.1).";
        DiscoverySignedMetadataSignerMismatch = "`iss` of `signed_metadata` has `1` at its end" Refuse ": another party signed them (RFC 8414 section 2.1).";
        DiscoverySignedMetadataIssuerMismatch = "`signed_metadata` of another server" Refuse ": `issuer` must be the same (RFC 8414 section 3.3).";
        DiscoverySignedMetadataExpired = "`signed_metadata` that expired 6 minutes ago" Refuse " (RFC 7519 section 4.1.4).";
        DiscoverySignedMetadataNested = "`signed_metadata` within `signed_metadata`" Refuse ": such metadata are not valid (RFC 8414 section 2.1).";
        DiscoverySignedMetadataDiffer = "The plain `token_endpoint` differs from the signed one" Accept ", and use the signed one (RFC 8414 section 2.1).";
        DiscoveryUnknownMembers = "Members that no specification defines" Accept ": they must be ignored (Discovery 3).";
    }

    WebFinger {
        WebFingerIssuerHttp = "The issuer of a person has the scheme `http`" Refuse ": it must use https (Discovery 2).";
        WebFingerIssuerMissing = "No link of a person has the relation of an issuer" Refuse " (Discovery 2).";
    }

    KeySet {
        KeySetEmpty = "`keys` is empty" Refuse ": no key fits.";
        KeySetKeysMissing = "No `keys`" Refuse ": it is required (RFC 7517 section 5.1).";
        KeySetKeysNotAnArray = "`keys` is an object" Refuse ": it must be an array (RFC 7517 section 5.1).";
        KeySetManyKeys = "5,000 keys, the right one among them" Refuse ": sets are bounded.";
        KeySetDuplicateKid = "Two different keys with the same `kid` and `alg`" Refuse ": the choice is ambiguous (RFC 7517 section 4.5).";
        KeySetDuplicateKidOtherAlgorithm = "A key for another algorithm under the same `kid`" Accept ": `alg` tells them apart (FAPI 2.0 test suite).";
        KeySetKidAbsent = "Keys without `kid`, one of them fitting; the tokens have none either" Accept ": exactly one fits (Core 10.1).";
        KeySetKidAbsentSeveralKeys = "Two fitting keys without `kid`; the tokens have none either" Either ": `kid` must be there then (Core 10.1).";
        KeySetEncryptionUse = "The keys are for encryption (`use: enc`)" Refuse ": no key fits (RFC 7517 section 4.2).";
        KeySetOperationsWithoutVerify = "`key_ops` lacks `verify`" Refuse ": no key fits (RFC 7517 section 4.3).";
        KeySetAlgorithmMismatch = "The keys' `alg` names an algorithm for encryption" Refuse ": no key fits (RFC 7517 section 4.4).";
        KeySetWrongCurve = "The `kid` belongs to an EC key on a curve that fits no algorithm of the token" Refuse ": no key fits.";
        KeySetWeakRsa = "The only key is RSA with 1,024 bits (the signature is filler)" Refuse " the key: 2,048 at least (RFC 7518 3.3).";
        KeySetSymmetricKey = "The only key is symmetric (`oct`), and the tokens are signed with it (HS256)" Refuse ": it is public knowledge.";
        KeySetPrivateMember = "The keys hold a private member (`d`, filler)" Refuse " the key: every reader of the set could sign.";
        KeySetUnknownKeyType = "A key of unknown type comes first" Accept ": such keys must be ignored (RFC 7517 section 5).";
        KeySetMalformedKey = "A key without its required members comes first" Accept ": such keys should be ignored (RFC 7517 section 5).";
        KeySetKeyTwice = "Each key is there twice, with everything that it says" Accept ": it is one key.";
        KeySetNullMembers = "The keys have members that are null, private ones among them" Accept ": they say nothing, and real servers do it.";
        KeySetPadded = "The numbers of the keys are padded with `=`" Refuse " the keys, unless padding is accepted by name: base64url here has none (RFC 7515 section 2).";
        KeySetHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON.";
        KeySetJsonAsHtml = "The right set as `text/html`" Either ": the media type is wrong, the content right (RFC 7517 section 8.5.2).";
        KeySetMediaType = "The right set as `application/jwk-set+json`" Accept ": that is its media type (RFC 7517 section 8.5.2).";
        KeySetServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
        KeySetRedirect = "Status 307 to a place where the right set is" Refuse ": only `jwks_uri` names the place.";
        KeySetTooLarge = "The right set with 2 MiB of padding" Refuse ": bodies are capped.";
        KeySetNotAnObject = "The right set inside an array" Refuse ": it must be an object (RFC 7517 section 5).";
        KeySetDuplicateKeys = "`keys` occurs twice" Refuse ": names must be unique (RFC 7517 section 5).";
        KeySetContentEncoding = "`Content-Encoding: gzip` over the right set" Refuse ": no coding was asked for (RFC 9110 12.5.3).";
    }

    Authorization {
        CallbackStateMismatch = "`state` has `1` at its end" Refuse ": it must equal the one sent (RFC 6749 section 10.12).";
        CallbackStateMissing = "No `state`" Refuse ": one was sent (RFC 6749 section 4.1.2).";
        CallbackStateEmpty = "`state` is empty" Refuse ": one was sent (RFC 6749 section 4.1.2).";
        CallbackDuplicateState = "`state` occurs twice" Refuse ": parameters are unique (RFC 6749 section 3.1).";
        CallbackIssuerMismatch = "`iss` has `1` at its end" Refuse ": it must equal the issuer (RFC 9207 section 2.4).";
        CallbackIssuerMissing = "No `iss`, though the metadata promises it" Refuse " (RFC 9207 section 2.4).";
        CallbackDuplicateIssuer = "`iss` occurs twice" Refuse ": parameters are unique (RFC 6749 section 3.1).";
        CallbackAccessDenied = "The user says no: `error=access_denied`" Refuse ": surface the error (RFC 6749 section 4.1.2.1).";
        CallbackErrorWithCode = "`error` with a good `code`" Refuse ": an error response is not a grant (RFC 6749 section 4.1.2.1).";
        CallbackErrorStateMismatch = "`access_denied` with a wrong `state`" Refuse " for the state: the error is anybody's (RFC 6749 section 10.12).";
        CallbackCodeMissing = "No `code`" Refuse ": it is required (RFC 6749 section 4.1.2).";
        CallbackCodeEmpty = "`code` is empty" Refuse ": it is required (RFC 6749 section 4.1.2).";
        CallbackDuplicateCode = "`code` occurs twice" Refuse ": parameters are unique (RFC 6749 section 3.1).";
        CallbackStrayAccessToken = "A stray `access_token`" Refuse ": the response type did not ask for it (RFC 9700 section 2.1.2).";
        CallbackStrayIdToken = "A stray `id_token`" Refuse ": the response type did not ask for it.";
        CallbackStrayTokenType = "A stray `token_type`" Refuse ": the response type did not ask for it.";
        CallbackStrayExpiresIn = "A stray `expires_in`" Refuse ": the response type did not ask for it.";
        CallbackResponse = "A `response` parameter as in JARM, which was not requested" Refuse " (JARM section 2.3).";
        CallbackInFragment = "The parameters are in the fragment" Refuse ": `query` was asked for (OAuth 2.0 Multiple Response Types 2.1).";
        CallbackInQuery = "The parameters are in the query" Refuse " when another mode was asked for (OAuth 2.0 Multiple Response Types 2.1).";
        CallbackUnpacked = "Plain parameters where a JWT was asked for" Refuse ": nothing proves that they are the server's (JARM section 2.3).";
        PackedIssuerMissing = "The response as a JWT has no `iss`" Refuse ": it is required (JARM section 2.1).";
        PackedIssuerMismatch = "The response as a JWT has an `iss` with `1` at its end" Refuse ": it must be the issuer (JARM section 2.4).";
        PackedAudienceMissing = "The response as a JWT has no `aud`" Refuse ": it is required (JARM section 2.1).";
        PackedAudienceMismatch = "The response as a JWT is for a stranger" Refuse ": `aud` must contain the client (JARM section 2.4).";
        PackedExpiryMissing = "The response as a JWT has no `exp`" Refuse ": it is required (JARM section 2.1).";
        PackedExpired = "The response as a JWT expired 6 minutes ago" Refuse " (JARM section 2.4).";
        PackedSignatureBroken = "One bit of the signature of the response as a JWT is wrong" Refuse " (JARM section 2.4).";
        PackedAlgorithmNone = "The response as a JWT has `alg: none`" Refuse ": `none` is not allowed (JARM section 2.4).";
        PackedDuplicateState = "The response as a JWT has `state` twice" Refuse ": names must be unique (RFC 7519 section 4).";
        PackedIssuerTwice = "The response as a JWT has `iss` twice, with the same value" Accept ": a reader may take the last (RFC 7519 section 4), and real servers do it.";
        PackedDuplicateIssuer = "The response as a JWT has `iss` twice, a wrong one first" Refuse ": names must be unique (RFC 7519 section 4).";
        IdTokenCodeHashMissing = "The ID Token with a code has no `c_hash`" Refuse ": it is required (Core 3.3.2.11).";
        IdTokenCodeHashMismatch = "`c_hash` is of another code" Refuse " (Core 3.3.2.10).";
        IdTokenStateHashMissing = "The ID Token from the browser has no `s_hash`" Refuse " if it is a detached signature (FAPI 1.0 Part 2 5.2.3.1), accept otherwise.";
        IdTokenStateHashMismatch = "`s_hash` is of another state" Refuse " (FAPI 1.0 Part 2 5.2.3.1).";
        IdTokenSubjectSwapped = "The ID Token from the browser is about another person than the one from the token endpoint" Refuse ": `sub` must be the same (Core 3.3.3.6).";
        CallbackUnknownParameter = "A parameter `session_state`" Accept ": unknown parameters must be ignored (RFC 6749 section 4.1.2).";
    }

    PushedAuthorization {
        PushedRequestUriMissing = "No `request_uri`" Refuse ": it is required (RFC 9126 section 2.2).";
        PushedRequestUriEmpty = "`request_uri` is empty" Refuse ": it refers to nothing (RFC 9126 section 2.2).";
        PushedRequestUriNotAString = "`request_uri` is a number" Refuse ": it is a string (RFC 9126 section 2.2).";
        PushedDuplicateRequestUri = "`request_uri` occurs twice" Refuse ": readers differ in which they take (RFC 8259 section 4).";
        PushedExpiresInMissing = "No `expires_in`" Refuse ": it is required (RFC 9126 section 2.2).";
        PushedExpiresInAsString = "`expires_in` is a string of digits" Accept ": real servers do it.";
        PushedExpiresInNegative = "`expires_in` is negative" Refuse ": it is a lifetime (RFC 9126 section 2.2).";
        PushedOk = "Status 200" Accept ": success is 201 (RFC 9126 section 2.2), but real servers do it.";
    }

    Token {
        IdTokenNonceMismatch = "`nonce` has `1` at its end" Refuse ": it must equal the one sent (Core 3.1.3.7, 11).";
        IdTokenNonceMissing = "No `nonce`" Refuse ": one was sent (Core 3.1.3.7, 11).";
        IdTokenNonceNotAString = "`nonce` is a number" Refuse ": it is a string (Core 2).";
        IdTokenNonceUnasked = "A `nonce` where the request had none" Refuse ": the token belongs to another login.";
        IdTokenKidAbsent = "No `kid` in the header; the set holds one fitting key, with one" Accept ": exactly one fits (Core 10.1).";
        IdTokenKidUnknown = "A `kid` that no set ever holds" Refuse " after one more fetch: no key fits.";
        KeySetRotatedBeforeSigning = "New keys just before the token is signed" Accept ": fetch the set again for an unknown `kid` (Core 10.1.1).";
        KeySetRotatedBetweenLogins = "Each login after the first begins with new keys" Accept ": fetch the set again for an unknown `kid` (Core 10.1.1).";
        IdTokenIssuerMissing = "No `iss`" Refuse ": it is required (Core 2).";
        IdTokenIssuerMismatch = "`iss` has `1` at its end" Refuse ": it must equal the issuer (Core 3.1.3.7, 2).";
        IdTokenIssuerTrailingSlash = "`iss` has a further `/` at its end" Refuse ": it must be exactly the issuer (Core 3.1.3.7, 2).";
        IdTokenIssuerNotAString = "`iss` is a number" Refuse ": it is a string (RFC 7519 section 4.1.1).";
        IdTokenSubjectMissing = "No `sub`" Refuse ": it is required (Core 2).";
        IdTokenSubjectEmpty = "`sub` is empty" Refuse ": it identifies no person (Core 2).";
        IdTokenSubjectNotAString = "`sub` is a number" Refuse ": it is a string (RFC 7519 section 4.1.2).";
        IdTokenDuplicateSubject = "`sub` occurs twice, another user first" Refuse ": names must be unique (RFC 7519 section 4).";
        IdTokenClaimsTwice = "`sub`, and `country` within `address`, occur twice, with the same value" Accept " if the signature is verified: a reader may take the last (RFC 7519 section 4), and real servers do it.";
        IdTokenDuplicateCountry = "`country` occurs twice within `address`, with different values" Refuse ": names must be unique (RFC 7519 section 4).";
        IdTokenAudienceMissing = "No `aud`" Refuse ": it is required (Core 2).";
        IdTokenAudienceMismatch = "`aud` is the client with `1` at its end" Refuse ": it must contain the client (Core 3.1.3.7, 3).";
        IdTokenAudienceArray = "`aud` is an array of the client alone" Accept " (RFC 7519 section 4.1.3).";
        IdTokenAudienceEmpty = "`aud` is an empty array" Refuse ": it must contain the client (Core 3.1.3.7, 3).";
        IdTokenAudienceMemberNotAString = "`aud` holds a number and the client" Refuse ": members are strings (RFC 7519 section 4.1.3).";
        IdTokenFurtherAudience = "`aud` holds a stranger too, without `azp`" Refuse ": untrusted audience (Core 3.1.3.7, 3 and 4).";
        IdTokenFurtherAudienceAuthorizedParty = "`aud` holds a stranger too, and `azp` is the client" Accept " (Core 3.1.3.7, 5).";
        IdTokenFurtherAudienceAuthorizedPartyMismatch = "`aud` holds a stranger too, and `azp` is the stranger" Refuse " (Core 3.1.3.7, 5).";
        IdTokenAuthorizedPartyMismatch = "`azp` is a stranger, and the client is the only audience" Refuse " (Core 3.1.3.7, 5).";
        IdTokenAuthorizedParty = "`azp` is the client, which is the only audience" Accept " (Core 3.1.3.7, 5).";
        IdTokenAuthorizedPartyNotAString = "`azp` is a number" Refuse ": it is a string (Core 2).";
        IdTokenExpiryMissing = "No `exp`" Refuse ": it is required (Core 2).";
        IdTokenExpired = "`exp` was 6 minutes ago" Refuse " (Core 3.1.3.7, 9).";
        IdTokenExpiredRecently = "`exp` was 45 seconds ago" Refuse ": a tolerance is for clocks, half a minute is plenty (Core 3.1.3.7, 9).";
        IdTokenExpiryAsString = "`exp` is a string of digits" Refuse ": it is a number (RFC 7519 section 4.1.4).";
        IdTokenExpiryFractional = "`exp` has a fraction" Accept ": a NumericDate may (RFC 7519 section 2).";
        IdTokenDuplicateExpiry = "`exp` occurs twice, the first one past" Refuse ": names must be unique (RFC 7519 section 4).";
        IdTokenNotBeforeInFuture = "`nbf` is in an hour" Refuse " (RFC 7519 section 4.1.5).";
        IdTokenIssuedAtMissing = "No `iat`" Refuse ": it is required (Core 2).";
        IdTokenIssuedInFuture = "`iat` is in an hour" Refuse ": issued by a wrong clock, or for later use (Core 3.1.3.7, 10).";
        IdTokenIssuedWeekAgo = "`iat` was a week ago" Either ": the acceptable age is the client's choice (Core 3.1.3.7, 10); refuse with a code and after a backchannel request (FAPI test suites).";
        IdTokenIssuedAtAsString = "`iat` is a string of digits" Refuse ": it is a number (RFC 7519 section 4.1.6).";
        IdTokenAuthTimeMissing = "No `auth_time`" Refuse " if `max_age` was sent (Core 3.1.2.1), accept otherwise.";
        IdTokenAuthTimeTooOld = "`auth_time` was a day ago" Refuse " if `max_age` was shorter (Core 3.1.3.7, 13), accept otherwise.";
        IdTokenAuthTimeInFuture = "`auth_time` is in an hour" Refuse ": no login has happened yet.";
        IdTokenAuthTimeAsString = "`auth_time` is a string of digits" Refuse ": it is a number (Core 2).";
        IdTokenAuthTimeNegative = "`auth_time` is negative" Refuse ": it is a time since 1970 (Core 2).";
        IdTokenAccessTokenHashMismatch = "`at_hash` is of another access token" Refuse " (Core 3.1.3.8).";
        IdTokenAccessTokenHashMissing = "No `at_hash`" Accept ": it is optional here (Core 3.1.3.6).";
        IdTokenAccessTokenHashNotAString = "`at_hash` is a number" Refuse ": it is a string (Core 3.1.3.6).";
        IdTokenTypeAccessToken = "`typ` is `at+jwt`: an access token" Refuse " (RFC 9068 section 2.1).";
        IdTokenTypeLogoutToken = "`typ` is `logout+jwt`: a logout token" Refuse " (OpenID Connect Back-Channel Logout 2.4).";
        IdTokenTypeProof = "`typ` is `dpop+jwt`: a proof of possession" Refuse " (RFC 9449 section 4.2).";
        IdTokenTypeLowerCase = "`typ` is `jwt`" Accept ": media types know no case (RFC 7515 section 4.1.9).";
        IdTokenTypeMediaType = "`typ` is `application/jwt`" Accept ": the prefix says nothing (RFC 7515 section 4.1.9).";
        IdTokenTypeOwn = "`typ` is `ID`, which is not registered" Refuse ": it may be any kind of token (RFC 8725 section 3.11), unless the client is told.";
        IdTokenOptionalClaimsNull = "`azp`, `nbf`, `acr` and `at_hash` are null" Accept ": what is optional and null is left out, and real servers do it.";
        IdTokenNonceNull = "`nonce` is null" Refuse ": one was sent (Core 3.1.3.7, 11), or none may be there.";
        IdTokenExpiryNull = "`exp` is null" Refuse ": it is required (Core 2).";
        IdTokenTypeMissing = "No `typ`" Accept ": it is optional (RFC 7515 section 4.1.9).";
        IdTokenEvents = "An `events` claim: a logout token or another event" Refuse " (Back-Channel Logout 2.4).";
        IdTokenAlgorithmNone = "`alg` is `none`, the signature empty" Refuse " (RFC 8725 section 3.2).";
        IdTokenAlgorithmNoneMixedCase = "`alg` is `nOnE`, the signature empty" Refuse ": `none` in any case (RFC 8725 section 3.2).";
        IdTokenAlgorithmUnknown = "`alg` is unknown (`RS257`), the signature right for RS256" Refuse " (RFC 8725 section 3.1).";
        IdTokenAlternateAlgorithm = "Well signed with another algorithm (ES256, or RS256 where ES256 or PS256 is right)" Refuse " (Core 3.1.3.7, 7).";
        IdTokenHmacWithPublicKeyPem = "HS256 with the provider's public RSA key, as PEM text, for a secret" Refuse " (RFC 8725 section 3.1).";
        IdTokenHmacWithModulus = "HS256 with the modulus of the provider's RSA key for a secret" Refuse " (RFC 8725 section 3.1).";
        IdTokenSignatureBroken = "One bit of the signature is wrong" Refuse " (RFC 7515 section 5.2).";
        IdTokenSignatureMissing = "The signature is empty, `alg` as usual" Refuse " (RFC 7515 section 5.2).";
        IdTokenSignatureZero = "The signature is all zeros" Refuse " (RFC 7515 section 5.2).";
        IdTokenSignedByStranger = "Signed with another key than `kid` names" Refuse " (RFC 7515 section 5.2).";
        IdTokenEmbeddedKey = "Signed with a stranger's key, which the header embeds as `jwk`" Refuse ": it proves nothing (RFC 8725 3.10).";
        IdTokenKeySetUrl = "Signed with a stranger's key, to which the header's `jku` points" Refuse ", fetch nothing (RFC 8725 3.10).";
        IdTokenCritical = "`crit` names an unknown extension" Refuse " (RFC 7515 section 4.1.11).";
        IdTokenCriticalEmpty = "`crit` is an empty list" Refuse " (RFC 7515 section 4.1.11).";
        IdTokenCriticalUnencoded = "`crit: [\"b64\"]` with `b64: false`" Refuse ": an unencoded payload is no JWT (RFC 7797 section 7).";
        IdTokenDuplicateAlgorithm = "`alg` occurs twice in the header, `none` first" Refuse ": names must be unique (RFC 7515 section 4).";
        IdTokenTrailingBits = "The last character of the payload has stray bits" Refuse ": not base64url (RFC 4648 section 3.5).";
        IdTokenPadding = "The payload is padded with `=`" Refuse ": not allowed (RFC 7515 section 2).";
        IdTokenNotAnObject = "The payload is an array" Refuse ": a claims set is an object (RFC 7519 section 3).";
        IdTokenEncrypted = "Five segments: an encrypted token (of filler) where none was registered" Refuse " (Core 3.1.3.7, 1).";
        IdTokenEncryptedRsa15 = "Five segments: a token (of filler) encrypted with `RSA1_5`" Refuse ": its padding tells secrets (RFC 8725 section 3.2).";
        IdTokenTwoSegments = "Two segments: the signature is missing with its dot" Refuse " (RFC 7515 section 7.1).";
        TokenAccessTokenMissing = "No `access_token`" Refuse ": it is required (RFC 6749 section 5.1).";
        TokenAccessTokenEmpty = "`access_token` is empty" Refuse " (RFC 6749 appendix A.12).";
        TokenAccessTokenNotAString = "`access_token` is a number" Refuse ": it is a string (RFC 6749 section 5.1).";
        TokenTypeMissing = "No `token_type`" Refuse ": it is required (RFC 6749 section 5.1).";
        TokenTypeInvertedCase = "`token_type` is `bEARER` or `dpOp`" Accept ": it knows no case (RFC 6749 section 5.1).";
        TokenTypeUnknown = "`token_type` is `mac`" Refuse ": no use of it is defined (RFC 6749 section 7.1).";
        TokenExpiresInAsString = "`expires_in` is a string of digits" Accept ": real servers do it.";
        TokenExpiresInNegative = "`expires_in` is negative" Refuse ": it is a lifetime (RFC 6749 appendix A.14).";
        TokenExpiresInNull = "`expires_in` is null" Accept ": real servers do it.";
        TokenExpiresInText = "`expires_in` is `3600abc`" Refuse ": it is a number (RFC 6749 section 5.1).";
        TokenExpiresInMissing = "No `expires_in`" Accept ": it is only recommended (RFC 6749 section 5.1).";
        TokenRefreshTokenEmpty = "`refresh_token` is empty" Refuse " (RFC 6749 appendix A.17).";
        TokenRefreshTokenNull = "`refresh_token` is null" Accept ": real servers do it.";
        TokenRefreshTokenMissing = "No `refresh_token`" Accept ": it is optional (RFC 6749 section 5.1).";
        TokenScopeMissing = "No `scope`" Accept ": it then is the one asked for (RFC 6749 section 5.1).";
        TokenScopeNotAString = "`scope` is an array" Refuse ": it is a string (RFC 6749 section 5.1).";
        TokenIdTokenMissing = "No `id_token`" Refuse ": an OpenID request was made (Core 3.1.3.3).";
        TokenIdTokenEmpty = "`id_token` is empty" Refuse ": no JWT (Core 3.1.3.3).";
        TokenIdTokenNotAString = "`id_token` is an object" Refuse ": it is a string (Core 3.1.3.3).";
        TokenCreated = "Status 201" Refuse ": success is 200 (RFC 6749 section 5.1).";
        TokenInvalidGrant = "Status 400 with the error `invalid_grant`" Refuse ": surface the error (RFC 6749 section 5.2).";
        TokenBadRequestHtml = "Status 400 with an HTML page" Refuse ", with the status.";
        TokenUnauthorized = "Status 401 with a `WWW-Authenticate` challenge" Refuse ": surface the error in the body, and the challenge with it (RFC 6749 section 5.2).";
        TokenHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON.";
        TokenJsonAsHtml = "The right response as `text/html`" Either ": the media type is wrong, the content right (RFC 6749 5.1).";
        TokenServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
        TokenRedirect = "Status 307 to a place that answers well" Refuse ": the code and secret must not travel on (RFC 9700 4.12).";
        TokenTooLarge = "The right response with 2 MiB of padding" Refuse ": bodies are capped.";
        TokenNotAnObject = "The right response inside an array" Refuse ": it must be an object (RFC 6749 section 5.1).";
        TokenDuplicateAccessToken = "`access_token` occurs twice" Refuse ": readers differ in which they take (RFC 8259 section 4).";
        TokenContentEncoding = "`Content-Encoding: gzip` over the right response" Refuse ": no coding was asked for (RFC 9110 12.5.3).";
        PollUnavailable = "The first poll is answered with status 503 and `Retry-After: 12`" Accept ", and ask again then (RFC 9110 10.2.3).";
        PollSlowDown = "The second poll is answered with `slow_down`" Accept ", and wait 5 seconds longer from then on (RFC 8628 3.5).";
        PollInvalidRequest = "The third poll is answered with `invalid_request`" Refuse ": surface the error, poll no more (RFC 8628 3.5).";
        PollAccessDenied = "The third poll is answered with `access_denied`" Refuse ": surface the error, poll no more (RFC 8628 3.5).";
        PollExpiredToken = "The third poll is answered with `expired_token`" Refuse ": surface the error, poll no more (RFC 8628 3.5).";
        RefreshIssuerMismatch = "After a refresh, `iss` has `1` at its end" Refuse ": it must stay (Core 12.2).";
        RefreshSubjectMismatch = "After a refresh, `sub` is another user" Refuse ": it must stay (Core 12.2).";
        RefreshAudienceMismatch = "After a refresh, `aud` is a stranger" Refuse ": it must stay (Core 12.2).";
        RefreshFurtherAudience = "After a refresh, `aud` has a stranger more, with `azp` the client" Refuse ": both must stay (Core 12.2).";
        RefreshAuthorizedPartyAdded = "After a refresh, `azp` is the client, where the first ID Token had none" Refuse ": it must stay (Core 12.2).";
        RefreshAuthorizedPartyMismatch = "After a refresh, `azp` is a stranger" Refuse ": it must stay (Core 12.2).";
        RefreshAuthTimeMismatch = "After a refresh, `auth_time` is one second later" Refuse ": it is the original one (Core 12.2).";
        RefreshNonceMismatch = "After a refresh, `nonce` has `1` at its end" Refuse ": it must be the original one (Core 12.2).";
        RefreshNonceKept = "After a refresh, `nonce` is the original one" Accept ": it should be absent, but may stay (Core 12.2).";
        RefreshWithoutRotation = "A refresh gives no new refresh token; the old one stays good" Accept " (RFC 6749 section 6).";
        RefreshIdTokenMissing = "A refresh gives no ID Token" Accept ": it might not (Core 12.2).";
    }

    UserInfo {
        UserInfoSubjectMismatch = "`sub` has `1` at its end" Refuse ": it must be the ID Token's (Core 5.3.2).";
        UserInfoSubjectMissing = "No `sub`" Refuse ": it is required (Core 5.3.2).";
        UserInfoSubjectEmpty = "`sub` is empty" Refuse ": it must be the ID Token's (Core 5.3.2).";
        UserInfoSubjectNotAString = "`sub` is a number" Refuse ": it is a string (Core 5.1).";
        UserInfoDuplicateSubject = "`sub` occurs twice, the right one last" Refuse ": readers differ in which they take (RFC 8259 section 4).";
        UserInfoTypeMissing = "A signed response, without `typ`" Accept ": no type is defined (Core 5.3.2).";
        UserInfoTypeMediaType = "A signed response whose `typ` is `application/jwt`" Accept ": the prefix says nothing (RFC 7515 section 4.1.9).";
        UserInfoTypeOwn = "A signed response whose `typ` is `userinfo+jwt`, which is not registered" Accept ": no type is defined (Core 5.3.2).";
        UserInfoTypeAccessToken = "A signed response whose `typ` is `at+jwt`: an access token" Refuse " (RFC 8725 section 3.11).";
        UserInfoClaimsTwice = "`sub`, and `country` within `address`, occur twice, with the same value" Refuse " in the open: readers differ (RFC 8259 section 4); accept in a signed response.";
        UserInfoEmailVerifiedAsString = "`email_verified` is the string `true`" Accept ": real servers do it.";
        UserInfoAggregatedClaims = "Aggregated claims: `_claim_sources` holds a JWT" Accept ", and verify it only against a listed issuer (Core 5.6.2).";
        UserInfoDistributedClaims = "Distributed claims: `_claim_sources` points to an endpoint" Accept ", and fetch nothing unasked (Core 5.6.2).";
        AggregatedClaimsSignatureBroken = "Aggregated claims, and one bit of their signature is wrong" Refuse " (RFC 7515 section 5.2).";
        AggregatedClaimsAlgorithmNone = "Aggregated claims whose `alg` is `none`" Refuse ": anybody can state them (RFC 8725 section 3.2).";
        AggregatedClaimsIssuerMismatch = "Aggregated claims whose `iss` has `1` at its end" Refuse ": the application did not list that issuer (Core 5.6.2).";
        AggregatedClaimsAudienceMismatch = "Aggregated claims for a stranger" Refuse ": `aud`, if present, must contain the client (RFC 7519 section 4.1.3).";
        AggregatedClaimsExpired = "Aggregated claims that expired 6 minutes ago" Refuse " (RFC 7519 section 4.1.4).";
        AggregatedClaimsTypeAccessToken = "The `typ` of aggregated claims is `at+jwt`" Refuse ": an access token (RFC 8725 section 3.11).";
        DistributedClaimsEndpointHttp = "Distributed claims whose endpoint has the scheme `http`" Refuse ": the access token must not go there (RFC 6750 section 5.3).";
        UserInfoJwt = "A signed JWT as `application/jwt`" Refuse ": none was registered (Core 5.3.2).";
        UserInfoUnauthorized = "Status 401 with a `WWW-Authenticate` challenge" Refuse ": surface the challenge (RFC 6750 section 3).";
        UserInfoForbidden = "Status 403 with the challenge `insufficient_scope`" Refuse ": surface the challenge (RFC 6750 section 3.1).";
        UserInfoSuccessWithChallenge = "The right response with a `WWW-Authenticate` challenge" Accept ": the status counts (RFC 9110 11.6.1).";
        UserInfoHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON (Core 5.3.2).";
        UserInfoServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
        UserInfoRedirect = "Status 307 to a place that answers well" Refuse ": the access token must not travel on.";
        UserInfoTooLarge = "The right response with 2 MiB of padding" Refuse ": bodies are capped.";
        UserInfoNotAnObject = "The right response inside an array" Refuse ": it must be an object (Core 5.3.2).";
        UserInfoContentEncoding = "`Content-Encoding: gzip` over the right response" Refuse ": no coding was asked for (RFC 9110 12.5.3).";
    }

    EndSession {
        LogoutStateMismatch = "After logout, `state` has `1` at its end" Refuse ": it must equal the one sent (RP-Initiated Logout 3).";
        LogoutStateMissing = "After logout, no `state`" Refuse ": one was sent (RP-Initiated Logout 3).";
        LogoutTokenTypeMissing = "A logout token without `typ`" Accept ": it is recommended (Back-Channel Logout 2.4).";
        LogoutTokenTypeAccessToken = "The `typ` of a logout token is `at+jwt`" Refuse ": an access token (RFC 8725 section 3.11).";
        LogoutTokenSessionMissing = "A logout token without `sid`" Accept ": it ends every session of `sub` (Back-Channel Logout 2.4).";
        LogoutTokenSubjectMissing = "A logout token without `sub`" Accept ": it ends the session `sid` (Back-Channel Logout 2.4).";
        LogoutTokenWithoutSubject = "A logout token without `sid` and `sub`" Refuse ": one of them is required (Back-Channel Logout 2.4).";
        LogoutTokenAlgorithmNone = "A logout token whose `alg` is `none`" Refuse ": it must be signed (Back-Channel Logout 2.6).";
        LogoutTokenAlternateAlgorithm = "A logout token, well signed with another algorithm" Refuse ": that of ID Tokens is right (Back-Channel Logout 2.6).";
        LogoutTokenSignatureBroken = "One bit of a logout token's signature is wrong" Refuse " (RFC 7515 section 5.2).";
        LogoutTokenIssuerMismatch = "`iss` of a logout token has `1` at its end" Refuse " (Back-Channel Logout 2.6).";
        LogoutTokenAudienceMismatch = "`aud` of a logout token has `1` at its end" Refuse " (Back-Channel Logout 2.6).";
        LogoutTokenExpired = "`exp` of a logout token was six minutes ago" Refuse " (Back-Channel Logout 2.6).";
        LogoutTokenExpiryMissing = "A logout token without `exp`" Refuse ": it is required (Back-Channel Logout 2.4).";
        LogoutTokenIdentifierMissing = "A logout token without `jti`" Refuse ": it is required (Back-Channel Logout 2.4).";
        LogoutTokenEventsMissing = "A logout token without `events`" Refuse ": it may be any token (Back-Channel Logout 2.6).";
        LogoutTokenEventMismatch = "`events` of a logout token holds another event" Refuse " (Back-Channel Logout 2.6).";
        LogoutTokenNonce = "A logout token with a `nonce`" Refuse ": it may be an ID Token (Back-Channel Logout 2.6).";
        LogoutTokenTwice = "The form holds `logout_token` twice" Refuse ": readers differ in which they take.";
    }

    DeviceAuthorization {
        DeviceCodeMissing = "No `device_code`" Refuse ": it is required (RFC 8628 3.2).";
        DeviceUserCodeMissing = "No `user_code`" Refuse ": it is required (RFC 8628 3.2).";
        DeviceUserCodeControlCharacter = "`user_code` holds a terminal escape" Refuse ": it goes to a display.";
        DeviceVerificationUriMissing = "No `verification_uri`" Refuse ": it is required (RFC 8628 3.2).";
        DeviceVerificationUriHttp = "`verification_uri` has the scheme `http`" Refuse ": it is put before a person.";
        DeviceVerificationUriScript = "`verification_uri` has the scheme `javascript`" Refuse ": it is put before a person.";
        DeviceCompleteVerificationUriHttp = "`verification_uri_complete` has the scheme `http`" Refuse ": it is put before a person.";
        DeviceCompleteVerificationUriMissing = "No `verification_uri_complete`" Accept ": it is optional (RFC 8628 3.2).";
        DeviceExpiresInMissing = "No `expires_in`" Refuse ": it is required (RFC 8628 3.2).";
        DeviceExpiresInNegative = "`expires_in` is negative" Refuse ": it is a lifetime (RFC 8628 3.2).";
        DeviceIntervalMissing = "No `interval`" Accept ": it then is 5 seconds (RFC 8628 3.2).";
        DeviceIntervalZero = "`interval` is 0" Refuse ": it would flood the provider.";
        DeviceIntervalHuge = "`interval` is 10 to the power of 12" Refuse ": no client can wait that long.";
        DeviceServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
    }

    BackchannelAuthentication {
        BackchannelRequestIdMissing = "No `auth_req_id`" Refuse ": it is required (CIBA 7.3).";
        BackchannelExpiresInMissing = "No `expires_in`" Refuse ": it is required (CIBA 7.3).";
        BackchannelIntervalMissing = "No `interval`" Accept ": it then is 5 seconds (CIBA 7.3).";
        BackchannelIntervalNegative = "`interval` is negative" Refuse ": it is a span of time (CIBA 7.3).";
        BackchannelLongInterval = "`interval` is 31" Accept ", and poll no sooner (CIBA 7.3).";
        PingTokenMismatch = "The ping comes with another token" Refuse ": it must be the one sent (CIBA 10.2).";
        PushTokenMismatch = "The push comes with another token" Refuse ": it must be the one sent (CIBA 10.3.1).";
        PushIdTokenMissing = "A push without `id_token`" Refuse ": it signs the push (CIBA 10.3.1).";
        PushRequestIdMissing = "The ID Token of a push does not name `auth_req_id`" Refuse ": it is required (CIBA 10.3.1).";
        PushRequestIdMismatch = "The ID Token of a push names another `auth_req_id`" Refuse ": the push is about another request (CIBA 10.3.1).";
        PushAccessTokenHashMissing = "The ID Token of a push has no `at_hash`" Refuse ": it is required (CIBA 10.3.1).";
        PushAccessTokenHashMismatch = "`at_hash` of a push is of another access token" Refuse " (CIBA 10.3.1).";
        PushRefreshTokenHashMissing = "The ID Token of a push with a refresh token has no hash of it" Refuse ": it is required (CIBA 10.3.1).";
        PushRefreshTokenHashMismatch = "The hash of the refresh token of a push is of another one" Refuse " (CIBA 10.3.1).";
        BackchannelUnknownUserId = "Status 400 with the error `unknown_user_id`" Refuse ": surface the error (CIBA 13).";
        BackchannelServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
    }

    DistributedClaims {
        DistributedClaimsSignatureBroken = "One bit of the signature of distributed claims is wrong" Refuse " (RFC 7515 section 5.2).";
        DistributedClaimsIssuerMismatch = "`iss` of distributed claims has `1` at its end" Refuse ": the application did not list that issuer (Core 5.6.2).";
        DistributedClaimsExpired = "Distributed claims that expired 6 minutes ago" Refuse " (RFC 7519 section 4.1.4).";
        DistributedClaimsUnauthorized = "Status 401 with a `WWW-Authenticate` challenge" Refuse ": surface the challenge (RFC 6750 section 3).";
        DistributedClaimsHtml = "An HTML page as `text/html` with status 200" Refuse ": no JWT (Core 5.6.2).";
        DistributedClaimsServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
        DistributedClaimsRedirect = "Status 307 to a place that answers well" Refuse ": the access token must not travel on.";
    }

    Introspection {
        IntrospectionActiveMissing = "No `active`" Refuse ": it is required (RFC 7662 section 2.2).";
        IntrospectionActiveNotABoolean = "`active` is the string `true`" Refuse ": it is a boolean (RFC 7662 section 2.2).";
        IntrospectionUnsigned = "Plain JSON, where a signed response was registered" Refuse ": anybody on the way could have written it.";
        IntrospectionTypeOfIdToken = "`typ` of a signed response is `JWT`" Refuse ": it could be another token (RFC 9701 section 5).";
        IntrospectionTypeMediaType = "`typ` of a signed response is `application/token-introspection+jwt`" Accept ": the prefix says nothing (RFC 7515 section 4.1.9).";
        IntrospectionTypeMissing = "No `typ` in a signed response" Refuse ": it could be another token (RFC 9701 section 5).";
        IntrospectionIssuerMismatch = "`iss` of a signed response has `1` at its end" Refuse " (RFC 9701 section 5).";
        IntrospectionAudienceMismatch = "`aud` of a signed response is a stranger" Refuse " (RFC 9701 section 5).";
        IntrospectionIssuedAtMissing = "No `iat` in a signed response" Refuse ": it is required (RFC 9701 section 5).";
        IntrospectionClaimMissing = "No `token_introspection` in a signed response" Refuse ": it is required (RFC 9701 section 5).";
        IntrospectionSignatureBroken = "The signature of a signed response is wrong" Refuse " (RFC 7515 section 5.2).";
        IntrospectionClaimsTwice = "`active`, or `iss` of a signed response, occurs twice, with the same value" Refuse " in the open: readers differ (RFC 8259 section 4); accept in a signed response.";
        IntrospectionDuplicateIssuer = "`iss` of a signed response occurs twice, a wrong one first" Refuse ": names must be unique (RFC 7519 section 4).";
        IntrospectionServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
    }

    Revocation {
        RevocationUnsupportedTokenType = "Status 400 with the error `unsupported_token_type`" Refuse ": surface the error (RFC 7009 section 2.2.1).";
        RevocationServerError = "Status 500 with an HTML page" Refuse ": success is 200 (RFC 7009 section 2.2).";
    }

    Registration {
        RegistrationOk = "Status 200" Accept ": success is 201 (RFC 7591 section 3.2.1), but real servers do it.";
        RegistrationIssuedAtAsString = "`client_id_issued_at` is a string of digits" Accept ": real servers do it.";
        RegistrationSecretExpiryMissing = "No `client_secret_expires_at`" Accept ": it is required with a secret (RFC 7591 section 3.2.1), but real servers leave it out.";
        RegistrationNullMembers = "Members that are not set are null" Accept ": real servers do it.";
        RegistrationIdTokenNone = "`id_token_signed_response_alg` is `none`" Accept ", and believe no ID Token without a signature (RFC 8725 section 3.2).";
        RegistrationUserInfoNone = "`userinfo_signed_response_alg` is `none`" Accept ": no signature, as Ory Hydra registers every client.";
        RegistrationMethodMissing = "No `token_endpoint_auth_method`" Accept ": the one that was asked for, or the default (RFC 7591 section 2).";
        RegistrationClientIdMissing = "No `client_id`" Refuse ": it is required (RFC 7591 section 3.2.1).";
        RegistrationClientIdEmpty = "`client_id` is empty" Refuse ": it names no client.";
        RegistrationClientIdNotAString = "`client_id` is a number" Refuse ": it is a string (RFC 7591 section 3.2.1).";
        RegistrationDuplicateClientId = "`client_id` occurs twice, another one first" Refuse ": readers differ in which they take (RFC 8259 section 4).";
        RegistrationSecretEmpty = "`client_secret` is empty" Refuse ": anybody could guess it.";
        RegistrationSecretExpiryNotANumber = "`client_secret_expires_at` is `never`" Refuse ": it is a number (RFC 7591 section 3.2.1).";
        RegistrationInvalidMetadata = "Status 400 with the error `invalid_client_metadata`" Refuse ": surface the error (RFC 7591 section 3.2.2).";
        RegistrationUnauthorized = "Status 401 with a `WWW-Authenticate` challenge" Refuse ": surface the challenge (RFC 6750 section 3).";
        RegistrationHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON.";
        RegistrationServerError = "Status 500 with an HTML page" Refuse ": success is 201.";
        RegistrationRedirect = "Status 307 to a place that answers well" Refuse ": the initial access token must not travel on.";
        RegistrationTooLarge = "The right response with 2 MiB of padding" Refuse ": bodies are capped.";
        RegistrationNotAnObject = "The right response inside an array" Refuse ": it must be an object (RFC 7591 section 3.2.1).";
        RegistrationContentEncoding = "`Content-Encoding: gzip` over the right response" Refuse ": no coding was asked for (RFC 9110 12.5.3).";
    }

    ClientConfiguration {
        ClientConfigurationClientIdMismatch = "`client_id` is another client's" Refuse ": it stays (RFC 7592 section 3).";
        ClientConfigurationSecretRotated = "Another `client_secret` with each change" Accept ": it may be a new one (RFC 7592 section 3).";
        ClientConfigurationTokenRotated = "A new `registration_access_token`; the old one is void" Accept ", and use the new one (RFC 7592 section 2.1).";
        ClientConfigurationTokenMissing = "No `registration_access_token` and no `registration_client_uri`" Accept ": they stay as they were.";
        ClientConfigurationHtml = "An HTML page as `text/html` with status 200" Refuse ": not JSON.";
        ClientConfigurationServerError = "Status 500 with an HTML page" Refuse ": success is 200.";
        ClientConfigurationRedirect = "Status 307 to a place that answers well" Refuse ": the registration access token must not travel on.";
    }
}
