#!/bin/sh
# SPDX-License-Identifier: MIT
# sqlite.sh - --format sqlite: a database that SQLite's own command finds whole, with what --sql answers.
# Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). TP_LONG=1: 10^7 rows.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
only_with SQLITE libsqlite3-dev
. "$srcdir/tests/export/made.sh"
records=100000
[ "${TP_LONG:-}" = 1 ] && records=10000000
${CC:-cc} -std=gnu11 -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o "$tmp/large" \
    "$srcdir/tests/export/large.c" "$(dirname "$tp")/libtracepoint.a" 2>"$tmp/large.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/large.err")"
    exit 99
}
${CC:-cc} -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/wide.err")"
    exit 99
}
command -v sqlite3 >/dev/null || { echo "Bail out! needs sqlite3: install sqlite3"; exit 99; }

# ARGUMENT...: x.db.
database()
{
    rm -f x.db
    run --format sqlite --output x.db "$@"
    mv err messages
    [ "$(sqlite3 x.db 'pragma integrity_check')" = ok ] || complain "$*: $(sqlite3 x.db 'pragma integrity_check')"
}

# QUERY DUMP...: the same of the database and of the dump.
same()
{
    query=$1
    shift
    sqlite3 -json x.db "$query" | jq -c '.[]' >got
    "$tp" --sql "$query" --format json "$@" 2>/dev/null | jq -c . >want
    diff want got >differ || complain "$* '$query', < is wanted: $(head -n 6 differ)"
}

golden()
{
    case $1 in nometa | unknown | major | old) return ;; esac
    database "../golden/$1"
    run "../golden/$1"
    want=$code
    run --format sqlite --output y.db "../golden/$1"
    code_is "$want"
    same 'select time_ns, cpu, common_pid, common_comm, flags, sys, event, cut, capture, input from records order by time_ns, cpu, sys, event, fields' "../golden/$1"
    for table in losses tasks captures suppressed runs wakeups spans; do
        same "select * from $table order by 1, 2, 3, 4, 5" "../golden/$1"
    done
    # Fields as JSON has them, but for the dots of what is cut and the digits of fractions.
    sqlite3 x.db 'select fields from records where cut is null order by time_ns, cpu, fields' | jq -c . >got
    "$tp" --sql 'select fields from records where cut is null order by time_ns, cpu, fields' --format json "../golden/$1" 2>/dev/null | jq -r .fields | jq -c . >want
    sed -i 's/\([0-9]\.[0-9]\{5\}\)[0-9]*/\1/g' got want
    diff want got >differ || complain "$1, fields: $(head -n 6 differ)"
    sqlite3 x.db 'select fields from records' | jq . >/dev/null || complain "$1: no JSON"
}

many_seen()
{
    many | made >many.tp
    with_roles database many.tp
    code_is 0
    same 'select sys, event, count(*), min(time_ns), max(time_ns) from records group by 1, 2 order by 1, 2' many.tp
    same 'select * from sched_switch order by time_ns, cpu' many.tp
    same 'select * from "disk:io" order by time_ns, cpu' many.tp
    same 'select * from losses order by time_ns, cpu' many.tp
    same 'select * from runs order by start_ns, cpu' many.tp
    same 'select * from wakeups order by time_ns, cpu' many.tp
    with_roles "$tp" --sql 'select start_ns, dur_ns, cpu, name, ended, fields from spans order by 1, 3, 4' --format json many.tp 2>/dev/null | jq -c . >want
    sqlite3 -json x.db 'select start_ns, dur_ns, cpu, name, ended, fields from spans order by 1, 3, 4' | jq -c '.[]' >got
    diff want got >differ || complain "spans: $(head -n 6 differ)"
    grep -q 'ends without a begin' messages || complain "nothing is said: $(cat messages)"
    # Each record is there once, and found by its time.
    [ "$(sqlite3 x.db 'select count(*) from others')" = 0 ] || complain "records that have a table are in others"
    sqlite3 x.db 'explain query plan select * from records where time_ns between 5 and 9' >plan
    grep -q 'SEARCH sched:switch USING INDEX' plan || complain "$(cat plan)"
    sqlite3 x.db 'explain query plan select * from runs where start_ns between 5 and 9' >plan
    grep -q 'SEARCH runs USING INDEX' plan || complain "$(cat plan)"
}

