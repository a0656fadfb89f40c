/* SPDX-License-Identifier: MIT */
/* timeline.c - --timeline: how dense records are on each CPU, and what each task does. */
#include "answer/timeline.h"

#include <stdlib.h>

#include "answer/axis.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define TIMELINE_ROWS (TIMELINE_CPUS + 1)
#define TIMELINE_CPU_NUMBERS 65536u
#define TIMELINE_ROW_OTHERS TIMELINE_CPUS

/* Of a row of any of both. */
static size_t timeline_place(const struct timeline *t, uint32_t row, __int128 column)
{
    int64_t at = (int64_t)(column % t->columns);

    return (size_t)row * t->columns + (size_t)(at < 0 ? at + t->columns : at);
}

static struct timeline_cell *timeline_cell(struct timeline *t, uint32_t row, __int128 column)
{
    return &t->cells[timeline_place(t, row, column)];
}

static struct timeline_does *timeline_does(struct timeline *t, uint32_t row, __int128 column)
{
    return &t->does[timeline_place(t, row, column)];
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

static void timeline_widen_task(struct timeline *t, uint32_t row)
{
    struct timeline_does old[TIMELINE_COLUMNS_MOST];

    for (uint32_t i = 0; i < t->columns && t->first + i <= t->last; i++) {
        struct timeline_does *c = timeline_does(t, row, t->first + i);

        old[i] = *c;
        *c = (struct timeline_does){{0}};
    }
    for (uint32_t i = 0; i < t->columns && t->first + i <= t->last; i++)
        for (unsigned k = 0; k < TASKS_DOES; k++)
            timeline_does(t, row, (t->first + i) >> 1)->ns[k] += old[i].ns[k];
}

static void timeline_widen(struct timeline *t)
{
    for (uint32_t row = 0; row < t->task_count; row++)
        timeline_widen_task(t, row);
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
        t->base_ns = t->first_ns = t->last_ns = ns;
    }
    t->first_ns = ns < t->first_ns ? ns : t->first_ns;
    t->last_ns = ns > t->last_ns ? ns : t->last_ns;
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

/* --- tasks --- */

/* The row of a task, or TIMELINE_TASKS: there are too many. */
static uint32_t timeline_task(struct timeline *t, uint32_t task)
{
    uint16_t *row = &t->task_rows[task];

    if (!*row && t->task_count < TIMELINE_TASKS) {
        t->tasks_shown[t->task_count] = task;
        *row = (uint16_t)++t->task_count;
    }
    if (!*row) {
        *row = TIMELINE_TASKS + 1;
        t->task_more++;
    }
    return *row - 1u;
}

/* A task did something from one time to another, which are those of items that have come. */
static void timeline_saw(void *context, uint32_t task, enum tasks_does does, uint64_t from,
                         uint64_t to)
{
    struct timeline *t = context;
    __int128 at = (__int128)from - (__int128)t->base_ns, end = (__int128)to - (__int128)t->base_ns;
    uint32_t row = tasks_who(&t->tasks, task).idle ? TIMELINE_TASKS : timeline_task(t, task);

    while (at < end && row < TIMELINE_TASKS) {
        __int128 column = at >> t->shift, next = (column + 1) * ((__int128)1 << t->shift);

        next = next < end ? next : end;
        timeline_does(t, row, column)->ns[does] += (uint64_t)(next - at);
        at = next;
    }
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
    struct timeline_cell *c = timeline_at(t, lane);

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        c->lost = number_add(c->lost, lane->loss[i]);
    c->damaged = c->damaged || lane->loss_damage;
    loss_add(&t->loss, lane);
    if (t->with_tasks)
        t->tasks.sink.loss(&t->tasks.sink, lane);
}

static void timeline_finish(struct sink *k, struct stream *s)
{
    struct timeline *t = (struct timeline *)k;

    if (t->with_tasks)
        t->tasks.sink.finish(&t->tasks.sink, s);
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

static void timeline_text_head(struct timeline *t, uint64_t most)
{
    static const char *const dark[] = {"\xe2\x96\x81 to \xe2\x96\x88", ". to @"};
    struct out *o = t->sink.out;
    char text[NUMBER_BYTES];

    number_put_seconds(text, t->first_ns);
    out_text(o, text);
    out_text(o, " to ");
    number_put_seconds(text, t->last_ns);
    out_text(o, text);
    out_text(o, ", a column is ");
    number_put_micros(text, 1ull << t->shift);
    out_text(o, text);
    out_text(o, " us\nCPUs: ");
    out_text(o, dark[t->ascii]);
    out_text(o, ", at most ");
    out_u64(o, most);
    out_text(o, " records; ! is a loss\n");
}

/* What a task did most of the time; of equals the first. */
static const char *timeline_glyph(const struct timeline *t, const struct timeline_does *d)
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
    uint32_t shown = t->task_count < TIMELINE_SHOWN ? t->task_count : TIMELINE_SHOWN;

    if (!shown)
        return;
    out_text(o, t->ascii ? "tasks: # runs, + waits to run, . is asleep; else not known\n"
                         : "tasks: \xe2\x96\x88 runs, \xe2\x96\x92 waits to run, \xc2\xb7 is "
                           "asleep; else not known\n");
    for (uint32_t i = 0; i < shown; i++) {
        struct tasks_who who = tasks_who(&t->tasks, t->tasks_shown[t->order[i]]);

        timeline_text_who(o, &who);
        for (__int128 column = t->first; column <= t->last; column++)
            out_text(o, timeline_glyph(t, timeline_does(t, t->order[i], column)));
        out_text(o, "|\n");
    }
    if (t->task_count - shown + t->task_more) {
        out_u64(o, t->task_count - shown + t->task_more);
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
    uint64_t most = timeline_most(t);
    char indent[TIMELINE_NAME + 3];
    uint32_t row;

    memset(indent, ' ', TIMELINE_NAME + 2);
    indent[TIMELINE_NAME + 2] = '\0';
    timeline_text_head(t, most);
    axis_text(o, indent, timeline_start(t, t->first), 1ull << t->shift,
              (uint32_t)(t->last - t->first + 1));
    for (uint32_t cpu = 0; timeline_next_row(t, &cpu, &row); cpu++) {
        timeline_text_label(o, "cpu ", cpu, true);
        timeline_text_row(t, row, most);
    }
    if (t->others) {
        timeline_text_label(o, "other CPUs", 0, false);
        timeline_text_row(t, TIMELINE_ROW_OTHERS, most);
    }
    timeline_text_tasks(t);
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

static void timeline_json_task(struct timeline *t, uint32_t row)
{
    static const char *const names[TASKS_DOES] = {"run_ns", "wait_ns", "asleep_ns"};
    struct tasks_who who = tasks_who(&t->tasks, t->tasks_shown[row]);
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
            out_u64(o, timeline_does(t, row, i)->ns[does]);
        }
        out_text(o, "]");
    }
    out_text(o, "}");
}

static void timeline_json_tasks(struct timeline *t)
{
    out_text(t->sink.out, ",\"tasks\":[");
    for (uint32_t i = 0; i < t->task_count; i++) {
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
    if (t->based) {
        number_json(o, "start_ns", timeline_start(t, t->first));
        number_json(o, "column_ns", 1ull << t->shift);
        number_json(o, "columns", (uint64_t)(t->last - t->first + 1));
        number_json(o, "first_ns", t->first_ns);
        number_json(o, "last_ns", t->last_ns);
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
    out_text(o, "]");
    if (t->with_tasks)
        timeline_json_tasks(t);
    out_text(o, "}\n");
}

/* Those that ran longest first. */
static void timeline_sort(struct timeline *t)
{
    for (uint32_t i = 0, k; i < t->task_count; i++) {
        struct tasks_who who = tasks_who(&t->tasks, t->tasks_shown[i]), before;

        for (k = i; k; k--) {
            before = tasks_who(&t->tasks, t->tasks_shown[t->order[k - 1]]);
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
    else if (t->based)
        timeline_text(t);
}

static void timeline_close(struct sink *k)
{
    struct timeline *t = (struct timeline *)k;

    free(t->cells);
    free(t->rows);
    free(t->does);
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
    t->ascii = how->ascii;
    t->columns = columns > TIMELINE_COLUMNS_MOST ? TIMELINE_COLUMNS_MOST : columns;
    if (how->tasks) {
        t->with_tasks = true;
        (void)tasks_open(&t->tasks, o, how->roles, how->some_cpus, json, inputs, diag);
        t->tasks.saw = timeline_saw;
        t->tasks.saw_context = t;
        t->does = mem_zero((size_t)TIMELINE_TASKS * t->columns * sizeof(*t->does));
        t->task_rows = mem_zero(TASKS_ROWS * sizeof(*t->task_rows));
    }
    t->cells = mem_zero((size_t)TIMELINE_ROWS * t->columns * sizeof(*t->cells));
    t->rows = mem_zero(TIMELINE_CPU_NUMBERS * sizeof(*t->rows));
    return &t->sink;
}
