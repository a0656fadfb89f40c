#!/bin/sh
# SPDX-License-Identifier: MIT
# sql.sh - --sql: its answers against those of awk and jq from JSON, and of --stats and --tasks; what it reads, what
# it refuses, and its prompt. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). TP_LONG=1: 10^7 rows.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
only_with SQLITE libsqlite3-dev
. "$srcdir/tests/export/made.sh"

# QUERY DUMP...: rows as lines, with | between values.
ask()
{
    query=$1
    shift
    "$tp" --sql "$query" --format csv "$@" 2>err | sed 1d | tr , '|'
}

# NAME: what `got` and `want` have.
same()
{
    diff want got >differ || complain "$1, < is wanted: $(head -n 8 differ)"
}

# DUMP: each record of JSON, its fields as they are written there.
records_same()
{
    "$tp" --format json --no-schema "$1" 2>/dev/null | grep -v -e '"unfinished"' -e '^{"lost"' -e '^{"suppressed"' >json
    jq -r '[.time_ns, .cpu, .common_pid, .common_comm, .flags, .sys, .event, (.cut // [] | join(","))] | map(. // "NULL" | if . == "" then "NULL" else . end | tostring) | @tsv' json >want
    "$tp" --sql "select time_ns, cpu, common_pid, common_comm, flags, sys, event, cut from records" --format json "$1" 2>err |
        jq -r '[.time_ns, .cpu, .common_pid, .common_comm, .flags, .sys, .event, .cut] | map(. // "NULL" | tostring) | @tsv' >got
    same "$1: records"
    sed -e 's/.*"fields":\({.*}\)\(,"cut":\[.*\]\)*}$/\1/' -e 's/.*,\("id":[0-9]*,"raw":"[0-9a-f]*"}\)$/{\1/' json >want
    "$tp" --sql "select fields from records" --format json "$1" 2>err | jq -r .fields >got
    same "$1: fields"
    "$tp" --format json --no-schema "$1" 2>/dev/null |
        jq -r 'select(has("lost")) | [.time_ns, .cpu, .lost, .cause] | map(. // "NULL" | tostring) | @tsv' >want
    "$tp" --sql "select time_ns, cpu, lost, cause from losses" --format json "$1" 2>err |
        jq -r '[.time_ns, .cpu, .lost, .cause] | map(. // "NULL" | tostring) | @tsv' >got
    same "$1: losses"
    "$tp" --format json --no-schema "$1" 2>/dev/null | jq -r 'select(.unfinished) | .event' >want
    ask "select event from unfinished" "$1" >got
    same "$1: unfinished"
}

golden()
{
    case $1 in nometa | unknown | major | old) return ;; esac
    records_same "../golden/$1"
    run --sql 'select count(*) from records' "../golden/$1"
    sql_code=$code
    run "../golden/$1"
    code_is "$sql_code"
}

# Without records to use the exit codes are those of all.
useless()
{
    for dump in ../golden/nometa ../golden/major ../golden/old; do
        run "$dump"
        want=$code
        run --sql 'select 1' "$dump"
        code_is "$want"
    done
    run --sql 'select 1' nothing.tp
    code_is 3
}

# DUMP QUERY: lines of JSON, which must be standard input.
rows_are()
{
    "$tp" --sql "$2" --format json "$1" >got 2>err
    cat >want
    same "$2"
}

