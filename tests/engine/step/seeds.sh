#!/bin/sh
# SPDX-License-Identifier: MIT
# Does the step test find what it is there for? Builds it again, each time with one bug put into a copy
# of the engine, and wants it to fail. A text that is to be replaced must stand there exactly once.
set -u
srcdir=${srcdir:-.}
top=$(cd "$srcdir" && pwd)
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
cc=${CC:-cc} cxx=${CXX:-c++}

case $(uname -sm) in
"Linux x86_64") ;;
*)
    echo '1..0 # SKIP for x86_64 Linux'
    exit 0
    ;;
esac

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
flags="-std=gnu11 -O2 -D_GNU_SOURCE -I$dir/src/include -I$dir/src -I$dir/src/decoder -I$dir/src/tests/lib"

# compile OBJECTS_FOLDER FILE...
compile()
{
    objects=$1
    shift
    for f; do
        free=
        case $f in engine/*) free=-ffreestanding ;; esac
        # shellcheck disable=SC2086
        (cd "$dir/src" && $cc $flags "-DTP_PORT_HEADER=\"$top/tests/engine/step/port.h\"" $free -c "$f" -o "$objects/$(basename "$f" .c).o") || return 1
    done
}

# replace FILE: $OLD by $NEW, which are in the environment
replace()
{
    awk 'BEGIN { RS = "\001" }
        { at = index($0, ENVIRON["OLD"]); rest = substr($0, at + 1)
          if (!at || index(rest, ENVIRON["OLD"])) exit 1
          printf "%s%s%s", substr($0, 1, at - 1), ENVIRON["NEW"],
              substr($0, at + length(ENVIRON["OLD"])) }' "$1" >"$dir/new" && cp "$dir/new" "$1"
}

# bug NAME TEST FILE OLD NEW [OLD NEW]
number=0
bug()
{
    name=$1 test=$2 file=$3
    shift 3
    number=$((number + 1))
    rm -rf "$dir/src/engine" "$dir/src/include" "$dir/bad"
    cp -r "$top/engine" "$top/include" "$dir/src/" && mkdir "$dir/bad" && cp "$dir"/good/*.o "$dir/bad/"
    while [ $# -gt 0 ]; do
        if ! OLD=$1 NEW=$2 replace "$dir/src/$file"; then
            echo "not ok $number - finds: $name"
            echo "# the text to be replaced is not in $file, or not once: $1"
            return
        fi
        shift 2
    done
    if ! { compile "$dir/bad" engine/core/ring.c engine/core/read.c engine/core/chunk.c engine/core/pipe.c tests/engine/step/world.c &&
        link "$dir/bad"; } >"$dir/log" 2>&1; then
        echo "not ok $number - finds: $name"
        sed 's/^/# /' "$dir/log"
        return
    fi
    TP_TAP=1 timeout 120 "$dir/bad/step" --gtest_filter="Step.$test" >"$dir/log" 2>&1
    code=$?
    if grep -q '^not ok' "$dir/log" || { [ $code != 0 ] && [ $code != 124 ]; }; then
        echo "ok $number - finds: $name"
        sed -n 's/^# [^ ]*: \(.* at instruction.*\)/\1/p' "$dir/log" | sed "s/^/# $test: /;q"
    else
        echo "not ok $number - finds: $name (code $code)"
    fi
}

link()
{
    $cxx -o "$1/step" "$1"/*.o "$build/libdecode.a" -lgtest -lpthread $(sed -n 's/^[A-Z]*_LIBS = //p' "$build/Makefile") -Wl,-z,now
}

mkdir -p "$dir/good" "$dir/src/tests/engine" "$dir/src/tests/lib" &&
    cp -r "$top/engine" "$top/include" "$top/decoder" "$dir/src/" &&
    cp -r "$top/tests/engine/step" "$dir/src/tests/engine/" && cp "$top/tests/lib/tp_test.h" "$top/tests/lib/crc32c.h" "$dir/src/tests/lib/" || exit 99
engine=$(cd "$top" && ls engine/[!p]*/*.c | grep -v -e /no -e option/function -e option/site -e option/shadow)
# shellcheck disable=SC2086
compile "$dir/good" $engine tests/engine/step/dump.c tests/engine/step/image.c tests/engine/step/guest.c \
    tests/engine/step/step_test.c && $cxx -I"$top/tests/lib" -c "$top/tests/lib/tp_test.cc" -o "$dir/good/tp_test.o" ||
    exit 99

echo "1..$(grep -c '^bug ' "$0")"

bug 'plain store instead of compare-and-swap' EveryInstructionInterrupted include/tp/inner/ring.h \
    'tp_arch_local_cas(&s->ring->cursor, old, end)' \
    '(__atomic_store_n(&s->ring->cursor, end, __ATOMIC_RELAXED), true)'

bug 'commit word by load and store' EveryInstructionInterrupted include/tp/inner/arch.h \
    '    __asm__ __volatile__("addl %1, %0" : "+m"(*p) : "ri"(n) : "memory", "cc");' \
    '    uint32_t v = __atomic_load_n(p, __ATOMIC_RELAXED) + n;
    __asm__ __volatile__("" : "+r"(v) : : "memory");
    __atomic_store_n(p, v, __ATOMIC_RELEASE);'

bug 'whole before its fields are stored' EveryInstructionInterrupted include/tp/inner/ring.h \
    '__atomic_store_n(&s->rec->word, s->word, __ATOMIC_RELAXED)' \
    '__atomic_store_n(&s->rec->word, s->word | TP_RECORD_COMMITTED, __ATOMIC_RELAXED)'

