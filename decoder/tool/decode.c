/* SPDX-License-Identifier: MIT */
/* decode.c - the whole of tpdecode but its options. */
#include "tool/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/spill.h"
#include "bytes/socket.h"
#include "bytes/watch.h"
#include "explore/explore.h"
#include "model/symbols.h"
#include "order/merge.h"
#include "order/tail.h"
#include "print/csv.h"
#include "print/json.h"
#include "print/list.h"
#include "print/meaning.h"
#include "print/text.h"
#include "tool/functions.h"
#include "tool/jobs.h"
#include "tool/label.h"
#include "tool/others.h"
#include "tool/regions.h"
#include "write/convert.h"
#include "write/indexer.h"

#define DECODE_EXPLAIN_BYTES 4096u /* three lines: two as long as an expression may be */

#define DECODE_NAMES_BYTES 1000u /* of inputs, in a message */

/* Output is at most so many bytes for one that was read, beyond a free allowance. */
#define DECODE_FREE_BYTES (256u << 20)
#define DECODE_RATIO 4096u

struct inputs {
    const struct decode_options *options;
    struct diag *diag;
    struct out *out;             /* put out before a read that may wait */
    struct symbols *symbols;     /* a debugged machine has its trace where these say */
    bool (*tick)(void *context); /* of --follow, as struct watch has it */
    void *context;

    struct stream *streams;
    size_t count;
    void *labels;           /* of several */
    struct input described; /* --metadata */
    struct stream_given given;
    struct watch watch; /* --follow */
};

struct sinks {
    const struct decode_options *options;
    const struct inputs *inputs;
    struct diag *diag;
    struct out *out;
    struct symbols *symbols;
    struct spill *spills; /* of this process, and of others */
    struct crew *crew;
    struct line *line; /* where queries are typed (--sql); NULL: nowhere */

    struct sink *first;    /* takes all items */
    bool selects;          /* some of them may not be wanted */
    const char *unindexed; /* why there is no index; NULL: there is */
    struct part part;
    struct place place;
    struct shard shard;
    struct select select;
    struct tail tail;
    struct sink *printer_sink;
    union {
        struct text text;
        struct json json;
        struct csv csv;
        struct convert convert;
        struct indexer indexer;
        struct list list;
        struct meaning meaning;
        struct answer answer;
        struct exporter export;
    } printer;
};

/* All that one run owns, so that it can be freed from anywhere. */
struct decode {
    const struct decode_options *options;
    struct diag diag;
    struct out out;
    uint64_t written;
    bool flood;  /* too much for what was read */
    bool failed; /* and it was said why */
    struct symbols symbols;
    struct spill spills[1 + CREW_MAX]; /* of this process, and of others */
    struct inputs inputs;
    struct sinks sinks;
    struct merge merge;
    struct unpack unpack;
    struct jobs jobs;
    struct crew crew;
    struct given look; /* --explore */
    struct explore *explore;
    struct progress progress;
};

/* A few bytes of a dump, compressed and with large texts of events, could become any amount of
 * output: that ends here. */
static int decode_allow(void *context, size_t n)
{
    struct decode *d = context;
    uint64_t taken = 0;

    d->written += n;
    if (d->written > DECODE_FREE_BYTES) {
        for (size_t i = 0; i < d->inputs.count; i++)
            taken += d->inputs.streams[i].in.taken;
        d->flood = (d->written - DECODE_FREE_BYTES) / DECODE_RATIO > taken;
    }
    return d->flood ? EFBIG : 0;
}

static int decode_write(void *context, const void *bytes, size_t n)
{
    struct decode *d = context;
    int error = decode_allow(d, n);

    return error ? error : d->options->out.write(d->options->out.context, bytes, n);
}

/* Before a read that may wait: show what there is. */
static void decode_wait(void *context)
{
    out_flush(context);
}

/* While more of an input is waited for. */
static bool decode_tick(void *context)
{
    struct decode *d = context;

    /* What is in the file already is read first: that takes no longer than to put out the wrong order. */
    if (d->inputs.watch.dry || !d->inputs.watch.regular)
        merge_hurry(&d->merge, d->inputs.watch.clock_ms);
    out_flush(&d->out);
    return !sink_stops(d->sinks.first);
}

