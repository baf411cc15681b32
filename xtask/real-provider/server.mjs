// oidc-provider on loopback HTTPS, for the tests of openid-client.
//
//   node server.mjs --cert FILE --key FILE --client-jwks FILE
//
// When it accepts connections it prints one line of JSON on standard output: the issuer, and
// "ready": true. It ends when its standard input does, so that it cannot outlive who started it.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { parseArgs } from 'node:util';

import Provider from 'oidc-provider';

import { clients } from './clients.mjs';
import { configuration } from './configuration.mjs';
import { interactions } from './interactions.mjs';
import { providerKeys } from './keys.mjs';

const OPTIONS = ['cert', 'key', 'client-jwks'];

// Standard output belongs to the ready line; the library's notices go where its warnings go.
console.info = console.error;

const { values } = parseArgs({
  options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' }])),
});
const missing = OPTIONS.filter((name) => values[name] === undefined);
if (missing.length > 0) {
  console.error(`missing: ${missing.map((name) => `--${name} FILE`).join(' ')}`);
  process.exit(2);
}

process.stdin.on('close', () => process.exit(0)).resume();

const [cert, key, clientJwks] = await Promise.all(OPTIONS.map((name) => readFile(values[name])));
const server = createServer({ cert, key });
server.listen(0, '127.0.0.1');
await once(server, 'listening');

// The issuer holds the port, which is known only now.
const issuer = `https://127.0.0.1:${server.address().port}`;
const registered = clients(JSON.parse(clientJwks));
const provider = new Provider(issuer, configuration(registered, await providerKeys()));
provider.use(interactions(provider));
provider.on('server_error', (_ctx, error) => console.error(error));
server.on('request', provider.callback());
console.log(JSON.stringify({ issuer, ready: true }));
