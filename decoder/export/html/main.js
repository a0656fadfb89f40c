// SPDX-License-Identifier: MIT
// main.js - reads the records, then wires what is in the page.

function say(text) {
    document.getElementById('said').textContent = plain(text)
}

function on(id, type, act, options) {
    document.getElementById(id).addEventListener(type, act, options)
}

function progress(share) {
    const bar = document.getElementById('loading')
    bar.hidden = share >= 1
    bar.setAttribute('aria-valuenow', Math.round(100 * share))
    bar.firstElementChild.style.width = 100 * share + '%'
}

// --- filter ---

function problem(text) {
    const box = document.getElementById('problem')
    box.hidden = !text
    box.textContent = text || ''
}

function askedTests() {
    const filter = document.getElementById('filter'), only = document.getElementById('only')
    const text = filter.value.trim(), tests = [], events = eventTest(only.value)
    let wrong = ''
    only.setAttribute('aria-invalid', events !== null && !events.any)
    if (events && !events.any)
        wrong = 'no event is called that'
    if (events)
        tests.push(events.passes)
    let invalid = false
    if (text.startsWith('/') && text.length > 1) {
        tests.push(textTest(text.slice(1)))
    } else if (text && text !== '/') {
        const compiled = compileFilter(text)
        invalid = compiled.problem !== null
        if (invalid)
            wrong = compiled.problem.message + ' at column ' + (compiled.problem.column + 1) + '\n' + text + '\n' +
                ' '.repeat(compiled.problem.column) + '^'
        else
            tests.push(compiled.passes)
    }
    filter.setAttribute('aria-invalid', invalid)
    problem(wrong)
    return invalid ? null : tests
}

// Asks anew which records are shown.
async function applyFilter() {
    const tests = askedTests(), count = document.getElementById('count')
    if (tests === null || !await select(tests, share => { count.textContent = Math.round(100 * share) + ' %' }))
        return
    selectTicks()
    const all = data.n - trace.losses.length
    count.textContent = tests.length ? countText(scene.matches) + ' of ' + countText(all) : countText(scene.matches) + ' records'
    listGo(view.selected >= 0 ? shownPlace(view.selected) - 3 : placeOfTime(view.from))
    redraw()
}

let waiting = 0

function filterSoon() {
    clearTimeout(waiting)
    waiting = setTimeout(applyFilter, 250)
}

// --- tabs ---

const TABS = {tabRecords: ['records', listDraw], tabLatency: ['latency', fillLatency], tabView: ['inView', fillView],
    tabSummary: ['summary', fillSummary]}

function openTab(id) {
    for (const [tab, [panel]] of Object.entries(TABS)) {
        const button = document.getElementById(tab)
        button.setAttribute('aria-selected', tab === id)
        button.tabIndex = tab === id ? 0 : -1
        document.getElementById(panel).hidden = tab !== id
    }
    TABS[id][1]()
}

function tabKey(e) {
    const names = Object.keys(TABS), at = names.indexOf(e.target.id)
    const by = {ArrowRight: 1, ArrowLeft: -1}[e.key]
    if (at < 0 || !by)
        return
    const next = names[(at + by + names.length) % names.length]
    openTab(next)
    document.getElementById(next).focus()
}

// --- the rest ---

function changeTheme() {
    nextTheme()
    listDraw()
    redraw()
}

function toggleWall() {
    const button = document.getElementById('wall')
    if (button.hidden)
        return
    clock.wall = !clock.wall
    button.setAttribute('aria-pressed', clock.wall)
    listDraw()
    redraw()
}

function split(y) {
    const stage = document.getElementById('stage'), main = stage.parentElement.getBoundingClientRect()
    stage.style.height = Math.max(90, Math.min(y - main.top, main.height - 110)) + 'px'
}

function splitKey(e) {
    const by = {ArrowUp: -24, ArrowDown: 24}[e.key]
    if (!by)
        return
    e.preventDefault()
    split(document.getElementById('stage').getBoundingClientRect().bottom + by)
}

async function changeScene() {
    chooseScene(document.getElementById('scene').selectedIndex)
    view.selected = -1
    view.scroll = 0
    document.getElementById('inspector').replaceChildren(element('p', 'Select a record: its fields are here.', 'type'))
    document.getElementById('wall').hidden = !scene.captures.some(c => data.captures[c].end &&
        data.captures[c].end.pairs.length && !data.captures[c].wall)
    await applyFilter()
    showAll()
}

