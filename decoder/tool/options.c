/* SPDX-License-Identifier: MIT */
/* options.c - the command line of tpdecode. */
#include "tool/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/near.h"
#include "base/sqlite.h"
#include "bytes/socket.h"
#include "bytes/tty.h"
#include "order/tail.h"
#include "tool/agree.h"
#include "tool/jobs.h"

/* Those that have a letter as well. */
static const char options_letters[] = ":hVe:fn:o:t:";

static const struct {
    char letter;
    int name;
} options_short[] = {{'e', OPTIONS_EVENT},
                     {'f', OPTIONS_FOLLOW},
                     {'n', OPTIONS_HEAD},
                     {'o', OPTIONS_OUTPUT},
                     {'t', OPTIONS_TIME}};

static const struct option options_table[] = {
    {"across", no_argument, NULL, OPTIONS_ACROSS},
    {"ascii", no_argument, NULL, OPTIONS_ASCII},
    {"at", required_argument, NULL, OPTIONS_AT},
    {"baud", required_argument, NULL, OPTIONS_BAUD},
    {"by", required_argument, NULL, OPTIONS_BY},
    {"capture", required_argument, NULL, OPTIONS_CAPTURE},
    {"clock-hz", required_argument, NULL, OPTIONS_CLOCK_HZ},
    {"color", required_argument, NULL, OPTIONS_COLOR},
    {"column", required_argument, NULL, OPTIONS_COLUMN},
    {"compress", required_argument, NULL, OPTIONS_COMPRESS},
    {"cpu", required_argument, NULL, OPTIONS_CPU},
    {"depth", required_argument, NULL, OPTIONS_DEPTH},
    {"diff", no_argument, NULL, OPTIONS_DIFF},
    {"event", required_argument, NULL, OPTIONS_EVENT},
    {"explore", no_argument, NULL, OPTIONS_EXPLORE},
    {"fields", required_argument, NULL, OPTIONS_FIELDS},
    {"filter", required_argument, NULL, OPTIONS_FILTER},
    {"follow", no_argument, NULL, OPTIONS_FOLLOW},
    {"format", required_argument, NULL, OPTIONS_FORMAT},
    {"from", required_argument, NULL, OPTIONS_FROM},
    {"functions", required_argument, NULL, OPTIONS_FUNCTIONS},
    {"graph", no_argument, NULL, OPTIONS_GRAPH},
    {"head", required_argument, NULL, OPTIONS_HEAD},
    {"help", optional_argument, NULL, 'h'},
    {"hist", required_argument, NULL, OPTIONS_HIST},
    {"index", no_argument, NULL, OPTIONS_INDEX},
    {"info", no_argument, NULL, OPTIONS_INFO},
    {"interval", required_argument, NULL, OPTIONS_INTERVAL},
    {"jobs", required_argument, NULL, OPTIONS_JOBS},
    {"json", no_argument, NULL, OPTIONS_JSON},
    {"json-strings", no_argument, NULL, OPTIONS_JSON_STRINGS},
    {"key", required_argument, NULL, OPTIONS_KEY},
    {"latency", required_argument, NULL, OPTIONS_LATENCY},
    {"legend", no_argument, NULL, OPTIONS_LEGEND_TEXT},
    {"list-events", no_argument, NULL, OPTIONS_LIST_EVENTS},
    {"list-roles", no_argument, NULL, OPTIONS_LIST_ROLES},
    {"metadata", required_argument, NULL, OPTIONS_METADATA},
    {"no-demangle", no_argument, NULL, OPTIONS_NO_DEMANGLE},
    {"no-index", no_argument, NULL, OPTIONS_NO_INDEX},
    {"no-schema", no_argument, NULL, OPTIONS_NO_SCHEMA},
    {"no-progress", no_argument, NULL, OPTIONS_NO_PROGRESS},
    {"offset", required_argument, NULL, OPTIONS_OFFSET},
    {"output", required_argument, NULL, OPTIONS_OUTPUT},
    {"over", required_argument, NULL, OPTIONS_OVER},
    {"pid", required_argument, NULL, OPTIONS_PID},
    {"profile", no_argument, NULL, OPTIONS_PROFILE},
    {"progress", no_argument, NULL, OPTIONS_PROGRESS},
    {"role", required_argument, NULL, OPTIONS_ROLE},
    {"sandbox", required_argument, NULL, OPTIONS_SANDBOX},
    {"shard", required_argument, NULL, OPTIONS_SHARD},
    {"slide", required_argument, NULL, OPTIONS_SLIDE},
    {"spans", no_argument, NULL, OPTIONS_SPANS},
    {"sql", required_argument, NULL, OPTIONS_SQL},
    {"stats", no_argument, NULL, OPTIONS_STATS},
    {"symbols", required_argument, NULL, OPTIONS_SYMBOLS},
    {"tail", required_argument, NULL, OPTIONS_TAIL},
    {"tasks", no_argument, NULL, OPTIONS_TASKS},
    {"template", required_argument, NULL, OPTIONS_TEMPLATE},
    {"time", required_argument, NULL, OPTIONS_TIME},
    {"timeline", no_argument, NULL, OPTIONS_TIMELINE},
    {"to", required_argument, NULL, OPTIONS_TO},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

#define OPTIONS_WORD_BYTES 32u /* more is no word of any option */

/* What is chosen by a word. Problems are static texts, here as in the functions below; NULL: none.
 */
struct options_word {
    const char *word;
    int value;
};

/* Or says, in `hint`, what the words are. */
static bool options_choose(struct options *o, const struct options_word *words, const char *text,
                           int *value)
{
    size_t n = 0;

    for (const struct options_word *w = words; w->word; w++)
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

static const char *options_format(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"text", DECODE_TEXT},
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
    } else if (options_choose(o, words, text, &value)) {
        o->decode.format = (enum decode_format)value;
    } else {
        for (size_t i = 0, n = strlen(o->hint); export_word(i); i++)
            n += (size_t)snprintf(o->hint + n, sizeof(o->hint) - n, "%s%s",
                                  i ? ", " : "; for viewers ", export_word(i));
        return "unknown format";
    }
    return NULL;
}

