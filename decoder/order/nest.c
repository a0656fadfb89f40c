/* SPDX-License-Identifier: MIT */
/* nest.c - what begins and ends, put together. */
#include "order/nest.h"

#include <stdlib.h>

#include "base/mem.h"

#define NEST_HEADS (2 * NEST_OPEN)
#define NEST_WAYS 4u /* places of a whole span's track in rows */

struct nest_frame {
    struct nest_span span;
    uint64_t name;         /* a hash; 0: it has none of its own */
    uint32_t below, depth; /* on its track; */
    uint32_t deeper;       /* and begins above it for which there was no room */
    uint32_t next;         /* of the last ones of tracks of the same hash; or unused */
    uint32_t older, newer; /* of its capture's list */
};

/* Two lists: of CPUs, and of all else. Losses of one CPU leave the stacks of others alone. */
struct nest_stream {
    uint32_t newest[2];
    uint64_t last_ns;
};

struct nest_row {
    bool used;
    struct nest_span span;
    uint64_t end_ns[NEST_LANES];
};

static uint64_t nest_mix(uint64_t h)
{
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

uint64_t nest_hash(uint64_t from, const void *bytes, size_t n)
{
    uint64_t h = from ^ 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return nest_mix(h ^ n << 56);
}

void nest_open(struct nest *n, struct roles *roles, struct sched *sched, struct symbols *symbols,
               const struct nest_calls *calls)
{
    *n = (struct nest){.roles = roles, .sched = sched, .symbols = symbols, .calls = *calls};
}

void nest_close(struct nest *n)
{
    free(n->frames);
    free(n->heads);
    free(n->rows);
    free(n->streams);
    *n = (struct nest){.roles = NULL};
}

void nest_begin(struct nest *n, const struct stream *s)
{
    n->streams = mem_reach(n->streams, &n->stream_count, s->number, 1, sizeof(*n->streams));
    n->streams[s->number] = (struct nest_stream){.last_ns = 0};
}

/* --- stacks --- */

static bool nest_same(const struct nest_span *a, const struct nest_span *b)
{
    return a->kind == b->kind && a->stream == b->stream && a->number == b->number;
}

static uint64_t nest_place(const struct nest_span *s)
{
    return nest_mix(s->number ^ (uint64_t)s->stream << 40 ^ (uint64_t)s->kind << 60);
}

static uint32_t *nest_head(const struct nest *n, const struct nest_span *s)
{
    return &n->heads[nest_place(s) % NEST_HEADS];
}

/* What began last on a track, or 0. */
static uint32_t nest_top(const struct nest *n, const struct nest_span *s)
{
    uint32_t i = n->frames ? *nest_head(n, s) : 0;

    while (i && !nest_same(&n->frames[i].span, s))
        i = n->frames[i].next;
    return i;
}

static uint32_t *nest_newest(struct nest *n, const struct nest_span *s)
{
    return &n->streams[s->stream].newest[s->kind != NEST_CPU];
}

/* In the place of the one below it, which is the last of its track, or 0. */
static void nest_link(struct nest *n, uint32_t frame)
{
    struct nest_frame *f = &n->frames[frame];
    uint32_t *at = nest_head(n, &f->span), *newest = nest_newest(n, &f->span);

    while (*at && *at != f->below)
        at = &n->frames[*at].next;
    f->next = f->below ? n->frames[f->below].next : 0;
    *at = frame;
    f->older = *newest;
    if (*newest)
        n->frames[*newest].newer = frame;
    *newest = frame;
}

/* The last of its track. */
static void nest_unlink(struct nest *n, uint32_t frame)
{
    struct nest_frame *f = &n->frames[frame];
    uint32_t *at = nest_head(n, &f->span);

    while (*at != frame)
        at = &n->frames[*at].next;
    *at = f->below ? f->below : f->next;
    if (f->below)
        n->frames[f->below].next = f->next;
    *(f->newer ? &n->frames[f->newer].older : nest_newest(n, &f->span)) = f->older;
    if (f->older)
        n->frames[f->older].newer = f->newer;
    f->next = n->unused;
    n->unused = frame;
}

static uint64_t nest_now(struct nest *n, uint32_t stream, uint64_t ns)
{
    uint64_t *last = &n->streams[stream].last_ns;

    return *last = ns > *last ? ns : *last;
}

static void nest_push(struct nest *n, struct nest_span *s, const struct nest_record *r,
                      uint64_t name, uint64_t ns)
{
    uint32_t top, frame;

    if (!n->heads) {
        n->heads = mem_zero(NEST_HEADS * sizeof(*n->heads));
        n->frames = mem_zero((NEST_OPEN + 1) * sizeof(*n->frames));
    }
    top = nest_top(n, s);
    if ((!n->unused && n->used == NEST_OPEN) || (top && n->frames[top].depth == NEST_DEPTH)) {
        n->dropped++;
        n->frames[top].deeper += top != 0;
        return;
    }
    frame = n->unused ? n->unused : ++n->used;
    n->unused = n->frames[frame].next;
    s->begin_ns = nest_now(n, s->stream, ns);
    s->slot = frame;
    s->lane = s->kind == NEST_ID ? frame : 0;
    s->outer = top;
    n->frames[frame] = (struct nest_frame){
        .span = *s, .name = name, .below = top, .depth = top ? n->frames[top].depth + 1 : 1};
    nest_link(n, frame);
    n->calls.begin(n->calls.context, &n->frames[frame].span, r);
}

static void nest_pop(struct nest *n, uint32_t frame, uint64_t ns, enum nest_why why,
                     const struct nest_record *r)
{
    const struct nest_span *s = &n->frames[frame].span;

    n->why[why]++;
    n->calls.end(n->calls.context, s, nest_now(n, s->stream, ns), why, r);
    nest_unlink(n, frame);
}

/* All of a track. */
static void nest_clear(struct nest *n, const struct nest_span *s, uint64_t ns, enum nest_why why)
{
    uint32_t top;

    while ((top = nest_top(n, s)) != 0)
        nest_pop(n, top, ns, why, NULL);
}

/* --- what a record says --- */

/* A hash of a value. */
static uint64_t nest_value(uint64_t from, int8_t place, const struct nest_record *r)
{
    struct key k;

    key_value(&r->event->fields[place], &r->lane->record, r->tails, &k);
    return k.is_text ? nest_hash(from, k.text, k.bytes)
                     : nest_hash(~from, &k.number, sizeof(k.number));
}

/* False: the record does not have what it is to be on. */
static bool nest_find(struct nest *n, enum roles_argument a, const struct nest_record *r,
                      struct nest_span *s)
{
    const struct metadata_event *e = r->event;
    int8_t place = r->meaning->argument[a];
    __int128 number;

    *s = (struct nest_span){.kind = a == ROLES_ID                ? NEST_ID
                                    : place == ROLES_RECORD_CPU  ? NEST_CPU
                                    : place == ROLES_RECORD_TASK ? NEST_TASK
                                                                 : NEST_FIELD,
                            .stream = r->lane->stream->number,
                            .sys = nest_hash(0, e->sys.bytes, e->sys.n)};
    if (place >= 0) {
        s->number = nest_value(s->sys, place, r);
        return true;
    }
    if (!roles_number(r->meaning, a, r->lane, e, &number))
        return false;
    s->number = s->kind == NEST_TASK ? (uint64_t)sched_pid(n->sched, number) : (uint64_t)number;
    if (s->kind == NEST_ID)
        s->number = nest_hash(s->sys + (uint64_t)-place, &s->number, sizeof(s->number));
    return true;
}

/* An address is that of its function: where a function returns is not where it begins. Without symbols
 * it is no name. */
static uint64_t nest_name_hash(const struct nest_record *r)
{
    int8_t place = r->meaning->argument[ROLES_NAME];
    char name[NEST_NAME_BYTES];

    if (place < 0)
        return 0;
    if (r->event->fields[place].type != METADATA_PTR)
        return nest_value(1, place, r) | 1;
    return r->symbols ? nest_hash(1, name, nest_name(r, name)) | 1 : 0;
}

static void nest_start(struct nest *n, const struct nest_record *r, enum roles_argument a,
                       uint64_t ns)
{
    struct nest_span s;

    if (!nest_find(n, a, r, &s)) {
        n->without++;
        return;
    }
    if (s.kind == NEST_ID)
        nest_clear(n, &s, ns, NEST_AGAIN);
    nest_push(n, &s, r, nest_name_hash(r), ns);
}

static void nest_stop(struct nest *n, const struct nest_record *r, enum roles_argument a,
                      uint64_t ns)
{
    uint32_t top, frame;
    struct nest_span s;
    uint64_t name;

    if (!nest_find(n, a, r, &s)) {
        n->without++;
        return;
    }
    name = s.kind == NEST_ID ? 0 : nest_name_hash(r);
    top = frame = nest_top(n, &s);
    if (top && n->frames[top].deeper) {
        n->frames[top].deeper--;
        return;
    }
    while (frame && (n->frames[frame].span.sys != s.sys ||
                     (name && n->frames[frame].name && n->frames[frame].name != name)))
        frame = n->frames[frame].below;
    if (!frame) {
        n->ends++;
        return;
    }
    for (; top != frame; top = nest_top(n, &s))
        nest_pop(n, top, ns, NEST_CROSSED, NULL);
    nest_pop(n, frame, ns, NEST_ENDED, r);
}

/* --- spans that one record tells of --- */

/* The units of a field that is called so, or _so; else it has counts of the clock. */
static const struct nest_unit {
    const char *name;
    uint64_t ns;
} nest_units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}};