static void decode_turn(void *context)
{
    struct decode *d = context;

    progress_turn(&d->progress, d->inputs.streams, d->inputs.count);
}

static void decode_follow(struct inputs *all, struct stream *s, const char *path)
{
    all->watch = (struct watch){.path = path,
                                .diag = &s->diag,
                                .stop = all->options->stop,
                                .tick = all->tick,
                                .context = all->context};
    s->in.watch = &all->watch;
    s->in.slow = true; /* it is not sought in */
}

/* Why an input could not be opened. */
static const char *decode_reason(const struct input *in, int error)
{
    return in->refused ? in->refused : strerror(error);
}

/* Is it asked what events there are, and for no records? */
static bool decode_lists(const struct decode_options *o)
{
    return o->format >= DECODE_LIST;
}

/* The fields that are printed, if they were chosen. */
static struct columns *decode_columns(const struct decode_options *o)
{
    return o->format == DECODE_TEMPLATE ? &o->template->columns : o->columns;
}

/* Is it asked for fields by name, which an event may have that is defined later? */
static bool decode_asks(const struct decode_options *o)
{
    return o->select.filter || decode_columns(o);
}

/* Is something asked for that later chunks may be needed for? */
static bool decode_looks(const struct decode_options *o)
{
    return !o->follow &&
           (o->folder || o->index || o->shard.count || o->time.mode >= STAMP_UTC ||
            o->select.from.kind || o->select.to.kind || o->input_count > 1 || o->answer.sql.query ||
            (o->format == DECODE_EXPORT && export_looks(o->export.kind)));
}

/* What events there are in an input, where those that were read lack a field that is asked for. */
static void decode_events(void *context, const struct metadata *m)
{
    struct sinks *s = context;
    struct columns *columns = decode_columns(s->options);

    if (columns)
        columns_look(columns, m);
    if (s->selects)
        condition_look(&s->select.condition, m);
}

/* Where a machine has its trace, if nothing else was said: where its ELF file has the engine's table of traces. */
static struct probe_options decode_probe(const struct inputs *all)
{
    struct probe_options o = all->options->probe;

    o.has_table = all->options->symbols && all->symbols->is_elf &&
                  symbols_named(all->symbols, "tp_traces", &o.table);
    o.table += all->options->place.slide;
    o.word_bytes = all->symbols->facts.wide ? 8 : 4;
    o.big = all->symbols->facts.big;
    return o;
}

static int decode_connect(struct inputs *all, struct stream *s, const char *path)
{
    struct probe_options o;

    if (!socket_is_gdb(path))
        return input_open_source(&s->in, path, all->options->baud);
    o = decode_probe(all);
    return input_open_probe(&s->in, path, &o);
}

/* May what an index says be used? Of parts, and of a dump that is made of it, each chunk is looked at. */
static bool decode_guides(const struct decode_options *o)
{
    return !o->no_index && !o->index && !o->follow && !o->shard.count && !o->convert &&
           !o->explore.wanted && !decode_lists(o);
}

static void decode_open(struct inputs *all, uint32_t i)
{
    const struct decode_input *in = &all->options->inputs[i];
    struct stream *s = &all->streams[i];
    bool is_stdin = !in->bytes && strcmp(in->path, "-") == 0;
    int error = 0;

    stream_open(s, i, is_stdin ? "standard input" : in->path, all->diag);
    s->in.fd = -1;
    all->count++;
    if (in->bytes)
        input_open_memory(&s->in, in->bytes, in->size);
    else
        error = decode_connect(all, s, in->path);
    s->in.wait = decode_wait;
    s->in.wait_context = all->out;
    s->in.diag = &s->diag;
    if (all->options->follow && s->in.fd >= 0 && !all->options->explore.wanted)
        decode_follow(all, s, is_stdin ? NULL : in->path);
    s->keep = all->options->convert;
    s->clock_hz = all->options->clock_hz;
    s->look = decode_looks(all->options);
    s->survey.ends = select_ends(&all->options->select);
    s->skip_data = decode_lists(all->options);
    if (s->in.terminal)
        diag_note(&s->diag,
                  "a terminal that changes what is read: stty -F %s raw, or give its name as FILE",
                  ttyname(s->in.fd) ? ttyname(s->in.fd) : "DEVICE");
    if (decode_guides(all->options) && !error && !in->bytes && s->in.fd >= 0 && !s->in.slow &&
        !is_stdin)
        s->guide = guide_open(in->path);
    if (error) {
        diag_fail(&s->diag, "%s", decode_reason(&s->in, error));
        s->closing = s->done = true;
    }
}