static const char *options_compress(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"none", 0}, {"zlib", 1}, {NULL, 0}};
    int value;

    if (!options_choose(o, words, text, &value))
        return "unknown compression";
    o->decode.zlib = value;
    return NULL;
}

/* MODE, or MODE:us, MODE:ns. */
static const char *options_time(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"seconds", STAMP_SECONDS},
                                                {"raw", STAMP_RAW},
                                                {"relative", STAMP_RELATIVE},
                                                {"delta", STAMP_DELTA},
                                                {"utc", STAMP_UTC},
                                                {"local", STAMP_LOCAL},
                                                {NULL, 0}},
                                     units[] = {
                                         {"us", STAMP_MICROS}, {"ns", STAMP_NANOS}, {NULL, 0}};
    const char *unit = strchr(text, ':');
    char word[OPTIONS_WORD_BYTES];
    int value, precision = STAMP_AUTO;

    snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, ":"), text);
    if (!options_choose(o, words, word, &value))
        return "unknown time";
    if (unit && (value == STAMP_RAW || !options_choose(o, units, unit + 1, &precision)))
        return "unknown precision of time";
    o->decode.time = (struct stamp){.mode = (enum stamp_mode)value,
                                    .unit = (enum stamp_unit)precision};
    return NULL;
}

/* auto: on a terminal, unless NO_COLOR is set to something, or it is a dumb one. */
static const char *options_color(struct options *o, const char *text, bool terminal)
{
    static const struct options_word words[] = {
        {"auto", 0}, {"always", 1}, {"never", 2}, {NULL, 0}};
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    int value;

    if (!options_choose(o, words, text, &value))
        return "unknown color";
    o->decode.colour = value == 1 || (value == 0 && terminal && (!no || !*no) && term && *term &&
                                      strcmp(term, "dumb") != 0);
    return NULL;
}

static const char *options_sandbox(struct options *o, const char *text)
{
    static const struct options_word words[] = {
        {"auto", SANDBOX_AUTO}, {"require", SANDBOX_REQUIRE}, {"off", SANDBOX_OFF}, {NULL, 0}};
    int value;

    if (!options_choose(o, words, text, &value))
        return "unknown sandbox";
    o->sandbox.mode = (enum sandbox_mode)value;
    return NULL;
}

static const char *options_count(const char *text, uint64_t most, uint64_t *v)
{
    return range_number(&text, most, v) && !*text ? NULL : "not a number of records";
}

