#!/bin/sh
# SPDX-License-Identifier: MIT
# All benchmarks: those that are timed, and the instructions of an event, which are counted.
#   bench.sh DIR    where tpdecode and the programs tpbench* are
set -eu
dir=$1
"$dir/tpbench"
"$dir/tpbench_noclock"
"$dir/tpbench_filter"
if grep -q 'sse4_2\| crc32' /proc/cpuinfo; then
    "$dir/tpbench_pipe"
else
    echo "bench: no instruction for checksums: pipe_copy is not measured" >&2
fi
"$dir/tpbench_pipe_8192"
"$dir/tpbench_pipe_64"
"$dir/tpbench_silent"
dumps=$(mktemp -d) # 2.5 GB
trap 'rm -rf "$dumps"' EXIT
trap 'exit 1' HUP INT TERM
"$dir/tpbench_decode" make "$dumps"
"$dir/tpbench_decode" spread "$dumps" "$dir/tpdecode"
"$dir/tpbench_decode" rates "$dumps" "$dir/tpdecode"
"$dir/tpbench_decode" long "$dumps" "$dir/tpdecode"
rm -f "$dumps/long.tp" "$dumps/long.tp.tpi" "$dumps/mixed.tp"
library=$(ls "$dir"/libtpdecode.so.* 2>/dev/null | head -n 1)
if [ -n "$library" ] && command -v python3 >/dev/null; then
    "$dir/tpbench_decode" small "$dumps"
    PYTHONPATH=$(dirname "$0")/../../python PYTHONDONTWRITEBYTECODE=1 TPDECODE_LIBRARY=$library \
        python3 "$(dirname "$0")/python.py" "$dumps" "$dir/tpdecode"
else
    echo "bench: no python3, or no libtpdecode.so: the Python package is not measured" >&2
fi
rm -rf "$dumps"
if ! command -v valgrind >/dev/null; then
    echo "bench: no valgrind: the instructions of an event are not counted" >&2
    exit 0
fi
out=$dumps.out
trap 'rm -rf "$dumps" "$out"' EXIT
# Of the loop, its call and the event; an empty loop is 3.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=loop_event \
        "$dir/$1" count >"$out" 2>&1 || { cat "$out" >&2; exit 1; }
    collected=$(sed -n 's/.*Collected : *//p' "$out")
    events=$(sed -n 's/^events //p' "$out")
    [ "$collected" -gt "$events" ]
    echo "bench $2 $((collected / events)) instructions, $((collected * 10 / events % 10)) tenths"
}
count tpbench instructions
