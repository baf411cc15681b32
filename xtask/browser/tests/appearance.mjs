// The pages of the demo in dark and light, wide and narrow.

import { after, before, test } from 'node:test'

import { audit } from '../support/audit.mjs'
import { NARROW, WIDE, inWindow, launch, picture } from '../support/browser.mjs'
import { startDemo } from '../support/programs.mjs'

let demo, browser

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launch()])
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

for (const colorScheme of ['light', 'dark']) {
  for (const [width, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    test(`every page can be read: ${colorScheme}, ${width}`, async () => {
      const look = async (page, name, heading) => {
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
        // With its style sheet.
        await page.waitForLoadState('load')
        await audit(page)
        await picture(page, `${name}-${colorScheme}-${width}`)
      }
      await inWindow(browser, (page) => walk(page, look), { colorScheme, viewport })
    })
  }
}

const START = 'OpenID Connect, step by step'
const DEVICE = 'A device without a browser'

/// Opens every page once.
async function walk(page, look) {
  await page.goto(demo.origin)
  await look(page, 'home', START)
  for (const name of ['PAR', 'JARM', 'DPoP']) await page.getByLabel(name).check()
  await page.getByRole('button', { name: 'Log in with OpenID Connect' }).click()
  await look(page, 'provider', 'Log in')
  await page.getByRole('button', { name: 'Continue as Alice Adams' }).click()
  await page.getByRole('heading', { name: 'Hello' }).waitFor()
  await unfold(page)
  await look(page, 'account', 'Hello, Alice Adams')
  await page.getByRole('link', { name: 'Go to the provider' }).click()
  await look(page, 'provider-home', 'Your session at the provider')
  await page.getByRole('button', { name: 'End the session' }).click()
  await look(page, 'provider-logged-out', 'Logged out')
  await page.getByRole('link', { name: 'Back to the application' }).click()
  await look(page, 'ended', START)
  await page.goto(`${demo.origin}/device`)
  await look(page, 'device', DEVICE)
  await page.getByRole('button', { name: 'Get a code' }).click()
  await page.locator('.user-code').waitFor()
  await look(page, 'device-waits', DEVICE)
  await page.goto(await page.locator('.screen a').getAttribute('href'))
  await look(page, 'provider-device', 'Connect a device')
  await page.goto(`${demo.origin}/attacks`)
  await look(page, 'attacks', 'Attack panel')
  await page.getByRole('button', { name: 'Try it Expired' }).click()
  await page.getByRole('button', { name: 'Continue as Alice Adams' }).click()
  await look(page, 'refused', 'Refused: Expired')
  await unfold(page)
  await look(page, 'refused-unfolded', 'Refused: Expired')
}

/// Opens everything that can be opened.
async function unfold(page) {
  const closed = page.locator('details:not([open]) > summary:visible')
  while (await closed.count()) await closed.first().click()
}