static const char *options_clock(struct options *o, const char *text)
{
    uint64_t *hz = &o->decode.clock_hz;

    return range_number(&text, UINT64_MAX, hz) && !*text && *hz ? NULL : "not a frequency in Hz";
}

static const char *options_jobs(struct options *o, const char *text)
{
    uint64_t n;

    if (!range_number(&text, JOBS_MAX, &n) || *text || !n)
        return "not a number of processes, 1 to 64:";
    o->decode.jobs = (uint32_t)n;
    return NULL;
}

static const char *options_tail(struct options *o, const char *text)
{
    uint64_t n;
    const char *problem = options_count(text, TAIL_RECORDS_MAX, &n);

    o->decode.has_tail = true;
    o->decode.tail = problem ? 0 : (uint32_t)n;
    return problem;
}

static const char *options_depth(struct options *o, const char *text)
{
    uint64_t n = 0;
    const char *problem = options_count(text, GRAPH_DEPTH, &n);

    o->decode.answer.graph.depth = (uint32_t)n;
    return problem || !n ? "not a depth, from 1 to 200:" : NULL;
}

static const char *options_over(struct options *o, const char *text)
{
    int64_t ns = 0;
    const char *problem = moment_span(&ns, text);

    o->decode.answer.graph.over_ns = (uint64_t)ns;
    return problem || ns <= 0 ? "not a time, as 10us or 1.5ms:" : NULL;
}

/* An address or a number of bytes: decimal, or hexadecimal after 0x. What follows it, or NULL. */
static const char *options_address(const char *text, uint64_t *v)
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
static const char *options_slide(struct options *o, const char *text)
{
    bool down = *text == '-';
    const char *end = options_address(text + (down || *text == '+'), &o->decode.place.slide);

    if (!end || *end)
        return "not a number of bytes, as 0x200000 or -4096, but";
    if (down)
        o->decode.place.slide = 0 - o->decode.place.slide;
    o->decode.place.has_slide = true;
    return NULL;
}

/* ADDRESS, START-END, START+BYTES. */
static const char *options_at(struct options *o, const char *text)
{
    static const char wrong[] = "not an address, nor a range of them:";
    struct probe_options *p = &o->decode.probe;
    const char *end = options_address(text, &p->at);
    char between = end ? *end : '\0';

    p->has_at = true;
    p->end = 0;
    if (!end || (between && between != '-' && between != '+'))
        return wrong;
    if (!between)
        return NULL;
    end = options_address(end + 1, &p->end);
    if (!end || *end)
        return wrong;
    p->end += between == '+' ? p->at : 0;
    return p->end > p->at ? NULL : "a range that ends before it begins:";
}

static const char *options_interval(struct options *o, const char *text)
{
    uint64_t ms;

    if (!range_number(&text, PROBE_INTERVAL_MS_MAX, &ms) || *text || !ms)
        return "not a number of milliseconds:";
    o->decode.probe.interval_ms = (uint32_t)ms;
    return NULL;
}

static const char *options_baud(struct options *o, const char *text)
{
    return range_number(&text, UINT32_MAX, &o->decode.baud) && !*text && tty_speed(o->decode.baud)
               ? NULL
               : "not a speed that a line can have, as 115200:";
}

/* A query, - for standard input, or, if it is a file, none and the first input. */
static const char *options_sql(struct options *o, const char *text)
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

