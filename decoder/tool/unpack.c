/* SPDX-License-Identifier: MIT */
/* unpack.c - inputs that are compressed by gzip, each inflated by a process of its own. */
#include "tool/unpack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/inflate.h"

#define UNPACK_START_BYTES 4u

/* --- what is read of it --- */

/* Some of the block that another process has made; 0 at the end, and where that process has read more for it than for the `got`
 * bytes before. */
static size_t unpack_take(struct inflate *i, uint8_t *to, size_t n, size_t got, uint64_t *taken,
                          int *error)
{
    const uint8_t *at = feed_next(&i->feed);
    const struct feed_head *h = &i->feed.head;
    size_t part = h->bytes - i->used;

    if (got && (!part || h->taken != *taken))
        return 0;
    part = part < n ? part : n;
    memcpy(to, at + i->used, part);
    *taken = h->taken;
    *error = h->error;
    i->problem = (enum zip_problem)h->problem;
    i->used += (uint32_t)part;
    i->more = !i->slow && i->used == FEED_BLOCK_BYTES;
    if (part && i->used == h->bytes) {
        i->used = 0;
        feed_free(&i->feed);
    }
    return part;
}

static size_t unpack_receive(struct inflate *i, uint8_t *to, size_t n, uint64_t *taken, int *error)
{
    size_t got = 0, part;

    do {
        part = unpack_take(i, to + got, n - got, got, taken, error);
        got += part;
    } while (part && got < n && i->more);
    return got;
}

static void unpack_close(struct inflate *i)
{
    feed_close(&i->feed);
}

/* --- starting --- */

/* The first bytes of a pipe, which stay in it. */
static ssize_t unpack_peek(int fd, uint8_t *to, size_t n)
{
    ssize_t got = -1;
    int copy[2];

    if (pipe(copy) != 0)
        return -1;
    if (tee(fd, copy[1], n, 0) > 0)
        got = read(copy[0], to, n);
    (void)close(copy[0]);
    (void)close(copy[1]);
    return got;
}

/* Is it a file or a pipe that is compressed? Of a pipe this waits until something comes. */
static bool unpack_wanted(const struct input *in)
{
    uint8_t start[UNPACK_START_BYTES];
    ssize_t n = -1;
    struct stat st;

    if (in->fd < 0 || in->watch || in->probe || in->tty || in->refused || in->scratch > 0 ||
        fstat(in->fd, &st) != 0)
        return false;
    if (S_ISREG(st.st_mode) && in->origin >= 0)
        n = pread(in->fd, start, sizeof(start), in->origin);
    else if (S_ISFIFO(st.st_mode))
        n = unpack_peek(in->fd, start, sizeof(start));
    return n > 0 && zip_is_gzip(start, (size_t)n);
}

static bool unpack_is_small(const struct input *in)
{
    struct stat st;

    return fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < UNPACK_LARGE_BYTES;
}

/* Is it read from where another one is, too? Then which bytes are whose depends on who reads first. */
static bool unpack_is_shared(const struct stream *streams, size_t count, size_t i)
{
    for (size_t k = 0; k < count; k++)
        if (k != i && streams[k].in.fd == streams[i].in.fd)
            return true;
    return false;
}

/* False: this is the process that was started, or none can be. */
static bool unpack_start(struct unpack *u, struct stream *streams, size_t count, size_t i)
{
    struct input *in = &streams[i].in;
    struct inflate *to = inflate_new(in->slow);

    in->zip = to; /* from here on it is freed */
    to->read = unpack_receive;
    to->close = unpack_close;
    switch (feed_start(&to->feed)) {
    case CHILD_PARENT:
        u->count++;
        return true;
    case CHILD_ITSELF:
        in->zip = NULL;
        unpack_leave(streams, count);
        *u = (struct unpack){.to = to, .from = in};
        return false;
    case CHILD_NONE:
        break;
    }
    in->zip = NULL;
    inflate_free(to);
    return false;
}

void unpack_open(struct unpack *u, struct stream *streams, size_t count, uint32_t most, bool large)
{
    for (size_t i = 0; i < count && u->count < most; i++) {
        if (streams[i].done || (large && unpack_is_small(&streams[i].in)) ||
            unpack_is_shared(streams, count, i) || !unpack_wanted(&streams[i].in))
            continue;
        if (!unpack_start(u, streams, count, i))
            return;
    }
}

void unpack_leave(struct stream *streams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        inflate_free(streams[i].in.zip);
        streams[i].in.zip = NULL;
    }
}

size_t unpack_written(const struct unpack *u, const struct stream *streams, size_t count, int *fd)
{
    size_t n = 0;

    if (u->to)
        fd[n++] = u->to->feed.at.tell;
    for (size_t i = 0; i < count; i++)
        if (streams[i].in.zip)
            fd[n++] = streams[i].in.zip->feed.at.tell;
    return n;
}

bool unpack_lost(const struct stream *streams, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (streams[i].in.zip && streams[i].in.zip->feed.lost)
            return true;
    return false;
}

/* --- one of them --- */

/* Before a read that may wait: the one that reads may end meanwhile. */
static void unpack_wait(void *context)
{
    struct unpack *u = context;

    if (!feed_wait(&u->to->feed, u->from->fd))
        _exit(0);
}

/* Plain bytes into a block. The first ones were read to see what it is. */
static size_t unpack_make(struct input *in, uint8_t *to)
{
    size_t n;

    if (in->offset)
        return inflate_read(in->zip, to, FEED_BLOCK_BYTES, &in->taken, &in->error);
    n = input_fill(in, 1);
    n = n < FEED_BLOCK_BYTES ? n : FEED_BLOCK_BYTES;
    memcpy(to, input_at(in), n);
    input_skip(in, n);
    return n;
}

void unpack_work(struct unpack *u)
{
    struct input *in = u->from;
    struct feed_block *b;

    in->wait = unpack_wait;
    in->wait_context = u;
    while ((b = feed_room(&u->to->feed))) {
        size_t n = unpack_make(in, b->at);

        if (!in->zip)
            break; /* it is another file by now */
        b->head = (struct feed_head){.taken = in->taken,
                                     .bytes = (uint32_t)n,
                                     .problem = inflate_found(in->zip),
                                     .error = in->error};
        feed_give(&u->to->feed);
        if (!n)
            break;
    }
    _exit(0);
}

void unpack_end(struct unpack *u, bool no_memory)
{
    if (no_memory)
        feed_fail(&u->to->feed);
    _exit(0);
}
