# SPDX-License-Identifier: MIT
# What tpdecode prints of the two harts, as JSON lines that jq has made into: CPU NAME N TIME_NS T HARDIRQ, or "lost" COUNT, or
# "fired" COUNT. Prints what does not agree.
function wrong(text) { if (bad++ < 10) print text ": " $0 }
$1 == "lost" { lost += $2; next }
$1 == "fired" { fired = $2; next }
{
    records++
    seen[$1 " " $2]++
    if (($1 " " $2) in number && $3 <= number[$1 " " $2]) wrong("out of order")
    number[$1 " " $2] = $3
    if ($1 in time && $4 < time[$1]) wrong("time goes back")
    time[$1] = $4
    # A count is 100 ns. `t` was read before this record was made, and after the one before.
    if ($4 < $5 * 100 || $5 * 100 < made[$1 " " $2]) wrong("the clock is wrong")
    made[$1 " " $2] = $4
    if ($5 < 4294967296) before++
    if (($2 == "tick") != $6) wrong("not said to be a handler, or one that is none")
}
END {
    $0 = records " records, " lost " lost of " fired ", " before " before the wrap"
    if (records + lost != fired) wrong("not all of them")
    if (!lost) wrong("nothing lost")
    if (!before || before == records) wrong("the lower half has not wrapped")
    for (cpu = 0; cpu < harts; cpu++)
        if (seen[cpu " main"] < 100 || seen[cpu " tick"] < 10) wrong("few of cpu " cpu)
    print "# " $0
    exit bad != 0
}
