/* SPDX-License-Identifier: MIT */
/* worker.c - one of several processes that decode windows of a file. */
#include "tool/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tool/shared.h"

/* What it is told; it ends with the one that leads. */
static char worker_ask(struct jobs *j, char what)
{
    char told = child_tell(&j->at, what) ? child_hear(&j->at) : 0;

    if (!told)
        _exit(0);
    j->again = told == SHARED_AGAIN;
    if (j->again)
        j->part->sink.enough = true;
    return told;
}

/* The piece that is formatted into. */
static void worker_lend(struct jobs *j)
{
    struct shared_piece *piece = shared_piece(j, j->page, j->page->head);

    j->out->buffer = j->out->at = piece->text;
    j->out->end = piece->text + sizeof(piece->text);
}

/* Waits for room for one piece more. 0 or why nothing can be put out. */
static int worker_make_room(struct jobs *j)
{
    struct shared_page *p = j->page;

    while (!j->again && p->head - p->tail >= j->room - 1) {
        (void)worker_ask(j, SHARED_FULL);
        if (!j->again && p->order.error)
            return p->order.error;
    }
    return j->again ? ECANCELED : 0;
}

int worker_write(void *context, const void *bytes, size_t n)
{
    struct jobs *j = context;
    struct shared_page *p = j->page;
    struct shared_piece *piece = shared_piece(j, p, p->head);
    int error;

    /* Before there is a window there is nothing to put out. */
    if (bytes != piece->text || j->mute)
        return 0;
    piece->bytes = (uint32_t)n;
    p->put_bytes += n;
    p->head++;
    error = worker_make_room(j);
    worker_lend(j);
    return error;
}

/* Text that is being formatted stays where it is: it is put out after the message, as it would be of one process. */
int worker_say(void *context, const void *bytes, size_t n)
{
    struct jobs *j = context;
    struct shared_page *p = j->page;
    bool after = j->out && j->out->at == j->out->buffer && p->head != p->tail;

    j->said++;
    if (!j->out || j->mute || j->again || n > sizeof(p->said))
        return 0;
    if (after || p->said_bytes + n > sizeof(p->said))
        (void)worker_ask(j, SHARED_FULL);
    if (j->again)
        return 0;
    memcpy(p->said + p->said_bytes, bytes, n);
    p->said_bytes += (uint32_t)n;
    p->spoke = true;
    return 0;
}

static void worker_known(void *context)
{
    struct jobs *j = context;

    j->page->answer.first = j->part->first;
    if (!child_tell(&j->at, SHARED_KNOWN))
        _exit(0);
}

static bool worker_alone(void *context)
{
    struct jobs *j = context;
    const struct shared_order *o = &j->page->order;

    if (!j->given && worker_ask(j, SHARED_WAITS) != SHARED_GO)
        return false;
    if (!part_receive(j->part, &j->shared->sum)) {
        (void)worker_ask(j, SHARED_CANNOT);
        return false;
    }
    part_give(j->part, &o->before);
    return true;
}

/* Brings all to where the window begins. */
static void worker_enter(struct jobs *j)
{
    const struct shared_order *o = &j->page->order;
    const struct cut_edge *edges = j->shared->edges;
    const struct cut_edge *until = o->until == SHARED_NO_EDGE ? NULL : &edges[o->until];

    j->again = false;
    j->given = o->alone;
    worker_lend(j);
    j->out->error = 0;
    if (o->from == SHARED_NO_EDGE) {
        part_start(j->part, until);
        return;
    }
    j->mute = true;
    memset(j->page->asked, 0, sizeof(j->page->asked));
    part_enter(j->part, &edges[o->from], j->shared->sides, o->again);
    for (uint64_t i = j->log_end; i < o->log_end; i++)
        part_name(j->part, &j->shared->log[i % SHARED_LOG]);
    part_resume(j->part, until, &o->first);
    worker_lend(j);
    j->mute = false;
}

/* Its window is done: waits until that counts. False: it is to try again. */
static bool worker_hand(struct jobs *j)
{
    char told;

    part_take(j->part, &j->page->answer.counts);
    j->page->answer.name_count = j->part->name_count;
    told = worker_ask(j, SHARED_DONE);
    if (told == SHARED_ADD)
        told = worker_ask(j, part_hand(j->part, &j->shared->sum) ? SHARED_ADDED : SHARED_CANNOT);
    return told != SHARED_AGAIN;
}

void worker_run(struct jobs *j, struct part *p)
{
    char told = child_hear(&j->at);

    if (!told)
        _exit(0);
    mem_keep();
    j->part = p;
    j->out = p->out;
    free(j->out->buffer);
    p->alone = worker_alone;
    p->known = worker_known;
    p->context = j;
    p->said = &j->said;
    p->names = j->page->names;
    p->stream->tasks.asked = j->page->asked;
    for (;;) {
        uint64_t log_end = j->page->order.log_end;

        worker_enter(j);
        if (!j->given || part_go_alone(p)) {
            j->out->error = j->given ? j->page->order.error : 0;
            merge_go(p->merge);
        }
        if (!p->ended && !j->again && part_go_alone(p))
            return;
        if (p->ended && !j->again)
            out_flush(j->out);
        if (j->again)
            continue;
        if (worker_hand(j))
            j->log_end = log_end;
    }
}

bool worker_flood(const struct jobs *j)
{
    return j->page->order.flood;
}

_Noreturn void worker_finish(struct jobs *j, int code)
{
    if (j->part)
        part_take(j->part, &j->page->answer.counts);
    j->page->answer.code = code;
    (void)child_tell(&j->at, SHARED_ENDED);
    _exit(0);
}
