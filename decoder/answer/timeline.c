/* SPDX-License-Identifier: MIT */
/* timeline.c - --timeline: how dense records are, a line for each CPU. */
#include "answer/timeline.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"

#define TIMELINE_ROWS (TIMELINE_CPUS + 1)
#define TIMELINE_CPU_NUMBERS 65536u
#define TIMELINE_ROW_OTHERS TIMELINE_CPUS

static struct timeline_cell *timeline_cell(struct timeline *t, uint32_t row, __int128 column)
{
    int64_t at = (int64_t)(column % t->columns);

    return &t->cells[(size_t)row * t->columns + (size_t)(at < 0 ? at + t->columns : at)];
}

static void timeline_widen_row(struct timeline *t, uint32_t row)
{
    struct timeline_cell old[TIMELINE_COLUMNS_MOST];

    for (uint32_t i = 0; i < t->columns && t->first + i <= t->last; i++) {
        struct timeline_cell *c = timeline_cell(t, row, t->first + i);

        old[i] = *c;
        *c = (struct timeline_cell){0};
    }
    for (uint32_t i = 0; i < t->columns && t->first + i <= t->last; i++) {
        struct timeline_cell *c = timeline_cell(t, row, (t->first + i) >> 1);

        c->count += old[i].count;
        c->lost = number_add(c->lost, old[i].lost);
        c->damaged = c->damaged || old[i].damaged;
    }
}

static void timeline_widen(struct timeline *t)
{
    for (uint32_t row = 0; row < t->row_count; row++)
        timeline_widen_row(t, row);
    timeline_widen_row(t, TIMELINE_ROW_OTHERS);
    t->first >>= 1;
    t->last >>= 1;
    t->shift++;
}

static uint32_t timeline_row(struct timeline *t, uint32_t cpu)
{
    uint16_t *row = &t->rows[cpu % TIMELINE_CPU_NUMBERS];

    if (!*row && t->row_count < TIMELINE_CPUS) {
        t->cpus[t->row_count] = cpu;
        *row = (uint16_t)++t->row_count;
    }
    t->others = t->others || !*row;
    return *row ? *row - 1u : TIMELINE_ROW_OTHERS;
}

static struct timeline_cell *timeline_at(struct timeline *t, struct stream_lane *lane)
{
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    __int128 since, low, high;

    if (!t->based) {
        t->based = true;
        t->base_ns = ns;
    }
    since = (__int128)ns - (__int128)t->base_ns;
    for (;; timeline_widen(t)) {
        low = since >> t->shift < t->first ? since >> t->shift : t->first;
        high = since >> t->shift > t->last ? since >> t->shift : t->last;
        if (high - low < t->columns)
            break;
    }
    t->first = low;
    t->last = high;
    return timeline_cell(t, timeline_row(t, lane->cpu), since >> t->shift);
}

static void timeline_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    if (!e)
        stream_count_unknown(lane, e);
    timeline_at((struct timeline *)k, lane)->count++;
}

static void timeline_loss(struct sink *k, struct stream_lane *lane)
{
    struct timeline_cell *c = timeline_at((struct timeline *)k, lane);

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        c->lost = number_add(c->lost, lane->loss[i]);
    c->damaged = c->damaged || lane->loss_damage;
    loss_add(&((struct timeline *)k)->loss, lane);
}

/* --- what comes out --- */

static void timeline_text_row(struct timeline *t, uint32_t row, uint64_t most)
{
    static const char ramp[] = " .:-=+*#%@";
    struct out *o = t->sink.out;

    for (__int128 i = t->first; i <= t->last; i++) {
        const struct timeline_cell *c = timeline_cell(t, row, i);
        unsigned levels = t->ascii ? sizeof(ramp) - 2 : 8, level = 0;
        char block[4] = "\xe2\x96\x80";

        if (c->count)
            level = (unsigned)(((unsigned __int128)c->count * levels + most - 1) / most);
        block[2] = (char)(0x80 + level);
        if (c->lost || c->damaged)
            out_text(o, "!");
        else if (t->ascii || !level)
            out_bytes(o, &ramp[level], 1);
        else
            out_text(o, block);
    }
    out_text(o, "|\n");
}

static uint64_t timeline_most(struct timeline *t)
{
    uint64_t most = 0;

    for (size_t i = 0; i < (size_t)TIMELINE_ROWS * t->columns; i++)
        most = t->cells[i].count > most ? t->cells[i].count : most;
    return most;
}

