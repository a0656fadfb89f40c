// SPDX-License-Identifier: MIT
// tables.js - what the trace is as tables: a summary, which is what is printed, wake-ups, and what is in view.

const TABLE_MOST = 500 // rows

// columns: names; one that begins with # has numbers. rows: cells, each a text or an element.
function table(caption, columns, rows) {
    const made = element('table'), head = element('thead'), body = element('tbody'), first = element('tr')
    for (const column of columns) {
        const cell = element('th', column.replace(/^#/, ''), column.startsWith('#') ? 'number' : '')
        cell.scope = 'col'
        first.append(cell)
    }
    head.append(first)
    for (const cells of rows.slice(0, TABLE_MOST)) {
        const row = element('tr', undefined, cells.lost ? 'lost' : '')
        cells.forEach((value, i) => {
            const cell = element('td', undefined, columns[i] && columns[i].startsWith('#') ? 'number' : '')
            cell.append(typeof value === 'string' ? plain(value) : value)
            row.append(cell)
        })
        body.append(row)
    }
    made.append(element('caption', caption), head, body)
    if (rows.length > TABLE_MOST)
        made.append(element('caption', caption + ', the first ' + TABLE_MOST + ' of ' + countText(rows.length)))
    return made
}

function jump(text, item) {
    const button = element('button', text, 'link')
    button.addEventListener('click', () => {
        choose(item)
        openTab('tabRecords')
    })
    return button
}

function bar(share) {
    const made = element('span', undefined, 'bar')
    made.style.width = (100 * share).toFixed(1) + '%'
    return made
}

function perSecond(n, ns) {
    return ns > 0 ? countText(Math.round(n / (ns / 1e9))) : ''
}

// --- summary ---

function capturesTable() {
    const rows = data.captures.map(capture => {
        const cpus = [...trace.cpus.values()].filter(c => c.capture === capture.number && c.times.length)
        const from = Math.min(...cpus.map(c => c.times[0])), to = Math.max(...cpus.map(c => c.times[c.times.length - 1]))
        const known = cpus.length > 0, wall = known ? wallTime(capture.number, bigTime(from)) : null
        return [capture.file, capture.host, String(capture.capture), known ? secondsText(bigTime(from)) : '',
            known ? durationText(to - from) : '', wall === null ? '' : utcText(wall) + ' UTC', countText(capture.items),
            String(cpus.length), (capture.clock + ' ' + countText(Number(capture.clock_hz)) + ' Hz').trim(),
            [capture.buffer, capture.mode].filter(w => w).join(', '),
            capture.end && capture.end.cut ? 'cut: too many records for a page' : capture.end && capture.end.ended
                ? 'whole' : 'no end mark']
    })
    return table('Captures', ['file', 'host', '#no', '#from (s)', '#takes', 'began', '#records', '#CPUs', 'clock', 'buffer',
        'end'], rows)
}

function lossesTable() {
    const causes = new Map()
    for (const item of trace.losses) {
        const loss = lossOf(item), of = causes.get(loss.cause) || {count: 0n, places: 0, unknown: 0}
        of.count += loss.count
        of.places++
        of.unknown += !loss.known
        causes.set(loss.cause, of)
    }
    for (const capture of data.captures)
        if (capture.end && capture.end.strangers !== '0')
            causes.set('unknown_cpu', {count: BigInt(capture.end.strangers), places: 0, unknown: 0})
    const rows = [...causes].map(([cause, of]) => Object.assign([cause, of.count.toLocaleString('en-US') +
        (of.unknown ? ' and more' : ''), countText(of.places)], {lost: true}))
    return rows.length ? table('Losses', ['cause', '#records', '#places'], rows)
        : element('p', 'Losses: none. Each record that was made is here, as far as the dump knows.')
}

function eventsTable() {
    const counts = new Map()
    for (let item = 0; item < data.n; item++)
        counts.set(data.event[item], (counts.get(data.event[item]) || 0) + 1)
    const named = new Map()
    for (const [event, n] of counts)
        if (event !== LOSS) {
            const name = event === UNKNOWN ? 'unknown' : data.events[event].full
            named.set(name, (named.get(name) || 0) + n)
        }
    for (const capture of data.captures)
        for (const [sys, name, count] of capture.end ? capture.end.suppressed : [])
            named.set(sys + ':' + name + ' (left out by sampling)', Number(count))
    const rows = [...named].sort((a, b) => b[1] - a[1])
    const most = rows.length ? rows[0][1] : 1
    const made = table('Events', ['event', '#records', '#a second', ''], rows.map(([name, n]) => [name, countText(n),
        perSecond(n, data.last - data.first), bar(n / most)]))
    made.className = 'bars'
    return made
}

function tasksTable() {
    const ran = trace.tasks.filter(t => t.runs || t.waited).sort((a, b) => b.ran - a.ran)
    if (!ran.length)
        return element('p', 'Tasks: no event says what runs (tpdecode --list-roles shows what events mean; --role says it).')
    const most = Math.max(...ran.map(t => t.ran), 1)
    const several = data.captures.length > 1
    const made = table('Tasks', ['task', ...(several ? ['capture'] : []), '#ran', '#times', '#waited for a CPU', '#woken', '#longest', ''],
        ran.map(t => [t.pid === 0 ? 'idle' : taskName(t) + '-' + t.pid, ...(several ? [sceneName(t.capture)] : []),
            durationText(t.ran), countText(t.runs), t.waited ? durationText(t.waited) : '', t.wakes ? countText(t.wakes) : '',
            t.wakes ? durationText(t.longest) : '', bar(t.ran / most)]))
    made.className = 'bars'
    return made
}

function fillSummary() {
    const box = element('div', undefined, 'sheets')
    box.append(capturesTable(), lossesTable(), tasksTable(), eventsTable())
    document.getElementById('summary').replaceChildren(box)
}

// --- wake-ups ---

function quantile(sorted, share) {
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

function fillLatency() {
    const {value, item} = trace.latencies, box = element('div', undefined, 'sheets')
    const wanted = ofScene(), at = [...value.keys()].filter(i => wanted(item[i]))
    if (!at.length) {
        box.append(element('p', 'No task was seen to be woken and then to run.'))
        document.getElementById('latency').replaceChildren(box)
        return
    }
    const sorted = Float64Array.from(at, i => value[i]).sort(), bins = new Map()
    for (const ns of sorted) {
        const bin = ns < 1 ? -1 : Math.floor(Math.log2(ns))
        bins.set(bin, (bins.get(bin) || 0) + 1)
    }
    const most = Math.max(...bins.values()), low = Math.min(...bins.keys()), high = Math.max(...bins.keys()), rows = []
    for (let bin = low; bin <= high; bin++)
        rows.push([bin < 0 ? '0' : durationText(2 ** bin), bin < 0 ? '' : durationText(2 ** (bin + 1)),
            countText(bins.get(bin) || 0), bins.get(bin) ? bar(bins.get(bin) / most) : ''])
    const histogram = table('From wake-up to running', ['#from', '#below', '#times', ''], rows)
    histogram.className = 'bars'
    const quantiles = table('Of ' + countText(at.length) + ' wake-ups', ['share', '#at most'],
        [['half', 0.5], ['90 %', 0.9], ['99 %', 0.99], ['99.9 %', 0.999], ['all', 1]]
            .map(([name, share]) => [name, durationText(quantile(sorted, share))]))
    const worst = at.sort((a, b) => value[b] - value[a]).slice(0, 20)
    const list = table('The longest', ['#took', 'at', 'CPU'], worst.map(i => [durationText(value[i]),
        jump(timeText(item[i]), item[i]), String(data.cpu[item[i]])]))
    box.append(histogram, quantiles, list)
    document.getElementById('latency').replaceChildren(box)
}

// --- what is in view, for who does not see it ---

// How long slices are within the view.
function busyInView(slices, counts) {
    let busy = 0
    for (let i = above(slices.end, view.from, 0, slices.n); i < slices.n && slices.start[i] < view.to; i++)
        if (counts(i))
            busy += Math.min(slices.end[i], view.to) - Math.max(slices.start[i], view.from)
    return busy
}

function ticksInView(cpu) {
    const {times} = cpu.ticks
    return above(times, view.to, 0, times.length) - above(times, view.from - 0.5, 0, times.length)
}

function shareText(part) {
    return (100 * part / (view.to - view.from)).toFixed(1) + ' %'
}

function fillView() {
    const box = element('div', undefined, 'sheets')
    const cpus = scene.lanes.filter(l => l.kind === 'cpu').map(l => l.cpu)
    const lost = cpu => above(cpu.losses.from, view.to, 0, cpu.losses.n) - above(cpu.losses.to, view.from - 0.5, 0, cpu.losses.n)
    box.append(element('p', 'From ' + secondsText(bigTime(view.from)) + ' s, ' + durationText(view.to - view.from) +
        '. It follows the timeline: the buttons above move that as well.'))
    box.append(table('CPUs in view', ['CPU', '#busy', '#records', '#losses'], cpus.map(cpu => Object.assign([
        String(cpu.cpu), cpu.runs.n ? shareText(busyInView(cpu.runs, i => !isIdle(trace.tasks[cpu.runs.what[i]]))) : '',
        countText(ticksInView(cpu)), countText(lost(cpu))], {lost: lost(cpu) > 0}))))
    const tasks = scene.lanes.filter(l => l.kind === 'task').map(l => l.task)
        .map(task => [task, ...[STATE.running, STATE.ready, STATE.sleeping].map(state => busyInView(task.by[state], () => true))])
        .filter(([, running, ready, sleeping]) => running + ready + sleeping > 0).sort((a, b) => b[1] - a[1])
    if (tasks.length)
        box.append(table('Tasks in view', ['task', '#runs', '#waits for a CPU', '#sleeps'],
            tasks.map(([task, ...parts]) => [taskName(task) + '-' + task.pid, ...parts.map(shareText)])))
    document.getElementById('inView').replaceChildren(box)
}
