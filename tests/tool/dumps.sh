# SPDX-License-Identifier: MIT
# dumps.sh - what the shell tests of tpdecode share that take its input apart: help.sh, and in
# $tmp the dumps full.tp (six records of one CPU), example.tp (doc/format.md) and golden/*; $goldens
# are their names, $tool is tool.c. Sourced first. The dumps come from tests/golden, doc/format.md and
# tool.c, which knows doc/format.md and nothing of the decoder.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# FIRST LAST: lines of the records in full.tp; lost: two of them missing.
records()
{
    n=$1
    while [ "$n" -le "$2" ]; do
        echo "           seven-7       [000] .....     0.00000$n: t_num: v=$n"
        n=$((n + 1))
    done
}

lost()
{
    echo "--- cpu 0: 2 records lost here (missing from the dump) ---"
}

no_end="no end mark: tracing went on, or the dump was cut"
example_out="           <...>-42      [000] d.h1.     8.589934: sched_switch: next=7 why=wake comm=bash
           <...>-42      [000] d.h1.     8.589934: sched_switch: next=0 why=idle comm=idl...
--- cpu 0: 3 records lost here (buffer full) ---"

# --- the dumps ---

tool=$tmp/tool
${CC:-cc} -O1 -o "$tool" "$srcdir/tests/tool/tool.c" -lz 2>"$tmp/tool.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/tool.err")"
    exit 99
}
mkdir "$tmp/golden"
goldens=
for path in "$srcdir"/tests/golden/*.hex; do
    name=$(golden_name "$path")
    case $name in region | bare | oldmem) continue ;; esac # no dumps: see image.sh
    goldens="$goldens $name"
    hex <"$path" >"$tmp/golden/$name"
done
sed -n '/^```hex/,/^```$/p' "$srcdir/doc/format.md" | sed 's/^```.*//' | hex >"$tmp/example.tp"
head -c 304 "$tmp/golden/damaged" >"$tmp/num" # metadata: one CPU, t:num "v=%u"
"$tool" dump "$tmp/num" 3 2 >"$tmp/full.tp"
records 0 5 >"$tmp/full.out"
case $(($(wc -c <"$tmp/example.tp"))).$(($(wc -c <"$tmp/full.tp"))).$(($(ls "$tmp/golden" | wc -l))) in
832.1224.2[4-9] | 832.1224.[3-9][0-9]) ;;
*)
    echo "Bail out! not the dumps that were to be made: $(wc -c "$tmp"/*.tp) $(ls "$tmp/golden")"
    exit 99
    ;;
esac
