/* SPDX-License-Identifier: MIT */
/* leader.c - the process that leads several. */
#include "tool/leader.h"

#include <poll.h>

#include "tool/shared.h"

#define LEADER_FAILED 4 /* as DECODE_FAILED */

enum leader_state {
    LEADER_WORKER_IDLE,
    LEADER_WORKER_RUNS,
    LEADER_WORKER_DONE,
    LEADER_WORKER_WAITS,
    LEADER_WORKER_FULL,
    LEADER_WORKER_ADDED,
    LEADER_WORKER_CANNOT_ADD,
    LEADER_WORKER_ENDED,
    LEADER_WORKER_LOST
};

static struct shared_page *leader_page(const struct jobs *j, const struct leader_worker *w)
{
    return &j->shared->page[w - j->worker];
}

/* Puts out what a worker has made. */
static void leader_drain(struct jobs *j, const struct leader_worker *w)
{
    struct shared_page *p = leader_page(j, w);

    if (p->said_bytes)
        (void)j->diag_sink.write(j->diag_sink.context, p->said, p->said_bytes);
    p->said_bytes = 0;
    for (; p->tail < p->head; p->tail++) {
        const struct shared_piece *piece = shared_piece(j, p, p->tail);

        if (!j->error)
            j->error = j->sink.write(j->sink.context, piece->text, piece->bytes);
    }
}

static uint32_t leader_slot(const struct jobs *j, const struct cut_edge *e)
{
    return e ? (uint32_t)(e - j->shared->edges) : SHARED_NO_EDGE;
}

/* One that is not there any more is seen when it is listened to. */
static void leader_order(struct jobs *j, struct leader_worker *w, char what)
{
    struct shared_order *o = &leader_page(j, w)->order;

    o->first = j->first;
    if (what == SHARED_RUN || what == SHARED_AGAIN)
        w->log_end = j->logged;
    o->log_end = w->log_end;
    o->before = j->counts;
    o->error = j->error;
    o->flood = *j->flood;
    w->state = LEADER_WORKER_RUNS;
    (void)child_tell(&w->at, what);
}

/* The same window once more, by all that is known now. `alone`: it is the last. */
static void leader_repeat(struct jobs *j, struct leader_worker *w, bool alone)
{
    struct shared_page *p = leader_page(j, w);

    p->head = p->tail;
    p->said_bytes = 0;
    w->began = p->put_bytes;
    p->order.again = true;
    p->order.alone = alone;
    leader_order(j, w, SHARED_AGAIN);
}

/* Gives the next window to a worker. False: there is none now. */
static bool leader_give(struct jobs *j, struct leader_worker *w)
{
    struct shared_order *o = &leader_page(j, w)->order;

    if (j->next && !j->edge)
        return false;
    if (j->next && !j->first.known)
        return false;
    if (!j->further)
        j->further = cut_next(&j->cut);
    if (!j->further && !cut_ended(&j->cut))
        return false;
    /* The last one has the end of the input, and so waits for its turn. */
    if (!j->further && j->now != j->next)
        return false;
    o->from = leader_slot(j, j->next ? j->edge : NULL);
    o->until = leader_slot(j, j->further);
    o->again = false;
    o->alone = !j->further;
    w->window = j->next++;
    w->began = leader_page(j, w)->put_bytes;
    j->edge = j->further;
    j->further = NULL;
    leader_order(j, w, SHARED_RUN);
    return true;
}

/* Has a worker used a name that was another by then? */
static bool leader_conflict(const struct jobs *j, const struct leader_worker *w)
{
    const struct shared_page *p = leader_page(j, w);

    for (uint64_t i = w->log_end; i < j->logged; i++) {
        uint32_t bit = task_bit(j->shared->log[i % SHARED_LOG].pid);

        if (p->asked[bit / 64] >> bit % 64 & 1)
            return true;
    }
    return false;
}

