# SPDX-License-Identifier: MIT
# What tpdecode prints of the Cortex-M0's dump. Prints what does not agree with what it says, in its
# last event, to have fired.
function wrong(text) { if (bad++ < 10) print text ": " $0 }
function value(key,   i) {
    for (i = 1; i <= NF; i++)
        if (index($i, key "=") == 1) return substr($i, length(key) + 2) + 0
    wrong("no " key)
}
/^--- cpu 0: [0-9]+ records lost here \(buffer full\) ---$/ { lost += $4; next }
!/^           <...>-0       \[000\] \.\.\.\.\. +[0-9]+\.[0-9]+: / { wrong("not of us"); next }
{
    at = $4 + 0
    if (at < last) wrong("time goes back")
    last = at
    name = $5
}
/fired main=/ {
    fired = value("main") + value("low") + value("high") + value("wraps")
    inside = value("inside")
    next
}
{
    records++
    n = value("n")
    if (name in count && n <= count[name]) wrong("out of order")
    count[name] = n
}
# The other timer counts as fast, but began a little later.
name == "m0_main:" {
    ahead = at - value("t") / 16000000
    if (records == 1) offset = ahead
    if (ahead - offset > 0.02 || offset - ahead > 0.02) wrong("the clock is wrong by " ahead - offset)
}
END {
    $0 = records " records, " lost " lost, " last " s, " inside " inside"
    if (records + lost != fired) wrong("fired were " fired)
    if (!lost) wrong("nothing lost")
    # 1.05 s a period
    if (last < 8) wrong("too few wraps of the counter")
    if (inside < 100) wrong("too few interrupts inside of others")
    for (name in count) names++
    if (names != 4) wrong("not all fired")
}
