/* SPDX-License-Identifier: MIT */
/* relation.c - how several inputs go together. */
#include "order/relation.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bytes/image.h"
#include "order/preview.h"

struct relation_capture {
    uint64_t stream;
    uint32_t input;
};

static int relation_compare(const void *a, const void *b)
{
    const struct relation_capture *x = a, *y = b;

    return x->stream != y->stream ? (x->stream > y->stream ? 1 : -1)
                                  : (x->input > y->input) - (x->input < y->input);
}

/* May a capture be in several inputs? What cannot be looked through may have any. */
static bool relation_shares(struct relation *r)
{
    size_t room = (size_t)r->count * SURVEY_CAPTURES, n = 0;
    struct relation_capture *all;
    bool shares = false;

    for (uint32_t i = 0; i < r->count; i++) {
        const struct survey *v = &r->streams[i].survey;

        if (!r->streams[i].done && (!v->count || v->count == SURVEY_CAPTURES || v->front))
            return true;
    }
    r->scratch = all = mem_alloc(room * sizeof(*all));
    for (uint32_t i = 0; i < r->count; i++)
        for (uint32_t k = 0; k < r->streams[i].survey.count; k++)
            all[n++] = (struct relation_capture){r->streams[i].survey.captures[k].stream, i};
    qsort(all, n, sizeof(*all), relation_compare);
    for (size_t i = 1; i < n; i++)
        shares = shares || (all[i].stream == all[i - 1].stream && all[i].input != all[i - 1].input);
    free(r->scratch);
    r->scratch = NULL;
    return shares;
}

/* The `stream` of the first capture of an input, if that is known. */
static const uint64_t *relation_first_id(const struct stream *s)
{
    if (s->in.image)
        return &image_head(s->in.image)->stream;
    return s->survey.count ? &s->survey.captures[0].stream : NULL;
}

/* Have all inputs the same? */
static bool relation_is_one(const struct relation *r)
{
    const uint64_t *first = NULL, *id;

    for (uint32_t i = 0; i < r->count; i++) {
        if (r->streams[i].done)
            continue;
        id = relation_first_id(&r->streams[i]);
        if (!id || (first && *first != *id))
            return false;
        first = id;
    }
    return first;
}

/* An image is of the last capture of its number: that is where it ended. */
static void relation_find_image(struct relation *r, struct stream *image)
{
    const uint64_t *id = relation_first_id(image);

    for (uint32_t i = 0; i < r->count; i++)
        for (uint32_t k = 0; !r->streams[i].in.image && k < r->streams[i].survey.count; k++)
            if (r->streams[i].survey.captures[k].stream == *id)
                image->join_zero = r->streams[i].survey.captures[k].zero;
}

/* Inputs of one capture have the same time for the same count: each gets the clock pairs of all. */
static void relation_share_pairs(struct survey_capture *a, struct survey_capture *b)
{
    if (a->stream != b->stream || a->hz != b->hz)
        return;
    for (unsigned i = 0; i < a->pairs.count; i++)
        clock_pair(&b->pairs, a->pairs.at[i].ticks, a->pairs.at[i].wall_ns);
    for (unsigned i = 0; i < b->pairs.count; i++)
        clock_pair(&a->pairs, b->pairs.at[i].ticks, b->pairs.at[i].wall_ns);
}

static void relation_join(struct relation *r)
{
    struct stream *s = r->streams;

    r->joins = (struct join_list){.inputs = r->count, .counts = s};
    for (uint32_t i = 0; i < r->count; i++) {
        s[i].joins = &r->joins;
        if (s[i].in.image)
            relation_find_image(r, &s[i]);
        for (uint32_t k = 0; k < i && s[i].survey.count; k++)
            if (s[k].survey.count)
                relation_share_pairs(&s[i].survey.captures[0], &s[k].survey.captures[0]);
    }
}

/* Regions that share a clock are all there is: their counters are as exact as anything. */
static bool relation_is_one_clock(const struct relation *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (!r->streams[i].region || r->streams[i].named != r->streams[0].named)
            return false;
    return true;
}

/* Do the user's offsets say how the counters go together? */
static bool relation_is_offset(const struct relation *r)
{
    uint32_t without = 0;

    for (uint32_t i = 0; i < r->count; i++)
        without += !r->streams[i].done && !r->streams[i].offset_ns;
    return without < 2;
}

/* Inputs are put in order by counters that need not be of one boot. `unknown`: the name of one that cannot be looked through
 * before it is read, or NULL. */
static void relation_note_counters(const struct relation *r, const char *unknown, bool any)
{
    struct diag *diag = r->streams[0].diag.diag;

    if (r->apart || relation_is_one(r) || (!any && relation_is_offset(r)))
        return;
    if (unknown)
        diag_line(diag,
                  "the inputs are put in order by their counters: clock pairs of %s are not known "
                  "before it is read, as of a pipe or compressed file that does not begin with one",
                  unknown);
    else
        diag_line(diag, "the inputs are put in order by their counters: %s clock pairs",
                  any ? "not all have" : "none has");
}

/* Several inputs are put in order by wall time, if all have that. */
static void relation_by_wall(struct relation *r)
{
    const char *unknown = NULL;
    bool all = true, any = false;
    uint32_t read = 0;

    if (relation_is_one_clock(r))
        return;
    for (uint32_t i = 0; i < r->count; i++) {
        struct stream *s = &r->streams[i];
        bool has = !s->done && s->look && preview_has_wall(s);
        /* One from which no record can come has no place in the order. */
        bool none = s->done || (s->survey.single && !s->survey.count);

        all = all && (has || none);
        any = any || has;
        read += !none;
        if (!has && !none && s->look && !s->in.image && (!s->survey.count || s->survey.front))
            unknown = s->diag.name;
    }
    r->by_wall = all && any;
    for (uint32_t i = 0; i < r->count; i++)
        r->streams[i].by_wall = r->by_wall;
    if (!r->by_wall && read > 1)
        relation_note_counters(r, unknown, any);
}

/* The last record of all. */
static void relation_find_end(struct relation *r)
{
    uint64_t end_ns = 0;
    bool known = true;

    for (uint32_t i = 0; i < r->count; i++) {
        struct stream *s = &r->streams[i];

        if (!s->done)
            preview_look(s);
        known = known && (s->done || s->survey.count);
        for (uint32_t k = 0; k < s->survey.count; k++)
            if (s->survey.captures[k].ends && preview_end_ns(s, &s->survey.captures[k]) > end_ns)
                end_ns = preview_end_ns(s, &s->survey.captures[k]);
    }
    for (uint32_t i = 0; i < r->count; i++) {
        r->streams[i].end_known = known;
        r->streams[i].end_ns = end_ns;
    }
}

void relation_find(struct relation *r)
{
    relation_by_wall(r);
    if (r->streams[0].survey.ends)
        relation_find_end(r);
    r->shares = !r->apart && relation_shares(r);
    if (r->shares)
        relation_join(r);
}

void relation_free(struct relation *r)
{
    free(r->scratch);
    join_free(&r->joins);
    r->scratch = NULL;
}
