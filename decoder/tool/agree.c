/* SPDX-License-Identifier: MIT */
/* agree.c - which options of the command line go together. */
#include "tool/agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sqlite.h"
#include "bytes/socket.h"

struct agree_word {
    const char *word;
    int name;
};

enum options_answer agree_wrong(struct options *o, const char *what, const char *text)
{
    o->what = what;
    o->text = text;
    return OPTIONS_WRONG;
}

/* Of two times that count from the same: one from the last record is the later, the less it is. */
static bool agree_is_after(const struct moment *from, const struct moment *to)
{
    if (!from->kind || from->kind != to->kind)
        return false;
    return from->kind == MOMENT_BEFORE ? from->ns < to->ns : from->ns > to->ns;
}

/* Options that have no effect without another one, or with another one. `given`: by number. */
static enum options_answer agree_need(struct options *o, const bool *given)
{
    static const struct {
        int name, needs;
        const char *what, *text;
    } pairs[] = {{OPTIONS_KEY, OPTIONS_LATENCY, "no --latency for", "--key"},
                 {OPTIONS_LATENCY, OPTIONS_KEY, "no --key for", "--latency"},
                 {OPTIONS_ACROSS, OPTIONS_LATENCY, "no --latency for", "--across"},
                 {OPTIONS_SLIDE, OPTIONS_SYMBOLS, "no --symbols for", "--slide"},
                 {OPTIONS_NO_DEMANGLE, OPTIONS_SYMBOLS, "no --symbols for", "--no-demangle"},
                 {OPTIONS_INTERVAL, OPTIONS_FOLLOW, "no --follow for", "--interval"}};
    /* What is listed are events, of all records. */
    static const struct agree_word records[] = {{"--capture", OPTIONS_CAPTURE},
                                                {"--cpu", OPTIONS_CPU},
                                                {"--pid", OPTIONS_PID},
                                                {"--from", OPTIONS_FROM},
                                                {"--to", OPTIONS_TO},
                                                {"--filter", OPTIONS_FILTER},
                                                {"--head", OPTIONS_HEAD},
                                                {"--tail", OPTIONS_TAIL},
                                                {"--fields", OPTIONS_FIELDS},
                                                {"--template", OPTIONS_TEMPLATE},
                                                {"--symbols", OPTIONS_SYMBOLS},
                                                {"--time", OPTIONS_TIME},
                                                {"--json-strings", OPTIONS_JSON_STRINGS},
                                                {"--no-schema", OPTIONS_NO_SCHEMA},
                                                {NULL, 0}};
    bool lists = given[OPTIONS_LIST_EVENTS] || given[OPTIONS_LIST_ROLES];

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (given[pairs[i].name] && !given[pairs[i].needs])
            return agree_wrong(o, pairs[i].what, pairs[i].text);
    for (const struct agree_word *w = records; lists && w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "events are listed, not records:", w->word);
    if (given[OPTIONS_ACROSS] && o->count < 2)
        return agree_wrong(o, "there is one input for", "--across");
    if (given[OPTIONS_BY] && !given[OPTIONS_HIST] && !given[OPTIONS_PROFILE] &&
        (!given[OPTIONS_STATS] || given[OPTIONS_GRAPH]))
        return agree_wrong(o, "no --hist, --stats or --profile for", "--by");
    if (given[OPTIONS_ASCII] && !given[OPTIONS_TIMELINE] && !given[OPTIONS_EXPLORE])
        return agree_wrong(o, "no --timeline or --explore for", "--ascii");
    if (given[OPTIONS_TEMPLATE] && given[OPTIONS_FIELDS])
        return agree_wrong(o, "a template says itself which fields:", "--fields");
    if (given[OPTIONS_TEMPLATE] && o->decode.format != DECODE_TEMPLATE)
        return agree_wrong(o, "not with another --format:", "--template");
    if (o->decode.format != DECODE_JSON && (o->decode.json_strings || o->decode.no_schema))
        return agree_wrong(o, "no --format json for",
                           o->decode.no_schema ? "--no-schema" : "--json-strings");
    if (agree_is_after(&o->decode.select.from, &o->decode.select.to))
        return agree_wrong(o, "--from is after", "--to");
    return OPTIONS_DECODE;
}

