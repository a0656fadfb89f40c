/* SPDX-License-Identifier: MIT */
/*
 * The ring of one CPU: three contexts that write (task < interrupt < NMI) and a
 * reader on another CPU. doc/design.md tells the protocol; names are those of
 * include/tp/inner/ring.h, engine/core/ring.c and engine/core/read.c. model.sh runs it.
 *
 * Options: OVERWRITE (else discard mode), PARTIAL (the reader takes what is
 * whole of a sub-buffer that is not complete), TIME (counter and time stamps),
 * WEAK (other CPUs see the writers' stores late and in any order but for
 * release, which is a fence here even where C has a release store), DEAD (one
 * context never comes back, the reader skips the hole), NO_READER, NO_IMAGE,
 * and the sizes below. M_... is a seeded bug, which must be found.
 *
 * A step is one load or store of a word that others can see; a compare-and-swap
 * is one too, and an add to the commit word. Between any two steps a higher
 * context may run, and it runs to its end; the reader may do anything.
 *
 * Left out: oversize, recursion, context words, tails, the decoder, CRCs; lost
 * counts are one; loads that the reader's CPU does early, but for M_CHECK_EARLY;
 * the reader's stores in discard mode are seen at once; more than one dead
 * writer; the snapshot, which reads as the pipe does in overwrite mode.
 */

/* --- sizes --- */

#ifndef N
#define N 2 /* sub-buffers */
#endif
#ifndef S
#define S 2 /* units of a sub-buffer that records can have */
#endif
#define U (S + 2) /* all units: one of header, and one behind the records that is never used */
#ifndef NUMBERS
#define NUMBERS 8 /* sub-buffer numbers wrap here; in C there are at least 2^32 / 2^shift */
#endif
#ifdef M_NARROW
#undef NUMBERS
#define NUMBERS N
#endif
#ifndef START
#define START 0 /* number of the first sub-buffer: NUMBERS - 1 to start just below the wrap */
#endif
#ifndef E1
#define E1 2 /* events of the task, the interrupts, the NMIs */
#endif
#ifndef E2
#define E2 2
#endif
#ifndef E3
#define E3 1
#endif
#ifndef LONG
#define LONG 0 /* records of this context are two units, of the others one */
#endif
#define HALF 3 /* counts of the clock between two changes of its upper half */

/* --- memory --- */

/* A position is number * U + offset. For each unit of the ring a record's word and its fields; those
 * of the header's unit are the commit word and seq; size_bytes has a place nobody else uses. */
#define POSITIONS (NUMBERS * U)
#define NUMBER(p) ((p) / U)
#define OFFSET(p) ((p) % U)
#define NEXT(n) (((n) + 1) % NUMBERS)
#define BEFORE(n) (((n) + NUMBERS - 1) % NUMBERS)
#define LAP(n) (((n) + NUMBERS - N) % NUMBERS) /* what lay where n lies */
#define AHEAD(a, b) (((a) + NUMBERS - (b)) % NUMBERS)

#define WORD(p) ((p) % (N * U))
#define DATA(p) (N * U + (p) % (N * U))
#define COMMIT(n) WORD((n) * U)
#define SEQ(n) DATA((n) * U)
#define SIZE(n) DATA((n) * U + U - 1)
#define HEAD(n) (2 * N * U + (n) % N) /* time and lost: 1 if they are written */
#ifdef M_ONE_GONE
#define GONE(n) (2 * N * U + N)
#else
#define GONE(n) (2 * N * U + N + (n) % 2)
#endif
#define LIMIT (2 * N * U + N + 2)
#define CURSOR (2 * N * U + N + 3)
#define CELLS (2 * N * U + N + 4)

byte mem[CELLS]; /* what the CPU of the writers sees */
#ifdef WEAK
byte seen[CELLS]; /* what the others see */
#if CELLS != 22
#error "cells"
#endif
#define OUT(i) mem[i] == seen[i]
#define RELEASED (OUT(0) && OUT(1) && OUT(2) && OUT(3) && OUT(4) && OUT(5) && OUT(6) && OUT(7) && \
    OUT(8) && OUT(9) && OUT(10) && OUT(11) && OUT(12) && OUT(13) && OUT(14) && OUT(15) && OUT(16) && \
    OUT(17) && OUT(18) && OUT(19) && OUT(20) && OUT(21))
