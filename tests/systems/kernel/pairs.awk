# SPDX-License-Identifier: MIT
# From one event to another, by hand: lines `s|e KEY TIME_NS CPU`, in order, to lines
# `NS KEY START_NS CPU END_NS CPU`. A line `lost BEGIN END`, in front of all others, is a hole, from the record
# before it to the one after it on its CPU: a pair that has a part of it between its ends is left out.
$1 == "lost" { holes++; from[holes] = $2; to[holes] = $3; next }
$1 == "s" { start[$2] = $3; cpu[$2] = $4; next }
$2 in start {
    crosses = 0
    for (i = 1; i <= holes; i++)
        if (start[$2] < to[i] && $3 > from[i])
            crosses = 1
    if (!crosses)
        printf "%.0f %s %.0f %d %.0f %d\n", $3 - start[$2], $2, start[$2], cpu[$2], $3, $4
    delete start[$2]
}
