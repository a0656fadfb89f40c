// SPDX-License-Identifier: MIT
// color.js - a colour for each name, the same in all traces; all of them differ from the page by 3:1 and more.

const COLORS = {
    light: ['#2f6db3', '#b4540a', '#1b7f5c', '#a6357a', '#6b4fb8', '#86690a', '#0b7d93', '#b03a3a', '#4d7a1f',
        '#7a4a2b', '#55616b', '#3f57c4'],
    dark: ['#7db3ec', '#f0a35e', '#5fcfa4', '#e38cc4', '#b29cf0', '#d6bd55', '#5cc6dc', '#f08a86', '#a5cf72',
        '#cfa184', '#a9b6c0', '#93a5ff']
}
const STATE_COLORS = {light: ['', '#1b7f5c', '#b4540a', '#8a96a3'], dark: ['', '#5fcfa4', '#f0a35e', '#6d7883']}

function nameHash(text) {
    let hash = 0x811c9dc5
    for (let i = 0; i < text.length; i++)
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    hash ^= hash >>> 15
    return hash >>> 0
}

// Which of the colours.
function colorNumber(text) {
    return nameHash(text) % COLORS.light.length
}

const stringColors = []

function stringColor(number) {
    if (stringColors[number] === undefined)
        stringColors[number] = colorNumber(data.strings[number])
    return stringColors[number]
}

function eventColor(event) {
    const of = data.events[event]
    if (!of)
        return 10
    if (of.color === undefined)
        of.color = colorNumber(of.full)
    return of.color
}

const theme = {name: 'light', css: {}}

function readTheme() {
    const style = getComputedStyle(document.documentElement)
    theme.name = style.colorScheme.includes('dark') ? 'dark' : 'light'
    for (const name of ['back', 'panel', 'line', 'text', 'weak', 'accent', 'mark', 'bad', 'mono'])
        theme.css[name] = style.getPropertyValue('--' + name).trim()
    theme.hatch = null
}

function nextTheme() {
    const root = document.documentElement
    readTheme()
    root.dataset.theme = theme.name === 'dark' ? 'light' : 'dark'
    readTheme()
}

// Stripes, for what is not known.
function hatch(g) {
    if (theme.hatch)
        return theme.hatch
    const tile = document.createElement('canvas')
    tile.width = tile.height = 8
    const t = tile.getContext('2d')
    t.fillStyle = theme.name === 'dark' ? '#4a1f1c' : '#fbdcd9'
    t.fillRect(0, 0, 8, 8)
    t.strokeStyle = theme.css.bad
    t.lineWidth = 1.6
    t.beginPath()
    for (const x of [-4, 4, 12]) {
        t.moveTo(x - 5, 9)
        t.lineTo(x + 5, -1)
    }
    t.stroke()
    return theme.hatch = g.createPattern(tile, 'repeat')
}
