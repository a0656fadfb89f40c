/* SPDX-License-Identifier: MIT */
/* text.c - records as lines of text, in the layout of ftrace. */
#include "text.h"

#include <stddef.h>
#include <string.h>

#include "mem.h"

#define TEXT_TASKS 256u     /* lines start the same way for the same task */
#define TEXT_TASK_BYTES 80u /* 16 bytes of name escaped, '-', 10 digits */

struct text_cache {
    struct text_task {
        uint32_t pid, generation;
        uint32_t bytes;             /* 0: not used */
        char text[TEXT_TASK_BYTES]; /* "%16s-%-7u" */
    } tasks[TEXT_TASKS];
};

static const char text_no_context[] = "           <...>-0      ";

void text_flags(char to[TEXT_FLAGS_BYTES], const uint8_t *context)
{
    uint8_t f = context[offsetof(struct tp_wire_context, flags)];
    uint8_t depth = context[offsetof(struct tp_wire_context, preempt_depth)];
    bool nmi = f & TP_CTX_NMI, hard = f & TP_CTX_HARDIRQ, soft = f & TP_CTX_SOFTIRQ;

    to[0] = f & TP_CTX_IRQS_OFF ? 'd' : '.';
    to[1] = f & TP_CTX_NEED_RESCHED ? 'N' : '.';
    /* The letters of ftrace: an upper case one interrupted the next lower level. */
    to[2] = nmi && hard ? 'Z' : nmi ? 'z' : hard && soft ? 'H' : hard ? 'h' : soft ? 's' : '.';
    to[3] = ".123456789abcdef"[depth < 15 ? depth : 15];
    to[4] = '.';
}

const char *text_comm(const struct stream *s, uint32_t pid, size_t *n)
{
    const struct task *t = task_find(&s->tasks, pid);
    const char *name = pid ? "<...>" : "<idle>";

    *n = t ? t->name_bytes : strlen(name);
    return t ? t->name : name;
}

static void text_task_make(const struct stream *s, struct text_task *t, uint32_t pid)
{
    char name[4 * TP_TASK_NAME_BYTES];
    size_t n;
    const char *comm = text_comm(s, pid, &n);
    char *p = t->text, *digits;

    n = out_escape(name, comm, n, OUT_TEXT);
    for (size_t i = n; i < 16; i++)
        *p++ = ' ';
    memcpy(p, name, n);
    p += n;
    *p++ = '-';
    for (digits = p, p = out_put_u32(p, pid); p < digits + 7;)
        *p++ = ' ';
    t->bytes = (uint32_t)(p - t->text);
    t->pid = pid;
    t->generation = s->tasks.generation;
}

static inline char *text_task(struct stream *s, char *p, uint32_t pid)
{
    struct text_task *t;

    if (!s->text_cache)
        s->text_cache = mem_zero(sizeof(*s->text_cache));
    t = &s->text_cache->tasks[pid % TEXT_TASKS];
    if (t->pid != pid || t->generation != s->tasks.generation || !t->bytes)
        text_task_make(s, t, pid);
    memcpy(p, t->text, TEXT_TASK_BYTES);
    return p + t->bytes;
}

static inline char *text_time(struct stream *s, char *p, uint64_t time)
{
    uint32_t micros;

    if (__builtin_expect(s->utc, 0)) {
        clock_utc(&s->pairs, s->clock.hz, time, p);
        return p + CLOCK_UTC_BYTES;
    }
    micros = clock_micros(&s->clock, time);
    memcpy(p, s->clock.text, sizeof(s->clock.text));
    return out_put_six(p + s->clock.text_bytes, micros);
}

/* Everything up to the time. */
static inline char *text_start(struct stream_lane *lane, char *p)
{
    struct stream *s = lane->stream;
    const struct record *r = &lane->record;
    if (r->context) {
        p = text_task(s, p, chunk_u32(r->context, r->swap));
    } else {
        memcpy(p, text_no_context, sizeof(text_no_context) - 1);
        p += sizeof(text_no_context) - 1;
    }
    memcpy(p, lane->cpu_text, sizeof(lane->cpu_text));
    p += lane->cpu_text_bytes;
    if (r->context)
        text_flags(p, r->context);
    else
        memcpy(p, ".....", TEXT_FLAGS_BYTES);
    p += TEXT_FLAGS_BYTES;
    *p++ = ' ';
    return text_time(s, p, r->time);
}

/* What has no definition that fits is shown as bytes. */
static void text_raw(struct out *o, struct stream_lane *lane, const struct metadata_event *e)
{
    const struct record *r = &lane->record;

    if (e) {
        out_text(o, ": ");
        out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
        out_text(o, ": too short for its fields: ");
    } else {
        out_text(o, ": unknown event ");
        out_u64(o, r->id);
        out_text(o, ": ");
    }
    out_hex_bytes(o, r->fields, r->bytes, false);
}

static void text_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct out *o = k->out;
    struct value_tail tails[TP_LIMIT_FIELDS];

    o->at = text_start(lane, out_room(o, 256));
    if (sink_tails(lane, e, tails))
        value_print(o, e, &lane->record, tails);
    else
        text_raw(o, lane, e);
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, " <unfinished>");
    *out_room(o, 1) = '\n';
    o->at++;
}

static void text_loss(struct sink *k, struct stream_lane *lane)
{
    struct out *o = k->out;
    static const char *const causes[STREAM_LOST_CAUSES] = {
        [TP_LOST_FULL] = "buffer full",
        [TP_LOST_NESTED] = "nested writer",
        [TP_LOST_OVERSIZE] = "record too large",
        [TP_LOST_RECURSION] = "recursion",
        [TP_LOST_OVERWRITTEN] = "overwritten",
        [STREAM_LOST_MISSING] = "missing from the dump",
        [STREAM_LOST_UNFINISHED] = "never finished by their writer",
    };

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        if (!lane->loss[i])
            continue;
        out_text(o, "--- cpu ");
        out_u64(o, lane->cpu);
        out_text(o, ": ");
        out_u64(o, lane->loss[i]);
        out_text(o, " records lost here (");
        out_text(o, causes[i]);
        out_text(o, ") ---\n");
    }
    if (lane->loss_damage) {
        out_text(o, "--- cpu ");
        out_u64(o, lane->cpu);
        out_text(o, ": records lost here (memory damaged, how many is not known) ---\n");
    }
}

struct sink text_sink(struct out *o)
{
    return (struct sink){
        .out = o, .event = text_event, .unfinished = text_event, .loss = text_loss};
}
