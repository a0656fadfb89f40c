/* SPDX-License-Identifier: MIT */
/* options.c - the command line of tpdecode. */
#include "tool/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/tty.h"
#include "order/tail.h"

const char options_help[] =
    "Usage: tpdecode [options] [FILE...]\n"
    "Prints tracepoint dumps, plain or gzip, and what images of memory have of them.\n"
    "Merges several files by time. Without FILE, or with -, reads standard input.\n"
    "\n"
    "Which records:\n"
    "  --event GLOB,...  of these events: sched:switch, sched, *:irq_*\n"
    "  --cpu LIST        of these CPUs: 0,2-5\n"
    "  --pid LIST        of these tasks\n"
    "  --from T          from this time on: 12.345678; +1.5s, +200ms since the first\n"
    "  --to T            record; 2026-01-02T03:04:05.678 UTC; and up to this one\n"
    "  --filter EXPR     with fields like this: 'next > 100 && comm ~ \"ssh*\"'\n"
    "  --head N          the first N of them\n"
    "  --tail N          the last N of them\n"
    "How to print them:\n"
    "  --format text|json|csv|template   (text)\n"
    "  --template TEXT   a line for each, like '%t %c %e %{next} %m': %t time,\n"
    "                    %c CPU, %s subsystem, %e event, %p pid, %n task, %f flags,\n"
    "                    %{x} field x, %m all fields, %% \\n \\t \\\\\n"
    "  --fields NAME,... only these fields\n"
    "  --time seconds|raw|relative|delta|utc|local   (seconds)\n"
    "  --clock-hz N      how fast the counter counts, if the dump has it wrong\n"
    "  --offset FILE=T   move the times of that input: run.tp=+1.5s, run.tp=-200ms\n"
    "  --symbols FILE    names for addresses: a kernel's ELF file, or System.map\n"
    "    --slide N       that kernel ran N bytes above where it was linked\n"
    "    --no-demangle   names as they are in that file\n"
    "  --metadata FILE   what is not described in the input is in this dump\n"
    "  --color auto|always|never   (auto: on a terminal)\n"
    "What to answer instead, as text or JSON:\n"
    "  --info, --stats   what the dump is; counts, rates, times, losses in it\n"
    "  --hist FIELD[:log2|linear]   histogram of a field: numbers, names, texts\n"
    "    --by KEY        one for each KEY: a field, or cpu, event, comm, pid\n"
    "  --latency START:END --key KEY[=KEY]   times from one event to another\n"
    "  --timeline        how dense records are on each CPU; --ascii: without blocks\n"
    "  --diff            what is different between two files\n"
    "To a dump, instead of printing them:\n"
    "  --output FILE     this one; with --compress none|zlib\n"
    "Other:\n"
    "  --progress, --no-progress   say how far it is, or never, on standard error\n"
    "  --follow          go on while the input is written, until its end mark\n"
    "  --sandbox auto|require|off   (auto)   --baud N   the speed of a serial line\n"
    "  --list-events     print what events the dump knows, no records\n"
    "  -h, --help, -V, --version   this text; the version\n"
    "\n"
    "Exit status: 0 all decoded, 1 damage but the rest decoded, 2 usage,\n"
    "3 nothing usable or a newer format, 4 output or memory error.\n";

/* Options that have no letter. */
enum options_name {
    OPTIONS_ASCII = 256,
    OPTIONS_BAUD,
    OPTIONS_BY,
    OPTIONS_CLOCK_HZ,
    OPTIONS_COLOR,
    OPTIONS_COMPRESS,
    OPTIONS_CPU,
    OPTIONS_DIFF,
    OPTIONS_EVENT,
    OPTIONS_FIELDS,
    OPTIONS_FILTER,
    OPTIONS_FOLLOW,
    OPTIONS_FORMAT,
    OPTIONS_FROM,
    OPTIONS_HEAD,
    OPTIONS_HIST,
    OPTIONS_INFO,
    OPTIONS_KEY,
    OPTIONS_LATENCY,
    OPTIONS_LIST_EVENTS,
    OPTIONS_METADATA,
    OPTIONS_NO_DEMANGLE,
    OPTIONS_NO_PROGRESS,
    OPTIONS_OFFSET,
    OPTIONS_OUTPUT,
    OPTIONS_PID,
    OPTIONS_PROGRESS,
    OPTIONS_SANDBOX,
    OPTIONS_SLIDE,
    OPTIONS_STATS,
    OPTIONS_SYMBOLS,
    OPTIONS_TAIL,
    OPTIONS_TEMPLATE,
    OPTIONS_TIME,
    OPTIONS_TIMELINE,
    OPTIONS_TO,
    OPTIONS_END
};

