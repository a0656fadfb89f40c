/* SPDX-License-Identifier: MIT */
/* dat.c - a trace.dat of version 6. */
#include "export/dat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "export/little.h"
#include "export/own.h"
#include "order/common.h"

#define DAT_IDS (UINT16_MAX + 1u)
#define DAT_COPY_BYTES 4096u
#define DAT_NOBODY (-1)                    /* the task of a record that says none */
#define DAT_CLOCK "[local] global counter" /* by which readers know that times are nanoseconds */

struct dat_part {
    uint64_t formats_at, formats_bytes, systems;
    uint64_t names_at, names_bytes;
};

/* --- formats and names, in the temporary file --- */

static void dat_u32(struct out *o, uint32_t v)
{
    uint8_t bytes[4];

    little_u32(bytes, v);
    out_bytes(o, bytes, sizeof(bytes));
}

static void dat_u64(struct out *o, uint64_t v)
{
    uint8_t bytes[8];

    little_u64(bytes, v);
    out_bytes(o, bytes, sizeof(bytes));
}

static int dat_discard(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

static int dat_spill(void *context, const void *bytes, size_t n)
{
    struct spill *s = ((struct dat *)context)->spill;

    (void)spill_add(s, bytes, n);
    return s->error;
}

/* Has another process ended, with pages that it had? The run reports it. */
static bool dat_lost(const struct dat *d)
{
    return d->crew && d->crew->lost;
}

/* The run ends if the temporary file has no room. */
static void dat_check_room(struct dat *d)
{
    if (!d->spill->error || d->sink.out->error)
        return;
    d->sink.out->error = d->spill->error;
    if (dat_lost(d))
        return;
    diag_line(d->diag, "--format trace.dat needs a temporary file, and has no room for it: set "
                       "TMPDIR to another folder");
}

/* The run ends if the temporary file is full, or too large for what was read. */
static void dat_check(struct dat *d, const struct stream *s)
{
    uint64_t bytes = d->spill->bytes + d->hand.bytes;

    if (!d->spill->error && bytes > DAT_FREE_BYTES &&
        (bytes - DAT_FREE_BYTES) / DAT_RATIO > s->in.taken)
        d->spill->error = EFBIG;
    dat_check_room(d);
}

/* A system of one event: readers join those of the same name. The names that Linux's events have stay theirs. */
static void dat_format(struct dat *d, const struct metadata_event *e)
{
    char name[TRACEFS_NAME_BYTES + 1], sys[TRACEFS_NAME_BYTES];
    uint64_t start = out_position(&d->length);

    tracefs_name(name, e->name);
    tracefs_name(sys, e->sys);
    if (own_has(sys, name))
        memcpy(name + strlen(name), "_", 2);
    tracefs_format(&d->length, e, name, own_id(e->id));
    out_text(&d->text, sys);
    out_bytes(&d->text, "", 1);
    dat_u32(&d->text, 1);
    dat_u64(&d->text, out_position(&d->length) - start);
    tracefs_format(&d->text, e, name, own_id(e->id));
}

static void dat_formats(struct dat *d, const struct stream *s, struct dat_part *part)
{
    const struct metadata *m = &s->metadata;

    out_flush(&d->text);
    part->formats_at = d->spill->bytes;
    for (uint32_t id = 0; id < m->event_slots && id < DAT_IDS && !d->sink.out->error; id++) {
        if (!m->events[id] || d->known[id / 8] >> id % 8 & 1)
            continue;
        d->known[id / 8] |= (uint8_t)(1u << id % 8);
        dat_format(d, m->events[id]);
        dat_check(d, s);
        part->systems++;
    }
    out_flush(&d->text);
    part->formats_bytes = d->spill->bytes - part->formats_at;
}

/* A line each: its number and its name. */
static void dat_names(struct dat *d, const struct task_table *tasks, struct dat_part *part)
{
    part->names_at = d->spill->bytes;
    for (uint32_t i = 0; i < tasks->count; i++) {
        const struct task *t = &tasks->slots[i];
        char text[4 * TP_TASK_NAME_BYTES];
        size_t n;

        if (!t->used || !t->name_bytes)
            continue;
        n = out_escape(text, t->name, t->name_bytes, OUT_TEXT);
        out_s64(&d->text, sched_pid(&d->sched, t->pid));
        out_bytes(&d->text, " ", 1);
        out_bytes(&d->text, text, n);
        out_bytes(&d->text, "\n", 1);
    }
    out_flush(&d->text);
    part->names_bytes = d->spill->bytes - part->names_at;
}

/* --- records --- */

static void dat_begin(struct sink *k, struct stream *s)
{
    struct dat *d = (struct dat *)k;

    if (!single_begin(&d->single, s))
        return;
    sched_begin(&d->sched, s);
    if (s->metadata.cpus > d->cpus)
        d->cpus = s->metadata.cpus;
}

/* What Linux knows: all its bytes, and which event it is. 0: it is nothing of that. */
static uint32_t dat_sched(struct dat *d, struct stream_lane *lane, const struct metadata_event *e,
                          const struct value_tail *tails, uint32_t *id)
{
    struct sched_event sched;

    switch (sched_take(&d->sched, lane, e, tails, &sched)) {
    case ROLES_SWITCH:
        *id = OWN_SWITCH;
        return own_switch(d->record, &d->sched, lane->stream, &sched);
    case ROLES_WAKE:
        *id = OWN_WAKING;
        return own_waking(d->record, &d->sched, lane->stream, &sched);
    default:
        return 0;
    }
}

/* A record with the fields of its event. False: it is too large. */
static bool dat_plain(struct dat *d, struct stream_lane *lane, const struct metadata_event *e,
                      uint64_t ns, int32_t pid)
{
    const struct record *r = &lane->record;
    struct hand_layout *layout = hand_layout(&d->hand, e, r->swap);

    return layout && hand_record(&d->hand, lane->cpu, ns,
                                 tracefs_header(own_id(r->id), r->context, pid), layout, r);
}

static bool dat_has(struct dat *d, const struct stream_lane *lane, uint64_t *without)
{
    if (!single_has(&d->single, lane->stream))
        return false;
    *without += lane->cpu >= PAGE_CPUS;
    return lane->cpu < PAGE_CPUS;
}

static void dat_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct dat *d = (struct dat *)k;
    const struct record *r = &lane->record;
    struct value_tail tails[TP_LIMIT_FIELDS];
    int32_t pid = DAT_NOBODY;
    uint64_t task, ns;
    uint32_t n = 0, id = OWN_UNKNOWN;
    bool fits;

    if (!dat_has(d, lane, &d->strangers))
        return;
    ns = stream_ns(lane->stream, lane->time);
    if (common_number(COMMON_PID, lane, &task))
        pid = sched_pid(&d->sched, task);
    fits = sink_tails(lane, e, tails);
    if (fits)
        n = dat_sched(d, lane, e, tails, &id);
    if (n || !fits || !dat_plain(d, lane, e, ns, pid)) {
        n = n ? n : own_unknown(d->record, PAGE_RECORD_BYTES, r);
        little_u64(d->record, tracefs_header(id, r->context, pid));
        hand_made(&d->hand, lane->cpu, ns, d->record, n);
    }
    dat_check(d, lane->stream);
}

