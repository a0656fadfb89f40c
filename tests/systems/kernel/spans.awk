# SPDX-License-Identifier: MIT
# What tpdecode --spans must say of a dump, from its records as JSON, by their fields and not by roles: a line
# `span NAME COUNT TOTAL SELF` each (SELF of what is opened and closed: -), and with folded=1 lines
# `PATH SELF` instead. Times are nanoseconds. Nothing of the same name is in itself in these dumps.
BEGIN { OFMT = CONVFMT = "%.0f" } # nanoseconds are more than 31 bits
function field(key, at)
{
    at = index($0, "\"" key "\":")
    return substr($0, at + length(key) + 3) + 0
}
function text(key, at, rest)
{
    at = index($0, "\"" key "\":\"")
    rest = substr($0, at + length(key) + 4)
    return at ? substr(rest, 1, index(rest, "\"") - 1) : field(key)
}
# A stack is depth[s], and of each level name, begin, self, order and path; s is "c" CPU or "t" task.
function innermost(cpu, own, other)
{
    own = "c" cpu
    other = "t" task[cpu]
    if (!(cpu in task) || !depth[other])
        return depth[own] ? own : ""
    return !depth[own] || order[other, depth[other]] > order[own, depth[own]] ? other : own
}
function charge(cpu, s)
{
    if (cpu in upto && now > upto[cpu]) {
        s = innermost(cpu)
        if (s != "")
            self[s, depth[s]] += now - upto[cpu]
        else if (cpu in task)
            idle[cpu] += now - upto[cpu]
    }
    upto[cpu] = now
}
# What has ended: kept until no loss can take it away, which here is the end.
function keep(what, path, begun, own, stack)
{
    ended++
    label[ended] = what
    way[ended] = path
    from[ended] = begun
    to[ended] = now
    mine[ended] = own
    where[ended] = stack
}
function leave(cpu)
{
    if (cpu in task && idle[cpu])
        keep("", root[cpu], now, idle[cpu], "c" cpu)
    delete task[cpu]
}
function run(cpu, id, comm)
{
    if (cpu in task && task[cpu] == id)
        return
    leave(cpu)
    task[cpu] = id
    idle[cpu] = 0
    root[cpu] = comm
}
function begin(s, cpu, what, in_, before)
{
    in_ = innermost(cpu)
    before = in_ != "" ? path[in_, depth[in_]] : cpu in task ? root[cpu] : "cpu " cpu
    depth[s]++
    name[s, depth[s]] = what
    begun[s, depth[s]] = now
    self[s, depth[s]] = 0
    order[s, depth[s]] = NR
    path[s, depth[s]] = before ";" what
}
function end(s, d)
{
    d = depth[s]
    if (!d)
        return
    keep(name[s, d], path[s, d], begun[s, d], self[s, d], s)
    depth[s]--
}
{ cpu = field("cpu"); now = field("time_ns") }
/^\{"lost"/ {
    delete task[cpu]
    delete upto[cpu]
    for (s in depth)
        if (s ~ /^t/ || s == "c" cpu)
            depth[s] = 0
    for (page in opened)
        delete opened[page]
    for (i = 1; i <= ended; i++)
        if (to[i] > last[cpu] && (where[i] !~ /^c/ || where[i] == "c" cpu))
            to[i] = -1
    next
}
!/^\{"time_ns"/ { next }
{ pid = field("common_pid"); last[cpu] = now; head = $0; sub(/"fields":.*/, "", head); comm = text("common_comm") }
{ fields = substr($0, index($0, "\"fields\":")); whole = $0; $0 = fields }
head ~ /"sys":"sched","event":"switch"/ {
    charge(cpu)
    run(cpu, field("next"), text("comm"))
}
head ~ /"sys":"sched","event":"(fork|exit)"/ {
    id = head ~ /fork/ ? field("child") : field("pid")
    depth["t" id] = 0
}
head ~ /"sys":"irq","event":"entry"/ {
    charge(cpu)
    if (!(cpu in task))
        run(cpu, pid, comm)
    begin("c" cpu, cpu, "irq:" text("name"))
}
head ~ /"sys":"irq","event":"exit"/ {
    charge(cpu)
    if (!(cpu in task))
        run(cpu, pid, comm)
    end("c" cpu)
}
head ~ /"sys":"syscall","event":"enter"/ {
    charge(cpu)
    run(cpu, pid, comm)
    begin("t" pid, cpu, "syscall:" text("nr"))
}
head ~ /"sys":"syscall","event":"exit"/ {
    charge(cpu)
    run(cpu, pid, comm)
    end("t" pid)
}
head ~ /"sys":"lock","event":"wait"/ {
    charge(cpu)
    run(cpu, pid, comm)
    begin("t" pid, cpu, "lock:" text("lock"))
}
head ~ /"sys":"lock","event":"acquire"/ {
    charge(cpu)
    run(cpu, pid, comm)
    end("t" pid)
}
head ~ /"sys":"mm","event":"alloc"/ {
    opened[text("page")] = now
    pages[text("page")] = field("pages")
}
head ~ /"sys":"mm","event":"free"/ {
    page = text("page")
    if (page in opened)
        keep("mm:" pages[page], "", opened[page], "-", "o")
    delete opened[page]
}
END {
    for (cpu in last) {
        now = last[cpu]
        charge(cpu)
        leave(cpu)
    }
    for (i = 1; i <= ended; i++) {
        if (to[i] < 0)
            continue
        if (way[i] != "" && mine[i])
            folded_ns[way[i]] += mine[i]
        if (label[i] == "")
            continue
        count[label[i]]++
        total[label[i]] += to[i] - from[i]
        own[label[i]] = mine[i] == "-" ? "-" : own[label[i]] + mine[i]
    }
    if (folded)
        for (line in folded_ns)
            print line, folded_ns[line]
    else
        for (what in count)
            print "span", what, count[what], total[what], own[what]
}