static uint64_t nest_unit(const struct metadata_text *field)
{
    for (size_t i = 0; i < sizeof(nest_units) / sizeof(nest_units[0]); i++) {
        const char *at = field->bytes + field->n - 2;

        if (field->n >= 2 && memcmp(at, nest_units[i].name, 2) == 0 &&
            (field->n == 2 || at[-1] == '_'))
            return nest_units[i].ns;
    }
    return 0;
}

/* When it began. False: it does not say, or that was before all time. */
static bool nest_since(const struct nest_record *r, uint64_t ns, uint64_t *begin_ns)
{
    int8_t place = r->meaning->argument[ROLES_DURATION];
    uint64_t unit = place < 0 ? 0 : nest_unit(&r->event->fields[place].name);
    __int128 v;

    if (place < 0 || !roles_number(r->meaning, ROLES_DURATION, r->lane, r->event, &v) || v < 0)
        return false;
    if (unit && v <= ns / unit)
        *begin_ns = ns - (uint64_t)v * unit;
    else if (!unit && v <= r->lane->time)
        *begin_ns = stream_ns(r->lane->stream, r->lane->time - (uint64_t)v);
    else
        return false;
    return *begin_ns <= ns;
}

/* Its track, or NULL: there is no room for one more. */
static struct nest_row *nest_row(struct nest *n, const struct nest_span *s)
{
    struct nest_row *row, *found = NULL;