/* Writers wait until all is seen. In overwrite mode they look at nothing that others write. */
#define RELEASE RELEASED
#else
#define seen mem
#define RELEASE skip
#define RELEASED true
#endif

/* A record's word: length, bits. The commit word: 16 * events + units. */
#define COMMITTED 128
#define STAMP 64
#define LENGTH(w) ((w) & 15)
#define EVENTS(c) ((c) / 16)
#define COMPLETE(c) ((c) % 16 == U)
#define HALF_WRITTEN 255

byte level;     /* who runs: 0 nobody, 1 task, 2 interrupt, 3 NMI */
bool preparing; /* as in C */
byte time_high;
byte clock;
byte lost;

/* What only the model knows. */
byte taken;       /* records that got their place so far: the number of the next event */
byte first[N];    /* number of the first event of the sub-buffer there */
byte making;      /* number + 1 of the sub-buffer that is in the making */
byte last_time;   /* of the record that was given its place last */
byte last_high;   /* upper half that a reader knows behind that record */
byte last_lost;   /* what the newest header says of losses */
byte finished;    /* contexts that have fired all */
bool died;
#define FIRED (E1 + E2 + E3)

/* A writer stores only where it belongs and nobody else is. */
inline mine(n) { assert(mem[SEQ(n)] == (n) && making != (n) + 1) }

/* --- writers --- */

/* The memory of n - N becomes n. */
inline tp_ring_prepare(n)
{
    d_step { making = n + 1; j = 0 };
#ifdef M_GONE_LATE
    mem[SEQ(n)] = n;
    mem[GONE(n)] = mem[GONE(n + 1)] + EVENTS(mem[COMMIT(n)]);
#else
    RELEASE;
    mem[GONE(n)] = mem[GONE(n + 1)] + EVENTS(mem[COMMIT(n)]);
#ifndef M_NO_GONE_RELEASE
    RELEASE;
#endif
#ifndef M_SEQ_LATE
    mem[SEQ(n)] = n;
#endif
#endif
#ifndef M_NO_SEQ_RELEASE
    RELEASE;
#endif
#ifdef M_LIMIT_EARLY
    mem[LIMIT] = NEXT(n) * U;
#endif
    do
    :: j < U ->
        mem[WORD(n * U + j)] = 0;
        if
        :: j > 0 -> mem[DATA(n * U + j)] = 0
        :: else -> mem[HEAD(n)] = 0
        fi;
        j++
    :: else -> break
    od;
#ifdef M_SEQ_LATE
    mem[SEQ(n)] = n;
#endif
    atomic { making = 0; j = 0 };
    RELEASE;
    mem[LIMIT] = NEXT(n) * U
}

/* Overwrite mode: one sub-buffer ahead, if the oldest is complete. */
inline prepare_next()
{
    atomic {
        if
#ifndef M_NO_PREPARING
        :: preparing -> printf("preparing\n"); goto prepared
#endif
        :: else -> preparing = 1
        fi
    };
    n = NEXT(NUMBER(mem[CURSOR]));
    if
    :: mem[LIMIT] != n * U -> goto ready
    :: else
    fi;
#ifndef M_NO_COMPLETE_CHECK
    if
    :: !COMPLETE(mem[COMMIT(n)]) -> printf("not complete\n"); goto ready
    :: else
    fi;
#endif
    tp_ring_prepare(n);
ready:
    atomic { preparing = 0; n = 0 };
prepared:
    skip
}

/* The compare-and-swap of the cursor went well: the record has its number, and times are in order. */
inline won(position, told)
{
#ifdef TIME
    assert(time >= last_time);
    last_time = time;
    if
    :: told -> last_high = time / HALF
    :: else
    fi;
    assert(last_high == time / HALF);
#endif
    mem[CURSOR] = (position) % POSITIONS;
    number = taken;
    taken++
}

inline commit_word(n, what)
{
    RELEASE;
    d_step { mine(n); mem[COMMIT(n)] = mem[COMMIT(n)] + (what) }
}

