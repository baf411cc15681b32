import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

// The provider's keys, new for each run. They have no `alg`, so each serves every algorithm of its kind.
const KEYS = [
  { kid: 'rsa', use: 'sig', type: 'rsa', options: { modulusLength: 2048 } },
  { kid: 'p-256', use: 'sig', type: 'ec', options: { namedCurve: 'P-256' } },
  { kid: 'p-384', use: 'sig', type: 'ec', options: { namedCurve: 'P-384' } },
  { kid: 'p-521', use: 'sig', type: 'ec', options: { namedCurve: 'P-521' } },
  { kid: 'ed25519', use: 'sig', type: 'ed25519' },
  { kid: 'rsa-encryption', use: 'enc', type: 'rsa', options: { modulusLength: 2048 } },
  { kid: 'p-256-encryption', use: 'enc', type: 'ec', options: { namedCurve: 'P-256' } },
  { kid: 'x25519-encryption', use: 'enc', type: 'x25519' },
];

// A JWK set with private members, as the provider requires it.
export async function providerKeys() {
  const keys = KEYS.map(async ({ kid, use, type, options }) => {
    const { privateKey } = await generate(type, options);
    return { ...privateKey.export({ format: 'jwk' }), kid, use };
  });
  return { keys: await Promise.all(keys) };
}
