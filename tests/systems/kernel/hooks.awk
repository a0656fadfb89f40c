# SPDX-License-Identifier: MIT
# Where the NMIs came in the hooks of functions: the disassembly of the kernel (objdump -d) first, then its
# report, or those of several runs. An instruction counts as executed if the writer was seen on it under the trap flag; on each of
# these an NMI should have come. Chance leaves one out where the work comes rarely: it is missed if those
# before and after it were hit 30 times or more. `least`: so many must have come.
FNR == NR && /^[0-9a-f]+ </ { name = $2; gsub(/[<>:]/, "", name); next }
FNR == NR && name ~ /^site_(enter|exit)$/ && $1 ~ /^[0-9a-f]+:$/ {
    at = $1
    sub(/:/, "", at)
    where[at] = name
    order[++all] = at
    next
}
FNR == NR { next }
$1 == "at" && $2 in where {
    split($3, h, "=")
    split($4, e, "=")
    hits[$2] += h[2] # of several runs
    if (e[2]) executed[$2]
}
END {
    for (i = 1; i <= all; i++) {
        at = order[i]
        inside += hits[at]
        if (at in executed) { ran[++run] = at; hit += hits[at] > 0 }
    }
    for (i = 1; i <= run; i++)
        if (!hits[ran[i]] && hits[ran[i - 1]] + hits[ran[i + 1]] >= 30) missed = missed " " where[ran[i]] "@" ran[i]
    print "# hooks: " all " instructions, " run " executed, " hit " of these hit, " inside + 0 " NMIs"
    if (missed != "") print "never hit:" missed
    if (run < 120) print "too few instructions were executed: are these the hooks?"
    if (inside < least) print "fewer than " least
    exit missed != "" || run < 120 || inside < least
}
