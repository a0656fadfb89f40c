/* SPDX-License-Identifier: MIT */
/* role_help.c - dumps of events of any fields and roles. */
#include "role_help.h"

#include <stdlib.h>
#include <string.h>

#include "tp_test.h"

#define ROLE_NAME_BYTES 160
#define ROLE_INPUTS 4

struct role_field {
    char type[8], name[ROLE_NAME_BYTES];
    bool table;
    uint32_t size, count, at;
};

/* --- what a text of fields says --- */

/* The next field, or false. */
static bool role_field(const char **text, struct role_field *f, uint32_t at)
{
    const char *type, *name, *end;

    *text += strspn(*text, " ");
    if (!**text)
        return false;
    type = *text;
    name = type + strcspn(type, ":@");
    end = name + strcspn(name, " ");
    TP_ASSERT(*name && (size_t)(end - name) < sizeof(f->name));
    *f = (struct role_field){.table = *name == '@', .at = at, .count = 1};
    if (strncmp(type, "char", 4) == 0) {
        f->count = (uint32_t)atoi(type + 4);
        strcpy(f->type, "char");
        f->size = 1;
    } else {
        bool ptr = *type == 'p';

        memcpy(f->type, type, ptr ? 3 : (size_t)(name - type));
        f->count = ptr && type + 3 < name ? (uint32_t)atoi(type + 3) : 1;
        f->size = ptr ? 8 : (uint32_t)atoi(type + 1) / 8; /* ptr */
    }
    memcpy(f->name, name + 1, (size_t)(end - name - 1));
    *text = end;
    return true;
}

static void role_number(struct help_bytes *b, uint32_t v)
{
    uint8_t head[3] = {0x19, (uint8_t)(v >> 8), (uint8_t)v};

    help_add(b, head, 3);
}

static void role_text_n(struct help_bytes *b, const char *text, size_t n)
{
    uint8_t head[2] = {0x78, (uint8_t)n};

    help_add(b, head, 2);
    help_add(b, text, n);
}

static void role_word(struct help_bytes *b, const char *text)
{
    role_text_n(b, text, strlen(text));
}

static void role_add_field(struct help_bytes *b, const struct role_field *f)
{
    uint8_t head = (uint8_t)(0xa4 + f->table + (f->count > 1));

    help_add(b, &head, 1);
    role_word(b, "name");
    role_word(b, f->name);
    role_word(b, "type");
    role_word(b, f->type);
    role_word(b, "at");
    role_number(b, f->at);
    role_word(b, "size");
    role_number(b, f->size * f->count);
    if (f->count > 1) {
        role_word(b, "count");
        role_number(b, f->count);
    }
    if (f->table) {
        role_word(b, "table");
        role_number(b, 0);
    }
}

static void role_add_event(struct help_bytes *b, const struct role_event *e, uint32_t id)
{
    struct help_bytes fields = {0};
    const char *colon = strchr(e->text, ':'), *end = e->text + strcspn(e->text, " ");
    const char *text = end;
    struct role_field f;
    uint32_t at = 0, count = 0;
    uint8_t head;

    TP_ASSERT(colon != NULL);
    for (; role_field(&text, &f, at); count++, at += f.size * f.count)
        role_add_field(&fields, &f);
    head = (uint8_t)(0xa6 + (e->role != NULL));
    help_add(b, &head, 1);
    role_word(b, "id");
    role_number(b, id);
    role_word(b, "sys");
    role_text_n(b, e->text, (size_t)(colon - e->text));
    role_word(b, "name");
    role_text_n(b, colon + 1, (size_t)(end - colon - 1));
    role_word(b, "fmt");
    role_word(b, "");
    role_word(b, "bytes");
    role_number(b, at);
    role_word(b, "fields");
    head = (uint8_t)(0x80 + count);
    help_add(b, &head, 1);
    help_add(b, fields.p, fields.n);
    help_free(&fields);
    if (e->role) {
        role_word(b, "role");
        help_add(b, e->role, e->role_bytes);
    }
}

