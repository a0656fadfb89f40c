// SPDX-License-Identifier: MIT
// data.js - the blocks of the page as columns: items (records and losses), strings, events, captures. What a
// block is made of is in block.h, fact.h, row.h and mark.h of tpdecode.

const PART = {facts: 0, strings: 1, times: 2, kinds: 3, captures: 4, cpus: 5, events: 6, tasks: 7, names: 8,
    contexts: 9, sizes: 10, rows: 11, marks: 12, count: 13}
const HAS_CONTEXT = 1, IS_UNFINISHED = 2
const LOSS = 0, UNKNOWN = 1, FIRST_EVENT = 2

// Times are ns since data.origin, which is exact as long as a trace takes less than 104 days.
const data = {
    n: 0, origin: null, blocks: [], bytes: 0,
    time: null, cpu: null, event: null, capture: null, kind: null, task: null, name: null, context: null, row: null,
    strings: [], binaries: [], stringNumbers: new Map(),
    events: [], captures: [], tables: [],
    sorted: true, first: 0, last: 0
}

function makeRoom(n) {
    data.time = new Float64Array(n)
    data.cpu = new Uint16Array(n)
    data.event = new Uint32Array(n)
    data.capture = new Uint16Array(n)
    data.kind = new Uint8Array(n)
    data.task = new Uint32Array(n)
    data.name = new Uint32Array(n)
    data.context = new Uint16Array(n)
    data.row = new Uint32Array(n)
}

// The number of a string in all blocks.
function internString(bytes, from, to) {
    const key = binary(bytes, from, to)
    let number = data.stringNumbers.get(key)
    if (number === undefined) {
        number = data.strings.length
        data.stringNumbers.set(key, number)
        data.binaries.push(key)
        data.strings.push(shownText(bytes, from, to))
    }
    return number
}

function readFacts(bytes, part) {
    const text = decoder.decode(bytes.subarray(part.at, part.end)).trim()
    for (const fact of JSON.parse('[' + text.replace(/,$/, '') + ']')) {
        if (fact.is === 'capture')
            data.captures[fact.number] = Object.assign(fact, {items: 0, end: null})
        else if (fact.is === 'end')
            data.captures[fact.number].end = fact
        else if (fact.is === 'table')
            data.tables[fact.number] = readTable(fact)
        else if (fact.is === 'event')
            data.events[fact.number + FIRST_EVENT] = readEvent(fact)
    }
}

function readTable(fact) {
    const values = fact.values.map(([value, name]) => ({value: BigInt(value), name, binary: binaryOf(name)}))
    const names = new Map()
    for (const entry of values)
        if (!names.has(entry.value))
            names.set(entry.value, entry.name)
    return {flags: fact.flags, values, names}
}

function binaryOf(text) {
    const bytes = encoder.encode(text)
    return binary(bytes, 0, bytes.length)
}

function readEvent(fact) {
    let offset = 0
    fact.full = fact.sys + ':' + fact.name
    for (const field of fact.fields) {
        field.table = field.table === undefined ? null : data.tables[field.table]
        field.isText = field.kind === 'str' || (field.kind === 'char' && field.count !== undefined)
        field.isArray = field.count !== undefined && !field.isText && field.kind !== 'bytes'
        field.isBytes = field.kind === 'bytes'
        // Where it is in a row, if that is always the same place.
        field.offset = offset
        const varies = field.isText || field.isBytes || field.sequence || field.named
        if (offset !== null)
            offset = varies ? null : offset + field.width * (field.isArray ? field.count : 1)
    }
    return fact
}

// Where the parts of a block are.
function readParts(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const parts = []
    let at = 4
    for (let i = 0; i < PART.count; i++) {
        const size = view.getUint32(at, true)
        parts.push({at: at + 4, end: at + 4 + size})
        at += 4 + size
    }
    return {n: view.getUint32(0, true), bytes, view, parts}
}

