// SPDX-License-Identifier: MIT
// lanes.js - what CPUs run, what tasks do, what begins and ends, counters: slices made of the marks of blocks.

const MARK = {run: 1, stop: 2, wake: 3, fresh: 4, gone: 5, begin: 6, end: 7, whole: 8, counter: 9}
const STATE = {none: 0, running: 1, ready: 2, sleeping: 3}
const WAIT = {cut: 0, ready: 1, woken: 2} // how much of it is known, and how it began
const TRACK = {cpu: 0, task: 1, field: 2, id: 3}
const WHY = ['', 'something below it has ended', 'records are missing', 'its task has ended', 'its id began again',
    'it was open at the end']

// Slices of one row: none overlaps another, in order.
class Slices {
    constructor() {
        this.start = new Column(Float64Array)
        this.end = new Column(Float64Array)
        this.name = new Column(Uint32Array) // a string
        this.what = new Column(Uint32Array) // a task, a state, or how it ended
        this.item = new Column(Uint32Array) // the record that began it
        this.n = 0
    }

    add(start, end, name, what, item) {
        if (this.n && start < this.end.values[this.n - 1])
            start = this.end.values[this.n - 1]
        if (end < start)
            end = start
        this.start.push(start)
        this.end.push(end)
        this.name.push(name)
        this.what.push(what)
        this.item.push(item)
        this.n++
    }

    // busy[i]: the time of all slices before i.
    done() {
        for (const column of ['start', 'end', 'name', 'what', 'item'])
            this[column] = this[column].done()
        this.busy = new Float64Array(this.n + 1)
        for (let i = 0; i < this.n; i++)
            this.busy[i + 1] = this.busy[i] + this.end[i] - this.start[i]
    }
}

const trace = {cpus: new Map(), tasks: [], taskNumbers: new Map(), tracks: new Map(), counters: new Map(),
    open: new Map(), lossStarts: [], losses: [],
    latencies: {value: new Column(Float64Array), item: new Column(Uint32Array)},
    waits: {task: new Column(Uint32Array), start: new Column(Float64Array), end: new Column(Float64Array),
        reached: new Column(Float64Array), item: new Column(Uint32Array), counts: new Column(Uint8Array)}}

function cpuOf(capture, cpu) {
    const key = capture * 65536 + cpu
    let found = trace.cpus.get(key)
    if (!found) {
        found = {capture, cpu, runs: new Slices(), since: null, task: null, name: 0, item: 0, rows: [], items: null,
            losses: null}
        trace.cpus.set(key, found)
    }
    return found
}

// counts: the whole of it is known.
function endRun(cpu, time, counts) {
    if (cpu.since === null)
        return
    cpu.runs.add(cpu.since, time, cpu.name, cpu.task.number, cpu.item)
    if (time > cpu.since)
        cpu.task.by[STATE.running].add(cpu.since, time, cpu.name, 0, cpu.item)
    if (counts)
        cpu.task.ran += Math.max(0, time - cpu.since)
    cpu.since = null
}

// --- marks ---

function markRun(reader, time, item, strings) {
    const capture = reader.number(), cpu = cpuOf(capture, reader.number())
    const next = taskOf(capture, reader.signed(), null), name = strings[reader.number()]
    const state = reader.number(), known = reader.number(), prev = taskOf(capture, reader.signed(), null)
    if (known && cpu.since !== null && cpu.task !== prev) { // when it changed is not known
        cpu.task.state = STATE.none
        cpu.since = null
    }
    endRun(cpu, time, true)
    if (known)
        leaveTask(prev, state, time, item)
    next.name = name
    enterTask(next, time, item)
    Object.assign(cpu, {since: time, task: next, name, item})
}

// Records of this CPU are missing after `time`.
function markStop(reader, time) {
    const capture = reader.number()
    endRun(cpuOf(capture, reader.number()), time, false)
    loseWaits(capture, time + reader.number())
}

function markTask(is, reader, time, item, strings) {
    const capture = reader.number(), task = taskOf(capture, reader.signed(), strings[reader.number()])
    reader.number() // the CPU
    if (is === MARK.wake)
        wakeTask(task, time, item)
    else
        dropTask(task, time)
}

function trackOf(capture, reader, strings) {
    const kind = reader.number(), number = reader.number(), lane = reader.number()
    if (kind === TRACK.cpu && !lane)
        return cpuOf(capture, number)
    if (kind === TRACK.task && !lane)
        return taskOf(capture, number, null)
    const label = kind === TRACK.cpu ? 'CPU ' + number : kind === TRACK.task ? 'task ' + number
        : data.strings[strings[number]]
    const key = capture + ' ' + label
    if (!trace.tracks.has(key))
        trace.tracks.set(key, {capture, label, rows: [], lanes: new Map()})
    const track = trace.tracks.get(key)
    if (kind === TRACK.field)
        return track
    if (!track.lanes.has(lane))
        track.lanes.set(lane, {rows: [], track})
    return track.lanes.get(lane)
}

function rowOf(track, depth) {
    while (track.rows.length <= depth)
        track.rows.push(new Slices())
    return track.rows[depth]
}

function markBegin(reader, time, item, strings) {
    const slot = reader.number(), capture = reader.number(), track = trackOf(capture, reader, strings)
    track.depth = (track.depth || 0) + 1
    trace.open.set(slot, {track, depth: track.depth - 1, time, item, name: strings[reader.number()]})
}

