// SPDX-License-Identifier: MIT
// html.js - opens pages of --format html in a Chromium without a window. Needs playwright-core of npm in NODE_PATH,
// and Debian's chromium.
//
//     html.js FOLDER    FOLDER has NAME.html, NAME.json (records and losses, 64 bits as texts), and cases.json:
//                       [{dump, filter, code, records: [[time, cpu, event], ...], problem: "text at column N"}]
//
// Prints what is wrong, a line each, and at the end how much was compared.
const fs = require('fs'), path = require('path'), { check, open, run } = require('./browser.js')

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

async function openReady(browser, file, options) {
    const page = await open(browser, file, options)
    await page.waitForFunction(() => document.documentElement.dataset.ready === 'yes', null, { timeout: 60000 })
    return page
}

// Each record with its fields, as the list and the inspector show them.
async function records(page, name, want) {
    const got = await page.evaluate(() => Array.from({ length: data.n }, (_, item) => {
        const event = data.event[item], r = { time_ns: String(exactTime(item)), cpu: data.cpu[item] }
        if (event === LOSS)
            return Object.assign(r, { lost: lossOf(item).known ? String(lossOf(item).count) : 'null', cause: lossOf(item).cause })
        if (data.kind[item] & HAS_CONTEXT)
            Object.assign(r, { pid: data.task[item], comm: data.strings[data.name[item]], flags: contextText(item) })
        if (event === UNKNOWN)
            return Object.assign(r, { text: itemLine(item)[1] })
        const { block, event: of, places } = fieldPlaces(item)
        return Object.assign(r, { event: of.full, fields: of.fields.map((f, i) => [f.name, fieldText(f, block, places[i])]) })
    }))
    const text = v => Array.isArray(v) ? '{' + v.map(text).join(',') + '}' : String(v)
    const wanted = want.map(w => {
        const r = { time_ns: String(w.time_ns), cpu: w.cpu }
        if ('cause' in w)
            return Object.assign(r, { lost: String(w.lost), cause: w.cause })
        if ('common_pid' in w)
            Object.assign(r, { pid: w.common_pid, comm: w.common_comm, flags: w.flags })
        if ('raw' in w)
            return Object.assign(r, { text: `id=${w.id} raw=${w.raw}` })
        return Object.assign(r, { event: w.sys + ':' + w.event, fields: Object.entries(w.fields).map(([k, v]) => [k, text(v)]) })
    })
    check(got.length === wanted.length, name, got.length, 'records, not', wanted.length)
    for (let i = 0; i < wanted.length; i++)
        check(same(got[i], wanted[i]), name, 'record', i, got[i], 'not', wanted[i])
}

async function filters(page, name, cases) {
    const got = await page.evaluate(texts => texts.map(text => {
        const filter = compileFilter(text), passing = []
        if (filter.problem)
            return filter.problem.message + ' at column ' + (filter.problem.column + 1)
        for (let item = 0; item < data.n; item++)
            if (filter.passes(item))
                passing.push([String(exactTime(item)), data.cpu[item], data.events[data.event[item]].full])
        return passing
    }), cases.map(c => c.filter))
    cases.forEach((c, i) => {
        const want = c.problem || c.records
        check(same(got[i], want), name, 'filter', c.filter, 'gives', typeof got[i] === 'string' ? got[i] : got[i].length,
            'not', typeof want === 'string' ? want : want.length)
    })
}

// After what was done is drawn.
const state = page => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => ({ from: view.from, to: view.to, selected: view.selected, first: list.first, scroll: view.scroll })))

// Keys, mouse, list, and what they do to each other.
async function use(page) {
    const all = await state(page), lanes = page.locator('#lanes'), box = await lanes.boundingBox()
    await lanes.focus()
    await page.keyboard.press('+')
    let now = await state(page)
    check(now.to - now.from < 0.7 * (all.to - all.from), 'plus does not zoom', now)
    await page.keyboard.press('ArrowRight')
    check((await state(page)).from > now.from, 'an arrow does not move')
    await page.keyboard.press('0')
    check(same(await state(page), all), '0 does not show all')
    await page.keyboard.press('n')
    await page.keyboard.press('n')
    now = await state(page)
    check(now.selected === 1, 'n does not select', now)
    check(await page.locator('#inspector h2').textContent() === await page.evaluate(() => itemLine(1)[0]), 'the inspector has another')
    check(await page.locator('.row[aria-selected="true"]').getAttribute('data-item') === '1', 'the list has another')
    await page.keyboard.press('l')
    now = await state(page)
    check(await page.evaluate(() => data.event[view.selected] === LOSS), 'l finds no loss', now)
    check((await page.locator('#inspector').textContent()).includes('cause'), 'no cause')
    await page.mouse.move(box.x + box.width / 2, box.y + 60)
    await page.mouse.wheel(0, -400)
    await page.waitForTimeout(100)
    check((await state(page)).to - (await state(page)).from < 0.6 * (all.to - all.from), 'a wheel does not zoom')
    now = await state(page)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 120, box.y + 60, { steps: 4 })
    await page.mouse.up()
    check((await state(page)).from < now.from, 'dragging does not move')
    await page.locator('#list').focus()
    await page.keyboard.press('End')
    check((await state(page)).selected === await page.evaluate(() => data.n - 1), 'End is not the last record')
    now = await state(page)
    check(await page.evaluate(() => data.time[view.selected] <= view.to), 'the view does not follow the list')
}