# Every type, by hand from tests/golden: a number of 64 bits without a sign is one with a sign.
types()
{
    rows_are ../golden/types 'select a,b,c,d,e,f,g,h,i,j,k,l,m,cut, typeof(a) t, typeof(k) u, typeof(m) v from t_types' <<'END'
{"a":255,"b":65535,"c":4294967295,"d":-1,"e":-128,"f":-32768,"g":-2147483648,"h":-9223372036854775808,"i":1,"j":"x","k":"0xffffffffffffffff","l":"hello","m":"deadbeef","cut":null,"t":"integer","u":"text","v":"blob"}
{"a":0,"b":0,"c":0,"d":0,"e":127,"f":32767,"g":2147483647,"h":9223372036854775807,"i":0,"j":"\\","k":"0x0","l":"","m":"","cut":null,"t":"integer","u":"text","v":"blob"}
{"a":1,"b":1,"c":1,"d":1,"e":-1,"f":-1,"g":-1,"h":-1,"i":1,"j":"\"","k":"0x1","l":"ab","m":"01","cut":"l,m","t":"integer","u":"text","v":"blob"}
END
    grep -q "1 numbers are beyond 2^63 - 1" err || complain "not said: $(cat err)"
    ask "select printf('%u', d) from t_types" ../golden/types >got
    printf '%s\n' 18446744073709551615 0 1 >want
    same "%u"
    rows_are ../golden/arrays 'select u,s,x,p,b,c,e, json_extract(e, "$[2]") last from "t:arr"' <<'END'
{"u":"[1,22,333]","s":"[-1,1]","x":"[0,10,200,255]","p":"[\"0xffff\"]","b":"[true,false]","c":"abc","e":"[\"on\",\"off\",7]","last":7}
END
    rows_are ../golden/names 'select e, f, z, w, typeof(e) t from t_n' <<'END'
{"e":"one","f":"A|B","z":"none","w":"one","t":"text"}
{"e":"minus","f":"C|HIGH|0x8000","z":"some|0x2","w":"zero","t":"text"}
{"e":-3,"f":"0","z":"some","w":9,"t":"integer"}
{"e":"zero","f":"0x30","z":"none","w":"one","t":"text"}
END
}

# Names that SQL has other ideas of.
hostile()
{
    awk 'BEGIN { for (i = 13; i <= 24; i++) print i * 100, 0, 1, i, "1 -2 3 4 5 6" }' | made 1 host all >hostile.tp
    while IFS=@ read -r columns table values; do
        values=$(echo "$values" | tr @ '|')
        [ "$(ask "select $columns from $table" hostile.tp)" = "$values" ] ||
            complain "$columns of $table: $(ask "select $columns from $table" hostile.tp) $(cat err)"
    done <<'END'
"where", "from"@"select:table"@1@4294967294
"e""f", "g'h"@"a""b:c'd"@1@4294967294
"*"@"a]b:c;d--"@1
поле@größe_時@1
time_ns, time_ns_, cpu_, capture, capture_, cut_, cut__, rowid@clash_common@1700@1@4294967294@1@3@4@5@6
x, x_, y@"clash:case" order by time_ns limit 1@1@-2@
x, x_, y@CLASH_CASE order by time_ns desc limit 1@1@@4294967294
one@a_b_c@1
two@"a:b_c"@1
v@"sqlite:schema"@1
v, v_, w@twice_same order by time_ns limit 1@1@@
v, v_, w@twice_same order by time_ns desc limit 1@@1@4294967294
END
}

scene_seen()
{
    scene | made >scene.tp
    ask 'select * from runs order by start_ns' scene.tp >got
    cat >want <<'END'
1000|4000|0|7|worker|X|1|1
2000|2800|1|6|<...>|open|1|1
5000|3000|0|5|init|lost|1|1
9500|100|0|9|<...>|open|1|1
END
    same runs
    ask 'select * from wakeups' scene.tp >got
    echo '2500|1|6|<...>|7|worker|0|1|1' >want
    same wakeups
    with_roles "$tp" --sql 'select start_ns, dur_ns, cpu, pid, name, kind, track, ended from spans order by start_ns, name' --format csv scene.tp 2>err | sed 1d >got
    cat >want <<'END'
3000,1000,0,7,syscall 4,task,7,ended
3200,100,0,7,irq_entry,cpu,0,ended
3900,1000,0,7,disk_io,field,,ended
4200,200,0,7,lock 1,task,7,ended
4300,100,0,7,syscall 9,task,7,crossed
4600,200,0,7,dma_start,id,,ended
4700,3300,1,6,dma_start,id,,lost
4950,3050,0,7,irq_entry,cpu,0,lost
9600,0,0,9,syscall 1,task,9,open
END
    same spans
    ask 'select * from tasks order by pid' scene.tp >got
    printf '%s\n' '5|init|5|1|1' '7|worker|5|1|1' >want
    same tasks
    ask 'select time_ns, cpu, lost, cause from losses' scene.tp >got
    echo '8000|0|3|full' >want
    same losses
    ask 'select capture, input, file, host, clock_hz, records, lost, first_ns, last_ns, wall_at_ns, wall_ns from captures' scene.tp >got
    echo '1|1|scene.tp||1000000000|21|3|1000|9600|0|1700000000000000000' >want
    same captures
}

