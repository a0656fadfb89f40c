# SPDX-License-Identifier: MIT
# What tpdecode --tasks must say of a dump, from its records as JSON, by their fields and not by roles:
# a line `run|wait|woken|most|half ID N` each, sorted by who calls. Times are nanoseconds.
BEGIN { OFMT = "%.0f" } # nanoseconds are more than 31 bits
function field(key, at)
{
    at = index($0, "\"" key "\":")
    return substr($0, at + length(key) + 3) + 0
}
function text(key, at, rest)
{
    at = index($0, "\"" key "\":\"")
    rest = substr($0, at + length(key) + 4)
    return substr(rest, 1, index(rest, "\"") - 1)
}
function left_out(task)
{
    if (task in since && line[task] < loss) {
        delete since[task]
    }
}
function ends(cpu, task, now)
{
    if (cpu in runs && runs[cpu] == task)
        run[task] += now - began[cpu]
    delete runs[cpu]
}
# Of n numbers in `all` the one that half of them are not above.
function half(all, n, i, k, v)
{
    for (i = 2; i <= n; i++) {
        v = all[i]
        for (k = i - 1; k && all[k] > v; k--)
            all[k + 1] = all[k]
        all[k + 1] = v
    }
    return all[int((n + 1) / 2)]
}
{ cpu = field("cpu"); now = field("time_ns") }
/^\{"lost"/ {
    # It was after the last record of its CPU: a wait that ended later may have had it in it.
    while (waits && ended[waits] > last[cpu] + 0)
        waits--
    loss = NR
    delete runs[cpu]
    next
}
!/^\{"time_ns"/ { next }
{ last[cpu] = end = now }
text("common_comm") ~ /^idle/ { idle[field("common_pid")] = 1 }
/"sys":"sched","event":"wakeup"/ {
    task = substr($0, index($0, "\"fields\":{\"pid\":") + 16) + 0
    left_out(task)
    if (!(task in since) && !(task in on && on[task] > loss)) {
        since[task] = now; line[task] = NR; woken[task] = 1
    }
}
/"sys":"sched","event":"switch"/ {
    prev = field("prev"); next_ = field("next"); state = text("state")
    ends(cpu, prev, now)
    delete on[prev]; delete since[prev]
    if (state == "ready" || state == "running") {
        since[prev] = now; line[prev] = NR; woken[prev] = 0
    }
    left_out(next_)
    if (next_ in since && !idle[next_]) {
        who[++waits] = next_
        waited[waits] = now - since[next_]
        ended[waits] = now
        was_woken[waits] = woken[next_]
    }
    delete since[next_]
    on[next_] = NR
    runs[cpu] = next_; began[cpu] = now
    name = substr($0, index($0, "\"next\":"))
    if (name ~ /"comm":"idle/)
        idle[next_] = 1
    seen[next_]; seen[prev]
}
END {
    for (cpu in runs)
        run[runs[cpu]] += last[cpu] - began[cpu]
    for (i = 1; i <= waits; i++) {
        task = who[i]
        wait[task] += waited[i]
        if (was_woken[i]) {
            latency[task, ++count[task]] = waited[i]
            most[task] = waited[i] > most[task] ? waited[i] : most[task]
        }
    }
    for (task in since) {
        left_out(task)
        if (task in since && !idle[task])
            wait[task] += end - since[task]
        seen[task]
    }
    for (task in seen) {
        if (run[task] + 0)
            print "run", task, run[task]
        if (idle[task])
            continue
        if (wait[task] + 0)
            print "wait", task, wait[task]
        if (!count[task])
            continue
        for (i = 1; i <= count[task]; i++)
            all[i] = latency[task, i]
        print "woken", task, count[task]
        print "most", task, most[task]
        print "half", task, half(all, count[task])
    }
}
