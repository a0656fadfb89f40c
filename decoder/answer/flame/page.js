
'use strict'
// Zooms to the box that is clicked, and marks names that have a text.
const $ = id => document.getElementById(id)
const boxes = Array.from(document.querySelectorAll('#flame p'), p => ({
    p, from: Number(p.dataset.from), n: Number(p.dataset.n), row: parseInt(p.style.top), name: p.textContent }))
let shown = boxes[0]

// What is below a box, and what it is in, which is then as wide as the page.
function zoom(to) {
    shown = to
    for (const b of boxes) {
        const around = b.row < to.row && b.from <= to.from && b.from + b.n >= to.from + to.n
        const below = b.row >= to.row && b.from >= to.from && b.from + b.n <= to.from + to.n
        b.p.hidden = !around && !below
        b.p.classList.toggle('around', around)
        b.p.style.left = around || !to.n ? '0%' : (b.from - to.from) / to.n * 100 + '%'
        b.p.style.width = around || !to.n ? '100%' : b.n / to.n * 100 + '%'
    }
    say(to)
}

function say(b) {
    $('said').textContent = b.p.title
}

// How much is in boxes that have the text: those that are in another such box are a part of it.
function search(text) {
    const wanted = text.toLowerCase()
    let sum = 0, end = 0

    for (const b of boxes)
        b.p.classList.toggle('hit', wanted !== '' && b !== boxes[0] && b.name.toLowerCase().includes(wanted))
    const hits = boxes.filter(b => b.p.classList.contains('hit')).sort((a, b) => a.from - b.from || b.n - a.n)
    for (const b of hits)
        if (b.from >= end) {
            sum += b.n
            end = b.from + b.n
        }
    $('found').textContent = wanted === '' ? '' :
        `${sum} ${$('flame').dataset.unit}, ${boxes[0].n ? (sum / boxes[0].n * 100).toFixed(2) : 0} %`
}

for (const b of boxes) {
    b.p.tabIndex = 0
    b.p.setAttribute('role', 'button')
    b.p.addEventListener('click', () => zoom(b))
    b.p.addEventListener('mouseenter', () => say(b))
    b.p.addEventListener('focus', () => say(b))
    b.p.addEventListener('keydown', e => {
        if (e.key === 'Enter' || e.key === ' ') {
            e.preventDefault()
            zoom(b)
        }
    })
}
document.addEventListener('keydown', e => {
    if (e.key === 'Escape')
        zoom(boxes[0])
})
$('text').addEventListener('input', () => search($('text').value))
$('search').addEventListener('submit', e => e.preventDefault())
$('search').hidden = false
document.documentElement.dataset.ready = 'yes'
