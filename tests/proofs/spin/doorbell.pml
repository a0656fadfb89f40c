/* SPDX-License-Identifier: MIT */
/*
 * How a reader that sleeps is woken: tp_pipe_sleep and the end of ring_next_subbuf.
 * doc/design.md, "The doorbell". model.sh runs it.
 *
 * CPU 0 has two contexts that write (task < interrupt), CPU 1 one. The
 * sub-buffers are two records long. Each CPU, and that of the reader, has a
 * store buffer: its stores reach the others late, in order (as on x86). The
 * fence waits for that. The swap of `sleeping` is atomic and orders all, as its
 * instruction does. Left out: what is in the rings, limits, refusal.
 */

#ifndef E1
#define E1 2 /* events of CPU 0's task, its interrupts, and CPU 1's task */
#endif
#ifndef E2
#define E2 2
#endif
#ifndef E3
#define E3 3
#endif
#define S 2

/* What a CPU has stored and what the others see of it. */
byte cursor[2], cursor_seen[2];
bool sleeping, sleeping_seen; /* stored by the reader; taken back in both at once */
byte committed[8];            /* CPU 0, by sub-buffer */

bool bell;
byte level; /* of CPU 0 */
byte finished;

#define FENCE(cpu) (cursor[cpu] == cursor_seen[cpu])

/* Everybody who stores into the buffer of `cursor` while an older value is in it waits for that: it
 * is a buffer of one entry, and more would only delay what is seen. */
inline write_event(cpu)
{
    /* tp_ring_reserve, ring_next_subbuf */
    atomic {
        FENCE(cpu) -> at = cursor[cpu];
        cursor[cpu] = at + 1
    };
    if
    :: at > 0 && at % S == 0 -> /* it has moved into a new sub-buffer: ring_bell */
#ifndef M_BELL_NO_FENCE
        FENCE(cpu);
#endif
        if
        :: sleeping_seen ->
            atomic {
                if
                :: sleeping_seen -> FENCE(cpu); sleeping_seen = 0; sleeping = 0; bell = 1
                :: else -> printf("another has rung\n")
                fi
            }
        :: else
        fi
    :: else
    fi;
    /* tp_ring_commit: an interrupted writer does this late */
    if
    :: cpu == 0 -> d_step { committed[at / S]++ }
    :: else
    fi
}

proctype task(byte todo) provided (level <= 0)
{
    byte at;

    do
    :: todo > 0 -> write_event(0); todo--
    :: else -> break
    od;
    finished++
}

proctype interrupt(byte todo)
{
    byte at;

    do
    :: todo > 0 -> level = 1; write_event(0); todo--; level = 0
    :: else -> break
    od;
    finished++
}

proctype other(byte todo)
{
    byte at;

    do
    :: todo > 0 -> write_event(1); todo--
    :: else -> break
    od;
    finished++
}

proctype drain()
{
end:
    do
    :: d_step { cursor[0] != cursor_seen[0] -> cursor_seen[0] = cursor[0] }
    :: d_step { cursor[1] != cursor_seen[1] -> cursor_seen[1] = cursor[1] }
    :: d_step { sleeping != sleeping_seen -> sleeping_seen = sleeping }
    od
}

/* A cursor of c is in sub-buffer (c - 1) / S, since who enters one takes a record in the same step. */
#define IN(c) (((c) + S - 1) / S - ((c) > 0))
#define LEFT(cpu) (IN(cursor_seen[cpu]) > place[cpu])

proctype reader()
{
    byte place[2];
    bool is_left, slept;

    do
    :: /* reads what is complete; a sub-buffer that was left and is not complete keeps it awake */
        if
        :: LEFT(0) && committed[place[0]] == S -> place[0]++
        :: LEFT(1) -> place[1]++
        :: else ->
            /* tp_pipe_sleep */
#ifdef M_BELL_LOOK_FIRST
            is_left = LEFT(0);
            is_left = is_left || LEFT(1);
#endif
            sleeping = 1;
#ifndef M_BELL_NO_READER_FENCE
            (sleeping == sleeping_seen);
#endif
#ifdef M_BELL_COMMIT
            is_left = (committed[place[0]] == S);
            is_left = is_left || LEFT(1);
#elif !defined(M_BELL_LOOK_FIRST)
            is_left = LEFT(0);
            is_left = is_left || LEFT(1);
#endif
            if
            :: is_left -> /* not now */
                atomic { sleeping = 0; sleeping_seen = 0; is_left = 0; bell = 0 }
            :: else ->
                /* Sleeps. If nobody will ring any more there must be nothing to read. */
                atomic {
                    if
                    :: bell -> printf("woken\n"); bell = 0
                    :: finished == 3 && FENCE(0) && FENCE(1) && sleeping == sleeping_seen && !bell ->
                        assert(!LEFT(0) && !LEFT(1)); /* no lost wake-up */
                        break
                    fi
                }
            fi
        fi
    od
}

init
{
    atomic {
        run task(E1);
        run interrupt(E2);
        run other(E3);
        run reader();
        run drain()
    }
}