/* Linux has no such thing: an event would say that it was recorded. */
static void dat_unfinished(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct dat *d = (struct dat *)k;

    (void)e;
    d->unfinished += single_has(&d->single, lane->stream);
}

static void dat_loss(struct sink *k, struct stream_lane *lane)
{
    struct dat *d = (struct dat *)k;
    uint64_t lost = 0, ns = stream_ns(lane->stream, lane->time);

    if (!dat_has(d, lane, &(uint64_t){0}))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        lost = number_add(lost, lane->loss[i]);
    sched_lose(&d->sched, lane);
    hand_lose(&d->hand, lane->cpu, ns, lost);
}

/* --- the file --- */

static void dat_finish(struct sink *k, struct stream *s)
{
    struct dat *d = (struct dat *)k;

    if (single_has(&d->single, s)) {
        d->parts = mem_grow(d->parts, (d->part_count + 1) * sizeof(*d->parts));
        d->parts[d->part_count] = (struct dat_part){.systems = 0};
        dat_formats(d, s, &d->parts[d->part_count]);
        dat_names(d, &s->tasks, &d->parts[d->part_count++]);
    }
    hand_forget(&d->hand);
    (void)roles_finish(&d->roles, s, 0);
}

static void dat_copy(struct dat *d, uint64_t at, uint64_t bytes)
{
    uint8_t buffer[DAT_COPY_BYTES];

    while (bytes) {
        size_t n = bytes < sizeof(buffer) ? (size_t)bytes : sizeof(buffer);

        if (!spill_read(d->spill, at, buffer, n))
            return;
        out_bytes(d->sink.out, buffer, n);
        at += n;
        bytes -= n;
    }
}

