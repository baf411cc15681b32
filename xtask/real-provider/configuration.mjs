// The configuration of the provider: everything that a test needs. A client selects from it when it
// registers.
import { randomBytes } from 'node:crypto';

import { CLAIMS, findAccount } from './accounts.mjs';
import { algorithms } from './algorithms.mjs';
import { ciba } from './backchannel.mjs';
import { CLIENTS } from './clients.mjs';
import { interactionUrl } from './interactions.mjs';
import { endpointAliases, mTLS } from './mutual-tls.mjs';
import { resourceIndicators, richAuthorizationRequests } from './resources.mjs';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

// The token that permits a registration. A test provider on loopback has no secrets.
export const INITIAL_ACCESS_TOKEN = 'a-token-that-permits-a-registration';

// `aliases` is the address of the endpoints for clients with a certificate. `dpopNonce` says whether a
// DPoP proof must contain a nonce of the provider.
export function configuration({ jwks, aliases, dpopNonce }) {
  return {
    clients: CLIENTS,
    jwks,
    findAccount,
    claims: CLAIMS,
    acrValues: ['urn:example:bronze', 'urn:example:gold'],
    interactions: { url: interactionUrl },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    pkce: { required: () => true },
    // Claims of `profile` and `email` come from UserInfo when an access token is also issued.
    conformIdTokenClaims: true,
    enabledJWA: structuredClone(algorithms),
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
    ],
    // The FAPI profile that the provider enforces for a client: `1.0 Final` or `2.0`.
    extraClientMetadata: { properties: ['fapi_profile'] },
    discovery: { mtls_endpoint_aliases: endpointAliases(aliases) },
    // By default the provider does not connect to loopback, where the clients of the tests listen, and its
    // deadline is too short for a busy machine.
    fetch: (url, { dispatcher, signal, ...options }) => fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      ciba,
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => dpopNonce },
      encryption: { enabled: true },
      fapi: { enabled: true, profile: (_ctx, client) => client?.fapi_profile },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      mTLS,
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true, initialAccessToken: INITIAL_ACCESS_TOKEN },
      registrationManagement: { enabled: true },
      requestObjects: { enabled: true },
      resourceIndicators,
      revocation: { enabled: true },
      richAuthorizationRequests,
      rpInitiatedLogout: { enabled: true },
      userinfo: { enabled: true },
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: MINUTE,
      ClientCredentials: HOUR,
      DeviceCode: 10 * MINUTE,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: 10 * MINUTE,
      RefreshToken: HOUR,
      Session: HOUR,
    },
  };
}

// A koa middleware that lets clients poll every second. With the default of five seconds, tests would
// wait longer.
export async function shortIntervals(ctx, next) {
  await next();
  if (['device_authorization', 'backchannel_authentication'].includes(ctx.oidc?.route) && ctx.status === 200) {
    ctx.body.interval = 1;
  }
}
