/* SPDX-License-Identifier: MIT */
/* inputs.c - what a run reads: opened as the options say. */
#include "tool/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bytes/guide.h"
#include "bytes/socket.h"
#include "tool/label.h"
#include "tool/regions.h"

#define INPUTS_NAMES_BYTES 1000u /* of inputs, in a message */

/* Before a read that may wait: show what there is. */
static void inputs_wait(void *context)
{
    out_flush(context);
}

static void inputs_follow(struct inputs *all, struct stream *s, const char *path)
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
static const char *inputs_reason(const struct input *in, int error)
{
    return in->refused ? in->refused : strerror(error);
}

/* Is something asked for that later chunks may be needed for? */
static bool inputs_looks(const struct decode_options *o)
{
    return !o->follow &&
           (o->folder || o->index || o->shard.count || o->time.mode >= STAMP_UTC ||
            o->select.from.kind || o->select.to.kind || o->input_count > 1 || o->answer.sql.query ||
            (o->format == DECODE_EXPORT && export_looks(o->export.kind)));
}

/* Where a machine has its trace, if nothing else was said: where its ELF file has the engine's table of traces. */
static struct probe_options inputs_probe(const struct inputs *all)
{
    struct probe_options o = all->options->probe;

    o.has_table = all->options->symbols && all->symbols->is_elf &&
                  symbols_named(all->symbols, "tp_traces", &o.table);
    o.table += all->options->place.slide;
    o.word_bytes = all->symbols->facts.wide ? 8 : 4;
    o.big = all->symbols->facts.big;
    return o;
}

static int inputs_connect(struct inputs *all, struct stream *s, const char *path)
{
    struct probe_options o;

    if (!socket_is_gdb(path))
        return input_open_source(&s->in, path, all->options->baud);
    o = inputs_probe(all);
    return input_open_probe(&s->in, path, &o);
}

/* May what an index says be used? Of parts, and of a dump that is made of it, each chunk is looked at. */
static bool inputs_guides(const struct decode_options *o)
{
    return !o->no_index && !o->index && !o->follow && !o->shard.count && !o->convert &&
           !o->explore.wanted && !decode_lists(o);
}

static void inputs_open_one(struct inputs *all, uint32_t i)
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
        error = inputs_connect(all, s, in->path);
    s->in.wait = inputs_wait;
    s->in.wait_context = all->out;
    s->in.diag = &s->diag;
    if (all->options->follow && s->in.fd >= 0 && !all->options->explore.wanted)
        inputs_follow(all, s, is_stdin ? NULL : in->path);
    s->keep = all->options->convert;
    s->clock_hz = all->options->clock_hz;
    s->look = inputs_looks(all->options);
    s->survey.ends = select_ends(&all->options->select);
    s->skip_data = decode_lists(all->options);
    if (s->in.terminal)
        diag_note(&s->diag,
                  "a terminal that changes what is read: stty -F %s raw, or give its name as FILE",
                  ttyname(s->in.fd) ? ttyname(s->in.fd) : "DEVICE");
    if (inputs_guides(all->options) && !error && !in->bytes && s->in.fd >= 0 && !s->in.slow &&
        !is_stdin)
        s->guide = guide_open(in->path);
    if (error) {
        diag_fail(&s->diag, "%s", inputs_reason(&s->in, error));
        s->closing = s->done = true;
    }
}

void inputs_open(struct inputs *all)
{
    const struct decode_options *o = all->options;

    all->streams = mem_zero((o->input_count + REGIONS_MAX) * sizeof(*all->streams));
    for (uint32_t i = 0; i < o->input_count; i++)
        inputs_open_one(all, i);
    if (o->input_count > 1)
        all->labels = label_all(all->streams, (uint32_t)o->input_count);
}

bool inputs_open_metadata(struct inputs *all)
{
    const char *path = all->options->metadata;
    struct diag_file file = {.diag = all->diag, .name = path};
    int error = path ? input_open_source(&all->described, path, 0) : 0;

    if (error)
        diag_note(&file, "%s", inputs_reason(&all->described, error));
    return !error;
}

bool inputs_read_metadata(struct inputs *all)
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

/* The names of the inputs, as far as there is room. */
static void inputs_names(const struct decode_options *o, char *to, size_t room)
{
    size_t n = 0;

    *to = '\0';
    for (size_t i = 0; i < o->input_count && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s", i ? ", " : "", o->inputs[i].path);
}

/* A speed is for a serial line. */
static bool inputs_baud(struct inputs *all)
{
    bool any = !all->options->baud;

    for (size_t i = 0; i < all->count; i++)
        any = any || all->streams[i].in.tty;
    if (!any)
        diag_line(all->diag, "--baud: no input is a serial line that was opened by its name");
    return any;
}

/* Finds the inputs that are moved. False if one is not there. */
static bool inputs_offsets(struct inputs *all)
{
    const struct decode_options *o = all->options;
    char names[INPUTS_NAMES_BYTES];

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
        inputs_names(o, names, sizeof(names));
        diag_line(all->diag, "--offset: no input is '%.*s', there are: %s", (int)f->file_bytes,
                  f->file, names);
        return false;
    }
    return true;
}

/* Times that count from the end need an input that is read before it is decoded. */
static bool inputs_ends(struct inputs *all)
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

bool inputs_fit(struct inputs *all)
{
    return inputs_baud(all) && inputs_offsets(all) && inputs_ends(all);
}

/* Is it a listing, in which records of several captures may alternate? */
static bool inputs_alternate(const struct decode_options *o)
{
    return (o->answer.kind == ANSWER_NONE || o->answer.kind == ANSWER_GRAPH) &&
           o->format <= DECODE_TEMPLATE && !o->convert && !o->index && !o->follow &&
           !o->shard.count && !o->explore.wanted;
}

void inputs_open_regions(struct inputs *all)
{
    if (!inputs_alternate(all->options) ||
        !regions_open(all->streams, &all->count, &all->options->select.captures))
        return;
    free(all->labels);
    all->labels = NULL;
    all->labels = label_all(all->streams, (uint32_t)all->count);
}

int inputs_stub(const struct inputs *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->streams[i].in.probe)
            return all->streams[i].in.fd;
    return -1;
}

void inputs_close(struct inputs *all)
{
    for (size_t i = 0; i < all->count; i++)
        stream_close(&all->streams[i]);
    free(all->streams);
    free(all->labels);
    input_close(&all->described);
    free(all->given.bytes);
}