/* One that has a value. */
static const char *options_value(struct options *o, int name, const char *text)
{
    struct select_options *select = &o->decode.select;

    switch (name) {
    case OPTIONS_AT:
        return options_at(o, text);
    case OPTIONS_INTERVAL:
        return options_interval(o, text);
    case OPTIONS_BAUD:
        return options_baud(o, text);
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
        return options_format(o, text);
    case OPTIONS_FROM:
        return moment_read(&select->from, text);
    case OPTIONS_TO:
        return moment_read(&select->to, text);
    case OPTIONS_HEAD:
        select->has_head = true;
        return options_count(text, UINT64_MAX, &select->head);
    case OPTIONS_TAIL:
        return options_tail(o, text);
    case OPTIONS_COMPRESS:
        return options_compress(o, text);
    case OPTIONS_OUTPUT:
        o->output = text;
        o->decode.convert = true;
        return NULL;
    case OPTIONS_SANDBOX:
        return options_sandbox(o, text);
    case OPTIONS_JOBS:
        return options_jobs(o, text);
    case OPTIONS_SHARD:
        return shard_read(&o->decode.shard, text);
    case OPTIONS_SYMBOLS:
        o->decode.symbols = text;
        return NULL;
    case OPTIONS_FUNCTIONS:
        o->decode.functions = text;
        return NULL;
    case OPTIONS_SLIDE:
        return options_slide(o, text);
    case OPTIONS_CLOCK_HZ:
        return options_clock(o, text);
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
        return options_sql(o, text);
    case OPTIONS_DEPTH:
        return options_depth(o, text);
    case OPTIONS_OVER:
        return options_over(o, text);
    case OPTIONS_ROLE:
        o->decode.answer.roles = &o->roles;
        o->decode.export.roles = &o->roles;
        return roles_read(&o->roles, text);
    default:
        return options_time(o, text);
    }
}

/* One that has none. */
static void options_flag(struct options *o, int name)
{
    switch (name) {
    case OPTIONS_INFO:
        o->decode.answer.kind = ANSWER_INFO;
        break;
    case OPTIONS_STATS:
        o->decode.answer.kind = ANSWER_STATS;
        break;
    case OPTIONS_TASKS:
        o->decode.answer.kind = ANSWER_TASKS;
        break;
    case OPTIONS_SPANS:
        o->decode.answer.kind = ANSWER_SPANS;
        break;
    case OPTIONS_GRAPH:
        o->decode.answer.kind = ANSWER_GRAPH;
        break;
    case OPTIONS_PROFILE:
        o->decode.answer.kind = ANSWER_PROFILE;
        break;
    case OPTIONS_TIMELINE:
        o->decode.answer.kind = ANSWER_TIMELINE;
        break;
    case OPTIONS_DIFF:
        o->decode.answer.kind = ANSWER_DIFF;
        break;
    case OPTIONS_NO_DEMANGLE:
        o->decode.mangled = true;
        break;
    case OPTIONS_ACROSS:
        o->decode.answer.latency.across = true;
        break;
    case OPTIONS_INDEX:
        o->decode.index = true;
        break;
    case OPTIONS_NO_INDEX:
        o->decode.no_index = true;
        break;
    case OPTIONS_ASCII:
        o->decode.answer.timeline.ascii = true;
        break;
    case OPTIONS_EXPLORE:
        o->decode.explore.wanted = true;
        break;
    case OPTIONS_JSON_STRINGS:
        o->decode.json_strings = true;
        break;
    case OPTIONS_NO_SCHEMA:
        o->decode.no_schema = true;
        break;
    default: /* OPTIONS_LIST_EVENTS, OPTIONS_LIST_ROLES: when all are known */
        break;
    }
}

