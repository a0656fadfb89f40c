/* SPDX-License-Identifier: MIT */
/* ledger.c - what --tasks prints: a line for each task. */
#include "answer/ledger.h"

#include "base/number.h"
#include "model/field.h"

#define LEDGER_NS_OF_MS 1000000u
#define LEDGER_PERCENT 100

/* --- text --- */

enum ledger_column {
    LEDGER_COLUMN_RUN,
    LEDGER_COLUMN_SHARE,
    LEDGER_COLUMN_SWITCHES,
    LEDGER_COLUMN_WAIT,
    LEDGER_COLUMN_WOKEN,
    LEDGER_COLUMN_HALF,
    LEDGER_COLUMN_NEARLY,
    LEDGER_COLUMN_MOST,
    LEDGER_COLUMN_ID,
    LEDGER_COLUMNS
};

static const struct ledger_head {
    const char *name;
    unsigned width;
} ledger_heads[LEDGER_COLUMNS] = {{"run ms", 10},   {"%", 8},        {"switches", 9},
                                  {"waits ms", 10}, {"woken", 7},    {"50 % us", 10},
                                  {"99 % us", 10},  {"most us", 10}, {"id", 7}};

static void ledger_put_ms(char *to, uint64_t ns)
{
    number_put_mean(to, ns, LEDGER_NS_OF_MS);
}

static void ledger_text_cpus(struct out *o, const struct tasks_row *r)
{
    const char *between = "  on ";

    for (uint32_t first = 0, end; first < TASKS_CPUS; first = end + 1) {
        for (end = first; end < TASKS_CPUS && r->cpus[end / 64] >> end % 64 & 1;)
            end++;
        if (end == first)
            continue;
        out_text(o, between);
        between = ",";
        out_u64(o, first);
        if (end - first > 1) {
            out_text(o, "-");
            out_u64(o, end - 1);
        }
    }
    if (r->more_cpus) {
        out_text(o, between);
        out_text(o, "...");
    }
}

static void ledger_text_name(const struct tasks *t, uint32_t row)
{
    static const char *const rest[TASKS_FIRST] = {"(no task)", "(others)"};
    const struct tasks_row *r = &t->rows[row];
    struct out *o = t->sink.out;

    if (row < TASKS_FIRST)
        out_text(o, rest[row]);
    else if (r->name_bytes)
        out_escaped(o, r->name, r->name_bytes, OUT_TEXT);
    else
        out_text(o, r->idle ? "<idle>" : "<...>");
    if (r->idle && r->name_bytes)
        out_text(o, " (idle)");
    if (t->capture_count > 1 && row >= TASKS_FIRST) {
        out_text(o, ", capture ");
        out_u64(o, r->capture);
    }
    ledger_text_cpus(o, r);
    out_text(o, "\n");
}

static void ledger_text_row(const struct tasks *t, const struct tasks_row *r)
{
    uint32_t row = (uint32_t)(r - t->rows);
    char text[LEDGER_COLUMNS][NUMBER_BYTES] = {"-", "-", "-", "-", "-", "-", "-", "-", "-"};

    ledger_put_ms(text[LEDGER_COLUMN_RUN], r->run_ns);
    if (t->known_ns)
        number_put_mean(text[LEDGER_COLUMN_SHARE], (__int128)r->run_ns * LEDGER_PERCENT,
                        t->known_ns);
    number_put_u64(text[LEDGER_COLUMN_SWITCHES], r->switches);
    if (row >= TASKS_FIRST)
        number_put(text[LEDGER_COLUMN_ID], r->id);
    if (tasks_may_wait(t, row)) {
        ledger_put_ms(text[LEDGER_COLUMN_WAIT], r->wait_ns);
        number_put_u64(text[LEDGER_COLUMN_WOKEN], r->latency.count);
    }
    if (r->latency.count && tasks_may_wait(t, row)) {
        number_put_micros(text[LEDGER_COLUMN_HALF], quantile_few_get(&r->latency, 50, 100));
        number_put_micros(text[LEDGER_COLUMN_NEARLY], quantile_few_get(&r->latency, 99, 100));
        number_put_micros(text[LEDGER_COLUMN_MOST], r->latency.most);
    }
    for (unsigned i = 0; i < LEDGER_COLUMNS; i++)
        number_column(t->sink.out, text[i], ledger_heads[i].width);
    out_text(t->sink.out, "  ");
    ledger_text_name(t, row);
}

/* A line if there is something to tell. */
static void ledger_text_left_out(struct out *o, uint64_t count, const char *what, uint64_t ns,
                                 const char *rest)
{
    char text[NUMBER_BYTES];

    if (!count)
        return;
    out_u64(o, count);
    out_text(o, what);
    if (rest) {
        ledger_put_ms(text, ns);
        out_text(o, text);
        out_text(o, rest);
    }
    out_text(o, "\n");
}

