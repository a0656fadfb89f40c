# SPDX-License-Identifier: MIT
# What tpdecode prints of the Cortex-M3's dump. Prints what does not agree with what it says, in its
# last event, to have fired.
function wrong(text) { if (bad++ < 10) print text ": " $0 }
function value(key,   i) {
    for (i = 1; i <= NF; i++)
        if (index($i, key "=") == 1) return substr($i, length(key) + 2) + 0
    wrong("no " key)
}
/^--- cpu 0: [0-9]+ records lost here \(buffer full\) ---$/ { lost += $4; next }
{
    at = $4 + 0
    flags = $3
    if (at < last) wrong("time goes back")
    last = at
    name = $5
}
/fired main=/ {
    fired = value("main") + value("high") + value("nmi") + value("tick")
    inside = value("inside")
    next
}
{
    records++
    n = value("n")
    if (name in count && n <= count[name]) wrong("out of order")
    count[name] = n
    seen[name]++
    # The other timer counts as fast, but began a little earlier. A period is 1 ms.
    ahead = at - value("t") / 25000000
    if (records == 1) offset = ahead
    if (ahead - offset > 0.0003 || offset - ahead > 0.0003) wrong("the clock is wrong by " ahead - offset)
    if (name == "m3_main:" && flags ~ /^d/) masked++
    if (name == "m3_nmi:" && flags !~ /^..[zZ]/) wrong("not said to be an NMI")
    if (name != "m3_main:" && name != "m3_nmi:" && flags !~ /^..h/) wrong("not said to be a handler")
}
END {
    $0 = records " records, " lost " lost, last " last " s, inside " inside ", masked " masked
    if (records + lost != fired) wrong("fired were " fired)
    if (!lost) wrong("nothing lost")
    if (inside < 100) wrong("too few interrupts inside of others")
    if (masked < 100) wrong("too few while interrupts were off")
    for (name in count) names++
    if (names != 4) wrong("not all fired")
    print "# " $0
    exit bad > 0
}
