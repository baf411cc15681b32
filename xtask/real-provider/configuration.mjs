// What the provider offers: everything that a test needs. What a client makes of it, it says when it
// registers itself.
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

// The token that permits a registration. At a test provider on loopback nothing is secret.
export const INITIAL_ACCESS_TOKEN = 'whoever-may-register-a-client';

// `aliases` is where the endpoints are for those who show a certificate; `dpopNonce` says whether a
// DPoP proof must have a nonce of the provider's.
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
    // Claims of `profile` and `email` come from UserInfo when an access token is issued too.
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
    // Which profile of FAPI the provider holds a client to: `1.0 Final` or `2.0`.
    extraClientMetadata: { properties: ['fapi_profile'] },
    discovery: { mtls_endpoint_aliases: endpointAliases(aliases) },
    // By default it does not connect to loopback, which is where the clients of the tests listen, and
    // waits no longer than a busy machine may take.
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

// A koa middleware that lets clients ask every second whether somebody has answered: the default of
// five seconds is what tests would wait.
export async function shortIntervals(ctx, next) {
  await next();
  if (['device_authorization', 'backchannel_authentication'].includes(ctx.oidc?.route) && ctx.status === 200) {
    ctx.body.interval = 1;
  }
}
