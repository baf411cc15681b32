// Exchanges tokens with the crate `jose`: opens what it made, and makes the same for it to open.
//
// Reads one JSON text from standard input, an array of cases, and writes one to standard output, an
// array of answers in the same order. A case has the private and the public key as JWK, the
// algorithms, the payload and the other side's token; an answer has what was in that token and a
// new token, or the reason why this version of Node does not support the algorithm.

import * as jose from 'jose';

const text = await new Response(process.stdin).text();
const answers = [];
for (const exchange of JSON.parse(text)) {
  answers.push(await answer(exchange));
}
process.stdout.write(JSON.stringify(answers));

async function answer({ alg, enc, private: own, public: other, payload, token }) {
  let privateKey;
  let publicKey;
  try {
    const keyAlgorithm = alg === 'dir' ? enc : alg;
    privateKey = await jose.importJWK(own, keyAlgorithm);
    publicKey = await jose.importJWK(other, keyAlgorithm);
  } catch (error) {
    if (error instanceof jose.errors.JOSENotSupported || error.name === 'NotSupportedError') {
      return { unsupported: String(error) };
    }
    throw error;
  }
  const bytes = new TextEncoder().encode(payload);
  if (enc === undefined) {
    const opened = await jose.compactVerify(token, publicKey, { algorithms: [alg] });
    const made = await new jose.CompactSign(bytes)
      .setProtectedHeader({ alg, kid: 'interchange' })
      .sign(privateKey);
    return { opened: new TextDecoder().decode(opened.payload), token: made };
  }
  const opened = await jose.compactDecrypt(token, privateKey, {
    keyManagementAlgorithms: [alg],
    contentEncryptionAlgorithms: [enc],
  });
  const encryption = new jose.CompactEncrypt(bytes).setProtectedHeader({ alg, enc, kid: 'interchange' });
  if (alg.startsWith('ECDH-ES')) {
    encryption.setKeyManagementParameters({
      apu: new TextEncoder().encode('Alice'),
      apv: new TextEncoder().encode('Bob'),
    });
  }
  return { opened: new TextDecoder().decode(opened.plaintext), token: await encryption.encrypt(publicKey) };
}
