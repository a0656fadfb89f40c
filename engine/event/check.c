/* SPDX-License-Identifier: MIT */
/* Checks a section of events; sums up what an event is. */
#include "events.h"

#include <tp/module.h>

/* Weak: so that an image without events links, and tp_trace_open can say so. */
extern struct tp_event *const __start_tp_events[]
    __attribute__((__weak__, __visibility__("hidden")));
extern struct tp_event *const __stop_tp_events[]
    __attribute__((__weak__, __visibility__("hidden")));

/* What the last check has refused: an event, or its place in the section plus 1. */
static const struct tp_event *check_refused;
static size_t check_refused_at;

static bool check_same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* --- the schema of an event, doc/format.md section 5 --- */

/* With its NUL, so that the end of one text cannot be the start of the next. */
static uint32_t check_add_text(uint32_t crc, const char *text)
{
    return tp_crc(crc, text, tp_memory_text(text) + 1);
}

/* The lowest byte first, on any processor. */
static uint32_t check_add_number(uint32_t crc, uint64_t value, uint32_t bytes)
{
    for (; bytes; bytes--, value >>= 8)
        crc = tp_crc(crc, &(uint8_t){(uint8_t)value}, 1);
    return crc;
}

static uint32_t check_add_table(uint32_t crc, const struct tp_table *t)
{
    crc = check_add_number(crc, t ? 1u + t->flags : 0, 1);
    if (!t)
        return crc;
    crc = check_add_number(crc, t->values, 4);
    for (uint32_t i = 0; i < t->values; i++)
        crc = check_add_text(check_add_number(crc, (uint64_t)t->value[i].value, 8),
                             t->value[i].name);
    return crc;
}

uint32_t tp_event_schema(uint32_t crc, const struct tp_event *e)
{
    crc = check_add_text(check_add_text(check_add_text(crc, e->sys), e->name), e->fmt);
    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];

        crc = check_add_text(check_add_text(crc, f->name), tp_types[f->type].name);
        crc = check_add_table(check_add_number(crc, f->count, 2), f->table);
    }
    return crc;
}

uint32_t tp_events_crc(void)
{
    uint32_t crc = 0;

    for (uint32_t i = 0; i < tp_image.count; i++)
        crc = tp_event_schema(crc, tp_image.start[i]);
    return crc;
}

/* --- the check of a section --- */

struct check_text {
    char *out;
    size_t room, bytes;
};

static void check_put_char(struct check_text *t, char c)
{
    if (t->bytes + 1 < t->room)
        t->out[t->bytes++] = c;
}

static void check_put(struct check_text *t, const char *text)
{
    for (uint32_t i = 0; i < TP_LIMIT_NAME_BYTES && text && text[i]; i++)
        check_put_char(t, text[i]);
}

char *tp_events_fault(char *text, size_t room)
{
    struct check_text t = {text, room, 0};
    const struct tp_event *e = check_refused;
    size_t at = check_refused_at;
    int shift = sizeof(at) * 8 - 4;

    if (e) {
        check_put(&t, e->sys);
        check_put_char(&t, ':');
        check_put(&t, e->name);
    } else if (at--) {
        check_put_char(&t, '#');
        while (shift > 0 && !(at >> shift))
            shift -= 4;
        for (; shift >= 0; shift -= 4)
            check_put_char(&t, "0123456789abcdef"[at >> shift & 15]);
    }
    if (room)
        text[t.bytes] = 0;
    return text;
}

static int check_blame_event(const struct tp_event *e, int err)
{
    check_refused = e;
    return err;
}

/* What is no event, or one of another layout, has no name to report. */
static int check_blame_entry(size_t index, int err)
{
    check_refused_at = index + 1;
    return err;
}

static void check_blame_none(void)
{
    check_refused = NULL;
    check_refused_at = 0;
}

/* `least` to `most` bytes before the NUL. */
static int check_text(const char *text, uint32_t least, uint32_t most)
{
    uint32_t n = 0;

    if (!text)
        return TP_EIMAGE;
    while (n <= most && text[n])
        n++;
    return n >= least && n <= most ? 0 : TP_ELIMIT;
}

static int check_name(const char *text)
{
    return check_text(text, 1, TP_LIMIT_NAME_BYTES);
}

static int check_table(const struct tp_table *t)
{
    int err = check_name(t->name);

    if (!err && t->values > TP_LIMIT_TABLE_VALUES)
        err = TP_ELIMIT;
    if (!err && t->values && !t->value)
        err = TP_EIMAGE;
    for (uint32_t i = 0; !err && i < t->values; i++)
        err = check_name(t->value[i].name);
    return err;
}

static int check_field(const struct tp_event *e, const struct tp_field *f)
{
    int err = check_name(f->name);

    if (err)
        return err;
    if (f->type > TP_TYPE_F64 || f->at + tp_field_bytes(f) > e->bytes ||
        (f->count && tp_types[f->type].tail))
        return TP_EIMAGE;
    return f->table ? check_table(f->table) : 0;
}

