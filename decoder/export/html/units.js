// SPDX-License-Identifier: MIT
// units.js - times and numbers as text.

// Characters that steer (the controls of Unicode, those that reorder a line, those that cannot be seen) as their numbers.
function plain(text) {
    return String(text).replace(
        // eslint-disable-next-line no-control-regex
        /[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu,
        c => c === '\n' ? '\\n' : c === '\t' ? '\\t' : '\\u' + c.codePointAt(0).toString(16).padStart(4, '0'))
}

function countText(n) {
    return n.toLocaleString('en-US')
}

// 1.234 ms, with three digits that matter.
function durationText(ns) {
    const size = Math.abs(ns)
    for (const [unit, scale] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
        if (size >= scale)
            return Number((ns / scale).toPrecision(size / scale >= 1000 ? 6 : 4)) + ' ' + unit
    return Number(ns.toFixed(size < 1 ? 3 : 0)) + ' ns'
}

// 12.345678901: seconds, exact.
function secondsText(ns) {
    return ns / 1000000000n + '.' + String(ns % 1000000000n).padStart(9, '0')
}

// 2026-11-23 23:12:33.123456789
function utcText(ns) {
    const day = new Date(Number(ns / 1000000n))
    if (Number.isNaN(day.getTime()))
        return secondsText(ns) + ' s'
    return day.toISOString().slice(0, 19).replace('T', ' ') + '.' + String(ns % 1000000000n).padStart(9, '0')
}

const clock = {wall: false}

// A time of the view: ns since data.origin.
function bigTime(time) {
    return data.origin + BigInt(Math.round(time))
}

function timeText(item) {
    const exact = exactTime(item), wall = clock.wall ? wallTime(data.capture[item], exact) : null
    return wall === null ? secondsText(exact) : utcText(wall).slice(11)
}

// A step of 1, 2 or 5 times a power of ten, of at least so many ns.
function niceStep(least) {
    const power = 10 ** Math.floor(Math.log10(least))
    for (const factor of [1, 2, 5])
        if (power * factor >= least)
            return Math.max(1, power * factor)
    return Math.max(1, power * 10)
}

// Where the ruler has a mark: with as many digits as its steps need.
function markText(time, step) {
    const exact = bigTime(time), digits = Math.max(0, Math.min(9, 9 - Math.floor(Math.log10(step))))
    const wall = clock.wall ? wallTime(scene.captures[0], exact) : null
    const text = wall === null ? secondsText(exact < 0n ? 0n : exact) : utcText(wall).slice(11)
    return digits ? text.slice(0, text.length - 9 + digits) : text.slice(0, -10)
}
