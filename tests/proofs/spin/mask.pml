/* SPDX-License-Identifier: MIT */
/*
 * The mask of an event, which several change at the same time: tp_event_update of engine/control/rule.c and
 * tp_trace_run of engine/core/trace.c. One chooses the event, two start and stop the trace, one makes rules
 * (there is a lock for that). When all have ended the mask is what all of it says. Any three of them at a time. model.sh runs it.
 *
 * Every load and store is atomic and there is a fence between them where the engine has one, so they
 * happen in one order. Memory that is freed is store.pml's business.
 */

#ifndef CHANGES
#define CHANGES 1 /* each of them makes so many */
#endif
#ifndef CHOOSERS
#define CHOOSERS 0
#endif
#ifndef UNWANTED
#define UNWANTED 0 /* without a chooser: perhaps the event is not chosen */
#endif
#ifndef STARTERS
#define STARTERS 2
#endif

bool rule, goes_off, wakes; /* it has triggers, one of which starts the trace */
bool want, runs, running;   /* running: what the trace itself knows */
bool plain_bit, rule_bit;              /* the mask */

inline read_state()
{
    r = rule;
    if
    :: r -> g = goes_off; w = wakes
    :: else -> g = 0; w = 0
    fi;
    c = want;
    s = runs
}

inline update()
{
    do
    ::
        read_state();
        old_r = r; old_g = g; old_w = w; old_c = c; old_s = s;
        if
        :: r && (g -> (s || w) : (c && s)) ->
            rule_bit = 1;
            plain_bit = 0
        :: else ->
            plain_bit = !r && c && s;
            rule_bit = 0
        fi;
#ifdef M_MASK_NO_SECOND_LOOK
        break;
#endif
        read_state();
#ifdef M_MASK_BLIND_WAKES
        old_w = w;
#endif
#ifdef M_MASK_BLIND_TRIGGERS
        old_g = g;
#endif
        if
        :: r == old_r && g == old_g && w == old_w && c == old_c && s == old_s -> break
        :: else -> printf("again\n")
        fi
    od;
    /* What is not needed any more makes no states. */
    skip;
    d_step { r = 0; g = 0; w = 0; c = 0; s = 0; old_r = 0; old_g = 0; old_w = 0; old_c = 0; old_s = 0 }
}

proctype chooser()
{
    bool r, g, w, c, s, old_r, old_g, old_w, old_c, old_s;
    byte n;

    for (n : 1 .. CHANGES) {
        want = !want;
        update()
    }
}

proctype starter()
{
    bool r, g, w, c, s, old_r, old_g, old_w, old_c, old_s, on;
    byte n;

    for (n : 1 .. CHANGES) {
        if
        :: on = 0
        :: on = 1
        fi;
        if
        :: runs == on -> printf("so already\n")
        :: else ->
            runs = on;
            do
            ::
                s = runs;
                running = s;
#ifdef M_RUNNING_NO_SECOND_LOOK
                break;
#endif
                if
                :: s == runs -> break
                :: else
                fi
            od;
            update()
        fi
    }
}

proctype ruler()
{
    bool r, g, w, c, s, old_r, old_g, old_w, old_c, old_s;
    byte n;

    for (n : 1 .. CHANGES) {
        if
        :: rule = !rule
        :: rule && !wakes -> goes_off = !goes_off
        :: rule && goes_off -> wakes = !wakes
        fi;
        update()
    }
}

init
{
    atomic {
        if
        :: goes_off = 0
        :: goes_off = 1
        fi;
        if
        :: want = 1
        :: CHOOSERS || UNWANTED -> want = 0
        fi;
        if
        :: CHOOSERS -> run chooser()
        :: !CHOOSERS
        fi;
        if
        :: STARTERS > 1 -> run starter()
        :: STARTERS <= 1
        fi;
        run starter();
        run ruler()
    }
    _nr_pr == 1;
    assert(running == runs);
    assert(rule_bit == (rule && (goes_off -> (runs || wakes) : (want && runs))));
    assert(plain_bit == (!rule && want && runs))
}
