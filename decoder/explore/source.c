/* SPDX-License-Identifier: MIT */
/* source.c - inputs that can be read again. */
#include "explore/source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_PART_BYTES (64u << 10)

const char *source_open(struct source *s, struct stream *streams, uint32_t count)
{
    *s = (struct source){.streams = streams, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        struct source_pipe *p = &s->pipes[s->pipe_count];
        struct input *in = &streams[i].in;

        if (in->probe)
            return "a machine that is being debugged cannot be read again: write a dump of it, by "
                   "--output";
        if (in->fd < 0 || !in->slow || streams[i].done)
            continue;
        if (s->pipe_count == SOURCE_INPUTS_MAX)
            return "too many inputs are pipes";
        if (!spill_open(&p->spill))
            return "what comes from a pipe needs a temporary file, and there can be none: set "
                   "TMPDIR to a "
                   "folder that may be written";
        s->pipe_count++;
        p->stream = &streams[i];
        p->in = *in;
        *in = (struct input){.fd = p->spill.fd, .borrowed = true};
    }
    return NULL;
}

/* Inputs are again what they were, and are closed as that. */
void source_close(struct source *s)
{
    for (uint32_t i = 0; i < s->pipe_count; i++) {
        s->pipes[i].stream->in = s->pipes[i].in;
        spill_close(&s->pipes[i].spill);
    }
    s->pipe_count = 0;
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
