/* SPDX-License-Identifier: MIT */
/* common.c - what every record has as well as its fields. */
#include "order/common.h"

#include "base/colour.h"
#include "base/load.h"
#include "model/field.h"

static const struct common_name {
    const char *name;
    enum common what;
    bool always;
} common_names[] = {
    {"cpu", COMMON_CPU, false},           {"event", COMMON_EVENT, false},
    {"comm", COMMON_COMM, false},         {"CPU", COMMON_CPU, false},
    {"COMM", COMMON_COMM, false},         {"common_cpu", COMMON_CPU, true},
    {"common_comm", COMMON_COMM, true},   {"common_pid", COMMON_PID, true},
    {"common_flags", COMMON_FLAGS, true}, {"common_preempt_count", COMMON_PREEMPT, true},
    {"common_type", COMMON_TYPE, true},
};

#define COMMON_NAMES (sizeof(common_names) / sizeof(common_names[0]))

static bool common_is(const char *word, const char *name, size_t n)
{
    return strlen(word) == n && memcmp(word, name, n) == 0;
}

static const struct common_name *common_look(const char *name, size_t n)
{
    for (size_t i = 0; i < COMMON_NAMES; i++)
        if (common_is(common_names[i].name, name, n))
            return &common_names[i];
    return NULL;
}

enum common common_find(const char *name, size_t n)
{
    const struct common_name *c = common_look(name, n);

    return c ? c->what : COMMON_NONE;
}

bool common_always(const char *name, size_t n)
{
    const struct common_name *c = common_look(name, n);

    return c && c->always;
}

void common_flags(char to[COMMON_FLAGS_BYTES], const uint8_t *context)
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

char *common_put_task(char *p, const char *name, size_t n, uint32_t pid)
{
    char *digits;

    for (size_t i = n; i < 16; i++)
        *p++ = ' ';
    memcpy(p, name, n);
    p += n;
    *p++ = '-';
    for (digits = p, p = out_put_u32(p, pid); p < digits + 7;)
        *p++ = ' ';
    return p;
}

uint8_t common_linux_flags(const uint8_t *context)
{
    static const struct {
        uint8_t ours, of_linux;
    } flags[] = {{TP_CTX_IRQS_OFF, 0x01},
                 {TP_CTX_NEED_RESCHED, 0x04},
                 {TP_CTX_HARDIRQ, 0x08},
                 {TP_CTX_SOFTIRQ, 0x10},
                 {TP_CTX_NMI, 0x40}};
    uint8_t ours = context[offsetof(struct tp_wire_context, flags)], v = 0;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (ours & flags[i].ours)
            v |= flags[i].of_linux;
    return v;
}

bool common_number(enum common what, const struct stream_lane *lane, uint64_t *v)
{
    const struct record *r = &lane->record;

    *v = what == COMMON_CPU ? lane->cpu : r->id;
    if (what == COMMON_CPU || what == COMMON_TYPE)
        return true;
    if (!r->context)
        return false;
    if (what == COMMON_PID)
        *v = load_u32(r->context, r->swap);
    else if (what == COMMON_FLAGS)
        *v = r->context[offsetof(struct tp_wire_context, flags)];
    else
        *v = r->context[offsetof(struct tp_wire_context, preempt_depth)];
    return true;
}

const char *common_comm(const struct stream_lane *lane, size_t *n)
{
    uint64_t pid;

    if (!common_number(COMMON_PID, lane, &pid))
        return NULL;
    return task_comm(&lane->stream->tasks, (uint32_t)pid, n);
}

void common_print(enum common what, const struct stream_lane *lane, const struct metadata_event *e,
                  struct out *o, enum out_escape how)
{
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name;
    const char *comm;
    uint64_t v;
    size_t n;

    if (what == COMMON_EVENT) {
        name = metadata_join(e, ':', joined);
        field_text(o, name.bytes, name.n, how);
    } else if (what == COMMON_COMM) {
        comm = common_comm(lane, &n);
        if (comm)
            field_text(o, comm, n, how);
        else if (how == OUT_JSON)
            out_text(o, "null");
    } else if (common_number(what, lane, &v)) {
        out_u64(o, v);
    } else if (how == OUT_JSON) {
        out_text(o, "null");
    }
}

const char *common_hint(const char *name, size_t n)
{
    if (common_is("pid", name, n) || common_is("tid", name, n) || common_is("task", name, n))
        return "; common_pid is the task that the record is of";
    return NULL;
}

void common_capture(struct out *o, uint32_t capture, const char *colour)
{
    out_text(o, colour ? colour : "");
    out_text(o, "--- capture ");
    out_u64(o, capture);
    out_text(o, colour ? " begins ---" COLOUR_PLAIN "\n" : " begins ---\n");
}
