/* SPDX-License-Identifier: MIT */
/* options.c - the command line of tpdecode. */
#include "tool/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/near.h"
#include "tool/agree.h"
#include "tool/argument.h"

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
    const char *problem = argument_color(o, "auto", terminal);
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
            problem = c == OPTIONS_COLOR ? argument_color(o, optarg, terminal)
                                         : argument_read(o, c, optarg);
            if (problem) {
                argument_example(o, c);
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
