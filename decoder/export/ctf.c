/* SPDX-License-Identifier: MIT */
/* ctf.c - traces in the Common Trace Format, version 1.8. */
#include "export/ctf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "export/preamble.h"
#include "export/tsdl.h"
#include "order/common.h"
#include "order/join.h"

#define CTF_NOBODY (-1) /* the task of a record that says none */

struct ctf_trace {
    uint64_t number; /* as join_serial() has it */
    struct parcel parcel;
    bool described;
    uint32_t metadata; /* its file */
    uint8_t *known; /* by id, a bit: the event was described; NULL: none was, or it is at its end */
};

static const char *ctf_word(const struct ctf *c)
{
    return c->lttng ? "ctf-lttng" : "ctf";
}

static void ctf_check(struct ctf *c)
{
    if (c->folder->error && !c->sink.out->error)
        c->sink.out->error = c->folder->error;
}

static struct ctf_trace *ctf_trace(const struct ctf *c, const struct stream *s)
{
    uint32_t i = s->number < c->input_count ? c->inputs[s->number] : 0;

    return i ? &c->traces[i - 1] : NULL;
}

/* --- a trace begins --- */

/* The same capture always has the same one. */
static void ctf_uuid(uint8_t to[PARCEL_UUID_BYTES], const struct stream *s, uint32_t number)
{
    little_u64(to, nest_hash(number, &s->id, sizeof(s->id)));
    little_u64(to + 8, nest_hash(little_load_u32(to), &s->id, sizeof(s->id)));
    to[6] = (uint8_t)(0x80 | (to[6] & 0x0f)); /* version 8: made in a way of its own */
    to[8] = (uint8_t)(0x80 | (to[8] & 0x3f));
}

/* The first one is in the directory itself if no other is to come, as far as that is known. */
static char *ctf_path(struct ctf *c, const struct stream *s)
{
    char path[32] = "";
    char *copy;

    if (c->count == 1 && c->direct)
        diag_line(c->diag,
                  "--format %s: the input has another capture, and cannot be looked through first: "
                  "it is a trace of its own, capture-2, within that of the first one",
                  ctf_word(c));
    if (c->count || s->others || (s->survey.count && !s->survey.single)) {
        snprintf(path, sizeof(path), "capture-%" PRIu32, c->count + 1);
        folder_make(c->folder, path);
        strcat(path, "/");
    } else {
        c->direct = true;
    }
    copy = mem_alloc(sizeof(path));
    memcpy(copy, path, sizeof(path));
    return copy;
}

static void ctf_begin(struct sink *k, struct stream *s)
{
    struct ctf *c = (struct ctf *)k;
    uint64_t number = join_serial(s);
    struct ctf_trace *t;
    uint32_t i = 0;

    c->inputs = mem_reach(c->inputs, &c->input_count, s->number, 1, sizeof(*c->inputs));
    c->inputs[s->number] = 0;
    lttng_begin(&c->names, s);
    while (i < c->count && (!number || c->traces[i].number != number))
        i++;
    if (i == CTF_TRACES) {
        if (!c->others)
            diag_wrong(c->diag,
                       "--format %s has room for %u captures, and there are more: choose by --capture",
                       ctf_word(c), CTF_TRACES);
        c->others = true;
        return;
    }
    if (i == c->count) {
        c->traces = mem_reach(c->traces, &c->room, i, 1, sizeof(*c->traces));
        t = &c->traces[i];
        *t = (struct ctf_trace){.number = number};
        t->parcel.folder = c->folder;
        t->parcel.path = ctf_path(c, s);
        ctf_uuid(t->parcel.uuid, s, i);
        c->count++;
    }
    c->inputs[s->number] = i + 1;
    ctf_check(c);
}

/* --- records --- */

/* lane: NULL, it is no record of a task. */
static void ctf_context(struct ctf *c, struct pile *p, struct stream_lane *lane, uint32_t cut)
{
    const struct record *r = lane && lane->record.context ? &lane->record : NULL;
    char flags[COMMON_FLAGS_BYTES];
    int64_t pid = CTF_NOBODY;
    const char *comm = "";
    size_t n = 0;

    if (r) {
        pid = load_u32(r->context, r->swap);
        comm = task_comm(&lane->stream->tasks, (uint32_t)pid, &n);
        common_flags(flags, r->context);
    }
    if (c->lttng)
        pile_put(p, (uint64_t)(pid < 0 ? pid : sched_pid(&c->sched, pid)), 4);
    else
        pile_put(p, (uint64_t)pid, 8);
    pile_text(p, comm, n);
    pile_text(p, flags, r ? sizeof(flags) : 0);
    pile_put(p, cut, 2);
}

