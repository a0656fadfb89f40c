/* SPDX-License-Identifier: MIT */
/* sinks.c - what takes the items of a run, and what that has to say in the end. */
#include "tool/sinks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

#define SINKS_EXPLAIN_BYTES 4096u /* three lines: two as long as an expression may be */

/* The fields that are printed, if they were chosen. */
static struct columns *sinks_columns(const struct decode_options *o)
{
    return o->format == DECODE_TEMPLATE ? &o->template->columns : o->columns;
}

/* Is it asked for fields by name, which an event may have that is defined later? */
static bool sinks_asks(const struct decode_options *o)
{
    return o->select.filter || sinks_columns(o);
}

/* What events there are in an input, where those that were read lack a field that is asked for. */
static void sinks_events(void *context, const struct metadata *m)
{
    struct sinks *s = context;
    struct columns *columns = sinks_columns(s->options);

    if (columns)
        columns_look(columns, m);
    if (s->selects)
        condition_look(&s->select.condition, m);
}

static struct sink *sinks_answer(struct sinks *s, struct out *out)
{
    const struct decode_options *o = s->options;
    const char *names[2] = {o->inputs[0].path, o->inputs[o->input_count > 1].path};

    struct sink *sink = answer_open(&s->printer.answer, &o->answer, out, o->format == DECODE_JSON,
                                    (uint32_t)s->inputs->count, names, s->spills, s->diag);

    if (s->line)
        s->printer.answer.sql.prompt.line = s->line;
    return sink;
}

/* The sink that prints. */
static struct sink *sinks_printer(struct sinks *s, struct out *out)
{
    const struct decode_options *o = s->options;

    if (o->answer.kind)
        return sinks_answer(s, out);
    if (o->index)
        return indexer_open(&s->printer.indexer, out, &s->inputs->streams[0]);
    if (o->convert)
        return convert_open(&s->printer.convert, out, s->diag, !select_wanted(&o->select),
                            o->input_count > 1, o->zlib);
    switch (o->format) {
    case DECODE_JSON:
        out->wide_quoted = o->json_strings;
        return json_open(&s->printer.json, out, o->time, o->columns, o->constants, o->no_schema);
    case DECODE_CSV:
        return csv_open(&s->printer.csv, out, o->time, o->columns, o->constants);
    case DECODE_EXPORT:
        return export_open(&s->printer.export, &o->export, out, s->crew, s->spills, o->folder,
                           s->diag);
    case DECODE_TEMPLATE:
        return template_open(o->template, out, o->time);
    case DECODE_LIST:
    case DECODE_LIST_JSON:
        return list_open(&s->printer.list, out, &o->select, o->format == DECODE_LIST_JSON);
    case DECODE_ROLES:
    case DECODE_ROLES_JSON:
        return meaning_open(&s->printer.meaning, out, o->answer.roles,
                            o->format == DECODE_ROLES_JSON, s->diag);
    case DECODE_FOLDED: /* an answer */
    case DECODE_FLAME:
    case DECODE_TEXT:
        break;
    }
    return text_open(&s->printer.text, out, o->time, o->columns, o->colour);
}

/* Puts one before all others, and from here on it closes them. What it passes items on to. */
static struct sink *sinks_before(struct sinks *s, struct sink *sink)
{
    struct sink *next = s->first;

    s->first = sink;
    return next;
}

void sinks_open(struct sinks *s)
{
    const struct decode_options *o = s->options;
    uint32_t inputs = (uint32_t)s->inputs->count;

    if (sinks_columns(o))
        columns_start(sinks_columns(o));
    if (o->has_tail) {
        s->first = &s->tail.sink; /* from here on it is closed */
        tail_open(&s->tail, sinks_printer(s, tail_start(&s->tail, s->out, o->tail)));
    } else {
        s->first = &s->printer.list.sink; /* from here on it is closed, whichever it is */
        s->first = s->printer_sink = sinks_printer(s, s->out);
    }
    if (o->has_tail || select_wanted(&o->select)) {
        s->selects = true;
        select_open(&s->select, &o->select, sinks_before(s, &s->select.sink), inputs, s->diag);
        s->select.has_tail = o->has_tail;
        s->select.tail = o->has_tail ? o->tail : 0;
    }
    if (o->shard.count)
        shard_open(&s->shard, &o->shard, sinks_before(s, &s->shard.sink), s->diag);
    if (o->symbols && !o->convert)
        place_open(&s->place, &o->place, sinks_before(s, &s->place.sink), s->symbols, o->symbols,
                   inputs);
    for (uint32_t i = 0; sinks_asks(o) && i < inputs; i++) {
        s->inputs->streams[i].survey.events = sinks_events;
        s->inputs->streams[i].survey.context = s;
    }
}