/* What a value of this option looks like, if it was not said what is wrong with it. */
static void options_example(struct options *o, int name)
{
    static const struct options_word examples[] = {
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
    for (const struct options_word *w = examples; w->word && !*o->hint; w++)
        if (w->value == name)
            snprintf(o->hint, sizeof(o->hint), "%s", w->word);
    if (name == OPTIONS_TAIL && !*o->hint)
        snprintf(o->hint, sizeof(o->hint), "a number of records up to %u", TAIL_RECORDS_MAX);
}

/* What other programs call it. */
static const struct {
    const char *theirs, *ours;
} options_foreign[] = {{"after", "--from"},
                       {"around", "--from and --to"},
                       {"before", "--to"},
                       {"begin", "--from"},
                       {"comm", "--filter 'common_comm == \"NAME\"'"},
                       {"count", "--head"},
                       {"csv", "--format csv"},
                       {"end", "--to"},
                       {"events", "--list-events"},
                       {"grep", "--filter"},
                       {"histogram", "--hist"},
                       {"html", "--format html"},
                       {"input", NULL},
                       {"json", "--format json"},
                       {"last", "--tail"},
                       {"limit", "--head"},
                       {"lines", "--head"},
                       {"loss", "--stats"},
                       {"losses", "--stats"},
                       {"lost", "--stats"},
                       {"perfetto", "--format perfetto"},
                       {"probe", "an input, gdb:HOST:PORT"},
                       {"process", "--pid"},
                       {"query", "--sql"},
                       {"since", "--from"},
                       {"sort", NULL},
                       {"sqlite", "--format sqlite"},
                       {"start", "--from"},
                       {"summary", "--stats"},
                       {"tid", "--pid"},
                       {"until", "--to"},
                       {"where", "--filter"}};

/* Names of options that begin as what was typed, or NULL. */
static bool options_begin(struct options *o, const char *name, size_t bytes)
{
    size_t n = 0;
    unsigned count = 0;

    for (const struct option *t = options_table; t->name && n < sizeof(o->hint); t++)
        if (bytes && strncmp(t->name, name, bytes) == 0) {
            n += (size_t)snprintf(o->hint + n, sizeof(o->hint) - n, "%s--%s",
                                  count++ ? ", " : "which of ", t->name);
        }
    return count > 1;
}

/* What may have been meant by an option that there is not. */
static void options_suggest(struct options *o, const char *arg)
{
    const char *name = arg + strspn(arg, "-"), *best;
    size_t bytes = strcspn(name, "=");
    struct near near;

    for (size_t i = 0; i < sizeof(options_foreign) / sizeof(options_foreign[0]); i++)
        if (strncmp(options_foreign[i].theirs, name, bytes) == 0 &&
            !options_foreign[i].theirs[bytes]) {
            if (options_foreign[i].ours)
                snprintf(o->hint, sizeof(o->hint), "here it is %s", options_foreign[i].ours);
            return;
        }
    if (options_begin(o, name, bytes))
        return;
    near_open(&near, name, bytes);
    for (const struct option *t = options_table; t->name; t++)
        near_try(&near, t->name, strlen(t->name));
    best = near_best(&near);
    *o->hint = '\0';
    if (best)
        snprintf(o->hint, sizeof(o->hint), "did you mean --%s?", best);
}

bool options_is_command(const char *path, char hint[OPTIONS_HINT_BYTES])
{
    static const char *const commands[] = {
        "cat",   "convert", "decode", "dump",   "export", "help", "info",  "list", "live",
        "print", "record",  "report", "script", "show",   "top",  "trace", "view"};
    bool is = false;

    if (access(path, F_OK) == 0)
        return false;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        is = is || strcmp(path, commands[i]) == 0;
    for (const struct option *t = options_table; t->name; t++)
        if (strcmp(t->name, path) == 0) {
            snprintf(hint, OPTIONS_HINT_BYTES,
                     "no such file, and tpdecode has no commands: did you mean --%s?", t->name);
            return true;
        }
    if (is)
        snprintf(hint, OPTIONS_HINT_BYTES,
                 "no such file, and tpdecode has no commands: tpdecode [options] [FILE...]");
    return is;
}

/* What getopt_long() refused: `c` is its result, `arg` the argument before the next one. */
static enum options_answer options_bad(struct options *o, int c, const char *arg)
{
    static char letter[] = "-?";

    letter[1] = (char)optopt;
    if (c == ':')
        return agree_wrong(o, "no value for option", arg);
    if (!optopt) {
        options_suggest(o, arg);
        return agree_wrong(o, "unknown option", arg);
    }
    /* A letter that is an option is refused only in its long form. */
    if (optopt >= OPTIONS_ASCII || optopt == 'h' || optopt == 'V')
        return agree_wrong(o, "no value allowed in", arg);
    return agree_wrong(o, "unknown option", letter);
}

/* --help, --help all, --help=all. */
static enum options_answer options_help(struct options *o, const char *text)
{
    if (!text || *text == '-')
        return OPTIONS_HELP;
    if (strcmp(text, "all") == 0)
        return OPTIONS_HELP_ALL;
    snprintf(o->hint, sizeof(o->hint), "--help, or --help all");
    return agree_wrong(o, "no help for", text);
}

/* Characters in a line: as the terminal says, else as the shell does. */
static uint32_t options_width(bool terminal)
{
    const char *text = getenv("COLUMNS");
    struct winsize size;
    uint64_t width;

    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return text && range_number(&text, UINT32_MAX, &width) && !*text ? (uint32_t)width : 80;
}

/* Does the locale have UTF-8, by its name? */
static bool options_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!locale || !*locale); i++)
        locale = getenv(names[i]);
    for (; locale && *locale; locale++)
        if (strncasecmp(locale, "utf-8", 5) == 0 || strncasecmp(locale, "utf8", 4) == 0)
            return true;
    return false;
}

