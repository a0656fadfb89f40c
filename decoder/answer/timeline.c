/* SPDX-License-Identifier: MIT */
/* timeline.c - --timeline: how dense records are on each CPU, and what each task does. */
#include "answer/timeline.h"

#include <stdlib.h>

#include "answer/axis.h"
#include "answer/tasks_row.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define TIMELINE_CPU_NUMBERS 65536u

static uint32_t timeline_row(struct timeline *t, uint32_t cpu)
{
    uint16_t *row = &t->rows[cpu % TIMELINE_CPU_NUMBERS];

    if (!*row && t->strip.row_count < STRIP_CPUS)
        *row = (uint16_t)++t->strip.row_count;
    t->others = t->others || !*row;
    return *row ? *row - 1u : STRIP_OTHERS;
}

static struct strip_cell *timeline_at(struct timeline *t, struct stream_lane *lane)
{
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);

    strip_reach(&t->strip, ns);
    return strip_at(&t->strip, timeline_row(t, lane->cpu), ns);
}

/* --- tasks --- */

/* The row of a task, or STRIP_TASKS: there are too many. */
static uint32_t timeline_task(struct timeline *t, uint32_t task)
{
    uint16_t *row = &t->task_rows[task];

    if (!*row && t->strip.task_count < STRIP_TASKS) {
        t->tasks_shown[t->strip.task_count] = task;
        *row = (uint16_t)++t->strip.task_count;
    }
    if (!*row) {
        *row = STRIP_TASKS + 1;
        t->task_more++;
    }
    return *row - 1u;
}

/* A task did something from one time to another, which are those of items that have come. */
static void timeline_saw(void *context, uint32_t task, enum tasks_does does, uint64_t from,
                         uint64_t to)
{
    struct timeline *t = context;
    uint32_t row = tasks_row_who(&t->tasks, task).idle ? STRIP_TASKS : timeline_task(t, task);

    if (row < STRIP_TASKS)
        strip_spend(&t->strip, row, does, from, to);
}

/* --- sink --- */

static void timeline_begin(struct sink *k, struct stream *s)
{
    struct timeline *t = (struct timeline *)k;

    if (t->with_tasks)
        t->tasks.sink.begin(&t->tasks.sink, s);
}

static void timeline_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct timeline *t = (struct timeline *)k;

    timeline_at(t, lane)->count++;
    if (t->with_tasks)
        t->tasks.sink.event(&t->tasks.sink, lane, e);
    else if (!e)
        stream_count_unknown(lane, e);
}

static void timeline_loss(struct sink *k, struct stream_lane *lane)
{
    struct timeline *t = (struct timeline *)k;
    struct strip_cell *c = timeline_at(t, lane);

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        c->lost = number_add(c->lost, lane->loss[i]);
    c->damaged |= lane->loss_damage;
    loss_add(&t->loss, lane);
    if (t->with_tasks)
        t->tasks.sink.loss(&t->tasks.sink, lane);
}

static void timeline_finish(struct sink *k, struct stream *s)
{
    struct timeline *t = (struct timeline *)k;

    boots_add(&t->boots, s);
    loss_finish(&t->loss, s);
    if (t->with_tasks)
        t->tasks.sink.finish(&t->tasks.sink, s);
}

/* --- what comes out --- */

