// SPDX-License-Identifier: MIT
// bytes.js - base64, gzip'ed bytes, and numbers in bytes.
'use strict'

function fromBase64(text) {
    if (Uint8Array.fromBase64)
        return Uint8Array.fromBase64(text)
    const plain = atob(text), bytes = new Uint8Array(plain.length)
    for (let i = 0; i < plain.length; i++)
        bytes[i] = plain.charCodeAt(i)
    return bytes
}

async function inflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
}

// Bytes as a string with a character for each, which is how filters compare texts.
function binary(bytes, from, to) {
    let text = ''
    for (let i = from; i < to; i += 4096)
        text += String.fromCharCode.apply(null, bytes.subarray(i, Math.min(to, i + 4096)))
    return text
}

const decoder = new TextDecoder('utf-8', {ignoreBOM: true})
const encoder = new TextEncoder()

// How many bytes the valid UTF-8 character has that is there; 0: none is.
function characterBytes(bytes, at, to) {
    const first = bytes[at], n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    if (at + n > to)
        return 0
    for (let i = 1; i < n; i++)
        if ((bytes[at + i] & 0xc0) !== 0x80)
            return 0
    const second = bytes[at + 1]
    const wrong = (first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f) || (first === 0xf0 && second < 0x90) ||
        (first === 0xf4 && second > 0x8f)
    return wrong ? 0 : n
}

// Each byte that is no UTF-8 is U+FFFD, as in JSON of tpdecode.
function shownText(bytes, from, to) {
    const quick = decoder.decode(bytes.subarray(from, to))
    if (!quick.includes('\ufffd'))
        return quick
    let text = ''
    for (let at = from; at < to;) {
        const n = characterBytes(bytes, at, to)
        text += n ? decoder.decode(bytes.subarray(at, at + n)) : '\ufffd'
        at += n || 1
    }
    return text
}

function hexDigits(bytes, from, to) {
    let text = ''
    for (let i = from; i < to; i++)
        text += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16)
    return text
}

// Reads numbers one after the other.
class Reader {
    constructor(bytes, at, end) {
        this.bytes = bytes
        this.at = at
        this.end = end
    }

    // Exact up to 2^53.
    number() {
        let byte = this.bytes[this.at++]
        if (byte < 128)
            return byte
        let value = byte & 127, scale = 128
        do {
            byte = this.bytes[this.at++]
            value += (byte & 127) * scale
            scale *= 128
        } while (byte >= 128)
        return value
    }

    signed() {
        const value = this.number()
        return value % 2 ? -(value + 1) / 2 : value / 2
    }

    // Exact.
    big() {
        let value = 0n, shift = 0n, byte
        do {
            byte = this.bytes[this.at++]
            value |= BigInt(byte & 127) << shift
            shift += 7n
        } while (byte >= 128)
        return value
    }

    bigSigned() {
        const value = this.big()
        return value & 1n ? -(value >> 1n) - 1n : value >> 1n
    }

    double() {
        const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8)
        this.at += 8
        return view.getFloat64(0, true)
    }
}

// A typed array that grows.
class Column {
    constructor(type) {
        this.values = new type(16)
        this.n = 0
    }

    push(value) {
        if (this.n === this.values.length) {
            const larger = new this.values.constructor(2 * this.n)
            larger.set(this.values)
            this.values = larger
        }
        this.values[this.n++] = value
    }

    done() {
        return this.values = this.values.slice(0, this.n)
    }
}

// The first place whose value is above `value`, from `low` on; values do not go down.
function above(values, value, low, high) {
    while (low < high) {
        const middle = (low + high) >>> 1
        if (values[middle] <= value)
            low = middle + 1
        else
            high = middle
    }
    return low
}
