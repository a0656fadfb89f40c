/* SPDX-License-Identifier: MIT */
/*
 * The registry: events are found through the sections of pointers that TP_EVENT
 * fills, that of the image and those of modules. Each section gets the next
 * ids in its order. A module that goes leaves a hole: an id is one event's, or nobody's any more.
 */
#include "core.h"

/* Weak: so that an image without events links, and tp_open can say so. */
extern struct tp_event *const __start_tp_events[]
    __attribute__((__weak__, __visibility__("hidden")));
extern struct tp_event *const __stop_tp_events[]
    __attribute__((__weak__, __visibility__("hidden")));

const struct tp_type_info tp_types[] = {
    [TP_TYPE_U8] = {"u8", 1, false},
    [TP_TYPE_U16] = {"u16", 2, false},
    [TP_TYPE_U32] = {"u32", 4, false},
    [TP_TYPE_U64] = {"u64", 8, false},
    [TP_TYPE_S8] = {"s8", 1, false},
    [TP_TYPE_S16] = {"s16", 2, false},
    [TP_TYPE_S32] = {"s32", 4, false},
    [TP_TYPE_S64] = {"s64", 8, false},
    [TP_TYPE_BOOL] = {"bool", 1, false},
    [TP_TYPE_CHAR] = {"char", 1, false},
    [TP_TYPE_PTR] = {"ptr", sizeof(void *), false},
    [TP_TYPE_STR] = {"str", 2, true}, /* a length; the text is in the tail */
    [TP_TYPE_BYTES] = {"bytes", 2, true},
};

/* The pipe and triggers go through them at any time: inside the store, so what has gone stays as it
 * was until nobody can be looking any more. */
static struct section {
    bool used;
    uint32_t first, count; /* ids */
    uint32_t gone;         /* the epoch when it went */
    struct tp_event *const *start;
} sections[TP_SECTIONS_MAX]; /* the first is the image's */
static uint32_t last;
static char fault[2 * TP_LIMIT_NAME_BYTES + 2];

/* By who walks along the events of modules. */
static tp_word walks = TP_USE_ALLOWED;

bool tp_events_begin(void)
{
    return tp_use_begin(&walks);
}

void tp_events_end(void)
{
    tp_use_end(&walks);
}

uint32_t tp_event_last(void)
{
    return __atomic_load_n(&last, __ATOMIC_ACQUIRE);
}

struct tp_event *tp_event_get(uint32_t id)
{
    for (uint32_t i = 0; i < TP_SECTIONS_MAX; i++)
        if (__atomic_load_n(&sections[i].used, __ATOMIC_ACQUIRE) &&
            id - sections[i].first < sections[i].count)
            return sections[i].start[id - sections[i].first];
    return NULL;
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static struct tp_event *find(const char *sys, const char *name)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e && same(e->sys, sys) && same(e->name, name))
            return e;
    }
    return NULL;
}

struct tp_event *tp_event_find(const char *sys, const char *name)
{
    struct tp_passage *in;
    struct tp_event *e;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    e = find(sys, name);
    tp_store_leave(in);
    tp_port_unpin();
    return e;
}

/* The first event of its subsystem? Looks backwards: neighbours are of one mostly. */
static bool opens_subsystem(uint32_t id)
{
    const struct tp_event *e = tp_event_get(id);

    while (--id) {
        const struct tp_event *before = tp_event_get(id);

        if (before && same(before->sys, e->sys))
            return false;
    }
    return true;
}

static const char *next_subsystem(const char *sys)
{
    bool found = !sys;

    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (!e)
            continue;
        if (!found)
            found = same(e->sys, sys);
        else if ((!sys || !same(e->sys, sys)) && opens_subsystem(id))
            return e->sys;
    }
    return NULL;
}

const char *tp_subsystem_next(const char *sys)
{
    struct tp_passage *in;
    const char *next;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    next = next_subsystem(sys);
    tp_store_leave(in);
    tp_port_unpin();
    return next;
}

/* --- the schema as a number: FNV-1a of 64 bits, doc/format.md section 5 --- */

static uint64_t hash_byte(uint64_t h, uint8_t byte)
{
    return (h ^ byte) * 0x100000001b3u;
}

/* With its NUL, so that the end of one text cannot be the start of the next. */
static uint64_t hash_text(uint64_t h, const char *text)
{
    do
        h = hash_byte(h, (uint8_t)*text);
    while (*text++);
    return h;
}

/* The lowest byte first, on any processor. */
static uint64_t hash_number(uint64_t h, uint64_t value, uint32_t bytes)
{
    for (; bytes; bytes--, value >>= 8)
        h = hash_byte(h, (uint8_t)value);
    return h;
}