/* Which fields were too long to be recorded whole, a bit each. */
static uint32_t ctf_cut(const struct metadata_event *e, const struct value_tail *tails)
{
    uint32_t cut = 0;

    for (uint32_t i = 0; e->tail_count && i < e->field_count; i++)
        if (metadata_has_tail(&e->fields[i]) && tails[e->fields[i].tail].cut)
            cut |= 1u << i;
    return cut;
}

static void ctf_raw(struct pile *p, const struct record *r)
{
    pile_put(p, r->id, 2);
    pile_put(p, r->bytes, 4);
    pile_add(p, r->fields, r->bytes);
}

/* Its fields, and which event it is. */
static uint32_t ctf_fields(struct ctf *c, struct pile *p, struct stream_lane *lane,
                           const struct metadata_event *e, const struct value_tail *tails)
{
    uint32_t id = 0;

    if (c->lttng)
        id = lttng_take(&c->names, p, c->inputs[lane->stream->number], lane, e, tails);
    if (id)
        return id;
    tsdl_record(p, e, &lane->record, tails);
    return e->id;
}

static void ctf_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct ctf *c = (struct ctf *)k;
    struct ctf_trace *t = ctf_trace(c, lane->stream);
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);
    uint32_t id = PREAMBLE_UNKNOWN;
    struct pile *p;
    size_t at;

    if (!t)
        return;
    p = parcel_start(&t->parcel, lane->cpu, &ns);
    at = p->n;
    pile_put(p, 0, 4);
    pile_put(p, ns, 8);
    ctf_context(c, p, lane, fits ? ctf_cut(e, tails) : 0);
    if (fits)
        id = ctf_fields(c, p, lane, e, tails);
    else
        ctf_raw(p, &lane->record);
    little_u32(p->bytes + at, id);
    parcel_done(&t->parcel, lane->cpu);
    ctf_check(c);
}

static void ctf_unfinished(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct ctf *c = (struct ctf *)k;
    struct ctf_trace *t = ctf_trace(c, lane->stream);
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    char name[METADATA_JOINED_BYTES];
    struct pile *p;

    if (!t)
        return;
    p = parcel_start(&t->parcel, lane->cpu, &ns);
    pile_put(p, PREAMBLE_UNFINISHED, 4);
    pile_put(p, ns, 8);
    ctf_context(c, p, lane, 0);
    pile_text(p, name, e ? metadata_join(e, ':', name).n : 0);
    ctf_raw(p, &lane->record);
    parcel_done(&t->parcel, lane->cpu);
    ctf_check(c);
}

/* A record that tells of a loss, since a packet has no causes. */
static void ctf_lost(struct ctf *c, struct ctf_trace *t, struct stream_lane *lane, uint32_t cause,
                     uint64_t lost)
{
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    struct pile *p = parcel_start(&t->parcel, lane->cpu, &ns);

    pile_put(p, PREAMBLE_LOST, 4);
    pile_put(p, ns, 8);
    ctf_context(c, p, NULL, 0);
    pile_put(p, lost, 8);
    pile_put(p, cause, 1);
    parcel_done(&t->parcel, lane->cpu);
}