many_seen()
{
    many | made >many.tp
    "$tp" --format json --no-schema many.tp 2>/dev/null >json
    jq -r 'select(.sys) | "\(.sys):\(.event)"' json | sort | uniq -c | awk '{ print $2 "|" $1 }' >want
    ask "select sys || ':' || event, count(*) from records group by sys, event order by 1" many.tp >got
    same "records by event"
    for event in sched:switch disk:io; do
        ask "select count(*) from \"$event\"" many.tp
    done >got
    grep -e '^sched:switch|' -e '^disk:io|' want | sort -r | cut -d'|' -f2 >counts
    diff counts got >differ || complain "tables of events: $(cat differ)"
    jq -r 'select(.lost) | "\(.cpu) \(.lost)"' json | awk '{ n[$1] += $2 } END { for (c in n) print c "|" n[c] }' | sort >want
    ask 'select cpu, sum(lost) from losses group by cpu' many.tp >got
    same losses
    jq -r 'select(.event == "wakeup") | "\(.time_ns)|\(.cpu)|\(.common_pid)|\(.fields.pid)|\(.fields.cpu)"' json >want
    ask 'select time_ns, cpu, waker_pid, pid, target_cpu from wakeups' many.tp >got
    same wakeups
    "$tp" --tasks --format json many.tp 2>/dev/null |
        jq -r '.tasks[] | "\(.id // .task)|\(.run_ns)"' | awk -F'|' '$2' | sort -n >want
    ask "select pid, sum(dur_ns) from runs where pid and coalesce(end_state, '') <> 'lost' group by pid order by pid" many.tp >got
    same "runs as --tasks has them"
    "$tp" --spans --format json many.tp 2>/dev/null |
        jq -r '.spans[] | select(.name | startswith("irq")) | "\(.count)|\(.max_ns)"' >want
    ask "select count(*), max(dur_ns) from spans where sys = 'irq' and ended = 'ended'" many.tp >got
    same "spans as --spans has them"
}

# DUMP...: what of an input is where.
sources()
{
    many | made >many.tp
    scene | made 2 >scene.tp
    gzip -c many.tp >many.gz
    query='select cpu, count(*), sum(time_ns) from records group by cpu'
    "$tp" --sql "$query" many.tp >want 2>/dev/null
    for how in many.gz - '- --sandbox=require' 'many.tp --sandbox=off'; do
        # shellcheck disable=SC2086
        cat many.tp | "$tp" --sql "$query" $how >got 2>err
        same "$how"
    done
    cat scene.tp many.tp >both.tp
    ask 'select capture, input, count(*) from records group by 1, 2 order by 1' both.tp >got
    printf '%s\n' '1|1|21' '2|1|29706' >want
    same "two captures"
    ask 'select r.input, count(*), c.file from records r join captures c using (input, capture) group by 1' scene.tp many.tp >got
    printf '%s\n' '1|21|scene.tp' '2|29706|many.tp' >want
    same "two inputs"
    head -c 200000 many.tp >part.tp
    run --sql 'select count(*) from records' part.tp
    code_is 1
    grep -q 'lost' err || complain "a cut dump: $(cat err)"
    run --sql 'select count(*) from records' --from 0.01 --cpu 1 many.tp
    sed -n 2p out >got
    "$tp" --from 0.01 --cpu 1 many.tp 2>/dev/null | grep -vc '^---' | sed 's/^/    /' | tr -d ' ' >want
    sed -i 's/ //g' got
    same "--from and --cpu before it"
}

