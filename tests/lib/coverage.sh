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
# One word, because tests that make programs of their own have the compiler from here as well, and quote it.
printf '#!/bin/sh\nexec gcc --coverage "$@"\n' >cc
chmod +x cc
export CC="$folder/build/cc"
# Processes that end by _exit() or a signal count too, and so does the sandbox, which nobody enters (coverage.c).
gcc -O1 -fPIC -c -o ends.o ../src/tests/lib/coverage.c
# The library that programs link takes the one object it has apart, and is not needed here.
../src/configure --quiet CFLAGS='-O0 -g -fprofile-update=atomic' CXXFLAGS='-O0 -g' \
    LDFLAGS="--coverage -Wl,--wrap=_exit,--wrap=raise,--wrap=seccomp_load,--wrap=syscall $folder/build/ends.o"
programs=
for test in $TP_TESTS; do
    case $test in *.sh) ;; *) programs="$programs $test" ;; esac
done
# No sanitizer: it adds branches of its own. A test that fails does not keep the figures back.
build()
{
    "$TP_MAKE" -s -j"$(nproc)" "$@" check_PROGRAMS="$programs" check_DATA='tracepoint.h tracepoint.c' sanitize= >>log 2>&1
}
build all $programs tracepoint.h tracepoint.c || { echo "coverage: see $folder/build/log" >&2; exit 1; }
# A test that runs as another user writes counts as well.
find . -name '*.gcno' | sed 's/gcno$/gcda/' | while read -r counts; do
    : >"$counts"
    chmod 666 "$counts"
done
# Those that damage each byte or bit take an hour without optimisation, and reach nothing that others do not.
export GTEST_FILTER='-*.Every*'
build check TESTS="$TP_TESTS" || echo "coverage: not all tests passed, see $folder/build/log" >&2
find . -name '*.gcda' -size 0 -exec rm -f {} +
for side in engine decoder; do
    gcovr --root ../src --filter "../src/$side/" --object-directory . --print-summary . 2>gcovr.log |
        awk -v side=$side '/^lines:/ { lines = $2 " " $3 $4 $5 $6 } /^branches:/ { branches = $2 " " $3 $4 $5 $6 }
            END { gsub(/outof/, "/", lines); gsub(/outof/, "/", branches)
                  printf "%-8s lines %s, branches %s\n", side ":", lines, branches; exit lines == "" }'
done
