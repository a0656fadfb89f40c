// SPDX-License-Identifier: MIT
// scene.js - what is shown: which captures, which of their records, and the lanes from top to bottom.

const scene = {captures: [], choices: [], lanes: [], height: 0, folded: new Set(), shown: null, n: 0, generation: 0,
    from: 0, to: 1}
const ROWS_MOST = 12 // of spans below each other in a lane; how many more there are is shown
const SIZE = {runs: 22, row: 14, ticks: 13, task: 17, head: 22, counter: 40, gap: 5}

// Captures whose times are one time are shown together: of several inputs, all first ones.
function sceneChoices() {
    const inputs = new Map()
    for (const capture of data.captures)
        inputs.set(capture.input, (inputs.get(capture.input) || 0) + 1)
    const several = inputs.size > 1, choices = []
    if (several && [...inputs.values()].every(n => n === 1))
        choices.push({name: 'all ' + inputs.size + ' inputs', captures: data.captures.map(c => c.number)})
    for (const capture of data.captures) {
        const words = [several ? capture.host || capture.file : capture.host,
            data.captures.length > inputs.size ? 'capture ' + capture.capture : '']
        choices.push({name: words.filter(w => w).join(' ') || capture.file, captures: [capture.number]})
    }
    return choices
}

function captureLabel(number) {
    const capture = data.captures[number]
    return scene.captures.length < 2 ? '' : (capture.host || capture.file) + ' '
}

function chooseScene(number) {
    scene.captures = scene.choices[number].captures
    const wanted = new Set(scene.captures)
    scene.from = Infinity
    scene.to = -Infinity
    for (const cpu of trace.cpus.values())
        if (wanted.has(cpu.capture) && cpu.times.length) {
            scene.from = Math.min(scene.from, cpu.times[0])
            scene.to = Math.max(scene.to, cpu.times[cpu.times.length - 1])
        }
    if (scene.from > scene.to)
        scene.from = scene.to = 0
    if (scene.to - scene.from < 10) {
        scene.from -= 5
        scene.to += 5
    }
    layOut()
}

function head(key, text) {
    scene.lanes.push({kind: 'head', key, text, height: SIZE.head})
    return !scene.folded.has(key)
}

// A lane with rows of spans.
function rowsLane(lane, rows, height) {
    lane.rows = rows.slice(0, ROWS_MOST)
    lane.more = rows.length - lane.rows.length
    lane.height = height + lane.rows.length * SIZE.row
    scene.lanes.push(lane)
}

function layOutCpus(capture) {
    const cpus = [...trace.cpus.values()].filter(c => c.capture === capture && (c.items.length || c.runs.n ||
        c.rows.length)).sort((a, b) => a.cpu - b.cpu)
    if (!cpus.length || !head(capture + ' cpus', captureLabel(capture) + 'CPUs'))
        return
    const run = cpus.some(c => c.runs.n)
    for (const cpu of cpus)
        rowsLane({kind: 'cpu', cpu, text: 'CPU ' + cpu.cpu, runs: run, losses: cpu.losses}, cpu.rows,
            (run ? SIZE.runs : 0) + SIZE.ticks + SIZE.gap)
}

function layOutTasks(capture) {
    const tasks = trace.tasks.filter(t => t.capture === capture && t.pid !== 0 && (t.rows.length || t.by.some(s => s && s.n)))
        .sort((a, b) => isIdle(a) - isIdle(b) || b.ran - a.ran || a.number - b.number)
    if (!tasks.length || !head(capture + ' tasks', captureLabel(capture) + 'tasks (' + countText(tasks.length) +
        '), by time run'))
        return
    for (const task of tasks)
        rowsLane({kind: 'task', task, text: taskName(task) + '-' + task.pid}, task.rows, SIZE.task)
}

function layOutRest(capture) {
    const tracks = [...trace.tracks.values()].filter(t => t.capture === capture)
    if (tracks.length && head(capture + ' tracks', captureLabel(capture) + 'spans'))
        for (const track of tracks)
            rowsLane({kind: 'track', track, text: track.label}, track.rows, SIZE.gap)
    const counters = [...trace.counters.values()].filter(c => c.capture === capture)
    if (counters.length && head(capture + ' counters', captureLabel(capture) + 'counters'))
        for (const counter of counters)
            scene.lanes.push({kind: 'counter', counter, text: counter.label, height: SIZE.counter})
}

function layOut() {
    scene.lanes = []
    for (const capture of scene.captures) {
        layOutCpus(capture)
        layOutTasks(capture)
        layOutRest(capture)
    }
    let y = 0
    for (const lane of scene.lanes) {
        lane.y = y
        y += lane.height
    }
    scene.height = y
}

// --- which records ---

// Is it of a capture that is shown? A function, since that is asked of each record.
function ofScene() {
    if (scene.captures.length === data.captures.length)
        return () => true
    const wanted = data.captures.map(c => scene.captures.includes(c.number))
    return item => wanted[data.capture[item]]
}

// An event passes the globs as of tpdecode --event: of its whole name, its parts, or joined by _.
function eventTest(text) {
    const globs = text.split(',').map(g => binaryOf(g.trim())).filter(g => g !== '')
    if (!globs.length)
        return null
    const passes = data.events.map(event => [event.full, event.sys + '_' + event.name, event.name, event.sys]
        .some(name => globs.some(glob => globMatches(glob, binaryOf(name)))))
    return {any: passes.some(p => p), passes: item => passes[data.event[item]] === true}
}

// A text in what a line of the list has.
function textTest(text) {
    const wanted = text.toLowerCase()
    return item => {
        const [name, fields] = itemLine(item)
        return (name + ' ' + fields).toLowerCase().includes(wanted) ||
            ((data.kind[item] & HAS_CONTEXT) !== 0 && data.strings[data.name[item]].toLowerCase().includes(wanted))
    }
}

const pause = () => new Promise(resolve => setTimeout(resolve))

// Finds the items that pass; losses always do. False: something else was asked meanwhile.
async function select(tests, progress) {
    const generation = ++scene.generation, inScene = ofScene()
    if (!tests.length && scene.captures.length === data.captures.length) {
        scene.shown = null
        scene.n = data.n
        scene.matches = data.n - trace.losses.length
        return true
    }
    const found = new Uint32Array(data.n)
    let n = 0, matches = 0, until = performance.now() + 30
    for (let item = 0; item < data.n; item++) {
        if ((item & 1023) === 0 && performance.now() > until) {
            progress(item / data.n)
            await pause()
            if (generation !== scene.generation)
                return false
            until = performance.now() + 30
        }
        if (!inScene(item))
            continue
        const loss = data.event[item] === LOSS
        if (!loss && !tests.every(test => test(item)))
            continue
        matches += !loss
        found[n++] = item
    }
    scene.shown = found.slice(0, n)
    scene.n = n
    scene.matches = matches
    return true
}

// Ticks are those of records that pass.
function selectTicks() {
    for (const cpu of trace.cpus.values())
        cpu.ticks = {items: cpu.items, times: cpu.times}
    if (!scene.shown)
        return
    const passes = new Uint8Array(data.n)
    for (const item of scene.shown)
        passes[item] = 1
    for (const cpu of trace.cpus.values()) {
        const items = cpu.items.filter(item => passes[item])
        cpu.ticks = {items, times: Float64Array.from(items, i => data.time[i])}
    }
}

function shownItem(i) {
    return scene.shown ? scene.shown[i] : i
}

// The place of an item in the list, or of the one that comes first after it.
function shownPlace(item) {
    return scene.shown ? above(scene.shown, item - 1, 0, scene.n) : item
}
