// Each attack of the panel is refused, and the page says so.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { inWindow, launch, picture } from '../support/browser.mjs'
import { startDemo } from '../support/programs.mjs'

/// The code of each refusal, and the step.
const EXPECTED = {
  'foreign-issuer': ['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'Discovery'],
  'weak-key': ['OAUTH_KEY_SELECTION_FAILED', 'Keys of the provider'],
  'public-secret': ['OAUTH_INVALID_RESPONSE', 'Code for tokens'],
  'mix-up': ['OAUTH_INVALID_RESPONSE', 'Back to the application'],
  'replayed-callback': ['none: the application refuses', 'The same callback again'],
  'other-browser': ['none: the application refuses', "The attacker's callback"],
  'two-codes': ['OAUTH_INVALID_RESPONSE', 'Back to the application'],
  'unsigned-response': ['OAUTH_INVALID_RESPONSE', 'Back to the application'],
  'forged-response': ['OAUTH_INVALID_RESPONSE', 'Back to the application'],
  'forged-signature': ['OAUTH_INVALID_RESPONSE', 'Code for tokens'],
  'alg-none': ['OAUTH_INVALID_RESPONSE', 'Code for tokens'],
  'key-confusion': ['OAUTH_INVALID_RESPONSE', 'Code for tokens'],
  'embedded-key': ['OAUTH_INVALID_RESPONSE', 'Code for tokens'],
  'wrong-issuer': ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'Code for tokens'],
  'wrong-audience': ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'Code for tokens'],
  'wrong-nonce': ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'Code for tokens'],
  expired: ['OAUTH_JWT_TIMESTAMP_CHECK_FAILED', 'Code for tokens'],
  'token-substitution': ['OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'Code for tokens'],
  redirect: ['OAUTH_RESPONSE_IS_NOT_CONFORM', 'Code for tokens'],
  oversize: ['OAUTH_RESPONSE_BODY_TOO_LARGE', 'Code for tokens'],
  bearer: ['OAUTH_UNSUPPORTED_OPERATION', 'Code for tokens'],
  'another-person': ['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'UserInfo'],
  'device-script': ['OAUTH_HTTP_REQUEST_FORBIDDEN', 'Codes for a device'],
  'forged-logout': ['OAUTH_INVALID_RESPONSE', 'Back-channel logout'],
}

/// Attacks on a session that exists. It goes on.
const KEEP_THE_SESSION = ['replayed-callback', 'forged-logout']

let demo, browser

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

test('the table names every attack of the panel', async () => {
  await inWindow(browser, async (page) => {
    await page.goto(`${demo.origin}/attacks`)
    const forms = await page.locator('form[action^="/attacks/"]').all()
    const actions = await Promise.all(forms.map((form) => form.getAttribute('action')))
    const ids = actions.map((action) => action.replace('/attacks/', ''))
    assert.deepEqual(ids, Object.keys(EXPECTED))
  })
})

for (const [id, [code, step]] of Object.entries(EXPECTED)) {
  test(`refused: ${id}`, async () => {
    await inWindow(browser, async (page) => {
      await page.goto(`${demo.origin}/attacks`)
      await page.locator(`form[action="/attacks/${id}"] button`).click()
      await page.waitForURL(/\/(authorize|result)/)
      if (page.url().includes('/authorize')) {
        await page.getByRole('button', { name: 'Continue as Alice Adams' }).click()
      }
      await page.waitForURL(`${demo.origin}/result`)
      assert.match(await page.getByRole('heading', { level: 1 }).textContent(), /^Refused: /)
      const verdict = page.getByRole('region', { name: 'Verdict' })
      const shown = await verdict.locator('.error-code').textContent()
      assert.ok(shown === code || shown.startsWith(`${code} `), shown)
      assert.match(await verdict.textContent(), /Refusedthe .*Rule.*Message.+/s)
      const line = await verdict.textContent()
      const isPlayedByTheProvider = code.startsWith('OAUTH_')
      assert.equal(/In a testprovider\.\w+\(\w+::\w+\)/.test(line), isPlayedByTheProvider)
      const rule = verdict.getByRole('link', { name: '(opens a new tab)' })
      assert.match(await rule.getAttribute('href'), /^https:\/\/.+#.+/)
      const refused = page.locator('.step.refused')
      assert.deepEqual(await refused.locator('h3').allTextContents(), [step])
      assert.notEqual(await refused.locator('pre.code').textContent(), '')
      if (id === 'mix-up') {
        // For docs/demo.png.
        await page.setViewportSize({ width: 1120, height: 900 })
        await picture(page, 'mix-up')
      }
      // Only attacks after a login leave somebody logged in.
      await page.goto(demo.origin)
      const isLoggedIn = (await page.getByRole('button', { name: 'Log out' }).count()) === 1
      assert.equal(isLoggedIn, KEEP_THE_SESSION.includes(id))
    })
  })
}

test('an attack that is over leaves nothing behind', async () => {
  await inWindow(browser, async (page) => {
    await page.goto(demo.origin)
    await page.getByRole('button', { name: 'Log in with OpenID Connect' }).click()
    await page.getByRole('button', { name: 'Continue as Alice Adams' }).click()
    await page.getByRole('heading', { name: 'Hello, Alice Adams' }).waitFor()
  })
})
