# SPDX-License-Identifier: MIT
# The report of the kernel and the JSON of a dump; prints what does not agree. `report`: the name of
# the first; one without `lost` lines is of a kernel that had no time for them. `least`: so many
# records at least. `losing`: 1, something must be lost; 0, nothing; any. `only`: for no other cause than
# this one. `slack`: so many events of CPU 1 may have been counted by the kernel and not begun, when
# it was killed in between. `cpus`: how many there are. Events of a `loose` line are of either CPU: then only the sum must be right. Of a `moved` line,
# at most so many are of the other CPU.
function field(key,   at, rest) {
    at = index($0, "\"" key "\":")
    if (!at) return ""
    rest = substr($0, at + length(key) + 3)
    if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); sub(/".*/, "", rest) }
    else sub(/[,}].*/, "", rest)
    return rest
}
function value(key,   i) {
    for (i = 1; i <= NF; i++)
        if (index($i, key "=") == 1) return substr($i, length(key) + 2)
    return ""
}
FILENAME == report && $1 == "fired" && value("event") == "*" { fired[value("cpu")] = value("count") }
FILENAME == report && $1 == "fired" && value("event") != "*" {
    of[value("cpu") " " value("event")] = value("count")
}
FILENAME == report && $1 == "read" { refused[value("cpu") " unfinished"] = value("unfinished") }
FILENAME == report && $1 == "lost" { counted = 1 }
FILENAME == report && $1 == "lost" { refused[value("cpu") " " value("cause")] = value("count") }
FILENAME == report && $1 == "loose" { loose = value("count") }
FILENAME == report && $1 == "moved" { moved = value("at_most") }
FILENAME == report && $1 == "left_out" { left[value("cpu")] = value("count") }
FILENAME == report { next }
/^\{"schema"/ { next }
/^\{"suppressed"/ { # the kernel does that on CPU 0 only
    suppressed += field("suppressed")
    got["0 " field("sys") ":" field("event")] += field("suppressed")
    next
}
/^\{"lost"/ {
    cause = field("cause")
    if (cause == "missing") cause = "unfinished" # no more of them can be missing from a whole dump
    lost[field("cpu") " " cause] += field("lost")
    all[field("cpu")] += field("lost")
    total += field("lost")
    next
}
{
    decoded[field("cpu")]++
    got[field("cpu") " " field("sys") ":" field("event")]++
    if (field("time_ns") + 0 < last) { print "time goes back at " $0; bad = 1 }
    last = field("time_ns") + 0
    records++
}
END {
    loose_ones = loose
    for (c = 0; c < cpus; c++) {
        if (!decoded[c]) { print "nothing from cpu " c; bad = 1 }
        short = fired[c] - decoded[c] - all[c] - left[c]
        loose -= decoded[c] + all[c] - fired[c]
        if (loose_ones) continue
        all_short += short
        if (short < -moved || short > (c == 1 ? slack : 0) + moved) {
            print "cpu " c ": " fired[c] " fired, " decoded[c] + 0 " decoded, " all[c] + 0 " lost"; bad = 1
        }
    }
    if (moved && all_short) { print "moved: " all_short " of both CPUs are missing"; bad = 1 }
    if (loose_ones && loose) { print "loose: " loose_ones " fired, " loose " missing"; bad = 1 }
    if (left[0] + 0 != suppressed + 0) { print "left out: kernel " left[0] + 0 ", dump " suppressed + 0; bad = 1 }
    for (k in refused) if (refused[k] + 0 != lost[k] + 0) {
        print "lost on cpu " k ": kernel " refused[k] ", dump " lost[k] + 0; bad = 1
    }
    if (counted) for (k in lost) if (!(k in refused)) { print "lost on cpu " k " is unknown to the kernel"; bad = 1 }
    if (!total && !slack && !loose_ones) for (k in of) if (of[k] - got[k] > moved + 0 || got[k] - of[k] > moved + 0) {
        print "cpu " k ": kernel " of[k] ", dump " got[k] + 0; bad = 1
    }
    if (!total) for (k in got) if (!(k in of)) { print "cpu " k " is unknown to the kernel"; bad = 1 }
    if (only) for (k in lost) if (lost[k] && k !~ " " only "$") { print "lost on cpu " k ": " lost[k]; bad = 1 }
    if (records < least) { print records " records, expected " least; bad = 1 }
    if ((losing == 1 && !total) || (losing == 0 && total)) { print total + 0 " lost"; bad = 1 }
    exit bad
}
