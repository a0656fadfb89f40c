// SPDX-License-Identifier: MIT
// match.js - what a compiled filter asks of a record: values of fields, comparisons, globs.

function escapedByte(c) {
    return {n: '\n', t: '\t', '"': '"', "'": "'", '\\': '\\'}[c] || ''
}

// A name's value as the field stores it; null: there is no such name.
function nameValue(field, word) {
    const entry = field.table && field.table.values.find(v => v.binary === word)
    if (!entry)
        return null
    return field.kind === 'signed' ? BigInt.asIntN(8 * field.width, entry.value)
        : BigInt.asUintN(8 * field.width, entry.value)
}

// The bits of both; below 0 if one of them is.
function mergeNames(a, b) {
    const bits = BigInt.asUintN(64, a) | BigInt.asUintN(64, b)
    return a < 0n || b < 0n ? BigInt.asIntN(64, bits) : bits
}

// digits * 10^power or, hexadecimal, * 2^power; null: the engine, which has no more than 128 bits, refuses it.
function floatValue(digits, hex, power) {
    if (!digits)
        return 0
    if (!hex)
        return Math.abs(power) > 27 ? null : Number(digits + 'e' + power)
    // In two steps, so that neither factor is beyond what a double has.
    const value = Number(digits) * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2))
    return value >= 2 ** -1022 && value < Infinity ? value : null
}

// A field of an event: {kind, get, table, width}. Numbers of up to 32 bits are Numbers, others BigInts; < and == of
// JavaScript compare both as the numbers they are.
function filterField(event, number) {
    const field = event.fields[number]
    const place = item => field.offset !== null ? {block: blockOf(item), at: data.row[item] + field.offset}
        : Object.assign(fieldPlaces(item), {at: null})
    const of = item => {
        const p = place(item)
        return p.at === null ? {block: p.block, at: p.places[number].elements ? p.places[number].elements[0].at
            : p.places[number].at} : p
    }
    const made = {kind: 'opaque', table: field.table, width: field.width, get: null, context: false}
    if (field.isText) {
        made.kind = 'text'
        made.get = item => {
            const {block, places} = fieldPlaces(item)
            return binary(block.bytes, places[number].at, places[number].at + places[number].n)
        }
    } else if (field.kind === 'float' && !field.isArray) {
        made.kind = 'float'
        made.get = item => {
            const p = of(item)
            return loadFloat(p.block.view, p.at, field.width)
        }
    } else if (!field.isArray && !field.isBytes) {
        made.kind = field.kind === 'signed' ? 'signed' : 'unsigned'
        made.get = item => {
            const p = of(item)
            return loadInteger(p.block.view, p.at, field.width, field.kind === 'signed')
        }
    }
    return made
}

function filterCommon(what, event) {
    const get = {
        type: () => event.id, flags: item => data.context[item] & 255, preempt: item => data.context[item] >> 8,
        pid: item => data.task[item] | 0, cpu: item => data.cpu[item], comm: item => data.binaries[data.name[item]]
    }[what]
    return {kind: what === 'comm' ? 'text' : what === 'pid' ? 'signed' : 'unsigned', get, table: null, width: 8,
        context: what !== 'type' && what !== 'cpu'}
}

// The bits that remain have 64 bits, and no sign unless field and mask have one.
function filterMask(field, mask) {
    const get = field.get, signed = field.kind === 'signed' && mask < 0n, bits = BigInt.asUintN(64, mask)
    return item => {
        const value = BigInt.asUintN(64, BigInt(get(item))) & bits
        return signed ? BigInt.asIntN(64, value) : value
    }
}

/* eslint-disable eqeqeq */
function filterCompare(operator, get, right) {
    if (typeof right !== 'function') {
        const value = right >= -0x80000000n && right <= 0xffffffffn ? Number(right) : right
        switch (operator) {
        case '==': return item => get(item) == value
        case '!=': return item => get(item) != value
        case '<': return item => get(item) < value
        case '<=': return item => get(item) <= value
        case '>': return item => get(item) > value
        default: return item => get(item) >= value
        }
    }
    switch (operator) {
    case '==': return item => get(item) == right(item)
    case '!=': return item => get(item) != right(item)
    case '<': return item => get(item) < right(item)
    case '<=': return item => get(item) <= right(item)
    case '>': return item => get(item) > right(item)
    default: return item => get(item) >= right(item)
    }
}
/* eslint-enable eqeqeq */