/* The first header is one unit, the last unit is never used. */
#define FITS (OFFSET(old) + stamp + length < U)
#ifdef M_PLAIN_ADD
#define SAME (old == old)
#else
#define SAME (mem[CURSOR] == old)
#endif
#ifdef DEAD
#define MAY_DIE :: atomic { !died -> died = 1; goto gone_for_ever }
#else
#define MAY_DIE
#endif

proctype writer(byte todo) provided (level <= _pid)
{
    byte interrupted, old, time, at, number, n, j, seen_lost;
    byte length = 1;
    bool stamp, tried, entered;

    if
    :: LONG == _pid -> length = 2
    :: else
    fi;
    do
    :: todo == 0 -> break
    :: else ->
        d_step { interrupted = level; level = _pid; todo-- };
        /* tp_ring_reserve */
#ifdef M_TIME_EARLY
        d_step { clock++; time = clock };
#endif
again:
        old = mem[CURSOR];
#ifdef TIME
#ifndef M_TIME_EARLY
        d_step { clock++; time = clock };
#endif
#ifndef M_NO_STAMP
        stamp = (time_high != time / HALF);
#endif
#ifdef M_HIGH_EARLY
        time_high = time / HALF;
#endif
#endif
        if
        :: FITS ->
            atomic {
                if
                :: SAME -> won(old + stamp + length, stamp); at = old
                :: else -> printf("swap failed\n"); goto again
                fi
            }
        :: else ->
next_subbuf:
            if
            :: mem[LIMIT] == (NEXT(NUMBER(old)) * U) ->
#ifdef OVERWRITE
                if
                :: !tried -> tried = 1; goto prepare
                :: else
                fi;
#endif
                d_step { lost++ };
                printf("refused\n");
                goto out
            :: else
            fi;
            seen_lost = lost;
            atomic {
                if
                :: SAME ->
                    at = NEXT(NUMBER(old)) * U + 1;
                    first[NUMBER(at) % N] = taken;
                    assert(seen_lost >= last_lost);
                    last_lost = seen_lost;
                    stamp = 0;
                    won(at + length, true);
                    seen_lost = 0
                :: else -> seen_lost = 0; printf("swap failed in next_subbuf\n"); goto again
                fi
            };
            if
            MAY_DIE
            :: skip
            fi;
            /* ring_open_subbuf */
            atomic {
                if
                :: taken != number + 1 -> printf("appended before open\n")
                :: else
                fi;
                mine(NUMBER(at))
            };
#ifdef LEAVE /* the last of the plain stores, seen before the releases between */
            d_step { mine(NUMBER(old)); mem[SIZE(NUMBER(old))] = OFFSET(old) };
#endif
            mem[HEAD(NUMBER(at))] = 1;
#ifdef TIME
            time_high = time / HALF;
#endif
            commit_word(NUMBER(at), 1);
            if
            MAY_DIE
            :: skip
            fi;
            /* ring_close_subbuf */
#ifdef M_SIZE_LATE
            commit_word(NUMBER(old), U - OFFSET(old));
            mem[SIZE(NUMBER(old))] = OFFSET(old);
#else
            d_step { mine(NUMBER(old)); mem[SIZE(NUMBER(old))] = OFFSET(old) };
            commit_word(NUMBER(old), U - OFFSET(old));
#endif
#ifdef OVERWRITE
            entered = 1;
prepare:
            prepare_next();
            if
            :: entered -> entered = 0
            :: else -> goto next_subbuf
            fi;
#endif
        fi;
#ifdef TIME
        if
        :: stamp ->
            d_step { mine(NUMBER(at)); mem[WORD(at)] = 1 | STAMP };
            d_step { mine(NUMBER(at)); mem[WORD(at)] = 1 | STAMP | COMMITTED };
            commit_word(NUMBER(at), 1);
            time_high = time / HALF;
            d_step { at++; stamp = 0 }
        :: else
        fi;
        time = 0;
#endif
        if
        MAY_DIE
        :: skip
        fi;
        /* tp_ring_begin, the stores, tp_ring_commit */
        d_step { mine(NUMBER(at)); mem[WORD(at)] = length };
#ifdef M_COMMIT_EARLY
        mem[WORD(at)] = length | COMMITTED;
        commit_word(NUMBER(at), 16 + length);
#endif
        d_step { mine(NUMBER(at)); mem[DATA(at)] = HALF_WRITTEN };
        if
        :: length == 2 -> /* bytes that look like a record and are none */
            d_step { mine(NUMBER(at)); mem[WORD(at + 1)] = 1 | COMMITTED; mem[DATA(at + 1)] = HALF_WRITTEN }
        :: else
        fi;
        if
        MAY_DIE
        :: skip
        fi;
        d_step { mine(NUMBER(at)); mem[DATA(at)] = number + 1 };
#ifndef M_COMMIT_EARLY
#ifndef M_NO_RELEASE
        RELEASE;
#endif
        d_step { mine(NUMBER(at)); mem[WORD(at)] = length | COMMITTED };
        if
        MAY_DIE
        :: skip
        fi;
#ifdef M_NO_RELEASE
        d_step { mine(NUMBER(at)); mem[COMMIT(NUMBER(at))] = mem[COMMIT(NUMBER(at))] + 16 + length };
#else
        commit_word(NUMBER(at), 16 + length);
#endif
#endif
        goto out;
#ifdef DEAD
gone_for_ever:
        atomic { stamp = 0; time = 0 };
#endif
out:
        atomic { level = interrupted; interrupted = 0; old = 0; at = 0; number = 0; tried = 0 }
    od;
    finished++
}