# How many records were read is what the last line has.
pushed()
{
    "$tool" dump ../num 20000 10 >long.tp
    while IFS='|' read -r most rows where; do
        run --sql "select count(*) from records where $where" long.tp
        [ "$(sed -n '2s/ //gp' out)" = "$rows" ] || complain "$where: $(cat out)"
        read=$(sed -n 's/ records, 0 lost$//p' err)
        [ "$read" -le "$most" ] || complain "$where: $read records were read, of 200000"
    done <<'END'
20|1|time_ns between 5000 and 6000
100|9|time_ns > 204790000
100|10|100000000 <= time_ns and time_ns <= 100010000
20|1|time_ns = 1024
20|6|time_ns < 6e3
200000|199995|time_ns > 5000 or cpu = 7
200000|200000|time_ns + 0 >= 0
END
    # All of it, if one of two tables needs all.
    run --sql 'select count(*) from records r, t_num n where n.time_ns = r.time_ns and r.time_ns < 6000' long.tp
    [ "$(sed -n '2s/ //gp' out)" = 6 ] || complain "a join: $(cat out)"
    run --sql 'select count(*) from t_num n left join records r on n.time_ns = r.time_ns and n.time_ns < 6000' long.tp
    [ "$(sed -n '2s/ //gp' out)" = 200000 ] || complain "an outer join: $(cat out)"
    "$tp" --sql 'select count(*) from records where time_ns < 6000; select count(*) from t_num' long.tp 2>err | sed 's/ //g' >got
    printf '%s\n' 'count(*)' 6 'count(*)' 200000 >want
    same "two statements"
}

# A join by a time or a number has an index; one by neither is reported.
joins()
{
    many | made >many.tp
    run --sql 'select count(*), sum(wait) from (select (select min(start_ns) from runs r where r.pid = w.pid and
        r.start_ns >= w.time_ns) - w.time_ns wait from wakeups w)' many.tp
    code_is 0
    grep -q 'looked at' err && complain "no index: $(cat err)"
    sed -n '2s/^ *//; 2s/  */|/p' out >got
    "$tp" --sql 'select time_ns t, 0 k, pid from wakeups union all select start_ns, 1, pid from runs order by 1 desc, 2 desc' --format csv many.tp 2>/dev/null |
        sed 1d | awk -F, '$2 { next_run[$3] = $1; next } { n++; if ($3 in next_run) sum += next_run[$3] - $1 } END { print n "|" sum }' >want
    same "waits"
    run --sql 'select count(*) from sched_switch a, sched_switch b where a.next + b.prev = 7' many.tp
    code_is 0
    grep -q 'rows were looked at .* times' err || complain "not said: $(cat err)"
}

# ERROR-PART QUERY
fails()
{
    run --sql "$2" ../full.tp
    code_is 2
    [ ! -s out ] || complain "$2: printed $(head -n 1 out)"
    grep -qF -e "$1" err || complain "$2: $(cat err)"
}