/* Windows that are as large as their output has room, as it was of the last ones. */
static void leader_measure(struct jobs *j, const struct leader_worker *w)
{
    const struct shared_page *p = leader_page(j, w);
    const struct cut_edge *edges = j->shared->edges;
    uint64_t out = p->put_bytes - w->began, room = j->room * (uint64_t)OUT_BUFFER_BYTES, until;
    double unit = LEADER_WINDOW_MOST;

    if (j->unit || p->order.until == SHARED_NO_EDGE)
        return;
    until = j->cut.places ? edges[p->order.until].made_at : edges[p->order.until].data_end;
    j->read = j->read / 8 * 7 + (until > j->until ? (double)(until - j->until) : 0);
    j->wrote = j->wrote / 8 * 7 + (double)out;
    j->until = until;
    if (j->wrote > 0)
        unit = j->read / j->wrote * (double)room / 8 * 7;
    unit = unit < LEADER_WINDOW_BYTES / 4 ? LEADER_WINDOW_BYTES / 4 : unit;
    j->cut.unit = unit > LEADER_WINDOW_MOST ? LEADER_WINDOW_MOST : (uint64_t)unit;
    if (j->sums && !out)
        j->cut.unit = LEADER_WINDOW_SUM;
}

/* A window is whole, and is put out. */
static void leader_accept(struct jobs *j, struct leader_worker *w)
{
    const struct shared_page *p = leader_page(j, w);

    leader_measure(j, w);
    leader_drain(j, w);
    for (uint32_t i = 0; i < p->answer.name_count; i++)
        j->shared->log[j->logged++ % SHARED_LOG] = p->names[i];
    part_add(&j->counts, &p->answer.counts);
    j->cut.used = j->now++;
    w->state = LEADER_WORKER_IDLE;
}

static bool leader_reaches_head(const struct jobs *j, const struct leader_worker *w)
{
    return j->has_head &&
           j->counts.select.shown + leader_page(j, w)->answer.counts.select.shown >= j->head;
}

/* Did it begin with all that is known of what is before it? */
static bool leader_is_last(const struct jobs *j, const struct leader_worker *w)
{
    return !j->error && !(j->has_head && j->counts.select.shown) && w->log_end == j->logged;
}

/* It is the only one from now on. */
static void leader_leave_alone(struct jobs *j, struct leader_worker *w)
{
    for (uint32_t i = 0; i < j->count; i++)
        if (&j->worker[i] != w)
            child_close(&j->worker[i].at);
    leader_page(j, w)->order.alone = true;
    j->edge = NULL;
}

/* The one whose turn it is. False: it is still busy. */
static bool leader_advance(struct jobs *j, struct leader_worker *w)
{
    bool alone = leader_page(j, w)->order.alone;

    switch ((enum leader_state)w->state) {
    case LEADER_WORKER_DONE:
        if (j->error || leader_reaches_head(j, w)) {
            leader_leave_alone(j, w);
            leader_repeat(j, w, true);
        } else if (leader_conflict(j, w)) {
            leader_repeat(j, w, false);
        } else if (j->sums) {
            leader_order(j, w, SHARED_ADD);
        } else {
            leader_accept(j, w);
        }
        return true;
    case LEADER_WORKER_ADDED:
        leader_accept(j, w);
        return true;
    case LEADER_WORKER_CANNOT_ADD:
        leader_leave_alone(j, w);
        leader_repeat(j, w, true);
        return true;
    case LEADER_WORKER_FULL:
        if (!alone && !leader_is_last(j, w)) {
            bool last = j->error || j->has_head;

            if (last)
                leader_leave_alone(j, w);
            leader_repeat(j, w, last);
        } else {
            leader_drain(j, w);
            leader_order(j, w, SHARED_ROOM);
        }
        return true;
    case LEADER_WORKER_WAITS:
        leader_leave_alone(j, w);
        if (leader_is_last(j, w))
            leader_order(j, w, SHARED_GO);
        else
            leader_repeat(j, w, true);
        return true;
    default:
        return false;
    }
}