/* What pages look like. */
static void dat_headers(struct dat *d)
{
    static const char event[] = "# compressed entry header\n"
                                "\ttype_len    :    5 bits\n"
                                "\ttime_delta  :   27 bits\n"
                                "\tarray       :   32 bits\n"
                                "\n"
                                "\tpadding     : type == 29\n"
                                "\ttime_extend : type == 30\n"
                                "\ttime_stamp : type == 31\n"
                                "\tdata max type_len  == 28\n";
    char page[320];
    int n = snprintf(page, sizeof(page),
                     "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
                     "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
                     "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
                     "\tfield: char data;\toffset:16;\tsize:%" PRIu32 ";\tsigned:1;\n",
                     d->page.bytes - PAGE_HEAD_BYTES);

    out_bytes(d->sink.out, "header_page", 12);
    dat_u64(d->sink.out, (uint64_t)n);
    out_bytes(d->sink.out, page, (size_t)n);
    out_bytes(d->sink.out, "header_event", 13);
    dat_u64(d->sink.out, sizeof(event) - 1);
    out_text(d->sink.out, event);
}

static void dat_systems(struct dat *d)
{
    struct out *o = d->sink.out;
    uint64_t systems = OWN_EVENTS, start;

    for (uint32_t i = 0; i < d->part_count; i++)
        systems += d->parts[i].systems;
    dat_u32(o, 0); /* formats of tracers */
    dat_u32(o, (uint32_t)systems);
    for (size_t i = 0; i < OWN_EVENTS; i++) {
        start = out_position(&d->length);
        own_format(&d->length, &own_events[i]);
        out_bytes(o, own_events[i].sys, strlen(own_events[i].sys) + 1);
        dat_u32(o, 1);
        dat_u64(o, out_position(&d->length) - start);
        own_format(o, &own_events[i]);
    }
    for (uint32_t i = 0; i < d->part_count; i++)
        dat_copy(d, d->parts[i].formats_at, d->parts[i].formats_bytes);
}

static void dat_tasks(struct dat *d)
{
    uint64_t bytes = 0;

    dat_u32(d->sink.out, 0); /* names of functions, */
    dat_u32(d->sink.out, 0); /* and of formats of printk */
    for (uint32_t i = 0; i < d->part_count; i++)
        bytes += d->parts[i].names_bytes;
    dat_u64(d->sink.out, bytes);
    for (uint32_t i = 0; i < d->part_count; i++)
        dat_copy(d, d->parts[i].names_at, d->parts[i].names_bytes);
}

static void dat_option(struct out *o, uint16_t id, const void *bytes, uint32_t n)
{
    uint8_t head[2];

    little_u16(head, id);
    out_bytes(o, head, sizeof(head));
    dat_u32(o, n);
    out_bytes(o, bytes, n);
}

enum { DAT_OPTION_CLOCK = 4, DAT_OPTION_CPUS = 8, DAT_OPTION_VERSION = 9 };

static void dat_options(struct out *o, uint32_t cpus)
{
    uint8_t count[4];

    little_u32(count, cpus);
    out_bytes(o, "options  ", 10);
    dat_option(o, DAT_OPTION_CLOCK, DAT_CLOCK, sizeof(DAT_CLOCK));
    dat_option(o, DAT_OPTION_VERSION, "tpdecode " PACKAGE_VERSION,
               sizeof("tpdecode " PACKAGE_VERSION));
    dat_option(o, DAT_OPTION_CPUS, count, sizeof(count));
    out_bytes(o, "\0", 2);
}