function wirePointer() {
    on('lanes', 'pointerdown', pointerDown)
    on('lanes', 'pointermove', pointerMove)
    on('lanes', 'pointerup', pointerUp)
    on('lanes', 'pointercancel', pointerUp)
    on('lanes', 'pointerleave', () => { document.getElementById('tip').hidden = true })
    on('lanes', 'dblclick', doubleClick)
    on('lanes', 'wheel', wheel, {passive: false})
    on('overview', 'pointerdown', e => {
        e.currentTarget.setPointerCapture(e.pointerId)
        overviewDrag(e)
    })
    on('overview', 'pointermove', overviewDrag)
    on('split', 'pointerdown', e => e.currentTarget.setPointerCapture(e.pointerId))
    on('split', 'pointermove', e => e.buttons & 1 && split(e.clientY))
    on('split', 'keydown', splitKey)
}

function wire() {
    wirePointer()
    on('scroll', 'scroll', listScrolled)
    on('scroll', 'wheel', listWheel, {passive: false})
    on('rows', 'click', e => {
        const row = e.target.closest('.row')
        if (row)
            choose(Number(row.dataset.item), true)
    })
    on('list', 'keydown', listKey)
    on('tabs', 'click', e => e.target.id in TABS && openTab(e.target.id))
    on('tabs', 'keydown', tabKey)
    on('search', 'submit', e => e.preventDefault())
    for (const id of ['filter', 'only']) {
        on(id, 'input', filterSoon)
        on(id, 'keydown', e => {
            if (e.key === 'Escape')
                document.getElementById('lanes').focus()
            else if (e.key === 'Enter')
                applyFilter().then(() => chooseNext(e.shiftKey ? -1 : 1, true))
        })
    }
    const buttons = {before: () => chooseNext(-1), after: () => chooseNext(1), lossBefore: () => chooseLoss(-1),
        lossAfter: () => chooseLoss(1), in: () => zoom(0.5), out: () => zoom(2), all: showAll, wall: toggleWall,
        theme: changeTheme, help: PAGE_KEYS['?']}
    for (const [id, act] of Object.entries(buttons))
        on(id, 'click', act)
    on('scene', 'change', changeScene)
    document.addEventListener('keydown', keyDown)
    const sizes = new ResizeObserver(() => {
        resize()
        listGo(list.first)
    })
    sizes.observe(document.getElementById('stage'))
    sizes.observe(document.getElementById('below'))
    window.addEventListener('beforeprint', fillForPaper)
    window.addEventListener('afterprint', () => {
        if (theme.screen === undefined)
            delete document.documentElement.dataset.theme
        else
            document.documentElement.dataset.theme = theme.screen
        readTheme()
        redraw()
    })
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
        readTheme()
        listDraw()
        redraw()
    })
}

// Paper is light, whatever the page is.
function fillForPaper() {
    const root = document.documentElement
    theme.screen = root.dataset.theme
    root.dataset.theme = 'light'
    readTheme()
    draw()
    fillSummary()
    fillLatency()
}

function fillHead() {
    const files = [...new Set(data.captures.map(c => c.file))]
    const name = files.length === 1 ? files[0].replace(/^.*\//, '') : files.length + ' inputs'
    document.title = plain(name) + ' - tracepoint'
    document.getElementById('title').textContent = plain(name) || 'tracepoint'
    document.getElementById('title').title = files.join(', ')
    scene.choices = sceneChoices()
    const select = document.getElementById('scene')
    select.hidden = scene.choices.length < 2
    select.append(...scene.choices.map(choice => element('option', choice.name)))
    const names = new Set()
    data.events.forEach(event => names.add(event.full).add(event.sys))
    document.getElementById('events').append(...[...names].map(n => Object.assign(element('option'), {value: n})))
    if (data.captures.some(c => c.end && c.end.cut)) {
        const notice = document.getElementById('notice')
        notice.hidden = false
        notice.textContent = 'Only the first ' + countText(data.n) + ' records are here: the dump has more than a page may have. ' +
            'Choose some by tpdecode --from and --to, --event, --filter or --cpu.'
    }
    for (const id of ['lossBefore', 'lossAfter'])
        document.getElementById(id).disabled = !trace.losses.length
}

async function start() {
    readTheme()
    const began = performance.now()
    await readBlocks(readMarks, progress)
    progress(1)
    finishLanes()
    fillHead()
    wire()
    view.loadMs = performance.now() - began
    if (!data.n) {
        const notice = document.getElementById('notice')
        notice.hidden = false
        notice.textContent = 'There are no records in this page.'
        data.origin = data.origin || 0n
    }
    if (scene.choices.length)
        chooseScene(0)
    resize()
    if (scene.choices.length)
        await changeScene()
    fillSummary()
    document.documentElement.dataset.ready = 'yes'
}

document.addEventListener('DOMContentLoaded', () => start().catch(e => {
    problem('this page cannot be shown: ' + e)
    throw e
}))