#ifdef WEAK
#define SEE(i) :: d_step { mem[i] != seen[i] -> seen[i] = mem[i] }
proctype drain()
{
end:
    do
    SEE(0) SEE(1) SEE(2) SEE(3) SEE(4) SEE(5) SEE(6) SEE(7) SEE(8) SEE(9) SEE(10) SEE(11)
    SEE(12) SEE(13) SEE(14) SEE(15) SEE(16) SEE(17) SEE(18) SEE(19) SEE(20) SEE(21)
    od
}
#endif

/* --- a copy of the memory, at any moment --- */

hidden byte i_n, i_m, i_p, i_k, i_w;

/* doc/region.md, "To read the ring of a CPU". */
proctype image()
{
end:
    do
    :: d_step {
        finished < 3 || making ->
        i_n = NUMBER(mem[LIMIT]);
        if
        :: mem[SEQ(i_n)] == i_n
        :: else -> i_n = BEFORE(i_n)
        fi;
        i_m = NEXT(LAP(i_n));
        assert(AHEAD(NUMBER(mem[CURSOR]), i_m) < N); /* else there were none; that cannot be */
        i_k = mem[GONE(i_n)];
        do
        :: assert(mem[SEQ(i_m)] == i_m);
            assert(i_k == first[i_m % N]);
            i_p = i_m * U + 1;
            do
            :: OFFSET(i_p) == U - 1 -> assert(mem[WORD(i_p)] == 0); break
            :: else ->
                i_w = mem[WORD(i_p)];
                if
                :: i_w == 0 -> break
                :: i_w & STAMP
                :: else ->
                    i_k++;
                    assert(mem[DATA(i_p)] == i_k ||
                        (!(i_w & COMMITTED) && (mem[DATA(i_p)] == 0 || mem[DATA(i_p)] == HALF_WRITTEN)))
                fi;
                i_p = i_p + LENGTH(i_w)
            od;
            if
            :: COMPLETE(mem[COMMIT(i_m)]) ->
                assert(mem[HEAD(i_m)] && mem[SIZE(i_m)] == OFFSET(i_p) &&
                    EVENTS(mem[COMMIT(i_m)]) == i_k - first[i_m % N])
            :: else
            fi;
            if
            :: i_m == NUMBER(mem[CURSOR]) -> break
            :: else -> i_m = NEXT(i_m); i_k = first[i_m % N]
            fi
        od;
        i_n = 0; i_m = 0; i_p = 0; i_k = 0; i_w = 0
      }
    od
}

/* --- the reader --- */

