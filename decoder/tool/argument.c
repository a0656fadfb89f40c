/* SPDX-License-Identifier: MIT */
/* argument.c - what is written after an option, read. */
#include "tool/argument.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sqlite.h"
#include "bytes/tty.h"
#include "order/tail.h"
#include "tool/agree.h"
#include "tool/jobs.h"

#define ARGUMENT_WORD_BYTES 32u /* more is no word of any option */

/* What is chosen by a word. */
struct argument_word {
    const char *word;
    int value;
};

/* Or says, in `hint`, what the words are. */
static bool argument_choose(struct options *o, const struct argument_word *words, const char *text,
                            int *value)
{
    size_t n = 0;

    for (const struct argument_word *w = words; w->word; w++)
        if (strcmp(w->word, text) == 0) {
            *value = w->value;
            return true;
        }
    for (; words->word; words++)
        n += (size_t)snprintf(o->hint + n, sizeof(o->hint) - n, "%s%s",
                              !n              ? ""
                              : words[1].word ? ", "
                                              : " or ",
                              words->word);
    return false;
}

static const char *argument_format(struct options *o, const char *text)
{
    static const struct argument_word words[] = {{"text", DECODE_TEXT},
                                                 {"json", DECODE_JSON},
                                                 {"csv", DECODE_CSV},
                                                 {"template", DECODE_TEMPLATE},
                                                 {"folded", DECODE_FOLDED},
                                                 {"flame", DECODE_FLAME},
                                                 {NULL, 0}};
    int value;

    o->decode.export.kind = export_find(text);
    if (o->decode.export.kind) {
        o->decode.format = DECODE_EXPORT;
    } else if (argument_choose(o, words, text, &value)) {
        o->decode.format = (enum decode_format)value;
    } else {
        for (size_t i = 0, n = strlen(o->hint); export_word(i); i++)
            n += (size_t)snprintf(o->hint + n, sizeof(o->hint) - n, "%s%s",
                                  i ? ", " : "; for viewers ", export_word(i));
        return "unknown format";
    }
    return NULL;
}

static const char *argument_compress(struct options *o, const char *text)
{
    static const struct argument_word words[] = {{"none", 0}, {"zlib", 1}, {NULL, 0}};
    int value;

    if (!argument_choose(o, words, text, &value))
        return "unknown compression";
    o->decode.zlib = value;
    return NULL;
}

/* MODE, or MODE:us, MODE:ns. */
static const char *argument_time(struct options *o, const char *text)
{
    static const struct argument_word words[] = {{"seconds", STAMP_SECONDS},
                                                 {"raw", STAMP_RAW},
                                                 {"relative", STAMP_RELATIVE},
                                                 {"delta", STAMP_DELTA},
                                                 {"utc", STAMP_UTC},
                                                 {"local", STAMP_LOCAL},
                                                 {NULL, 0}},
                                      units[] = {
                                          {"us", STAMP_MICROS}, {"ns", STAMP_NANOS}, {NULL, 0}};
    const char *unit = strchr(text, ':');
    char word[ARGUMENT_WORD_BYTES];
    int value, precision = STAMP_AUTO;

    snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, ":"), text);
    if (!argument_choose(o, words, word, &value))
        return "unknown time";
    if (unit && (value == STAMP_RAW || !argument_choose(o, units, unit + 1, &precision)))
        return "unknown precision of time";
    o->decode.time = (struct stamp){.mode = (enum stamp_mode)value,
                                    .unit = (enum stamp_unit)precision};
    return NULL;
}

const char *argument_color(struct options *o, const char *text, bool terminal)
{
    static const struct argument_word words[] = {
        {"auto", 0}, {"always", 1}, {"never", 2}, {NULL, 0}};
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    int value;

    if (!argument_choose(o, words, text, &value))
        return "unknown color";
    o->decode.colour = value == 1 || (value == 0 && terminal && (!no || !*no) && term && *term &&
                                      strcmp(term, "dumb") != 0);
    return NULL;
}

static const char *argument_sandbox(struct options *o, const char *text)
{
    static const struct argument_word words[] = {
        {"auto", SANDBOX_AUTO}, {"require", SANDBOX_REQUIRE}, {"off", SANDBOX_OFF}, {NULL, 0}};
    int value;

    if (!argument_choose(o, words, text, &value))
        return "unknown sandbox";
    o->sandbox.mode = (enum sandbox_mode)value;
    return NULL;
}

static const char *argument_count(const char *text, uint64_t most, uint64_t *v)
{
    return range_number(&text, most, v) && !*text ? NULL : "not a number of records";
}

