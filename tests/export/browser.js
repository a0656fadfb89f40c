// SPDX-License-Identifier: MIT
// browser.js - pages in a Chromium without a window, and what is wrong with them. Needs playwright-core of npm in
// NODE_PATH, and Debian's chromium.
const { chromium } = require('playwright-core')

let wrong = 0, compared = 0

function check(good, ...what) {
    compared++
    if (good)
        return
    wrong++
    console.log(...what.map(w => typeof w === 'string' ? w : JSON.stringify(w)))
}

async function open(browser, file, options) {
    const page = await browser.newPage(Object.assign({ viewport: { width: 1280, height: 800 } }, options))
    page.on('console', m => check(false, file, 'console', m.text()))
    page.on('pageerror', e => check(false, file, 'error', String(e.stack)))
    page.on('dialog', d => { check(false, file, 'a dialog', d.message()); d.dismiss() })
    page.on('request', r => check(r.url() === 'file://' + file, file, 'asks for', r.url()))
    await page.goto('file://' + file)
    return page
}

// Prints what is wrong, a line each, and at the end how much was compared.
function run(main) {
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }).then(async browser => {
        await main(browser)
        await browser.close()
        console.log('compared', compared)
        process.exit(wrong ? 1 : 0)
    }).catch(e => { console.log(e); process.exit(1) })
}

module.exports = { check, open, run }