bug 'counted before it is whole' EveryInstructionInterrupted include/tp/inner/ring.h \
    '    __atomic_store_n(&s->rec->word, s->word | TP_RECORD_COMMITTED, __ATOMIC_RELEASE);
' '' \
    '    tp_arch_local_add(s->commit, s->units + (events << 16));
' \
    '    tp_arch_local_add(s->commit, s->units + (events << 16));
    __atomic_store_n(&s->rec->word, s->word | TP_RECORD_COMMITTED, __ATOMIC_RELEASE);
'

bug 'time read before the cursor' EveryInstructionInterrupted include/tp/inner/ring.h \
    '        time = tp_ring_clock();
' '' \
    '        old = __atomic_load_n(&s->ring->cursor, __ATOMIC_RELAXED);
' \
    '        time = tp_ring_clock();
        old = __atomic_load_n(&s->ring->cursor, __ATOMIC_RELAXED);
'

bug 'upper half told before its stamp is reserved' EveryInstructionInterrupted engine/core/ring.c \
    '            if (!tp_arch_local_cas(&r->cursor, old, old + stamp_bytes + bytes))' \
    '            r->time_high = (uint32_t)(time >> 32);
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            if (!tp_arch_local_cas(&r->cursor, old, old + stamp_bytes + bytes))'

bug 'a sub-buffer is given up though it is not complete' EveryInstructionInterrupted engine/core/ring.c \
    'next == r->limit && tp_ring_complete(r, tp_ring_subbuf(r, next))' 'next == r->limit'

bug 'two contexts prepare the same sub-buffer' EveryInstructionInterrupted engine/core/ring.c \
    '!tp_arch_local_cas(&r->preparing, 0, 1)' '0'

bug 'number stored after zeroing' EveryInstructionInterrupted engine/core/ring.c \
    '    __atomic_store_n(tp_ring_seq(h), number, __ATOMIC_RELAXED);
' '' \
    '    tp_chunk_init(h, TP_CHUNK_DATA);
' \
    '    tp_chunk_init(h, TP_CHUNK_DATA);
    __atomic_store_n(tp_ring_seq(h), number, __ATOMIC_RELEASE);
'

bug 'gone stored after the number' EveryInstructionInterrupted engine/core/ring.c \
    '    r->gone[number & 1] = r->gone[~number & 1] + TP_COMMIT_EVENTS(h->payload_crc);
' '    uint64_t gone = r->gone[~number & 1] + TP_COMMIT_EVENTS(h->payload_crc);
' \
    '    tp_arch_clear(h, offsetof(struct tp_wire_chunk, seq));
' \
    '    r->gone[number & 1] = gone;
    tp_arch_fence_release();
    tp_arch_clear(h, offsetof(struct tp_wire_chunk, seq));
'

bug 'entered before it is ready' PipeReader engine/core/ring.c \
    '    tp_arch_clear(h, offsetof(struct tp_wire_chunk, seq));
' \
    '    __atomic_store_n(&r->limit, position + r->mask + 1, __ATOMIC_RELEASE);
    tp_arch_clear(h, offsetof(struct tp_wire_chunk, seq));
'

bug 'losses counted after the cursor has moved' EveryInstructionInterrupted engine/core/ring.c \
    '    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        lost[i] = tp_count_read(&r->lost[i]);
' '' \
    '        return NEXT_RETRY;
' '        return NEXT_RETRY;
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        lost[i] = tp_count_read(&r->lost[i]);
'

bug 'the reader does not look again after copying' 'PipeReader:Step.SnapshotReader' engine/core/read.c \
    '    read_copy_racy(to, read_byte_at(s, s->from), s->to - s->from);
    return read_still_there(s->reader->ring, s->reader->place);' \
    '    read_copy_racy(to, read_byte_at(s, s->from), s->to - s->from);
    return true;'

bug 'the reader does not see what is in the making' EveryInstructionInterrupted engine/core/read.c \
    'if (read_is_there(r, limit))' 'if (0)'

bug 'the reader gives back what a late writer is in' EveryInstructionInterrupted engine/core/read.c \
    '!d->owes || !tp_ring_complete(r, tp_ring_subbuf(r, r->limit))' '!d->owes'

bug 'the reader believes a record that is not whole' EveryInstructionInterrupted engine/core/read.c \
    'if (!(word & TP_RECORD_COMMITTED) || !bytes)' 'if (!bytes)'

bug 'losses of a snapshot told at its start' EveryInstructionInterrupted engine/core/read.c \
    'd->until = read_cursor_of(d);' \
    'd->until = read_cursor_of(d);
    if (snapshot)
        tp_read_lost(d);'

bug 'a refusal counted by load and store' EveryInstructionInterrupted include/tp/inner/arch.h \
    '    __asm__ __volatile__("addl $1, %2" : "=@ccz"(zero), "=@cco"(half), "+m"(*p) : : "memory");' \
    '    uint32_t v = __atomic_load_n(p, __ATOMIC_RELAXED) + 1;
    __asm__ __volatile__("" : "+r"(v) : : "memory");
    __atomic_store_n(p, v, __ATOMIC_RELAXED);
    zero = !v;
    half = v == 1u << 31;'

bug 'refused though the next sub-buffer is free' EveryInstructionInterrupted include/tp/inner/ring.h \
    '(old | r->mask) + 1 == __atomic_load_n(&r->limit, __ATOMIC_RELAXED)' \
    '(r->cursor | r->mask) + 1 >= (old | r->mask) + 1'
