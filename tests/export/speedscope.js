// SPDX-License-Identifier: MIT
// speedscope.js - opens FILE in speedscope in a Chromium without a window, and prints the title that it gives it:
// the file and its first profile. Needs speedscope and playwright-core of npm in NODE_PATH, and Debian's chromium.
const fs = require('fs'), path = require('path')
const { chromium } = require('playwright-core')
const page_of = path.join(path.dirname(require.resolve('speedscope/package.json')), 'dist/release/index.html')

async function main(file) {
    const script = path.resolve(file + '.js')
    fs.writeFileSync(script, `speedscope.loadFileFromBase64("x.json", "${fs.readFileSync(file).toString('base64')}")`)
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--allow-file-access-from-files', '--enable-unsafe-swiftshader'] })
    const page = await browser.newPage()
    const errors = []
    page.on('console', m => m.type() === 'error' || /did not|mismatch|tried to end/i.test(m.text()) ? errors.push(m.text()) : 0)
    page.on('pageerror', e => errors.push(String(e)))
    page.on('dialog', d => { errors.push(d.message()); d.dismiss() })
    await page.goto(`file://${page_of}#localProfilePath=${script}`)
    await page.waitForFunction(() => / - speedscope$/.test(document.title), null, { timeout: 60000 })
    console.log(await page.title())
    console.log(await page.evaluate(() => document.body.innerText))
    await browser.close()
    if (errors.length) {
        console.log(errors.slice(0, 5).join('\n'))
        process.exit(1)
    }
}

main(process.argv[2]).catch(e => { console.log(e); process.exit(1) })