static void ctf_loss(struct sink *k, struct stream_lane *lane)
{
    struct ctf *c = (struct ctf *)k;
    struct ctf_trace *t = ctf_trace(c, lane->stream);
    uint64_t lost = lane->loss_damage;

    lttng_lose(&c->names, lane);
    if (!t)
        return;
    c->uncounted += lane->loss_damage;
    for (uint32_t i = 0; i < STREAM_LOST_CAUSES; i++)
        lost = number_add(lost, lane->loss[i]);
    parcel_lose(&t->parcel, lane->cpu, clock_ns(&lane->stream->clock, lane->time), lost);
    for (uint32_t i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            ctf_lost(c, t, lane, i, lane->loss[i]);
    if (lane->loss_damage)
        ctf_lost(c, t, lane, STREAM_LOST_CAUSES, 0);
    parcel_lost(&t->parcel, lane->cpu, lane->gap_open);
    ctf_check(c);
}

/* --- the description --- */

static void ctf_events(struct ctf *c, struct ctf_trace *t, const struct stream *s)
{
    const struct metadata *m = &s->metadata;

    if (!t->known)
        t->known = mem_zero(TP_ID_EVENT_MAX / 8 + 1);
    for (uint32_t id = 0; id < m->event_slots && id <= TP_ID_EVENT_MAX; id++) {
        struct out *o = folder_out(c->folder, t->metadata);
        char joined[METADATA_JOINED_BYTES];
        struct metadata_text name;

        if (!m->events[id] || t->known[id / 8] >> id % 8 & 1 || c->folder->error)
            continue;
        t->known[id / 8] |= (uint8_t)(1u << id % 8);
        name = metadata_join(m->events[id], ':', joined);
        tsdl_open(o, name.bytes, name.n, id);
        tsdl_fields(o, m->events[id]);
        tsdl_close(o);
    }
}

static void ctf_describe(struct ctf *c, struct ctf_trace *t, struct stream *s)
{
    bool first = !t->described;
    char name[64];

    if (first) {
        snprintf(name, sizeof(name), "%smetadata", t->parcel.path);
        t->metadata = folder_add(c->folder, name);
        t->described = true;
        if (preamble_write(folder_out(c->folder, t->metadata), &t->parcel, s, c->lttng))
            c->dated = true;
        else
            c->undated = true;
    }
    ctf_events(c, t, s);
    if (c->lttng)
        lttng_finish(&c->names, folder_out(c->folder, t->metadata), c->inputs[s->number], s, first);
}

/* --- the end --- */

static void ctf_end_trace(struct ctf *c, struct ctf_trace *t)
{
    parcel_end(&t->parcel);
    c->back += t->parcel.back;
    c->late += t->parcel.late;
    t->parcel.back = t->parcel.late = 0;
    parcel_close(&t->parcel);
    free(t->known);
    t->known = NULL;
}

static void ctf_finish(struct sink *k, struct stream *s)
{
    struct ctf *c = (struct ctf *)k;
    struct ctf_trace *t = ctf_trace(c, s);

    (void)roles_finish(&c->roles, s, 0);
    if (!t)
        return;
    ctf_describe(c, t, s);
    if (!s->others)
        ctf_end_trace(c, t);
    ctf_check(c);
}

static void ctf_say(struct ctf *c, uint64_t n, const char *what)
{
    if (n)
        diag_line(c->diag, "--format %s: %" PRIu64 " %s", ctf_word(c), n, what);
}

static void ctf_end(struct sink *k)
{
    struct ctf *c = (struct ctf *)k;

    for (uint32_t i = 0; i < c->count; i++)
        ctf_end_trace(c, &c->traces[i]);
    ctf_check(c);
    c->wrong = !roles_end(&c->roles, c->diag);
    ctf_say(c, c->back, "times went back, and are those of the record before");
    ctf_say(c, c->late, "times are beyond what readers take, 2^62 ns, and are that");
    ctf_say(c, c->uncounted, "losses whose number is not known count as 1 lost record each");
    ctf_say(c, c->names.crowded, "system calls keep their own event: too many have a name");
    if (c->dated && c->undated)
        diag_line(c->diag,
                  "--format %s: not all captures have a time of day, the others begin in 1970",
                  ctf_word(c));
}

static void ctf_close(struct sink *k)
{
    struct ctf *c = (struct ctf *)k;

    for (uint32_t i = 0; i < c->count; i++) {
        parcel_close(&c->traces[i].parcel);
        free(c->traces[i].known);
    }
    free(c->traces);
    free(c->inputs);
    lttng_close(&c->names);
    sched_close(&c->sched);
}

struct sink *ctf_open(struct ctf *c, struct out *o, const struct roles_options *roles, bool lttng,
                      struct folder *folder, struct diag *diag)
{
    *c = (struct ctf){.sink = {.out = o,
                               .begin = ctf_begin,
                               .event = ctf_event,
                               .unfinished = ctf_unfinished,
                               .loss = ctf_loss,
                               .settles = true,
                               .finish = ctf_finish,
                               .end = ctf_end,
                               .close = ctf_close},
                      .folder = folder,
                      .diag = diag,
                      .lttng = lttng};
    roles_open(&c->roles, roles);
    sched_open(&c->sched, &c->roles);
    lttng_open(&c->names, &c->roles, &c->sched);
    return &c->sink;
}