hostile()
{
    awk 'BEGIN { for (i = 13; i <= 24; i++) print i * 100, 0, 1, i, "1 -2 3 4 5 6" }' | made 1 host all >hostile.tp
    database hostile.tp
    sqlite3 x.db 'select fields from records order by time_ns' >got
    cat >want <<'END'
{"where":1,"from":4294967294}
{"e\"f":1,"g'h":4294967294}
{"*":1}
{"поле":1}
{"time_ns":1,"CPU":4294967294,"capture":3,"cut_":4,"cut":5,"rowid":6}
{"x":1,"X":-2,"y":null}
{"x":1,"X":null,"y":4294967294}
{"one":1}
{"two":1}
{"v":1}
{"v":1,"v_":null,"w":null}
{"v":null,"v_":1,"w":4294967294}
END
    diff want got || complain "fields"
    [ "$(sqlite3 x.db 'select "e""f" from "a""b:c'"'d\"")" = 1 ] || complain "a name with a quote"
    awk 'BEGIN { print "5 0 1 24 18446744073709551615 3" }' | made 1 host all >wide.tp
    database wide.tp
    [ "$(sqlite3 x.db "select v_, printf('%u', v_) from twice_same")" = '-1|18446744073709551615' ] || complain "a number of 64 bits"
    [ "$(sqlite3 x.db 'select fields from records')" = '{"v":null,"v_":18446744073709551615,"w":3}' ] || complain "as JSON: $(sqlite3 x.db 'select fields from records')"
    grep -q '1 numbers are beyond' messages || complain "$(cat messages)"
}

# It is a new file, and there is none if anything fails.
refused()
{
    echo mine >x.db
    run --format sqlite --output x.db ../full.tp
    nothing_but 4 "tpdecode: cannot write x.db: it is there, and a database is a new file"
    [ "$(cat x.db)" = mine ] || complain "it was overwritten"
    rm x.db
    run --format sqlite ../full.tp
    nothing_but 2 "tpdecode: a database is a file, there is no --output FILE for '--format sqlite', try 'tpdecode --help'"
    run --format sqlite --output - ../full.tp
    code_is 2
    mkfifo pipe
    run --format sqlite --output pipe ../full.tp
    code_is 4
    run --format sqlite --output x.db ../golden/old
    code_is 3
    run --format sqlite --output x.db --tail 3 ../full.tp
    nothing_but 2 "tpdecode: not with a format for viewers: '--tail', try 'tpdecode --help'"
    (ulimit -f 8 && trap '' XFSZ && exec "$tp" --format sqlite --output x.db ../full.tp) >out 2>err
    code=$? command_line="with a full disk"
    nothing_but 4 "tpdecode: cannot write x.db: File too large" "6 records, 0 lost"
    [ "$(ls)" = "$(printf '%s\n' differ err out pipe)" ] || complain "left: $(ls)"
    run --format sqlite --sandbox=require --output x.db ../full.tp
    code_is 0
    [ "$(sqlite3 x.db 'select sum(v) from t_num')" = 15 ] || complain "in a sandbox"
    cat ../full.tp | "$tp" --format sqlite --output y.db 2>err
    [ "$(sqlite3 y.db 'select sum(v) from t_num')" = 15 ] || complain "from a pipe"
}

two()
{
    many | made >many.tp
    scene | made 2 >scene.tp
    database many.tp scene.tp
    [ "$(sqlite3 x.db 'select file, records from captures order by 1')" = "$(printf '%s\n' 'many.tp|29706' 'scene.tp|21')" ] || complain "two inputs"
    cat scene.tp many.tp >both.tp
    database both.tp
    [ "$(sqlite3 x.db 'select capture, count(*) from records group by 1 order by 1')" = "$(printf '%s\n' '1|21' '2|29706')" ] || complain "two captures"
}