/* Linux prints what %pS, %pI4 and the like point to; here it would be a number and letters. The
 * compiler refuses them unless flags or a width are in between. */
static bool check_has_pointer_kind(const char *fmt)
{
    while (*fmt) {
        if (*fmt++ != '%')
            continue;
        while (*fmt && *fmt < 'A' && *fmt != '%') /* flags, width, precision */
            fmt++;
        if (*fmt == 'p' && (uint8_t)((fmt[1] | 0x20) - 'a') < 26)
            return true;
        if (*fmt)
            fmt++;
    }
    return false;
}

static int check_event(const struct tp_event *e)
{
    int err = check_name(e->sys);

    if (!err)
        err = check_name(e->name);
    if (!err)
        err = check_text(e->fmt, 0, TP_LIMIT_FORMAT_BYTES);
    if (!err && check_has_pointer_kind(e->fmt))
        err = TP_EIMAGE;
    if (!err && e->fields > TP_LIMIT_FIELDS)
        err = TP_ELIMIT;
    if (!err && e->fields && !e->field)
        err = TP_EIMAGE;
    for (uint32_t i = 0; !err && i < e->fields; i++)
        err = check_field(e, &e->field[i]);
    return err ? check_blame_event(e, err) : 0;
}

/* Names met so far in a section, in chains by checksum. Until the check ends `want` is the next of a
 * chain (its place + 1): an event that is not in the registry cannot have been chosen. */
static uint16_t check_chains[sizeof(void *) > 4 ? 128 : 16];

static uint16_t *check_chain_of(const struct tp_event *e)
{
    uint32_t crc = check_add_text(check_add_text(0, e->sys), e->name);

    return &check_chains[crc % (sizeof(check_chains) / sizeof(check_chains[0]))];
}

/* Events of tp_printk have the name of their function, and differ by file and line. */
static bool check_clash(const struct tp_event *a, const struct tp_event *b)
{
    return a == b ||
           ((!a->file || !b->file) && check_same(a->name, b->name) && check_same(a->sys, b->sys));
}

static bool check_is_there(struct tp_event *const *start, const struct tp_event *e)
{
    uint32_t at = *check_chain_of(e);

    while (at && !check_clash(start[at - 1], e))
        at = start[at - 1]->want;
    return at;
}

static int check_names(struct tp_event *const *start, uint32_t count)
{
    uint32_t n = 0;
    int err = 0;

    memset(check_chains, 0, sizeof(check_chains));
    for (; n < count && !check_is_there(start, start[n]); n++) {
        uint16_t *chain = check_chain_of(start[n]);

        start[n]->want = *chain;
        *chain = (uint16_t)(n + 1);
    }
    if (n < count)
        err = check_blame_event(start[n], TP_EEXIST);
    for (const struct tp_section *s = &tp_image; s; s = s->next)
        for (uint32_t k = 0; !err && s->used && k < s->count; k++)
            if (check_is_there(start, s->start[k]))
                err = check_blame_event(s->start[k], TP_EEXIST);
    while (n--)
        start[n]->want = 0;
    return err;
}

int tp_section_check(struct tp_event *const *start, struct tp_event *const *stop)
{
    uintptr_t from = (uintptr_t)start, bytes = (uintptr_t)stop - from;
    size_t count = bytes / sizeof(*start);

    check_blame_none();
    if (from % sizeof(*start) || bytes % sizeof(*start) || (uintptr_t)stop < from ||
        (count && !start))
        return TP_EIMAGE;
    for (size_t i = 0; i < count; i++) {
        int err;

        if (!start[i] || (uintptr_t)start[i] % __alignof__(struct tp_event))
            return check_blame_entry(i, TP_EIMAGE);
        if (start[i]->layout != TP_EVENT_LAYOUT)
            return check_blame_entry(i, TP_EFORMAT);
        err = check_event(start[i]);
        if (err)
            return err;
        if (tp_event_get(start[i]->id) == start[i])
            return check_blame_event(start[i], TP_EEXIST);
        if (i >= TP_ID_EVENT_MAX - tp_event_last())
            return check_blame_event(start[i], TP_ELIMIT); /* the first event that gets no id */
    }
    return check_names(start, (uint32_t)count);
}

int tp_events_init(void)
{
    uint32_t count;
    int err;

    tp_crc_init();
    check_blame_none(); /* errors after this are not about an event */
    if (tp_image.used)
        return 0;
    err = tp_section_check(__start_tp_events, __stop_tp_events);
    if (err)
        return err;
    count = (uint32_t)(((uintptr_t)__stop_tp_events - (uintptr_t)__start_tp_events) /
                       sizeof(__start_tp_events[0]));
    tp_section_number(__start_tp_events, count);
    tp_section_enter(&tp_image, __start_tp_events, count);
    return 0;
}
