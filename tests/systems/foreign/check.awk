# SPDX-License-Identifier: MIT
# What tests/systems/foreign/producer.c has said, what tpdecode prints of one of its files, and the last line
# of its diagnostics, in this order. `file`: dump, snapshot or attached. Prints what does not agree.
# Each event has the number of those before it from its own context, so everything can be counted.
function wrong(text) { if (bad++ < 10) print file ": " text ": " $0 }
function value(key,   i) {
    for (i = 1; i <= NF; i++)
        if (index($i, key "=") == 1) return substr($i, length(key) + 2)
    wrong("no " key)
}
FNR == 1 { part++ }
part == 1 && ($1 == "@dump" || ($1 == "@snapshot" && file == "snapshot")) {
    if ($1 == "@snapshot" || !pairs) { pairs = value("pairs") + 0; signals = value("signals") + 0 }
}
part == 1 && $1 == "@lost" { before = value("before") + 0; oversize = value("oversize") + 0; overwrite = value("overwrite") + 0 }
part == 1 && $1 == "@wrap" { wrap = value("us") / 1000000 }
part == 1 && !/^@/ { expected[++types] = $0 }
part == 1 { next }

part == 2 && /^--- cpu 0: [0-9]+ records lost here \((buffer full|overwritten|record too large)\) ---$/ {
    lost += $4
    if (/too large/) large += $4
    if (overwrite != /overwritten/) wrong("not in this mode")
    next
}
part == 2 && !/^         foreign-4711    \[000\] \.\.h2\. +[0-9]+\.[0-9]+: / { wrong("not of us"); next }
part == 2 {
    records++
    at = $4 + 0
    if (at < last) wrong("time goes back")
    if (records == 1) first = at
    last = at
    sub(/^[^:]*: /, "")
}
part == 2 && $1 == "sched_pair:" {
    n = value("a") + 0
    if (seen_pair && n <= pair) wrong("out of order")
    if (!seen_pair++) first_pair = n
    pair = n
    if (value("b") + 0 != 4294967295 - n) wrong("fields")
    if (n >= pairs) later++
    next
}
part == 2 && $1 == "mm_wide:" {
    n = -value("b")
    if (seen_wide && n <= wide) wrong("out of order")
    if (!seen_wide++) first_wide = n
    wide = n
    if (value("a") != sprintf("18364758544%09d", 493064720 + n)) wrong("fields")
    if (n >= signals) later++
    next
}
part == 2 { if ($0 != expected[++type]) wrong("not what printf prints, " expected[type]); next }

part == 3 && / records, / { books_records = $1; books_lost = $3; whole = 1 }

END {
    $0 = books_records " records, " lost " lost"
    if (!whole || books_records != records || books_lost != lost) wrong("the books differ from the lines")
    if (later && file != "snapshot") wrong("from the future")
    $0 = records - later " records, " lost - before " lost"
    if (overwrite || file == "dump") {
        # From the beginning.
        if (records - later + lost - before != types + oversize + pairs + signals)
            wrong("fired were " types + oversize " and " pairs " and " signals)
    } else if (records - later + lost != pairs - first_pair + signals - first_wide) {
        wrong("fired were " pairs - first_pair " and " signals - first_wide)
    }
    if (!lost) wrong("nothing lost")
    if (file == "dump" && (type != types || large != oversize)) wrong("one of each type")
    if (file == "dump" && !(first < wrap && wrap < last)) wrong("the clock did not wrap at " wrap)
    exit bad > 0
}
