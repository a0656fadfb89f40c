/* SPDX-License-Identifier: MIT */
/* decode.c - the whole of tpdecode but its options. */
#include "tool/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/spill.h"
#include "explore/explore.h"
#include "order/merge.h"
#include "tool/functions.h"
#include "tool/inputs.h"
#include "tool/jobs.h"
#include "tool/others.h"
#include "tool/sinks.h"

/* Output is at most so many bytes for one that was read, beyond a free allowance. */
#define DECODE_FREE_BYTES (256u << 20)
#define DECODE_RATIO 4096u

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
        merge_end(&d->merge);
    } else {
        merge_run(&d->merge);
    }
    if (o->index)
        sinks_end_index(&d->sinks, d->merge.late || d->merge.backwards);
    progress_end(&d->progress, d->inputs.streams, d->inputs.count);
    out_flush(&d->out);
    if (d->jobs.role == JOBS_WORKER) {
        d->out.error = d->out.error ? d->out.error : worker_settle(&d->jobs.worker);
        d->flood = worker_flood(&d->jobs.worker);
    }
    if (o->folder) {
        folder_flush(o->folder);
        d->out.error = d->out.error ? d->out.error : o->folder->error;
    }
    for (size_t i = 0; i < d->inputs.count; i++)
        if (!d->inputs.streams[i].done)
            stream_stop(&d->inputs.streams[i]);
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
    sinks_sum(&d->sinks);
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

static void decode_free(struct decode *d)
{
    decode_end_explore(d);
    line_close(d->sinks.line);
    if (d->options->folder)
        d->options->folder->allow = NULL;
    inputs_close(&d->inputs);
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

/* Gives up the rights that are not needed. */
static bool decode_confine(struct decode *d)
{
    int pipes[JOBS_MAX]; /* they are that many processes at most, together */
    size_t count = unpack_written(&d->unpack, d->inputs.streams, d->inputs.count, pipes);

    count += d->crew.role ? crew_written(&d->crew, pipes + count)
                          : jobs_written(&d->jobs, pipes + count);

    return !d->options->confine || d->options->confine(d->options->confine_context, &d->diag,
                                                       inputs_stub(&d->inputs), pipes, count);
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
    if (!decode_symbols(d) || !inputs_open_metadata(&d->inputs))
        return DECODE_USAGE;
    if (d->options->functions)
        return decode_functions(d);
    inputs_open(&d->inputs);
    if (!inputs_fit(&d->inputs) || !decode_spill(d) || !decode_explore(d))
        return DECODE_USAGE;
    decode_others(d);
    decode_line(d);
    if (!decode_confine(d))
        return DECODE_USAGE;
    if (d->unpack.to)
        unpack_work(&d->unpack);
    if (d->crew.role == CREW_MEMBER)
        export_work(&d->options->export, &d->crew, d->spills);
    if (!inputs_read_metadata(&d->inputs))
        return DECODE_USAGE;
    /* An image is never decoded in parts, and searching it moves the place in the file that all processes share. */
    if (d->jobs.role != JOBS_WORKER)
        inputs_open_regions(&d->inputs);
    if (decode_lead(d, &code))
        return code;
    if (d->explore) {
        bool good = explore_run(d->explore);

        decode_end_explore(d);
        code = decode_exit_code(d);
        return good || code != DECODE_GOOD ? code : DECODE_USAGE;
    }
    sinks_open(&d->sinks);
    if (d->jobs.role == JOBS_WORKER)
        sinks_open_part(&d->sinks, &d->merge);
    decode_work(d);
    if (d->crew.lost)
        return decode_lost(d);
    if (sinks_columns_failed(&d->sinks)) {
        code = decode_exit_code(d);
        return code == DECODE_GOOD ? DECODE_USAGE : code;
    }
    if (sinks_failed(&d->sinks))
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