/* Where the pages of each CPU are, and these: from the next page on. */
static void dat_pages(struct dat *d, uint32_t cpus)
{
    struct out *o = d->sink.out;
    uint64_t bytes = d->page.bytes, at, pages;

    out_bytes(o, "flyrecord", 10);
    at = (out_position(o) + 16ull * cpus + bytes - 1) / bytes * bytes;
    for (uint32_t i = 0; i < cpus; i++) {
        pages = page_count(&d->page, i);
        dat_u64(o, at);
        dat_u64(o, pages * bytes);
        at += pages * bytes;
    }
    out_pad(o, '\0', (size_t)((bytes - out_position(o) % bytes) % bytes));
    page_write(&d->page, o);
}

static void dat_file(struct dat *d)
{
    struct out *o = d->sink.out;
    uint32_t cpus = d->cpus < PAGE_CPUS ? (uint32_t)d->cpus : PAGE_CPUS;

    hand_settle(&d->hand);
    for (uint32_t i = 0; i < PAGE_CPUS; i++)
        if (page_lost(&d->page, i)) {
            little_u64(d->record, tracefs_header(OWN_END, NULL, DAT_NOBODY));
            page_add(&d->page, i, page_lost_ns(&d->page, i), d->record, TRACEFS_HEADER_BYTES);
        }
    page_end(&d->page);
    dat_check_room(d);
    if (o->error)
        return;
    if (d->page.used > cpus)
        cpus = d->page.used;
    out_bytes(o, "\x17\x08\x44tracing6\0\0\x08", 14);
    dat_u32(o, d->page.bytes);
    dat_headers(d);
    dat_systems(d);
    dat_tasks(d);
    dat_u32(o, cpus);
    dat_options(o, cpus);
    dat_pages(d, cpus);
}

static void dat_end(struct sink *k)
{
    struct dat *d = (struct dat *)k;

    d->wrong = !roles_end(&d->roles, d->diag);
    if (d->unfinished)
        diag_line(d->diag,
                  "--format trace.dat: %" PRIu64 " events that were never finished are left out",
                  d->unfinished);
    if (d->strangers)
        diag_line(d->diag,
                  "--format trace.dat: %" PRIu64 " records are of CPU %u or later and are left out",
                  d->strangers, PAGE_CPUS);
    if (d->single.any && !k->out->error)
        dat_file(d);
    if (d->spill->error && !k->out->error && !dat_lost(d)) {
        diag_line(d->diag, "--format trace.dat: its temporary file cannot be used");
        k->out->error = d->spill->error;
    }
}

static void dat_close(struct sink *k)
{
    struct dat *d = (struct dat *)k;

    sched_close(&d->sched);
    hand_close(&d->hand);
    page_close(&d->page);
    out_close(&d->text);
    out_close(&d->length);
    free(d->parts);
    free(d->record);
    free(d->known);
}

struct sink *dat_open(struct dat *d, struct out *o, const struct roles_options *roles,
                      struct crew *crew, struct spill *spills, struct diag *diag)
{
    *d = (struct dat){.sink = {.out = o,
                               .begin = dat_begin,
                               .event = dat_event,
                               .unfinished = dat_unfinished,
                               .loss = dat_loss,
                               .settles = true,
                               .finish = dat_finish,
                               .end = dat_end,
                               .close = dat_close},
                      .diag = diag,
                      .spill = spills,
                      .crew = crew,
                      .single = {.word = "trace.dat"}};
    roles_open(&d->roles, roles);
    sched_open(&d->sched, &d->roles);
    page_open(&d->page, spills, crew);
    hand_open(&d->hand, &d->page, crew);
    out_open(&d->text, (struct out_sink){dat_spill, d});
    out_open(&d->length, (struct out_sink){dat_discard, NULL});
    d->record = mem_alloc(PAGE_RECORD_BYTES);
    d->known = mem_zero(DAT_IDS / 8);
    return &d->sink;
}
