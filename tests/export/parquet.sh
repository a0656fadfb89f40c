#!/bin/sh
# SPDX-License-Identifier: MIT
# parquet.sh - --format parquet, by a reader of its own (parquet.py): structure, types, statistics, and each value
# as JSON has it. With TP_LONG=1 DuckDB and hyparquet read it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

command -v python3 >/dev/null || { echo "Bail out! no python3: install python3"; exit 99; }
"${CC:-cc}" -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/wide.err")"
    exit 99
}

reader()
{
    PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/export/parquet.py" "$@"
}

# INPUT...: JSON with the time of day, for the reader.
as_json()
{
    "$tp" --format json --time utc:ns "$@" >x.json 2>/dev/null
}

# INPUT...: is one file what JSON is?
one_file()
{
    run --format parquet --output x.parquet "$@"
    mv err messages
    as_json "$@"
    reader same x.parquet x.json >seen 2>&1 || complain "$*: $(tail -n 3 seen)"
}

one_folder()
{
    rm -rf folder
    run --format parquet --output folder/ "$@"
    mv err messages
    as_json "$@"
    reader folder folder x.json >seen 2>&1 || complain "$*: $(tail -n 3 seen)"
}

golden()
{
    "$tp" "../golden/$1" >/dev/null 2>&1
    want=$?
    for how in one_file one_folder; do
        rm -f x.parquet
        case $1 in
        nometa | old) # nothing that could be a table
            run --format parquet --output x.parquet "../golden/$1"
            [ ! -s x.parquet ] || complain "a file of nothing"
            ;;
        *) $how "../golden/$1" ;;
        esac
        code_is $want
    done
}

# Types are those that were declared. CPU and task are not of every row.
types()
{
    "$tmp/wide" 2 5 >wide.tp
    run --format parquet --output folder/ --column host=web1 wide.tp
    code_is 0
    ls folder | tr '\n' ' ' | grep -qx 'losses.parquet tasks.parquet w.e0.parquet w.e1.parquet ' || complain "$(ls folder)"
    reader about folder/w.e0.parquet >got
    diff - got <<'END' || complain "columns of an event"
time_ns s64?
wall_ns s64?
cpu u16?
common_pid u32?
common_comm text?
flags text?
v_u8 u8
v_u16 u16
v_u32 u32
v_u64 u64
v_s8 s8
v_s16 s16
v_s32 s32
v_s64 s64
v_bool bool
v_ptr u64
v_f32 f32
v_f64 f64
s text
cut text?
capture u32
host text
group of 3
tracepoint.clock=0=1700000000000000001
tracepoint.clock_hz=1000000000
tracepoint.lost=0
tracepoint.records=5
tracepoint.stream=0x1
tracepoint.tool=wide
END
    reader about folder/tasks.parquet | grep -v tracepoint >got
    printf '%s\n' 'pid u32' 'name text' 'task_group u32?' 'capture u32' 'host text' 'group of 99' | diff - got || complain "tasks"
    reader rows folder/tasks.parquet | sed -n '11p' >got
    echo '{"pid": 11, "name": "task11", "task_group": 1, "capture": 1, "host": "web1"}' | diff - got || complain "a task"
    reader about folder/losses.parquet | grep -v tracepoint >got
    printf '%s\n' 'time_ns s64?' 'wall_ns s64?' 'cpu u16?' 'lost u64?' 'cause text' 'capture u32' 'host text' |
        diff - got || complain "losses"
    run --format parquet --output x.parquet wide.tp
    reader about x.parquet | sed -n 's/ .*//; 7,13p' | tr '\n' ' ' | grep -qx 'sys event fields cut lost cause capture ' ||
        complain "columns of all: $(reader about x.parquet)"
}

# A group ends after 122,880 rows.
groups()
{
    for n in 122879 122880 122881; do
        "$tmp/wide" 1 $n | "$tp" --format parquet --event w:e0 >x.parquet 2>err || complain "$(cat err)"
        reader groups x.parquet >got
        # Each loss is a row: after 122 of the records 999, 1999 and so on.
        case $n in
        122879) echo '122880 121' ;;
        122880) echo '122880 122' ;;
        122881) echo '122880 123' ;;
        esac | diff - got || complain "$n records"
    done
    "$tmp/wide" 5 123000 >wide.tp
    one_file wide.tp
    grep -qx '123123' seen || complain "$(cat seen)"
}

