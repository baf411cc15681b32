// A person without a mouse.

import assert from 'node:assert/strict'

/// Presses Tab until an element has the focus. Each one on the way shows that it has it.
export async function tabTo(page, text) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab')
    if (text.test(await focused(page))) return
  }
  assert.fail(`Tab does not lead to ${text}`)
}

/// The label of the element that has the focus.
export async function focused(page) {
  const [text, outline] = await page.evaluate(() => {
    const element = document.activeElement
    const label = element.labels?.[0] ?? element
    return [label.textContent.trim(), getComputedStyle(element).outlineStyle]
  })
  assert.notEqual(outline, 'none', `the focus of ${text} is invisible`)
  return text
}
