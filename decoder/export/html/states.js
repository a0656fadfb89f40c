// SPDX-License-Identifier: MIT
// states.js - what tasks do, by the same rules as tpdecode --tasks: of a time that a loss on any CPU is in it is not known
// what a task did that did not run, since it may have run there.

function stateSlices() {
    return [null, new Slices(), new Slices(), new Slices()]
}

function taskOf(capture, pid, name) {
    const key = capture * 2 ** 33 + pid
    let number = trace.taskNumbers.get(key)
    if (number === undefined) {
        number = trace.tasks.length
        trace.taskNumbers.set(key, number)
        trace.tasks.push({capture, pid, number, name: null, by: stateSlices(), state: STATE.none, since: 0, item: 0,
            woken: false, losses: 0, ran: 0, waited: 0, wakes: 0, longest: 0, runs: 0, rows: []})
    }
    if (name !== null)
        trace.tasks[number].name = name
    return trace.tasks[number]
}

function taskName(task) {
    return task.pid === 0 ? 'idle' : task.name === null ? '<...>' : data.strings[task.name]
}

// Kernels have a task for what a CPU does when there is nothing to do: of number 0, or called that.
function isIdle(task) {
    return task.pid === 0 || (task.name !== null && /^<?(idle|swapper)>?([/-]?[0-9]+)?$/.test(data.strings[task.name]))
}

function lossesOf(capture) {
    return trace.lossStarts[capture] = trace.lossStarts[capture] || []
}

function setState(task, state, time, item, woken) {
    task.state = state
    task.since = time
    task.item = item
    task.woken = woken || false
    task.losses = lossesOf(task.capture).length
}

function addWait(task, end, counts) {
    const {waits} = trace
    waits.task.push(task.number)
    waits.start.push(task.since)
    waits.end.push(Math.max(end, task.since))
    waits.reached.push(Math.max(end, waits.reached.n ? waits.reached.values[waits.reached.n - 1] : end))
    waits.item.push(task.item)
    waits.counts.push(counts)
}

function addSleep(task, end) {
    if (end > task.since)
        task.by[STATE.sleeping].add(task.since, end, task.name === null ? 0 : task.name, 0, task.item)
}

// What a task did before something was lost is not what it does now.
function forgetLost(task) {
    const losses = lossesOf(task.capture)
    if (task.state === STATE.none || task.losses === losses.length)
        return
    const known = losses[task.losses]
    if (task.state === STATE.ready)
        addWait(task, known, WAIT.cut)
    else if (task.state === STATE.sleeping)
        addSleep(task, known)
    task.state = STATE.none
}

function leaveTask(task, state, time, item) {
    if (!isIdle(task))
        setState(task, state === 1 ? STATE.ready : state === 2 ? STATE.sleeping : STATE.none, time, item)
}

function enterTask(task, time, item) {
    task.runs++
    if (isIdle(task)) {
        task.state = STATE.none // its name may not have been known before
        return
    }
    forgetLost(task)
    if (task.state === STATE.sleeping)
        addSleep(task, time)
    else if (task.state === STATE.ready)
        addWait(task, time, task.woken ? WAIT.woken : WAIT.ready)
    setState(task, STATE.running, time, item)
}

function wakeTask(task, time, item) {
    if (isIdle(task))
        return
    forgetLost(task)
    if (task.state === STATE.sleeping)
        addSleep(task, time)
    if (task.state === STATE.none || task.state === STATE.sleeping)
        setState(task, STATE.ready, time, item, true)
}

// It begins or ends: it does not wait for what it waited for.
function dropTask(task, time) {
    if (task.state === STATE.sleeping)
        addSleep(task, time)
    if (task.state >= STATE.ready)
        task.state = STATE.none
}

// Records are missing from this time on: waits that ended after it may have been shorter.
function loseWaits(capture, time) {
    const {waits} = trace
    lossesOf(capture).push(time)
    for (let i = waits.end.n - 1; i >= 0 && waits.reached.values[i] > time; i--)
        if (waits.end.values[i] > time && trace.tasks[waits.task.values[i]].capture === capture) {
            waits.counts.values[i] = WAIT.cut
            waits.end.values[i] = Math.max(time, waits.start.values[i])
        }
}

function finishTasks(last) {
    for (const task of trace.tasks) {
        forgetLost(task)
        if (task.state === STATE.sleeping)
            addSleep(task, last[task.capture])
        else if (task.state === STATE.ready)
            addWait(task, last[task.capture], WAIT.ready) // so far
    }
    const {waits} = trace
    for (let i = 0; i < waits.end.n; i++) {
        const task = trace.tasks[waits.task.values[i]], start = waits.start.values[i], end = waits.end.values[i]
        const counts = waits.counts.values[i]
        if (end > start)
            task.by[STATE.ready].add(start, end, task.name === null ? 0 : task.name, counts, waits.item.values[i])
        if (counts === WAIT.cut)
            continue
        task.waited += end - start
        if (counts !== WAIT.woken)
            continue
        task.wakes++
        task.longest = Math.max(task.longest, end - start)
        trace.latencies.value.push(end - start)
        trace.latencies.item.push(waits.item.values[i])
    }
    trace.waits = null
    for (const task of trace.tasks)
        task.by.forEach(slices => slices && slices.done())
    trace.latencies.value = trace.latencies.value.done()
    trace.latencies.item = trace.latencies.item.done()
}
