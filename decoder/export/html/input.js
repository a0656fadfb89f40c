// SPDX-License-Identifier: MIT
// input.js - mouse, touch and keys on the lanes: moving, zooming, choosing.

let drawing = false, viewChanged = 0

function redraw() {
    if (drawing)
        return
    drawing = true
    requestAnimationFrame(() => {
        drawing = false
        draw()
        drawOverview()
        listFollow()
        clearTimeout(viewChanged)
        if (!document.getElementById('inView').hidden)
            viewChanged = setTimeout(fillView, 200)
    })
}

function resize() {
    const stage = document.getElementById('stage'), ratio = window.devicePixelRatio || 1
    const lanes = document.getElementById('lanes'), overview = document.getElementById('overview')
    view.width = stage.clientWidth
    view.height = Math.max(40, stage.clientHeight - 34)
    view.names = Math.round(Math.min(170, Math.max(78, view.width * 0.16)))
    lanes.width = Math.round(view.width * ratio)
    lanes.height = Math.round(view.height * ratio)
    overview.width = Math.round(view.width * ratio)
    overview.height = Math.round(34 * ratio)
    theme.hatch = null
    scrollLanes(0)
    redraw()
}

function scrollLanes(by) {
    view.scroll = Math.max(0, Math.min(view.scroll + by, scene.height - (view.height - RULER)))
    redraw()
}

// Never wider than all of it, never narrower than 10 ns.
function show(from, to) {
    const all = scene.to - scene.from, margin = all * 0.01
    const span = Math.min(Math.max(to - from, 10), all + 2 * margin)
    const middle = (from + to) / 2
    view.from = Math.min(Math.max(middle - span / 2, scene.from - margin), scene.to + margin - span)
    view.to = view.from + span
    redraw()
}

function showAll() {
    show(scene.from - (scene.to - scene.from) * 0.01, scene.to + (scene.to - scene.from) * 0.01)
}

function zoom(factor, at) {
    const time = at === undefined ? (view.from + view.to) / 2 : timeOf(Math.max(at, view.names))
    show(time - (time - view.from) * factor, time + (view.to - time) * factor)
}

function pan(pixelsBy) {
    const by = pixelsBy / pixels()
    const from = view.from + by, span = view.to - view.from, margin = (scene.to - scene.from) * 0.01
    const kept = Math.min(Math.max(from, scene.from - margin), scene.to + margin - span)
    view.from = kept
    view.to = kept + span
    redraw()
}

// Brings a time into view, without zooming if it is there.
function reveal(time) {
    const span = view.to - view.from
    if (time < view.from + span * 0.02 || time > view.to - span * 0.02)
        show(time - span / 2, time + span / 2)
}

// --- what is below the pointer ---

function laneAt(y) {
    const at = y - RULER + view.scroll
    return y < RULER ? null : scene.lanes.find(l => at >= l.y && at < l.y + l.height) || null
}

// The slice at a time, or the one in that pixel.
function sliceAt(slices, x) {
    const i = above(slices.end, timeOf(x - 1), 0, slices.n)
    return i < slices.n && slices.start[i] <= timeOf(x + 1) ? i : -1
}

function sliceFound(slices, i, title, lines) {
    const from = slices.start[i], to = slices.end[i]
    return {title, lines: [durationText(to - from), ...lines], item: slices.item[i], from, to}
}

function findInCpu(lane, x, y) {
    const {cpu} = lane, losses = cpu.losses
    const at = above(losses.to, timeOf(x - 4), 0, losses.n)
    if (at < losses.n && losses.from[at] <= timeOf(x + 2)) {
        const loss = lossOf(losses.item[at])
        return {title: 'records lost', lines: [(loss.known ? countText(Number(loss.count)) : 'an unknown number of') +
            ' records: ' + loss.cause], item: losses.item[at], from: losses.from[at], to: losses.to[at]}
    }
    if (lane.runs && y < SIZE.runs) {
        const i = sliceAt(cpu.runs, x)
        if (i < 0)
            return null
        const task = trace.tasks[cpu.runs.what[i]]
        return sliceFound(cpu.runs, i, task.pid === 0 ? 'idle' : data.strings[cpu.runs.name[i]] + '-' + task.pid,
            ['on CPU ' + cpu.cpu])
    }
    y -= lane.runs ? SIZE.runs : 0
    if (y < lane.rows.length * SIZE.row)
        return findInRows(lane.rows, x, y)
    return findTick(cpu, x)
}

