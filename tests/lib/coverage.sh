#!/bin/sh
# SPDX-License-Identifier: MIT
# coverage.sh SRCDIR FOLDER: builds the tests in $TP_TESTS with --coverage in FOLDER, runs them, and prints
# one line each for the engine and for the decoder. FOLDER is made anew.
set -eu
src=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2/src" "$2/build"
folder=$(cd "$2" && pwd)
command -v gcovr >/dev/null || { echo "coverage: needs gcovr: ./bootstrap coverage installs it" >&2; exit 1; }
unset MAKEFLAGS MAKELEVEL
# configure does not build outside of sources that are built in their own folder: take a copy.
(cd "$src" && tar cf - --exclude=./.git --exclude=./coverage --exclude=./vectors --exclude='*.o' --exclude='*.a' \
    --exclude='*.trs' --exclude=./config.status --exclude=./Makefile .) | (cd "$folder/src" && tar xf -)

cd "$folder/build"
# The library that programs link takes the one object it has apart, and is not needed here.
# What is counted is written to files by exit(), which a sandbox would forbid: what it is made of counts as not run.
# Programs that tests make of the engine have the compiler from here as well.
export CC='gcc --coverage' TP_SANDBOX=off
../src/configure --quiet CC="$CC" CPPFLAGS='-DSANDBOX_DEFAULT=SANDBOX_OFF -D_exit=exit' CFLAGS='-O0 -g -fprofile-update=atomic' CXXFLAGS='-O0 -g' LDFLAGS=--coverage
# A program that may not write them says so here, not among its own messages.
export GCOV_ERROR_FILE="$folder/build/gcov.errors"
programs=
for test in $TP_TESTS; do
    case $test in *.sh) ;; *) programs="$programs $test" ;; esac
done
# No sanitizer: it adds branches of its own. A test that fails does not keep the figures back.
"$TP_MAKE" -s -j"$(nproc)" check TESTS="$TP_TESTS" check_PROGRAMS="$programs" check_DATA= sanitize= >log 2>&1 ||
    echo "coverage: not all tests passed, see $folder/build/log" >&2
for side in engine decoder; do
    gcovr --root ../src --filter "../src/$side/" --object-directory . --print-summary . 2>gcovr.log |
        awk -v side=$side '/^lines:/ { lines = $2 " " $3 $4 $5 $6 } /^branches:/ { branches = $2 " " $3 $4 $5 $6 }
            END { gsub(/outof/, "/", lines); gsub(/outof/, "/", branches)
                  printf "%-8s lines %s, branches %s\n", side ":", lines, branches; exit lines == "" }'
done
