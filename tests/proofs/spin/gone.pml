/* SPDX-License-Identifier: MIT */
/*
 * The reader that was lapped: read_catch_up of engine/core/read.c against
 * tp_ring_prepare of engine/core/ring.c, where other CPUs see stores late and in any
 * order. Finer than ring.pml in one thing: a release store holds back nothing
 * behind it. model.sh runs it.
 *
 * One writer that does nothing but prepare, N sub-buffers of two events each,
 * numbers that do not wrap. What it counts is not modelled: n gone sub-buffers
 * are 2 * n events.
 */

#define N 2
#ifndef LAST
#define LAST 6 /* sub-buffers */
#endif

/* What the writer has stored, and what others see of it. A cell is seen after a
 * release store only if it was stored before; that is what FENCE is for. */
#define SEQ(n) ((n) % N)
#define GONE(n) (N + (n) % 2)
#define LIMIT (N + 2)
#define CELLS (N + 3)
byte mem[CELLS], seen[CELLS];
#define ALL_SEEN \
    (mem[0] == seen[0] && mem[1] == seen[1] && mem[2] == seen[2] && mem[3] == seen[3] && mem[4] == seen[4])

proctype writer()
{
    byte n;

    for (n : N .. LAST) {
        /* tp_ring_prepare */
#ifndef M_NO_LIMIT_FENCE
        ALL_SEEN; /* fence: the limit of before */
#endif
        mem[GONE(n)] = mem[GONE(n + 1)] + 2;
#ifndef M_NO_GONE_FENCE
        ALL_SEEN;
#endif
        mem[SEQ(n)] = n;
        ALL_SEEN; /* fence; and release store: it waits for those before it, those behind do not wait for it */
        mem[LIMIT] = n + 1
    }
}

proctype drain()
{
end:
    do
    :: d_step { mem[0] != seen[0] -> seen[0] = mem[0] }
    :: d_step { mem[1] != seen[1] -> seen[1] = mem[1] }
    :: d_step { mem[2] != seen[2] -> seen[2] = mem[2] }
    :: d_step { mem[3] != seen[3] -> seen[3] = mem[3] }
    :: d_step { mem[4] != seen[4] -> seen[4] = mem[4] }
    od
}

/* read_catch_up, once, at any time */
proctype reader()
{
    byte limit, oldest, first;

again:
    limit = seen[LIMIT];
    oldest = limit - N;
    if
    :: seen[SEQ(limit)] == limit -> printf("in the making\n"); oldest++
    :: else
    fi;
    first = seen[GONE(oldest + N - 1)];
#ifndef M_NO_SECOND_LOOK
    if
    :: seen[LIMIT] != limit -> printf("limit moved\n"); goto again
    :: else
    fi;
#endif
    assert(first == 2 * oldest)
}

init
{
    atomic {
        mem[SEQ(1)] = 1;
        seen[SEQ(1)] = 1;
        mem[LIMIT] = N;
        seen[LIMIT] = N;
        run writer();
        run drain();
        run reader()
    }
}
