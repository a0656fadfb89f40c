// SPDX-License-Identifier: MIT
// fields.js - the fields of a record: where they are, and their values as text.

// Where each field of an item's row is: {at, n, cut, name}, n in elements or bytes.
function fieldPlaces(item) {
    const block = blockOf(item), event = data.events[data.event[item]]
    const reader = new Reader(block.bytes, data.row[item], block.bytes.length), places = []
    for (const field of event.fields) {
        const place = {at: reader.at, n: 1, cut: false, names: null}
        if (field.isText || field.isBytes || field.sequence) {
            const head = reader.number()
            place.cut = head % 2 === 1
            place.n = Math.floor(head / 2)
            place.at = reader.at
        } else if (field.isArray) {
            place.n = field.count
        }
        if (field.named) {
            place.elements = []
            for (let i = 0; i < place.n; i++) {
                const at = reader.at
                reader.at += field.width
                place.elements.push({at, name: reader.number()})
            }
        } else {
            reader.at += place.n * (field.isText || field.isBytes ? 1 : field.width)
        }
        places.push(place)
    }
    return {block, event, places}
}

function loadInteger(view, at, width, signed) {
    switch (width) {
    case 1: return signed ? view.getInt8(at) : view.getUint8(at)
    case 2: return signed ? view.getInt16(at, true) : view.getUint16(at, true)
    case 4: return signed ? view.getInt32(at, true) : view.getUint32(at, true)
    default: return signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true)
    }
}

function loadFloat(view, at, width) {
    return width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true)
}

// As %.*g of C prints it.
function generalText(value, digits) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e'), power = Number(exponent)
    const short = text => text.includes('.') ? text.replace(/\.?0+$/, '') : text
    if (power >= -4 && power < digits)
        return short(value.toFixed(Math.min(100, digits - 1 - power)))
    return short(mantissa) + 'e' + (power < 0 ? '-' : '+') + String(Math.abs(power)).padStart(2, '0')
}

// The shortest text that is read as the same number of that width.
function floatText(value, width) {
    if (!Number.isFinite(value))
        return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
    if (Object.is(value, -0))
        return '-0'
    let digits = width === 4 ? 6 : 15, text = generalText(value, digits)
    while (digits < (width === 4 ? 9 : 17) && (width === 4 ? Math.fround(text) : Number(text)) !== value)
        text = generalText(value, ++digits)
    return text
}

function flagsText(field, value) {
    const names = [], table = field.table
    let rest = BigInt.asUintN(8 * field.width, BigInt(value))
    const zero = !rest
    for (const entry of table.values) {
        const bits = BigInt.asUintN(8 * field.width, entry.value)
        if (entry.value >= 0n && bits !== entry.value) // more bits than the field has
            continue
        if (zero ? bits || names.length : !bits || (rest & bits) !== bits)
            continue
        names.push(entry.name)
        rest &= ~bits
    }
    if (rest || !names.length)
        names.push(rest ? '0x' + rest.toString(16) : '0')
    return names.join('|')
}

function elementText(field, block, at, name) {
    if (field.kind === 'float')
        return floatText(loadFloat(block.view, at, field.width), field.width)
    const value = loadInteger(block.view, at, field.width, field.kind === 'signed')
    if (field.table && field.table.flags)
        return flagsText(field, value)
    if (field.table && field.table.names.has(BigInt(value)))
        return field.table.names.get(BigInt(value))
    if (field.kind === 'bool')
        return value ? 'true' : 'false'
    if (field.kind === 'char')
        return shownText(block.bytes, at, at + 1)
    if (field.kind === 'ptr')
        return name ? data.strings[block.strings[name - 1]] : '0x' + value.toString(16)
    return String(value)
}

function fieldText(field, block, place) {
    const dots = place.cut ? '...' : ''
    if (field.isText)
        return shownText(block.bytes, place.at, place.at + place.n) + dots
    if (field.isBytes)
        return hexDigits(block.bytes, place.at, place.at + place.n) + dots
    const at = i => place.elements ? place.elements[i].at : place.at + i * field.width
    const name = i => place.elements ? place.elements[i].name : 0
    if (!field.isArray)
        return elementText(field, block, at(0), name(0))
    const texts = []
    for (let i = 0; i < place.n; i++)
        texts.push(elementText(field, block, at(i), name(i)))
    if (place.cut)
        texts.push('...')
    return '{' + texts.join(',') + '}'
}

function lossOf(item) {
    const block = blockOf(item), reader = new Reader(block.bytes, data.row[item], block.bytes.length)
    const cause = data.strings[block.strings[reader.number()]], flags = reader.number()
    return {cause, known: (flags & 1) !== 0, open: (flags & 2) !== 0, count: reader.big(), before: reader.number()}
}

// What is shown of an item in one line: [name, text].
function itemLine(item) {
    const event = data.event[item]
    if (event === LOSS) {
        const loss = lossOf(item)
        return ['lost', (loss.known ? loss.count : 'an unknown number of') + ' records (' + loss.cause + ')']
    }
    if (event === UNKNOWN) {
        const block = blockOf(item), reader = new Reader(block.bytes, data.row[item], block.bytes.length)
        return ['unknown', 'id=' + reader.number() + ' raw=' + hexDigits(block.bytes, reader.at, rowEnd(block, item))]
    }
    const {block, event: of, places} = fieldPlaces(item)
    const text = of.fields.map((field, i) => field.name + '=' + fieldText(field, block, places[i])).join(' ')
    return [of.full + (data.kind[item] & IS_UNFINISHED ? ' (unfinished)' : ''), text]
}

function rowEnd(block, item) {
    return item + 1 < block.first + block.n ? data.row[item + 1] : block.parts[PART.rows].end
}

const CONTEXT = {off: 1, resched: 2, soft: 4, hard: 8, nmi: 16}

// d..1. as tpdecode prints it.
function contextText(item) {
    const flags = data.context[item] & 255, depth = data.context[item] >> 8
    const hard = flags & CONTEXT.hard, soft = flags & CONTEXT.soft, nmi = flags & CONTEXT.nmi
    return (flags & CONTEXT.off ? 'd' : '.') + (flags & CONTEXT.resched ? 'N' : '.') +
        (nmi && hard ? 'Z' : nmi ? 'z' : hard && soft ? 'H' : hard ? 'h' : soft ? 's' : '.') +
        '.123456789abcdef'[Math.min(depth, 15)] + '.'
}