static uint64_t hash_table(uint64_t h, const struct tp_table *t)
{
    if (!t)
        return hash_byte(h, 0);
    h = hash_byte(h, t->flags ? 2 : 1);
    h = hash_number(h, t->values, 4);
    for (uint32_t i = 0; i < t->values; i++)
        h = hash_text(hash_number(h, (uint64_t)t->value[i].value, 8), t->value[i].name);
    return h;
}

#define HASH_START 0xcbf29ce484222325u

uint64_t tp_event_hash(const struct tp_event *e)
{
    uint64_t h = hash_text(hash_text(hash_text(HASH_START, e->sys), e->name), e->fmt);

    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];

        h = hash_text(hash_text(h, f->name), tp_types[f->type].name);
        h = hash_table(hash_number(h, f->count, 2), f->table);
    }
    return h;
}

/* --- is it a section, and is nothing in it wrong? --- */

const char *tp_events_fault(void)
{
    return fault;
}

static uint32_t put_fault(uint32_t n, const char *text)
{
    for (uint32_t i = 0; i < TP_LIMIT_NAME_BYTES && text && text[i]; i++)
        fault[n++] = text[i];
    fault[n] = 0;
    return n;
}

static int blame_event(const struct tp_event *e, int err)
{
    uint32_t n = put_fault(0, e->sys);

    fault[n++] = ':';
    put_fault(n, e->name);
    return err;
}

/* What is no event, or one of another layout, has no name: its place in the section, hexadecimal, "#0" the first. */
static int blame_entry(size_t index, int err)
{
    char digits[2 * sizeof(index) + 2];
    uint32_t n = sizeof(digits) - 1;

    digits[n] = 0;
    do
        digits[--n] = "0123456789abcdef"[index & 15];
    while ((index >>= 4) > 0);
    digits[--n] = '#';
    put_fault(0, digits + n);
    return err;
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
    if (f->type > TP_TYPE_BYTES ||
        f->at + tp_types[f->type].bytes * (f->count ? f->count : 1u) > e->bytes)
        return TP_EIMAGE;
    return f->table ? check_table(f->table) : 0;
}

/* Linux prints what %pS, %pI4 and their kind point to; here it would be a number and letters. The
 * compiler has refused it where neither flags nor a width are between. */