#ifdef PARTIAL
#define SOME_WHOLE (seen[WORD(place * U + offset)] & COMMITTED)
#else
#define SOME_WHOLE false
#endif
/* Not a step of the reader: before this there is nothing for it to do. */
#ifdef LEAVE /* what is not complete is left where its size says that it was closed */
#define CLOSED (offset > 1 && seen[SIZE(place)] == offset)
#else
#define CLOSED false
#endif
#define SOMETHING                                                                                  \
    (seen[SEQ(place)] != place || COMPLETE(seen[COMMIT(place)]) || SOME_WHOLE || CLOSED)

/* How long a second is: none that lives is in the middle of a record. */
#if defined(DEAD) && defined(M_IMPATIENT)
#define A_SECOND_LATER died
#elif defined(DEAD)
#define A_SECOND_LATER (died && level == 0)
#else
#define A_SECOND_LATER false
#endif

/* The reader was lapped: it goes on with the oldest sub-buffer that is left. In C it gives up after
 * a few tries, and is called again. */
inline catch_up()
{
    printf("lapped\n");
    do
    :: limit = seen[LIMIT];
        n = NUMBER(limit);
        if
        :: seen[SEQ(n)] == n
        :: else -> n = BEFORE(n)
        fi;
        w = seen[GONE(n)];
        if
#ifdef M_GONE_BLIND
        :: true -> break
#else
        :: limit == seen[LIMIT] -> break
        :: else -> printf("limit moved\n")
#endif
        fi
    od;
    atomic {
        assert(w >= records && AHEAD(NEXT(LAP(n)), place) > 0);
        missed = missed + w - records;
        records = w;
        place = NEXT(LAP(n));
        offset = 1;
        events = 0;
        n = 0; w = 0; limit = 0
    }
}

/* Discard mode: what was read is given back, as far as no writer is still in it. */
inline give_back()
{
    do
    :: n = NUMBER(mem[LIMIT]);
        if
        :: LAP(n) != place && COMPLETE(mem[COMMIT(n)]) -> tp_ring_prepare(n)
        :: else -> break
        fi
    od;
    n = 0
}

inline leave()
{
    place = NEXT(place);
    offset = 1;
    events = 0;
#ifdef DEAD
    hole_events = 0; hole_units = 0
#endif
}

#ifdef DEAD
inline count_hole(n)
{
    events = events + (n);
    hole_events = hole_events + (n);
    records = records + (n);
    holes = holes + (n)
}

/* A second has passed and nobody else is in the middle of anything: that is why this is one step. */
inline skip_hole()
{
    w = mem[WORD(place * U + offset)];
    c = mem[COMMIT(place)];
    j = OFFSET(mem[CURSOR]);
    if
    :: w -> /* its length is there */
        printf("hole\n");
        offset = offset + LENGTH(w);
        hole_units = hole_units + LENGTH(w);
        count_hole(1)
    :: else -> /* read_skip_rest */
        whole = (NUMBER(mem[CURSOR]) != place); /* read_was_left */
        if
#ifdef M_HOLE_ALWAYS
        :: true ->
#else
        :: !whole || (mem[SIZE(place)] && mem[SIZE(place)] != offset) ||
            (!mem[SIZE(place)] && c % 16 != offset - hole_units) ->
#endif
            printf("rest\n");
            k = EVENTS(c) - (events - hole_events) + 1;
            count_hole(k)
        :: else -> printf("not closed\n")
        fi;
        if
        :: whole -> leave()
        :: else -> offset = j; hole_units = j - c % 16
        fi
    fi
}
#endif

