// SPDX-License-Identifier: MIT
// list.js - the list of records. Only rows that can be seen are in the page, so its length costs nothing.

const list = {first: 0, rows: 0, ignore: false, following: true}
const ROW = 22
const SCROLL_MOST = 8e6 // browsers limit how high an element may be

function cell(text) {
    const span = document.createElement('span')
    span.textContent = plain(text)
    return span
}

function listRow(place) {
    const item = shownItem(place), row = document.createElement('div'), event = data.event[item]
    const [name, fields] = itemLine(item), context = data.kind[item] & HAS_CONTEXT
    row.className = event === LOSS ? 'row lost' : 'row'
    row.setAttribute('role', 'row')
    row.setAttribute('aria-rowindex', place + 2)
    row.setAttribute('aria-selected', item === view.selected)
    row.dataset.item = item
    const named = cell(name)
    if (event !== LOSS) {
        const dot = document.createElement('i')
        dot.className = 'dot'
        dot.style.background = COLORS[theme.name][eventColor(event)]
        named.prepend(dot)
    }
    row.append(cell(timeText(item)), cell(data.cpu[item]),
        cell(context ? data.strings[data.name[item]] + '-' + data.task[item] : ''), named,
        cell(fields.length > 400 ? fields.slice(0, 400) + '…' : fields))
    for (const child of row.children)
        child.setAttribute('role', 'gridcell')
    row.id = 'item' + item
    return row
}

function listHeight() {
    return Math.min(scene.n * ROW, SCROLL_MOST)
}

function listDraw() {
    const rows = document.getElementById('rows'), box = document.getElementById('scroll')
    list.rows = Math.max(1, Math.ceil(box.clientHeight / ROW))
    list.first = Math.max(0, Math.min(Math.floor(list.first), scene.n - Math.floor(box.clientHeight / ROW)))
    const made = []
    for (let i = list.first; i < Math.min(scene.n, list.first + list.rows); i++)
        made.push(listRow(i))
    rows.replaceChildren(...made)
    const grid = document.getElementById('list')
    grid.setAttribute('aria-rowcount', scene.n + 1)
    if (document.getElementById('item' + view.selected))
        grid.setAttribute('aria-activedescendant', 'item' + view.selected)
    else
        grid.removeAttribute('aria-activedescendant')
}

// Scrolls to a place of the list.
function listGo(first) {
    const box = document.getElementById('scroll'), room = box.clientHeight, most = Math.max(0, scene.n - Math.floor(room / ROW))
    list.first = Math.max(0, Math.min(Math.round(first), most))
    document.getElementById('space').style.height = listHeight() + 'px'
    list.ignore = true
    box.scrollTop = most ? list.first / most * Math.max(0, listHeight() - room) : 0
    listDraw()
    requestAnimationFrame(() => { list.ignore = false })
}

function listScrolled() {
    if (list.ignore)
        return
    const box = document.getElementById('scroll'), room = box.clientHeight
    const most = Math.max(0, scene.n - Math.floor(room / ROW)), range = Math.max(1, listHeight() - room)
    list.first = Math.min(most, Math.round(box.scrollTop / range * most))
    listDraw()
    listShows()
}

function listWheel(e) {
    if (listHeight() < SCROLL_MOST)
        return
    e.preventDefault()
    listGo(list.first + Math.sign(e.deltaY) * Math.max(1, Math.round(Math.abs(e.deltaY) / ROW)))
    listShows()
}

// The view follows the list: what it shows first is in view.
function listShows() {
    if (!scene.n)
        return
    const time = data.time[shownItem(list.first)]
    if (time < view.from || time > view.to) {
        list.following = false
        reveal(time)
    }
}

// The list follows the view, unless the selected record is in both.
function listFollow() {
    if (!list.following || document.getElementById('records').hidden) {
        list.following = true
        return
    }
    const at = view.selected >= 0 ? data.time[view.selected] : NaN
    if (at >= view.from && at <= view.to) {
        listDraw()
        return
    }
    listGo(placeOfTime(view.from))
}

// The first record of the list that is not before a time.
function placeOfTime(time) {
    let low = 0, high = scene.n
    while (low < high) {
        const middle = (low + high) >>> 1
        if (data.time[shownItem(middle)] < time)
            low = middle + 1
        else
            high = middle
    }
    return low
}

function choose(item, fromList) {
    view.selected = item
    inspect(item)
    const place = shownPlace(item)
    if (place < scene.n && (place < list.first || place >= list.first + list.rows - 1))
        listGo(place - Math.floor(list.rows / 2))
    else
        listDraw()
    list.following = false
    reveal(data.time[item])
    const [name, text] = itemLine(item)
    say((place < scene.n && shownItem(place) === item ? countText(place + 1) + ' of ' + countText(scene.n) + ': ' : '') +
        name + ' ' + text.slice(0, 160))
    redraw()
}

// The first place from there on that is no loss.
function firstRecord(place, by) {
    while (place >= 0 && place < scene.n && data.event[shownItem(place)] === LOSS)
        place += by
    return place
}

// The next record that passes, from the selected one or from where the view begins; `around`: after the last one the
// first.
function chooseNext(by, around) {
    if (!scene.n)
        return
    let place = view.selected >= 0 ? shownPlace(view.selected) + (by > 0 && shownItem(Math.min(shownPlace(view.selected),
        scene.n - 1)) !== view.selected ? 0 : by) : placeOfTime(view.from)
    place = firstRecord(place, by)
    if (around && (place < 0 || place >= scene.n))
        place = by > 0 ? firstRecord(0, 1) : firstRecord(scene.n - 1, -1)
    if (place >= 0 && place < scene.n)
        choose(shownItem(place))
    else
        say(by > 0 ? 'there is no record after it' : 'there is no record before it')
}

function chooseLoss(by) {
    const of = trace.losses.filter(ofScene())
    const at = view.selected >= 0 ? view.selected : by > 0 ? -1 : data.n
    const found = by > 0 ? of.find(item => item > at) : of.findLast(item => item < at)
    if (found === undefined)
        say(of.length ? 'there is no loss ' + (by > 0 ? 'after' : 'before') + ' it' : 'nothing is lost')
    else
        choose(found)
}

function listKey(e) {
    const place = view.selected >= 0 ? shownPlace(view.selected) : list.first - 1
    const to = {ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + list.rows - 1, PageUp: place - list.rows + 1,
        Home: 0, End: scene.n - 1}[e.key]
    if (to === undefined || !scene.n || e.ctrlKey || e.altKey)
        return
    e.preventDefault()
    e.stopPropagation()
    choose(shownItem(Math.max(0, Math.min(to, scene.n - 1))), true)
}
