/* SPDX-License-Identifier: MIT */
/* notes.c - what is said in a Parquet file of the captures in it. */
#include "export/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"

#define NOTES_PAIR_BYTES 44u /* two numbers of 64 bits, what is between them and after them */

static void notes_pair(struct notes *n, const char *key, const void *value, size_t bytes)
{
    char text[64];

    if (n->captures > 1)
        snprintf(text, sizeof(text), "tracepoint.%" PRIu32 ".%s", n->captures, key);
    else
        snprintf(text, sizeof(text), "tracepoint.%s", key);
    if (bytes)
        store_pair(&n->pairs, text, value, bytes);
}

static void notes_number(struct notes *n, const char *key, uint64_t v)
{
    char text[24];

    notes_pair(n, key, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, v));
}

static void notes_text(struct notes *n, const char *key, const struct metadata_text *t)
{
    char text[6 * TP_LIMIT_NAME_BYTES];
    uint32_t bytes = t->n < TP_LIMIT_NAME_BYTES ? t->n : TP_LIMIT_NAME_BYTES;

    notes_pair(n, key, text, out_escape(text, t->bytes, bytes, OUT_TEXT));
}

/* Each as COUNT=NANOSECONDS. */
static void notes_clock(struct notes *n, const struct clock_pairs *c)
{
    char text[CLOCK_PAIRS * NOTES_PAIR_BYTES];
    size_t bytes = 0;

    for (unsigned i = 0; i < c->count; i++)
        bytes += (size_t)snprintf(text + bytes, sizeof(text) - bytes, "%s%" PRIu64 "=%" PRIu64,
                                  i ? " " : "", c->at[i].ticks, c->at[i].wall_ns);
    notes_pair(n, "clock", text, bytes);
}

static void notes_build_id(struct notes *n, const struct metadata_image *image)
{
    char text[2 * METADATA_ID_BYTES + 1];
    size_t bytes = 0;

    for (uint32_t i = 0; image->known & METADATA_BUILD_ID && i < image->build_id_bytes; i++)
        bytes += (size_t)snprintf(text + bytes, sizeof(text) - bytes, "%02x", image->build_id[i]);
    notes_pair(n, "build_id", text, bytes);
}

static void notes_suppressed(struct notes *n, const struct stream *s)
{
    uint64_t count, sum = 0;
    uint32_t id = 0;

    while ((count = stream_suppressed(s, &id)))
        sum = number_add(sum, count);
    if (sum)
        notes_number(n, "suppressed", sum);
}

static void notes_describe(struct notes *n, const struct stream *s)
{
    char id[24];

    if (n->captures++ >= NOTES_CAPTURES)
        return;
    notes_pair(n, "stream", id, (size_t)snprintf(id, sizeof(id), "0x%" PRIx64, s->id));
    notes_text(n, "tool", &s->metadata.tool);
    notes_text(n, "host", &s->metadata.host);
    notes_build_id(n, &s->metadata.image);
    notes_number(n, "clock_hz", s->metadata.clock_hz);
    notes_clock(n, &s->pairs);
    notes_suppressed(n, s);
    if (s->label)
        notes_pair(n, "input", s->label, out_valid((const uint8_t *)s->label, strlen(s->label)));
}

void notes_begin(struct notes *n, struct stream *s)
{
    n->open = mem_reach(n->open, &n->open_count, s->number, 1, sizeof(*n->open));
    n->open[s->number] = s;
}

bool notes_has(const struct notes *n, const struct stream *s)
{
    return s->number < n->open_count && n->open[s->number];
}

void notes_finish(struct notes *n, const struct stream *s)
{
    n->open[s->number] = NULL;
    notes_describe(n, s);
}

static void notes_tell(const struct notes *n, struct diag *diag, uint64_t late)
{
    if (n->unfinished)
        diag_line(diag,
                  "--format parquet: %" PRIu64 " events that were never finished are left out",
                  n->unfinished);
    if (late)
        diag_line(diag, "--format parquet: %" PRIu64 " times are beyond 2^63 - 1, and are that",
                  late);
    if (n->captures > NOTES_CAPTURES)
        diag_line(diag, "--format parquet: of %" PRIu32 " captures the first %u are described",
                  n->captures, NOTES_CAPTURES);
}

void notes_end(struct notes *n, struct diag *diag, uint64_t late)
{
    for (uint32_t i = 0; i < n->open_count; i++)
        if (n->open[i])
            notes_describe(n, n->open[i]);
    notes_tell(n, diag, late);
    n->captures = 0;
    notes_number(n, "records", n->records);
    notes_number(n, "lost", n->lost);
}

void notes_close(struct notes *n)
{
    store_pairs_free(&n->pairs);
    free(n->open);
}
