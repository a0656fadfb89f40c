# SPDX-License-Identifier: MIT
# Where the NMIs came: the disassembly of the kernel (objdump -d) first, then its report. Prints, as
# comments for the log, the histogram of the fast path, and what is wrong. `least`: so many must have
# come inside the engine.
#
# The fast path is the emitters of the events that the writer fires, with what tp/inner/ring.h and tp/inner/create.h
# do for them; the slow one is the second copy
# of these and what engine/core/ring.c does. An instruction counts as executed if the writer was seen on it
# under the trap flag. The rest of the fast path is what this work never comes to: a CPU number that
# is none, depth 9, a task switch that somebody asked for.
FNR == NR && /^[0-9a-f]+ </ {
    name = $2
    gsub(/[<>:]/, "", name)
    path = ""
    if (name ~ /^tp_emit_(job_item|syscall_log)(\.|$)/ ||
        name ~ /^tp_(record_try|record_end|str_measure|ring_(begin|commit|context|enter|leave|clock))(\.|$)/)
        path = "fast" # what of it is a function of its own is the compiler's choice
    if (name ~ /^tp_emit_all_(job_item|syscall_log)(\.|$)/ || name ~ /^tp_record_(begin|start|close)(\.|$)/ ||
        name ~ /^tp_ring_(reserve|pin|unpin|bell|prepare|complete)(\.|$)/ ||
        name ~ /^(tp_emit|tp_emit_fill|tp_emit_bytes|emit_record|emit_begin|tp_emit_store)(\.|$)/ ||
        name ~ /^(tp_count_read|ring_(next_subbuf|enter_next|prepare_next|open_subbuf|close_subbuf|stamp|refuse))(\.|$)/)
        path = "slow"
    next
}
FNR == NR && path != "" && $1 ~ /^[0-9a-f]+:$/ {
    at = $1
    sub(/:/, "", at)
    of[at] = path
    where[at] = name
    order[++instructions] = at
    next
}
FNR == NR { next }
$1 == "at" {
    split($3, h, "=")
    split($4, e, "=")
    hits[$2] = h[2]
    executed[$2] = e[2]
    total += h[2]
}
$1 == "storm" { print "# " $0 }
END {
    for (i = 1; i <= instructions; i++) {
        at = order[i]
        path = of[at]
        count[path]++
        inside[path] += hits[at]
        if (path == "fast" && where[at] != last) line = line "\n# " where[at] ":"
        last = where[at]
        if (path == "fast") line = line " " hits[at] + 0
        hit[path] += hits[at] > 0
        if (!executed[at]) continue
        run[path]++
        if (path == "fast" && (least_hits == "" || hits[at] < least_hits)) least_hits = hits[at] + 0
        ran[path, run[path]] = at
    }
    # Where the work comes rarely, chance leaves one out now and then: it is missed if those before and
    # after it were hit 30 times or more, and none of these misses is by chance.
    for (i in run)
        for (k = 1; k <= run[i]; k++)
            if (!hits[ran[i, k]] && hits[ran[i, k - 1]] + hits[ran[i, k + 1]] >= 30)
                missed[i] = missed[i] " " where[ran[i, k]] "@" ran[i, k]
    print "# NMIs by instruction" line
    print "# fast path: " count["fast"] " instructions, " run["fast"] " executed, " hit["fast"] " hit, each executed one at least " least_hits " times"
    print "# slow path: " count["slow"] " instructions, " run["slow"] " executed, " hit["slow"] " hit; executed, not hit:" missed["slow"]
    print "# " total " NMIs, inside the engine " inside["fast"] + inside["slow"] " (" inside["fast"] " in the fast path)"
    if (missed["fast"] != "") { print "never hit:" missed["fast"]; bad = 1 }
    if (run["fast"] < 60 || run["slow"] < 100) { print "too few instructions were executed: is this the engine?"; bad = 1 }
    if (inside["fast"] + inside["slow"] < least) { print "fewer than " least; bad = 1 }
    exit bad
}
