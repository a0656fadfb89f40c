/* SPDX-License-Identifier: MIT */
/* inside.c - the spans that lie in others of their track. */
#include "answer/inside.h"

#include <stdlib.h>

#include "base/mem.h"

void inside_open(struct inside *in)
{
    in->spans = mem_zero(INSIDE_SPANS * sizeof(*in->spans));
    in->tracks = mem_zero(INSIDE_TRACKS * sizeof(*in->tracks));
    in->serial = 0;
}

bool inside_add(struct inside *in, const struct stack_id *id, uint64_t begin_ns, uint64_t end_ns,
                uint64_t *inside_ns)
{
    struct inside_track *t =
        &in->tracks[(key_hash(&id->key) + id->kind * 0x9e3779b1u) % INSIDE_TRACKS];
    bool other = t->newest && (t->id.kind != id->kind || !key_equal(&t->id.key, &id->key));
    uint64_t at = other ? 0 : t->newest, oldest_end_ns;
    const struct inside_span *s;

    *inside_ns = 0;
    for (; at && at + INSIDE_SPANS > in->serial; at = s->before) {
        s = &in->spans[at % INSIDE_SPANS];
        if (s->begin_ns < begin_ns)
            break;
        *inside_ns += s->end_ns - s->begin_ns;
    }
    oldest_end_ns = in->spans[(in->serial + 1) % INSIDE_SPANS].end_ns;
    t->id = *id;
    t->newest = ++in->serial;
    in->spans[t->newest % INSIDE_SPANS] = (struct inside_span){begin_ns, end_ns, at};
    return !other && (!at || at + INSIDE_SPANS >= in->serial || oldest_end_ns < begin_ns);
}

void inside_close(struct inside *in)
{
    free(in->spans);
    free(in->tracks);
}
