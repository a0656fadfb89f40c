#!/bin/sh
# SPDX-License-Identifier: MIT
# fleet.sh - the commands of doc/fleet.md, and what it says of two machines. With TP_LONG=1 its queries, by
# DuckDB and ClickHouse. Prints TAP.
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

# QUERY: by the server that was started.
ask()
{
    clickhouse-client --port "$port_number" --multiquery --query "set allow_experimental_low_cardinality_type = 1; $1"
}

# A server of our own, whose ports nobody else has, or that ends at once.
server()
{
    mkdir server
    here=$PWD/server
    cat >server/config.xml <<END
<yandex>
    <logger><level>warning</level><log>$here/log</log><errorlog>$here/errors</errorlog></logger>
    <tcp_port>$port_number</tcp_port><http_port>$((port_number + 1))</http_port><listen_host>127.0.0.1</listen_host>
    <path>$here/data/</path><tmp_path>$here/tmp/</tmp_path><mark_cache_size>67108864</mark_cache_size>
    <users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
</yandex>
END
    cat >server/users.xml <<END
<yandex>
    <profiles><default/></profiles><quotas><default/></quotas>
    <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
</yandex>
END
    PATH=$PATH:/usr/sbin timeout 600 clickhouse-server --config-file=server/config.xml >server/out 2>&1 &
    server=$!
    for i in $(seq 300); do
        ask 'select 1' >answer 2>&1 && return
        kill -0 $server 2>/dev/null || break
        sleep 0.2
    done
    complain "no server: $(tail -n 3 server/out answer)"
}

# Debian's ClickHouse is of 2018: it reads no Parquet, so rows come as JSON; keys that may be null, codecs and one name of a
# function came later.
clickhouse()
{
    need clickhouse-client jq
    sums
    port_number=$((20000 + $$ % 10000 * 2))
    server
    awk '/^## / { inside = $2 == "ClickHouse" } inside && /^    /' "$srcdir/doc/fleet.md" |
        sed 's/ codec([^)]*)//; s/order by (host, sys, event, wall_ns) settings allow_nullable_key = 1/order by (host, capture)/; s/JSONExtractInt/visitParamExtractInt/' |
        awk 'BEGIN { RS = ";" } { print >(++n ".clickhouse") }'
    ask "$(cat 1.clickhouse)" || complain "the table"
    for file in fleet/*.parquet; do
        PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/export/parquet.py" rows "$file"
    done | clickhouse-client --port "$port_number" --query 'insert into records format JSONEachRow' || complain "the rows"
    ask "$(cat 3.clickhouse)" | awk -F '\t' '$2 == "\\N" { print $1, "lost", $4; next } { print $1, $2, $3 }' | sort >got
    diff want got || complain "ClickHouse (>) counts otherwise than --stats (<)"
    ask "$(cat 4.clickhouse)" | sort | tr '\t' '|' >got
    printf '%s\n' 'web1|2|0' 'web2|2|0' | diff - got || complain "a field (>)"
    kill $server
    wait $server
}

cli "the commands of doc/fleet.md" commands
cli "two machines: the files have what --stats says of each" sums
[ -z "${TP_LONG:-}" ] || cli "the queries of doc/fleet.md, by DuckDB" queries
[ -z "${TP_LONG:-}" ] || cli "the table and the queries of doc/fleet.md, by ClickHouse" clickhouse
finish
