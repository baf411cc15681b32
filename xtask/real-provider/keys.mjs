// Keys, made afresh for each run.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

// The provider's signing keys. Ed25519 carries no `alg`: it serves that name and the older EdDSA.
const SIGNING_KEYS = [
  { kid: 'rs256', alg: 'RS256', type: 'rsa', options: { modulusLength: 2048 } },
  { kid: 'ps256', alg: 'PS256', type: 'rsa', options: { modulusLength: 2048 } },
  { kid: 'es256', alg: 'ES256', type: 'ec', options: { namedCurve: 'P-256' } },
  { kid: 'ed25519', type: 'ed25519' },
];

// A JWK set with private members, as the provider wants it.
export async function providerKeys() {
  const keys = SIGNING_KEYS.map(async ({ kid, alg, type, options }) => {
    const { privateKey } = await generate(type, options);
    return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', ...(alg && { alg }) };
  });
  return { keys: await Promise.all(keys) };
}

// A client's key for private_key_jwt: PKCS#8 PEM for the client, a public JWK set for the provider.
export async function clientKey() {
  const { privateKey, publicKey } = await generate('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'client', use: 'sig', alg: 'ES256' };
  return { pem: privateKey.export({ format: 'pem', type: 'pkcs8' }), jwks: { keys: [jwk] } };
}
