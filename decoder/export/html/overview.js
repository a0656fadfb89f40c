// SPDX-License-Identifier: MIT
// overview.js - the strip above the lanes: how many records there are at each time, losses, and what is in view.

// How many records of the scene each pixel has; made when the width or what is shown changes.
function density(width) {
    const key = width + ' ' + scene.generation + ' ' + scene.captures.join()
    if (view.density && view.density.key === key)
        return view.density
    const counts = new Uint32Array(width), lost = new Uint8Array(width), scale = width / (scene.to - scene.from)
    const column = time => Math.max(0, Math.min(width - 1, Math.floor((time - scene.from) * scale)))
    for (const cpu of trace.cpus.values()) {
        if (!scene.captures.includes(cpu.capture))
            continue
        for (let x = 0, i = 0; x < width && i < cpu.ticks.times.length; x++) {
            const next = above(cpu.ticks.times, scene.from + (x + 1) / scale, i, cpu.ticks.times.length)
            counts[x] += next - i
            i = next
        }
        for (let i = 0; i < cpu.losses.n; i++)
            lost.fill(1, column(cpu.losses.from[i]), column(cpu.losses.to[i]) + 1)
    }
    view.density = {key, counts, lost, most: counts.reduce((a, b) => Math.max(a, b), 1)}
    return view.density
}

function drawOverview() {
    const canvas = document.getElementById('overview'), g = canvas.getContext('2d', {alpha: false})
    const ratio = window.devicePixelRatio || 1, width = Math.floor(view.width), height = 34
    g.setTransform(ratio, 0, 0, ratio, 0, 0)
    g.fillStyle = theme.css.back
    g.fillRect(0, 0, width, height)
    const {counts, lost, most} = density(width)
    g.fillStyle = theme.css.weak
    for (let x = 0; x < width; x++)
        if (counts[x]) {
            const h = Math.max(2, (height - 8) * Math.log1p(counts[x]) / Math.log1p(most))
            g.fillRect(x, height - 3 - h, 1, h)
        }
    g.fillStyle = theme.css.bad
    for (let x = 0; x < width; x++)
        if (lost[x])
            g.fillRect(x, 0, 1.5, 5)
    const scale = width / (scene.to - scene.from)
    const a = (view.from - scene.from) * scale, b = Math.max((view.to - scene.from) * scale, a + 2)
    g.fillStyle = theme.css.panel
    g.globalAlpha = 0.75
    g.fillRect(0, 0, a, height)
    g.fillRect(b, 0, width - b, height)
    g.globalAlpha = 1
    g.strokeStyle = theme.css.accent
    g.lineWidth = 1.5
    g.strokeRect(a + 0.75, 0.75, Math.max(b - a - 1.5, 1), height - 2)
}