static bool has_pointer_kind(const char *fmt)
{
    while (*fmt) {
        if (*fmt++ != '%')
            continue;
        while (*fmt == '-' || *fmt == '+' || *fmt == ' ' || *fmt == '#' || *fmt == '.' ||
               (*fmt >= '0' && *fmt <= '9'))
            fmt++;
        if (*fmt == 'p' && ((fmt[1] >= 'a' && fmt[1] <= 'z') || (fmt[1] >= 'A' && fmt[1] <= 'Z')))
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
    if (!err && has_pointer_kind(e->fmt))
        err = TP_EIMAGE;
    if (!err && e->fields > TP_LIMIT_FIELDS)
        err = TP_ELIMIT;
    if (!err && e->fields && !e->field)
        err = TP_EIMAGE;
    for (uint32_t i = 0; !err && i < e->fields; i++)
        err = check_field(e, &e->field[i]);
    return err ? blame_event(e, err) : 0;
}

/* Names that are in a section already: chains of those whose hashes end alike. `want` holds the
 * chains meanwhile (place + 1): nobody has chosen an event that is not in the registry. */
static uint16_t chains[128];

static uint16_t *chain_of(const struct tp_event *e)
{
    uint64_t h = hash_text(hash_text(HASH_START, e->sys), e->name);

    return &chains[(h ^ h >> 7 ^ h >> 32) & 127];
}

/* tp_printk names its function, which may have several: file and line tell them apart. */
static bool clash(const struct tp_event *a, const struct tp_event *b)
{
    return a == b || ((!a->file || !b->file) && same(a->name, b->name) && same(a->sys, b->sys));
}

static bool is_there(struct tp_event *const *start, const struct tp_event *e)
{
    uint32_t at = *chain_of(e);

    while (at && !clash(start[at - 1], e))
        at = start[at - 1]->want;
    return at;
}

static int check_names(struct tp_event *const *start, uint32_t count)
{
    uint32_t n = 0;
    int err = 0;

    memset(chains, 0, sizeof(chains));
    for (; n < count && !is_there(start, start[n]); n++) {
        uint16_t *chain = chain_of(start[n]);

        start[n]->want = *chain;
        *chain = (uint16_t)(n + 1);
    }
    if (n < count)
        err = blame_event(start[n], TP_EEXIST);
    for (uint32_t i = 0; i < TP_SECTIONS_MAX; i++)
        for (uint32_t k = 0; !err && sections[i].used && k < sections[i].count; k++)
            if (is_there(start, sections[i].start[k]))
                err = blame_event(sections[i].start[k], TP_EEXIST);
    while (n--)
        start[n]->want = 0;
    return err;
}

static int check_section(struct tp_event *const *start, struct tp_event *const *stop)
{
    uintptr_t from = (uintptr_t)start, bytes = (uintptr_t)stop - from;
    size_t count = bytes / sizeof(*start);

    fault[0] = 0;
    if (from % sizeof(*start) || bytes % sizeof(*start) || (uintptr_t)stop < from ||
        (count && !start))
        return TP_EIMAGE;
    for (size_t i = 0; i < count; i++) {
        int err;

        if (!start[i] || (uintptr_t)start[i] % __alignof__(struct tp_event))
            return blame_entry(i, TP_EIMAGE);
        if (start[i]->layout != TP_EVENT_LAYOUT)
            return blame_entry(i, TP_EFORMAT);
        err = check_event(start[i]);
        if (err)
            return err;
        if (tp_event_get(start[i]->id) == start[i])
            return blame_event(start[i], TP_EEXIST);
        if (i >= TP_ID_EVENT_MAX - last)
            return blame_event(start[i], TP_ELIMIT); /* the first that there is no id for */
    }
    return check_names(start, (uint32_t)count);
}

/* --- sections come and go --- */

static void number(struct tp_event *const *start, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        start[i]->id = (uint16_t)(last + 1 + i);
}

static void enter(struct section *s, struct tp_event *const *start, uint32_t count)
{
    s->start = start;
    s->first = last + 1;
    s->count = count;
    __atomic_store_n(&s->used, true, __ATOMIC_RELEASE);
    __atomic_store_n(&last, last + count, __ATOMIC_RELEASE);
}

int tp_events_init(void)
{
    uint32_t count;
    int err;

    fault[0] = 0; /* what goes wrong behind this is no event's */
    if (sections[0].used)
        return 0;
    err = check_section(__start_tp_events, __stop_tp_events);
    if (err)
        return err;
    count = (uint32_t)(((uintptr_t)__stop_tp_events - (uintptr_t)__start_tp_events) /
                       sizeof(__start_tp_events[0]));
    number(__start_tp_events, count);
    enter(&sections[0], __start_tp_events, count);
    return 0;
}

/* One that was used must have been gone for two steps of the epoch. *err says why there is none. */
static struct section *free_section(int *err)
{
    *err = TP_ELIMIT;
    for (uint32_t i = 1; i < TP_SECTIONS_MAX; i++) {
        if (sections[i].used)
            continue;
        if (!sections[i].start || tp_store.epoch - sections[i].gone >= 2)
            return &sections[i];
        *err = TP_EBUSY;
    }
    return NULL;
}

static int add(struct tp_event *const *start, struct tp_event *const *stop)
{
    struct section *s;
    uint32_t count;
    int err = tp_events_init();

    if (!err)
        err = check_section(start, stop);
    if (err)
        return err;
    s = free_section(&err);
    if (!s && err == TP_EBUSY && !tp_synchronize())
        s = free_section(&err);
    if (!s)
        return err;
    count = (uint32_t)(stop - start);
    number(start, count); /* their description has the ids; nobody else knows them yet */
    err = count ? tp_traces_room(start, count) : 0;
    if (err)
        return err;
    for (uint32_t i = 0; i < count; i++) {
        start[i]->want = 0;
        __atomic_store_n(&start[i]->mask, 0, __ATOMIC_RELAXED);
    }
    /* Described before anybody can find and enable them: a record is never older than that. */
    if (count)
        tp_traces_describe(start, count);
    enter(s, start, count);
    return 0;
}

int tp_events_add(struct tp_event *const *start, struct tp_event *const *stop)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = add(start, stop);
    tp_change_unlock();
    return err;
}

/* With both locks, and nobody walks along them but inside the store. */
static void turn_off(struct section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct tp_event *e = s->start[i];

        /* The id stays: who is inside a call of it records it. */
        tp_arch_set(&e->want, UINT32_MAX, false);
        tp_rules_forget(e);
        tp_probes_forget(e);
        tp_arch_set(&e->mask, UINT32_MAX, false);
    }
    s->gone = tp_store.epoch;
    __atomic_store_n(&s->used, false, __ATOMIC_RELEASE);
}

static int take_away(struct tp_event *const *start)
{
    struct section *s = &sections[1];

    while (s < &sections[TP_SECTIONS_MAX] && (!s->used || s->start != start))
        s++;
    if (s == &sections[TP_SECTIONS_MAX])
        return TP_ENOENT;
    if (!tp_store_lock())
        return TP_EBUSY;
    if (!tp_use_deny(&walks)) {
        tp_store_unlock();
        return TP_EBUSY;
    }
    turn_off(s);
    tp_use_allow(&walks);
    tp_store_unlock();
    return 0;
}

int tp_events_remove(struct tp_event *const *start)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = take_away(start);
    tp_change_unlock();
    if (!err)
        tp_sites_patch();
    return err;
}

void tp_events_run(unsigned trace)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e)
            tp_event_update(e, trace);
    }
    tp_store_leave(in);
    tp_port_unpin();
}