function readStrings(block) {
    const part = block.parts[PART.strings], reader = new Reader(block.bytes, part.at, part.end)
    block.strings = []
    while (reader.at < part.end) {
        const size = reader.number()
        block.strings.push(internString(block.bytes, reader.at, reader.at + size))
        reader.at += size
    }
}

function readTimes(block, first) {
    const part = block.parts[PART.times], reader = new Reader(block.bytes, part.at, part.end)
    if (!block.n)
        return
    const start = reader.bigSigned() & 0xffffffffffffffffn
    if (data.origin === null)
        data.origin = start
    let time = Number(start - data.origin)
    for (let i = 0; i < block.n; i++) {
        if (i)
            time += reader.signed()
        data.time[first + i] = time
        const before = first + i ? data.time[first + i - 1] : time
        if (time < before)
            data.sorted = false
    }
}

function readItems(block, first) {
    const reader = part => new Reader(block.bytes, block.parts[part].at, block.parts[part].end)
    const captures = reader(PART.captures), cpus = reader(PART.cpus), events = reader(PART.events)
    const tasks = reader(PART.tasks), names = reader(PART.names), sizes = reader(PART.sizes)
    let kinds = block.parts[PART.kinds].at, contexts = block.parts[PART.contexts].at
    let row = block.parts[PART.rows].at
    for (let i = first; i < first + block.n; i++) {
        data.kind[i] = block.bytes[kinds++]
        data.capture[i] = captures.number()
        data.cpu[i] = cpus.number()
        data.event[i] = events.number()
        data.row[i] = row
        row += sizes.number()
        data.captures[data.capture[i]].items += data.event[i] !== LOSS
        if (!(data.kind[i] & HAS_CONTEXT))
            continue
        data.task[i] = tasks.number()
        data.name[i] = block.strings[names.number()]
        data.context[i] = block.bytes[contexts] | block.bytes[contexts + 1] << 8
        contexts += 2
    }
}

// Reads one block; `marks` gets what lanes are made of.
function readBlock(bytes, marks) {
    const block = readParts(bytes), first = data.n
    readFacts(bytes, block.parts[PART.facts])
    readStrings(block)
    readTimes(block, first)
    readItems(block, first)
    block.first = first
    data.n += block.n
    data.bytes += bytes.length
    marks(block)
    if (block.n)
        data.blocks.push(block)
}

async function readBlocks(marks, progress) {
    const elements = document.querySelectorAll('script.block')
    makeRoom(Number(document.getElementById('items').textContent))
    for (let i = 0; i < elements.length; i++) {
        readBlock(await inflate(fromBase64(elements[i].textContent)), marks)
        elements[i].remove()
        progress((i + 1) / elements.length)
    }
    for (let i = 0; i < data.n; i++) {
        if (!i || data.time[i] < data.first)
            data.first = data.time[i]
        if (!i || data.time[i] > data.last)
            data.last = data.time[i]
    }
}

function blockOf(item) {
    let low = 0, high = data.blocks.length
    while (low + 1 < high) {
        const middle = (low + high) >>> 1
        if (data.blocks[middle].first <= item)
            low = middle
        else
            high = middle
    }
    return data.blocks[low]
}

// In ns, as the dump has it.
function exactTime(item) {
    if (Math.abs(data.time[item]) < Number.MAX_SAFE_INTEGER)
        return data.origin + BigInt(data.time[item])
    const block = blockOf(item), part = block.parts[PART.times], reader = new Reader(block.bytes, part.at, part.end)
    let time = 0n
    for (let i = block.first; i <= item; i++)
        time += reader.bigSigned()
    return time & 0xffffffffffffffffn
}

// UTC in ns, by the clock pair that is nearest; null: there is none.
function wallTime(capture, ns) {
    const of = data.captures[capture]
    if (of.wall)
        return ns
    if (!of.end || !of.end.pairs.length)
        return null
    let best = null, distance = null
    for (const [at, wall] of of.end.pairs) {
        const difference = ns - BigInt(at), size = difference < 0n ? -difference : difference
        if (distance === null || size < distance) {
            distance = size
            best = BigInt(wall) + difference
        }
    }
    return best
}
