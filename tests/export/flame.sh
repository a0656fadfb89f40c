#!/bin/sh
# SPDX-License-Identifier: MIT
# flame.sh - --format flame, by flame.py, which makes folded stacks of the boxes of a page: they are those of --format
# folded. With TP_LONG=1 Chromium opens pages, and speedscope opens folded stacks. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

command -v python3 >/dev/null || { echo "Bail out! needs python3"; exit 99; }

# NAME ANSWER ARGUMENT...: NAME.html and NAME.folded.
both()
{
    name=$1
    shift
    with_roles "$tp" --format flame "$@" >"$name.html" 2>err || complain "$*: $(cat err)"
    mv err flame_err
    with_roles "$tp" --format folded "$@" >"$name.folded" 2>err || complain "$*: $(cat err)"
    diff err flame_err >differ || complain "$*: something else is said: $(cat differ)"
}

same()
{
    both x "$@"
    python3 "$srcdir/tests/export/flame.py" x.html >got 2>err || complain "$*: $(tail -n 1 err)"
    LC_ALL=C sort x.folded >want
    LC_ALL=C sort got | diff want - >differ || complain "$*: folded (<) is not what the boxes have (>): $(head -n 5 differ)"
    [ "$(wc -l <want)" -ge "$least" ] || complain "$*: $(wc -l <want) paths"
}

boxes_seen()
{
    many | made >many.tp
    least=40
    same --spans many.tp
    same --graph --depth 1 many.tp
    grep -q '^[0-9]* records lost$' x.html || complain "losses are not in the page"
    same --profile --by cpu --role 'irq:entry=sample ip=vector' many.tp
    least=5
    same --profile --by event --role 'syscall:enter=sample ip=nr' many.tp
}

# The deepest stacks there are, and nothing at all.
limits_seen()
{
    awk 'BEGIN { for (i = 1; i <= 256; i++) print i * 10, 0, 7, "lock:take", i
        for (i = 1; i <= 256; i++) print 5000 + i * 10, 0, 7, "lock:drop", 257 - i }' | made >deep.tp
    least=256
    same --spans deep.tp
    with_roles "$tp" --graph --depth 3 --format folded deep.tp >got 2>err
    # 7 has the name <...>; what is deeper than three is in the third: all but 10 ns each before and after it.
    awk -F '[; ]' '{ print NF - 1, $NF }' got | sort -n >depths
    printf '%s\n' "2 20" "3 20" "4 7510" | diff - depths >differ || complain "--depth: $(cat differ)"
    scene | made >scene.tp
    "$tp" --profile --role 'irq:entry=sample ip=vector' --filter 'vector > 1000' --format flame scene.tp >x.html 2>err
    python3 "$srcdir/tests/export/flame.py" x.html >got 2>err && [ ! -s got ] || complain "nothing: $(cat got err)"
}

# What a page may not be made to do by names.
names_seen()
{
    least=3
    for hostile in '</p><script>' '"onclick="x()' "' onload=x() " '&lt;b&gt;' 'a;b c'; do
        { scene | sed '1,2d'
        printf '0 - - task 7 5 %.15s\n' "$hostile"; } | sort -n -s -k1,1 | made >hostile.tp
        same --spans hostile.tp
        grep -qF -e "$(printf %.15s "$hostile" | sed 's/;/,/g')" x.folded || complain "$hostile is in no stack"
    done
    case $(sed -n 's/.*<p .*data-n.*title="\([^"]*\)".*/\1/p' x.html) in *'a;b c: '*) ;; *) complain "a;b c is not in the page" ;; esac
    least=0
    for dump in $goldens; do
        case $dump in nometa | unknown | major | old) continue ;; esac
        "$tp" --spans --role 't:num=span duration=v' --format flame "../golden/$dump" >x.html 2>err
        [ ! -s x.html ] || python3 "$srcdir/tests/export/flame.py" x.html >got 2>err || complain "$dump: $(tail -n 1 err)"
    done
}

# npm's playwright-core and speedscope, which ./bootstrap check-long installs, or in NODE_PATH, and Debian's chromium.
browser()
{
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    need node chromium
    node -e 'require("playwright-core/package.json")' 2>/dev/null || skip "needs playwright-core: ./bootstrap check-long installs it"
}

chromium_seen()
{
    browser
    many | made >many.tp
    scene | sed "s/worker/<img src=x onerror=pwned=1>/; s/init\$/'\"><script>pwned=1<\/script>/" | made >hostile.tp
    both spans --spans many.tp
    both graph --graph --depth 2 many.tp
    both profile --profile --by cpu --role 'irq:entry=sample ip=vector' --role 'syscall:enter=sample ip=nr' many.tp
    both hostile --spans hostile.tp
    node "$srcdir/tests/export/flame.js" spans graph profile hostile >seen 2>&1 || complain "$(head -n 20 seen)"
    grep -q '^compared [0-9]\{3,\}' seen || complain "nothing was compared: $(tail -n 3 seen)"
}

# A folded stack is what it takes for one: its names are on the page, and its sum.
speedscope_seen()
{
    browser
    node -e 'require("speedscope/package.json")' 2>/dev/null || skip "needs speedscope: ./bootstrap check-long installs it"
    many | made >many.tp
    for answer in --spans --graph '--profile --by cpu --role irq:entry=sample\040ip=vector'; do
        case $answer in
        --profile*) with_roles "$tp" --profile --by cpu --role 'irq:entry=sample ip=vector' --format folded many.tp >x.folded 2>/dev/null ;;
        *) with_roles "$tp" "$answer" --format folded many.tp >x.folded 2>/dev/null ;;
        esac
        node "$srcdir/tests/export/speedscope.js" x.folded >seen 2>&1 || complain "speedscope: $(head -n 5 seen)"
        grep -q ' - speedscope$' seen || complain "speedscope does not show it: $(head -n 5 seen)"
    done
}

cli "boxes are the folded stacks" boxes_seen
cli "the deepest stack, --depth, and nothing" limits_seen
cli "names are names" names_seen
[ -z "${TP_LONG:-}" ] || cli "Chromium: as wide as their numbers, zoom and search, no name runs" chromium_seen
[ -z "${TP_LONG:-}" ] || cli "speedscope opens folded stacks" speedscope_seen
finish