void ledger_text(const struct tasks *t, uint32_t count)
{
    struct out *o = t->sink.out;
    uint64_t lost = tally_lost(&t->lost);
    char text[NUMBER_BYTES];

    for (unsigned i = 0; i < LEDGER_COLUMNS; i++)
        number_column(o, ledger_heads[i].name, ledger_heads[i].width);
    out_text(o, "  task\n");
    for (uint32_t i = 0; i < count; i++)
        ledger_text_row(t, t->order[i]);
    ledger_put_ms(text, t->known_ns);
    out_text(o, "\n100 % are ");
    out_text(o, text);
    out_text(o, " ms, in which it is known what ");
    out_u64(o, t->cpus);
    out_text(o, " CPUs ran\n");
    if (t->some_cpus)
        out_text(o, "waits and wake-ups are not known without all CPUs\n");
    if (t->rows[TASKS_OTHERS].switches)
        ledger_text_left_out(o, TASKS_MAX, " tasks have a line, later ones are (others)", 0, NULL);
    ledger_text_left_out(o, t->waiting, " tasks still waited in the end", 0, NULL);
    ledger_text_left_out(o, t->unsaid, " switches do not say what the task did then", 0, NULL);
    ledger_text_left_out(o, t->lost_runs, " runs left out around losses, ", t->lost_ns, " ms");
    ledger_text_left_out(o, t->lost_waits, " waits left out around losses", 0, NULL);
    ledger_text_left_out(o, t->odd_runs,
                         " runs left out where the next switch is from another task, ", t->odd_ns,
                         " ms");
    ledger_text_left_out(o, t->crowded, " latencies left out (too many different ones)", 0, NULL);
    if (lost || t->lost.damaged) {
        out_u64(o, lost);
        out_text(o, " records lost");
        tally_text_losses(&t->lost, o);
        out_text(o, "\n");
    }
}

/* --- JSON --- */

static void ledger_json_cpus(struct out *o, const struct tasks_row *r)
{
    const char *between = "";

    out_text(o, ",\"cpus\":[");
    for (uint32_t cpu = 0; cpu < TASKS_CPUS; cpu++) {
        if (!(r->cpus[cpu / 64] >> cpu % 64 & 1))
            continue;
        out_text(o, between);
        between = ",";
        out_u64(o, cpu);
    }
    out_text(o, "]");
    if (r->more_cpus)
        out_text(o, ",\"more_cpus\":true");
}

static void ledger_json_row(const struct tasks *t, const struct tasks_row *r)
{
    static const char *const rest[TASKS_FIRST] = {"\"kind\":\"none\"", "\"kind\":\"others\""};
    uint32_t row = (uint32_t)(r - t->rows);
    struct out *o = t->sink.out;

    out_text(o, row < TASKS_FIRST ? rest[row]
                : r->idle         ? "\"kind\":\"idle\""
                                  : "\"kind\":\"task\"");
    if (row >= TASKS_FIRST) {
        out_text(o, ",\"id\":");
        number_print(o, r->id);
        out_text(o, ",\"name\":");
        if (r->name_bytes)
            field_text(o, r->name, r->name_bytes, OUT_JSON);
        else
            out_text(o, "null");
        number_json(o, "capture", r->capture);
    }
    number_json(o, "run_ns", r->run_ns);
    number_json(o, "switches", r->switches);
    if (tasks_may_wait(t, row)) {
        number_json(o, "wait_ns", r->wait_ns);
        number_json(o, "woken", r->latency.count);
    }
    if (r->latency.count && tasks_may_wait(t, row)) {
        number_json(o, "p50_ns", quantile_few_get(&r->latency, 50, 100));
        number_json(o, "p99_ns", quantile_few_get(&r->latency, 99, 100));
        number_json(o, "max_ns", r->latency.most);
    }
    ledger_json_cpus(o, r);
}

void ledger_json(const struct tasks *t, uint32_t count)
{
    struct out *o = t->sink.out;

    out_text(o, "{\"answer\":\"tasks\"");
    number_json(o, "cpus", t->cpus);
    number_json(o, "known_ns", t->known_ns);
    number_json(o, "waiting", t->waiting);
    number_json(o, "unsaid", t->unsaid);
    number_json(o, "lost_runs", t->lost_runs);
    number_json(o, "lost_runs_ns", t->lost_ns);
    number_json(o, "lost_waits", t->lost_waits);
    number_json(o, "odd_runs", t->odd_runs);
    number_json(o, "odd_runs_ns", t->odd_ns);
    number_json(o, "crowded", t->crowded);
    tally_json_lost(o, &t->lost);
    out_text(o, ",\"tasks\":[");
    for (uint32_t i = 0; i < count; i++) {
        out_text(o, i ? ",{" : "{");
        ledger_json_row(t, t->order[i]);
        out_text(o, "}");
    }
    out_text(o, "]}\n");
}