    if (!n->rows)
        n->rows = mem_zero(NEST_ROWS * sizeof(*n->rows));
    row = &n->rows[nest_place(s) % (NEST_ROWS / NEST_WAYS) * NEST_WAYS];
    for (uint32_t i = 0; i < NEST_WAYS; i++) {
        if (row[i].used && nest_same(&row[i].span, s) && row[i].span.sys == s->sys)
            return &row[i];
        if (!row[i].used)
            found = &row[i];
    }
    if (found)
        *found = (struct nest_row){.used = true, .span = *s};
    return found;
}

static void nest_whole(struct nest *n, const struct nest_record *r, uint64_t ns)
{
    struct nest_row *row;
    uint32_t lane = 0;
    struct nest_span s;

    if (!nest_find(n, ROLES_TRACK, r, &s)) {
        s.kind = NEST_FIELD;
        s.number = s.sys;
    }
    if (!nest_since(r, ns, &s.begin_ns)) {
        n->without++;
        return;
    }
    row = nest_row(n, &s);
    while (row && lane < NEST_LANES && row->end_ns[lane] > s.begin_ns)
        lane++;
    if (!row || lane == NEST_LANES) {
        n->crowded++;
        return;
    }
    row->end_ns[lane] = ns;
    s.lane = lane + 1;
    n->calls.whole(n->calls.context, &s, ns, r);
}

/* --- all of them --- */

/* A task is new or has ended: what was open in it is of another one of its number, or never ends. */
static void nest_forget(struct nest *n, const struct nest_record *r, uint64_t ns)
{
    struct nest_span s = {.kind = NEST_TASK, .stream = r->lane->stream->number};
    __int128 task;

    if (!roles_number(r->meaning, ROLES_TASK, r->lane, r->event, &task))
        return;
    s.number = (uint64_t)sched_pid(n->sched, task);
    nest_clear(n, &s, ns, NEST_GONE);
}

