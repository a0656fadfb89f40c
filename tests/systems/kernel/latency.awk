# SPDX-License-Identifier: MIT
# The text of --latency against pairs (pairs.awk), sorted by how long they took: `name` is what the key is
# called. Prints what is not as it should be.
function time(ns) { return sprintf("%d.%06d", int(ns / 1e9), int(ns % 1e9 / 1000)) }
function wrong(what) { print what; bad = 1 }
function part(percent, want) {
    want = ns[int((percent * n + 99.999999) / 100)]
    if ($3 * 1000 < want - 0.5 || ($3 * 1000 - want) * 128 > want + 64)
        wrong(percent " %: " $3 ", not " want " ns")
}
FNR == NR {
    n++
    ns[n] = $1 + 0
    line = sprintf("%.3f us %s on cpu %d to %s on cpu %d, %s=%s", $1 / 1000, time($3), $4, time($5), $6, name, $2)
    known[line]++
    for (low = 1; low * 2 <= $1; low *= 2)
        ;
    bucket[low]++
    next
}
/ pairs/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^pairs/ && $i != n) wrong($0 ": there are " n) ; first++ }
$2 == "%" { part($1); parts++ }
$1 == "most" { if (int($2 * 1000 + 0.5) != ns[n]) wrong("most: " $2 ", not " ns[n] " ns"); parts++ }
$2 == ".." { if ($4 != bucket[$1] + 0) wrong("from " $1 ": " $4 ", not " bucket[$1] + 0); sum += $4 }
/^the longest:/ { longest = n }
longest && $2 == "us" {
    $1 = $1
    if (!known[$0]) wrong("no such pair: " $0)
    known[$0]--
    if (int($1 * 1000 + 0.5) != ns[longest]) wrong("another one is longer: " $0)
    longest--
    shown++
}
END {
    if (first != 1 || parts != 5 || sum != n || shown != (n < 10 ? n : 10) || n < 100)
        wrong(first " headings, " parts " parts, " sum " in the histogram, " shown " shown of " n)
    exit bad
}
