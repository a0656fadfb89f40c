// SPDX-License-Identifier: MIT
// draw.js - lanes on the canvas. A row of slices costs a few binary searches a pixel, however many slices it has:
// what is narrower than a pixel is a column whose height is the share of it that is busy.

const view = {from: 0, to: 1, scroll: 0, width: 0, height: 0, names: 120, selected: -1, hover: null, drag: null,
    stats: {frames: 0, ms: 0, worst: 0, rectangles: 0}}
const RULER = 20

// Rectangles by colour, so that the colour changes a few times only.
class Rectangles {
    constructor() {
        this.of = []
        this.texts = []
        this.n = 0
    }

    add(color, x, y, w, h) {
        (this.of[color] = this.of[color] || []).push(x, y, w, h)
        this.n++
    }

    fill(g, colors, alpha) {
        g.globalAlpha = alpha
        this.of.forEach((list, color) => {
            g.fillStyle = colors[color]
            for (let i = 0; i < list.length; i += 4)
                g.fillRect(list[i], list[i + 1], list[i + 2], list[i + 3])
        })
        g.globalAlpha = 1
    }
}

function pixels() {
    return (view.width - view.names) / (view.to - view.from)
}

function xOf(time) {
    return view.names + (time - view.from) * pixels()
}

function timeOf(x) {
    return view.from + (x - view.names) / pixels()
}

// color(i), and label(i) where there is room for it.
function drawSlices(out, slices, y, height, color, label) {
    const scale = pixels(), left = view.names, right = view.width, n = slices.n
    let i = above(slices.end, view.from, 0, n)
    while (i < n && slices.start[i] < view.to) {
        const x = xOf(slices.start[i]), w = (slices.end[i] - slices.start[i]) * scale
        if (w >= 1) {
            const a = Math.max(left, x), b = Math.min(right, x + w), gap = b - a > 3 ? 0.6 : 0
            out.add(color(i), a, y, b - a - gap, height)
            if (b - a > (color(i) === IDLE ? 90 : 34) && label)
                out.texts.push({text: label(i), x: a + 3, y: y + height / 2, w: b - a - 6, color: color(i)})
            i++
            continue
        }
        const column = Math.max(left, Math.floor(x)), end = timeOf(column + 1)
        let next = Math.max(above(slices.start, end, i + 1, n), i + 1), longest = i
        if (next > i + 1 && slices.end[next - 1] > end) // it goes on in the next pixel
            next--
        for (let k = i + 1; k < Math.min(next, i + 16); k++)
            if (slices.end[k] - slices.start[k] > slices.end[longest] - slices.start[longest])
                longest = k
        const share = Math.min(1, (slices.busy[next] - slices.busy[i]) * scale), h = Math.max(2, height * share)
        out.add(color(longest), column, y + height - h, 1, h)
        i = next
    }
}

// Records as ticks: higher where there are more in a pixel.
function drawTicks(out, ticks, y, height) {
    const {times, items} = ticks, n = times.length
    let i = above(times, view.from, 0, n)
    if (i && times[i - 1] === view.from)
        i--
    while (i < n && times[i] <= view.to) {
        const column = Math.floor(xOf(times[i])), next = Math.max(above(times, timeOf(column + 1), i + 1, n), i + 1)
        const h = Math.min(height, 4 + Math.log2(next - i) * 1.5)
        if (data.event[items[i]] !== LOSS || next - i > 1)
            out.add(eventColor(data.event[items[i]] === LOSS ? data.event[items[next - 1]] : data.event[items[i]]),
                column, y + height - h, 1, h)
        i = next
    }
}

// Where there are many they are marks at the top only, so that what is there can be seen.
function drawLosses(g, losses, y, height) {
    let i = above(losses.to, view.from, 0, losses.n)
    if (i && losses.to[i - 1] === view.from)
        i--
    const many = above(losses.from, view.to, i, losses.n) - i > (view.width - view.names) / 16
    while (i < losses.n && losses.from[i] <= view.to) {
        const a = Math.max(view.names, xOf(losses.from[i])), end = xOf(losses.to[i]), narrow = end - a < 3
        const b = Math.min(view.width, Math.max(end, a + (many ? 1 : 3)))
        g.fillStyle = narrow && many ? theme.css.bad : hatch(g)
        g.fillRect(a, y, b - a, narrow && many ? 5 : height)
        g.fillStyle = theme.css.bad
        g.fillRect(a, y, 1, narrow && many ? 5 : height)
        i = Math.max(above(losses.to, timeOf(b), i + 1, losses.n), i + 1)
    }
}

