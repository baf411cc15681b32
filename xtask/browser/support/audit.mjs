// What every page must have, for all who read it.

import assert from 'node:assert/strict'

/// Fails if the page lacks a landmark, a label or a heading, is hard to read, or is too wide.
export async function audit(page) {
  const faults = await page.evaluate(inspect)
  assert.deepEqual(faults, [], page.url())
}

/// Runs in the page.
function inspect() {
  const faults = []
  const all = (selector) => [...document.querySelectorAll(selector)]
  const expectOne = (selector) => {
    const found = all(selector).length
    if (found !== 1) faults.push(`${found} times ${selector}`)
  }
  for (const selector of ['h1', 'main', 'body > header', 'html[lang]', 'a.skip[href="#main"]']) {
    expectOne(selector)
  }
  if (!document.title) faults.push('no title')

  let level = 0
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1])
    if (next > level + 1) faults.push(`after h${level} comes h${next}: ${heading.textContent}`)
    level = next
  }

  const ids = all('[id]').map((element) => element.id)
  if (new Set(ids).size !== ids.length) faults.push('an id occurs twice')
  for (const element of all('input:not([type=hidden])')) {
    if (!element.labels?.[0]?.textContent.trim()) faults.push(`no label: ${element.name}`)
  }
  for (const element of all('button, a, summary')) {
    if (!element.textContent.trim()) faults.push(`no text: ${element.outerHTML}`)
  }
  for (const element of all('img:not([alt])')) faults.push(`no alt: ${element.outerHTML}`)
  for (const element of all('svg:not([aria-hidden])')) faults.push(`not hidden: ${element.outerHTML}`)
  for (const element of all('pre, .scroll')) {
    const isReachable = element.tabIndex === 0 && element.ariaLabel
    if (!isReachable) faults.push(`not reachable by keyboard: ${element.className}`)
  }
  for (const element of all('button, .button')) {
    if (element.getBoundingClientRect().height < 24) faults.push(`too small: ${element.textContent}`)
  }
  const excess = document.documentElement.scrollWidth - window.innerWidth
  if (excess > 0) faults.push(`${excess} pixels too wide`)

  // WCAG 2.2 section 1.4.3: 4.5 to 1 for text.
  const channel = (value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  const numbers = (color) => color.match(/[\d.]+/g).map(Number)
  const luminance = ([red, green, blue]) =>
    0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
  const background = (element) => {
    for (let place = element; place; place = place.parentElement) {
      const color = numbers(getComputedStyle(place).backgroundColor)
      if (color[3] !== 0) return color
    }
    return [255, 255, 255]
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (words.nextNode()) {
    const element = words.currentNode.parentElement
    if (!words.currentNode.data.trim() || element.closest('style, .hidden')) continue
    const [one, other] = [numbers(getComputedStyle(element).color), background(element)].map(luminance)
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${words.currentNode.data.trim()}`)
  }
  return faults
}