// What is not a number passes no comparison, != neither.
function filterFloats(operator, get, right) {
    if (operator !== '!=')
        return filterCompare(operator, get, right)
    return item => {
        const a = get(item), b = right(item)
        return a < b || a > b
    }
}

// --- globs ---

function globClass(pattern, at, byte) {
    const inverted = pattern[at + 1] === '!' || pattern[at + 1] === '^'
    let i = at + (inverted ? 2 : 1), found = false
    do {
        const from = pattern[i]
        let to = from
        if (pattern[i + 1] === '-' && pattern[i + 2] !== ']') {
            to = pattern[i + 2]
            i += 2
        }
        found = found || (from <= byte && byte <= to)
    } while (pattern[++i] !== ']')
    return [found !== inverted, i + 1 - at]
}

// Can a ] close the class there? Else the [ is itself.
function globCloses(pattern, at, last) {
    let first = at + 1
    if (first < last && (pattern[first] === '!' || pattern[first] === '^'))
        first++
    return first < last
}

// [does it match the byte, length of the element]
function globElement(pattern, at, last, byte) {
    if (at === pattern.length)
        return [false, 1]
    if (pattern[at] === '?')
        return [true, 1]
    if (pattern[at] === '[' && globCloses(pattern, at, last))
        return globClass(pattern, at, byte)
    if (pattern[at] === '\\' && at + 1 < pattern.length)
        return [pattern[at + 1] === byte, 2]
    return [pattern[at] === byte, 1]
}

function globMatches(pattern, text) {
    const last = Math.max(pattern.lastIndexOf(']'), 0)
    let at = 0, i = 0, star = -1, from = 0
    while (i < text.length) {
        if (pattern[at] === '*') {
            star = ++at
            from = i
            continue
        }
        const [matches, length] = globElement(pattern, at, last, text[i])
        if (matches) {
            at += length
            i++
        } else if (star >= 0) { // only the last * is ever made longer
            at = star
            i = ++from
        } else {
            return false
        }
    }
    while (pattern[at] === '*')
        at++
    return at === pattern.length
}

// --- one text for all events ---

// sched:wakeup.pid is pid of that event, after as many blanks, so that columns stay. Null: another event is asked.
function filterTextFor(text, event) {
    const of = [event.full, event.sys + '_' + event.name, event.name].map(binaryOf)
    let quote = '', out = '', other = -1
    for (let i = 0; i < text.length;) {
        if (quote && text[i] === '\\' && i + 1 < text.length) {
            out += text.slice(i, i + 2)
            i += 2
            continue
        }
        if (text[i] === '"' || text[i] === "'")
            quote = !quote ? text[i] : quote === text[i] ? '' : quote
        const word = quote || !/[A-Za-z]/.test(text[i]) ? '' : /^[A-Za-z0-9_:.]+/.exec(text.slice(i))[0]
        const dot = word.lastIndexOf('.')
        if (dot > 0 && dot + 1 < word.length) {
            if (of.includes(word.slice(0, dot)) && event.fields.some(f => binaryOf(f.name) === word.slice(dot + 1)))
                out += ' '.repeat(dot + 1) + word.slice(dot + 1)
            else if (/(^|[(!&|]) *$/.test(text.slice(0, i)))
                return {text: null, column: i}
            else
                out += word
        } else {
            out += word || text[i]
        }
        i += word.length || 1
    }
    return {text: out, column: other}
}

function compileFor(text, event) {
    const named = filterTextFor(text, event)
    if (named.text === null)
        throw new FilterError('field', named.column, 'no such field')
    const parser = new FilterParser(named.text, event), test = parser.parse()
    return parser.needsContext ? item => (data.kind[item] & HAS_CONTEXT) !== 0 && test(item) : test
}

function compileFilter(text) {
    const tests = [], bytes = binaryOf(text)
    let problem = null, any = false
    data.events.forEach((event, number) => {
        try {
            tests[number] = compileFor(bytes, event)
            any = true
        } catch (e) {
            if (!(e instanceof FilterError))
                throw e
            if (!problem || e.column > problem.column)
                problem = {message: e.message, column: e.column}
        }
    })
    return {problem: any ? null : problem || {message: 'there are no events', column: 0},
        passes: item => tests[data.event[item]] !== undefined &&
            tests[data.event[item]](item)}
}
