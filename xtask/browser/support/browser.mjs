// Chromium, and windows whose errors fail the test.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

/// Chromium cannot use its sandbox as root. The pages come from this machine alone.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: sandbox, timeout: 30_000 })

/// Opens a window with its own cookies, and runs a test in it. Errors of scripts, of the policy and
/// of requests fail the test, except those about a URL that `ignored` matches.
export async function inWindow(browser, test, { ignored = /^$/, ...options } = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options })
  context.setDefaultTimeout(20_000)
  const errors = []
  context.on('console', (message) => {
    if (message.type() === 'error' && !ignored.test(message.location().url)) {
      errors.push(`${message.location().url}: ${message.text()}`)
    }
  })
  context.on('weberror', (error) => errors.push(String(error.error())))
  try {
    await test(await context.newPage(), context)
    assert.deepEqual(errors, [], 'the browser reported errors')
  } finally {
    await context.close()
  }
}

/// Keeps a picture of the window for people.
export async function picture(page, name) {
  const folder = process.env.PICTURES
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

export const WIDE = { width: 1280, height: 900 }
export const NARROW = { width: 360, height: 740 }
