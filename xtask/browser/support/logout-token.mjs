// A logout token of the test provider (OpenID Connect Back-Channel Logout 1.0 section 2.4), whose
// private keys are published with its source.

import { createSign, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function logoutToken(issuer, { clientId, subject }) {
  const { keys } = await (await fetch(`${issuer}/jwks`)).json()
  const { kid } = keys.find((key) => key.alg === 'RS256')
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'RS256', kid, typ: 'logout+jwt' }
  const claims = {
    iss: issuer,
    aud: clientId,
    sub: subject,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const input = `${encoded(header)}.${encoded(claims)}`
  const key = readFileSync(process.env.PROVIDER_KEY)
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key, 'base64url')}`
}