static void timeline_text_row(struct timeline *t, uint32_t row, uint64_t most)
{
    static const char ramp[] = " .:-=+*#%@";
    struct out *o = t->sink.out;

    for (uint32_t i = 0; i < t->scale.columns; i++) {
        struct strip_cell c = strip_cell_of(&t->strip, &t->scale, row, i);
        unsigned levels = t->ascii ? sizeof(ramp) - 2 : 8, level = 0;
        char block[4] = "\xe2\x96\x80";

        if (c.count)
            level = (unsigned)(((unsigned __int128)c.count * levels + most - 1) / most);
        block[2] = (char)(0x80 + level);
        if (c.lost || c.damaged)
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

    for (uint32_t row = 0; row <= STRIP_CPUS; row++)
        for (uint32_t i = 0;
             i < t->scale.columns && (row < t->strip.row_count || row == STRIP_OTHERS); i++) {
            uint64_t count = strip_cell_of(&t->strip, &t->scale, row, i).count;

            most = count > most ? count : most;
        }
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

static void timeline_text_head(struct timeline *t, uint64_t most)
{
    static const char *const dark[] = {"\xe2\x96\x81 to \xe2\x96\x88", ". to @"};
    struct out *o = t->sink.out;
    char text[NUMBER_BYTES];

    number_put_seconds(text, t->strip.first_ns);
    out_text(o, text);
    out_text(o, " to ");
    number_put_seconds(text, t->strip.last_ns);
    out_text(o, text);
    out_text(o, ", a column is ");
    number_put_micros(text, t->scale.column_ns);
    out_text(o, text);
    out_text(o, " us\nCPUs: ");
    out_text(o, dark[t->ascii]);
    out_text(o, ", at most ");
    out_u64(o, most);
    out_text(o, " records; ! is a loss\n");
}

/* What a task did most of the time; of equals the first. */
static const char *timeline_glyph(const struct timeline *t, const struct strip_does *d)
{
    static const char *const glyphs[][TASKS_DOES] = {{"\xe2\x96\x88", "\xe2\x96\x92", "\xc2\xb7"},
                                                     {"#", "+", "."}};
    unsigned most = 0;

    for (unsigned i = 1; i < TASKS_DOES; i++)
        most = d->ns[i] > d->ns[most] ? i : most;
    return d->ns[most] ? glyphs[t->ascii][most] : " ";
}

/* Name and number, at the right of the label. */
static void timeline_text_who(struct out *o, const struct tasks_who *who)
{
    char number[NUMBER_BYTES], name[6 * TASKS_NAME_BYTES];
    size_t n, digits, room = TIMELINE_NAME;

    number_put(number, who->id);
    digits = strlen(number);
    digits = digits < room - 2 ? digits : room - 2;
    n = who->name_bytes ? out_escape(name, who->name, who->name_bytes, OUT_TEXT) : 0;
    if (!n) {
        memcpy(name, "<...>", 5);
        n = 5;
    }
    if (n > room - digits - 1)
        for (n = room - digits - 1;
             n && ((uint8_t)name[n] & 0xc0) == 0x80;) /* within a character */
            n--;
    out_pad(o, ' ', room - n - 1 - digits);
    out_bytes(o, name, n);
    out_text(o, "-");
    out_bytes(o, number, digits);
    out_text(o, " |");
}

static void timeline_text_tasks(struct timeline *t)
{
    struct out *o = t->sink.out;
    uint32_t shown = t->strip.task_count < TIMELINE_SHOWN ? t->strip.task_count : TIMELINE_SHOWN;

    if (!shown)
        return;
    out_text(o, t->ascii ? "tasks: # runs, + waits to run, . is asleep; else not known\n"
                         : "tasks: \xe2\x96\x88 runs, \xe2\x96\x92 waits to run, \xc2\xb7 is "
                           "asleep; else not known\n");
    for (uint32_t i = 0; i < shown; i++) {
        struct tasks_who who = tasks_row_who(&t->tasks, t->tasks_shown[t->order[i]]);

        timeline_text_who(o, &who);
        for (uint32_t column = 0; column < t->scale.columns; column++) {
            struct strip_does does = strip_does_of(&t->strip, &t->scale, t->order[i], column);

            out_text(o, timeline_glyph(t, &does));
        }
        out_text(o, "|\n");
    }
    if (t->strip.task_count - shown + t->task_more) {
        out_u64(o, t->strip.task_count - shown + t->task_more);
        out_text(o, " tasks more\n");
    }
}

static void timeline_text_label(struct out *o, const char *text, uint32_t number, bool numbered)
{
    char digits[NUMBER_BYTES] = "";

    if (numbered)
        number_put_u64(digits, number);
    out_pad(o, ' ', TIMELINE_NAME - strlen(text) - strlen(digits));
    out_text(o, text);
    out_text(o, digits);
    out_text(o, " |");
}

static void timeline_text(struct timeline *t)
{
    struct out *o = t->sink.out;
    char indent[TIMELINE_NAME + 3];
    uint64_t most;
    uint32_t row;

    t->scale = strip_scale(&t->strip, t->columns);
    most = timeline_most(t);
    memset(indent, ' ', TIMELINE_NAME + 2);
    indent[TIMELINE_NAME + 2] = '\0';
    timeline_text_head(t, most);
    axis_text(o, indent, t->strip.first_ns, t->scale.column_ns, t->scale.columns);
    for (uint32_t cpu = 0; timeline_next_row(t, &cpu, &row); cpu++) {
        timeline_text_label(o, "cpu ", cpu, true);
        timeline_text_row(t, row, most);
    }
    if (t->others) {
        timeline_text_label(o, "other CPUs", 0, false);
        timeline_text_row(t, STRIP_OTHERS, most);
    }
    timeline_text_tasks(t);
    loss_text(&t->loss, o);
}

/* --- JSON: columns of which each has exactly what is in it, 2^n ns times `each` --- */

/* Where a column starts. Columns never reach out of what is a time by more than themselves. */
static uint64_t timeline_start(const struct timeline *t, __int128 column)
{
    __int128 ns = column * t->each * ((__int128)1 << t->strip.shift) + (__int128)t->strip.base_ns;

    return ns < 0 ? 0 : ns > NUMBER_MOST ? UINT64_MAX : (uint64_t)ns;
}

static __int128 timeline_column(const struct timeline *t, __int128 column)
{
    return (column - (column < 0 ? t->each - 1 : 0)) / t->each;
}

/* As few for one as there is room for. */
static void timeline_each(struct timeline *t)
{
    t->each = 1;
    while (timeline_column(t, t->strip.last) - timeline_column(t, t->strip.first) >= t->columns)
        t->each++;
    t->first = timeline_column(t, t->strip.first);
    t->last = timeline_column(t, t->strip.last);
}

static struct strip_cell timeline_cell(const struct timeline *t, uint32_t row, __int128 column)
{
    struct strip_cell sum = {0};

    for (__int128 i = column * t->each; i < (column + 1) * t->each; i++)
        if (i >= t->strip.first && i <= t->strip.last)
            strip_add(&sum, strip_cell(&t->strip, row, i));
    return sum;
}

static uint64_t timeline_does(const struct timeline *t, uint32_t row, __int128 column,
                              unsigned does)
{
    uint64_t sum_ns = 0;

    for (__int128 i = column * t->each; i < (column + 1) * t->each; i++)
        if (i >= t->strip.first && i <= t->strip.last)
            sum_ns += strip_does(&t->strip, row, i)->ns[does];
    return sum_ns;
}

static void timeline_json_row(struct timeline *t, uint32_t row)
{
    struct out *o = t->sink.out;

    out_text(o, ",\"counts\":[");
    for (__int128 i = t->first; i <= t->last; i++) {
        out_text(o, i > t->first ? "," : "");
        out_u64(o, (uint64_t)timeline_cell(t, row, i).count);
    }
    out_text(o, "],\"lost\":[");
    for (__int128 i = t->first; i <= t->last; i++) {
        struct strip_cell c = timeline_cell(t, row, i);

        out_text(o, i > t->first ? "," : "");
        if (c.damaged)
            out_text(o, "null");
        else
            out_u64(o, c.lost);
    }
    out_text(o, "]}");
}

static void timeline_json_task(struct timeline *t, uint32_t row)
{
    static const char *const names[TASKS_DOES] = {"run_ns", "wait_ns", "asleep_ns"};
    struct tasks_who who = tasks_row_who(&t->tasks, t->tasks_shown[row]);
    struct out *o = t->sink.out;

    out_text(o, "{\"id\":");
    number_print(o, who.id);
    out_text(o, ",\"name\":");
    if (who.name_bytes)
        field_text(o, who.name, who.name_bytes, OUT_JSON);
    else
        out_text(o, "null");
    number_json(o, "capture", who.capture);
    for (unsigned does = 0; does < TASKS_DOES; does++) {
        out_text(o, ",\"");
        out_text(o, names[does]);
        out_text(o, "\":[");
        for (__int128 i = t->first; i <= t->last; i++) {
            out_text(o, i > t->first ? "," : "");
            out_u64(o, timeline_does(t, row, i, does));
        }
        out_text(o, "]");
    }
    out_text(o, "}");
}

static void timeline_json_tasks(struct timeline *t)
{
    out_text(t->sink.out, ",\"tasks\":[");
    for (uint32_t i = 0; i < t->strip.task_count; i++) {
        out_text(t->sink.out, i ? "," : "");
        timeline_json_task(t, t->order[i]);
    }
    out_text(t->sink.out, "]");
    number_json(t->sink.out, "tasks_more", t->task_more);
}

static void timeline_json(struct timeline *t)
{
    struct out *o = t->sink.out;
    bool any = false;
    uint32_t row;

    out_text(o, "{\"answer\":\"timeline\"");
    timeline_each(t);
    if (t->strip.based) {
        number_json(o, "start_ns", timeline_start(t, t->first));
        number_json(o, "column_ns", (uint64_t)t->each << t->strip.shift);
        number_json(o, "columns", (uint64_t)(t->last - t->first + 1));
        number_json(o, "first_ns", t->strip.first_ns);
        number_json(o, "last_ns", t->strip.last_ns);
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
        timeline_json_row(t, STRIP_OTHERS);
    }
    out_text(o, "]");
    if (t->with_tasks)
        timeline_json_tasks(t);
    out_text(o, "}\n");
}

/* Those that ran longest first. */
static void timeline_sort(struct timeline *t)
{
    for (uint32_t i = 0, k; i < t->strip.task_count; i++) {
        struct tasks_who who = tasks_row_who(&t->tasks, t->tasks_shown[i]), before;

        for (k = i; k; k--) {
            before = tasks_row_who(&t->tasks, t->tasks_shown[t->order[k - 1]]);
            if (before.run_ns > who.run_ns || (before.run_ns == who.run_ns && before.id <= who.id))
                break;
            t->order[k] = t->order[k - 1];
        }
        t->order[k] = i;
    }
}

static void timeline_end(struct sink *k)
{
    struct timeline *t = (struct timeline *)k;

    if (t->with_tasks) {
        tasks_settle(&t->tasks);
        t->wrong = t->tasks.read && !roles_end(&t->tasks.roles, t->tasks.diag);
        if (t->wrong)
            return;
        timeline_sort(t);
    }
    if (t->json)
        timeline_json(t);
    else if (t->strip.based)
        timeline_text(t);
    boots_end(&t->boots, t->diag, "--timeline");
}

static void timeline_close(struct sink *k)
{
    struct timeline *t = (struct timeline *)k;

    strip_close(&t->strip);
    free(t->rows);
    free(t->task_rows);
    if (t->with_tasks)
        t->tasks.sink.close(&t->tasks.sink);
}

struct sink *timeline_open(struct timeline *t, struct out *o, const struct timeline_options *how,
                           bool json, uint32_t inputs, struct diag *diag)
{
    uint32_t columns = how->width > TIMELINE_LABEL ? how->width - TIMELINE_LABEL : 0;

    columns = columns < TIMELINE_COLUMNS_LEAST ? TIMELINE_COLUMNS_LEAST : columns;
    memset(t, 0, sizeof(*t));
    t->sink = (struct sink){.out = o,
                            .begin = timeline_begin,
                            .event = timeline_event,
                            .loss = timeline_loss,
                            .finish = timeline_finish,
                            .end = timeline_end,
                            .close = timeline_close};
    t->json = json;
    t->diag = diag;
    t->ascii = how->ascii;
    t->columns = columns > STRIP_PRINTED ? STRIP_PRINTED : columns;
    if (how->tasks) {
        t->with_tasks = true;
        (void)tasks_open(&t->tasks, o, how->roles, how->some_cpus, json, inputs, diag);
        t->tasks.saw = timeline_saw;
        t->tasks.saw_context = t;
        t->task_rows = mem_zero(TASKS_ROWS * sizeof(*t->task_rows));
    }
    strip_open(&t->strip, t->columns, how->tasks);
    t->rows = mem_zero(TIMELINE_CPU_NUMBERS * sizeof(*t->rows));
    return &t->sink;
}