function drawCounter(g, lane, y) {
    const {counter} = lane, n = counter.time.length, high = SIZE.counter - 8
    const span = counter.high - counter.low || 1
    const yOf = value => y + 4 + high - (Math.min(Math.max(value, counter.low), counter.high) - counter.low) / span * high
    let i = Math.max(above(counter.time, view.from, 0, n) - 1, 0)
    g.beginPath()
    let first = true
    while (i < n && counter.time[i] <= view.to) {
        const column = Math.max(view.names, xOf(counter.time[i]))
        const next = Math.max(above(counter.time, timeOf(Math.floor(column) + 1), i + 1, n), i + 1)
        let low = counter.value[i], top = low
        for (let k = i; k < next; k += Math.max(1, Math.floor((next - i) / 64))) {
            low = Math.min(low, counter.value[k])
            top = Math.max(top, counter.value[k])
        }
        if (first)
            g.moveTo(column, yOf(counter.value[i]))
        else
            g.lineTo(column, yOf(counter.value[i - 1]))
        first = false
        g.lineTo(column, yOf(top))
        g.lineTo(column, yOf(low))
        g.lineTo(column, yOf(counter.value[next - 1]))
        i = next
    }
    if (!first)
        g.lineTo(i < n ? view.width : Math.min(view.width, xOf(scene.to)), yOf(counter.value[i - 1]))
    g.strokeStyle = COLORS[theme.name][colorNumber(counter.label)]
    g.lineWidth = 1.4
    g.stroke()
}

// States as heights.
function drawTask(parts, lane, y) {
    const {by} = lane.task, height = SIZE.task - 4, of = [null, parts.running, parts.ready, parts.sleeping]
    for (const state of [STATE.sleeping, STATE.ready, STATE.running]) {
        const h = state === STATE.running ? height : state === STATE.ready ? height / 2 : 2
        drawSlices(of[state], by[state], y + 2 + height - h, h, () => state, null)
    }
    lane.rows.forEach((row, depth) => drawSlices(parts.spans, row, y + SIZE.task + depth * SIZE.row, SIZE.row - 2,
        i => stringColor(row.name[i]), i => data.strings[row.name[i]]))
}

function drawCpu(g, parts, lane, y) {
    const {cpu} = lane
    if (lane.runs) {
        drawSlices(parts.spans, cpu.runs, y + 2, SIZE.runs - 2,
            i => isIdle(trace.tasks[cpu.runs.what[i]]) ? IDLE : stringColor(cpu.runs.name[i]),
            i => trace.tasks[cpu.runs.what[i]].pid === 0 ? 'idle' : data.strings[cpu.runs.name[i]] + '-' +
                trace.tasks[cpu.runs.what[i]].pid)
        y += SIZE.runs
    }
    lane.rows.forEach((row, depth) => drawSlices(parts.spans, row, y + 1 + depth * SIZE.row, SIZE.row - 2,
        i => stringColor(row.name[i]), i => data.strings[row.name[i]]))
    y += lane.rows.length * SIZE.row
    drawTicks(parts.ticks, cpu.ticks, y + 1, SIZE.ticks - 1)
}

const IDLE = 12

function laneColors() {
    return [...COLORS[theme.name], theme.name === 'dark' ? '#2b3138' : '#e3e7ec']
}

function drawRuler(g) {
    const step = niceStep((view.to - view.from) / Math.max(2, (view.width - view.names) / 120))
    g.fillStyle = theme.css.panel
    g.fillRect(0, 0, view.width, RULER)
    g.fillStyle = theme.css.weak
    g.textBaseline = 'middle'
    const start = Number(data.origin % BigInt(Math.max(1, Math.round(step))))
    const first = Math.ceil((view.from + start) / step) * step - start
    for (let time = first; time <= view.to; time += step) {
        const x = Math.round(xOf(time)) + 0.5
        g.fillRect(x, RULER - 5, 1, 5)
        g.fillText(markText(time, step), x + 4, RULER / 2)
        g.globalAlpha = 0.25
        g.fillRect(x, RULER, 1, view.height - RULER)
        g.globalAlpha = 1
    }
    g.fillStyle = theme.css.panel
    g.fillRect(0, 0, view.names, RULER)
    g.fillStyle = theme.css.text
    g.fillText(durationText(view.to - view.from), 6, RULER / 2)
}

function clipped(g, name, width) {
    const text = plain(name)
    if (g.measureText(text).width <= width)
        return text
    let n = Math.max(1, Math.floor(text.length * width / g.measureText(text).width))
    while (n > 1 && g.measureText(text.slice(0, n) + '…').width > width)
        n--
    return text.slice(0, n) + '…'
}

