/* SPDX-License-Identifier: MIT */
/* leader.c - the process that leads several. */
#include "tool/leader.h"

#include <poll.h>
#include <sys/mman.h>

#include "tool/decode.h"

static struct shared_page *leader_page(const struct leader *l, const struct leader_worker *w)
{
    return &l->shared->memory->page[w - l->worker];
}

/* What so many workers have for output and chunks. */
static uint64_t leader_memory(uint64_t workers)
{
    return LEADER_MEMORY_BYTES + workers * LEADER_MEMORY_EACH - LEADER_MEMORY_OTHER;
}

/* Pieces of each worker, at least. */
static uint32_t leader_room_least(uint64_t workers)
{
    return (uint32_t)((LEADER_ROOM_BYTES + LEADER_ROOM_COMMON_BYTES / workers) / OUT_BUFFER_BYTES);
}

uint32_t leader_room(uint64_t workers, uint64_t held_bytes)
{
    uint64_t each = leader_memory(workers) / workers, least = leader_room_least(workers), room;

    room = held_bytes < each ? (each - held_bytes) / OUT_BUFFER_BYTES : 0;
    room = room < least ? least : room;
    return room > SHARED_PIECES ? SHARED_PIECES : (uint32_t)room;
}

/* Puts out what a worker has made. */
static void leader_drain(struct leader *l, const struct leader_worker *w)
{
    struct shared_page *p = leader_page(l, w);

    if (p->said_bytes)
        (void)l->diag_sink.write(l->diag_sink.context, p->said, p->said_bytes);
    p->said_bytes = 0;
    for (; p->tail < p->head; p->tail++) {
        const struct shared_piece *piece = shared_piece(l->shared, p, p->tail);

        if (!l->error)
            l->error = l->sink.write(l->sink.context, piece->text,
                                     p->piece_bytes[p->tail % p->room]);
    }
}

static uint32_t leader_slot(const struct leader *l, const struct cut_edge *e)
{
    return e ? (uint32_t)(e - l->shared->memory->edges) : SHARED_NO_EDGE;
}

/* That a worker has ended is seen in leader_listen(). */
static void leader_order(struct leader *l, struct leader_worker *w, char what)
{
    struct shared_order *o = &leader_page(l, w)->order;

    o->first = l->first;
    o->log_end = w->log_end = l->logged;
    o->before = l->counts;
    o->error = l->error;
    o->flood = *l->flood;
    w->state = LEADER_WORKER_RUNS;
    (void)child_tell(&w->at, what);
}

/* The same window once more, by all that is known now. `alone`: it is the last. */
static void leader_repeat(struct leader *l, struct leader_worker *w, bool alone)
{
    struct shared_page *p = leader_page(l, w);

    p->head = p->tail;
    p->said_bytes = 0;
    w->began = p->put_bytes;
    p->order.again = true;
    p->order.alone = alone;
    leader_order(l, w, SHARED_AGAIN);
}

/* Those that have not ended. */
static uint32_t leader_open(const struct leader *l)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->count; i++)
        n += l->worker[i].at.tell >= 0;
    return n;
}

/* All that a worker had is put out. It begins with its first piece, which is in the cache. Memory that is needed for chunks
 * now is not for pieces any more. */
static void leader_clear(struct leader *l, struct shared_page *p)
{
    uint32_t room = leader_room(leader_open(l), l->cut.held);

    room = room < l->shared->room ? room : l->shared->room;
    p->head = p->tail = 0;
    if (room < p->room)
        (void)madvise(shared_piece(l->shared, p, room),
                      (p->room - room) * sizeof(struct shared_piece), MADV_REMOVE);
    p->room = room;
}

/* Is there a window that can be given? Its end is looked for. */
static bool leader_has_next(struct leader *l)
{
    if (l->next && (!l->edge || !l->first.known))
        return false;
    if (!l->further)
        l->further = cut_next(&l->cut);
    /* The last one has the end of the input, and so waits for its turn. */
    return l->further || (cut_ended(&l->cut) && l->now == l->next);
}

/* Gives it to a worker. */
static void leader_give(struct leader *l, struct leader_worker *w)
{
    struct shared_page *p = leader_page(l, w);
    struct shared_order *o = &p->order;

    o->from = leader_slot(l, l->next ? l->edge : NULL);
    o->until = leader_slot(l, l->further);
    o->again = false;
    o->alone = !l->further;
    leader_clear(l, p);
    w->window = l->next++;
    w->began = p->put_bytes;
    l->edge = l->further;
    l->further = NULL;
    leader_order(l, w, SHARED_RUN);
}

/* Has a worker used a name that was another by then? */
static bool leader_conflict(const struct leader *l, const struct leader_worker *w)
{
    const struct shared_page *p = leader_page(l, w);

    for (uint64_t i = w->log_end; i < l->logged; i++) {
        uint32_t bit = task_bit(l->shared->memory->log[i % SHARED_LOG].pid);

        if (p->asked[bit / 64] >> bit % 64 & 1)
            return true;
    }
    return false;
}