void sinks_open_part(struct sinks *s, struct merge *merge)
{
    part_open(&s->part, sinks_before(s, &s->part.sink));
    s->part.merge = merge;
    s->part.stream = s->inputs->streams;
    s->part.out = s->out;
    s->part.select = s->selects ? &s->select : NULL;
    s->part.answer = s->printer_sink->add ? s->printer_sink : NULL;
}

void sinks_end_index(struct sinks *s, bool unordered)
{
    s->unindexed = indexer_end(&s->printer.indexer, unordered);
    if (s->unindexed && s->diag->useful)
        diag_line(s->diag, "--index: %s: %s", s->options->inputs[0].path, s->unindexed);
}

bool sinks_columns_failed(const struct sinks *s)
{
    const struct columns *columns = sinks_columns(s->options);

    return columns && columns->hopeless;
}

/* Nothing has the fields that --filter asks for: reports it, and where. */
static bool sinks_filter_failed(struct sinks *s)
{
    char text[SINKS_EXPLAIN_BYTES], hint[NEAR_HINT_BYTES], *line = text, *end;

    if (!s->selects || !condition_failed(&s->select.condition))
        return false;
    condition_explain(&s->select.condition, text, sizeof(text));
    for (bool first = true; line && (first || *line || strchr(line, '\n')); first = false) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (first)
            diag_line(s->diag, "--filter: %s", line);
        else
            diag_plain(s->diag, "%s", line);
        line = end;
    }
    if (condition_hint(&s->select.condition, hint))
        diag_plain(s->diag, "%s", condition_hint(&s->select.condition, hint));
    return true;
}

static bool sinks_answer_failed(const struct sinks *s)
{
    const struct decode_options *o = s->options;

    if (o->answer.kind)
        return answer_wrong(&s->printer.answer);
    if (o->format == DECODE_EXPORT && !o->convert)
        return export_wrong(&s->printer.export);
    return o->format >= DECODE_ROLES && s->printer.meaning.problem;
}

bool sinks_failed(struct sinks *s)
{
    return sinks_filter_failed(s) || s->shard.wrong || s->unindexed ||
           (s->options->convert && s->printer.convert.problem) || sinks_answer_failed(s);
}

/* What was asked for and is not there. */
static void sinks_sum_asked(struct sinks *s)
{
    const struct decode_options *o = s->options;

    struct columns *columns = sinks_columns(o);

    if (s->out->error || !s->diag->useful || decode_lists(o))
        return;
    /* Those of captures that were not read to their end. */
    for (size_t i = 0; columns && i < s->inputs->count; i++)
        columns_look(columns, &s->inputs->streams[i].metadata);
    if (columns)
        columns_end(columns, s->diag);
    if (!s->first->enough && o->has_tail && s->tail.shown < o->tail &&
        s->tail.shown < s->tail.records)
        diag_line(s->diag, "the last %" PRIu64 " records take %u bytes, there is no room for more",
                  s->tail.shown, TAIL_BYTES);
}

/* The last line: what was shown, and what was lost. */
static void sinks_sum_counts(struct sinks *s)
{
    const struct decode_options *o = s->options;
    uint64_t records = 0, lost = 0;
    char text[160];
    int n;

    for (size_t i = 0; i < s->inputs->count; i++) {
        records += s->inputs->streams[i].records;
        lost = number_add(lost, s->inputs->streams[i].lost);
    }
    /* Where no input could be used there is nothing to count. */
    if (decode_lists(o) || !(s->diag->useful || s->diag->damaged_chunks || records || lost))
        return;
    if (s->selects && o->select.has_head && !o->has_tail && !o->convert &&
        s->select.shown == o->select.head)
        n = snprintf(text, sizeof(text),
                     "the first %" PRIu64 " records shown, %" PRIu64 " lost before",
                     s->select.shown, s->select.lost);
    else if (s->selects)
        n = snprintf(
            text, sizeof(text), "%" PRIu64 " of %" PRIu64 " records shown, %" PRIu64 " lost",
            o->has_tail ? s->tail.shown : s->select.shown, s->select.records, s->select.lost);
    else if (o->shard.count)
        n = snprintf(text, sizeof(text),
                     "part %" PRIu32 " of %" PRIu32 ": %" PRIu64 " records, %" PRIu64 " lost",
                     o->shard.number, o->shard.count, s->shard.records, s->shard.lost);
    else
        n = snprintf(text, sizeof(text), "%" PRIu64 " records, %" PRIu64 " lost", records, lost);
    if (s->diag->damaged_chunks && n > 0 && (size_t)n < sizeof(text))
        snprintf(text + n, sizeof(text) - (size_t)n, ", %" PRIu64 " chunks damaged",
                 s->diag->damaged_chunks);
    diag_plain(s->diag, "%s", text);
}

void sinks_sum(struct sinks *s)
{
    sinks_sum_asked(s);
    sinks_sum_counts(s);
}
