/* SPDX-License-Identifier: MIT */
/* choice.c - one event that was named on the command line. */
#include "answer/choice.h"

#include <stdio.h>
#include <string.h>

bool choice_read(struct choice_name *c, const char *text, size_t n)
{
    const char *colon = memchr(text, ':', n);
    size_t sys = colon ? (size_t)(colon - text) : 0, name = colon ? n - sys - 1 : n;

    *c = (struct choice_name){
        {text, (uint32_t)n}, {text, (uint32_t)sys}, {text + (n - name), (uint32_t)name}};
    return name && name <= TP_LIMIT_NAME_BYTES && sys <= TP_LIMIT_NAME_BYTES && (sys || !colon) &&
           !memchr(c->name.bytes, ':', name);
}

void choice_open(struct choice *c, const struct choice_name *asked)
{
    *c = (struct choice){.asked = *asked};
    near_open(&c->near, asked->whole.bytes, asked->whole.n);
}

static bool choice_same(const struct metadata_text *a, const struct metadata_text *b)
{
    return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* As functions in C are called: sys_name. */
static bool choice_joined(const struct metadata_text *text, const struct metadata_event *e)
{
    return text->n == e->sys.n + 1 + e->name.n && text->bytes[e->sys.n] == '_' &&
           memcmp(text->bytes, e->sys.bytes, e->sys.n) == 0 &&
           memcmp(text->bytes + e->sys.n + 1, e->name.bytes, e->name.n) == 0;
}

bool choice_is(const struct choice *c, const struct metadata_event *e)
{
    if (c->asked.sys.n)
        return choice_same(&c->asked.name, &e->name) && choice_same(&c->asked.sys, &e->sys);
    return choice_same(&c->asked.name, &e->name) || choice_joined(&c->asked.name, e);
}

void choice_learn(struct choice *c, const struct metadata *m)
{
    for (uint32_t id = 0; id < m->event_slots; id++) {
        const struct metadata_event *e = m->events[id];
        char whole[CHOICE_BYTES];

        if (!e)
            continue;
        snprintf(whole, sizeof(whole), "%.*s:%.*s", (int)e->sys.n, e->sys.bytes, (int)e->name.n,
                 e->name.bytes);
        if (!choice_is(c, e)) {
            near_try(&c->near, whole, e->sys.n + 1 + e->name.n);
            if (!c->asked.sys.n)
                near_try(&c->near, e->name.bytes, e->name.n);
        } else if (!c->found[0]) {
            memcpy(c->found, whole, sizeof(whole));
        } else if (strcmp(c->found, whole) != 0) {
            memcpy(c->other, whole, sizeof(whole));
        }
    }
}

bool choice_doubtful(const struct choice *c)
{
    return c->other[0];
}

bool choice_made(const struct choice *c, const char *option, struct diag *d)
{
    const struct metadata_text *asked = &c->asked.whole;
    const char *near = near_best(&c->near);

    if (c->other[0])
        diag_line(d, "%s: '%.*s' is %s and %s: say which", option, (int)asked->n, asked->bytes,
                  c->found, c->other);
    else if (!c->found[0])
        diag_line(d, "%s: no event is '%.*s'%s%s%s", option, (int)asked->n, asked->bytes,
                  near ? ": did you mean '" : "; --list-events shows what there is",
                  near ? near : "", near ? "'?" : "");
    return c->found[0] && !c->other[0];
}
