/* SPDX-License-Identifier: MIT */
/*
 * When what was taken out of a list may be freed: engine/store.c. A reader counts itself under the
 * parity of the epoch, which it may have read long ago, and then follows the pointer. The remover
 * takes one out, and frees it when the epoch has moved on twice. model.sh runs it.
 *
 * CPU 0 has two contexts that read (task < interrupt), CPU 1 one; the remover is on a third. Stores
 * reach the others late, those of different words in any order but where a release or a fence
 * says so. With BARRIER readers make no fence, the remover lets every CPU make one
 * (tp_port_barrier_all). Left out: the lock, so there is one remover; memory as such: each thing is
 * in memory of its own and only known to be freed.
 */

#ifndef E1
#define E1 1 /* readings of CPU 0's task, its interrupts, CPU 1 */
#endif
#ifndef E2
#define E2 1
#endif
#ifndef E3
#define E3 1
#endif
#ifndef TURNS
#define TURNS 2 /* of the remover */
#endif
#ifdef M_ONE_ADVANCE
#define GRACE 1
#else
#define GRACE 2
#endif

/* What was stored and what the others see of it. Counts: by CPU and parity. */
byte list, list_seen; /* a number, never used again */
byte epoch, epoch_seen;
byte count[4], count_seen[4];
bool freed[TURNS + 1];
byte level; /* of CPU 0 */

#define COUNTS_SEEN(cpu) (count[2 * cpu] == count_seen[2 * cpu] && count[2 * cpu + 1] == count_seen[2 * cpu + 1])

inline read_list(cpu)
{
    /* tp_store_enter */
    parity = epoch_seen & 1;
    if
    :: parity != (epoch & 1) -> printf("read long ago\n")
    :: else
    fi;
    count[2 * cpu + parity]++; /* no other CPU stores it */
#if !defined(BARRIER) && !defined(M_STORE_NO_FENCE)
    COUNTS_SEEN(cpu);
#endif
    p = list_seen;
    assert(!freed[p]);
    assert(!freed[p]); /* and still later */
    /* tp_store_leave */
    count[2 * cpu + parity]--
}

proctype task(byte todo) provided (level <= 0)
{
    byte parity, p;

    do
    :: todo > 0 -> read_list(0); todo--
    :: else -> break
    od
}

proctype interrupt(byte todo)
{
    byte parity, p;

    do
    :: todo > 0 -> level = 1; read_list(0); todo--; level = 0
    :: else -> break
    od
}

proctype other(byte todo)
{
    byte parity, p;

    do
    :: todo > 0 -> read_list(1); todo--
    :: else -> break
    od
}

/* One step of the epoch, if it can be made. */
inline move_on()
{
#ifndef M_STORE_NO_REMOVER_FENCE
    (list == list_seen && epoch == epoch_seen);
#ifdef BARRIER
    COUNTS_SEEN(0);
    COUNTS_SEEN(1);
#endif
#endif
    parity = 1 - (epoch & 1);
    if
    :: count_seen[parity] -> printf("held up\n")
    :: else ->
        if
        :: count_seen[2 + parity] -> printf("held up\n")
        :: else -> epoch++
        fi
    fi
}

proctype remover()
{
    byte old, since, turn, parity;

    for (turn : 1 .. TURNS) {
        old = list;
        since = epoch; /* too early: M_FREE_FIRST */
#ifndef M_FREE_FIRST
        list = turn; /* another one in its place */
        since = epoch;
#endif
        do
        :: (epoch - since) < GRACE -> move_on()
        :: else -> break
        od;
        freed[old] = true;
        printf("freed\n");
#ifdef M_FREE_FIRST
        list = turn
#endif
    }
}

/* The epoch is stored with release: not seen before the list that was stored before it. */
proctype drain()
{
end:
    do
    :: d_step { list != list_seen -> list_seen = list }
    :: d_step { epoch != epoch_seen && list == list_seen -> epoch_seen = epoch }
    :: d_step { count[0] != count_seen[0] -> count_seen[0] = count[0] }
    :: d_step { count[1] != count_seen[1] -> count_seen[1] = count[1] }
    :: d_step { count[2] != count_seen[2] -> count_seen[2] = count[2] }
    :: d_step { count[3] != count_seen[3] -> count_seen[3] = count[3] }
    od
}

init
{
    atomic {
        run task(E1);
        run interrupt(E2);
        run other(E3);
        run remover();
        run drain()
    }
}