/* Is the answer about what begins and ends, functions perhaps? */
static bool agree_calls(const bool *given)
{
    return given[OPTIONS_SPANS] || given[OPTIONS_GRAPH];
}

/* Calls added up are what --spans answers: --graph --stats, and stacks of either. */
static enum options_answer agree_folded(struct options *o, const bool *given)
{
    struct answer_options *answer = &o->decode.answer;
    bool flame = o->decode.format == DECODE_FLAME;
    bool folded = flame || o->decode.format == DECODE_FOLDED;
    const char *format = flame ? "--format flame" : "--format folded";

    if (folded && !agree_calls(given) && !given[OPTIONS_PROFILE])
        return agree_wrong(o, "no --spans, --graph or --profile for", format);
    if (folded && given[OPTIONS_STATS])
        return agree_wrong(o, "--graph --stats is a table, not with", format);
    answer->spans.fold = answer->profile.fold = flame ? FOLD_FLAME : folded ? FOLD_TEXT : FOLD_NONE;
    answer->graph.colour = o->decode.colour;
    if (!given[OPTIONS_GRAPH] || (!folded && !given[OPTIONS_STATS]))
        return OPTIONS_DECODE;
    if (given[OPTIONS_OVER] || (given[OPTIONS_DEPTH] && !folded))
        return agree_wrong(o, "all calls are added up, not with",
                           given[OPTIONS_OVER] ? "--over" : "--depth");
    answer->kind = ANSWER_SPANS;
    answer->spans.word = "--graph";
    answer->spans.depth = answer->graph.depth;
    return OPTIONS_DECODE;
}

/* Options that exclude each other. */
static enum options_answer agree_answers(struct options *o, const bool *given)
{
    static const struct agree_word answers[] = {
        {"--info", OPTIONS_INFO},         {"--stats", OPTIONS_STATS},
        {"--hist", OPTIONS_HIST},         {"--latency", OPTIONS_LATENCY},
        {"--timeline", OPTIONS_TIMELINE}, {"--tasks", OPTIONS_TASKS},
        {"--spans", OPTIONS_SPANS},       {"--sql", OPTIONS_SQL},
        {"--graph", OPTIONS_GRAPH},       {"--profile", OPTIONS_PROFILE},
        {"--diff", OPTIONS_DIFF},         {NULL, 0}};
    static const struct agree_word prints[] = {{"--fields", OPTIONS_FIELDS},
                                               {"--tail", OPTIONS_TAIL},
                                               {"--template", OPTIONS_TEMPLATE},
                                               {"--symbols", OPTIONS_SYMBOLS},
                                               {"--time", OPTIONS_TIME},
                                               {"--json-strings", OPTIONS_JSON_STRINGS},
                                               {"--no-schema", OPTIONS_NO_SCHEMA},
                                               {"--list-events", OPTIONS_LIST_EVENTS},
                                               {"--list-roles", OPTIONS_LIST_ROLES},
                                               {NULL, 0}};
    static const struct agree_word parts[] = {{"--event", OPTIONS_EVENT},
                                              {"--pid", OPTIONS_PID},
                                              {"--filter", OPTIONS_FILTER},
                                              {NULL, 0}};
    static const struct agree_word spans[] = {{"--event", OPTIONS_EVENT},
                                              {"--pid", OPTIONS_PID},
                                              {"--filter", OPTIONS_FILTER},
                                              {"--cpu", OPTIONS_CPU},
                                              {NULL, 0}};
    static const struct agree_word calls[] = {
        {"--depth", OPTIONS_DEPTH}, {"--over", OPTIONS_OVER}, {NULL, 0}};
    bool any = false;
    enum options_answer answer = agree_need(o, given);

