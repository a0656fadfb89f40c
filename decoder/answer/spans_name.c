/* SPDX-License-Identifier: MIT */
/* spans_name.c - what spans and the roots of paths are called. */
#include "answer/spans_name.h"

#include <stdio.h>

#include "base/number.h"

/* Is the name an address of no function that is known? What has it at its end has another one. */
static bool spans_name_nowhere(const struct metadata_field *f, const struct record *r,
                               struct symbols *symbols)
{
    char function[SYMBOLS_TEXT_BYTES];
    __int128 address;

    return f->type == METADATA_PTR && key_number(f, r, &address) &&
           !(symbols && symbols_function(symbols, (uint64_t)address, function));
}

uint32_t spans_name_record(struct spans *sp, const struct roles_meaning *m,
                           const struct stream_lane *lane, const struct metadata_event *e,
                           const struct value_tail *tails, bool must)
{
    char text[METADATA_JOINED_BYTES + KEY_NAME_BYTES], value[KEY_NAME_BYTES];
    int8_t place = m->argument[ROLES_NAME];
    struct metadata_text name = {value, 0};
    bool number;

    if (place >= 0)
        name.n = (uint32_t)key_name(&e->fields[place], &lane->record, tails, sp->sink.out->symbols,
                                    value, &number);
    if (must &&
        (!name.n || spans_name_nowhere(&e->fields[place], &lane->record, sp->sink.out->symbols)))
        return 0;
    name = name.n ? name : e->name;
    memcpy(text, e->sys.bytes, e->sys.n);
    text[e->sys.n] = ':';
    memcpy(text + e->sys.n + 1, name.bytes, name.n);
    return span_name(&sp->table, text, e->sys.n + 1 + name.n,
                     m->is == ROLES_OPEN || m->is == ROLES_CLOSE);
}

uint32_t spans_name_root(struct spans *sp, const char *name, size_t bytes)
{
    return sp->fold.nodes
               ? fold_node(&sp->fold, FOLD_TOP, span_name(&sp->table, name, bytes, false))
               : FOLD_OTHERS;
}

uint32_t spans_name_task(struct spans *sp, const struct stream *s, __int128 task,
                         struct metadata_text given)
{
    const struct task *known = task < 0 || task > UINT32_MAX ? NULL
                                                             : task_find(&s->tasks, (uint32_t)task);
    const char *name;
    size_t n;

    if (known && known->name_bytes)
        return spans_name_root(sp, known->name, known->name_bytes);
    if (given.n)
        return spans_name_root(sp, given.bytes, given.n);
    name = task ? "<...>" : task_comm(&s->tasks, 0, &n);
    return spans_name_root(sp, name, task ? strlen(name) : n);
}

uint32_t spans_name_track(struct spans *sp, const struct metadata_field *f,
                          const struct stack_id *id)
{
    char text[2 * KEY_TEXT_BYTES + NUMBER_BYTES], number[NUMBER_BYTES];
    const struct key *k = &id->key;
    uint32_t sys = (uint32_t)strnlen(k->text, k->bytes);
    int n;

    number_put(number, k->number);
    n = f && k->bytes > sys + 1
            ? snprintf(text, sizeof(text), "%.*s %.*s", (int)f->name.n, f->name.bytes,
                       (int)(k->bytes - sys - 1), k->text + sys + 1)
            : snprintf(text, sizeof(text), "%.*s %s", f ? (int)f->name.n : 3,
                       f ? f->name.bytes : "cpu", number);
    return spans_name_root(sp, text, (size_t)n);
}
