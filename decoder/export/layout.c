/* SPDX-License-Identifier: MIT */
/* layout.c - how a record of a dump becomes one of Linux. */
#include "export/layout.h"

#include <string.h>
#include <tp/wire.h>

#include "base/load.h"
#include "export/little.h"
#include "export/tracefs.h"

#define LAYOUT_LOCATION_BYTES 4u
#define LAYOUT_CUT_BYTES 3u /* "..." after a text that was cut */

/* --- making it --- */

/* Does it go on where the step before it ends, in both? */
static bool layout_joins(const struct layout_step *last, const struct layout_step *next)
{
    return last->what == LAYOUT_COPY && next->what == LAYOUT_COPY &&
           last->from + last->bytes == next->from && last->to + last->bytes == next->to;
}

static void layout_add(struct layout *l, struct layout_step step)
{
    if (l->count && layout_joins(&l->steps[l->count - 1], &step))
        l->steps[l->count - 1].bytes += step.bytes;
    else
        l->steps[l->count++] = step;
}

static struct layout_step layout_step(const struct metadata_field *f, uint32_t to, bool turn)
{
    struct layout_step step = {.from = (uint16_t)f->at, .to = (uint16_t)to, .width = f->width};

    if (metadata_has_tail(f)) {
        step.what = LAYOUT_TAIL;
        step.text = tracefs_is_text(f);
        step.turn = f->sequence && turn && f->width > 1;
        return step;
    }
    step.what = turn && f->width > 1 ? LAYOUT_TURN : LAYOUT_COPY;
    step.bytes = (uint16_t)(f->size - f->size % f->width);
    return step;
}

void layout_make(struct layout *l, const struct metadata_event *e, bool swap, uint32_t room)
{
    uint32_t end = TRACEFS_HEADER_BYTES;

    *l = (struct layout){.fixed = (uint16_t)e->bytes, .swap = swap};
    for (uint32_t i = 0; i < e->field_count && end <= room; i++) {
        const struct metadata_field *f = &e->fields[i];
        uint32_t at = tracefs_at(f, end);

        end = at + tracefs_bytes(f);
        layout_add(l, layout_step(f, at, swap != LITTLE_SWAP));
        l->tails += metadata_has_tail(f);
    }
    l->bytes = (uint16_t)(end <= room ? end : 0);
}

/* --- using it --- */

static uint16_t layout_tail(const struct layout *l, const struct layout_step *s,
                            const uint8_t *fields)
{
    return load_u16(fields + s->from, l->swap);
}

/* Bytes of a tail there: with what says that it was cut, and its end. */
static uint32_t layout_tail_bytes(const struct layout_step *s, uint16_t tail)
{
    return TP_TAIL_BYTES(tail) + (s->text && tail & TP_TAIL_CUT ? LAYOUT_CUT_BYTES : 0) + s->text;
}

uint32_t layout_bytes_tails(const struct layout *l, const uint8_t *fields, uint32_t room)
{
    uint32_t used = l->bytes;

    for (uint32_t i = 0; i < l->count; i++) {
        uint32_t n;

        if (l->steps[i].what != LAYOUT_TAIL)
            continue;
        n = layout_tail_bytes(&l->steps[i], layout_tail(l, &l->steps[i], fields));
        if (n > room - used)
            return 0;
        used += n;
    }
    return used;
}

static void layout_turn(uint8_t *to, const uint8_t *from, uint32_t bytes, uint32_t width)
{
    for (uint32_t i = 0; i + width <= bytes; i += width)
        for (uint32_t k = 0; k < width; k++)
            to[i + k] = from[i + width - 1 - k];
}

/* Returns the bytes of the tail in the dump. */
static uint32_t layout_fill_tail(const struct layout *l, const struct layout_step *s, uint8_t *to,
                                 uint32_t used, const uint8_t *fields, const uint8_t *from)
{
    uint16_t tail = layout_tail(l, s, fields);
    uint32_t n = TP_TAIL_BYTES(tail), all = layout_tail_bytes(s, tail);

    little_u32(to + s->to, all << 16 | used);
    if (s->turn)
        layout_turn(to + used, from, n, s->width);
    else
        layout_copy(to + used, from, n);
    if (s->text) {
        memset(to + used + n, '.', all - n);
        to[used + all - 1] = '\0';
    }
    return n;
}

void layout_fill(const struct layout *l, uint8_t *to, const uint8_t *fields)
{
    uint32_t end = TRACEFS_HEADER_BYTES, used = l->bytes, from = l->fixed;

    for (uint32_t i = 0; i < l->count; i++) {
        const struct layout_step *s = &l->steps[i];

        while (end < s->to)
            to[end++] = 0;
        end = s->to + s->bytes;
        if (s->what == LAYOUT_COPY) {
            layout_copy(to + s->to, fields + s->from, s->bytes);
        } else if (s->what == LAYOUT_TURN) {
            layout_turn(to + s->to, fields + s->from, s->bytes, s->width);
        } else {
            end += LAYOUT_LOCATION_BYTES;
            from += layout_fill_tail(l, s, to, used, fields, fields + from);
            used += layout_tail_bytes(s, layout_tail(l, s, fields));
        }
    }
    while (end < l->bytes)
        to[end++] = 0;
}
