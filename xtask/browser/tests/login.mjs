// Logins and logouts at the demo.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { inWindow, launch } from '../support/browser.mjs'
import { focused, tabTo } from '../support/keyboard.mjs'
import { startDemo } from '../support/programs.mjs'

let demo, browser

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

/// Waits for the page with this heading.
const titled = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

/// Waits for the page that says this.
const says = (page, text) => page.getByRole('status').getByText(text).waitFor()

async function logIn(page, person = 'Alice Adams') {
  await page.goto(demo.origin)
  await page.getByRole('button', { name: 'Log in with OpenID Connect' }).click()
  await choose(page, person)
}

async function choose(page, person) {
  await page.getByRole('button', { name: `Continue as ${person}` }).click()
  await page.waitForURL(`${demo.origin}/**`)
}

test('a person logs in and out', async () => {
  await inWindow(browser, async (page) => {
    await logIn(page)
    await titled(page, 'Hello, Alice Adams')
    await says(page, 'You are logged in.')
    await page.getByRole('button', { name: 'Refresh the tokens' }).click()
    await page.getByRole('row', { name: 'refreshed 1 times' }).waitFor()
    const refresh = await page.locator('.step', { hasText: 'Refresh' }).last().textContent()
    assert.match(refresh, /grant_type=refresh_token/)
    assert.match(refresh, /client\.refresh_token_grant\(tokens\)\.await\?/)
    await page.getByRole('button', { name: 'Log out' }).click()
    await says(page, 'You are not logged in.')
    assert.equal(page.url(), `${demo.origin}/`)
  })
})

test('no page needs a script', async () => {
  await inWindow(
    browser,
    async (page) => {
      await logIn(page, 'Bob Brown')
      await titled(page, 'Hello, Bob Brown')
      await page.getByRole('button', { name: 'Log out' }).click()
      await says(page, 'You are not logged in.')
    },
    { javaScriptEnabled: false },
  )
})

test('each step shows its exchange and its lines of code', async () => {
  await inWindow(browser, async (page) => {
    await page.goto(demo.origin)
    for (const name of ['PAR', 'JARM', 'DPoP']) await page.getByLabel(name).check()
    await page.getByRole('button', { name: 'Log in with OpenID Connect' }).click()
    await choose(page, 'Alice Adams')
    await says(page, 'You are logged in with PAR, JARM, DPoP.')
    const titles = await page.locator('.step h3').allTextContents()
    assert.deepEqual(titles, [
      'Discovery',
      'Pushed authorization request',
      'To the provider',
      'Back to the application',
      'Keys of the provider',
      'Code for tokens',
      'UserInfo',
    ])
    const code = (await page.locator('pre.code').allTextContents()).join('\n')
    for (const line of [
      'Client::discover(&self.issuer, client_id)',
      'request = request.pushed();',
      'client.authorization_code_grant(pending, callback).await?',
      'client.fetch_user_info(&tokens).await',
    ]) {
      assert.ok(code.includes(line), line)
    }
    const tokens = await page.locator('.step', { hasText: 'Code for tokens' }).textContent()
    assert.match(tokens, /POST \/token/)
    assert.match(tokens, /code_verifier=●+ \(43 characters\)/)
    assert.match(tokens, /"access_token": "●+ \(\d+ characters\)"/)
    assert.match(tokens, /"htu": "http:\/\/127\.0\.0\.1:\d+\/token"/)
  })
})

test('two tabs log in at the same time', async () => {
  await inWindow(browser, async (first, context) => {
    const second = await context.newPage()
    for (const page of [first, second]) {
      await page.goto(demo.origin)
      await page.getByRole('button', { name: 'Log in with OpenID Connect' }).click()
    }
    await choose(second, 'Bob Brown')
    await titled(second, 'Hello, Bob Brown')
    await choose(first, 'Alice Adams')
    await titled(first, 'Hello, Alice Adams')
    // The last login of the browser counts.
    await second.reload()
    await titled(second, 'Hello, Alice Adams')
  })
})

test('the back button repeats no login and shows no page of a session that is over', async () => {
  await inWindow(browser, async (page) => {
    await logIn(page)
    await page.goBack()
    await choose(page, 'Bob Brown')
    await titled(page, 'That did not work')
    assert.match(await page.locator('.verdict').textContent(), /no login under way/)
    await page.goto(demo.origin)
    await titled(page, 'Hello, Alice Adams')
    await page.getByRole('button', { name: 'Log out' }).click()
    await says(page, 'You are not logged in.')
    await page.goBack()
    await says(page, 'You are not logged in.')
  })
})

test('the provider ends the session by back-channel logout', async () => {
  await inWindow(browser, async (page, context) => {
    await logIn(page)
    const provider = await context.newPage()
    const link = page.getByRole('link', { name: 'Go to the provider' })
    await provider.goto(await link.getAttribute('href'))
    await provider.getByRole('button', { name: 'End the session' }).click()
    await says(provider, /which answered 200/)
    await page.reload()
    await says(page, /the provider has ended your session/)
    const step = await page.locator('.step').textContent()
    assert.match(step, /POST \/backchannel-logout/)
    assert.match(step, /logout_token=●+/)
    assert.match(step, /client\.verify_logout_token\(body\)\.await/)
  })
})

for (const [answer, expected] of [
  ['Yes, this is my device', 'Hello, Alice Adams'],
  ['No', 'That did not work'],
]) {
  test(`a device gets the answer: ${answer}`, async () => {
    await inWindow(browser, async (page, context) => {
      await page.goto(demo.origin)
      await page.getByRole('button', { name: 'Get a code' }).click()
      const code = await page.locator('.user-code').textContent()
      const phone = await context.newPage()
      await phone.goto(await page.locator('.screen a').getAttribute('href'))
      assert.equal(await phone.getByLabel('Code').inputValue(), code)
      await phone.getByRole('button', { name: answer }).click()
      await phone.getByRole('status').waitFor()
      // The page of the device loads itself again.
      await page.getByRole('heading', { level: 1, name: expected }).waitFor()
      const steps = await page.locator('.steps').textContent()
      assert.match(steps, /client\.initiate_device_authorization\(\)/)
      assert.match(steps, /client\.poll_device_authorization_grant\(device\)\.await\?/)
    })
  })
}

test('the keyboard alone is enough', async () => {
  await inWindow(browser, async (page) => {
    await page.goto(demo.origin)
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to content')
    await page.keyboard.press('Enter')
    await tabTo(page, /^PAR/)
    await page.keyboard.press('Space')
    await tabTo(page, /^Log in with OpenID Connect/)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/authorize/)
    await tabTo(page, /^Continue as Alice/)
    await page.keyboard.press('Enter')
    await says(page, 'You are logged in with PAR.')
    await tabTo(page, /^Log out/)
    await page.keyboard.press('Enter')
    await says(page, 'You are not logged in.')
  })
})
