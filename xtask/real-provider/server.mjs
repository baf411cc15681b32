// oidc-provider on loopback HTTPS, for the tests of openid-client.
//
//   node server.mjs --cert FILE --key FILE --client-ca FILE
//
// When it accepts connections it prints one line of JSON on standard output: its issuers, and
// "ready": true. It ends when its standard input ends, so it cannot outlive the program that started it.
//
// `issuer` requires a nonce in each DPoP proof. The issuer with /without-nonces at its end does not.
// `insecure_issuer` is reached without TLS. A third port asks for client certificates; the metadata
// contains its address.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';

import Provider from 'oidc-provider';

import { backchannelAnswers } from './backchannel.mjs';
import { configuration, shortIntervals } from './configuration.mjs';
import { interactions } from './interactions.mjs';
import { providerKeys } from './keys.mjs';
import { registerTokenExchange } from './token-exchange.mjs';

const OPTIONS = ['cert', 'key', 'client-ca'];
const WITHOUT_NONCES = '/without-nonces';

// Standard output is only for the ready line. The library's notices go to the same output as its
// warnings.
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

const [cert, key, ca] = await Promise.all(OPTIONS.map((name) => readFile(values[name])));
const servers = [
  https.createServer({ cert, key }),
  https.createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }),
  http.createServer(),
];
for (const server of servers) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

// An issuer contains its port, which is known only now.
const [secure, certified, insecure] = servers;
const address = (server) => `127.0.0.1:${server.address().port}`;
const issuer = `https://${address(secure)}`;
const insecureIssuer = `http://${address(insecure)}`;
const aliases = `https://${address(certified)}`;
const jwks = await providerKeys();
const withNonces = provider(issuer, { aliases, dpopNonce: true });
const withoutNonces = provider(issuer + WITHOUT_NONCES, {
  aliases: aliases + WITHOUT_NONCES,
  dpopNonce: false,
});

insecure.on('request', provider(insecureIssuer, { aliases, dpopNonce: true }));
for (const server of [secure, certified]) {
  server.on('request', (request, response) => {
    const path = mounted(request.url);
    if (path === undefined) {
      withNonces(request, response);
    } else {
      request.originalUrl = WITHOUT_NONCES + path;
      request.url = path;
      withoutNonces(request, response);
    }
  });
}
console.log(JSON.stringify({ issuer, insecure_issuer: insecureIssuer, ready: true }));

function provider(identifier, { aliases, dpopNonce }) {
  const made = new Provider(identifier, configuration({ jwks, aliases, dpopNonce }));
  registerTokenExchange(made);
  made.use(interactions(made));
  made.use(backchannelAnswers(made));
  made.use(shortIntervals);
  made.on('server_error', (_ctx, error) => console.error(error));
  return made.callback();
}

// The path below the second issuer. The path of its OAuth metadata precedes it (RFC 8414 section 3.1).
function mounted(url) {
  if (url.startsWith(`${WITHOUT_NONCES}/`)) {
    return url.slice(WITHOUT_NONCES.length);
  }
  return url.startsWith('/.well-known/') && url.endsWith(WITHOUT_NONCES)
    ? url.slice(0, -WITHOUT_NONCES.length)
    : undefined;
}