static double leader_least(double a, double b)
{
    return a < b ? a : b;
}

static double leader_most(double a, double b)
{
    return a > b ? a : b;
}

/* How large they are if they are only counted. */
static double leader_sum(const struct leader *l)
{
    double share = (double)l->cut.size / (LEADER_SUMS_EACH * l->count);

    return leader_least(leader_most(share, LEADER_SUM_BYTES), LEADER_SUM_MOST);
}

/* How large windows are, by the output of the last ones. */
static void leader_measure(struct leader *l, const struct leader_worker *w)
{
    const struct shared_page *p = leader_page(l, w);
    const struct cut_edge *edges = l->shared->memory->edges;
    uint64_t out = p->put_bytes - w->began, until;
    double room = p->room * (double)OUT_BUFFER_BYTES / 8 * 7, unit = LEADER_WINDOW_MOST;
    uint32_t workers = leader_open(l);

    /* When its turn comes, a worker is about at the n-th part of its window, and puts out the rest as it goes on: half of that
     * is used, so that few wait. With --head it would have to be the only one from there on. */
    if (!l->has_head && workers > 1)
        room *= 1 + 0.5 / (workers - 1);
    if (l->unit || p->order.until == SHARED_NO_EDGE)
        return;
    until = l->cut.places ? edges[p->order.until].made_at : edges[p->order.until].data_end;
    l->read = l->read / 8 * 7 + (until > l->until ? (double)(until - l->until) : 0);
    l->wrote = l->wrote / 8 * 7 + (double)out;
    l->until = until;
    if (l->wrote > 0) {
        double each = l->read / l->wrote;
        double use = leader_most(each * LEADER_OUTPUT_BYTES,
                                 LEADER_WINDOW_HELD * (double)l->cut.held);

        unit = leader_least(leader_least(each * room, use), LEADER_WINDOW_MOST);
    }
    if (l->sums && !out)
        unit = leader_sum(l);
    l->cut.unit = (uint64_t)leader_most(unit, LEADER_WINDOW_BYTES / 4);
}

/* A window is whole, and is put out. */
static void leader_accept(struct leader *l, struct leader_worker *w)
{
    const struct shared_page *p = leader_page(l, w);

    leader_measure(l, w);
    leader_drain(l, w);
    for (uint32_t i = 0; i < p->answer.name_count; i++)
        l->shared->memory->log[l->logged++ % SHARED_LOG] = p->names[i];
    part_sum_add(&l->counts, &p->answer.counts);
    l->cut.used = l->now++;
    w->state = LEADER_WORKER_IDLE;
}

static bool leader_reaches_head(const struct leader *l, const struct leader_worker *w)
{
    return l->has_head &&
           l->counts.select.shown + leader_page(l, w)->answer.counts.select.shown >= l->head;
}

/* Is what the worker has decoded so far right by all that is known of what is before it? Names that it did not ask for it can
 * learn now. */
static bool leader_is_right(const struct leader *l, const struct leader_worker *w)
{
    bool knows = w->log_end == l->logged ||
                 (leader_page(l, w)->answer.learns && !leader_conflict(l, w));

    return knows && !l->error && !(l->has_head && l->counts.select.shown);
}

/* It is the only one from now on. */
static void leader_leave_alone(struct leader *l, struct leader_worker *w)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (&l->worker[i] != w)
            child_close(&l->worker[i].at);
    leader_page(l, w)->order.alone = true;
    l->edge = NULL;
    /* How far it reads is not known here: what is put out is too much if it is too much for all of the input. */
    l->cut.in->taken = l->cut.size;
}

/* The worker whose turn it is. False: it is still busy. */
static bool leader_advance(struct leader *l, struct leader_worker *w)
{
    bool alone = leader_page(l, w)->order.alone;

    switch (w->state) {
    case LEADER_WORKER_DONE:
        if (l->error || leader_reaches_head(l, w)) {
            leader_leave_alone(l, w);
            leader_repeat(l, w, true);
        } else if (leader_conflict(l, w)) {
            leader_repeat(l, w, false);
        } else if (l->sums) {
            leader_order(l, w, SHARED_ADD);
        } else {
            leader_accept(l, w);
        }
        return true;
    case LEADER_WORKER_ADDED:
        leader_accept(l, w);
        return true;
    case LEADER_WORKER_CANNOT_ADD:
        leader_leave_alone(l, w);
        leader_repeat(l, w, true);
        return true;
    case LEADER_WORKER_FULL:
        if (!alone && !leader_is_right(l, w)) {
            bool last = l->error || l->has_head;

            if (last)
                leader_leave_alone(l, w);
            leader_repeat(l, w, last);
        } else {
            leader_drain(l, w);
            leader_order(l, w, SHARED_ROOM);
        }
        return true;
    case LEADER_WORKER_WAITS:
        leader_leave_alone(l, w);
        if (leader_is_right(l, w))
            leader_order(l, w, SHARED_GO);
        else
            leader_repeat(l, w, true);
        return true;
    default:
        return false;
    }
}

