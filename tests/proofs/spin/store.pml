/* SPDX-License-Identifier: MIT */
/*
 * When what was taken out of a list may be freed: engine/control/store.c. A reader counts itself under the
 * parity of the epoch, which it may have read long ago, follows the pointer, and counts itself again
 * when it has left. The remover takes one out, and frees it when the epoch has moved on twice.
 * model.sh runs it.
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
byte entered[4], entered_seen[4];
byte left[4], left_seen[4];
byte before[4]; /* entered, when left was stored */
bool freed[TURNS + 1];
byte level; /* of CPU 0 */

#define COUNTS_SEEN(cpu) (entered[2 * cpu] == entered_seen[2 * cpu] && entered[2 * cpu + 1] == entered_seen[2 * cpu + 1])

inline read_list(cpu)
{
    /* tp_store_enter */
    parity = epoch_seen & 1;
    if
    :: parity != (epoch & 1) -> printf("read long ago\n")
    :: else
    fi;
    entered[2 * cpu + parity]++; /* no other CPU stores it */
#if !defined(BARRIER) && !defined(M_STORE_NO_FENCE)
    COUNTS_SEEN(cpu);
#endif
    p = list_seen;
    assert(!freed[p]);
    assert(!freed[p]); /* and still later */
    /* tp_store_leave */
    d_step {
        left[2 * cpu + parity]++;
        before[2 * cpu + parity] = entered[2 * cpu + parity]
    }
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

/* Whether nobody is inside on this CPU, by what is seen of it: two loads. */
inline look(cpu)
{
#ifdef M_ENTERED_FIRST
    were = entered_seen[2 * cpu + parity];
    nobody = nobody && were == left_seen[2 * cpu + parity]
#else
    were = left_seen[2 * cpu + parity];
    nobody = nobody && were == entered_seen[2 * cpu + parity]
#endif
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
    nobody = true;
    look(0);
    look(1);
    if
    :: nobody -> epoch++
    :: else -> printf("held up\n")
    fi
}

proctype remover()
{
    byte old, since, turn, parity, were;
    bool nobody;

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

/* The epoch is stored with release: not seen before the list that was stored before it. So is what
 * has left, not before what had entered by then. */
proctype drain()
{
end:
    do
    :: d_step { list != list_seen -> list_seen = list }
    :: d_step { epoch != epoch_seen && list == list_seen -> epoch_seen = epoch }
    :: d_step { entered[0] != entered_seen[0] -> entered_seen[0] = entered[0] }
    :: d_step { entered[1] != entered_seen[1] -> entered_seen[1] = entered[1] }
    :: d_step { entered[2] != entered_seen[2] -> entered_seen[2] = entered[2] }
    :: d_step { entered[3] != entered_seen[3] -> entered_seen[3] = entered[3] }
    :: d_step { left[0] != left_seen[0] && entered_seen[0] >= before[0] -> left_seen[0] = left[0] }
    :: d_step { left[1] != left_seen[1] && entered_seen[1] >= before[1] -> left_seen[1] = left[1] }
    :: d_step { left[2] != left_seen[2] && entered_seen[2] >= before[2] -> left_seen[2] = left[2] }
    :: d_step { left[3] != left_seen[3] && entered_seen[3] >= before[3] -> left_seen[3] = left[3] }
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
