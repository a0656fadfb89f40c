/* SPDX-License-Identifier: MIT */
/* match.c - starts and ends with the same key, as pairs. */
#include "answer/match.h"

#include <stdlib.h>

#include "base/mem.h"

#define MATCH_HEADS (2 * MATCH_OPEN)

struct match_open {
    struct key key;
    uint64_t ns;
    uint32_t cpu, tag;
    uint32_t next;         /* of the same hash; or unused */
    uint32_t older, newer; /* by age */
};

/* --- the starts that wait --- */

/* The link to the one with this key, or the link that is 0. */
static uint32_t *match_find(struct match *m, const struct key *k)
{
    uint32_t *at = &m->heads[key_hash(k) % MATCH_HEADS];

    while (*at && !key_equal(&m->open[*at].key, k))
        at = &m->open[*at].next;
    return at;
}

static void match_remove(struct match *m, uint32_t *at)
{
    uint32_t place = *at;
    struct match_open *p = &m->open[place];

    *at = p->next;
    *(p->older ? &m->open[p->older].newer : &m->oldest) = p->newer;
    *(p->newer ? &m->open[p->newer].older : &m->newest) = p->older;
    p->next = m->unused;
    m->unused = place;
}

/* All of one input. Returns how many. */
static uint64_t match_remove_all(struct match *m, uint32_t stream)
{
    uint64_t n = 0;

    for (uint32_t place = m->oldest, next; place; place = next) {
        next = m->open[place].newer;
        if (m->open[place].key.stream != stream)
            continue;
        match_remove(m, match_find(m, &m->open[place].key));
        n++;
    }
    return n;
}

void match_start(struct match *m, const struct key *k, uint64_t ns, uint32_t cpu, uint32_t tag)
{
    uint32_t *at = match_find(m, k), place;

    if (*at) {
        m->restarted++;
        match_remove(m, at);
    } else if (!m->unused && m->used == MATCH_OPEN) {
        m->dropped++;
        match_remove(m, match_find(m, &m->open[m->oldest].key));
    }
    at = match_find(m, k);
    place = m->unused ? m->unused : ++m->used;
    m->unused = m->open[place].next;
    m->open[place] = (struct match_open){
        .key = *k, .ns = ns, .cpu = cpu, .tag = tag, .older = m->newest};
    *at = place;
    *(m->newest ? &m->open[m->newest].newer : &m->oldest) = place;
    m->newest = place;
}

/* --- pairs that a loss may still take away --- */

static struct match_pair *match_recent(struct match *m, uint32_t i)
{
    return &m->recent[(m->first + i) % MATCH_RECENT];
}

static void match_give(struct match *m, const struct match_pair *pair)
{
    struct match_input *in = &m->inputs[pair->key.stream];

    in->given = pair->end_ns > in->given ? pair->end_ns : in->given;
    m->give(m->context, pair);
}

void match_put(struct match *m, struct match_pair *pair)
{
    struct match_input *in = &m->inputs[pair->key.stream];

    in->reached = pair->end_ns > in->reached ? pair->end_ns : in->reached;
    pair->reached = in->reached;
    if (m->count == MATCH_RECENT) {
        match_give(m, match_recent(m, 0));
        m->first = (m->first + 1) % MATCH_RECENT;
        m->count--;
    }
    *match_recent(m, m->count++) = *pair;
}

void match_end(struct match *m, const struct key *k, uint64_t ns, uint32_t cpu, uint32_t tag)
{
    uint32_t *at = match_find(m, k);
    const struct match_open *p = &m->open[*at];
    struct match_pair pair = {.start_ns = p->ns,
                              .end_ns = ns,
                              .ns = ns - p->ns,
                              .tag = p->tag,
                              .end_tag = tag,
                              .start_cpu = p->cpu,
                              .end_cpu = cpu};

    if (!*at) {
        m->ends++;
        return;
    }
    pair.key = p->key;
    if (ns < p->ns)
        m->backwards++;
    else
        match_put(m, &pair);
    match_remove(m, at);
}

void match_loss(struct match *m, uint32_t stream, uint32_t cpu, uint64_t from_ns)
{
    uint32_t kept = m->count, end = m->count;

    m->across += match_remove_all(m, stream);
    m->far += m->inputs[stream].given > from_ns;
    while (kept && (match_recent(m, kept - 1)->key.stream != stream ||
                    match_recent(m, kept - 1)->reached > from_ns))
        kept--;
    for (uint32_t i = kept; i < end; i++) {
        struct match_pair *pair = match_recent(m, i);

        if (pair->key.stream == stream && pair->end_ns > from_ns &&
            (!pair->apart || pair->end_cpu == cpu))
            m->across++;
        else
            *match_recent(m, kept++) = *pair;
    }
    m->count = kept;
}

void match_finish(struct match *m, uint32_t stream)
{
    uint32_t kept = 0;

    m->left += match_remove_all(m, stream);
    for (uint32_t i = 0; i < m->count; i++) {
        struct match_pair *pair = match_recent(m, i);

        if (pair->key.stream == stream)
            match_give(m, pair);
        else
            *match_recent(m, kept++) = *pair;
    }
    m->count = kept;
    m->inputs[stream] = (struct match_input){0};
}

void match_finish_all(struct match *m)
{
    for (uint32_t place = m->oldest; place; place = m->open[place].newer)
        m->left++;
    for (uint32_t i = 0; i < m->count; i++)
        match_give(m, match_recent(m, i));
    m->count = 0;
}

void match_begin(struct match *m, uint32_t inputs,
                 void (*give)(void *context, const struct match_pair *pair), void *context)
{
    m->give = give;
    m->context = context;
    m->open = mem_zero((MATCH_OPEN + 1) * sizeof(*m->open));
    m->heads = mem_zero(MATCH_HEADS * sizeof(*m->heads));
    m->recent = mem_zero(MATCH_RECENT * sizeof(*m->recent));
    m->inputs = mem_zero(inputs * sizeof(*m->inputs));
}

void match_close(struct match *m)
{
    free(m->open);
    free(m->heads);
    free(m->recent);
    free(m->inputs);
}
