/* SPDX-License-Identifier: MIT */
/* place.c - where the kernel of each capture was in memory, for the names of its addresses. */
#include "order/place.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/mem.h"

/* 2 * n digits and a NUL at `to`. */
static void place_hex(char *to, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        *to++ = "0123456789abcdef"[bytes[i] >> 4];
        *to++ = "0123456789abcdef"[bytes[i] & 15];
    }
    *to = '\0';
}

/* Are they of another kernel? Says so. */
static bool place_is_other(const struct place *p, struct stream *s)
{
    const struct metadata_image *image = &s->metadata.image;
    const struct elf_facts *facts = &p->symbols->facts;
    char theirs[2 * METADATA_ID_BYTES + 1], ours[2 * ELF_ID_BYTES + 1];

    if (!p->symbols->is_elf)
        return false;
    if (image->known & METADATA_MACHINE && image->machine != facts->machine) {
        diag_note(
            &s->diag,
            "the kernel is of machine %s, %s of %s: no names from it; --symbols takes the ELF "
            "file of that kernel",
            elf_machine(image->machine, theirs), p->name, elf_machine(facts->machine, ours));
        return true;
    }
    if (!(image->known & METADATA_BUILD_ID))
        return false;
    place_hex(theirs, image->build_id, image->build_id_bytes);
    place_hex(ours, facts->id, facts->id_bytes);
    if (!facts->id_bytes)
        diag_note(&s->diag,
                  "the kernel has build id %s, %s has none: it may be of another build, with "
                  "other addresses (link it with --build-id, and do not strip notes)",
                  theirs, p->name);
    if (!facts->id_bytes || strcmp(theirs, ours) == 0)
        return false;
    diag_note(&s->diag,
              "the kernel has build id %s, %s has %s: no names from it; --symbols takes the ELF "
              "file of that build",
              theirs, p->name, ours);
    return true;
}

static uint64_t place_slide(const struct place *p, struct stream *s)
{
    const struct metadata_image *image = &s->metadata.image;
    const struct elf_facts *facts = &p->symbols->facts;

    if (p->options->has_slide)
        return p->options->slide;
    if (!(image->known & METADATA_BASE))
        return 0;
    if (facts->loads)
        return image->base - facts->lowest;
    /* A list does not say where its kernel begins. That of the running kernel is right as it is. */
    if (!symbols_begin_at(p->symbols, image->base))
        diag_note(&s->diag,
                  "the kernel was at 0x%" PRIx64 ", where %s has no symbol: names may be wrong; "
                  "take its ELF file, or say by --slide how far it was moved",
                  image->base, p->name);
    return 0;
}

/* Before anything of this capture is shown. Later metadata may say more. */
static void place_set(struct place *p, struct stream *s)
{
    struct place_input *in = &p->inputs[s->number];
    uint32_t known = s->metadata.image.known;

    if (!in->begun || in->known != known) {
        in->begun = true;
        in->known = known;
        in->other = place_is_other(p, s);
        in->slide = in->other ? 0 : place_slide(p, s);
        p->wrong = p->wrong || in->other;
    }
    p->symbols->slide = in->slide;
    p->symbols->off = in->other;
}

static void place_begin(struct sink *k, struct stream *s)
{
    struct place *p = (struct place *)k;

    place_set(p, s);
    if (p->next->begin)
        p->next->begin(p->next, s);
}

static void place_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct place *p = (struct place *)k;

    place_set(p, lane->stream);
    if (p->next->event)
        p->next->event(p->next, lane, e);
    k->enough = p->next->enough;
}

static void place_unfinished(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    struct place *p = (struct place *)k;

    place_set(p, lane->stream);
    if (p->next->unfinished)
        p->next->unfinished(p->next, lane, e);
    k->enough = p->next->enough;
}

static void place_loss(struct sink *k, struct stream_lane *lane)
{
    struct place *p = (struct place *)k;

    if (p->next->loss)
        p->next->loss(p->next, lane);
    k->enough = p->next->enough;
}

static void place_task(struct sink *k, struct stream_lane *lane)
{
    struct place *p = (struct place *)k;

    if (p->next->task)
        p->next->task(p->next, lane);
    k->enough = p->next->enough;
}

static void place_finish(struct sink *k, struct stream *s)
{
    struct place *p = (struct place *)k;

    p->inputs[s->number].begun = false;
    if (p->next->finish)
        p->next->finish(p->next, s);
}

static void place_end(struct sink *k)
{
    struct place *p = (struct place *)k;

    if (p->next->end)
        p->next->end(p->next);
}

static void place_close(struct sink *k)
{
    struct place *p = (struct place *)k;

    sink_close(p->next);
    free(p->inputs);
    p->inputs = NULL;
}

struct sink *place_open(struct place *p, const struct place_options *o, struct sink *next,
                        struct symbols *symbols, const char *name, uint32_t inputs)
{
    *p = (struct place){
        .sink = {.out = next->out, .close = place_close},
        .next = next,
        .options = o,
        .symbols = symbols,
        .name = name,
    };
    p->sink.enough = next->enough;
    p->sink.any_order = next->any_order;
    p->sink.each = next->each;
    p->sink.apart = next->apart;
    p->sink.settles = next->settles;
    p->sink.begin = place_begin;
    p->sink.event = place_event;
    p->sink.unfinished = place_unfinished;
    p->sink.loss = place_loss;
    p->sink.task = place_task;
    p->sink.finish = place_finish;
    p->sink.end = place_end;
    p->inputs = mem_zero(inputs * sizeof(*p->inputs));
    return &p->sink;
}