struct role_dump *role_open(const struct role_event *events, uint32_t count, uint64_t stream)
{
    static const char start[] = "\xa6\x64tool\x61x\x65"
                                "clock\xa2\x62hz\x1a\x3b\x9a\xca\x00\x64name\x61t\x64"
                                "cpus\x04\x66"
                                "buffer\xa4\x64name\x61m\x64mode\x67"
                                "discard\x6csubbuf_bytes\x19\x10\x00"
                                "\x67subbufs\x04\x66tables\x81\xa3\x64name\x61s\x64kind\x64"
                                "enum\x66values\x8a\x00\x65ready\x01\x67running\x02\x68sleeping\x03"
                                "\x64"
                                "dead\x04\x63odd\x66"
                                "events\x99";
    struct role_dump *d = calloc(1, sizeof(*d));
    struct help_bytes b = {0};
    uint8_t number[2] = {(uint8_t)(count >> 8), (uint8_t)count};

    TP_ASSERT(d != NULL);
    *d = (struct role_dump){.events = events, .count = count, .stream = stream};
    help_add(&b, start, sizeof(start) - 1);
    help_add(&b, number, sizeof(number));
    for (uint32_t i = 0; i < count; i++)
        role_add_event(&b, &events[i], i + 1);
    help_add_chunk(&d->bytes, (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream}, b.p,
                   b.n);
    help_free(&b);
    return d;
}

void role_put(struct role_dump *d, uint16_t cpu, uint64_t time, uint32_t id, uint32_t pid,
              const uint64_t *values)
{
    uint8_t r[256] = {0};
    const char *text = strchr(d->events[id - 1].text, ' ');
    uint32_t low = (uint32_t)time, word, at = d->context ? 16 : 8, units;
    struct role_field f;

    memcpy(r + 8, &pid, d->context ? 4 : 0);
    for (text = text ? text : ""; role_field(&text, &f, at); at += f.size * f.count, values++) {
        if (f.count > 1 && f.size > 1)
            memcpy(r + at, (const void *)(uintptr_t)*values, f.size * f.count);
        else if (f.count > 1)
            strncpy((char *)r + at, (const char *)(uintptr_t)*values, f.count);
        else
            memcpy(r + at, values, f.size);
    }
    units = (at + 7) / 8;
    word = TP_RECORD_WORD(id, units) | TP_RECORD_COMMITTED;
    memcpy(r, &low, 4);
    memcpy(r + 4, &word, 4);
    help_add_chunk(&d->bytes,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .flags = d->context ? TP_CHUNK_CONTEXT : 0,
                                       .cpu = cpu,
                                       .records = 1,
                                       .stream = d->stream,
                                       .time = time,
                                       .first_record = d->numbers[cpu]++,
                                       .lost = {d->lost[cpu]}},
                   r, 8 * units);
}

void role_lose(struct role_dump *d, uint16_t cpu, uint64_t n)
{
    d->lost[cpu] += n;
}

struct help_run role_run(struct role_dump *const *dumps, size_t count, struct decode_options o,
                         const char *const *rules)
{
    static struct roles_options roles;
    static const char *const names[ROLE_INPUTS] = {"a", "b", "c", "d"};
    struct decode_input in[ROLE_INPUTS];

    roles.count = 0;
    for (; rules && *rules; rules++)
        TP_CHECK_STREQ(roles_read(&roles, *rules), NULL);
    TP_ASSERT(count <= ROLE_INPUTS);
    for (size_t i = 0; i < count; i++) {
        help_add_chunk(&dumps[i]->bytes,
                       (struct help_chunk){.type = TP_CHUNK_END, .stream = dumps[i]->stream}, NULL,
                       0);
        in[i] = (struct decode_input){names[i], dumps[i]->bytes.p, dumps[i]->bytes.n};
    }
    o.answer.roles = &roles;
    o.inputs = in;
    o.input_count = count;
    return help_run(o);
}

void role_close(struct role_dump *d)
{
    help_free(&d->bytes);
    free(d);
}

void role_list(struct help_run *run, const struct role_event *events, uint32_t count,
               const char *const *rules)
{
    struct role_dump *d = role_open(events, count, 1);

    *run = role_run(&d, 1, (struct decode_options){.format = DECODE_ROLES}, rules);
    role_close(d);
}