function markEnd(reader, time) {
    const slot = reader.number(), why = reader.number(), span = trace.open.get(slot)
    if (!span)
        return
    trace.open.delete(slot)
    span.track.depth--
    rowOf(span.track, span.depth).add(span.time, time, span.name, why, span.item)
}

function markWhole(reader, time, item, strings) {
    const capture = reader.number(), track = trackOf(capture, reader, strings), name = strings[reader.number()]
    rowOf(track, 0).add(time - reader.number(), time, name, 0, item)
}

function markCounter(reader, time, item, strings) {
    const capture = reader.number(), label = data.strings[strings[reader.number()]], key = capture + ' ' + label
    if (!trace.counters.has(key))
        trace.counters.set(key, {capture, label, time: new Column(Float64Array), value: new Column(Float64Array),
            item: new Column(Uint32Array), low: Infinity, high: -Infinity})
    const counter = trace.counters.get(key), value = reader.double()
    counter.time.push(time)
    counter.value.push(value)
    counter.item.push(item)
    if (Number.isFinite(value)) {
        counter.low = Math.min(counter.low, value)
        counter.high = Math.max(counter.high, value)
    }
}

function readMarks(block) {
    const part = block.parts[PART.marks], reader = new Reader(block.bytes, part.at, part.end)
    let time = null, items = 0
    while (reader.at < part.end) {
        const is = reader.number()
        items += reader.number()
        if (time === null) {
            const start = reader.bigSigned() & 0xffffffffffffffffn
            time = Number(start - (data.origin === null ? start : data.origin))
        } else {
            time += reader.signed()
        }
        const item = Math.max(block.first + items - 1, 0)
        if (is === MARK.run)
            markRun(reader, time, item, block.strings)
        else if (is === MARK.stop)
            markStop(reader, time)
        else if (is <= MARK.gone)
            markTask(is, reader, time, item, block.strings)
        else if (is === MARK.begin)
            markBegin(reader, time, item, block.strings)
        else if (is === MARK.end)
            markEnd(reader, time)
        else if (is === MARK.whole)
            markWhole(reader, time, item, block.strings)
        else
            markCounter(reader, time, item, block.strings)
    }
}

// --- at the end ---

// The items of each CPU, in the order of time.
function collectItems() {
    const counts = new Map(), places = new Map()
    for (let i = 0; i < data.n; i++) {
        const key = data.capture[i] * 65536 + data.cpu[i]
        counts.set(key, (counts.get(key) || 0) + 1)
    }
    for (const [key, n] of counts) {
        cpuOf(Math.floor(key / 65536), key % 65536).items = new Uint32Array(n)
        places.set(key, 0)
    }
    for (let i = 0; i < data.n; i++) {
        const key = data.capture[i] * 65536 + data.cpu[i], at = places.get(key)
        trace.cpus.get(key).items[at] = i
        places.set(key, at + 1)
    }
    for (const cpu of trace.cpus.values()) {
        cpu.items = cpu.items || new Uint32Array(0)
        if (!data.sorted)
            cpu.items.sort((a, b) => data.time[a] - data.time[b] || a - b)
        cpu.times = Float64Array.from(cpu.items, i => data.time[i])
    }
}

// From when to when records of a CPU are missing.
function collectLosses() {
    trace.losses = []
    for (const cpu of trace.cpus.values()) {
        const losses = {from: new Column(Float64Array), to: new Column(Float64Array), item: new Column(Uint32Array)}
        cpu.items.forEach((item, i) => {
            if (data.event[item] !== LOSS)
                return
            const loss = lossOf(item), at = data.time[item], before = losses.to.n ? losses.to.values[losses.to.n - 1] : 0
            let next = i + 1
            while (loss.open && next < cpu.items.length && data.event[cpu.items[next]] === LOSS)
                next++
            const to = loss.open && next < cpu.items.length ? cpu.times[next] : at
            losses.from.push(Math.min(Math.max(at - loss.before, data.first), at))
            losses.to.push(Math.max(to, before))
            losses.item.push(item)
            trace.losses.push(item)
        })
        cpu.losses = {n: losses.item.n, from: losses.from.done(), to: losses.to.done(), item: losses.item.done()}
    }
    trace.losses.sort((a, b) => a - b)
}

function finishLanes() {
    const last = data.captures.map(() => data.first)
    for (let i = 0; i < data.n; i++)
        last[data.capture[i]] = Math.max(last[data.capture[i]], data.time[i])
    collectItems()
    for (const cpu of trace.cpus.values()) {
        endRun(cpu, cpu.times.length ? cpu.times[cpu.times.length - 1] : last[cpu.capture], true)
        cpu.runs.done()
        cpu.rows.forEach(row => row.done())
    }
    finishTasks(last)
    trace.tasks.forEach(task => task.rows.forEach(row => row.done()))
    for (const track of trace.tracks.values()) {
        for (const lane of [...track.lanes.keys()].sort((a, b) => a - b))
            track.rows.push(...track.lanes.get(lane).rows)
        track.rows.forEach(row => row.done())
    }
    for (const counter of trace.counters.values())
        for (const column of ['time', 'value', 'item'])
            counter[column] = counter[column].done()
    collectLosses()
}