static const char *argument_clock(struct options *o, const char *text)
{
    uint64_t *hz = &o->decode.clock_hz;

    return range_number(&text, UINT64_MAX, hz) && !*text && *hz ? NULL : "not a frequency in Hz";
}

static const char *argument_jobs(struct options *o, const char *text)
{
    uint64_t n;

    if (!range_number(&text, JOBS_MAX, &n) || *text || !n)
        return "not a number of processes, 1 to 64:";
    o->decode.jobs = (uint32_t)n;
    return NULL;
}

static const char *argument_tail(struct options *o, const char *text)
{
    uint64_t n;
    const char *problem = argument_count(text, TAIL_RECORDS_MAX, &n);

    o->decode.has_tail = true;
    o->decode.tail = problem ? 0 : (uint32_t)n;
    return problem;
}

static const char *argument_depth(struct options *o, const char *text)
{
    uint64_t n = 0;
    const char *problem = argument_count(text, GRAPH_DEPTH, &n);

    o->decode.answer.graph.depth = (uint32_t)n;
    return problem || !n ? "not a depth, from 1 to 200:" : NULL;
}

static const char *argument_over(struct options *o, const char *text)
{
    int64_t ns = 0;
    const char *problem = moment_span(&ns, text);

    o->decode.answer.graph.over_ns = (uint64_t)ns;
    return problem || ns <= 0 ? "not a time, as 10us or 1.5ms:" : NULL;
}

/* An address or a number of bytes: decimal, or hexadecimal after 0x. What follows it, or NULL. */
static const char *argument_address(const char *text, uint64_t *v)
{
    bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
    const char *digits = text + (hex ? 2 : 0);
    char *end;

    errno = 0;
    *v = strtoull(digits, &end, hex ? 16 : 10);
    /* strtoull() would take blanks, and a sign of its own. */
    return !isxdigit((unsigned char)*digits) || errno || (hex && digits[1] == 'x') ? NULL : end;
}

/* How far a kernel was moved, up or down. */
static const char *argument_slide(struct options *o, const char *text)
{
    bool down = *text == '-';
    const char *end = argument_address(text + (down || *text == '+'), &o->decode.place.slide);

    if (!end || *end)
        return "not a number of bytes, as 0x200000 or -4096, but";
    if (down)
        o->decode.place.slide = 0 - o->decode.place.slide;
    o->decode.place.has_slide = true;
    return NULL;
}

/* ADDRESS, START-END, START+BYTES. */
static const char *argument_at(struct options *o, const char *text)
{
    static const char wrong[] = "not an address, nor a range of them:";
    struct probe_options *p = &o->decode.probe;
    const char *end = argument_address(text, &p->at);
    char between = end ? *end : '\0';

    p->has_at = true;
    p->end = 0;
    if (!end || (between && between != '-' && between != '+'))
        return wrong;
    if (!between)
        return NULL;
    end = argument_address(end + 1, &p->end);
    if (!end || *end)
        return wrong;
    p->end += between == '+' ? p->at : 0;
    return p->end > p->at ? NULL : "a range that ends before it begins:";
}

static const char *argument_interval(struct options *o, const char *text)
{
    uint64_t ms;

    if (!range_number(&text, PROBE_INTERVAL_MS_MAX, &ms) || *text || !ms)
        return "not a number of milliseconds:";
    o->decode.probe.interval_ms = (uint32_t)ms;
    return NULL;
}

static const char *argument_baud(struct options *o, const char *text)
{
    return range_number(&text, UINT32_MAX, &o->decode.baud) && !*text && tty_speed(o->decode.baud)
               ? NULL
               : "not a speed that a line can have, as 115200:";
}

/* A query, - for standard input, or, if it is a file, none and the first input. */
static const char *argument_sql(struct options *o, const char *text)
{
    o->decode.answer.kind = ANSWER_SQL;
    o->typed = access(text, F_OK) == 0;
    o->sql = text;
    if (!o->typed && strcmp(text, "-") != 0)
        o->decode.answer.sql.query = text;
    return sqlite_is_there ? NULL
                           : "this tpdecode was made without SQLite: install libsqlite3-dev, then "
                             "./configure and make; no";
}