static const struct option options_table[] = {
    {"ascii", no_argument, NULL, OPTIONS_ASCII},
    {"baud", required_argument, NULL, OPTIONS_BAUD},
    {"by", required_argument, NULL, OPTIONS_BY},
    {"clock-hz", required_argument, NULL, OPTIONS_CLOCK_HZ},
    {"color", required_argument, NULL, OPTIONS_COLOR},
    {"compress", required_argument, NULL, OPTIONS_COMPRESS},
    {"cpu", required_argument, NULL, OPTIONS_CPU},
    {"diff", no_argument, NULL, OPTIONS_DIFF},
    {"event", required_argument, NULL, OPTIONS_EVENT},
    {"fields", required_argument, NULL, OPTIONS_FIELDS},
    {"filter", required_argument, NULL, OPTIONS_FILTER},
    {"follow", no_argument, NULL, OPTIONS_FOLLOW},
    {"format", required_argument, NULL, OPTIONS_FORMAT},
    {"from", required_argument, NULL, OPTIONS_FROM},
    {"head", required_argument, NULL, OPTIONS_HEAD},
    {"help", no_argument, NULL, 'h'},
    {"hist", required_argument, NULL, OPTIONS_HIST},
    {"info", no_argument, NULL, OPTIONS_INFO},
    {"key", required_argument, NULL, OPTIONS_KEY},
    {"latency", required_argument, NULL, OPTIONS_LATENCY},
    {"list-events", no_argument, NULL, OPTIONS_LIST_EVENTS},
    {"metadata", required_argument, NULL, OPTIONS_METADATA},
    {"no-demangle", no_argument, NULL, OPTIONS_NO_DEMANGLE},
    {"no-progress", no_argument, NULL, OPTIONS_NO_PROGRESS},
    {"offset", required_argument, NULL, OPTIONS_OFFSET},
    {"output", required_argument, NULL, OPTIONS_OUTPUT},
    {"pid", required_argument, NULL, OPTIONS_PID},
    {"progress", no_argument, NULL, OPTIONS_PROGRESS},
    {"sandbox", required_argument, NULL, OPTIONS_SANDBOX},
    {"slide", required_argument, NULL, OPTIONS_SLIDE},
    {"stats", no_argument, NULL, OPTIONS_STATS},
    {"symbols", required_argument, NULL, OPTIONS_SYMBOLS},
    {"tail", required_argument, NULL, OPTIONS_TAIL},
    {"template", required_argument, NULL, OPTIONS_TEMPLATE},
    {"time", required_argument, NULL, OPTIONS_TIME},
    {"timeline", no_argument, NULL, OPTIONS_TIMELINE},
    {"to", required_argument, NULL, OPTIONS_TO},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* What is chosen by a word. Problems are static texts, here as in the functions below; NULL: none.
 */
struct options_word {
    const char *word;
    int value;
};

static bool options_choose(const struct options_word *words, const char *text, int *value)
{
    for (; words->word; words++)
        if (strcmp(words->word, text) == 0) {
            *value = words->value;
            return true;
        }
    return false;
}

static const char *options_format(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"text", DECODE_TEXT},
                                                {"json", DECODE_JSON},
                                                {"csv", DECODE_CSV},
                                                {"template", DECODE_TEMPLATE},
                                                {NULL, 0}};
    int value;

    if (!options_choose(words, text, &value))
        return "unknown format";
    o->decode.format = (enum decode_format)value;
    return NULL;
}

static const char *options_compress(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"none", 0}, {"zlib", 1}, {NULL, 0}};
    int value;

    if (!options_choose(words, text, &value))
        return "unknown compression";
    o->decode.zlib = value;
    return NULL;
}

static const char *options_time(struct options *o, const char *text)
{
    static const struct options_word words[] = {{"seconds", STAMP_SECONDS},
                                                {"raw", STAMP_RAW},
                                                {"relative", STAMP_RELATIVE},
                                                {"delta", STAMP_DELTA},
                                                {"utc", STAMP_UTC},
                                                {"local", STAMP_LOCAL},
                                                {NULL, 0}};
    int value;

    if (!options_choose(words, text, &value))
        return "unknown time";
    o->decode.time = (enum stamp_mode)value;
    return NULL;
}