function findInRows(rows, x, y) {
    const row = rows[Math.min(Math.max(Math.floor(y / SIZE.row), 0), rows.length - 1)], i = row ? sliceAt(row, x) : -1
    return i < 0 ? null : sliceFound(row, i, data.strings[row.name[i]], row.what[i] ? ['no end: ' + WHY[row.what[i]]] : [])
}

function findTick(cpu, x) {
    const {times, items} = cpu.ticks, time = timeOf(x)
    let i = above(times, time, 0, times.length)
    if (i === times.length || (i > 0 && time - times[i - 1] < times[i] - time))
        i--
    if (i < 0 || Math.abs(xOf(times[i]) - x) > 6)
        return null
    const [name, text] = itemLine(items[i])
    return {title: name, lines: [text], item: items[i], from: times[i], to: times[i]}
}

function findTask(lane, x, y) {
    if (y >= SIZE.task)
        return findInRows(lane.rows, x, y - SIZE.task)
    for (const state of [STATE.running, STATE.ready, STATE.sleeping]) {
        const slices = lane.task.by[state], i = sliceAt(slices, x)
        if (i >= 0)
            return sliceFound(slices, i, lane.text, [['', 'runs', 'ready: waits for a CPU', 'sleeps'][state]])
    }
    return null
}

function findCounter(lane, x) {
    const {counter} = lane, i = above(counter.time, timeOf(x), 0, counter.time.length) - 1
    return i < 0 ? null : {title: counter.label, lines: [String(counter.value[i])], item: counter.item[i],
        from: counter.time[i], to: counter.time[i]}
}

function findAt(x, y) {
    const lane = laneAt(y)
    if (!lane || x < view.names)
        return null
    const inside = y - RULER + view.scroll - lane.y
    switch (lane.kind) {
    case 'cpu': return findInCpu(lane, x, inside)
    case 'task': return findTask(lane, x, inside)
    case 'track': return findInRows(lane.rows, x, inside)
    case 'counter': return findCounter(lane, x)
    default: return null
    }
}

function showTip(x, y) {
    const tip = document.getElementById('tip'), found = view.drag ? null : findAt(x, y)
    tip.hidden = !found
    if (!found)
        return
    const title = document.createElement('b')
    title.textContent = plain(found.title)
    tip.replaceChildren(title, ...found.lines.map(line => {
        const div = document.createElement('div')
        div.textContent = plain(line.length > 300 ? line.slice(0, 300) + '…' : line)
        return div
    }))
    const width = tip.offsetWidth, height = tip.offsetHeight, down = y + 34 + 18
    tip.style.left = Math.max(4, Math.min(x + 14, view.width - width - 6)) + 'px'
    tip.style.top = Math.max(2, down + height > view.height + 34 ? y + 34 - height - 10 : down) + 'px'
}

// --- mouse and touch ---

const pointers = new Map()

function pointerDown(e) {
    const canvas = e.currentTarget
    canvas.focus({preventScroll: true})
    canvas.setPointerCapture(e.pointerId)
    pointers.set(e.pointerId, {x: e.offsetX, y: e.offsetY})
    view.drag = {x0: e.offsetX, y0: e.offsetY, x: e.offsetX, y: e.offsetY, moved: false, range: e.shiftKey}
    document.getElementById('tip').hidden = true
}