static struct sink *decode_answer(struct sinks *s, struct out *out)
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
static struct sink *decode_printer(struct sinks *s, struct out *out)
{
    const struct decode_options *o = s->options;

    if (o->answer.kind)
        return decode_answer(s, out);
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

/* The sink that prints, and those before it. */
static void decode_sinks(struct sinks *s)
{
    const struct decode_options *o = s->options;

    if (decode_columns(o))
        columns_start(decode_columns(o));
    if (o->has_tail) {
        s->first = &s->tail.sink; /* from here on it is freed */
        tail_open(&s->tail, decode_printer(s, tail_start(&s->tail, s->out, o->tail)));
    } else {
        s->first = &s->printer.list.sink; /* from here on it is freed, whichever it is */
        s->first = s->printer_sink = decode_printer(s, s->out);
    }
    if (o->has_tail || select_wanted(&o->select)) {
        struct sink *next = s->first;

        s->selects = true;
        s->first = &s->select.sink; /* from here on it frees the other */
        select_open(&s->select, &o->select, next, (uint32_t)s->inputs->count, s->diag);
        s->select.tail = o->has_tail ? o->tail : 0;
    }
    if (o->shard.count) {
        struct sink *next = s->first;

        s->first = &s->shard.sink; /* the same */
        shard_open(&s->shard, &o->shard, next, s->diag);
    }
    if (o->symbols && !o->convert) {
        struct sink *next = s->first;

        s->first = &s->place.sink; /* the same */
        place_open(&s->place, &o->place, next, s->symbols, o->symbols, (uint32_t)s->inputs->count);
    }
    for (size_t i = 0; decode_asks(o) && i < s->inputs->count; i++) {
        s->inputs->streams[i].survey.events = decode_events;
        s->inputs->streams[i].survey.context = s;
    }
}

/* Before these the sink that does a part of the work. */
static void decode_part(struct sinks *s, struct merge *merge)
{
    struct sink *next = s->first;

    s->first = &s->part.sink; /* the same */
    part_open(&s->part, next);
    s->part.merge = merge;
    s->part.stream = s->inputs->streams;
    s->part.out = s->out;
    s->part.select = s->selects ? &s->select : NULL;
    s->part.answer = s->printer_sink->add ? s->printer_sink : NULL;
}

/* --- several processes --- */

static int decode_hush(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

/* Starts others, if they are of use, and connects what they and this one put out. */
static void decode_others(struct decode *d)
{
    others_open(&d->unpack, &d->crew, &d->jobs, d->options, d->inputs.streams, d->inputs.count,
                d->spills);
    if (d->unpack.to || d->crew.role == CREW_MEMBER)
        d->diag.sink = (struct out_sink){decode_hush, NULL};
    if (d->jobs.role == JOBS_WORKER) {
        d->out.sink = (struct out_sink){worker_write, &d->jobs.worker};
        d->diag.sink = (struct out_sink){worker_say, &d->jobs.worker};
        return;
    }
    d->jobs.leader.sink = (struct out_sink){decode_write, d};
    d->jobs.leader.diag_sink = d->diag.sink;
    d->jobs.leader.flood = &d->flood;
    d->jobs.leader.turn = d->options->progress == PROGRESS_NONE ? NULL : decode_turn;
    d->jobs.leader.turn_context = d;
}

/* The leader has others do it. False: it is to be done here. */
static bool decode_lead(struct decode *d, int *code)
{
    if (d->jobs.role != JOBS_LEADER)
        return false;
    *code = leader_run(&d->jobs.leader, d->inputs.streams);
    if (*code == LEADER_ALONE) {
        jobs_close(&d->jobs);
        return false;
    }
    progress_end(&d->progress, d->inputs.streams, d->inputs.count);
    return true;
}

/* The dump or image that --metadata names. False if it cannot be opened. */
static bool decode_metadata_open(struct inputs *all)
{
    const char *path = all->options->metadata;
    struct diag_file file = {.diag = all->diag, .name = path};
    int error = path ? input_open_source(&all->described, path, 0) : 0;

    if (error)
        diag_note(&file, "%s", decode_reason(&all->described, error));
    return !error;
}

/* The first metadata in it. False if it has none. */
static bool decode_metadata(struct inputs *all)
{
    const char *path = all->options->metadata;
    struct diag_file file = {.diag = all->diag, .name = path, .quiet = true};
    struct chunk_reader reader;
    struct chunk c;

    if (!path)
        return true;
    all->described.diag = &file;
    chunk_open(&reader, &all->described, &file);
    while (!all->given.bytes && chunk_next(&reader, &c) == CHUNK_FOUND) {
        if (c.head.type != TP_CHUNK_METADATA || c.bad)
            continue;
        all->given = (struct stream_given){path, mem_alloc(c.payload_bytes), c.payload_bytes};
        memcpy(all->given.bytes, c.payload, c.payload_bytes);
    }
    chunk_close(&reader);
    input_close(&all->described);
    for (size_t i = 0; i < all->count; i++)
        all->streams[i].given = all->given.bytes ? &all->given : NULL;
    file.quiet = false;
    if (!all->given.bytes)
        diag_note(&file,
                  "no metadata in it: --metadata takes a dump of the same kernel that has some");
    return all->given.bytes;
}

/* False if there is a problem with the file. */
static bool decode_symbols(struct decode *d)
{
    const char *path = d->options->symbols, *problem;
    struct diag_file file = {.diag = &d->diag, .name = path};

    if (!path)
        return true;
    problem = symbols_open(&d->symbols, path, !d->options->mangled);
    if (problem)
        diag_note(&file, "%s", problem);
    d->out.symbols = &d->symbols;
    return !problem;
}

/* Where functions are. */
static int decode_functions(struct decode *d)
{
    const struct decode_options *o = d->options;
    struct diag_file file = {.diag = &d->diag, .name = o->symbols};
    bool any;

    if (o->confine && !o->confine(o->confine_context, &d->diag, -1, NULL, 0))
        return DECODE_USAGE;
    d->symbols.slide = o->place.slide;
    any = d->symbols.is_elf && functions_print(&d->symbols, o->functions, &d->out);
    out_flush(&d->out);
    if (!d->symbols.is_elf)
        diag_note(&file, "an ELF file says how long functions are, and this is none");
    else if (!any)
        diag_note(&file, "no function of it is called %s", o->functions);
    return d->out.error ? DECODE_FAILED : any ? DECODE_GOOD : DECODE_USAGE;
}

/* The names of the inputs, as far as there is room. */
static void decode_names(const struct decode_options *o, char *to, size_t room)
{
    size_t n = 0;

    *to = '\0';
    for (size_t i = 0; i < o->input_count && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s", i ? ", " : "", o->inputs[i].path);
}

/* Finds the inputs that are moved. False if one is not there. */
static bool decode_offsets(struct inputs *all)
{
    const struct decode_options *o = all->options;
    char names[DECODE_NAMES_BYTES];

    for (uint32_t i = 0; i < o->offsets.count; i++) {
        const struct offset *f = &o->offsets.at[i];
        bool any = false;

        for (size_t k = 0; k < all->count; k++) {
            if (!offset_is_of(f, o->inputs[k].path))
                continue;
            all->streams[k].offset_ns = f->ns;
            any = true;
        }
        if (any)
            continue;
        decode_names(o, names, sizeof(names));
        diag_line(all->diag, "--offset: no input is '%.*s', there are: %s", (int)f->file_bytes,
                  f->file, names);
        return false;
    }
    return true;
}

/* A speed is for a serial line. */
static bool decode_baud(struct inputs *all)
{
    bool any = !all->options->baud;

    for (size_t i = 0; i < all->count; i++)
        any = any || all->streams[i].in.tty;
    if (!any)
        diag_line(all->diag, "--baud: no input is a serial line that was opened by its name");
    return any;
}

/* Times that count from the end need an input that is read before it is decoded. */
static bool decode_ends(struct inputs *all)
{
    if (!select_ends(&all->options->select) || all->options->explore.wanted)
        return true;
    for (size_t i = 0; i < all->count; i++)
        if (all->streams[i].in.slow && !all->streams[i].done) {
            diag_note(&all->streams[i].diag,
                      "no file, so that no time counts from its end, which is not known: save it "
                      "first, or --tail has the last records");
            return false;
        }
    return true;
}

/* The temporary file of what writes one. False: there can be none. */
static bool decode_spill(struct decode *d)
{
    const struct decode_options *o = d->options;

    if (!(o->format == DECODE_EXPORT && export_spills(o->export.kind)) &&
        !answer_spills(o->answer.kind))
        return true;
    if (spill_open(&d->spills[0]))
        return true;
    diag_line(&d->diag, "this needs a temporary file, and there can be none: set TMPDIR to "
                        "a folder that may be written");
    return false;
}

/* Where queries are typed, if they are. */
static void decode_line(struct decode *d)
{
    const struct answer_options *o = &d->options->answer;

    if (o->kind == ANSWER_SQL && !o->sql.query)
        d->sinks.line = line_open();
}

/* Opens all inputs. */
static void decode_open_all(struct inputs *all)
{
    const struct decode_options *o = all->options;

    all->streams = mem_zero((o->input_count + REGIONS_MAX) * sizeof(*all->streams));
    for (uint32_t i = 0; i < o->input_count; i++)
        decode_open(all, i);
    if (o->input_count > 1)
        all->labels = label_all(all->streams, (uint32_t)o->input_count);
}

/* Is it a listing, in which records of several captures may alternate? */
static bool decode_alternates(const struct decode_options *o)
{
    return (o->answer.kind == ANSWER_NONE || o->answer.kind == ANSWER_GRAPH) &&
           o->format <= DECODE_TEMPLATE && !o->convert && !o->index && !o->follow &&
           !o->shard.count && !o->explore.wanted;
}

/* Several traces in an image are read at once. */
static void decode_regions(struct inputs *all)
{
    if (!decode_alternates(all->options) ||
        !regions_open(all->streams, &all->count, &all->options->select.captures))
        return;
    free(all->labels);
    all->labels = NULL;
    all->labels = label_all(all->streams, (uint32_t)all->count);
}

/* The terminal for --explore. False: there is none. */
static bool decode_explore(struct decode *d)
{
    const struct decode_options *o = d->options;
    const char *problem = NULL;

    if (!o->explore.wanted)
        return true;
    d->look = (struct given){.options = &o->explore,
                             .streams = d->inputs.streams,
                             .count = (uint32_t)o->input_count,
                             .select = &o->select,
                             .symbols = o->symbols ? &d->symbols : NULL,
                             .symbols_path = o->symbols,
                             .place = &o->place,
                             .stamp = o->time,
                             .diag = &d->diag};
    d->explore = explore_open(&d->look, &problem);
    if (problem)
        diag_line(&d->diag, "--explore: %s", problem);
    return d->explore;
}

/* What is left to be written of an index. */
static void decode_index(struct sinks *s, bool unordered)
{
    s->unindexed = indexer_end(&s->printer.indexer, unordered);
    if (s->unindexed && s->diag->useful)
        diag_line(s->diag, "--index: %s: %s", s->options->inputs[0].path, s->unindexed);
}

static void decode_work(struct decode *d)
{
    const struct decode_options *o = d->options;

    d->merge = (struct merge){.streams = d->inputs.streams,
                              .stream_count = (uint32_t)d->inputs.count,
                              .sink = d->sinks.first,
                              .turn = o->progress == PROGRESS_NONE ? NULL : decode_turn,
                              .turn_context = d};
    if (d->jobs.role == JOBS_WORKER) {
        worker_run(&d->jobs.worker, &d->sinks.part);
        d->flood = worker_flood(&d->jobs.worker);
        merge_end(&d->merge);
    } else {
        merge_run(&d->merge);
    }
    if (o->index)
        decode_index(&d->sinks, d->merge.late || d->merge.backwards);
    progress_end(&d->progress, d->inputs.streams, d->inputs.count);
    out_flush(&d->out);
    if (o->folder) {
        folder_flush(o->folder);
        d->out.error = d->out.error ? d->out.error : o->folder->error;
    }
    for (size_t i = 0; i < d->inputs.count; i++)
        if (!d->inputs.streams[i].done)
            stream_stop(&d->inputs.streams[i]);
}

/* What was asked for and is not there. */
static void decode_sum_asked(struct sinks *s)
{
    const struct decode_options *o = s->options;

    struct columns *columns = decode_columns(o);

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
static void decode_sum_counts(struct sinks *s)
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

/* The last lines on stderr. */
static void decode_sum(struct decode *d)
{
    if (d->merge.late)
        diag_line(&d->diag, "%" PRIu64 " records came too late to be put in order%s", d->merge.late,
                  d->options->follow
                      ? ": --follow waits a second for CPUs that are silent; without "
                        "it a file is read as a whole"
                      : "");
    if (d->merge.backwards)
        diag_line(&d->diag, "time went back %" PRIu64 " times within a CPU, order kept as recorded",
                  d->merge.backwards);
    if (d->out.cut_arrays)
        diag_line(&d->diag,
                  "%" PRIu64
                  " arrays are longer than %u bytes as text, the rest of them is not shown",
                  d->out.cut_arrays, OUT_ARRAY_BYTES);
    if (d->flood)
        diag_line(&d->diag, "more than %u bytes to print for each that was read: ended here",
                  DECODE_RATIO);
    else if (d->out.error)
        diag_line(&d->diag, "cannot write %s: %s",
                  d->options->out_name ? d->options->out_name : "standard output",
                  strerror(d->out.error));
    decode_sum_asked(&d->sinks);
    decode_sum_counts(&d->sinks);
}

/* No event of the only input has any field that is to be printed: nothing was. */
static bool decode_columns_failed(const struct sinks *s)
{
    const struct columns *columns = decode_columns(s->options);

    return columns && columns->hopeless;
}

/* Nothing has the fields that --filter asks for: reports it, and where. */
static bool decode_filter_failed(struct sinks *s)
{
    char text[DECODE_EXPLAIN_BYTES], hint[NEAR_HINT_BYTES], *line = text, *end;

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

static bool decode_answer_failed(const struct sinks *s)
{
    const struct decode_options *o = s->options;

    if (o->answer.kind)
        return answer_wrong(&s->printer.answer);
    if (o->format == DECODE_EXPORT && !o->convert)
        return export_wrong(&s->printer.export);
    return o->format >= DECODE_ROLES && s->printer.meaning.problem;
}

/* Is something not there that is needed for what is asked for? That was reported. */
static bool decode_failed(struct sinks *s)
{
    return decode_filter_failed(s) || s->shard.wrong || s->unindexed ||
           (s->options->convert && s->printer.convert.problem) || decode_answer_failed(s);
}

static int decode_exit_code(const struct decode *d)
{
    if (d->out.error && !d->flood)
        return DECODE_FAILED;
    if (d->diag.refused || !d->diag.useful)
        return DECODE_NOTHING;
    return d->diag.damage || d->flood || d->out.cut_arrays ? DECODE_DAMAGED : DECODE_GOOD;
}

/* The terminal is as it was, before anything else is said. */
static void decode_end_explore(struct decode *d)
{
    explore_close(d->explore);
    d->explore = NULL;
}

static void decode_close_all(struct inputs *all)
{
    for (size_t i = 0; i < all->count; i++)
        stream_close(&all->streams[i]);
    free(all->streams);
    free(all->labels);
    input_close(&all->described);
    free(all->given.bytes);
}

static void decode_free(struct decode *d)
{
    decode_end_explore(d);
    line_close(d->sinks.line);
    if (d->options->folder)
        d->options->folder->allow = NULL;
    decode_close_all(&d->inputs);
    sink_close(d->sinks.first);
    symbols_close(&d->symbols);
    merge_free(&d->merge);
    for (size_t i = 0; i <= CREW_MAX; i++)
        spill_close(&d->spills[i]);
    out_close(&d->out);
}

static void decode_begin(struct decode *d)
{
    out_open(&d->out, (struct out_sink){decode_write, d});
    if (d->options->folder) {
        d->options->folder->allow = decode_allow;
        d->options->folder->context = d;
    }
}

/* The descriptor of the input that is a debugger's stub; -1: there is none. */
static int decode_asked(const struct inputs *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->streams[i].in.probe)
            return all->streams[i].in.fd;
    return -1;
}

/* Gives up the rights that are not needed. */
static bool decode_confine(struct decode *d)
{
    int pipes[JOBS_MAX]; /* they are that many processes at most, together */
    size_t count = unpack_written(&d->unpack, d->inputs.streams, d->inputs.count, pipes);

    count += d->crew.role ? crew_written(&d->crew, pipes + count)
                          : jobs_written(&d->jobs, pipes + count);

    return !d->options->confine || d->options->confine(d->options->confine_context, &d->diag,
                                                       decode_asked(&d->inputs), pipes, count);
}

/* Another process has ended, with what it was to do. */
static int decode_lost(struct decode *d)
{
    d->failed = true;
    diag_line(&d->diag, "a process that does a part of it has ended");
    return DECODE_FAILED;
}

/* Where mem_failed() comes back to: the only place that sees a second return. */
static int decode_guarded(struct decode *d)
{
    jmp_buf where;
    int code;

    if (setjmp(where) != 0)
        return DECODE_FAILED;
    mem_catch(&where);
    decode_begin(d);
    if (!decode_symbols(d) || !decode_metadata_open(&d->inputs))
        return DECODE_USAGE;
    if (d->options->functions)
        return decode_functions(d);
    decode_open_all(&d->inputs);
    if (!decode_baud(&d->inputs) || !decode_offsets(&d->inputs) || !decode_ends(&d->inputs) ||
        !decode_spill(d) || !decode_explore(d))
        return DECODE_USAGE;
    decode_others(d);
    decode_line(d);
    if (!decode_confine(d))
        return DECODE_USAGE;
    if (d->unpack.to)
        unpack_work(&d->unpack);
    if (d->crew.role == CREW_MEMBER)
        export_work(&d->options->export, &d->crew, d->spills);
    if (!decode_metadata(&d->inputs))
        return DECODE_USAGE;
    /* An image is never decoded in parts, and searching it moves the place in the file that all processes share. */
    if (d->jobs.role != JOBS_WORKER)
        decode_regions(&d->inputs);
    if (decode_lead(d, &code))
        return code;
    if (d->explore) {
        bool good = explore_run(d->explore);

        decode_end_explore(d);
        code = decode_exit_code(d);
        return good || code != DECODE_GOOD ? code : DECODE_USAGE;
    }
    decode_sinks(&d->sinks);
    if (d->jobs.role == JOBS_WORKER)
        decode_part(&d->sinks, &d->merge);
    decode_work(d);
    if (d->crew.lost)
        return decode_lost(d);
    if (decode_columns_failed(&d->sinks)) {
        code = decode_exit_code(d);
        return code == DECODE_GOOD ? DECODE_USAGE : code;
    }
    if (decode_failed(&d->sinks))
        return DECODE_USAGE;
    decode_sum(d);
    code = decode_exit_code(d);
    return code == DECODE_GOOD && (d->sinks.place.wrong || d->diag.wrong) ? DECODE_USAGE : code;
}

int decode_run(const struct decode_options *options)
{
    struct decode d = {.options = options,
                       .inputs = {.options = options,
                                  .diag = &d.diag,
                                  .out = &d.out,
                                  .symbols = &d.symbols,
                                  .tick = decode_tick,
                                  .context = &d,
                                  .described.fd = -1},
                       .sinks = {.options = options,
                                 .inputs = &d.inputs,
                                 .diag = &d.diag,
                                 .out = &d.out,
                                 .symbols = &d.symbols,
                                 .spills = d.spills,
                                 .crew = &d.crew}};
    int code;

    d.diag.sink = (struct out_sink){progress_write, &d.progress};
    progress_open(&d.progress, options->progress, options->progress_asked, options->diag);
    code = decode_guarded(&d);
    mem_catch(NULL);
    if (d.unpack.to)
        unpack_end(&d.unpack, code == DECODE_FAILED);
    if (d.crew.role == CREW_MEMBER)
        crew_end(&d.crew, code == DECODE_FAILED);
    decode_end_explore(&d);
    if (code == DECODE_FAILED && !d.out.error && !d.jobs.leader.failed && !d.failed) {
        if (d.out.buffer)
            out_flush(&d.out);
        if (unpack_lost(d.inputs.streams, d.inputs.count))
            (void)decode_lost(&d);
        else
            diag_line(&d.diag, "out of memory");
    }
    if (d.jobs.role == JOBS_WORKER)
        worker_finish(&d.jobs.worker, code);
    jobs_close(&d.jobs);
    decode_free(&d);
    crew_close(&d.crew);
    return code;
}
