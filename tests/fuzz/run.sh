#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - fuzz targets for a time, from what build.sh made.
#
#   run.sh OUT SECONDS [TARGET...]
#
# Two at a time. What libFuzzer says goes to OUT/run/TARGET/log; new inputs stay in OUT/run/TARGET. Prints a line for
# each target: executions, edges, and whether something was found; 1 if anything was. With FUZZ_SEED=N it tries the same
# inputs in the same order each time.
set -u
out=$(cd "$1" && pwd) seconds=$2
shift 2
[ $# -gt 0 ] || set -- dump metadata region attach filter tree options remote
ASAN_OPTIONS=quarantine_size_mb=8:${ASAN_OPTIONS:-}
UBSAN_OPTIONS=print_stacktrace=1
seed=${FUZZ_SEED:-0}
export ASAN_OPTIONS UBSAN_OPTIONS out seconds seed

# Of an input of so many bytes most are read: larger ones are slower and show no more.
for target; do
    echo "$target"
done | xargs -P 2 -I {} sh -c '
    dir=$out/run/$1
    case $1 in filter | options | remote | tree) most=2048 ;; metadata) most=4096 ;; *) most=12288 ;; esac
    mkdir -p "$dir/corpus"
    cd "$dir" || exit 1
    "$out/fuzz_$1" -seed="$seed" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=$most -print_final_stats=1 \
        corpus "$out/seeds/$1" >log 2>&1
    code=$?
    runs=$(sed -n "s/^stat::number_of_executed_units: //p" log)
    edges=$(sed -n "s/.* cov: \([0-9]*\) .*/\1/p" log | tail -n 1)
    echo "$1: ${runs:-0} executions, ${edges:-0} edges, $([ $code = 0 ] && echo nothing found || echo "FOUND, see run/$1/log")"
    [ $code = 0 ]' sh {}
