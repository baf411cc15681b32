// Makes the client's key for private_key_jwt: `node client-key.mjs FOLDER` writes the private key to
// client-key.pem (PKCS#8) and the public one to client-jwks.json.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { clientKey } from './keys.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node client-key.mjs FOLDER');
  process.exit(2);
}
const { pem, jwks } = await clientKey();
await writeFile(join(folder, 'client-key.pem'), pem, { mode: 0o600 });
await writeFile(join(folder, 'client-jwks.json'), JSON.stringify(jwks));