// Does it come to that? What a filter finds is there after as many frames as it takes.
const comes = (page, test) => page.waitForFunction(test).then(() => true, () => false)

async function search(page) {
    await page.keyboard.press('/')
    await page.keyboard.type('pid == 4')
    await page.keyboard.press('Enter')
    check(await comes(page, () => scene.shown !== null && view.selected >= 0 && scene.matches > 0 && /pid=4 /.test(itemLine(view.selected)[1] + ' ')),
        'the filter selects', await state(page))
    check(await comes(page, () => document.getElementById('count').textContent.startsWith(String(scene.matches))), 'the count says something else')
    check(await page.evaluate(() => trace.losses.every(item => scene.shown.includes(item))), 'a filter hides losses')
    await page.fill('#filter', 'pid = 4')
    await page.waitForSelector('#problem:not([hidden])')
    check((await page.locator('#problem').textContent()).includes('use =='), 'no message')
    await page.fill('#filter', '/QUEUE=2')
    check(await comes(page, () => scene.matches > 0 && [...scene.shown || [0]].every(i => data.event[i] === LOSS || /queue=2/.test(itemLine(i)[1]))), 'a text is not found')
    await page.fill('#filter', '')
    await page.fill('#only', 'irq:*, wake*')
    check(await comes(page, () => scene.matches > 0 && [...scene.shown || [0]].every(i => data.event[i] === LOSS || /^irq:|:wakeup$/.test(itemLine(i)[0]))), 'events are not chosen')
    await page.fill('#only', '')
    check(await comes(page, () => scene.shown === null), 'not all is shown again')
}

// How long tasks ran and waited, as tpdecode --tasks has it.
async function tasks(page, want) {
    const got = await page.evaluate(() => trace.tasks.filter(t => t.runs || t.waited)
        .map(t => [t.pid, t.ran, t.runs, t.waited, t.wakes, t.longest]).sort((a, b) => a[0] - b[0]))
    check(want.length > 10 && same(got, want), 'tasks', got.filter((t, i) => !same(t, want[i])), 'not', want.filter((t, i) => !same(t, got[i])))
}

// What is said to those who do not see the canvas, and on paper.
async function tables(page) {
    for (const [tab, word] of [['tabSummary', 'Losses'], ['tabLatency', 'half'], ['tabView', 'CPUs in view'], ['tabRecords', 'fields']]) {
        await page.click('#' + tab)
        const panel = await page.getAttribute('#' + tab, 'aria-controls')
        check((await page.locator('#' + panel).innerText()).includes(word), tab, 'has no', word)
    }
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, input, select, canvas, [tabindex]')]
        .filter(e => !e.getAttribute('aria-label') && !e.textContent.trim() && e.getAttribute('aria-hidden') !== 'true').map(e => e.id))
    check(same(unnamed, []), 'without a name:', unnamed)
    await page.emulateMedia({ media: 'print' })
    check(await page.isVisible('#summary') && !await page.isVisible('#list'), 'what is printed is not the summary')
    await page.emulateMedia({ media: 'screen' })
}

// Colours of the canvas: of lanes, of a loss, and dark.
async function picture(browser, file) {
    for (const colorScheme of ['light', 'dark']) {
        const page = await openReady(browser, file, { colorScheme, viewport: { width: 400, height: 800 } })
        const seen = await page.evaluate(() => {
            const canvas = document.getElementById('lanes'), pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
            const colors = new Map()
            for (let i = 0; i < pixels.length; i += 4) {
                const color = '#' + [0, 1, 2].map(k => pixels[i + k].toString(16).padStart(2, '0')).join('')
                colors.set(color, (colors.get(color) || 0) + 1)
            }
            return { back: colors.get(theme.css.back), running: colors.get(STATE_COLORS[theme.name][1]), bad: colors.get(theme.css.bad), name: theme.name,
                wide: document.documentElement.scrollWidth }
        })
        check(seen.name === colorScheme && seen.back > 1000 && seen.running > 100 && seen.bad > 10, 'canvas', seen)
        check(seen.wide <= 400, 'the page is wider than a telephone:', seen.wide)
        await page.close()
    }
}

async function main(browser, folder) {
    const cases = JSON.parse(fs.readFileSync(path.join(folder, 'cases.json')))
    for (const file of fs.readdirSync(folder).filter(f => f.endsWith('.html')).sort()) {
        const name = file.slice(0, -5), page = await openReady(browser, path.resolve(folder, file))
        const lines = fs.readFileSync(path.join(folder, name + '.json'), 'utf8').split('\n').filter(l => l)
        await records(page, name, lines.map(l => JSON.parse(l)).filter(r => 'time_ns' in r))
        await filters(page, name, cases.filter(c => c.dump === name))
        check(await page.evaluate(() => !document.querySelector('img, x') && typeof window.pwned === 'undefined'), name, 'ran a script')
        if (name === 'many') {
            await tasks(page, JSON.parse(fs.readFileSync(path.join(folder, 'tasks.json'))))
            await use(page)
            await search(page)
            await tables(page)
        }
        await page.close()
    }
    await picture(browser, path.resolve(folder, 'scene.html'))
}

run(browser => main(browser, process.argv[2]))
