/* SPDX-License-Identifier: MIT */
/* source.c - inputs that can be read again. */
#include "explore/source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zip.h"

#define SOURCE_PART_BYTES (64u << 10)

/* Is what is in this file compressed? */
static bool source_is_packed(const struct input *in)
{
    uint8_t start[4];
    ssize_t n = in->origin < 0 ? 0 : pread(in->fd, start, sizeof(start), in->origin);

    return n > 0 && zip_is_gzip(start, (size_t)n);
}

/* What comes from a pipe may be compressed as well, which is not known yet. */
static const char *source_open_one(struct source *s, struct stream *stream)
{
    struct source_pipe *p = &s->pipes[s->pipe_count];
    struct input *in = &stream->in;

    if (in->fd < 0 || stream->done || !(in->slow || source_is_packed(in)))
        return NULL;
    if (s->pipe_count == SOURCE_INPUTS_MAX)
        return in->slow ? "too many inputs are pipes" : NULL;
    *p = (struct source_pipe){.stream = stream, .in = *in, .ended = !in->slow};
    if (in->slow && !spill_open(&p->spill))
        return "what comes from a pipe needs a temporary file, and there can be none: set TMPDIR "
               "to a folder that may be written";
    (void)spill_open(&p->plain); /* without it, it stays as it is */
    s->pipe_count++;
    if (in->slow)
        *in = (struct input){.fd = p->spill.fd, .borrowed = true};
    return NULL;
}

const char *source_open(struct source *s, struct stream *streams, uint32_t count)
{
    const char *problem;

    *s = (struct source){.streams = streams, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        if (streams[i].in.probe)
            return "a machine that is being debugged cannot be read again: write a dump of it, by "
                   "--output";
        problem = source_open_one(s, &streams[i]);
        if (problem)
            return problem;
    }
    return NULL;
}

/* Inputs are again what they were, and are closed as that. */
void source_close(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++) {
        s->pipes[i].stream->in = s->pipes[i].in;
        spill_close(&s->pipes[i].spill);
        spill_close(&s->pipes[i].plain);
    }
    s->pipe_count = 0;
    zip_input_free(s->zip);
    s->zip = NULL;
}

bool source_waits(const struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++)
        if (!s->pipes[i].ended)
            return true;
    return false;
}

uint32_t source_poll(const struct source *s, struct pollfd *to)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->pipe_count; i++)
        if (!s->pipes[i].ended)
            to[n++] = (struct pollfd){.fd = s->pipes[i].in.fd, .events = POLLIN};
    return n;
}

static void source_take(struct source_pipe *p)
{
    uint8_t part[SOURCE_PART_BYTES];
    ssize_t got = read(p->in.fd, part, sizeof(part));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    p->ended = got <= 0;
    if (got <= 0)
        return;
    (void)spill_add(&p->spill, part, (size_t)got);
    p->full = p->spill.error || p->spill.bytes > SOURCE_BYTES_MAX - sizeof(part);
    p->ended = p->full;
}

void source_read(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++) {
        struct pollfd ready = {.fd = s->pipes[i].in.fd, .events = POLLIN};

        if (!s->pipes[i].ended && poll(&ready, 1, 0) > 0)
            source_take(&s->pipes[i]);
    }
}

void source_stop(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++)
        s->pipes[i].ended = true;
}

/* --- what is compressed --- */

static long source_packed(void *context, uint8_t *to, size_t n)
{
    struct source *s = context;
    ssize_t got;

    do
        got = pread(s->packed->fd, to, n, s->packed->origin + (off_t)s->packed_bytes);
    while (got < 0 && errno == EINTR);
    s->packed_bytes += got > 0 ? (uint64_t)got : 0;
    s->packed_wrong = got < 0;
    return got;
}

/* `good`: all of it is there. */
static void source_unpacked(struct source *s, struct source_pipe *p, bool good)
{
    if (good)
        *s->packed = (struct input){.fd = p->plain.fd, .borrowed = true};
    zip_input_free(s->zip);
    s->zip = NULL;
    p->done = true;
}

static void source_unpack_part(struct source *s, struct source_pipe *p)
{
    uint8_t part[SOURCE_PART_BYTES];
    size_t n = zip_input_read(s->zip, part, sizeof(part));

    if (!n) {
        source_unpacked(s, p, !zip_input_problem(s->zip) && !s->packed_wrong);
        return;
    }
    (void)spill_add(&p->plain, part, n);
    if (p->plain.error || p->plain.bytes > SOURCE_BYTES_MAX - sizeof(part))
        source_unpacked(s, p, false);
}

bool source_unpack(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++) {
        struct source_pipe *p = &s->pipes[i];

        if (p->done)
            continue;
        if (!s->zip) {
            s->packed = &p->stream->in;
            s->packed_bytes = 0;
            s->packed_wrong = false;
            p->done = !p->plain.fd || !source_is_packed(s->packed);
            if (p->done)
                continue;
            s->zip = zip_input_new(source_packed, s, (const uint8_t *)"", 0);
        }
        source_unpack_part(s, p);
        return true;
    }
    return false;
}

void source_keep(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++)
        if (!s->pipes[i].done)
            source_unpacked(s, &s->pipes[i], false);
}

uint64_t source_unpacks(const struct source *s)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < s->pipe_count; i++)
        sum += s->pipes[i].plain.bytes;
    return sum;
}

uint64_t source_bytes(const struct source *s)
{
    uint64_t sum = 0;
    struct stat st;

    for (uint32_t i = 0; i < s->count; i++)
        if (s->streams[i].in.fd >= 0 && fstat(s->streams[i].in.fd, &st) == 0 && st.st_size > 0)
            sum += (uint64_t)st.st_size;
    return sum;
}

bool source_grew(struct source *s)
{
    uint64_t before = s->size;

    s->size = source_bytes(s);
    return s->size != before;
}
