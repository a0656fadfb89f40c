/* SPDX-License-Identifier: MIT */
/* state.c - the state of a CPU's ring, read alone. */
#include "bytes/state.h"

#include "base/load.h"
#include "bytes/subbuf.h"

uint64_t state_count(const uint8_t *p, bool swap)
{
    uint32_t low = load_u32(p, swap), halves = load_u32(p + 4, swap);

    /* Perhaps its writer is to add one. */
    halves += (halves ^ low >> 31) & 1;
    return (uint64_t)(halves >> 1) << 32 | low;
}

bool state_making(const struct region *r, const uint8_t *header, uint64_t l, const uint64_t gone[2])
{
    uint32_t commit = load_u32(header + offsetof(struct tp_wire_chunk, payload_crc), r->swap);

    return load_u64(header + offsetof(struct tp_wire_chunk, seq), r->swap) == l &&
           (!commit || gone[l & 1] - gone[~l & 1] == commit >> 16);
}

static uint32_t state_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t state_most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t state_from(const struct tp_wire_region *h)
{
    return state_least(state_least(h->cursor_at, h->limit_at), state_least(h->gone_at, h->lost_at));
}

uint32_t state_span(const struct region *r, uint32_t cpu, uint64_t *at)
{
    const struct tp_wire_region *h = &r->head;
    uint32_t from = state_from(h);

    *at = h->rings_at + (uint64_t)cpu * h->ring_bytes + from;
    return state_most(state_most(h->cursor_at + (uint32_t)h->word_bytes,
                                 h->limit_at + (uint32_t)h->word_bytes),
                      state_most(h->gone_at + 2u * 8, h->lost_at + 8u * TP_LOST_OVERWRITTEN)) -
           from;
}

bool state_read(const struct region *r, const uint8_t *bytes, struct state *st)
{
    const struct tp_wire_region *h = &r->head;
    uint32_t from = state_from(h);
    uint64_t limit = region_word(r, bytes + (h->limit_at - from)), ahead;
    bool good = !(limit & (h->subbuf_bytes - 1));

    st->cursor = region_word(r, bytes + (h->cursor_at - from));
    st->limit = limit >> r->shift;
    for (unsigned i = 0; i < 2; i++)
        st->gone[i] = load_u64(bytes + (h->gone_at - from) + 8 * i, r->swap);
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        st->lost[i] = state_count(bytes + (h->lost_at - from) + 8 * i, r->swap);
        good = good && st->lost[i] < TP_LIMIT_COUNT;
    }
    /* The current sub-buffer is before the limit, by no more than there are. */
    ahead = (st->limit - (st->cursor >> r->shift)) & r->number_mask;
    return good && subbuf_is_offset(r, st->cursor & (h->subbuf_bytes - 1)) && ahead &&
           ahead <= h->subbufs;
}
