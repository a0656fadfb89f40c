// SPDX-License-Identifier: MIT
// units.js - times and numbers as text.

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