# Or with 16 MiB of values: records of 32,000 bytes.
large()
{
    "$tmp/wide" 1 700 32000 >wide.tp
    one_file wide.tp
    reader groups x.parquet >got
    echo '524 176' | diff - got || complain "groups"
    run --format parquet --compress none --output x.parquet wide.tp
    reader same x.parquet x.json >seen 2>&1 || complain "plain: $(cat seen)"
    [ "$(wc -c <x.parquet)" -gt 22400000 ] || complain "it is compressed"
}

# What goes through a pipe is the same.
pipe()
{
    "$tmp/wide" 4 3000 >wide.tp
    run --format parquet --output x.parquet wide.tp
    "$tp" --format parquet wide.tp 2>/dev/null | cat >y.parquet
    cmp x.parquet y.parquet || complain "through a pipe it is something else"
    cat wide.tp | "$tp" --format parquet 2>/dev/null >y.parquet
    cmp x.parquet y.parquet || complain "of a pipe it is something else"
    run --format parquet --output y.parquet --compress zlib wide.tp
    cmp x.parquet y.parquet || complain "--compress zlib is something else"
    TMPDIR=/nonexistent "$tp" --format parquet wide.tp >y.parquet 2>err
    code=$?
    code_is 2
    grep -q 'needs a temporary file' err || complain "$(cat err)"
}

# A dump without records has columns, and no group.
empty()
{
    "$tmp/wide" 1 0 >wide.tp
    one_file wide.tp
    one_folder wide.tp
    [ "$(ls folder | tr '\n' ' ')" = 'losses.parquet tasks.parquet ' ] || complain "$(ls folder)"
    reader about x.parquet | grep -q '^fields json' || complain "no columns"
}

several()
{
    scene | made 1 web1 >a.tp
    scene | made 2 web2 >b.tp
    run --format parquet --output x.parquet a.tp b.tp
    code_is 0
    reader rows x.parquet | jq -r '"\(.input) \(.sys):\(.event) \(.lost)"' | sort | uniq -c | sort -k2 >got
    for i in a.tp b.tp; do
        "$tp" --format json $i 2>/dev/null | jq -r --arg i $i 'select(has("cpu")) | "\($i) \(.sys):\(.event) \(.lost)"'
    done | sort | uniq -c | sort -k2 | diff - got || complain "rows of each input"
    reader about x.parquet | grep -E 'host|input|stream' >got
    diff - got <<'END' || complain "what is said of both"
input text
tracepoint.2.host=web2
tracepoint.2.input=b.tp
tracepoint.2.stream=0x2
tracepoint.host=web1
tracepoint.input=a.tp
tracepoint.stream=0x1
END
    # They are in order of wall time.
    reader rows x.parquet | jq -s '[.[].wall_ns // 0] | . == sort' | grep -qx true || complain "not in order"
}

# 4,096 events have files of their own.
files()
{
    for n in 4096 4097; do
        "$tmp/wide" $n $n 3 >wide.tp
        rm -rf folder
        run --format parquet --output folder/ wide.tp
        code_is 0
        [ "$(find folder -name 'w.e*.parquet' | wc -l)" = 4096 ] || complain "$(find folder | wc -l) files"
    done
    reader rows folder/others.parquet | jq -c '[.sys, .event, .time_ns, (.fields | fromjson | .s | length)]' >got
    echo '["w","e4096",4096000,3]' | diff - got || complain "others"
    "$tmp/wide" 4096 4096 3 | "$tp" --format parquet --output full/ 2>err
    [ ! -e full/others.parquet ] || complain "others, although there is a file for each"
}

# What --head ends, what --filter leaves, fields that are called like a column of all.
parts()
{
    "$tmp/wide" 3 3000 >wide.tp
    run --format parquet --output x.parquet --head 10 wide.tp
    code_is 0
    [ "$(reader rows x.parquet | wc -l)" = 10 ] || complain "not ten rows"
    reader about x.parquet | grep -qx 'tracepoint.stream=0x1' || complain "not said of what it is"
    run --format parquet --output folder/ --head 10 --event w:e0 wide.tp
    code_is 0
    [ "$(ls folder | tr '\n' ' ')" = 'losses.parquet tasks.parquet w.e0.parquet ' ] || complain "$(ls folder)"
    [ "$(reader rows folder/tasks.parquet | wc -l)" = 99 ] || complain "no tasks"
}

