/* SPDX-License-Identifier: MIT */
/* jobs.c - several processes that decode windows of one file, and one that puts out what they make, in order. */
#include "tool/jobs.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#define JOBS_LOG (2 * (JOBS_MAX + 2) * PART_NAMES)
#define JOBS_EDGES(count) (2 * (count) + CUT_EDGES_AT_ONCE + 4)
#define JOBS_SAID_BYTES 65536u /* more than a message */
#define JOBS_NO_EDGE UINT32_MAX
#define JOBS_FAILED 4 /* as DECODE_FAILED */

/* What a worker reports. */
#define JOBS_KNOWN 'K'  /* the first item of all was there; it goes on */
#define JOBS_DONE 'D'   /* its window is */
#define JOBS_WAITS 'W'  /* its window goes on to the end: for its turn */
#define JOBS_FULL 'F'   /* for room */
#define JOBS_ADDED 'P'  /* what its window has counted was added */
#define JOBS_CANNOT 'N' /* it cannot be, or it cannot go on with what others have counted */
#define JOBS_ENDED 'E'  /* all is */
/* What the leader tells it. */
#define JOBS_RUN 'R'   /* a window */
#define JOBS_AGAIN 'A' /* the same */
#define JOBS_GO 'G'    /* its turn has come */
#define JOBS_ADD 'S'   /* its turn has come, and its window is done */
#define JOBS_ROOM 'O'  /* there is room */

enum jobs_state {
    JOBS_IDLE,
    JOBS_RUNS,
    JOBS_IS_DONE,
    JOBS_IS_WAITING,
    JOBS_IS_FULL,
    JOBS_HAS_ADDED,
    JOBS_CANNOT_ADD,
    JOBS_HAS_ENDED,
    JOBS_IS_LOST
};

/* What to do; written by the leader while the worker waits. */
struct jobs_order {
    uint32_t from, until; /* edges, or JOBS_NO_EDGE */
    bool again, alone;
    bool flood;
    int error; /* of the output */
    uint64_t log_end;
    struct part_first first;
    struct part_counts before;
};

/* What was done; written by the worker before it tells so. */
struct jobs_answer {
    struct part_counts counts;
    struct part_first first;
    uint32_t name_count;
    int code;
};

/* A piece of what is put out. A worker formats into one, so nothing is copied. */
struct jobs_piece {
    uint32_t bytes;
    char text[OUT_BUFFER_BYTES];
};

struct jobs_page {
    struct jobs_order order;
    struct jobs_answer answer;
    uint64_t head, tail; /* pieces that were put in, and taken out */
    uint64_t put_bytes;  /* all of them */
    uint32_t said_bytes; /* messages that were not put out yet */
    bool spoke;          /* there were any */
    char said[JOBS_SAID_BYTES];
    struct part_name names[PART_NAMES];
    uint64_t asked[TASK_BIT_WORDS];
};

struct jobs_shared {
    struct cut_side sides[CUT_SIDES];
    struct cut_edge edges[JOBS_EDGES(JOBS_MAX)];
    struct part_name log[JOBS_LOG]; /* names of all windows whose turn was, in order */
    struct part_sum sum;            /* written by the worker whose turn it is */
    struct jobs_page page[];
};

/* --- starting --- */

static void jobs_begin(struct jobs *j, uint32_t i, const struct child *at)
{
    for (uint32_t k = 0; k < i; k++)
        child_close(&j->worker[k].at);
    j->role = JOBS_WORKER;
    j->at = *at;
    j->page = &j->shared->page[i];
}

/* False: it cannot be started. In the worker, too, it returns true. */
static bool jobs_start(struct jobs *j, uint32_t i)
{
    struct child at;

    switch (child_start(&at)) {
    case CHILD_ITSELF:
        jobs_begin(j, i, &at);
        return true;
    case CHILD_PARENT:
        j->worker[i] = (struct jobs_worker){.at = at};
        j->count = i + 1;
        return true;
    case CHILD_NONE:
        break;
    }
    return false;
}