void nest_take(struct nest *n, struct stream_lane *lane, const struct metadata_event *e,
               const struct value_tail *tails)
{
    const struct nest_record r = {lane, e, tails, roles_find(n->roles, e), n->symbols};
    uint64_t ns;

    if (r.meaning->is < ROLES_NEW || r.meaning->is > ROLES_CLOSE)
        return;
    ns = stream_ns(lane->stream, lane->time);
    switch (r.meaning->is) {
    case ROLES_NEW:
    case ROLES_GONE:
        nest_forget(n, &r, ns);
        break;
    case ROLES_BEGIN:
        nest_start(n, &r, ROLES_TRACK, ns);
        break;
    case ROLES_END:
        nest_stop(n, &r, ROLES_TRACK, ns);
        break;
    case ROLES_OPEN:
        nest_start(n, &r, ROLES_ID, ns);
        break;
    case ROLES_CLOSE:
        nest_stop(n, &r, ROLES_ID, ns);
        break;
    case ROLES_SPAN:
        nest_whole(n, &r, ns);
        break;
    default:
        break;
    }
}

void nest_lose(struct nest *n, struct stream_lane *lane)
{
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct nest_span s = {.kind = NEST_CPU, .stream = lane->stream->number, .number = lane->cpu};

    nest_clear(n, &s, ns, NEST_LOST);
    while (n->streams[s.stream].newest[1])
        nest_pop(n, n->streams[s.stream].newest[1], ns, NEST_LOST, NULL);
}

uint32_t nest_innermost(const struct nest *n, enum nest_kind kind, uint32_t stream, uint64_t number)
{
    return nest_top(n, &(struct nest_span){.kind = kind, .stream = stream, .number = number});
}

const struct nest_span *nest_open_span(const struct nest *n, uint32_t slot)
{
    return &n->frames[slot].span;
}

void nest_finish(struct nest *n, const struct stream *s, uint64_t ns)
{
    struct nest_stream *of = s->number < n->stream_count ? &n->streams[s->number] : NULL;

    for (unsigned list = 0; of && list < 2; list++)
        while (of->newest[list])
            nest_pop(n, of->newest[list], ns, NEST_LEFT, NULL);
    for (uint32_t i = 0; n->rows && i < NEST_ROWS; i++)
        n->rows[i].used = n->rows[i].used && n->rows[i].span.stream != s->number;
}

const char *nest_left_out(const struct nest *n, unsigned i, uint64_t *count)
{
    const struct {
        const char *text;
        uint64_t n;
    } all[] = {{"ends without a begin", n->ends},
               {"begins without an end", n->why[NEST_LEFT]},
               {"spans ended at a loss", n->why[NEST_LOST]},
               {"ended with what they began in", n->why[NEST_CROSSED]},
               {"ended with their task", n->why[NEST_GONE]},
               {"begun again before their end", n->why[NEST_AGAIN]},
               {"dropped, since too many are open", n->dropped},
               {"spans without a track, an id or a duration", n->without},
               {"spans with too many others on their track", n->crowded}};

    if (i >= sizeof(all) / sizeof(all[0]))
        return NULL;
    *count = all[i].n;
    return all[i].text;
}

const char *nest_why_word(enum nest_why why)
{
    static const char *const words[] = {[NEST_ENDED] = "ended",
                                        [NEST_CROSSED] = "what it began in has ended",
                                        [NEST_LOST] = "records are lost here",
                                        [NEST_GONE] = "its task has ended",
                                        [NEST_AGAIN] = "its id began again",
                                        [NEST_LEFT] = "the capture ends here"};

    return words[why];
}

size_t nest_name(const struct nest_record *r, char to[NEST_NAME_BYTES])
{
    const struct metadata_event *e = r->event;
    int8_t place = r->meaning->argument[ROLES_NAME];
    bool number = false;
    size_t n = 0;

    if (place >= 0)
        n = key_name(&e->fields[place], &r->lane->record, r->tails, r->symbols, to, &number);
    if (number) { /* syscall 5 */
        memmove(to + e->sys.n + 1, to, n);
        memcpy(to, e->sys.bytes, e->sys.n);
        to[e->sys.n] = ' ';
        return e->sys.n + 1 + n;
    }
    return n ? n : metadata_join(e, '_', to).n;
}
