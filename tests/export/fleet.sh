#!/bin/sh
# SPDX-License-Identifier: MIT
# fleet.sh - the commands of doc/fleet.md, and what it says of two machines. With TP_LONG=1 its queries, by
# DuckDB. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

command -v python3 >/dev/null || { echo "Bail out! no python3: install python3"; exit 99; }

# Two machines whose counters and clocks differ.
hosts()
{
    scene | made 1 web1 >web1.tp
    scene | grep -v 'mem:left\|disk:io' | sed 's/ clock .*/ clock 1699999999999999000/' | made 2 web2 >web2.tp
}

# Each command of the page, as pages.sh has it.
commands()
{
    hosts
    PATH=$(dirname "$tp"):$PATH
    export PATH LC_ALL=C
    awk '/^```console$/ { inside = 1; next }
        /^```$/ { inside = 0 }
        !inside { next }
        /^\$ / { n++; print substr($0, 3) >(n ".command"); printf "" >(n ".want"); next }
        { print >(n ".want") }' "$srcdir/doc/fleet.md"
    n=1
    while [ -e "$n.command" ]; do
        sh "./$n.command" >"$n.out" 2>&1
        diff "$n.want" "$n.out" || complain "$(cat "$n.command"): the page (<) has something else"
        n=$((n + 1))
    done
    [ "$n" -gt 8 ] || complain "only $((n - 1)) commands"
}

# Of all files together: what --stats says of each.
sums()
{
    commands
    for host in web1 web2; do
        "$tp" --stats --format json $host.tp 2>/dev/null |
            jq -r --arg h $host '(.events[] | "\($h) \(.event) \(.count)"), "\($h) lost \([.cpus[].lost | add // 0] | add)"'
    done | sort >want
    for file in fleet/*.parquet; do
        PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/export/parquet.py" rows "$file"
    done | jq -r '"\(.host) " + (if .event then "\(.sys):\(.event) 1" else "lost \(.lost // 0)" end)' |
        awk '{ n[$1 " " $2] += $3 } END { for (k in n) print k, n[k] }' | sort >got
    diff want got || complain "the files (>) have other counts than --stats (<)"
    [ "$(wc -l <want)" -gt 20 ] || complain "$(cat want)"
}

# npm's DuckDB, which ./bootstrap check-long installs, or in NODE_PATH.
duckdb()
{
    node "$srcdir/tests/export/duckdb.js" "$@"
}

queries()
{
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    need node
    duckdb >/dev/null 2>&1 || skip "needs @duckdb/node-api: ./bootstrap check-long installs it"
    commands
    awk '/^```sql$/ { n++; file = n ".sql"; printf "" >file; next }
        /^```text$/ { file = n ".rows"; printf "" >file; next }
        /^```/ { file = ""; next }
        file { print >file }' "$srcdir/doc/fleet.md"
    n=1
    while [ -e "$n.sql" ]; do
        duckdb "$(cat "$n.sql")" >"$n.got" 2>&1
        diff "$n.rows" "$n.got" || complain "query $n: the page (<) has something else"
        n=$((n + 1))
    done
    [ "$n" -gt 7 ] || complain "only $((n - 1)) queries"
    # The same of many records.
    many | made 1 >web1.tp
    many | head -n 20000 | made 2 >web2.tp
    for host in web1 web2; do
        "$tp" --format parquet --column host=$host --output fleet/$host.parquet $host.tp 2>/dev/null
        "$tp" --stats --format json $host.tp 2>/dev/null |
            jq -r --arg h $host '(.events[] | "\($h)|\(.event)|\(.count)"), "\($h)|lost|\([.cpus[].lost | add // 0] | add)"'
    done | sort >want
    duckdb "select host, coalesce(sys || ':' || event, 'lost'), if(any_value(event) is null, sum(lost), count(*))::bigint
        from 'fleet/*.parquet' group by all" | sort >got
    diff want got || complain "DuckDB (>) counts otherwise than --stats (<)"
}

cli "the commands of doc/fleet.md" commands
cli "two machines: the files have what --stats says of each" sums
[ -z "${TP_LONG:-}" ] || cli "the queries of doc/fleet.md, by DuckDB" queries
finish