    if (answer != OPTIONS_DECODE)
        return answer;
    for (const struct agree_word *w = answers; w->word; w++) {
        if (w->name == OPTIONS_STATS && given[OPTIONS_GRAPH])
            continue;
        if (given[w->name] && any)
            return agree_wrong(o, "more than one answer:", w->word);
        any = any || given[w->name];
    }
    for (const struct agree_word *w = prints; any && w->word; w++)
        if (given[w->name] &&
            !(w->name == OPTIONS_SYMBOLS && (agree_calls(given) || given[OPTIONS_PROFILE])))
            return agree_wrong(o, "records are not printed with an answer:", w->word);
    answer = agree_folded(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    if (any && o->decode.format > DECODE_JSON && !o->decode.answer.spans.fold &&
        !(given[OPTIONS_SQL] && o->decode.format == DECODE_CSV))
        return agree_wrong(
            o, "an answer is text, json, of --sql csv, of calls and samples folded or flame, not",
            o->decode.format == DECODE_CSV      ? "csv"
            : o->decode.format == DECODE_EXPORT ? "a format for viewers"
                                                : "template");
    if (given[OPTIONS_ROLE] && o->decode.format != DECODE_EXPORT && !given[OPTIONS_TASKS] &&
        !given[OPTIONS_SPANS] && !given[OPTIONS_SQL] && !given[OPTIONS_GRAPH] &&
        !given[OPTIONS_PROFILE] && !given[OPTIONS_TIMELINE] && !given[OPTIONS_EXPLORE] &&
        !given[OPTIONS_LIST_ROLES])
        return agree_wrong(
            o,
            "no --tasks, --spans, --graph, --profile, --sql, --timeline, --explore or "
            "--list-roles for",
            "--role");
    for (const struct agree_word *w = parts; given[OPTIONS_ROLE] && w->word; w++)
        if (given[OPTIONS_TIMELINE] && given[w->name])
            return agree_wrong(o, "--role is for lines of tasks, which there are not with",
                               w->word);
    for (const struct agree_word *w = parts; given[OPTIONS_TASKS] && w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "--tasks is wrong if not all events are there, not with",
                               w->word);
    for (const struct agree_word *w = spans; agree_calls(given) && w->word; w++)
        if (given[w->name])
            return agree_wrong(o,
                               given[OPTIONS_SPANS]
                                   ? "--spans is wrong if not all events are there, not with"
                                   : "--graph is wrong if not all events are there, not with",
                               w->word);
    for (const struct agree_word *w = calls; !given[OPTIONS_GRAPH] && w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "no --graph for", w->word);
    if (given[OPTIONS_DIFF] && o->count != 2)
        return agree_wrong(o, "not two files for", "--diff");
    return OPTIONS_DECODE;
}

/* Is there a directory of that name, or is one to be made? */
static bool agree_is_folder(const char *path)
{
    size_t n = strlen(path);
    struct stat st;

    return (n && path[n - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* A part is of the records of one file, as they are. */
static enum options_answer agree_shard(struct options *o, const bool *given)
{
    static const struct agree_word without[] = {{"--from", OPTIONS_FROM},
                                                {"--to", OPTIONS_TO},
                                                {"--head", OPTIONS_HEAD},
                                                {"--tail", OPTIONS_TAIL},
                                                {"--follow", OPTIONS_FOLLOW},
                                                {"--offset", OPTIONS_OFFSET},
                                                {NULL, 0}};
    bool viewer = o->decode.format == DECODE_EXPORT && o->decode.export.kind != EXPORT_PARQUET &&
                  o->decode.export.kind != EXPORT_SHELF;

    if (!given[OPTIONS_SHARD])
        return OPTIONS_DECODE;
    if (o->decode.answer.kind)
        return agree_wrong(o, "an answer is of all records, and these are a part:", "--shard");
    if (viewer || o->decode.format >= DECODE_LIST)
        return agree_wrong(o, "no text, json, csv, template or parquet for", "--shard");
    if (o->output && o->decode.format != DECODE_EXPORT)
        return agree_wrong(o, "no part of a dump is written as a dump, not with", "--output");
    for (const struct agree_word *w = without; w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "--shard is a part of all records, not with", w->word);
    if (o->decode.time.mode == STAMP_RELATIVE || o->decode.time.mode == STAMP_DELTA)
        return agree_wrong(o, "--shard does not know the record before its first one, not with",
                           "--time");
    if (o->count > 1)
        return agree_wrong(o, "--shard takes one file, not also", o->paths[1]);
    return OPTIONS_DECODE;
}

/* A column of the same text, in what has columns with names. */
static enum options_answer agree_columns(struct options *o, const bool *given)
{
    const struct columns *fields = o->decode.columns;
    bool export = o->decode.format == DECODE_EXPORT && (o->decode.export.kind == EXPORT_PARQUET ||
                                                        o->decode.export.kind == EXPORT_SHELF);

    if (!given[OPTIONS_COLUMN])
        return OPTIONS_DECODE;
    if (o->decode.answer.kind ||
        (o->decode.format != DECODE_JSON && o->decode.format != DECODE_CSV && !export))
        return agree_wrong(o, "no --format json, csv or parquet of records for", "--column");
    for (uint32_t i = 0; fields && i < fields->count; i++)
        if (constant_has(&o->constants, fields->name[i].all.bytes, fields->name[i].all.n))
            return agree_wrong(
                o, "--column and --fields have the same name:", fields->name[i].all.bytes);
    return OPTIONS_DECODE;
}

/* A format of a viewer has all fields, and times as the viewer wants them. */
static enum options_answer agree_export(struct options *o, const bool *given, bool terminal)
{
    static const struct agree_word without[] = {{"--fields", OPTIONS_FIELDS},
                                                {"--template", OPTIONS_TEMPLATE},
                                                {"--time", OPTIONS_TIME},
                                                {"--tail", OPTIONS_TAIL},
                                                {NULL, 0}};
    bool parquet = o->decode.format == DECODE_EXPORT && o->decode.export.kind == EXPORT_PARQUET;

    for (const struct agree_word *w = without; o->decode.format == DECODE_EXPORT && w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "not with a format for viewers:", w->word);
    if (o->decode.format == DECODE_EXPORT && !parquet && given[OPTIONS_COMPRESS])
        return agree_wrong(o, "not with a format for viewers:", "--compress");
    if (parquet && given[OPTIONS_ROLE])
        return agree_wrong(o, "all events are alike in --format parquet, not with", "--role");
    if (given[OPTIONS_COMPRESS] && !o->output && !parquet)
        return agree_wrong(o, "no --output for", "--compress");
    if (parquet && o->output && agree_is_folder(o->output))
        o->decode.export.kind = EXPORT_SHELF;
    o->decode.export.plain = given[OPTIONS_COMPRESS] && !o->decode.zlib;
    if (o->decode.format != DECODE_EXPORT)
        return OPTIONS_DECODE;
    if (export_fills(o->decode.export.kind) && (!o->output || strcmp(o->output, "-") == 0))
        return agree_wrong(o, "files in a directory, which --output names:", "--format");
    if (export_seeks(o->decode.export.kind) && !sqlite_is_there)
        return agree_wrong(o,
                           "this tpdecode was made without SQLite: install libsqlite3-dev, then "
                           "./configure and make; no",
                           "--format sqlite");
    if (export_seeks(o->decode.export.kind) && (!o->output || strcmp(o->output, "-") == 0))
        return agree_wrong(o, "a database is a file, there is no --output FILE for",
                           "--format sqlite");
    if (export_binary(o->decode.export.kind) && !o->output && terminal)
        return agree_wrong(o, "not text, and not for a terminal, without --output:", "--format");
    return OPTIONS_DECODE;
}

/* What is listed instead of records. */
static enum options_answer agree_list(struct options *o, const bool *given)
{
    if (given[OPTIONS_LIST_EVENTS] && given[OPTIONS_LIST_ROLES])
        return agree_wrong(o, "one list at a time, not also", "--list-roles");
    if ((given[OPTIONS_LIST_EVENTS] || given[OPTIONS_LIST_ROLES]) && o->decode.format > DECODE_JSON)
        return agree_wrong(o, "text or json for",
                           given[OPTIONS_LIST_ROLES] ? "--list-roles" : "--list-events");
    if (given[OPTIONS_LIST_ROLES])
        o->decode.format = o->decode.format == DECODE_JSON ? DECODE_ROLES_JSON : DECODE_ROLES;
    if (given[OPTIONS_LIST_EVENTS])
        o->decode.format = o->decode.format == DECODE_JSON ? DECODE_LIST_JSON : DECODE_LIST;
    return OPTIONS_DECODE;
}

/* Inputs that are machines which are debugged. Their kernel's file says where their trace is. */
static size_t agree_machines(const struct options *o)
{
    size_t machines = 0;

    for (size_t i = 0; i < o->count; i++)
        machines += socket_is_gdb(o->paths[i]);
    return machines;
}

/* An address is of a machine that is debugged, and there is one at a time. */
static enum options_answer agree_probe(struct options *o, const bool *given)
{
    size_t machines = agree_machines(o);

    if (machines > 1)
        return agree_wrong(o, "one machine at a time, and one", "gdb:HOST:PORT");
    if (given[OPTIONS_AT] && !machines)
        return agree_wrong(o, "no gdb:HOST:PORT for", "--at");
    if (given[OPTIONS_INTERVAL] && !machines)
        return agree_wrong(o, "no gdb:HOST:PORT for", "--interval");
    return OPTIONS_DECODE;
}

/* --explore is on a terminal that can place its cursor, and instead of all that is printed. */
static enum options_answer agree_explore(struct options *o, const bool *given, bool terminal)
{
    static const struct agree_word without[] = {{"--format", OPTIONS_FORMAT},
                                                {"--fields", OPTIONS_FIELDS},
                                                {"--template", OPTIONS_TEMPLATE},
                                                {"--output", OPTIONS_OUTPUT},
                                                {"--tail", OPTIONS_TAIL},
                                                {"--by", OPTIONS_BY},
                                                {"--key", OPTIONS_KEY},
                                                {"--compress", OPTIONS_COMPRESS},
                                                {"--info", OPTIONS_INFO},
                                                {"--stats", OPTIONS_STATS},
                                                {"--hist", OPTIONS_HIST},
                                                {"--latency", OPTIONS_LATENCY},
                                                {"--timeline", OPTIONS_TIMELINE},
                                                {"--tasks", OPTIONS_TASKS},
                                                {"--sql", OPTIONS_SQL},
                                                {"--graph", OPTIONS_GRAPH},
                                                {"--depth", OPTIONS_DEPTH},
                                                {"--spans", OPTIONS_SPANS},
                                                {"--profile", OPTIONS_PROFILE},
                                                {"--diff", OPTIONS_DIFF},
                                                {"--list-events", OPTIONS_LIST_EVENTS},
                                                {"--list-roles", OPTIONS_LIST_ROLES},
                                                {"--json-strings", OPTIONS_JSON_STRINGS},
                                                {"--no-schema", OPTIONS_NO_SCHEMA},
                                                {"--progress", OPTIONS_PROGRESS},
                                                {NULL, 0}};
    const char *term = getenv("TERM");

    if (!given[OPTIONS_EXPLORE])
        return OPTIONS_DECODE;
    for (const struct agree_word *w = without; w->word; w++)
        if (given[w->name])
            return agree_wrong(o, "not with --explore:", w->word);
    if (!terminal || !term || !*term || strcmp(term, "dumb") == 0) {
        snprintf(o->hint, sizeof(o->hint), "%s",
                 terminal ? "TERM says that it cannot place its cursor"
                          : "standard output is none");
        return agree_wrong(o, "a terminal is needed for", "--explore");
    }
    o->progress = OPTIONS_NEVER;
    o->decode.explore.ascii = o->decode.answer.timeline.ascii;
    o->decode.explore.colour = o->decode.colour;
    o->decode.explore.follow = o->decode.follow;
    o->decode.explore.roles = o->decode.answer.roles;
    return OPTIONS_DECODE;
}

/* Are there options but these? */
static bool agree_others(const bool *given, const int *these, size_t count)
{
    bool others = false;

    for (int name = OPTIONS_ASCII; name < OPTIONS_END; name++) {
        bool fits = !given[name];

        for (size_t i = 0; i < count; i++)
            fits = fits || name == these[i];
        others = others || !fits;
    }
    return others;
}

/* An index is of all of one file, and is written instead of all that is printed. */
static enum options_answer agree_index(struct options *o, const bool *given)
{
    static const int with[] = {OPTIONS_INDEX, OPTIONS_PROGRESS, OPTIONS_NO_PROGRESS,
                               OPTIONS_SANDBOX, OPTIONS_COLOR};

    if (!given[OPTIONS_INDEX])
        return OPTIONS_DECODE;
    if (agree_others(given, with, sizeof(with) / sizeof(with[0])))
        return agree_wrong(o, "the index is of all of a dump, no other option for", "--index");
    if (o->count != 1 || strcmp(o->paths[0], "-") == 0)
        return agree_wrong(o, "not one file for", "--index");
    return OPTIONS_DECODE;
}

/* --functions reads no dump, but the file that --symbols would name. */
static enum options_answer agree_functions(struct options *o, const bool *given)
{
    static const int with[] = {OPTIONS_FUNCTIONS, OPTIONS_SLIDE, OPTIONS_NO_DEMANGLE,
                               OPTIONS_SANDBOX,   OPTIONS_COLOR, OPTIONS_NO_PROGRESS};

    if (agree_others(given, with, sizeof(with) / sizeof(with[0])))
        return agree_wrong(o, "no dump is read, only --slide and --no-demangle go with",
                           "--functions");
    if (o->count != 1)
        return agree_wrong(o, "one file, the kernel's ELF file, is wanted by", "--functions");
    o->decode.symbols = o->paths[0];
    return OPTIONS_DECODE;
}

enum options_answer agree_all(struct options *o, const bool *given, bool terminal)
{
    enum options_answer answer;

    if (given[OPTIONS_FUNCTIONS])
        return agree_functions(o, given);
    answer = agree_index(o, given);
    if (answer == OPTIONS_DECODE)
        answer = agree_explore(o, given, terminal);
    if (answer == OPTIONS_DECODE)
        answer = agree_answers(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    if (o->decode.format == DECODE_TEMPLATE && !o->decode.template)
        return agree_wrong(o, "no --template for", "--format template");
    answer = agree_list(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    answer = agree_export(o, given, terminal);
    if (answer != OPTIONS_DECODE)
        return answer;
    answer = agree_shard(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    answer = agree_columns(o, given);
    if (answer != OPTIONS_DECODE)
        return answer;
    o->decode.convert = o->output && o->decode.format != DECODE_EXPORT;
    if (o->decode.convert &&
        (o->decode.format || o->decode.columns || (o->decode.symbols && !agree_machines(o)) ||
         o->decode.has_tail || o->decode.answer.kind))
        return agree_wrong(o,
                           "not with --tail, lists, answers or options of printing:", "--output");
    if (o->decode.follow && select_ends(&o->decode.select))
        return agree_wrong(o, "what is followed has no end to count from:",
                           o->decode.select.from.kind == MOMENT_BEFORE ? "--from" : "--to");
    if (o->decode.follow && o->count > 1)
        return agree_wrong(o, "--follow takes one input, not also", o->paths[1]);
    return agree_probe(o, given);
}
