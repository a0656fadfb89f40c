/* SPDX-License-Identifier: MIT */
/* undo.c - what a signal that ends the process must still put right. */
#include "base/undo.h"

#include <signal.h>
#include <stddef.h>

static const int undo_signals[] = {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};

#define UNDO_SIGNALS (sizeof(undo_signals) / sizeof(undo_signals[0]))

/* For the handler: it changes by single stores, while the signals are blocked. */
static struct undo *volatile undo_first;

static void undo_block(sigset_t *old)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < UNDO_SIGNALS; i++)
        sigaddset(&set, undo_signals[i]);
    (void)sigprocmask(SIG_BLOCK, &set, old);
}

void undo_signal(int number)
{
    sigset_t set;

    for (struct undo *u = undo_first; u; u = u->next)
        u->run(u->context);
    undo_first = NULL;
    (void)signal(number, SIG_DFL);
    (void)raise(number);
    /* It is blocked while its handler runs. */
    sigemptyset(&set);
    sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A process in the background may have to ignore some; --follow has its own handlers. */
static void undo_catch(void (*handler)(int))
{
    for (size_t i = 0; i < UNDO_SIGNALS; i++) {
        struct sigaction old;

        if (sigaction(undo_signals[i], NULL, &old) == 0 &&
            (old.sa_handler == SIG_DFL || old.sa_handler == undo_signal))
            (void)signal(undo_signals[i], handler);
    }
}

void undo_add(struct undo *u)
{
    sigset_t old;

    undo_block(&old);
    u->next = undo_first;
    undo_first = u;
    undo_catch(undo_signal);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
}

void undo_remove(struct undo *u)
{
    struct undo *volatile *at = &undo_first;
    sigset_t old;

    undo_block(&old);
    while (*at && *at != u)
        at = &(*at)->next;
    if (*at)
        *at = u->next;
    if (!undo_first)
        undo_catch(SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
}
