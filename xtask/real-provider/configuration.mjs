// What the provider offers. A feature that a test needs is switched on here.
import { randomBytes } from 'node:crypto';

import { CLAIMS, findAccount } from './accounts.mjs';
import { interactionUrl } from './interactions.mjs';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export function configuration(clients, jwks) {
  return {
    clients,
    jwks,
    findAccount,
    claims: CLAIMS,
    interactions: { url: interactionUrl },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    pkce: { required: () => true },
    // Claims of `profile` and `email` come from UserInfo when an access token is issued too.
    conformIdTokenClaims: true,
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      userinfo: { enabled: true },
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: MINUTE,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: 10 * MINUTE,
      RefreshToken: HOUR,
      Session: HOUR,
    },
  };
}
