/* SPDX-License-Identifier: MIT */
/* preview.c - what is found out about an input before its items are put out. */
#include "order/preview.h"

#include "bytes/guide.h"

bool preview_again(struct stream *s, struct survey *v)
{
    uint64_t at = s->in.offset + s->reader.consume;

    if (!survey_look(v, &s->in, at))
        return false;
    s->reader.consume = 0;
    return true;
}

bool preview_is_regular(struct stream *s)
{
    return guide_ready(s->guide, &s->in, &s->diag) && guide_foot(s->guide)->flags & GUIDE_REGULAR;
}

void preview_first(struct stream *s)
{
    if (s->survey.done)
        return;
    input_fill(&s->in, 1);
    if (!s->survey.ends && guide_ready(s->guide, &s->in, &s->diag))
        survey_take(&s->survey, s->guide);
    else
        (void)preview_again(s, &s->survey);
}

uint64_t preview_end_ns(const struct stream *s, const struct survey_capture *c)
{
    uint64_t hz = s->clock_hz ? s->clock_hz : c->hz ? c->hz : STREAM_HZ_UNKNOWN;
    struct clock clock = {.hz = 0};
    __int128 ns;

    clock_set(&clock, hz);
    ns = (__int128)(s->by_wall && c->pairs.count ? clock_wall_ns(&c->pairs, hz, c->end)
                                                 : clock_ns(&clock, c->end)) +
         s->offset_ns;
    return ns < 0 ? 0 : ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

void preview_look(struct stream *s)
{
    /* An index has no names of events. */
    bool again = s->survey.events && !s->survey.told && s->survey.taken == s->survey.done;

    if (s->in.watch)
        return;
    if (again) {
        survey_forget(&s->survey);
        (void)preview_again(s, &s->survey);
    } else {
        preview_first(s);
    }
}

bool preview_has_wall(struct stream *s)
{
    preview_first(s);
    if (!s->survey.single && !s->survey.count && !s->in.watch)
        survey_front(&s->survey, &s->in);
    return s->survey.count && s->survey.captures[0].pairs.count;
}

bool preview_is_last(struct stream *s)
{
    return s->survey.single && s->survey.ordered && seek_single(&s->in, s->id);
}
