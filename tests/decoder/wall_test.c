/* SPDX-License-Identifier: MIT */
/*
 * wall_test.c - several inputs in the order of wall time, each of any kind: a file, an image, compressed, a pipe.
 *
 * Two machines record in turns: the first the even values, the second the odd ones. The counter of the second is far ahead, so
 * that only the clock pairs say which record comes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "region_help.h"
#include "tp_test.h"

#define WALL_NS 1700000000000000000u
#define WALL_AHEAD 40000000u /* counts */
#define WALL_RECORDS 4u

enum wall_kind { WALL_FILE, WALL_IMAGE, WALL_GZIP, WALL_PIPE, WALL_KINDS };

static const char *const wall_kinds[] = {"file", "image", "gzip", "pipe"};

/* Counts of a machine when value v is recorded. */
static uint32_t wall_ticks(unsigned machine, uint32_t v)
{
    return 1000000 + 1000 * v + machine * WALL_AHEAD;
}

static struct help_bytes wall_dump(unsigned machine, bool pair)
{
    uint64_t at[2] = {machine * WALL_AHEAD, WALL_NS}, stream = 0xa0 + machine;
    struct help_bytes dump = {0}, m = {0};
    uint32_t r[WALL_RECORDS][4] = {{0}};

    help_add_metadata(&m, 1);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream},
                   m.p + TP_WIRE_CHUNK_BYTES, m.n - TP_WIRE_CHUNK_BYTES);
    help_free(&m);
    if (pair)
        help_add_chunk(&dump,
                       (struct help_chunk){.type = TP_CHUNK_CLOCK, .records = 1, .stream = stream},
                       at, sizeof(at));
    for (uint32_t i = 0; i < WALL_RECORDS; i++) {
        uint32_t v = 2 * i + machine;

        memcpy(r[i], (uint32_t[4]){wall_ticks(machine, v), MEMORY_EVENT(2), v, 0}, 16);
    }
    help_add_chunk(&dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .stream = stream,
                                       .records = WALL_RECORDS,
                                       .time = r[0][0]},
                   r, sizeof(r));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .stream = stream}, NULL, 0);
    return dump;
}

static struct help_bytes wall_image(unsigned machine, bool pair)
{
    struct memory m = {.stream = 0xa0 + machine};
    uint32_t at = 0;

    memory_make(&m);
    if (pair) {
        memory_put(&m, m.tasks_at, machine * WALL_AHEAD, 8);
        memory_put(&m, m.tasks_at + 8, WALL_NS, 8);
        memory_put(&m, m.tasks_at + 32, 1, 4);
    }
    for (uint32_t i = 1; i <= WALL_RECORDS; i++) { /* one in each sub-buffer, of which the first had none */
        uint32_t v = 2 * (i - 1) + machine;
        bool full = i < WALL_RECORDS;

        memory_subbuf(&m, 0,
                      (struct memory_subbuf){.number = i,
                                             .time = wall_ticks(machine, v),
                                             .units = full ? m.subbuf_bytes / 8 : 15,
                                             .events = 1,
                                             .size_bytes = full ? 120 : 0});
        at = memory_record(&m, 0, i, 104, wall_ticks(machine, v), MEMORY_EVENT(2), v);
    }
    memory_ring(&m, 0,
                (struct memory_ring){
                    .cursor = WALL_RECORDS, .offset = at, .limit = WALL_RECORDS + 1});
    return m.b;
}

static struct help_bytes wall_gzip(const struct help_bytes *dump)
{
    struct help_bytes b = {0};
    uint8_t room[8192];
    z_stream z = {0};

    TP_ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = dump->p;
    z.avail_in = (uInt)dump->n;
    z.next_out = room;
    z.avail_out = sizeof(room);
    TP_ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    help_add(&b, room, sizeof(room) - z.avail_out);
    deflateEnd(&z);
    return b;
}

/* A pipe that has all of it: it fits. */
static int wall_pipe(const struct help_bytes *dump)
{
    int fds[2];

    TP_ASSERT(pipe(fds) == 0);
    TP_ASSERT(write(fds[1], dump->p, dump->n) == (ssize_t)dump->n);
    close(fds[1]);
    return fds[0];
}

struct wall_input {
    struct help_bytes bytes;
    char path[32];
    int fd; /* of a pipe; else -1 */
};

static void wall_open(struct wall_input *w, struct decode_input *in, unsigned machine,
                      enum wall_kind kind, bool pair)
{
    struct help_bytes dump = kind == WALL_IMAGE ? wall_image(machine, pair)
                                                : wall_dump(machine, pair);

    *w = (struct wall_input){.bytes = dump, .fd = -1};
    snprintf(w->path, sizeof(w->path), "m%u", machine);
    *in = (struct decode_input){.path = w->path};
    if (kind == WALL_PIPE) {
        w->fd = wall_pipe(&dump);
        snprintf(w->path, sizeof(w->path), "/dev/fd/%d", w->fd);
        return;
    }
    if (kind == WALL_GZIP) {
        w->bytes = wall_gzip(&dump);
        help_free(&dump);
    }
    in->bytes = w->bytes.p;
    in->size = w->bytes.n;
}

/* The values in the order of the output, each as a letter: a is 0. */
static void wall_values(const char *out, char *to, size_t room)
{
    for (const char *p = out; (p = strstr(p, ": v=")) && room > 1; p += 4, room--)
        *to++ = (char)('a' + strtol(p + 4, NULL, 10));
    *to = '\0';
}

static void wall_check(enum wall_kind a, enum wall_kind b, bool pair, const char *values,
                       const char *note)
{
    struct wall_input w[2];
    struct decode_input in[2];
    struct help_run run;
    char got[32];

    wall_open(&w[0], &in[0], 0, a, true);
    wall_open(&w[1], &in[1], 1, b, pair);
    run = help_run((struct decode_options){.inputs = in, .input_count = 2});
    wall_values(run.out, got, sizeof(got));
    if (strcmp(got, values) != 0 || run.code)
        TP_FAIL("%s and %s: %s, not %s, exit %d\n%s", wall_kinds[a], wall_kinds[b], got, values,
                run.code, run.err);
    if (note ? !strstr(run.err, note) : strstr(run.err, "are put in order") != NULL)
        TP_FAIL("%s and %s: not %s:\n%s", wall_kinds[a], wall_kinds[b], note ? note : "silent",
                run.err);
    help_run_free(&run);
    for (unsigned i = 0; i < 2; i++) {
        help_free(&w[i].bytes);
        if (w[i].fd >= 0)
            close(w[i].fd);
    }
}

TP_TEST(DecoderWall, InputsOfEachKindWithEachOther)
{
    for (enum wall_kind a = 0; a < WALL_KINDS; a++)
        for (enum wall_kind b = 0; b < WALL_KINDS; b++)
            wall_check(a, b, true, "abcdefgh", NULL);
}

/* Then it is by the counters, and that is said. */
TP_TEST(DecoderWall, OneHasNoPair)
{
    static const char *const notes[] = {
        "in order by their counters: not all have clock pairs\n",
        "in order by their counters: not all have clock pairs\n",
        "in order by their counters: clock pairs of m1 are not known before it is read, as of a "
        "pipe or compressed file that does not begin with one\n",
        "in order by their counters: clock pairs of /dev/fd/",
    };

    for (enum wall_kind a = 0; a < WALL_KINDS; a++)
        for (enum wall_kind b = 0; b < WALL_KINDS; b++)
            wall_check(a, b, false, "acegbdfh", notes[b]);
}