/* Takes what workers report. */
static void leader_listen(struct leader *l)
{
    struct pollfd fd[SHARED_WORKERS];

    for (uint32_t i = 0; i < l->count; i++)
        fd[i] = (struct pollfd){.fd = l->worker[i].at.hear, .events = POLLIN};
    if (poll(fd, l->count, -1) < 0)
        return;
    for (uint32_t i = 0; i < l->count; i++) {
        struct leader_worker *w = &l->worker[i];

        if (!fd[i].revents || fd[i].fd < 0)
            continue;
        switch (child_hear(&w->at)) {
        case SHARED_KNOWN:
            l->first = leader_page(l, w)->answer.first;
            break;
        case SHARED_DONE:
            w->state = LEADER_WORKER_DONE;
            break;
        case SHARED_WAITS:
            w->state = LEADER_WORKER_WAITS;
            break;
        case SHARED_FULL:
            w->state = LEADER_WORKER_FULL;
            break;
        case SHARED_ADDED:
            w->state = LEADER_WORKER_ADDED;
            break;
        case SHARED_CANNOT:
            w->state = LEADER_WORKER_CANNOT_ADD;
            break;
        case SHARED_ENDED:
            w->state = LEADER_WORKER_ENDED;
            break;
        default: /* its pipe is closed: it is lost, unless it reported its end before that */
            if (w->state != LEADER_WORKER_ENDED)
                w->state = LEADER_WORKER_LOST;
            child_close(&w->at);
        }
    }
}

/* The worker whose turn it is; NULL: no worker has that window. */
static struct leader_worker *leader_at_turn(struct leader *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->worker[i].state != LEADER_WORKER_IDLE && l->worker[i].window == l->now &&
            l->now < l->next)
            return &l->worker[i];
    return NULL;
}

/* Is there memory for so many workers? */
static bool leader_fits(const struct leader *l, uint64_t workers)
{
    uint64_t room = leader_room_least(workers) * (uint64_t)OUT_BUFFER_BYTES;
    /* What is counted by place is read chunk by chunk. */
    uint64_t held = l->places ? 0 : l->cut.held;

    return workers * (room + held) <= leader_memory(workers);
}

/* How large the chunks of all CPUs are is found out on the way: then some workers end. One stays. */
static void leader_shrink(struct leader *l)
{
    for (uint32_t i = l->count; i-- > 1 && !leader_fits(l, i + 1);)
        if (l->worker[i].state == LEADER_WORKER_IDLE)
            child_close(&l->worker[i].at);
}

/* All that can be done without waiting. */
static struct leader_worker *leader_turn(struct leader *l)
{
    struct leader_worker *w;

    do {
        for (uint32_t i = 0; i < l->count && leader_has_next(l); i++) {
            leader_shrink(l);
            if (l->worker[i].state == LEADER_WORKER_IDLE && l->worker[i].at.tell >= 0)
                leader_give(l, &l->worker[i]);
        }
        w = leader_at_turn(l);
    } while (w && leader_advance(l, w));
    return w;
}

static void leader_lost(struct leader *l)
{
    static const char text[] = "tpdecode: a process that decodes a part of it has ended\n";

    l->failed = true;
    (void)l->diag_sink.write(l->diag_sink.context, text, sizeof(text) - 1);
}

/* The input is decoded by one process: as if nothing had been read. */
static int leader_decline(struct leader *l, struct input *in)
{
    if (l->cut.size) {
        input_seek(in, 0);
        in->taken = 0;
    }
    return LEADER_ALONE;
}

int leader_run(struct leader *l, struct stream *s)
{
    struct leader_worker *w;

    if (!cut_open(&l->cut, &s->in, l->shared->memory->edges, SHARED_EDGES(l->count),
                  l->shared->memory->sides))
        return leader_decline(l, &s->in);
    l->cut.unit = l->unit ? l->unit : LEADER_WINDOW_BYTES;
    l->cut.places = l->places;
    l->further = cut_next(&l->cut);
    if (!l->further || l->cut.cpus > l->most_cpus || !leader_fits(l, 2))
        return leader_decline(l, &s->in);
    for (;;) {
        w = leader_turn(l);
        if (l->turn)
            l->turn(l->turn_context);
        if (w && w->state == LEADER_WORKER_ENDED) {
            leader_drain(l, w);
            s->records = leader_page(l, w)->answer.counts.records;
            l->failed = leader_page(l, w)->spoke;
            return leader_page(l, w)->answer.code;
        }
        if (!w || w->state == LEADER_WORKER_LOST) {
            leader_lost(l);
            return DECODE_FAILED;
        }
        s->records = l->counts.records;
        leader_listen(l);
    }
}

void leader_close(struct leader *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        child_close(&l->worker[i].at);
    l->count = 0;
    cut_close(&l->cut);
}