bounded()
{
    count=100000
    [ -z "${TP_LONG:-}" ] || count=1000000
    "$tool" dump ../num $count 10 >long.tp
    "$tool" peak peak "$tp" --format sqlite --output x.db long.tp >out 2>err || complain "$(cat err)"
    [ "$(cat peak)" -lt 65536 ] || complain "$(cat peak) KiB for $((count * 10)) rows"
    [ "$(sqlite3 x.db 'select count(*), max(v) from t_num')" = "$((count * 10))|$((count * 10 - 1))" ] || complain "rows"
}

# An event that has more fields in a second capture: its table gets the columns, and rows from before are without.
grows()
{
    "$tmp/wide" 1 20000 0 1 0 >1.tp
    "$tmp/wide" 2 20000 0 2 0 >2.tp
    cat 1.tp 2.tp >both.tp
    database both.tp
    code_is 0
    "$tp" --format json --no-schema --event w:e0 both.tp 2>/dev/null | jq -r '.fields | "\(.v_s16)|\(.v_u8)|\(.s)"' | sed 's/null|null|/||/' >want
    sqlite3 x.db 'select v_s16, v_u8, s from "w:e0" order by capture, time_ns' >got
    [ "$(wc -l <want)" = 30000 ] && [ "$(grep -c '^||' want)" = 20000 ] || complain "not what was to be wanted"
    cmp want got >differ || complain "$(cat differ)"
}

# 4,096 tables, with those that are not of an event: events after that have none, and are in the view of all.
tables()
{
    "$tmp/wide" 4097 4097 1 1 0 >tables.tp
    database tables.tp
    code_is 0
    [ "$(sqlite3 x.db "select count(*) from sqlite_schema where type = 'table'")" = 4096 ] || complain "not 4,096 tables"
    own=$(sqlite3 x.db "select count(*) from sqlite_schema where type = 'table' and name glob 'w:e*'")
    [ "$own" -gt 4000 ] && grep -qx "tpdecode: --format sqlite: $((4097 - own)) records have no table of their own: there are more than 4096 tables" messages ||
        complain "$own tables of events: $(cat messages)"
    [ "$(sqlite3 x.db "select count(*), count(distinct event) from records")" = '4097|4097' ] || complain "not all records"
}

# Each record, by the sqlite3 command, against JSON; and how many were lost.
large()
{
    "$tmp/large" $records >large.tp
    database large.tp
    code_is 0
    "$tp" --format json --no-schema large.tp 2>/dev/null |
        sed -n 's/^{"time_ns":\([0-9]*\),"cpu":\([0-9]*\),.*"fields":{"v":\([0-9]*\),"w":\(-*[0-9]*\)}}$/\1|\2|\3|\4/p; s/^{"lost":\([0-9]*\),"cpu":\([0-9]*\),.*"time_ns":\([0-9]*\)}$/lost|\3|\2|\1/p' |
        sort | md5sum >want
    {
        sqlite3 x.db 'select time_ns, cpu, v, w from large_number'
        sqlite3 x.db "select 'lost', time_ns, cpu, lost from losses"
    } | sort | md5sum >got
    diff want got >differ || complain "records: $(cat differ)"
    [ "$(sqlite3 x.db 'select count(*) + (select coalesce(sum(lost), 0) from losses) from records')" = $records ] ||
        complain "$(sqlite3 x.db 'select count(*), (select sum(lost) from losses) from records') of $records"
    range='between (select time_ns + 5 from large_number limit 1) and (select time_ns from large_number limit 1 offset 999)'
    sqlite3 x.db "select v from large_number where time_ns $range order by v" >got
    sqlite3 x.db "select v from large_number not indexed where +time_ns $range order by v" >want
    cmp -s want got && [ -s got ] || complain "by the index: $(head -n 3 got)"
}

for name in $goldens; do
    cli "golden $name: whole, with the tables of --sql" golden "$name"
done
cli "many records" many_seen
cli "hostile names, a number of 64 bits" hostile
cli "what is refused, and leaves nothing" refused
cli "two inputs, two captures" two
cli "memory has a bound" bounded
cli "an event with more fields later" grows
cli "more events than tables" tables
cli "many records, each of them" large
finish
