/* SPDX-License-Identifier: MIT */
/* worker.c - one of several processes that decode windows of a file. */
#include "tool/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define WORKER_CHUNKS 64u /* from one look at the leader to the next */

/* Has its window given this task a name? */
static bool worker_has_named(const struct worker *w, uint32_t pid)
{
    uint32_t i = 0;

    while (i < w->part->name_count && w->page->names[i].pid != pid)
        i++;
    return i < w->part->name_count;
}

/* The names that windows before its own have given, and that it did not know yet. */
static void worker_learn(struct worker *w)
{
    for (uint64_t end = w->page->order.log_end; w->known < end; w->known++) {
        const struct part_name *n = &w->shared->memory->log[w->known % SHARED_LOG];

        if (!worker_has_named(w, n->pid))
            part_name(w->part, n);
    }
}

/* Reports `what` and waits: the order that comes. It ends with the leader. */
static char worker_ask(struct worker *w, char what)
{
    char order;

    w->page->answer.name_count = w->part->name_count;
    w->page->answer.learns = w->part->name_count < PART_NAMES &&
                             w->part->stream->tasks.count < TASK_SLOTS;
    order = child_tell(&w->at, what) ? child_hear(&w->at) : 0;
    if (!order)
        _exit(0);
    w->again = order == SHARED_AGAIN;
    if (w->again)
        w->part->sink.enough = true;
    else if (order == SHARED_ROOM || order == SHARED_GO)
        worker_learn(w);
    return order;
}

/* The piece that is formatted into. */
static void worker_lend(struct worker *w)
{
    struct shared_piece *piece = shared_piece(w->shared, w->page, w->page->head);

    w->out->buffer = w->out->at = piece->text;
    w->out->end = piece->text + sizeof(piece->text);
}

/* Waits for room for one piece more. 0 or why nothing can be put out. */
static int worker_make_room(struct worker *w)
{
    struct shared_page *p = w->page;

    while (!w->again && p->head - p->tail >= p->room - 1) {
        (void)worker_ask(w, SHARED_FULL);
        if (!w->again && p->order.error)
            return p->order.error;
    }
    return w->again ? ECANCELED : 0;
}

int worker_write(void *context, const void *bytes, size_t n)
{
    struct worker *w = context;
    struct shared_page *p = w->page;
    struct shared_piece *piece = shared_piece(w->shared, p, p->head);
    int error;

    /* Before there is a window there is nothing to put out. */
    if (bytes != piece->text || w->mute)
        return 0;
    p->piece_bytes[p->head % p->room] = (uint32_t)n;
    p->put_bytes += n;
    p->head++;
    error = worker_make_room(w);
    worker_lend(w);
    return error;
}

/* Text that is being formatted stays where it is: it is put out after the message, as it would be of one process. */
int worker_say(void *context, const void *bytes, size_t n)
{
    struct worker *w = context;
    struct shared_page *p = w->page;
    bool after = w->out && w->out->at == w->out->buffer && p->head != p->tail;

    w->said++;
    if (!w->out || w->mute || w->again || n > sizeof(p->said))
        return 0;
    if (after || p->said_bytes + n > sizeof(p->said))
        (void)worker_ask(w, SHARED_FULL);
    if (w->again)
        return 0;
    memcpy(p->said + p->said_bytes, bytes, n);
    p->said_bytes += (uint32_t)n;
    p->spoke = true;
    return 0;
}

static void worker_known(void *context)
{
    struct worker *w = context;

    w->page->answer.first = w->part->first;
    if (!child_tell(&w->at, SHARED_KNOWN))
        _exit(0);
}

static bool worker_alone(void *context)
{
    struct worker *w = context;
    const struct shared_order *o = &w->page->order;

    if (!w->given && worker_ask(w, SHARED_WAITS) != SHARED_GO)
        return false;
    if (!part_receive(w->part, &w->shared->memory->sum)) {
        (void)worker_ask(w, SHARED_CANNOT);
        return false;
    }
    part_give(w->part, &o->before);
    return true;
}

/* Brings all to where the window begins. */
static void worker_enter(struct worker *w)
{
    const struct shared_order *o = &w->page->order;
    const struct cut_edge *edges = w->shared->memory->edges;
    const struct cut_edge *until = o->until == SHARED_NO_EDGE ? NULL : &edges[o->until];

    w->again = false;
    w->given = o->alone;
    worker_lend(w);
    w->out->error = 0;
    if (o->from == SHARED_NO_EDGE) {
        part_start(w->part, until);
        return;
    }
    w->mute = true;
    memset(w->page->asked, 0, sizeof(w->page->asked));
    part_enter(w->part, &edges[o->from], w->shared->memory->sides, o->again);
    w->known = w->log_end;
    worker_learn(w);
    part_resume(w->part, until, &o->first);
    worker_lend(w);
    w->mute = false;
}

/* For each chunk. While a window is decoded nothing comes from the leader but that it has ended, or has no use for the window:
 * that may be long before the window is done. */
static void worker_look(void *context)
{
    struct worker *w = context;

    if (++w->chunks % WORKER_CHUNKS == 0 && child_has(&w->at))
        _exit(0);
}

/* Its window is done: waits until that counts. False: it is to try again. */
static bool worker_hand(struct worker *w)
{
    char order;

    part_take(w->part, &w->page->answer.counts);
    order = worker_ask(w, SHARED_DONE);
    if (order == SHARED_ADD)
        order = worker_ask(w, part_hand(w->part, &w->shared->memory->sum) ? SHARED_ADDED
                                                                          : SHARED_CANNOT);
    return order != SHARED_AGAIN;
}

void worker_run(struct worker *w, struct part *p)
{
    char order = child_hear(&w->at);

    if (!order)
        _exit(0);
    mem_keep();
    w->part = p;
    w->out = p->out;
    free(w->out->buffer);
    p->alone = worker_alone;
    p->known = worker_known;
    p->context = w;
    p->merge->turn = worker_look;
    p->merge->turn_context = w;
    p->said = &w->said;
    p->names = w->page->names;
    p->stream->tasks.asked = w->page->asked;
    for (;;) {
        uint64_t log_end = w->page->order.log_end;

        worker_enter(w);
        if (!w->given || part_go_alone(p)) {
            w->out->error = w->given ? w->page->order.error : 0;
            merge_go(p->merge);
        }
        if (!p->ended && !w->again && part_go_alone(p))
            return;
        if (p->ended && !w->again)
            out_flush(w->out);
        if (w->again)
            continue;
        if (worker_hand(w))
            w->log_end = log_end;
    }
}

int worker_settle(struct worker *w)
{
    if (w->page->head != w->page->tail)
        (void)worker_ask(w, SHARED_FULL);
    return w->page->order.error;
}

bool worker_flood(const struct worker *w)
{
    return w->page->order.flood;
}

_Noreturn void worker_finish(struct worker *w, int code)
{
    if (w->part)
        part_take(w->part, &w->page->answer.counts);
    w->page->answer.code = code;
    (void)child_tell(&w->at, SHARED_ENDED);
    _exit(0);
}