wrong()
{
    fails "no such table: nothing_there" 'select * from nothing_there'
    fails 'tables: records, losses, tasks, captures, runs, spans, wakeups, suppressed, unfinished, "t:num"' 'select * from nothing_there'
    fails "no such column: foo, at 'foo from t_num'" 'select foo from t_num'
    grep -qx 'columns of t:num: time_ns, cpu, common_pid, common_comm, flags, v, capture, input, cut' err || complain "$(cat err)"
    fails "no such column: w.tim" 'select w.tim from wakeups w'
    grep -qx 'columns of wakeups: time_ns, cpu, waker_pid, waker_comm, pid, comm, target_cpu, capture, input' err ||
        complain "$(cat err)"
    fails 'near "selec": syntax error' 'selec 1'
    fails 'no such function: f' 'select f(1)'
    fails 'incomplete input' 'select ('
    fails 'not authorized' 'pragma cache_size = 1000000'
    fails 'not authorized' "attach 'x.db' as x"
    fails 'authorization denied' 'vacuum into "x.db"'
    fails 'not authorized to use function: load_extension' "select load_extension('x')"
    fails 'string or blob too big' 'select hex(zeroblob(10000000))'
    run --sql 'select json_extract("{", "$")' ../full.tp
    code_is 2
    [ ! -e x.db ] || complain "a file was made"
    run --sql 'select 1' --stats ../full.tp
    nothing_but 2 "tpdecode: more than one answer: '--sql', try 'tpdecode --help'"
    run --sql
    nothing_but 2 "tpdecode: no value for option '--sql', try 'tpdecode --help'"
    run --sql - </dev/null
    nothing_but 2 "tpdecode: queries come from standard input, and no FILE is given with '--sql', try 'tpdecode --help'"
    run --sql - - </dev/null
    nothing_but 2 "tpdecode: queries come from standard input, the dump is not also '-', try 'tpdecode --help'"
    run --sql 'select 1' --format perfetto ../full.tp
    code_is 2
}

formats()
{
    query="select 1 n, -2.5 r, 'a,\"b\"' t, '' e, null z, x'00ff' b, 1e999 i, char(27) || 'x' || char(10) c"
    run --sql "$query" ../full.tp
    out_is <<'END'
n     r  t      e  z  b       i  c
1  -2.5  a,"b"     -  00ff  inf  \x1bx\n
END
    run --sql "$query" --format csv ../full.tp
    printf 'n,r,t,e,z,b,i,c\n1,-2.5,"a,""b""","",,00ff,inf,"\033x\n"\n' | out_is
    run --sql "$query" --format json ../full.tp
    out_is <<'END'
{"n":1,"r":-2.5,"t":"a,\"b\"","e":"","z":null,"b":"00ff","i":"inf","c":"\u001bx\n"}
END
    run --sql "select 'größe' as \"時\", 'x' as \"$(printf 'a\033b')\" union all select 'y', 'longer'" ../full.tp
    harmless out
    # Columns of the first thousand rows; wider ones only push.
    "$tp" --sql "with recursive c(i) as (select 1 union all select i + 1 from c where i < 3000) select i, i * i * i from c" ../full.tp 2>err >got
    [ "$(sed -n 1001p got)" = "1000  1000000000" ] || complain "$(sed -n 1001p got)"
    [ "$(tail -n 1 got)" = "3000  27000000000" ] || complain "$(tail -n 1 got)"
}

prompted()
{
    printf '%s\n' 'select count(*)' 'from records;' '.schema' 'select nope;' '.help' 'select v from t_num' 'where v > 3; select 2;' '.quit' 'select 9;' |
        "$tp" --sql ../full.tp --format csv >out 2>err
    code=$? command_line="queries from standard input"
    code_is 2
    grep -vi '^[a-z:]*,[a-z_]*,[a-z]*$' out >got
    printf '%s\n' 'count(*)' 6 '.tables  .schema  .quit, or a query that ends with ;' v 4 5 2 2 >want
    same "a script"
    grep -q '^t:num,v,INTEGER$' out || complain ".schema: $(cat out)"
    grep -q 'no such column: nope' err || complain "$(cat err)"
    printf 'select 1 a' | "$tp" --sql - ../full.tp >out 2>err
    code=$?
    code_is 0
    printf 'a\n1\n' | out_is
}

