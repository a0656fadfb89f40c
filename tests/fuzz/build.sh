#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - the fuzz targets, and what they begin with.
#
#   build.sh libfuzzer|fast|afl OUT   OUT/fuzz_TARGET, OUT/seeds/TARGET/*; afl: also OUT/mutate_TARGET.so
#
# libfuzzer: clang with the address and undefined behaviour sanitizers. fast: without them, for many more executions; what
# it keeps is then to be run by the other. afl: afl-clang-fast (AFL++), in its
# persistent mode by its driver of libFuzzer targets.
set -eu
how=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."
src=$(pwd)
targets="dump metadata region attach filter tree options remote"
checks="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
case $how in
libfuzzer) cc=clang each="-fsanitize=fuzzer-no-link $checks" link="-fsanitize=fuzzer $checks" ;;
fast)
    # Without what compares operands: inputs are changed by what knows their bytes, and it is half of the time.
    each="-O2 -fsanitize-coverage=inline-8bit-counters,pc-table" link="-O2 -fsanitize=fuzzer" cc=clang
    ;;
afl) cc=afl-clang-fast each="$checks" link="-fsanitize=fuzzer $checks" ;;
*) echo "usage: build.sh libfuzzer|fast|afl OUT" >&2; exit 2 ;;
esac
flags="-std=gnu11 -g -O1 -w -D_GNU_SOURCE -I$src/include -I$src/decoder -I$src/tests/fuzz
    -DTP_PORT_HEADER=\"$src/tests/fuzz/port.h\" -DPACKAGE_VERSION=\"fuzz\""
libs="$(pkg-config --libs libcbor libelf zlib 2>/dev/null || echo -lcbor -lelf -lz) -liberty -lsqlite3 -ldeflate -ledit"

# COMPILER FLAGS OUT SOURCE...: objects, two at a time.
compile() {
    compile_cc=$1 compile_flags=$2 compile_out=$3
    shift 3
    mkdir -p "$compile_out"
    for source; do
        echo "$source"
    done | xargs -P 2 -I {} sh -c "AFL_QUIET=1 $compile_cc $compile_flags "'-c "$1" -o "$2/$(echo "$1" | tr / _ | sed "s/\.c$//").o"' \
        sh {} "$compile_out"
}

engine=$(ls engine/[!p]*/*.c | grep -v -e /no -e option/function -e option/site -e option/shadow)
# As make does, but among our own files: a newer one among make's would have it link tpdecode again.
sh decoder/export/html/asset.sh decoder/export/html export/asset.h asset_ >"$out/asset.c"
sh decoder/export/html/asset.sh decoder/answer/flame answer/flame.h flame_asset_ >"$out/flame_asset.c"
decoder=$(ls decoder/*/*.c "$out/asset.c" "$out/flame_asset.c" | grep -v -e decoder/export/asset -e decoder/answer/flame_asset -e tool/main -e tool/landlock -e tool/sandbox -e tool/syscalls -e base/nosqlite -e base/noline -e base/zpacker)
helpers="tests/fuzz/fuzz.c tests/fuzz/mutate.c tests/fuzz/cbor.c tests/fuzz/engine.c tests/filter/filter_slow.c"
escaped=$(echo "$flags" | sed 's/"/\\"/g' | tr '\n' ' ')

# What they begin with is made by a program without any of this.
# shellcheck disable=SC2086
clang -std=gnu11 -w -D_GNU_SOURCE -Iinclude -Idecoder -Itests/fuzz "-DTP_PORT_HEADER=\"$src/tests/fuzz/port.h\"" "-DPACKAGE_VERSION=\"fuzz\"" \
    tests/fuzz/seeds.c tests/fuzz/fuzz.c tests/fuzz/engine.c $engine $(echo "$decoder" | grep -v decoder/lib) \
    $libs -no-pie -Wl,--wrap=aligned_alloc -Wl,--wrap=free -o "$out/make_seeds"
"$out/make_seeds" tests/golden/good-manual.hex >"$out/fuzz_golden.h"
rm -rf "$out/seeds"
mkdir "$out/seeds"
"$out/make_seeds" "$out/seeds" .
for target in $targets; do
    [ ! -d "tests/fuzz/corpus/$target" ] || cp "tests/fuzz/corpus/$target"/* "$out/seeds/$target"
done

# shellcheck disable=SC2086
compile "$cc" "$escaped $each -I$out" "$out/objects" $engine $decoder $helpers
rm -f "$out/all.a"
ar rcs "$out/all.a" "$out"/objects/*.o
# The mutators of AFL++ are libraries, which its fuzzer loads: without what it instruments.
# shellcheck disable=SC2086
[ "$how" != afl ] || compile clang "$escaped -fPIC -I$out" "$out/plain" tests/fuzz/afl.c $engine $decoder $helpers
for target in $targets; do
    # shellcheck disable=SC2086
    AFL_QUIET=1 $cc $flags $link "-I$out" "tests/fuzz/fuzz_$target.c" "$out/all.a" $libs -o "$out/fuzz_$target"
    # shellcheck disable=SC2086
    [ "$how" != afl ] || clang $flags "-I$out" -fPIC -shared "tests/fuzz/fuzz_$target.c" "$out"/plain/*.o \
        $libs -o "$out/mutate_$target.so"
done
