# SPDX-License-Identifier: MIT
# perfetto.awk - a trace as `protoc --decode` shows it: complains of all that Perfetto's trace processor would
# count as an error, and with -v records=FILE writes each record there as JSON with values as texts; facts, one
# a line, go to standard output.
#
# A packet is taken when its last line is read; its fields are in `v` by their path (a.b.c), of those that
# repeat the last one. What repeats is taken as its own last line comes. The text is given twice: protoc shows the
# number of a machine after all that is of it.

function complain(text) { print "line " FNR ": " text > "/dev/stderr"; wrong = 1 }

function path(n,    p, i) {
    for (i = 1; i <= n; i++)
        p = p (i > 1 ? "." : "") name[i]
    return p
}

# The bytes of a string as protoc escapes them, escaped as JSON.
function json(s,    out, c, i) {
    s = substr(s, 2, length(s) - 2)
    if (s !~ /[\\]/)
        return "\"" s "\""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c != "\\") { out = out c; continue }
        c = substr(s, ++i, 1)
        if (c ~ /[0-7]/) {
            c = substr(s, i, 1) * 64 + substr(s, i + 1, 1) * 8 + substr(s, i + 2, 1)
            i += 2
            out = out (c < 32 ? sprintf("\\u%04x", c) : sprintf("%c", c))
        } else if (c == "'") out = out c
        else out = out "\\" c
    }
    return "\"" out "\""
}

# A decimal number as a pointer is shown.
function hex(d,    out, rest, i, q) {
    do {
        rest = 0; q = ""
        for (i = 1; i <= length(d); i++) {
            rest = rest * 10 + substr(d, i, 1)
            q = q int(rest / 16)
            rest %= 16
        }
        out = substr("0123456789abcdef", rest + 1, 1) out
        sub(/^0+/, "", q)
        d = q
    } while (d != "")
    return "0x" out
}

# Times have up to 19 digits: compared as texts of this width.
function wide(t) { return sprintf("%20s", t) }

function descriptor(    id) {
    id = v["ftrace_events.generic_event_descriptors.field_id"] + 0
    if (id < 65536 || id in described) complain("event " id " is described twice, or is one of Perfetto's")
    described[id] = v["ftrace_events.generic_event_descriptors.event_descriptor.name"]
    if (v["ftrace_events.generic_event_descriptors.group_name"] == "" && described[id] != "\"?\"")
        complain("event " id " has no group")
}

function descriptor_field(    p, id, n) {
    p = "ftrace_events.generic_event_descriptors."
    id = v[p "field_id"] + 0
    n = v[p "event_descriptor.field.number"] + 0
    if (n < 1 || n > 31) complain("field " n " of event " id)
    field[id, n] = v[p "event_descriptor.field.name"]
    type[id, n] = v[p "event_descriptor.field.type"]
}

