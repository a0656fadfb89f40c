#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh - each fuzz target for FUZZ_SECONDS (60), two at a time. Prints TAP. Always the same inputs, so
# that what it finds is of the change at hand: `make fuzz` tries others.
. "$(dirname "$0")/../lib/tap.sh"

built() {
    need clang
    sh "$srcdir/tests/fuzz/build.sh" libfuzzer "$tmp/fuzzers"
}

# What was found is in the log: the input as well, in base 64, for who has only the log.
fuzzed() {
    [ -x "$tmp/fuzzers/fuzz_$1" ] || { echo "fuzz_$1 was not built"; return 1; }
    FUZZ_SEED=${FUZZ_SEED:-1} sh "$srcdir/tests/fuzz/run.sh" "$tmp/fuzzers" "${FUZZ_SECONDS:-60}" "$1" && return
    grep -E -m 1 -A 12 '^fuzz: |runtime error: |ERROR: ' "$tmp/fuzzers/run/$1/log"
    for input in "$tmp/fuzzers/run/$1"/*-*; do
        base64 -w 0 "$input" | head -c 20000
        echo
    done
    return 1
}

jobs=1
check "the fuzz targets and what they begin with are built" built
while [ $reported -lt $started ]; do
    report
done
jobs=2
for target in dump metadata region attach filter tree options remote; do
    check "fuzz $target: nothing found" fuzzed $target
done
finish
