/* SPDX-License-Identifier: MIT */
/* choice.c - one event that was named on the command line. */
#include "answer/choice.h"

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

bool choice_is(const struct choice *c, const struct metadata_event *e)
{
    char text[METADATA_JOINED_BYTES];
    struct metadata_text joined = metadata_join(e, '_', text); /* as functions in C are called */

    if (c->asked.sys.n)
        return metadata_same(&c->asked.name, &e->name) && metadata_same(&c->asked.sys, &e->sys);
    return metadata_same(&c->asked.name, &e->name) || metadata_same(&c->asked.name, &joined);
}

void choice_learn(struct choice *c, const struct metadata *m)
{
    for (uint32_t id = 0; id < m->event_slots; id++) {
        const struct metadata_event *e = m->events[id];
        char text[METADATA_JOINED_BYTES];
        struct metadata_text whole;

        if (!e)
            continue;
        whole = metadata_join(e, ':', text);
        if (!choice_is(c, e)) {
            near_try(&c->near, whole.bytes, whole.n);
            if (!c->asked.sys.n)
                near_try(&c->near, e->name.bytes, e->name.n);
        } else if (!c->found[0]) {
            memcpy(c->found, text, whole.n + 1);
        } else if (strcmp(c->found, text) != 0) {
            memcpy(c->other, text, whole.n + 1);
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
    char hint[NEAR_HINT_BYTES];

    if (c->other[0])
        diag_line(d, "%s: '%.*s' is %s and %s: say which", option, (int)asked->n, asked->bytes,
                  c->found, c->other);
    else if (!c->found[0])
        diag_line(d, "%s: no event is '%.*s'%s", option, (int)asked->n, asked->bytes,
                  near_hint(&c->near, NEAR_LISTED, hint));
    return c->found[0] && !c->other[0];
}
