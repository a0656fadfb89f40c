// SPDX-License-Identifier: MIT
// flame.js - opens pages of --format flame in a Chromium without a window. Needs playwright-core of npm in NODE_PATH, and
// Debian's chromium.
//
//     flame.js NAME...    NAME.html, and NAME.folded: the same as folded stacks
//
// Prints what is wrong, a line each, and at the end how much was compared.
const fs = require('fs'), path = require('path'), { check, open, run } = require('./browser.js')

// Boxes as they are drawn: from the left, how wide, in which row, with which text.
const drawn = page => page.$$eval('#flame p', all => all.filter(p => !p.hidden).map(p => {
    const r = p.getBoundingClientRect(), around = p.parentNode.getBoundingClientRect()
    return [r.left - around.left, r.width, Math.round((r.top - around.top) / r.height), p.textContent, around.width]
}))

// How much each path has with all below it, of folded stacks.
function totals(folded) {
    const all = new Map()
    let sum = 0
    for (const line of folded.split('\n').filter(l => l)) {
        const at = line.lastIndexOf(' '), n = Number(line.slice(at + 1)), names = line.slice(0, at).split(';')
        sum += n
        names.forEach((_, i) => {
            const key = names.slice(0, i + 1).join(';')
            all.set(key, (all.get(key) || 0) + n)
        })
    }
    return { all, sum }
}

// A box is as wide as its path's part of all, to a pixel.
function widths(name, boxes, { all, sum }) {
    check(boxes.length === all.size + 1, name, boxes.length, 'boxes, not', all.size + 1)
    for (const b of boxes.slice(1).filter(b => b[1] > 0.1)) {
        const names = [b[3]]
        for (let row = b[2] - 1; row > 0; row--) {
            const middle = b[0] + b[1] / 2
            names.unshift(boxes.find(o => o[2] === row && o[0] <= middle && middle <= o[0] + o[1])[3])
        }
        const n = all.get(names.map(s => s.replace(/;/g, ',')).join(';'))
        check(Math.abs(b[1] - n / sum * b[4]) < 1, name, names, 'is', b[1], 'wide, of', n)
    }
}

async function main(browser, names) {
    for (const name of names) {
        const file = path.resolve(name + '.html'), want = totals(fs.readFileSync(name + '.folded', 'utf8'))
        const plain = await open(browser, file, { javaScriptEnabled: false })
        widths(name + ' without scripts', await drawn(plain), want)
        await plain.close()
        const page = await open(browser, file)
        check(await page.evaluate(() => document.documentElement.dataset.ready) === 'yes', name, 'the script has not run')
        check(await page.evaluate(() => window.pwned) === undefined, name, 'a name has run')
        const boxes = await drawn(page)
        widths(name, boxes, want)
        // A click: the box is as wide as the page, and so is what it is in.
        const inner = boxes.findIndex(b => b[2] === 2 && b[1] > 8)
        check(inner > 0, name, 'no box to click on')
        await page.locator('#flame p').nth(inner).click()
        const zoomed = await drawn(page), box = zoomed.find(b => b[2] === 2)
        check(zoomed.length < boxes.length || boxes[inner][1] > 1279, name, 'nothing is hidden')
        check(box[3] === boxes[inner][3] && Math.abs(box[1] - box[4]) < 1, name, 'not as wide as the page', box)
        check((await page.textContent('#said')).startsWith(box[3] + ': '), name, 'its numbers are not said')
        await page.keyboard.press('Escape')
        const again = await drawn(page)
        check(again.length === boxes.length && again.every((b, i) => Math.abs(b[0] - boxes[i][0]) < 0.1 && Math.abs(b[1] - boxes[i][1]) < 0.1),
            name, 'Escape does not show all')
        // A search: what is in boxes of that name, each once.
        const word = boxes[inner][3]
        await page.fill('#text', word)
        const hits = boxes.slice(1).filter(b => b[3].toLowerCase().includes(word.toLowerCase()))
        check(await page.locator('.hit').count() === hits.length, name, 'hits')
        const outer = hits.filter(h => !hits.some(o => o[2] < h[2] && o[0] - 0.01 <= h[0] && h[0] + h[1] <= o[0] + o[1] + 0.01))
        const part = Number(/, ([0-9.]+) %/.exec(await page.textContent('#found'))[1])
        check(Math.abs(part - outer.reduce((s, h) => s + h[1], 0) / boxes[0][1] * 100) < 0.5, name, 'found', part)
        await page.close()
    }
}

run(browser => main(browser, process.argv.slice(2)))
