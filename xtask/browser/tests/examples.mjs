// The examples of openid-client-axum: with axum, and with hyper alone. Both serve the same pages.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { inWindow, launch } from '../support/browser.mjs'
import { tabTo } from '../support/keyboard.mjs'
import { logoutToken } from '../support/logout-token.mjs'
import { startExample } from '../support/programs.mjs'

for (const name of ['axum', 'hyper']) describe(name, () => {
  let app, browser

  before(async () => {
    ;[app, browser] = await Promise.all([startExample(name), launch()])
  })

  after(async () => {
    await browser?.close()
    await app?.stop()
  })

  /// The example has no icon.
  const inOwnWindow = (act) => inWindow(browser, act, { ignored: /\/favicon\.ico$/ })

  const text = (page) => page.locator('body').innerText()

  /// Opens the protected page, which leads to the provider. Returns the origin of the provider.
  async function begin(page) {
    await page.goto(`${app.origin}/me`)
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    return new URL(page.url()).origin
  }

  async function choose(page, person) {
    await page.getByRole('button', { name: `Continue as ${person}` }).click()
    await page.waitForURL(`${app.origin}/**`)
  }

  async function logOut(page) {
    await page.goto(`${app.origin}/auth/logout`)
    await page.getByRole('button').click()
    await page.waitForURL(`${app.origin}/`)
  }

  test('a person logs in and out', async () => {
    await inOwnWindow(async (page) => {
      await begin(page)
      await choose(page, 'Alice Adams')
      assert.equal(page.url(), `${app.origin}/me`)
      assert.equal(await text(page), 'hello alice')
      await logOut(page)
      await begin(page)
    })
  })

  test('the keyboard alone is enough', async () => {
    await inOwnWindow(async (page) => {
      await begin(page)
      await tabTo(page, /^Continue as Bob/)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${app.origin}/me`)
      assert.equal(await text(page), 'hello bob')
      await page.goto(`${app.origin}/auth/logout`)
      await tabTo(page, /log out/i)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${app.origin}/`)
      await begin(page)
    })
  })

  test('two tabs log in at the same time', async () => {
    await inOwnWindow(async (first, context) => {
      const second = await context.newPage()
      await begin(first)
      await begin(second)
      await choose(second, 'Bob Brown')
      assert.equal(await text(second), 'hello bob')
      await choose(first, 'Alice Adams')
      assert.equal(await text(first), 'hello alice')
      await second.reload()
      assert.equal(await text(second), 'hello alice')
    })
  })

  test('the back button repeats no login and shows no page of a session that is over', async () => {
    await inWindow(
      browser,
      async (page) => {
        await begin(page)
        await choose(page, 'Alice Adams')
        await page.goBack()
        await page.getByRole('heading', { name: 'Log in' }).waitFor()
        await choose(page, 'Bob Brown')
        assert.match(page.url(), /\/auth\/callback/)
        await page.goto(`${app.origin}/me`)
        assert.equal(await text(page), 'hello alice')
        await logOut(page)
        await page.goto(`${app.origin}/me`)
        await page.getByRole('heading', { name: 'Log in' }).waitFor()
      },
      // The refused callback has the status of an error.
      { ignored: /\/favicon\.ico$|\/auth\/callback/ },
    )
  })

  test('the provider ends the session by back-channel logout', async () => {
    await inOwnWindow(async (page) => {
      const issuer = await begin(page)
      await choose(page, 'Alice Adams')
      const token = await logoutToken(issuer, { clientId: 'my-app', subject: 'alice' })
      const send = (logout_token) =>
        fetch(`${app.origin}/auth/backchannel-logout/example`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token }),
        })
      // A token that is not the provider's ends nothing.
      const [header, claims, signature] = token.split('.')
      const forged = `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
      assert.equal((await send(forged)).status, 400)
      await page.reload()
      assert.equal(await text(page), 'hello alice')
      assert.equal((await send(token)).status, 200)
      await begin(page)
    })
  })
})
