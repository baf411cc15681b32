// Measures the npm package openid-client; see ../src/lib.rs for the command line and the output.

import { readFileSync } from 'node:fs';
import * as openid from 'openid-client';

const [, operation, inFlight, count, provider] = process.argv.slice(2);

// As in ../src/operation.rs.
const CLIENT_ID = 's6BhdRkqt3-web-client';
const CLIENT_SECRET = '7-Vqkd9tTqJ2Q0sX4nB8yL1wZ5rC3mGe';
const REDIRECT_URI = 'https://app.example.com/callback';
const STATE = 'k3Jx0aQbq0V9y8n1Tn5mZr7cWb2LdUe4';
const NONCE = 'n-0S6_WzA2Mj-kq5t8vXbYeR3Pd7hGf1';
const CODE = 'SplxlOBeZQQYbYS6WxSbIA-4kq8Yp1tR';
const CODE_VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const SUBJECT = '248289761001-5f1c9e7a';

const issuer = `${provider}/${operation}`;
const hmac = operation === 'code-hs256';
const metadata = { id_token_signed_response_alg: hmac ? 'HS256' : 'ES256' };
const config = await openid.discovery(
  new URL(issuer),
  CLIENT_ID,
  metadata,
  openid.ClientSecretBasic(CLIENT_SECRET),
  { execute: [openid.allowInsecureRequests] },
);
// It verifies no signature under the client's secret.
if (!hmac) openid.enableNonRepudiationChecks(config);

const query = new URLSearchParams({ code: CODE, state: STATE, iss: issuer });
const callback = new URL(`${REDIRECT_URI}?${query}`);
const checks = {
  expectedState: STATE,
  expectedNonce: NONCE,
  pkceCodeVerifier: CODE_VERIFIER,
  idTokenExpected: true,
};
const keyPair = operation === 'dpop' ? await openid.randomDPoPKeyPair('ES256') : undefined;
const options = keyPair ? { DPoP: openid.getDPoPHandle(config, keyPair) } : undefined;
const clientCredentials = () =>
  openid.clientCredentialsGrant(config, { scope: 'read write' }, options);
const codeGrant = async () => {
  const tokens = await openid.authorizationCodeGrant(config, callback, checks);
  assert(tokens.claims().sub === SUBJECT);
  return tokens;
};
const hasIdToken = hmac || ['code-es256', 'user-info'].includes(operation);
const tokens = await (hasIdToken ? codeGrant() : clientCredentials());
const resource = new URL(`${issuer}/resource`);

const operations = {
  'client-credentials': clientCredentials,
  'code-hs256': codeGrant,
  'code-es256': codeGrant,
  'user-info': async () => {
    const user = await openid.fetchUserInfo(config, tokens.access_token, SUBJECT);
    assert(user.email_verified);
  },
  dpop: async () => {
    const token = tokens.access_token;
    const call = [config, token, resource, 'GET', undefined, undefined, options];
    const response = await openid.fetchProtectedResource(...call);
    assert((await response.text()).length > 0);
  },
  refresh: async () => {
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
    assert(refreshed.refresh_token);
  },
};
const run = operations[operation];

// Lets the compiler see the code before it is measured.
await repeat(Math.max(Number(inFlight), 1_000));
const processorBefore = process.cpuUsage();
const before = process.hrtime.bigint();
await repeat(Number(count));
const wall = process.hrtime.bigint() - before;
const { user, system } = process.cpuUsage(processorBefore);
const processor = (user + system) * 1_000;
const [, memory] = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
console.log([count, wall, processor, '-', '-', memory].join('\t'));
process.exit(0);

async function repeat(times) {
  let begun = 0;
  const work = async () => {
    while (begun++ < times) await run();
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, work));
}

function assert(condition) {
  if (!condition) throw new Error('a wrong answer');
}