refused()
{
    message=$1
    shift
    run "$@" --format parquet ../full.tp
    code_is 2
    [ ! -s out ] || complain "$command_line: something on standard output"
    printf "tpdecode: %s, try 'tpdecode --help'\n" "$message" | diff - err >differ || complain "$command_line: $(cat differ)"
}

# Each limit, from both sides: what is beyond it is said.
limits()
{
    for time in 9223372036854775807 9223372036854775808; do
        printf '%s 0 5 irq:exit\n' 9223372036854775806 $time | made >late.tp
        run --format parquet --output late.parquet late.tp
        code_is 0
        { [ $time = 9223372036854775807 ] ||
            echo "tpdecode: --format parquet: 1 times are beyond 2^63 - 1, and are that"
        echo "2 records, 0 lost"; } | err_is
    done
    for captures in 1024 1025; do
        "$tmp/wide" 1 1 0 1 0 $captures >captures.tp
        run --format parquet --output x.parquet captures.tp
        code_is 0
        { [ $captures = 1024 ] || echo "tpdecode: --format parquet: of $captures captures the first 1024 are described"
        echo "$captures records, 0 lost"; } | err_is
    done
}

wrong()
{
    refused "all events are alike in --format parquet, not with '--role'" --role t:num=none
    refused "not with a format for viewers: '--fields'" --fields v
    mkdir full
    touch full/x
    run --format parquet --output full ../full.tp
    code_is 4
    grep -q 'there is something in this directory' err || complain "$(cat err)"
}

# npm's DuckDB and hyparquet, which ./bootstrap check-long installs, or in NODE_PATH.
with_node()
{
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    need node
    node "$srcdir/tests/export/duckdb.js" >/dev/null 2>&1 && [ -d "$NODE_PATH/hyparquet" ] ||
        skip "needs @duckdb/node-api and hyparquet: ./bootstrap check-long installs them"
}

duckdb()
{
    node "$srcdir/tests/export/duckdb.js" "$@" >rows 2>&1
    diff - rows >differ || complain "DuckDB: $(cat differ)"
}

duckdb_types()
{
    with_node
    "$tmp/wide" 3 200000 >wide.tp
    run --format parquet --output folder/ --column host=web1 wide.tp
    duckdb "select column_name || ' ' || column_type from (describe from 'folder/w.e0.parquet') where column_name not like '%\_ns' escape '\\'" <<'END'
cpu USMALLINT
common_pid UINTEGER
common_comm VARCHAR
flags VARCHAR
v_u8 UTINYINT
v_u16 USMALLINT
v_u32 UINTEGER
v_u64 UBIGINT
v_s8 TINYINT
v_s16 SMALLINT
v_s32 INTEGER
v_s64 BIGINT
v_bool BOOLEAN
v_ptr UBIGINT
v_f32 FLOAT
v_f64 DOUBLE
s VARCHAR
cut VARCHAR
capture UINTEGER
host VARCHAR
END
    duckdb "select min(v_u64), max(v_u64), min(v_s64), max(v_s64), min(v_s8), max(v_u8), min(v_s32), max(v_ptr) from 'folder/w.e1.parquet'" <<'END'
0|18446744073709551615|-9223372036854775808|9223372036854775807|-128|255|-2147483648|18446744073709551615
END
    run --format parquet --output x.parquet wide.tp
    # In the order of time, in three groups, as each is full with 16 MiB; each text column through its dictionary or without.
    duckdb "select count(*), count(event), sum(lost), count(distinct common_comm), min(time_ns), max(time_ns),
            max(wall_ns) - max(time_ns) from 'x.parquet'" \
        "select count(distinct row_group_id) from parquet_metadata('x.parquet')" \
        "select stats_min_value, stats_max_value, row_group_num_rows from parquet_metadata('x.parquet') where path_in_schema = 'time_ns' and row_group_id = 0" <<'END'
200200|200000|400|100|0|199999000|1700000000000000001
3
0|71472000|71544
END
    node "$srcdir/tests/export/duckdb.js" "select count(*) from 'x.parquet' a join 'folder/w.e1.parquet' b on a.time_ns = b.time_ns and a.cpu = b.cpu
            where a.event = 'e1' and (a.fields->>'\$.v_u64')::ubigint = b.v_u64 and (a.fields->>'\$.s') = b.s and
            (a.fields->>'\$.v_s64')::bigint = b.v_s64 and a.common_comm = b.common_comm" \
        "select count(*) from 'folder/w.e1.parquet'" >rows 2>&1
    [ "$(sort -u rows | wc -l)" = 1 ] && [ "$(head -n 1 rows)" -gt 60000 ] || complain "joined: $(cat rows)"
    "$tmp/wide" 1 0 >empty.tp
    run --format parquet --output empty.parquet empty.tp
    duckdb "select count(*), count(lost) from 'empty.parquet'" <<'END'
0|0
END
}

