// SPDX-License-Identifier: MIT
// inspect.js - every field of the selected record. Texts of the dump are put in as text only.

function element(name, text, className) {
    const made = document.createElement(name)
    if (text !== undefined)
        made.textContent = plain(text)
    if (className)
        made.className = className
    return made
}

function inspectRow(table, name, value, type) {
    const row = element('tr')
    const head = element('th', name)
    head.scope = 'row'
    row.append(head, element('td', value, 'value'), element('td', type || '', 'type'))
    table.append(row)
}

// A number in another base as well, where that helps.
function fieldNote(field, block, place) {
    const size = field.isArray || field.isText || field.isBytes ? '' : field.type
    if (!size || field.kind === 'float' || field.kind === 'bool')
        return size || (field.type + (place.cut ? ', cut' : ''))
    const at = place.elements ? place.elements[0].at : place.at
    const value = BigInt(loadInteger(block.view, at, field.width, field.kind === 'signed'))
    if (field.table || field.kind === 'char')
        return size + ' ' + value
    return value > 9n ? size + ' 0x' + value.toString(16) : size
}

function inspectFields(table, item) {
    const {block, event, places} = fieldPlaces(item)
    event.fields.forEach((field, i) => inspectRow(table, field.name, fieldText(field, block, places[i]),
        fieldNote(field, block, places[i])))
}

function inspectLoss(table, item) {
    const loss = lossOf(item)
    inspectRow(table, 'lost', loss.known ? countText(Number(loss.count)) + ' records' : 'an unknown number of records')
    inspectRow(table, 'cause', loss.cause)
    if (loss.before)
        inspectRow(table, 'within', durationText(loss.before) + ' before')
    if (loss.open)
        inspectRow(table, 'up to', 'the record that follows on this CPU')
}

function inspectTime(table, item) {
    const exact = exactTime(item), wall = wallTime(data.capture[item], exact)
    inspectRow(table, 'time', data.captures[data.capture[item]].wall ? utcText(exact) : secondsText(exact) + ' s')
    if (wall !== null && wall !== exact)
        inspectRow(table, 'UTC', utcText(wall))
    const on = trace.cpus.get(data.capture[item] * 65536 + data.cpu[item]), at = on.items.indexOf(item)
    if (at > 0)
        inspectRow(table, 'after', durationText(data.time[item] - on.times[at - 1]), 'the one before on its CPU')
    inspectRow(table, 'CPU', String(data.cpu[item]))
    if (!(data.kind[item] & HAS_CONTEXT))
        return
    inspectRow(table, 'task', data.strings[data.name[item]] + '-' + data.task[item])
    inspectRow(table, 'context', contextText(item))
}

function inspect(item) {
    const box = document.getElementById('inspector'), table = element('table'), event = data.event[item]
    const title = element('h2', event === LOSS ? 'records lost' : event === UNKNOWN ? 'unknown event' : data.events[event].full)
    inspectTime(table, item)
    if (data.captures.length > 1)
        inspectRow(table, 'capture', sceneName(data.capture[item]))
    if (event === LOSS)
        inspectLoss(table, item)
    else if (event === UNKNOWN)
        inspectRow(table, 'bytes', itemLine(item)[1])
    else
        inspectFields(table, item)
    if (data.kind[item] & IS_UNFINISHED)
        inspectRow(table, 'unfinished', 'it was being written when the trace ended')
    box.replaceChildren(title, table)
}

function sceneName(capture) {
    const of = data.captures[capture]
    return [of.host, of.file, 'capture ' + of.capture].filter(w => w).join(', ')
}
