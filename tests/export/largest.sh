#!/bin/sh
# SPDX-License-Identifier: MIT
# largest.sh - more than 10^7 records through the formats of viewers, and 10^6 through Perfetto's: what the readers that
# others wrote count and add up is what tpdecode does. In `make check-long` only. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libtracepoint.a are (.). TP_LONG=1; without it, a hundredth.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
only_with SQLITE libsqlite3-dev

large=$tmp/large
${CC:-cc} -std=gnu11 -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o "$large" \
    "$srcdir/tests/export/large.c" "$(dirname "$tp")/libtracepoint.a" 2>"$tmp/large.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/large.err")"
    exit 99
}
needs="awk babeltrace2 jq node protoc sqlite3 trace-cmd"
for tool in $needs; do
    command -v "$tool" >/dev/null || { echo "Bail out! needs $tool: of $needs"; exit 99; }
done
# Not half of them is lost: 10^7 and some are left.
count=18000000 perfetto_count=1800000
[ "${TP_LONG:-}" = 1 ] || count=180000 perfetto_count=18000

# Of lines `TIME V W` and `lost N`: records and losses; sums of V, and of the last six digits of W and of the time.
sums()
{
    awk '
        function last(text) { return substr("000000" text, length(text) + 1) + 0 }
        $1 == "lost" { lost += $2; next }
        { records++; v += $2; w += last($3); time += last($1) }
        END { printf "%.0f records, %.0f lost, %.0f %.0f %.0f\n", records, lost, v, w, time }'
}

# COUNT: x.tp, and what tpdecode says of it in `want`, which --stats counts as well.
dump()
{
    "$large" "$1" >x.tp
    "$tp" --format json --no-schema x.tp 2>/dev/null | sed -n -e 's/^{"lost":\([0-9]*\),.*/lost \1/p' \
        -e 's/^{"time_ns":\([0-9]*\),.*"fields":{"v":\([0-9]*\),"w":\(-*[0-9]*\)}}$/\1 \2 \3/p' | sums >want
    "$tp" --stats --format json x.tp 2>/dev/null |
        jq -r '"\([.events[].count] | add) records, \([.cpus[].lost[]] | add // 0) lost"' >counted
    [ "$(cat counted)" = "$(cut -d , -f 1,2 want)" ] || complain "--stats: $(cat counted), JSON: $(cat want)"
    [ "$(cut -d ' ' -f 1 want)" -gt $(($1 / 18 * 10)) ] || complain "of $1 there are $(cat want)"
}

# TEXT: the reader counts and adds up what it should.
is_wanted()
{
    [ "$1" = "$(cat want)" ] || complain "not $(cat want), but $1"
    cat want
}

by_trace_cmd()
{
    ln ../x.tp ../want .
    run --format trace.dat --output x.dat x.tp
    code_is 0
    # Two lines without a record of the CPU in between are one loss; the last record of a CPU may be of a loss alone.
    is_wanted "$(trace-cmd report -t x.dat 2>complaints | sed -n -E -e 's/^CPU:([0-9]+) \[([0-9]+) EVENTS DROPPED\]$/lost \1 \2/p' \
        -e 's/^.*-[0-9-]*[0-9] +\[0*([0-9]+)\] +([0-9]+)\.([0-9]{9}): number: +v=([0-9]+) w=(-?[0-9]+)$/\1 \2\3 \4 \5/p' \
        -e 's/^.*-[0-9-]*[0-9] +\[0*([0-9]+)\] .*: end: .*$/\1/p' |
        awk '$1 == "lost" { waits[$2] = $3; next }
            waits[$1] { print "lost", waits[$1]; waits[$1] = 0 }
            NF > 1 { print $2, $3, $4 }' | sums)"
    [ ! -s complaints ] || complain "trace-cmd: $(head -n 3 complaints)"
}

by_babeltrace2()
{
    ln ../x.tp ../want .
    run --format ctf --output x x.tp
    code_is 0
    babeltrace2 --clock-seconds --no-delta x 2>complaints |
        sed -e 's/^\[\([0-9]*\)\.\([0-9]*\)\] .* large:number: .*{ v = \([0-9]*\), w = \(-*[0-9]*\) }$/\1\2 \3 \4/' \
            -e 's/^.* tracepoint:lost: .*{ lost = \([0-9]*\), .*/lost \1/' >lines
    is_wanted "$(sums <lines)"
    sed -n 's/^WARNING: Tracer discarded \([0-9]*\) events* .*/\1/p' complaints | sort >discarded
    sed -n 's/^lost //p' lines | sort | diff - discarded >differ || complain "discarded: $(head -n 3 differ)"
    # Without the text, which takes most of the time.
    babeltrace2 x -c sink.utils.counter -p step=+0 >counted 2>/dev/null
    grep -q "^ *$(wc -l <lines) Event messages" counted || complain "not $(wc -l <lines): $(cat counted)"
}

by_sqlite3()
{
    ln ../x.tp ../want .
    run --format sqlite --output x.db x.tp
    code_is 0
    is_wanted "$(sqlite3 x.db "select printf('%d records, %d lost, %d %d %d', count(*), (select sum(lost) from losses), sum(v), sum(abs(w % 1000000)),
        sum(time_ns % 1000000)) from large_number")"
    [ "$(sqlite3 x.db 'pragma integrity_check')" = ok ] || complain "$(sqlite3 x.db 'pragma integrity_check')"
}

by_duckdb()
{
    ln ../x.tp ../want .
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    node "$srcdir/tests/export/duckdb.js" >/dev/null 2>&1 || skip "needs @duckdb/node-api: ./bootstrap check-long installs it"
    run --format parquet --output x/ x.tp
    code_is 0
    is_wanted "$(node "$srcdir/tests/export/duckdb.js" "select printf('%d records, %d lost, %d %d %d', count(*),
        (select sum(lost)::bigint from 'x/losses.parquet'), sum(v)::bigint, sum(abs(w % 1000000))::bigint,
        sum(time_ns % 1000000)::bigint) from 'x/large.number.parquet'")"
}

by_protoc()
{
    dump "$perfetto_count"
    run --format perfetto --output x.pftrace x.tp
    code_is 0
    cp "$srcdir/tests/export/perfetto.proto" base.proto
    protoc --decode=Trace base.proto <x.pftrace | awk -f "$srcdir/tests/export/extend.awk" | cat base.proto - >all.proto
    is_wanted "$(protoc --decode=Trace all.proto <x.pftrace | awk '
        $1 == "timestamp:" { time = $2 }
        $1 == "f1:" { v = $2 }
        $1 == "f2:" { print time, v, $2 }
        $1 == "uint_value:" { value = $2 }
        $1 == "name:" && $2 == "\"lost\"" { print "lost", value }' | sums)"
}

# All of the following have the same dump.
(own=$tmp && cd "$tmp" && dump "$count" && good) >"$tmp/dump.err" || { echo "Bail out! $(cat "$tmp/dump.err")"; exit 99; }
cli "10^7 records by trace-cmd" by_trace_cmd
cli "10^7 records by babeltrace2" by_babeltrace2
cli "10^7 records by sqlite3" by_sqlite3
cli "10^7 records by DuckDB" by_duckdb
cli "10^6 records by protoc" by_protoc
finish