static void options_timeline(struct options *o, const bool *given, bool terminal)
{
    struct timeline_options *t = &o->decode.answer.timeline;

    t->width = options_width(terminal);
    t->ascii = t->ascii || !options_utf8();
    t->some_cpus = given[OPTIONS_CPU];
    t->tasks = !given[OPTIONS_EVENT] && !given[OPTIONS_PID] && !given[OPTIONS_FILTER];
    t->roles = o->decode.answer.roles;
}

/* Where --sql has a file in place of a query that file is an input, and the format is that of rows. */
static enum options_answer options_typed(struct options *o)
{
    static const enum grid_format formats[] = {
        [DECODE_TEXT] = GRID_TEXT, [DECODE_JSON] = GRID_JSON, [DECODE_CSV] = GRID_CSV};

    if (!o->sql)
        return OPTIONS_DECODE;
    if (o->decode.format <= DECODE_CSV)
        o->decode.answer.sql.format = formats[o->decode.format];
    if (o->typed) {
        /* The words before the files were used. */
        *--o->paths = (char *)o->sql;
        o->count++;
    }
    for (size_t i = 0; i < o->count && !o->decode.answer.sql.query; i++)
        if (strcmp(o->paths[i], "-") == 0)
            return agree_wrong(o, "queries come from standard input, the dump is not also", "-");
    if (!o->count && !o->decode.answer.sql.query)
        return agree_wrong(o, "queries come from standard input, and no FILE is given with",
                           "--sql");
    return OPTIONS_DECODE;
}

enum options_answer options_read(struct options *o, int argc, char **argv, bool terminal)
{
    const char *problem = options_color(o, "auto", terminal);
    bool given[OPTIONS_END] = {false};
    enum options_answer answer;
    int c;

    /* The messages of getopt_long() show arguments as they are: none of them. */
    opterr = 0;
    while ((c = getopt_long(argc, argv, options_letters, options_table, NULL)) != -1) {
        for (size_t i = 0; i < sizeof(options_short) / sizeof(options_short[0]); i++)
            c = c == options_short[i].letter ? options_short[i].name : c;
        given[c] = true;
        switch (c) {
        case OPTIONS_ACROSS:
        case OPTIONS_ASCII:
        case OPTIONS_DIFF:
        case OPTIONS_EXPLORE:
        case OPTIONS_GRAPH:
        case OPTIONS_INDEX:
        case OPTIONS_INFO:
        case OPTIONS_LIST_EVENTS:
        case OPTIONS_LIST_ROLES:
        case OPTIONS_JSON_STRINGS:
        case OPTIONS_NO_DEMANGLE:
        case OPTIONS_NO_INDEX:
        case OPTIONS_NO_SCHEMA:
        case OPTIONS_PROFILE:
        case OPTIONS_SPANS:
        case OPTIONS_STATS:
        case OPTIONS_TASKS:
        case OPTIONS_TIMELINE:
            options_flag(o, c);
            break;
        case OPTIONS_PROGRESS:
        case OPTIONS_NO_PROGRESS:
            o->progress = c == OPTIONS_PROGRESS ? OPTIONS_ALWAYS : OPTIONS_NEVER;
            break;
        case OPTIONS_FOLLOW:
            o->decode.follow = true;
            break;
        case 'h':
            return options_help(o, optarg ? optarg : argv[optind]);
        case 'V':
            return OPTIONS_VERSION;
        case OPTIONS_LEGEND_TEXT:
            return OPTIONS_LEGEND;
        case OPTIONS_JSON:
            optopt = 0;
            return options_bad(o, '?', argv[optind - 1]);
        case ':':
        case '?':
            return options_bad(o, c, argv[optind - 1]);
        default:
            problem = c == OPTIONS_COLOR ? options_color(o, optarg, terminal)
                                         : options_value(o, c, optarg);
            if (problem) {
                options_example(o, c);
                return agree_wrong(o, problem, optarg);
            }
        }
    }
    o->paths = argv + optind;
    o->count = (size_t)(argc - optind);
    answer = options_typed(o);
    if (answer != OPTIONS_DECODE)
        return answer;
    options_timeline(o, given, terminal);
    return agree_all(o, given, terminal);
}
