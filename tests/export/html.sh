#!/bin/sh
# SPDX-License-Identifier: MIT
# html.sh - --format html, by page.py, which knows the bytes of a page from the headers alone: each record, loss and
# name is there as in JSON, the page is well-formed, and nothing of a dump is in it as text. With TP_LONG=1 Chromium
# opens pages. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

command -v python3 >/dev/null || { echo "Bail out! needs python3"; exit 99; }
page=$srcdir/tests/export/page.py

# ARGUMENT...: x.html, and whether it is a page.
write()
{
    run --format html --output x.html "$@"
    python3 "$page" --check x.html >checked 2>&1 || complain "$command_line: no page: $(tail -n 1 checked)"
    [ "$(grep -vc '^sha256 [0-9a-f]*$' checked)" = 0 ] || complain "$command_line: $(head -n 3 checked)"
}

# ARGUMENT...: all records and losses are those of JSON; $roles: a command that adds roles to the page, or nothing.
roles=
same()
{
    $roles write "$@"
    html_code=$code
    python3 "$page" x.html >got 2>err || complain "$*: $(tail -n 1 err)"
    sed -i -E 's/("time_ns": )1700000000000+/\1/' got # of inputs that are merged by wall time, which begins there
    run --format json --no-schema "$@"
    [ "$code" = "$html_code" ] || complain "$*: exit code $html_code, that of JSON is $code"
    python3 "$srcdir/tests/export/same.py" out got >differ 2>&1 || complain "$*: $(cat differ)"
}

golden()
{
    case $1 in nometa | unknown | major | old) return ;; esac
    same "../golden/$1"
    [ -s got ] || complain "no records"
}

# Marks, by hand. Stacks end at losses, and what is open at the end ends there.
scene_seen()
{
    scene | made >scene.tp
    roles=with_roles
    same scene.tp
    python3 "$page" --marks x.html >got || complain "no marks"
    diff - got <<'END' || complain "marks"
1000 run 0 0 7 worker 2 1 5
2000 run 0 1 6 <...> 1 1 0
2500 wake 0 7 worker 0
3000 begin 1 0 1 7 0 syscall 4
3200 begin 2 0 0 0 0 irq_entry
3300 end 2 0
4000 end 1 0
4200 begin 1 0 1 7 0 lock 1
4300 begin 2 0 1 7 0 syscall 9
4400 end 2 1
4400 end 1 0
4500 counter 0 mem:left -3.0
4600 begin 1 0 3 dma 1 dma_start
4700 begin 2 0 3 dma 2 dma_start
4800 end 1 0
4900 whole 0 2 disk queue 2 1 disk_io 1000
4950 begin 1 0 0 0 0 irq_entry
5000 run 0 0 5 init 3 1 7
8000 end 1 2
8000 end 2 2
5000 stop 0 0 0
9500 run 0 0 9 <...> 1 1 0
9600 begin 2 0 1 9 0 syscall 1
9600 end 2 5
END
}

many_seen()
{
    many | made >many.tp
    roles=with_roles
    same many.tp
    [ "$(grep -c '"lost"' got)" -gt 50 ] || complain "hardly a loss"
    # How long each task ran, by JSON and by marks.
    durations many.tp | sort >want
    python3 "$page" --marks x.html | awk '
        function stop(cpu, at) { if (cpu in runs) ran[cpu " " runs[cpu]] += at - since[cpu]; delete runs[cpu] }
        $2 == "run" { stop($4, $1); runs[$4] = $5; since[$4] = $1 }
        $2 == "stop" { stop($4, $1) }
        END { for (k in ran) if (ran[k]) print k, ran[k] }' | sort >got
    [ -s got ] || complain "nothing runs"
    # What ran at a loss is known to the last record before it, where durations counts to the loss itself.
    awk 'NR == FNR { want[$1 " " $2] = $3; next } !(($1 " " $2) in want) || $3 > want[$1 " " $2] { print }' want got >wrong
    [ ! -s wrong ] || complain "ran too long: $(head -n 3 wrong)"
}