proctype reader()
{
    /* Its place: sub-buffer, offset, events of the sub-buffer that were read, number of the next. */
    byte place = START, offset = 1, events, records;
    byte missed, read, holes, hole_events, hole_units;
    byte limit, c, j, k, n, w;
    bool whole, bad;
#ifdef M_HEAD_EARLY
    bit head = 1;
#endif

    do
    :: SOMETHING || finished == 3 || A_SECOND_LATER ->
        /* look */
        if
        :: seen[SEQ(place)] != place ->
#ifndef OVERWRITE
            assert(false);
#endif
            catch_up(); goto next
        :: else
        fi;
        c = seen[COMMIT(place)];
        whole = COMPLETE(c);
        if
        :: whole || SOME_WHOLE
#ifdef LEAVE
        :: !whole && !SOME_WHOLE && CLOSED ->
            atomic { printf("left by its size\n"); leave(); goto throw }
#endif
        :: else ->
            atomic {
                if
                :: (finished < 3 && !A_SECOND_LATER) || SOMETHING || !RELEASED ||
                    (finished < 3 && mem[CURSOR] == place * U + offset)
#ifdef DEAD
                :: A_SECOND_LATER && !SOMETHING && mem[CURSOR] != place * U + offset -> skip_hole()
                :: finished == 3 && !SOMETHING && mem[CURSOR] == place * U + offset -> goto rest
#else
                :: finished == 3 && !SOMETHING && RELEASED -> goto rest
#endif
                fi;
                goto throw
            }
        fi;
#ifdef M_CHECK_EARLY
        if
        :: seen[SEQ(place)] != place -> goto throw
        :: else
        fi;
#endif
#ifdef M_HEAD_EARLY
        bad = !head;
#else
        bad = !seen[HEAD(place)] && !died; /* time and lost of an opener that died are not known */
#endif
        if
        :: whole -> limit = seen[SIZE(place)]
        :: else -> limit = U - 1
        fi;
        /* walk and tp_read_copy in one: first the record's word, then its fields, each a step */
        j = offset;
        do
        :: j >= limit -> break
        :: else ->
            w = seen[WORD(place * U + j)];
            if
            :: !(w & COMMITTED) || !LENGTH(w) -> bad = bad || whole; break
            :: (w & COMMITTED) && LENGTH(w) && (w & STAMP)
            :: else ->
                k++;
                if
                :: seen[DATA(place * U + j)] != records + k -> bad = 1
                :: else
                fi
            fi;
            j = j + LENGTH(w)
        od;
#if defined(OVERWRITE) && !defined(M_BLIND) && !defined(M_CHECK_EARLY)
        if
        :: seen[SEQ(place)] != place -> printf("thrown away\n"); goto throw
        :: else
        fi;
#endif
        /* tp_read_done */
        atomic {
            assert(!bad); /* nothing torn, stale or doubled, and each number right */
            assert(!whole || k == EVENTS(c) - events);
            read = read + k;
            records = records + k;
            if
            :: whole -> leave()
            :: else -> printf("partial\n"); offset = j; events = events + k
            fi
        };
#ifndef OVERWRITE
        give_back();
#endif
throw:
        atomic { c = 0; j = 0; k = 0; w = 0; limit = 0; whole = 0; bad = 0 };
next:
#ifdef M_HEAD_EARLY
        head = seen[HEAD(place)] /* and then a look at the word, which decides */
#else
        skip
#endif
    od;
rest:
    /* Everybody has come to rest: the books. */
    atomic {
#ifdef DEAD
        /* All was read, up to the cursor. (tp_read_unread may be one short: a writer that died
         * between its record's word and the commit word.) */
        k = 0;
#else
        /* tp_read_unread */
        k = 0 - events; j = place;
        do
        :: k = k + EVENTS(mem[COMMIT(j)]);
            if
            :: j == NUMBER(mem[CURSOR]) -> break
            :: else -> j = NEXT(j)
            fi
        od;
#endif
        assert(read + missed + holes + lost + k == FIRED && records + k == taken)
    }
}

init
{
    atomic {
        byte i;
        for (i : 0 .. N - 1) {
            mem[SEQ(START + i)] = (START + i) % NUMBERS
        }
        mem[LIMIT] = ((START + N) % NUMBERS) * U;
        mem[CURSOR] = START * U + 1;
        mem[HEAD(START)] = 1;
        mem[COMMIT(START)] = 1;
#ifdef WEAK
        for (i : 0 .. CELLS - 1) {
            seen[i] = mem[i]
        }
#endif
        run writer(E1);
        run writer(E2);
        run writer(E3);
#ifndef NO_READER
        run reader();
#endif
#ifndef NO_IMAGE
        run image();
#endif
#ifdef WEAK
        run drain()
#endif
    }
}