const char *argument_read(struct options *o, int name, const char *text)
{
    struct select_options *select = &o->decode.select;

    switch (name) {
    case OPTIONS_AT:
        return argument_at(o, text);
    case OPTIONS_INTERVAL:
        return argument_interval(o, text);
    case OPTIONS_BAUD:
        return argument_baud(o, text);
    case OPTIONS_CAPTURE:
        return range_read(&select->captures, text);
    case OPTIONS_CPU:
        return range_read(&select->cpus, text);
    case OPTIONS_PID:
        return range_read(&select->pids, text);
    case OPTIONS_EVENT:
        return select_read_events(select, text);
    case OPTIONS_COLUMN:
        o->decode.constants = o->decode.export.constants = &o->constants;
        return constant_read(&o->constants, text);
    case OPTIONS_FIELDS:
        o->decode.columns = &o->columns;
        return columns_read(&o->columns, text);
    case OPTIONS_FILTER:
        select->filter = text;
        return NULL;
    case OPTIONS_FORMAT:
        return argument_format(o, text);
    case OPTIONS_FROM:
        return moment_read(&select->from, text);
    case OPTIONS_TO:
        return moment_read(&select->to, text);
    case OPTIONS_HEAD:
        select->has_head = true;
        return argument_count(text, UINT64_MAX, &select->head);
    case OPTIONS_TAIL:
        return argument_tail(o, text);
    case OPTIONS_COMPRESS:
        return argument_compress(o, text);
    case OPTIONS_OUTPUT:
        o->output = text;
        o->decode.convert = true;
        return NULL;
    case OPTIONS_SANDBOX:
        return argument_sandbox(o, text);
    case OPTIONS_JOBS:
        return argument_jobs(o, text);
    case OPTIONS_SHARD:
        return shard_read(&o->decode.shard, text);
    case OPTIONS_SYMBOLS:
        o->decode.symbols = text;
        return NULL;
    case OPTIONS_FUNCTIONS:
        o->decode.functions = text;
        return NULL;
    case OPTIONS_SLIDE:
        return argument_slide(o, text);
    case OPTIONS_CLOCK_HZ:
        return argument_clock(o, text);
    case OPTIONS_OFFSET:
        return offset_read(&o->decode.offsets, text);
    case OPTIONS_METADATA:
        o->decode.metadata = text;
        return NULL;
    case OPTIONS_TEMPLATE:
        o->decode.template = &o->template;
        o->decode.format = DECODE_TEMPLATE;
        return template_read(&o->template, text);
    case OPTIONS_HIST:
        o->decode.answer.kind = ANSWER_HIST;
        return hist_read(&o->decode.answer.hist, text);
    case OPTIONS_BY:
        o->decode.answer.hist.by = o->decode.answer.profile.by = text;
        return key_check(strlen(text));
    case OPTIONS_LATENCY:
        o->decode.answer.kind = ANSWER_LATENCY;
        return latency_read(&o->decode.answer.latency, text);
    case OPTIONS_KEY:
        return latency_read_key(&o->decode.answer.latency, text);
    case OPTIONS_SQL:
        return argument_sql(o, text);
    case OPTIONS_DEPTH:
        return argument_depth(o, text);
    case OPTIONS_OVER:
        return argument_over(o, text);
    case OPTIONS_ROLE:
        o->decode.answer.roles = &o->roles;
        o->decode.export.roles = &o->roles;
        return roles_read(&o->roles, text);
    default:
        return argument_time(o, text);
    }
}

void argument_example(struct options *o, int name)
{
    static const struct argument_word examples[] = {
        {"0x20000000, or 0x20000000-0x20040000, or 0x20000000+0x40000", OPTIONS_AT},
        {"from 1 to a day, as 500", OPTIONS_INTERVAL},
        {"a list, as 0,2-5", OPTIONS_CPU},
        {"a list, as 2 or 1,3-5", OPTIONS_CAPTURE},
        {"a list, as 1,100-199; --filter 'common_comm == \"NAME\"' is of a name", OPTIONS_PID},
        {"names and patterns, as sched:switch,irq:*", OPTIONS_EVENT},
        {"names, as prev,next", OPTIONS_FIELDS},
        {"seconds as 12.345678, a time since the first record as +1.5s or before the last as "
         "-200ms, or a time of day "
         "as 2026-01-02T03:04:05.678",
         OPTIONS_FROM},
        {"a number of records, as 10", OPTIONS_HEAD},
        {"Hz, as 24000000", OPTIONS_CLOCK_HZ},
        {"a field, or one with its scale, as bytes:log2", OPTIONS_HIST},
        {"a field, or cpu, event, comm, common_pid", OPTIONS_KEY},
        {NULL, 0}};

    name = name == OPTIONS_TO ? OPTIONS_FROM : name == OPTIONS_BY ? OPTIONS_KEY : name;
    for (const struct argument_word *w = examples; w->word && !*o->hint; w++)
        if (w->value == name)
            snprintf(o->hint, sizeof(o->hint), "%s", w->word);
    if (name == OPTIONS_TAIL && !*o->hint)
        snprintf(o->hint, sizeof(o->hint), "a number of records up to %u", TAIL_RECORDS_MAX);
}
