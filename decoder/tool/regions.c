/* SPDX-License-Identifier: MIT */
/* regions.c - the regions of an image that are read at once. */
#include "tool/regions.h"

#include <inttypes.h>

#include "base/crc.h"
#include "bytes/image.h"
#include "order/preview.h"

/* What regions of one kernel have in common, as checksums; 0: not said. */
enum regions_fact { REGIONS_CLOCK, REGIONS_HOST, REGIONS_BASE, REGIONS_BUILD, REGIONS_FACTS };

/* What is known of the clocks of two regions. */
enum regions_clock {
    REGIONS_APART,  /* they are of two */
    REGIONS_UNSURE, /* nothing says so, and nothing says that they are of one */
    REGIONS_ONE
};

struct regions_kernel {
    bool known;
    uint64_t fact[REGIONS_FACTS];
};

static uint64_t regions_sum(const void *bytes, size_t n)
{
    return n ? UINT32_MAX + (uint64_t)1 + crc_add(0, bytes, n) : 0;
}

static void regions_look(void *context, const struct metadata *m)
{
    struct regions_kernel *k = context;

    k->known = true;
    k->fact[REGIONS_CLOCK] = regions_sum(m->clock_name.bytes, m->clock_name.n);
    k->fact[REGIONS_HOST] = regions_sum(m->host.bytes, m->host.n);
    k->fact[REGIONS_BASE] = m->image.base;
    k->fact[REGIONS_BUILD] = regions_sum(m->image.build_id, m->image.build_id_bytes);
}

static bool regions_contradict(const struct regions_kernel *a, const struct regions_kernel *b)
{
    for (unsigned i = 0; i < REGIONS_FACTS; i++)
        if (a->fact[i] && b->fact[i] && a->fact[i] != b->fact[i])
            return true;
    return false;
}

/* Of how many of them records are asked for. */
static uint32_t regions_asked(uint32_t regions, const struct range_list *captures)
{
    uint32_t n = 0;

    for (uint32_t k = 1; k <= regions; k++)
        n += !captures->count || range_has(captures, k);
    return n;
}

/* Does the time of day say that they are of one boot? Only that does: counters of all boots begin at 0. */
static enum regions_clock regions_agree(const struct survey_capture *a,
                                        const struct survey_capture *b)
{
    __int128 x_ns, y_ns;

    if (!clock_zero_ns(&a->pairs, a->hz, &x_ns) || !clock_zero_ns(&b->pairs, b->hz, &y_ns))
        return REGIONS_UNSURE;
    return clock_is_same_zero(x_ns, y_ns) ? REGIONS_ONE : REGIONS_APART;
}

/* What a region begins with. */
static const struct survey_capture *regions_front(struct stream *s, struct regions_kernel *k)
{
    s->survey.events = regions_look;
    s->survey.context = k;
    (void)preview_has_wall(s);
    s->survey.events = NULL;
    s->survey.context = NULL;
    return s->survey.count && k->known && s->survey.captures[0].hz ? &s->survey.captures[0] : NULL;
}

/* Is one a copy of the other? */
static bool regions_same(const struct stream *a, const struct stream *b)
{
    return image_head(a->in.image)->stream == image_head(b->in.image)->stream;
}

/* Is one count one moment in it and in the first? */
static enum regions_clock regions_share(const struct survey_capture *first,
                                        const struct regions_kernel *kernel, struct stream *s)
{
    struct regions_kernel other = {.known = false};
    const struct survey_capture *front = regions_front(s, &other);

    if (!front || first->hz != front->hz || regions_contradict(kernel, &other))
        return REGIONS_APART;
    return regions_agree(first, front);
}

static void regions_say_nothing(void *context, const struct diag_file *f, bool damage,
                                const char *text, size_t n)
{
    (void)context;
    (void)f;
    (void)damage;
    (void)text;
    (void)n;
}

/* The k-th region of an image, from 0. */
static void regions_add(struct stream *s, uint32_t number, struct stream *image, uint32_t k,
                        struct diag *diag)
{
    stream_open(s, number, image->diag.name, diag);
    s->named = image->named;
    s->clock_hz = image->clock_hz;
    s->look = image->look;
    s->offset_ns = image->offset_ns;
    s->given = image->given;
    s->survey.ends = image->survey.ends;
    s->captures = k;
    s->region = true;
    input_open_region(&s->in, &image->in, k, &s->diag);
    s->in.wait = image->in.wait;
    s->in.wait_context = image->in.wait_context;
}

/* All but the first. */
static void regions_add_all(struct stream *streams, size_t *count, struct stream *image,
                            uint32_t regions, struct diag *diag)
{
    for (uint32_t k = 1; k < regions; k++) {
        struct stream *s = &streams[*count];

        s->in.fd = -1;
        ++*count;
        regions_add(s, (uint32_t)*count - 1, image, k, diag);
    }
}

static void regions_remove(struct stream *streams, size_t *count, size_t before)
{
    while (*count > before)
        stream_close(&streams[--*count]);
}

/* Is this one of the streams from `before` on a copy of the image's first region, or of one before it? */
static bool regions_copied(const struct stream *streams, size_t before, size_t i,
                           const struct stream *image)
{
    for (size_t k = before; k < i; k++)
        if (regions_same(&streams[k], &streams[i]))
            return true;
    return regions_same(image, &streams[i]);
}

/* Can all of them be read, is none a copy of another, and do they share the clock of the first? What is wrong with one is said when it is read in earnest. */
static enum regions_clock regions_fit(struct stream *streams, size_t *count, struct stream *image,
                                      uint32_t regions)
{
    struct diag silent = {.tell = regions_say_nothing};
    struct regions_kernel kernel = {.known = false};
    enum regions_clock fit = REGIONS_ONE, one;
    const struct survey_capture *first;
    size_t before = *count;

    survey_forget(&image->survey);
    first = regions_front(image, &kernel);
    if (!first)
        return REGIONS_APART;
    regions_add_all(streams, count, image, regions, &silent);
    for (size_t i = before; i < *count && fit != REGIONS_APART; i++) {
        one = REGIONS_APART;
        if (!streams[i].in.eof && !regions_copied(streams, before, i, image))
            one = regions_share(first, &kernel, &streams[i]);
        fit = one < fit ? one : fit;
    }
    regions_remove(streams, count, before);
    return fit;
}

static bool regions_open_one(struct stream *streams, size_t *count, size_t room,
                             struct stream *image, const struct range_list *captures)
{
    uint32_t regions = image->done || image->in.slow ? 0 : input_regions(&image->in);
    enum regions_clock fit;

    if (regions < 2 || regions - 1 > room - *count || regions_asked(regions, captures) < 2)
        return false;
    fit = regions_fit(streams, count, image, regions);
    if (fit == REGIONS_UNSURE)
        diag_note(&image->diag,
                  "the %" PRIu32 " captures are shown one after the other: not all have clock "
                  "pairs, so nothing says that they are of one boot",
                  regions);
    if (fit != REGIONS_ONE)
        return false;
    regions_add_all(streams, count, image, regions, image->diag.diag);
    image->region = true;
    input_first_region(&image->in);
    return true;
}

bool regions_open(struct stream *streams, size_t *count, const struct range_list *captures)
{
    size_t named = *count, room = named + REGIONS_MAX;
    bool any = false;

    for (size_t i = 0; i < named; i++)
        any = regions_open_one(streams, count, room, &streams[i], captures) || any;
    for (size_t i = 0; any && named == 1 && i < *count; i++)
        streams[i].only_named = true;
    return any;
}