uint32_t jobs_online(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t set;

    /* It fails where there are more than the set has room for. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        online = CPU_COUNT(&set);
    return online < 1 ? 1 : online > JOBS_MAX ? JOBS_MAX : (uint32_t)online;
}

bool jobs_open(struct jobs *j, uint32_t count)
{
    uint32_t room = (JOBS_ROOM_BYTES + JOBS_ROOM_SHARED_BYTES / count) / sizeof(struct jobs_piece);
    size_t pages = sizeof(struct jobs_shared) + count * sizeof(struct jobs_page);
    size_t bytes = pages + (size_t)count * room * sizeof(struct jobs_piece);
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    *j = (struct jobs){.role = JOBS_NONE};
    if (shared == MAP_FAILED)
        return false;
    j->shared = shared;
    j->pieces = (struct jobs_piece *)((char *)shared + pages);
    j->room = room;
    j->shared_bytes = bytes;
    j->role = JOBS_LEADER;
    for (uint32_t i = 0; i < count && j->role == JOBS_LEADER; i++)
        if (!jobs_start(j, i)) {
            jobs_close(j);
            return false;
        }
    return true;
}

void jobs_close(struct jobs *j)
{
    for (uint32_t i = 0; i < j->count && j->role == JOBS_LEADER; i++)
        child_close(&j->worker[i].at);
    cut_close(&j->cut);
    if (j->shared)
        (void)munmap(j->shared, j->shared_bytes);
    j->shared = NULL;
    j->count = 0;
    j->role = JOBS_NONE;
}

size_t jobs_written(const struct jobs *j, int fd[JOBS_MAX])
{
    if (j->role == JOBS_NONE)
        return 0;
    if (j->role == JOBS_WORKER) {
        fd[0] = j->at.tell;
        return 1;
    }
    for (uint32_t i = 0; i < j->count; i++)
        fd[i] = j->worker[i].at.tell;
    return j->count;
}

/* --- a worker --- */

/* What it is told; it ends with the one that leads. */
static char jobs_ask(struct jobs *j, char what)
{
    char told = child_tell(&j->at, what) ? child_hear(&j->at) : 0;

    if (!told)
        _exit(0);
    j->again = told == JOBS_AGAIN;
    if (j->again)
        j->part->sink.enough = true;
    return told;
}

static struct jobs_piece *jobs_piece(const struct jobs *j, const struct jobs_page *p, uint64_t i)
{
    return &j->pieces[(size_t)(p - j->shared->page) * j->room + i % j->room];
}

/* The piece that is formatted into. */
static void jobs_lend(struct jobs *j)
{
    struct jobs_piece *piece = jobs_piece(j, j->page, j->page->head);

    j->out->buffer = j->out->at = piece->text;
    j->out->end = piece->text + sizeof(piece->text);
}

/* Waits for room for one piece more. 0 or why nothing can be put out. */
static int jobs_make_room(struct jobs *j)
{
    struct jobs_page *p = j->page;

    while (!j->again && p->head - p->tail >= j->room - 1) {
        (void)jobs_ask(j, JOBS_FULL);
        if (!j->again && p->order.error)
            return p->order.error;
    }
    return j->again ? ECANCELED : 0;
}

int jobs_write(void *context, const void *bytes, size_t n)
{
    struct jobs *j = context;
    struct jobs_page *p = j->page;
    struct jobs_piece *piece = jobs_piece(j, p, p->head);
    int error;

    /* Before there is a window there is nothing to put out. */
    if (bytes != piece->text || j->mute)
        return 0;
    piece->bytes = (uint32_t)n;
    p->put_bytes += n;
    p->head++;
    error = jobs_make_room(j);
    jobs_lend(j);
    return error;
}

/* Text that is being formatted stays where it is: it is put out after the message, as it would be of one process. */
int jobs_say(void *context, const void *bytes, size_t n)
{
    struct jobs *j = context;
    struct jobs_page *p = j->page;
    bool after = j->out && j->out->at == j->out->buffer && p->head != p->tail;

    j->said++;
    if (!j->out || j->mute || j->again || n > sizeof(p->said))
        return 0;
    if (after || p->said_bytes + n > sizeof(p->said))
        (void)jobs_ask(j, JOBS_FULL);
    if (j->again)
        return 0;
    memcpy(p->said + p->said_bytes, bytes, n);
    p->said_bytes += (uint32_t)n;
    p->spoke = true;
    return 0;
}

static void jobs_known(void *context)
{
    struct jobs *j = context;

    j->page->answer.first = j->part->first;
    if (!child_tell(&j->at, JOBS_KNOWN))
        _exit(0);
}

static bool jobs_alone(void *context)
{
    struct jobs *j = context;
    const struct jobs_order *o = &j->page->order;

    if (!j->given && jobs_ask(j, JOBS_WAITS) != JOBS_GO)
        return false;
    if (!part_receive(j->part, &j->shared->sum)) {
        (void)jobs_ask(j, JOBS_CANNOT);
        return false;
    }
    part_give(j->part, &o->before);
    return true;
}

/* Brings all to where the window begins. */
static void jobs_enter(struct jobs *j)
{
    const struct jobs_order *o = &j->page->order;
    const struct cut_edge *edges = j->shared->edges;
    const struct cut_edge *until = o->until == JOBS_NO_EDGE ? NULL : &edges[o->until];

    j->again = false;
    j->given = o->alone;
    jobs_lend(j);
    j->out->error = 0;
    if (o->from == JOBS_NO_EDGE) {
        part_start(j->part, until);
        return;
    }
    j->mute = true;
    memset(j->page->asked, 0, sizeof(j->page->asked));
    part_enter(j->part, &edges[o->from], j->shared->sides, o->again);
    for (uint64_t i = j->log_end; i < o->log_end; i++)
        part_name(j->part, &j->shared->log[i % JOBS_LOG]);
    part_resume(j->part, until, &o->first);
    jobs_lend(j);
    j->mute = false;
}

/* Its window is done: waits until that counts. False: it is to try again. */
static bool jobs_hand(struct jobs *j)
{
    char told;

    part_take(j->part, &j->page->answer.counts);
    j->page->answer.name_count = j->part->name_count;
    told = jobs_ask(j, JOBS_DONE);
    if (told == JOBS_ADD)
        told = jobs_ask(j, part_hand(j->part, &j->shared->sum) ? JOBS_ADDED : JOBS_CANNOT);
    return told != JOBS_AGAIN;
}

void jobs_work(struct jobs *j, struct part *p)
{
    char told = child_hear(&j->at);

    if (!told)
        _exit(0);
    mem_keep();
    j->part = p;
    j->out = p->out;
    free(j->out->buffer);
    p->alone = jobs_alone;
    p->known = jobs_known;
    p->context = j;
    p->said = &j->said;
    p->names = j->page->names;
    p->stream->tasks.asked = j->page->asked;
    for (;;) {
        uint64_t log_end = j->page->order.log_end;

        jobs_enter(j);
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
        if (jobs_hand(j))
            j->log_end = log_end;
    }
}

bool jobs_flood(const struct jobs *j)
{
    return j->page->order.flood;
}

_Noreturn void jobs_finish(struct jobs *j, int code)
{
    if (j->part)
        part_take(j->part, &j->page->answer.counts);
    j->page->answer.code = code;
    (void)child_tell(&j->at, JOBS_ENDED);
    _exit(0);
}

/* --- the leader --- */

static struct jobs_page *jobs_page(const struct jobs *j, const struct jobs_worker *w)
{
    return &j->shared->page[w - j->worker];
}

/* Puts out what a worker has made. */
static void jobs_drain(struct jobs *j, const struct jobs_worker *w)
{
    struct jobs_page *p = jobs_page(j, w);

    if (p->said_bytes)
        (void)j->diag_sink.write(j->diag_sink.context, p->said, p->said_bytes);
    p->said_bytes = 0;
    for (; p->tail < p->head; p->tail++) {
        const struct jobs_piece *piece = jobs_piece(j, p, p->tail);

        if (!j->error)
            j->error = j->sink.write(j->sink.context, piece->text, piece->bytes);
    }
}

static uint32_t jobs_slot(const struct jobs *j, const struct cut_edge *e)
{
    return e ? (uint32_t)(e - j->shared->edges) : JOBS_NO_EDGE;
}

/* One that is not there any more is seen when it is listened to. */
static void jobs_order(struct jobs *j, struct jobs_worker *w, char what)
{
    struct jobs_order *o = &jobs_page(j, w)->order;

    o->first = j->first;
    if (what == JOBS_RUN || what == JOBS_AGAIN)
        w->log_end = j->logged;
    o->log_end = w->log_end;
    o->before = j->counts;
    o->error = j->error;
    o->flood = *j->flood;
    w->state = JOBS_RUNS;
    (void)child_tell(&w->at, what);
}

/* The same window once more, by all that is known now. `alone`: it is the last. */
static void jobs_repeat(struct jobs *j, struct jobs_worker *w, bool alone)
{
    struct jobs_page *p = jobs_page(j, w);

    p->head = p->tail;
    p->said_bytes = 0;
    w->began = p->put_bytes;
    p->order.again = true;
    p->order.alone = alone;
    jobs_order(j, w, JOBS_AGAIN);
}

/* Gives the next window to a worker. False: there is none now. */
static bool jobs_give(struct jobs *j, struct jobs_worker *w)
{
    struct jobs_order *o = &jobs_page(j, w)->order;

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
    o->from = jobs_slot(j, j->next ? j->edge : NULL);
    o->until = jobs_slot(j, j->further);
    o->again = false;
    o->alone = !j->further;
    w->window = j->next++;
    w->began = jobs_page(j, w)->put_bytes;
    j->edge = j->further;
    j->further = NULL;
    jobs_order(j, w, JOBS_RUN);
    return true;
}

/* Has a worker used a name that was another by then? */
static bool jobs_conflict(const struct jobs *j, const struct jobs_worker *w)
{
    const struct jobs_page *p = jobs_page(j, w);

    for (uint64_t i = w->log_end; i < j->logged; i++) {
        uint32_t bit = task_bit(j->shared->log[i % JOBS_LOG].pid);

        if (p->asked[bit / 64] >> bit % 64 & 1)
            return true;
    }
    return false;
}

/* Windows that are as large as their output has room, as it was of the last ones. */
static void jobs_measure(struct jobs *j, const struct jobs_worker *w)
{
    const struct jobs_page *p = jobs_page(j, w);
    const struct cut_edge *edges = j->shared->edges;
    uint64_t out = p->put_bytes - w->began, room = j->room * (uint64_t)OUT_BUFFER_BYTES, until;
    double unit = JOBS_WINDOW_MOST;

    if (j->unit || p->order.until == JOBS_NO_EDGE)
        return;
    until = j->cut.places ? edges[p->order.until].made_at : edges[p->order.until].data_end;
    j->read = j->read / 8 * 7 + (until > j->until ? (double)(until - j->until) : 0);
    j->wrote = j->wrote / 8 * 7 + (double)out;
    j->until = until;
    if (j->wrote > 0)
        unit = j->read / j->wrote * (double)room / 8 * 7;
    unit = unit < JOBS_WINDOW_BYTES / 4 ? JOBS_WINDOW_BYTES / 4 : unit;
    j->cut.unit = unit > JOBS_WINDOW_MOST ? JOBS_WINDOW_MOST : (uint64_t)unit;
    if (j->sums && !out)
        j->cut.unit = JOBS_WINDOW_SUM;
}

/* A window is whole, and is put out. */
static void jobs_accept(struct jobs *j, struct jobs_worker *w)
{
    const struct jobs_page *p = jobs_page(j, w);

    jobs_measure(j, w);
    jobs_drain(j, w);
    for (uint32_t i = 0; i < p->answer.name_count; i++)
        j->shared->log[j->logged++ % JOBS_LOG] = p->names[i];
    part_add(&j->counts, &p->answer.counts);
    j->cut.used = j->now++;
    w->state = JOBS_IDLE;
}

static bool jobs_reaches_head(const struct jobs *j, const struct jobs_worker *w)
{
    return j->has_head &&
           j->counts.select.shown + jobs_page(j, w)->answer.counts.select.shown >= j->head;
}

/* Did it begin with all that is known of what is before it? */
static bool jobs_is_last(const struct jobs *j, const struct jobs_worker *w)
{
    return !j->error && !(j->has_head && j->counts.select.shown) && w->log_end == j->logged;
}

/* It is the only one from now on. */
static void jobs_leave_alone(struct jobs *j, struct jobs_worker *w)
{
    for (uint32_t i = 0; i < j->count; i++)
        if (&j->worker[i] != w)
            child_close(&j->worker[i].at);
    jobs_page(j, w)->order.alone = true;
    j->edge = NULL;
}

/* The one whose turn it is. False: it is still busy. */
static bool jobs_advance(struct jobs *j, struct jobs_worker *w)
{
    bool alone = jobs_page(j, w)->order.alone;

    switch ((enum jobs_state)w->state) {
    case JOBS_IS_DONE:
        if (j->error || jobs_reaches_head(j, w)) {
            jobs_leave_alone(j, w);
            jobs_repeat(j, w, true);
        } else if (jobs_conflict(j, w)) {
            jobs_repeat(j, w, false);
        } else if (j->sums) {
            jobs_order(j, w, JOBS_ADD);
        } else {
            jobs_accept(j, w);
        }
        return true;
    case JOBS_HAS_ADDED:
        jobs_accept(j, w);
        return true;
    case JOBS_CANNOT_ADD:
        jobs_leave_alone(j, w);
        jobs_repeat(j, w, true);
        return true;
    case JOBS_IS_FULL:
        if (!alone && !jobs_is_last(j, w)) {
            bool last = j->error || j->has_head;

            if (last)
                jobs_leave_alone(j, w);
            jobs_repeat(j, w, last);
        } else {
            jobs_drain(j, w);
            jobs_order(j, w, JOBS_ROOM);
        }
        return true;
    case JOBS_IS_WAITING:
        jobs_leave_alone(j, w);
        if (jobs_is_last(j, w))
            jobs_order(j, w, JOBS_GO);
        else
            jobs_repeat(j, w, true);
        return true;
    default:
        return false;
    }
}

/* Takes what workers tell. */
static void jobs_listen(struct jobs *j)
{
    struct pollfd fd[JOBS_MAX];

    for (uint32_t i = 0; i < j->count; i++)
        fd[i] = (struct pollfd){.fd = j->worker[i].at.hear, .events = POLLIN};
    if (poll(fd, j->count, -1) < 0)
        return;
    for (uint32_t i = 0; i < j->count; i++) {
        struct jobs_worker *w = &j->worker[i];

        if (!fd[i].revents || fd[i].fd < 0)
            continue;
        switch (child_hear(&w->at)) {
        case JOBS_KNOWN:
            j->first = jobs_page(j, w)->answer.first;
            break;
        case JOBS_DONE:
            w->state = JOBS_IS_DONE;
            break;
        case JOBS_WAITS:
            w->state = JOBS_IS_WAITING;
            break;
        case JOBS_FULL:
            w->state = JOBS_IS_FULL;
            break;
        case JOBS_ADDED:
            w->state = JOBS_HAS_ADDED;
            break;
        case JOBS_CANNOT:
            w->state = JOBS_CANNOT_ADD;
            break;
        case JOBS_ENDED:
            w->state = JOBS_HAS_ENDED;
            break;
        default: /* its pipe is closed: it is lost, unless it reported its end before that */
            if (w->state != JOBS_HAS_ENDED)
                w->state = JOBS_IS_LOST;
            child_close(&w->at);
        }
    }
}

/* The one whose turn it is; NULL: nobody has that window. */
static struct jobs_worker *jobs_at_turn(struct jobs *j)
{
    for (uint32_t i = 0; i < j->count; i++)
        if (j->worker[i].state != JOBS_IDLE && j->worker[i].window == j->now && j->now < j->next)
            return &j->worker[i];
    return NULL;
}

/* Is there memory for so many workers? */
static bool jobs_fits(const struct jobs *j, uint64_t workers)
{
    uint64_t room = workers * JOBS_ROOM_BYTES + JOBS_ROOM_SHARED_BYTES;

    return room + workers * j->cut.held + JOBS_MEMORY_OTHER <=
           JOBS_MEMORY_BYTES + workers * JOBS_MEMORY_EACH;
}

/* How large the chunks of all CPUs are is found out on the way: then some workers end. One stays. */
static void jobs_shrink(struct jobs *j)
{
    for (uint32_t i = j->count; j->bounded && i-- > 1 && !jobs_fits(j, i + 1);)
        if (j->worker[i].state == JOBS_IDLE)
            child_close(&j->worker[i].at);
}

/* All that can be done without waiting. */
static struct jobs_worker *jobs_turn(struct jobs *j)
{
    struct jobs_worker *w;

    do {
        jobs_shrink(j);
        for (uint32_t i = 0; i < j->count; i++)
            if (j->worker[i].state == JOBS_IDLE && j->worker[i].at.tell >= 0 &&
                !jobs_give(j, &j->worker[i]))
                break;
        w = jobs_at_turn(j);
    } while (w && jobs_advance(j, w));
    return w;
}

static void jobs_lost(struct jobs *j)
{
    static const char text[] = "tpdecode: a process that decodes a part of it has ended\n";

    j->failed = true;
    (void)j->diag_sink.write(j->diag_sink.context, text, sizeof(text) - 1);
}

int jobs_lead(struct jobs *j, struct stream *s)
{
    struct jobs_worker *w;

    if (!cut_open(&j->cut, &s->in, j->shared->edges, JOBS_EDGES(j->count), j->shared->sides)) {
        if (j->cut.size)
            input_seek(&s->in, 0);
        return JOBS_ALONE;
    }
    j->cut.unit = j->unit ? j->unit : JOBS_WINDOW_BYTES;
    j->cut.places = j->places;
    j->further = cut_next(&j->cut);
    if (!j->further || j->cut.cpus > j->most_cpus || (j->bounded && !jobs_fits(j, 2))) {
        input_seek(&s->in, 0);
        return JOBS_ALONE;
    }
    for (;;) {
        w = jobs_turn(j);
        if (j->turn)
            j->turn(j->turn_context);
        if (w && w->state == JOBS_HAS_ENDED) {
            jobs_drain(j, w);
            s->records = jobs_page(j, w)->answer.counts.records;
            j->failed = jobs_page(j, w)->spoke;
            return jobs_page(j, w)->answer.code;
        }
        if (!w || w->state == JOBS_IS_LOST) {
            jobs_lost(j);
            return JOBS_FAILED;
        }
        s->records = j->counts.records;
        jobs_listen(j);
    }
}
