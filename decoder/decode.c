/* SPDX-License-Identifier: MIT */
/* decode.c - the whole of tpdecode but its options. */
#include "decode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "list.h"
#include "mem.h"
#include "merge.h"
#include "text.h"

/* All that one run owns, so that it can be freed from anywhere. */
struct decode {
    const struct decode_options *options;
    struct diag diag;
    struct out out;
    struct sink sink;
    struct merge merge;
    struct stream *streams;
    size_t opened;
};

/* Before a read that may wait: show what there is. */
static void decode_wait(void *context)
{
    out_flush(context);
}

static void decode_open(struct decode *d, uint32_t i)
{
    const struct decode_input *in = &d->options->inputs[i];
    struct stream *s = &d->streams[i];
    bool is_stdin = !in->bytes && strcmp(in->path, "-") == 0;
    int error = 0;

    stream_open(s, i, is_stdin ? "standard input" : in->path, &d->diag);
    s->in.fd = -1;
    d->opened++;
    if (in->bytes)
        input_open_memory(&s->in, in->bytes, in->size);
    else
        error = input_open(&s->in, in->path);
    s->in.wait = decode_wait;
    s->in.wait_context = &d->out;
    s->in.diag = &s->diag;
    s->skip_data = d->options->format == DECODE_LIST;
    s->utc_wanted = d->options->utc;
    if (error) {
        diag_fail(&s->diag, "%s", strerror(error));
        s->closing = s->done = true;
    }
}

static struct sink decode_sink(const struct decode_options *o, struct out *out)
{
    switch (o->format) {
    case DECODE_JSON:
        return json_sink(out);
    case DECODE_LIST:
        return list_sink(out);
    case DECODE_TEXT:
        break;
    }
    return text_sink(out);
}

static void decode_work(struct decode *d)
{
    const struct decode_options *o = d->options;

    out_open(&d->out, o->out);
    d->sink = decode_sink(o, &d->out);
    d->streams = mem_zero(o->input_count * sizeof(*d->streams));
    for (uint32_t i = 0; i < o->input_count; i++)
        decode_open(d, i);
    d->merge = (struct merge){
        .streams = d->streams, .stream_count = (uint32_t)o->input_count, .sink = &d->sink};
    merge_run(&d->merge);
    out_flush(&d->out);
}

/* The last lines on stderr. */
static void decode_sum(struct decode *d)
{
    uint64_t records = 0, lost = 0;

    for (size_t i = 0; i < d->opened; i++) {
        records += d->streams[i].records;
        lost += d->streams[i].lost;
    }
    if (d->merge.late)
        diag_line(&d->diag, "%" PRIu64 " records came too late to be put in order", d->merge.late);
    if (d->merge.backwards)
        diag_line(&d->diag, "time went back %" PRIu64 " times within a CPU, order kept as recorded",
                  d->merge.backwards);
    if (d->out.error)
        diag_line(&d->diag, "cannot write standard output: %s", strerror(d->out.error));
    if (d->options->format == DECODE_LIST)
        return;
    if (d->diag.damaged_chunks)
        diag_plain(&d->diag, "%" PRIu64 " records, %" PRIu64 " lost, %" PRIu64 " chunks damaged",
                   records, lost, d->diag.damaged_chunks);
    else
        diag_plain(&d->diag, "%" PRIu64 " records, %" PRIu64 " lost", records, lost);
}

static int decode_exit_code(const struct decode *d)
{
    if (d->out.error)
        return DECODE_FAILED;
    if (d->diag.refused || !d->diag.useful)
        return DECODE_NOTHING;
    return d->diag.damage ? DECODE_DAMAGED : DECODE_GOOD;
}

static void decode_free(struct decode *d)
{
    for (size_t i = 0; i < d->opened; i++)
        stream_close(&d->streams[i]);
    free(d->streams);
    merge_free(&d->merge);
    out_close(&d->out);
}

/* Where mem_failed() comes back to: the only place that sees a second return. */
static int decode_guarded(struct decode *d)
{
    jmp_buf where;

    if (setjmp(where) != 0)
        return DECODE_FAILED;
    mem_catch(&where);
    decode_work(d);
    decode_sum(d);
    return decode_exit_code(d);
}

int decode_run(const struct decode_options *options)
{
    struct decode d = {.options = options, .diag.sink = options->diag};
    int code = decode_guarded(&d);

    mem_catch(NULL);
    if (code == DECODE_FAILED && !d.out.error) {
        if (d.out.buffer)
            out_flush(&d.out);
        diag_line(&d.diag, "out of memory");
    }
    decode_free(&d);
    return code;
}