/* In the order of CPUs. */
static bool timeline_next_row(const struct timeline *t, uint32_t *cpu, uint32_t *row)
{
    while (*cpu < TIMELINE_CPU_NUMBERS && !t->rows[*cpu])
        ++*cpu;
    if (*cpu == TIMELINE_CPU_NUMBERS)
        return false;
    *row = t->rows[*cpu] - 1u;
    return true;
}

/* Where a column starts. Columns never reach out of what is a time by more than themselves. */
static uint64_t timeline_start(const struct timeline *t, __int128 column)
{
    __int128 ns = column * ((__int128)1 << t->shift) + (__int128)t->base_ns;

    return ns < 0 ? 0 : ns > NUMBER_MOST ? UINT64_MAX : (uint64_t)ns;
}

static void timeline_text(struct timeline *t)
{
    struct out *o = t->sink.out;
    char text[NUMBER_BYTES];
    uint64_t most = timeline_most(t);
    uint32_t row;

    number_put_seconds(text, timeline_start(t, t->first));
    out_text(o, text);
    out_text(o, " to ");
    number_put_seconds(text, timeline_start(t, t->last + 1));
    out_text(o, text);
    out_text(o, ", a column is ");
    number_put_micros(text, 1ull << t->shift);
    out_text(o, text);
    out_text(o, " us and at most ");
    out_u64(o, most);
    out_text(o, " records, ! are losses\n");
    for (uint32_t cpu = 0; timeline_next_row(t, &cpu, &row); cpu++) {
        out_text(o, "cpu ");
        number_column_u64(o, cpu, 5);
        out_text(o, " |");
        timeline_text_row(t, row, most);
    }
    if (t->others) {
        out_text(o, "   others |");
        timeline_text_row(t, TIMELINE_ROW_OTHERS, most);
    }
    loss_text(&t->loss, o);
}

static void timeline_json_row(struct timeline *t, uint32_t row)
{
    struct out *o = t->sink.out;

    out_text(o, ",\"counts\":[");
    for (__int128 i = t->first; i <= t->last; i++) {
        out_text(o, i > t->first ? "," : "");
        out_u64(o, timeline_cell(t, row, i)->count);
    }
    out_text(o, "],\"lost\":[");
    for (__int128 i = t->first; i <= t->last; i++) {
        const struct timeline_cell *c = timeline_cell(t, row, i);

        out_text(o, i > t->first ? "," : "");
        if (c->damaged)
            out_text(o, "null");
        else
            out_u64(o, c->lost);
    }
    out_text(o, "]}");
}

static void timeline_json(struct timeline *t)
{
    struct out *o = t->sink.out;
    bool any = false;
    uint32_t row;

    out_text(o, "{\"answer\":\"timeline\"");
    if (t->based) {
        number_json(o, "start_ns", timeline_start(t, t->first));
        number_json(o, "column_ns", 1ull << t->shift);
        number_json(o, "columns", (uint64_t)(t->last - t->first + 1));
    }
    loss_json(&t->loss, o);
    out_text(o, ",\"cpus\":[");
    for (uint32_t cpu = 0; timeline_next_row(t, &cpu, &row); cpu++, any = true) {
        out_text(o, any ? ",{\"cpu\":" : "{\"cpu\":");
        out_u64(o, cpu);
        timeline_json_row(t, row);
    }
    if (t->others) {
        out_text(o, ",{\"cpu\":null");
        timeline_json_row(t, TIMELINE_ROW_OTHERS);
    }
    out_text(o, "]}\n");
}

static void timeline_end(struct sink *k)
{
    struct timeline *t = (struct timeline *)k;

    if (t->json)
        timeline_json(t);
    else if (t->based)
        timeline_text(t);
}

static void timeline_close(struct sink *k)
{
    struct timeline *t = (struct timeline *)k;

    free(t->cells);
    free(t->rows);
}

struct sink *timeline_open(struct timeline *t, struct out *o, uint32_t width, bool ascii, bool json)
{
    uint32_t columns = width > TIMELINE_LABEL ? width - TIMELINE_LABEL : 0;

    columns = columns < TIMELINE_COLUMNS_LEAST ? TIMELINE_COLUMNS_LEAST : columns;
    *t = (struct timeline){
        .sink = {.out = o,
                 .event = timeline_event,
                 .loss = timeline_loss,
                 .end = timeline_end,
                 .close = timeline_close},
        .json = json,
        .ascii = ascii,
        .columns = columns > TIMELINE_COLUMNS_MOST ? TIMELINE_COLUMNS_MOST : columns,
    };
    t->cells = mem_zero((size_t)TIMELINE_ROWS * t->columns * sizeof(*t->cells));
    t->rows = mem_zero(TIMELINE_CPU_NUMBERS * sizeof(*t->rows));
    return &t->sink;
}