function pinch(before) {
    const [a, b] = [...pointers.values()]
    const size = Math.max(20, Math.abs(a.x - b.x) + Math.abs(a.y - b.y))
    if (before.size)
        zoom(before.size / size, (a.x + b.x) / 2)
    before.size = size
    before.moved = true
}

function pointerMove(e) {
    const drag = view.drag
    if (!drag) {
        showTip(e.offsetX, e.offsetY)
        return
    }
    if (pointers.has(e.pointerId))
        pointers.set(e.pointerId, {x: e.offsetX, y: e.offsetY})
    if (pointers.size > 1) {
        pinch(drag)
        return
    }
    const dx = e.offsetX - drag.x, dy = e.offsetY - drag.y
    if (!drag.moved && Math.hypot(e.offsetX - drag.x0, e.offsetY - drag.y0) < 4)
        return
    drag.moved = true
    drag.x = e.offsetX
    drag.y = e.offsetY
    if (drag.range) {
        redraw()
        say(durationText(Math.abs(timeOf(drag.x) - timeOf(drag.x0))))
    } else {
        pan(-dx)
        scrollLanes(-dy)
    }
}

function pointerUp(e) {
    const drag = view.drag
    pointers.delete(e.pointerId)
    if (!drag || pointers.size)
        return
    view.drag = null
    if (!drag.moved)
        click(e.offsetX, e.offsetY)
    else if (drag.range && Math.abs(drag.x - drag.x0) > 3)
        show(timeOf(Math.max(view.names, Math.min(drag.x0, drag.x))), timeOf(Math.max(drag.x0, drag.x)))
    redraw()
}

function click(x, y) {
    const lane = laneAt(y)
    if (lane && lane.kind === 'head') {
        if (!scene.folded.delete(lane.key))
            scene.folded.add(lane.key)
        layOut()
        scrollLanes(0)
        return
    }
    const found = findAt(x, y)
    if (found)
        choose(found.item, false)
}

function doubleClick(e) {
    const found = findAt(e.offsetX, e.offsetY)
    if (found && found.to > found.from)
        show(found.from - (found.to - found.from) * 0.1, found.to + (found.to - found.from) * 0.1)
    else
        zoom(0.25, e.offsetX)
}

function wheel(e) {
    e.preventDefault()
    const lines = e.deltaMode === 1 ? 16 : 1
    if (e.offsetX < view.names || e.altKey)
        scrollLanes(e.deltaY * lines)
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY))
        pan((e.deltaX || e.deltaY) * lines)
    else
        zoom(Math.exp(Math.max(-240, Math.min(240, e.deltaY * lines)) * 0.0025), e.offsetX)
    showTip(e.offsetX, e.offsetY)
}

function overviewDrag(e) {
    if (!(e.buttons & 1))
        return
    const span = view.to - view.from, time = scene.from + e.offsetX / view.width * (scene.to - scene.from)
    show(time - span / 2, time + span / 2)
}

// --- keys ---

const KEYS = {
    ArrowLeft: () => pan(-view.width / 8), ArrowRight: () => pan(view.width / 8),
    ArrowUp: () => scrollLanes(-60), ArrowDown: () => scrollLanes(60),
    PageUp: () => scrollLanes(-view.height), PageDown: () => scrollLanes(view.height),
    '+': () => zoom(0.6), '=': () => zoom(0.6), '-': () => zoom(1 / 0.6), 0: showAll, Home: showAll
}
const PAGE_KEYS = {
    n: () => chooseNext(1), p: () => chooseNext(-1), l: () => chooseLoss(1), L: () => chooseLoss(-1),
    t: () => toggleWall(), d: () => changeTheme(), '?': () => document.getElementById('keys').showModal(),
    '/': () => document.getElementById('filter').focus()
}

function keyDown(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) || e.target.closest('dialog'))
        return
    const onLanes = e.target.id === 'lanes' || e.target === document.body
    const act = (onLanes && KEYS[e.key]) || PAGE_KEYS[e.key]
    if (!act)
        return
    e.preventDefault()
    act()
}
