/* SPDX-License-Identifier: MIT */
/* undo.c - what a signal that ends the process must still put right. */
#include "base/undo.h"

#include <signal.h>
#include <stddef.h>

const int undo_signals[UNDO_SIGNALS] = {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};
void (*undo_watch)(bool any);

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

void undo_all(void)
{
    for (struct undo *u = undo_first; u; u = u->next)
        u->run(u->context);
    undo_first = NULL;
}

void undo_add(struct undo *u)
{
    sigset_t old;

    undo_block(&old);
    u->next = undo_first;
    undo_first = u;
    if (undo_watch)
        undo_watch(true);
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
    if (!undo_first && undo_watch)
        undo_watch(false);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
}