# More than one block, and records that are not small.
large_seen()
{
    ${CC:-cc} -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o large \
        "$srcdir/tests/export/large.c" "$srcdir"/engine/event/*.c $(ls "$srcdir"/engine/core/*.c "$srcdir"/engine/control/*.c \
        "$srcdir"/engine/filter/*.c "$srcdir"/engine/option/*.c | grep -v -e /no -e option/function -e option/site -e option/shadow) "$srcdir/engine/port/hosted/hosted.c" \
        2>errors || complain "no large: $(head -n 3 errors)"
    ./large "$1" 3000 >large.tp
    same large.tp
    [ "$(grep -c 'class="block"' x.html)" -gt 1 ] || complain "one block"
}

inputs_seen()
{
    scene | made 1 alpha >a.tp
    scene | made 2 '<b>beta' >b.tp
    same a.tp b.tp
    python3 "$page" --facts x.html >facts
    jq -r '"\(.number) \(.input) \(.capture) \(.file) \(.host) \(.end.ended) \(.end.cut)"' facts >got
    diff - got <<'END' || complain "inputs"
0 1 1 a.tp alpha true false
1 2 1 b.tp <b>beta true false
END
    cat a.tp b.tp >both.tp
    same both.tp
    python3 "$page" --facts x.html | jq -r '"\(.number) \(.capture) \(.host) \(.clock_hz) \(.end.pairs)"' >got
    diff - got <<'END' || complain "captures"
0 1 alpha 1000000000 [["0","1700000000000000000"]]
1 2 <b>beta 1000000000 [["0","1700000000000000000"]]
END
}

# What a page may not be made to do by names and texts. Without its data it is the same as any other.
hostile_seen()
{
    write ../golden/manual
    grep '^sha256' checked >want
    for name in 't</script><script>x()</script>' '"><img src=x onerror=x()>' '-->' "']]>" '\u003c/script\u003e' '&lt;b&gt;'; do
        { scene | sed '1,2d'
        printf '0 - - task 5 5 %.15s\n' "$name"
        printf '0 - - task 7 5 </script>\n'; } | sort -n -s -k1,1 | made 1 "$name" >hostile.tp
        file="./$(printf '%s' "$name" | tr / _).tp"
        mv hostile.tp "$file"
        same "$file"
        write "$file"
        grep '^sha256' checked >got
        diff want got >/dev/null || complain "$name: another page"
        ! grep -qF -e "$name" x.html || complain "$name is in the page"
    done
}

none_seen()
{
    write --filter "v > 1000" ../full.tp
    [ -z "$(python3 "$page" x.html)" ] || complain "records"
    write /dev/null
    python3 "$page" x.html >got || complain "no page of nothing"
    code_is 3
}

# filters.txt, asked of tpdecode: cases.json.
filter_cases()
{
    grep -v '^#' "$srcdir/tests/export/filters.txt" | while IFS="$(printf '\t')" read -r dump filter; do
        run --format json --no-schema --json-strings --filter "$filter" "pages/$dump.tp"
        jq -c 'select(.event and .time_ns) | [.time_ns, .cpu, .sys + ":" + .event]' out | jq -s -c --arg dump "$dump" --arg filter "$filter" \
            --arg problem "$(sed -n 's/^tpdecode: --filter: \(.* at column [0-9]*\)$/\1/p' err)" --argjson code "$code" \
            '{dump: $dump, filter: $filter, code: $code, problem: $problem, records: .}'
    done | jq -s . >pages/cases.json
    jq -r '.[] | select((.code == 0) != (.problem == "")) | "filter \(.filter): \(.code) \(.problem)"' pages/cases.json >odd
    [ ! -s odd ] || complain "$(cat odd)"
}

# npm's playwright-core, which ./bootstrap check-long installs, or in NODE_PATH, and Debian's chromium.
chromium_seen()
{
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    need node chromium jq
    node -e 'require("playwright-core/package.json")' 2>/dev/null || skip "needs playwright-core: ./bootstrap check-long installs it"
    mkdir pages
    scene | made >pages/scene.tp
    many 110000 | made >pages/many.tp
    scene | sed 's/init$/<img src=x>/; s/worker/<\/script>/' | made 1 '<script>pwned=1</script>' >pages/hostile.tp
    for name in types names escapes arrays manual formats loss damaged unfinished utc; do
        cp "../golden/$name" "pages/$name.tp"
    done
    for name in float bool; do
        hex <"$srcdir/tests/conformance/vectors/good-$name.hex" >"pages/$name.tp"
    done
    for dump in pages/*.tp; do
        case $dump in */many.tp | */scene.tp | */hostile.tp) roles=with_roles ;; *) roles= ;; esac
        $roles "$tp" --format html --output "${dump%.tp}.html" "$dump" 2>/dev/null
        "$tp" --format json --no-schema --json-strings "$dump" >"${dump%.tp}.json" 2>/dev/null
    done
    filter_cases
    with_roles "$tp" --tasks --format json pages/many.tp 2>/dev/null |
        jq -c '[.tasks[] | [.id, .run_ns, .switches, .wait_ns // 0, .woken // 0, .max_ns // 0]] | sort' >pages/tasks.json
    node "$srcdir/tests/export/html.js" pages >seen 2>&1 || complain "$(head -n 20 seen)"
    grep -q '^compared [0-9]\{4,\}' seen || complain "nothing was compared: $(tail -n 3 seen)"
}

for name in $goldens; do
    cli "golden $name: each record and loss, as in JSON" golden "$name"
done
cli "what lanes are made of, of a scene, by hand" scene_seen
cli "many records: as in JSON, and no task runs longer" many_seen
cli "several blocks" large_seen 70000
cli "two inputs, two captures" inputs_seen
cli "names and texts that would be a script" hostile_seen
cli "no records" none_seen
[ -z "${TP_LONG:-}" ] || cli "Chromium shows records, filters as tpdecode does, and obeys keys and mouse" chromium_seen
finish
