// The programs under test. Each ends with the test that started it.

import { spawn } from 'node:child_process'

/// Starts a program and waits until it prints where it serves.
export async function start(program, pattern) {
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const origin = await new Promise((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
      const found = pattern.exec(printed)
      if (found) resolve(found[1])
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${program} ended and printed: ${printed}`)))
  })
  return {
    origin,
    async stop() {
      child.kill()
      await ended
    },
  }
}

export const startDemo = () => start(process.env.DEMO, /^application {2}(\S+)$/m)

/// Starts an example of openid-client-axum.
export const startExample = (name) => start(process.env[name.toUpperCase()], /^open (\S+)$/m)