/* Takes what workers tell. */
static void leader_listen(struct jobs *j)
{
    struct pollfd fd[JOBS_MAX];

    for (uint32_t i = 0; i < j->count; i++)
        fd[i] = (struct pollfd){.fd = j->worker[i].at.hear, .events = POLLIN};
    if (poll(fd, j->count, -1) < 0)
        return;
    for (uint32_t i = 0; i < j->count; i++) {
        struct leader_worker *w = &j->worker[i];

        if (!fd[i].revents || fd[i].fd < 0)
            continue;
        switch (child_hear(&w->at)) {
        case SHARED_KNOWN:
            j->first = leader_page(j, w)->answer.first;
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

/* The one whose turn it is; NULL: nobody has that window. */
static struct leader_worker *leader_at_turn(struct jobs *j)
{
    for (uint32_t i = 0; i < j->count; i++)
        if (j->worker[i].state != LEADER_WORKER_IDLE && j->worker[i].window == j->now &&
            j->now < j->next)
            return &j->worker[i];
    return NULL;
}

/* Is there memory for so many workers? */
static bool leader_fits(const struct jobs *j, uint64_t workers)
{
    uint64_t room = workers * SHARED_ROOM_BYTES + SHARED_ROOM_SHARED_BYTES;

    return room + workers * j->cut.held + LEADER_MEMORY_OTHER <=
           LEADER_MEMORY_BYTES + workers * LEADER_MEMORY_EACH;
}

/* How large the chunks of all CPUs are is found out on the way: then some workers end. One stays. */
static void leader_shrink(struct jobs *j)
{
    for (uint32_t i = j->count; j->bounded && i-- > 1 && !leader_fits(j, i + 1);)
        if (j->worker[i].state == LEADER_WORKER_IDLE)
            child_close(&j->worker[i].at);
}

/* All that can be done without waiting. */
static struct leader_worker *leader_turn(struct jobs *j)
{
    struct leader_worker *w;

    do {
        leader_shrink(j);
        for (uint32_t i = 0; i < j->count; i++)
            if (j->worker[i].state == LEADER_WORKER_IDLE && j->worker[i].at.tell >= 0 &&
                !leader_give(j, &j->worker[i]))
                break;
        w = leader_at_turn(j);
    } while (w && leader_advance(j, w));
    return w;
}

static void leader_lost(struct jobs *j)
{
    static const char text[] = "tpdecode: a process that decodes a part of it has ended\n";

    j->failed = true;
    (void)j->diag_sink.write(j->diag_sink.context, text, sizeof(text) - 1);
}

int leader_run(struct jobs *j, struct stream *s)
{
    struct leader_worker *w;

    if (!cut_open(&j->cut, &s->in, j->shared->edges, SHARED_EDGES(j->count), j->shared->sides)) {
        if (j->cut.size)
            input_seek(&s->in, 0);
        return LEADER_ALONE;
    }
    j->cut.unit = j->unit ? j->unit : LEADER_WINDOW_BYTES;
    j->cut.places = j->places;
    j->further = cut_next(&j->cut);
    if (!j->further || j->cut.cpus > j->most_cpus || (j->bounded && !leader_fits(j, 2))) {
        input_seek(&s->in, 0);
        return LEADER_ALONE;
    }
    for (;;) {
        w = leader_turn(j);
        if (j->turn)
            j->turn(j->turn_context);
        if (w && w->state == LEADER_WORKER_ENDED) {
            leader_drain(j, w);
            s->records = leader_page(j, w)->answer.counts.records;
            j->failed = leader_page(j, w)->spoke;
            return leader_page(j, w)->answer.code;
        }
        if (!w || w->state == LEADER_WORKER_LOST) {
            leader_lost(j);
            return LEADER_FAILED;
        }
        s->records = j->counts.records;
        leader_listen(j);
    }
}