# At a terminal: a prompt; Control-C ends a query, not the program.
terminal()
{
    python3 - "$tp" ../full.tp >seen 2>&1 <<'END' || complain "$(cat seen)"
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], '--sql', sys.argv[2]])
seen = b''
def until(what):
    global seen
    end = time.time() + 30
    while what not in seen:
        if not select.select([fd], [], [], max(0, end - time.time()))[0]:
            sys.exit('%r not seen: %r' % (what, seen))
        seen += os.read(fd, 4096)
    seen = seen[seen.index(what) + len(what):]
until(b'sql> ')
os.write(fd, b'with recursive c(i) as (select 1 union all\nselect i + 1 from c) select count(*) from c;\n')
until(b'...> ')
time.sleep(0.3)
os.write(fd, b'\x03')
until(b'interrupted')
until(b'sql> ')
os.write(fd, b'select half')
time.sleep(0.1)
os.write(fd, b'\x03')
until(b'sql> ')
os.write(fd, b'select 41 + 1;\n')
until(b'42')
until(b'sql> ')
os.write(fd, b'.quit\n')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
}

# Tables and what sorts go to a file: ten times as many rows take no more memory.
bounded()
{
    count=100000
    [ -z "${TP_LONG:-}" ] || count=1000000
    "$tool" dump ../num $count 10 >long.tp
    "$tool" peak peak "$tp" --sql 'select fields, time_ns from records order by fields desc, time_ns limit 3 offset 5000' long.tp >out 2>err ||
        complain "$(cat err)"
    [ "$(wc -l <out)" = 4 ] || complain "rows: $(cat out)"
    [ "$(cat peak)" -lt 65536 ] || complain "$(cat peak) KiB for $((count * 10)) rows"
    mkdir full
    TMPDIR=$PWD/nowhere "$tp" --sql 'select 1' long.tp >out 2>err
    code=$? command_line="without a temporary file"
    nothing_but 2 "tpdecode: this needs a temporary file, and there can be none: set TMPDIR to a folder that may be written"
}

# The same program with nosqlite.c.
without()
{
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I"$srcdir/decoder" -c -o nosqlite.o "$srcdir/decoder/base/nosqlite.c" || complain "nosqlite.c"
    built=$(dirname "$tp")
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} $(sed -n 's/^CFLAGS = //p' "$built/Makefile") -o less "$built"/decoder/tool/tpdecode-*.o nosqlite.o "$built/libdecode.a" \
        $(sed -n 's/^\(CBOR\|ELF\|IBERTY\|ZLIB\|DEFLATE\|EDIT\|SECCOMP\)_LIBS = //p' "$built/Makefile") || complain "it does not link"
    for option in "--sql=select 1" "--format=sqlite --output=x.db"; do
        # shellcheck disable=SC2086
        case $option in --sql*) ./less "$option" ../full.tp ;; *) ./less $option ../full.tp ;; esac >out 2>err
        code=$? command_line="without SQLite, $option"
        code_is 2
        grep -q 'made without SQLite: install libsqlite3-dev' err || complain "$option: $(cat err)"
    done
    ./less ../full.tp 2>err >out
    out_is <../full.out
}

for name in $goldens; do
    cli "golden $name: records, losses, exit code" golden "$name"
done
cli "what is no dump" useless
cli "each type" types
cli "hostile names" hostile
cli "runs, spans, wakeups, tasks, losses, captures of a scene, by hand" scene_seen
cli "many records: as JSON, --tasks and --spans have them" many_seen
cli "pipes, gzip, several captures and inputs, a cut dump, a selection before" sources
cli "what is asked for a time does not read the rest" pushed
cli "joins: an index, or a word" joins
cli "what is wrong with a query" wrong
cli "text, CSV, JSON" formats
cli "queries from standard input" prompted
cli "a prompt" terminal
cli "memory has a bound" bounded
cli "without SQLite" without
finish