function ftrace(    p, kind, key, cpu, i) {
    p = "ftrace_events.event."
    cpu = machine ":" v["ftrace_events.cpu"]
    if (v[p "timestamp"] == "" || v[p "pid"] == "") complain("an event without time or task")
    if (event == "sched_switch") {
        switches++
        # order: by time, of the same time as they come
        print "switch", cpu, wide(v[p "timestamp"]), sprintf("%09d", NR), v[p "sched_switch.prev_pid"], v[p "sched_switch.next_pid"],
            v[p "sched_switch.prev_state"] > facts
    } else if (event == "sched_waking") {
        print "waking", cpu, v[p "timestamp"], v[p "pid"], v[p "sched_waking.pid"], v[p "sched_waking.target_cpu"] > facts
    } else {
        key = substr(event, 3)
        key = key + 0
        if (!(key in described)) complain("event " key " is used before it is described")
        out = "{\"machine\":" machine ",\"cpu\":" v["ftrace_events.cpu"] ",\"time_ns\":\"" v[p "timestamp"] "\",\"pid\":" v[p "pid"] \
            ",\"flags\":" v[p "common_flags"] + 0 ",\"event\":" json(described[key]) ",\"fields\":{"
        for (i = 1; i <= values; i++) {
            if (!((key, number[i]) in field)) complain("field " number[i] " of event " key " is not described")
            out = out (i > 1 ? "," : "") json(field[key, number[i]]) ":"
            if (is[i] ~ /^"/) out = out json(is[i])
            else if (type[key, number[i]] == 4) out = out "[\"" is[i] "\",\"" hex(is[i]) "\"]"
            else out = out "\"" is[i] "\""
        }
        print out "}}" > records
    }
}

function packet(    t, uuid, i, track) {
    if (v["trusted_packet_sequence_id"] + 0 < 1) complain("a packet without a sequence")
    if ("track_descriptor" in part) {
        uuid = v["track_descriptor.uuid"]
        track = v["track_descriptor.name"] "|" v["track_descriptor.thread.pid"] "|" v["track_descriptor.thread.tid"] "|" \
            v["track_descriptor.parent_uuid"] "|" ("track_descriptor.counter" in part)
        if (uuid + 0 == 0) complain("a track without a number")
        if (uuid in tracks && tracks[uuid] != track) complain("track " uuid " is two: " tracks[uuid] ", " track)
        tracks[uuid] = track
        print "track", machine, uuid, track > facts
    }
    if ("track_event" in part) {
        uuid = v["track_event.track_uuid"]
        t = v["track_event.type"]
        if (!(uuid in tracks)) complain("an event of track " uuid ", which is not described")
        if (v["timestamp"] == "") complain("an event without a time")
        if ((t == "TYPE_COUNTER") != (tracks[uuid] ~ /1$/)) complain("a track of counters, or not")
        print "slice", uuid, wide(v["timestamp"]), sprintf("%09d", NR), t, v["track_event.categories"] "|" v["track_event.name"] "|" \
            v["track_event.counter_value"] v["track_event.double_counter_value"] notes > facts
    }
    if ("clock_snapshot" in part) {
        t = v["clock_snapshot.clocks.timestamp"]
        if (v["clock_snapshot.primary_trace_clock"] != 6 || clocks[1] != 6 || clocks[2] != 1 || clocks[3]) complain("other clocks")
        if (machine in clock && wide(clock_ns[1]) <= clock[machine]) complain("a clock pair that goes back")
        clock[machine] = wide(clock_ns[1])
        print "clock", machine, clock_ns[1], clock_ns[2] > facts
    }
    if ("system_info" in part) print "host", machine, v["system_info.utsname.sysname"] > facts
    if ("process_tree" in part)
        print "task", machine, v["process_tree.threads.tid"], v["process_tree.threads.tgid"], v["process_tree.threads.name"],
            v["process_tree.processes.pid"], v["process_tree.processes.cmdline"] > facts
    if (v["ftrace_events.lost_events"] == "true") print "lost", machine ":" v["ftrace_events.cpu"] > facts
    packets++
}

NR == FNR {
    if (/^packet {/) n_packets++
    if (/^  machine_id: /) machine_of[n_packets] = $2
    next
}

/^ *[0-9]+(:| \{)/ { complain("an unknown field") }

/\{$/ {
    sub(/^ */, "")
    name[++depth] = substr($0, 1, length($0) - 2)
    if (depth == 1) {
        if (name[1] != "packet") complain("no packet")
        delete v; delete part; notes = ""; n_clocks = 0; delete clocks; machine = machine_of[packets + 1] + 0
    }
    if (depth == 2) part[name[2]] = 1
    if (depth == 3) part[name[2] "." name[3]] = 1
    if (depth == 2 && name[2] == "ftrace_events" && v["ftrace_events.cpu"] + 0 >= 1024) complain("a CPU that Perfetto does not take")
    if (depth == 3 && name[3] == "event") {
        event = ""; values = 0
        for (k in v) if (k ~ /^ftrace_events\.event\./) delete v[k]
    }
    if (depth == 4 && name[3] == "event") {
        if (event != "") complain("an event that is two")
        event = name[4]
    }
    if (depth == 3 && name[3] == "debug_annotations") note = ""
    next
}

/^ *\}$/ {
    if (depth == 3 && name[3] == "event") ftrace()
    if (depth == 3 && name[3] == "generic_event_descriptors") descriptor()
    if (depth == 5 && name[4] == "event_descriptor") descriptor_field()
    if (depth == 3 && name[3] == "debug_annotations") notes = notes " " v["track_event.debug_annotations.name"] "=" note
    if (depth == 1) packet()
    depth--
    next
}

{
    match($0, /[^ ]/)
    $0 = substr($0, RSTART)
    colon = index($0, ": ")
    key = substr($0, 1, colon - 1)
    value = substr($0, colon + 2)
    if (depth == 4 && name[3] == "event" && name[4] ~ /^\[e/) {
        number[++values] = substr(key, 2)
        is[values] = value
        next
    }
    p = path(depth)
    sub(/^packet\.?/, "", p)
    v[(p == "" ? "" : p ".") key] = value
    if (key == "clock_id") clocks[++n_clocks] = value
    if (p == "clock_snapshot.clocks" && key == "timestamp") clock_ns[n_clocks] = value
    if (p == "track_event.debug_annotations" && key != "name") note = value
}

END {
    if (depth) complain("it ends in the middle")
    print "packets", packets + 0 > facts
    exit wrong
}