# 10 million records of 200 events: in one file, and in as many files with bounded memory.
ten_million()
{
    with_node
    "$tmp/wide" 200 10000000 >wide.tp
    for output in x.parquet folder/; do
        "$tp" --format parquet --output $output wide.tp 2>err &
        pid=$!
        most=0
        while kill -0 $pid 2>/dev/null; do
            now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null)
            [ "${now:-0}" -le $most ] || most=$now
            sleep 0.2
        done
        wait $pid || complain "$output: $(cat err)"
        [ $most -lt 65536 ] && [ $most -gt 4000 ] || complain "$output: $most KiB of memory"
        echo "$output: $most KiB" >>memory
    done
    duckdb "select count(event), sum(lost), sum(time_ns) from 'x.parquet' where event is not null or cause is not null" \
        "select sum(n) from (select count(*) as n from read_parquet('folder/w.*.parquet', union_by_name = true))" \
        "select sum(lost) from 'folder/losses.parquet'" <<END
10000000|20000|$(duck_sum)
10000000
20000
END
}

# Of all times: 0, 1,000 and so on; a loss has that of the record before which it was found.
duck_sum()
{
    "$tp" --format json --no-schema --event w:e0 wide.tp 2>/dev/null | jq -s '[.[] | select(has("lost")) | .time_ns] | add' |
        awk '{ printf "%.0f\n", 10000000 * 9999999 / 2 * 1000 + $1 }'
}

hyparquet()
{
    with_node
    "$tmp/wide" 3 3000 >wide.tp
    run --format parquet --compress none --output x.parquet wide.tp
    as_json wide.tp
    node --input-type=module -e '
        import { readFileSync } from "fs"
        import { createRequire } from "module"
        const { parquetReadObjects } = await import(process.env.NODE_PATH + "/hyparquet/src/index.js")
        const b = readFileSync("x.parquet"), file = b.buffer.slice(b.byteOffset, b.byteOffset + b.length)
        for (const r of await parquetReadObjects({ file }))
            console.log([r.time_ns, r.cpu, r.event ?? "lost", r.common_comm ?? "", r.lost ?? "", r.cause ?? ""].join(" "))' >rows 2>&1
    jq -r 'select(has("cpu")) | "\(.time_ns) \(.cpu) \(.event // "lost") \(.common_comm // "") \(.lost // "") \(.cause // "")"' x.json |
        diff - rows >differ || complain "hyparquet: $(head -n 5 differ)"
}

for name in $goldens; do
    cli "golden $name: as JSON has it, in one file and by event" golden "$name"
done
cli "types and names of columns, tasks and losses" types
cli "groups end after 122,880 rows" groups
cli "groups end after 16 MiB, compressed or not" large
cli "through pipes; without a place for its temporary file" pipe
cli "a dump without records" empty
cli "two inputs" several
cli "4,096 events have files of their own" files
cli "parts of a dump" parts
cli "limits, from both sides" limits
cli "what is refused" wrong
if [ -n "${TP_LONG:-}" ]; then
    cli "DuckDB: types, extremes, groups, joins, a file without rows" duckdb_types
    cli "DuckDB: ten million records, and the memory that takes" ten_million
    cli "hyparquet" hyparquet
fi
finish