function drawNames(g, lanes) {
    g.fillStyle = theme.css.back
    g.fillRect(0, RULER, view.names, view.height - RULER)
    g.textBaseline = 'middle'
    for (const lane of lanes) {
        const y = RULER + lane.y - view.scroll
        if (lane.kind === 'head') {
            g.fillStyle = theme.css.panel
            g.fillRect(0, y, view.width, lane.height)
            g.fillStyle = theme.css.weak
            g.fillText((scene.folded.has(lane.key) ? '▸ ' : '▾ ') + plain(lane.text), 6, y + lane.height / 2)
            continue
        }
        g.fillStyle = theme.css.text
        const half = lane.kind === 'cpu' && lane.runs ? SIZE.runs : lane.kind === 'task' ? SIZE.task : lane.height
        g.fillText(clipped(g, lane.text, view.names - 12), 6, y + half / 2)
        if (lane.more) {
            g.fillStyle = theme.css.weak
            g.fillText(clipped(g, '+ ' + lane.more + ' deeper rows', view.names - 12), 6, y + lane.height - SIZE.row)
        }
        if (lane.kind === 'counter') {
            g.fillStyle = theme.css.weak
            g.fillText(clipped(g, lane.counter.low + ' – ' + lane.counter.high, view.names - 12), 6, y + half - 8)
        }
    }
    g.fillStyle = theme.css.line
    g.fillRect(view.names - 1, RULER, 1, view.height - RULER)
}

function drawTexts(g, texts) {
    g.textBaseline = 'middle'
    for (const t of texts) {
        g.fillStyle = t.color === IDLE ? theme.css.weak : theme.name === 'dark' ? '#14171b' : '#ffffff'
        g.fillText(clipped(g, t.text, t.w), t.x, t.y + 0.5)
    }
}

function drawSelected(g) {
    if (view.drag && view.drag.range) {
        g.fillStyle = theme.css.accent
        g.globalAlpha = 0.2
        const a = Math.max(view.names, Math.min(view.drag.x0, view.drag.x)), b = Math.max(view.drag.x0, view.drag.x)
        g.fillRect(a, RULER, b - a, view.height - RULER)
        g.globalAlpha = 1
    }
    if (view.selected < 0)
        return
    const x = xOf(data.time[view.selected])
    if (x < view.names || x > view.width)
        return
    g.fillStyle = theme.css.accent
    g.fillRect(Math.round(x) - 0.5, RULER, 1.5, view.height - RULER)
    g.beginPath()
    g.moveTo(x - 5, RULER)
    g.lineTo(x + 5, RULER)
    g.lineTo(x, RULER + 7)
    g.fill()
}

function draw() {
    const began = performance.now(), canvas = document.getElementById('lanes'), g = canvas.getContext('2d', {alpha: false})
    const ratio = window.devicePixelRatio || 1
    g.setTransform(ratio, 0, 0, ratio, 0, 0)
    g.font = '11px system-ui, "DejaVu Sans", sans-serif'
    g.fillStyle = theme.css.back
    g.fillRect(0, 0, view.width, view.height)
    const lanes = scene.lanes.filter(l => l.y + l.height > view.scroll && l.y < view.scroll + view.height - RULER)
    const parts = {spans: new Rectangles(), ticks: new Rectangles(), running: new Rectangles(),
        ready: new Rectangles(), sleeping: new Rectangles()}
    g.save()
    g.beginPath()
    g.rect(view.names, RULER, view.width - view.names, view.height - RULER)
    g.clip()
    for (const lane of lanes)
        drawLane(g, parts, lane, RULER + lane.y - view.scroll)
    const colors = laneColors()
    parts.spans.fill(g, colors, 1)
    parts.ticks.fill(g, colors, 1)
    for (const part of [parts.sleeping, parts.ready, parts.running])
        part.fill(g, STATE_COLORS[theme.name], 1)
    drawTexts(g, parts.spans.texts)
    for (const lane of lanes)
        if (lane.losses && lane.losses.n)
            drawLosses(g, lane.losses, RULER + lane.y - view.scroll, lane.height - SIZE.gap)
    g.restore()
    drawRuler(g)
    g.save()
    g.beginPath()
    g.rect(0, RULER, view.width, view.height - RULER)
    g.clip()
    drawNames(g, lanes)
    g.restore()
    drawSelected(g)
    measure(performance.now() - began, parts)
}

function drawLane(g, parts, lane, y) {
    if (lane.kind === 'cpu')
        drawCpu(g, parts, lane, y)
    else if (lane.kind === 'task')
        drawTask(parts, lane, y)
    else if (lane.kind === 'track')
        lane.rows.forEach((row, depth) => drawSlices(parts.spans, row, y + 1 + depth * SIZE.row, SIZE.row - 2,
            i => stringColor(row.name[i]), i => data.strings[row.name[i]]))
    else if (lane.kind === 'counter')
        drawCounter(g, lane, y)
}

function measure(ms, parts) {
    view.stats.frames++
    view.stats.ms = ms
    view.stats.worst = Math.max(view.stats.worst, ms)
    view.stats.rectangles = Object.values(parts).reduce((n, p) => n + p.n, 0)
}