/* auto: on a terminal, unless NO_COLOR is set to something, or it is a dumb one. */
static const char *options_color(struct options *o, const char *text, bool terminal)
{
    static const struct options_word words[] = {
        {"auto", 0}, {"always", 1}, {"never", 2}, {NULL, 0}};
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    int value;

    if (!options_choose(words, text, &value))
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

    if (!options_choose(words, text, &value))
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

static const char *options_tail(struct options *o, const char *text)
{
    uint64_t n;
    const char *problem = options_count(text, TAIL_RECORDS_MAX, &n);

    o->decode.has_tail = true;
    o->decode.tail = problem ? 0 : (uint32_t)n;
    return problem;
}

/* How far a kernel was moved: decimal, or hexadecimal after 0x, up or down. */
static const char *options_slide(struct options *o, const char *text)
{
    bool down = *text == '-';
    const char *digits = text + (down || *text == '+');
    bool hex = digits[0] == '0' && (digits[1] | 0x20) == 'x';
    char *end;

    digits += hex ? 2 : 0;
    errno = 0;
    o->decode.place.slide = strtoull(digits, &end, hex ? 16 : 10);
    /* strtoull() would take blanks, and a sign of its own. */
    if (!isxdigit((unsigned char)*digits) || *end || errno || (hex && digits[1] == 'x'))
        return "not a number of bytes, as 0x200000 or -4096, but";
    if (down)
        o->decode.place.slide = 0 - o->decode.place.slide;
    o->decode.place.has_slide = true;
    return NULL;
}

static const char *options_baud(struct options *o, const char *text)
{
    return range_number(&text, UINT32_MAX, &o->decode.baud) && !*text && tty_speed(o->decode.baud)
               ? NULL
               : "not a speed that a line can have, as 115200:";
}

/* One that has a value. */
static const char *options_value(struct options *o, int name, const char *text)
{
    struct select_options *select = &o->decode.select;

    switch (name) {
    case OPTIONS_BAUD:
        return options_baud(o, text);
    case OPTIONS_CPU:
        return range_read(&select->cpus, text);
    case OPTIONS_PID:
        return range_read(&select->pids, text);
    case OPTIONS_EVENT:
        return select_read_events(select, text);
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
    case OPTIONS_SYMBOLS:
        o->decode.symbols = text;
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
        o->decode.answer.hist.by = text;
        return key_check(strlen(text));
    case OPTIONS_LATENCY:
        o->decode.answer.kind = ANSWER_LATENCY;
        return latency_read(&o->decode.answer.latency, text);
    case OPTIONS_KEY:
        return latency_read_key(&o->decode.answer.latency, text);
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
    case OPTIONS_TIMELINE:
        o->decode.answer.kind = ANSWER_TIMELINE;
        break;
    case OPTIONS_DIFF:
        o->decode.answer.kind = ANSWER_DIFF;
        break;
    case OPTIONS_NO_DEMANGLE:
        o->decode.mangled = true;
        break;
    case OPTIONS_ASCII:
        o->decode.answer.ascii = true;
        break;
    default: /* OPTIONS_LIST_EVENTS: when all are known */
        break;
    }
}

static enum options_answer options_wrong(struct options *o, const char *what, const char *text)
{
    o->what = what;
    o->text = text;
    return OPTIONS_WRONG;
}

/* What getopt_long() refused: `c` is its result, `arg` the argument before the next one. */
static enum options_answer options_bad(struct options *o, int c, const char *arg)
{
    static char letter[] = "-?";

    letter[1] = (char)optopt;
    if (c == ':')
        return options_wrong(o, "no value for option", arg);
    if (!optopt)
        return options_wrong(o, "unknown option", arg);
    /* A letter that is an option is refused only in its long form. */
    if (optopt >= OPTIONS_ASCII || optopt == 'h' || optopt == 'V')
        return options_wrong(o, "no value allowed in", arg);
    return options_wrong(o, "unknown option", letter);
}

/* Options that need each other, or exclude each other. `given`: by number. */
static enum options_answer options_agree(struct options *o, const bool *given)
{
    static const struct options_word answers[] = {{"--info", OPTIONS_INFO},
                                                  {"--stats", OPTIONS_STATS},
                                                  {"--hist", OPTIONS_HIST},
                                                  {"--latency", OPTIONS_LATENCY},
                                                  {"--timeline", OPTIONS_TIMELINE},
                                                  {"--diff", OPTIONS_DIFF},
                                                  {NULL, 0}};
    static const struct options_word prints[] = {{"--fields", OPTIONS_FIELDS},
                                                 {"--tail", OPTIONS_TAIL},
                                                 {"--template", OPTIONS_TEMPLATE},
                                                 {"--symbols", OPTIONS_SYMBOLS},
                                                 {"--time", OPTIONS_TIME},
                                                 {"--list-events", OPTIONS_LIST_EVENTS},
                                                 {NULL, 0}};
    static const struct {
        int name, needs;
        const char *what, *text;
    } pairs[] = {{OPTIONS_BY, OPTIONS_HIST, "no --hist for", "--by"},
                 {OPTIONS_KEY, OPTIONS_LATENCY, "no --latency for", "--key"},
                 {OPTIONS_LATENCY, OPTIONS_KEY, "no --key for", "--latency"},
                 {OPTIONS_SLIDE, OPTIONS_SYMBOLS, "no --symbols for", "--slide"},
                 {OPTIONS_NO_DEMANGLE, OPTIONS_SYMBOLS, "no --symbols for", "--no-demangle"},
                 {OPTIONS_ASCII, OPTIONS_TIMELINE, "no --timeline for", "--ascii"}};
    bool any = false;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (given[pairs[i].name] && !given[pairs[i].needs])
            return options_wrong(o, pairs[i].what, pairs[i].text);
    for (const struct options_word *w = answers; w->word; w++) {
        if (given[w->value] && any)
            return options_wrong(o, "more than one answer:", w->word);
        any = any || given[w->value];
    }
    for (const struct options_word *w = prints; any && w->word; w++)
        if (given[w->value])
            return options_wrong(o, "records are not printed with an answer:", w->word);
    if (any && o->decode.format > DECODE_JSON)
        return options_wrong(o, "an answer is text or json, not",
                             o->decode.format == DECODE_CSV ? "csv" : "template");
    if (given[OPTIONS_DIFF] && o->count != 2)
        return options_wrong(o, "not two files for", "--diff");
    return OPTIONS_DECODE;
}

/* Characters in a line, as the shell says. */
static uint32_t options_width(void)
{
    const char *text = getenv("COLUMNS");
    uint64_t width;

    return text && range_number(&text, UINT32_MAX, &width) && !*text ? (uint32_t)width : 80;
}

enum options_answer options_read(struct options *o, int argc, char **argv, bool terminal)
{
    const char *problem = options_color(o, "auto", terminal);
    bool given[OPTIONS_END] = {false};
    enum options_answer answer;
    int c;

    /* The messages of getopt_long() show arguments as they are: none of them. */
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":hV", options_table, NULL)) != -1) {
        given[c] = true;
        switch (c) {
        case OPTIONS_ASCII:
        case OPTIONS_DIFF:
        case OPTIONS_INFO:
        case OPTIONS_LIST_EVENTS:
        case OPTIONS_NO_DEMANGLE:
        case OPTIONS_STATS:
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
            return OPTIONS_HELP;
        case 'V':
            return OPTIONS_VERSION;
        case ':':
        case '?':
            return options_bad(o, c, argv[optind - 1]);
        default:
            problem = c == OPTIONS_COLOR ? options_color(o, optarg, terminal)
                                         : options_value(o, c, optarg);
            if (problem)
                return options_wrong(o, problem, optarg);
        }
    }
    o->paths = argv + optind;
    o->count = (size_t)(argc - optind);
    o->decode.answer.width = options_width();
    answer = options_agree(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    if (o->decode.format == DECODE_TEMPLATE && !o->decode.template)
        return options_wrong(o, "no --template for", "--format template");
    if (given[OPTIONS_LIST_EVENTS])
        o->decode.format = DECODE_LIST;
    if (o->output && (o->decode.format || o->decode.columns || o->decode.symbols ||
                      o->decode.has_tail || o->decode.answer.kind))
        return options_wrong(
            o, "not with --tail, --list-events, answers or options of printing:", "--output");
    if (o->decode.follow && o->count > 1)
        return options_wrong(o, "--follow takes one input, not also", o->paths[1]);
    return OPTIONS_DECODE;
}
