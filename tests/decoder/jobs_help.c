/* SPDX-License-Identifier: MIT */
#include "jobs_help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tp_test.h"

/* Of each: bytes, and what they were. */
struct jobs_got {
    int code;
    uint64_t bytes, hash;
    char err[4096];
    size_t err_bytes;
};

static int jobs_put(void *context, const void *bytes, size_t n)
{
    struct jobs_got *g = context;

    for (size_t i = 0; i < n; i++)
        g->hash = (g->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
    g->bytes += n;
    return 0;
}

static int jobs_told(void *context, const void *bytes, size_t n)
{
    struct jobs_got *g = context;
    size_t room = sizeof(g->err) - 1 - g->err_bytes;

    n = n < room ? n : room;
    memcpy(g->err + g->err_bytes, bytes, n);
    g->err_bytes += n;
    g->err[g->err_bytes] = '\0';
    return 0;
}

static void jobs_run(struct decode_options o, const char *path, uint32_t jobs, struct jobs_got *g)
{
    struct decode_input in = {.path = path};

    *g = (struct jobs_got){.code = -1};
    o.inputs = &in;
    o.input_count = 1;
    o.jobs = jobs;
    o.out = (struct out_sink){jobs_put, g};
    o.diag = (struct out_sink){jobs_told, g};
    g->code = decode_run(&o);
}

void jobs_same(struct decode_options o, const char *path, const char *what, const char *way)
{
    static struct jobs_got one, three;

    jobs_run(o, path, 1, &one);
    jobs_run(o, path, 3, &three);
    if (one.code != three.code || one.bytes != three.bytes || one.hash != three.hash ||
        strcmp(one.err, three.err) != 0)
        TP_FAIL("%s, %s: one process: exit code %d, %llu bytes\n%sthree: %d, %llu bytes\n%s", what,
                way, one.code, (unsigned long long)one.bytes, one.err, three.code,
                (unsigned long long)three.bytes, three.err);
}

void jobs_write(char *path, const uint8_t *bytes, size_t n)
{
    int fd;

    strcpy(path, "/tmp/tp-jobs-XXXXXX");
    fd = mkstemp(path);
    TP_ASSERT(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

void jobs_same_bytes(struct decode_options o, const struct help_bytes *b, const char *what,
                     const char *way)
{
    char path[32];

    jobs_write(path, b->p, b->n);
    jobs_same(o, path, what, way);
    unlink(path);
}

static uint64_t jobs_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

struct help_bytes jobs_dump(void)
{
    struct help_bytes b = {0};
    uint64_t first[4] = {0};

    for (uint32_t i = 0; i < 200; i++) {
        uint16_t cpu = (uint16_t)(i * i / 3 % 4);

        if (i % 60 == 0)
            help_add_metadata(&b, 4);
        help_add_records(&b, cpu, first[cpu], 20, 1000u * i, 90);
        first[cpu] += 20;
    }
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 1000000}, NULL, 0);
    return b;
}

void jobs_damage(struct help_bytes *b, const struct help_bytes *good, uint64_t *state)
{
    size_t at = jobs_random(state) % good->n, n = jobs_random(state) % 3000;
    size_t from = jobs_random(state) % good->n;

    n = n < good->n - at ? n : good->n - at;
    b->n = 0;
    help_add(b, good->p, at);
    switch (jobs_random(state) % 5) {
    case 0:
        help_add(b, good->p + at, good->n - at);
        b->p[at] ^= (uint8_t)(1u << jobs_random(state) % 8);
        break;
    case 1:
        help_add(b, good->p + at + n, good->n - at - n);
        break;
    case 2:
        help_add(b, good->p + at, n);
        help_add(b, good->p + at, good->n - at);
        break;
    case 3:
        n = n < good->n - from ? n : good->n - from;
        help_add(b, good->p + from, n);
        help_add(b, good->p + at, good->n - at);
        break;
    default:
        break;
    }
}
