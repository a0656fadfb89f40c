/* SPDX-License-Identifier: MIT */
#define TP_CREATE
#include "support.h"

#include "decoder/tool/decode.h"

#include <signal.h>

__thread uint32_t test_cpu;
uint64_t test_time = 1000, test_time_step = 1, test_context, test_hz = 1000000000;
int test_pinned;
void (*test_hook)(void), (*test_context_hook)(void), (*test_pin_hook)(void);
unsigned test_rung;
void (*test_count_hook)(const struct tp_count *c);

#ifdef TEST_MASKED
uintptr_t test_mask(void)
{
    sigset_t all, was;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was);
    return (uintptr_t)sigismember(&was, SIGALRM);
}

void test_unmask(uintptr_t was)
{
    sigset_t all;

    sigfillset(&all);
    if (!was)
        pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}
#endif

uint64_t __real_tp_count_read(const struct tp_count *c);
uint64_t __wrap_tp_count_read(const struct tp_count *c);

/* The linker puts this between the engine's files and the count (--wrap). */
uint64_t __wrap_tp_count_read(const struct tp_count *c)
{
    if (test_count_hook)
        test_count_hook(c);
    return __real_tp_count_read(c);
}

void *__real_tp_store_get(size_t bytes);
void *__wrap_tp_store_get(size_t bytes);
void *__real_tp_store_most(size_t least, size_t *bytes);
void *__wrap_tp_store_most(size_t least, size_t *bytes);

unsigned test_store_left = UINT32_MAX;

static bool store_is_left(void)
{
    if (test_store_left && test_store_left != UINT32_MAX)
        test_store_left--;
    return test_store_left;
}

/* The same between the engine's files and the control memory. */
void *__wrap_tp_store_get(size_t bytes)
{
    return store_is_left() ? __real_tp_store_get(bytes) : NULL;
}

void *__wrap_tp_store_most(size_t least, size_t *bytes)
{
    return store_is_left() ? __real_tp_store_most(least, bytes) : NULL;
}

void test_append(struct test_dump *d, const void *bytes, size_t size)
{
    while (d->size + size + 1 > d->room) {
        d->room = d->room ? 2 * d->room : 65536;
        d->bytes = realloc(d->bytes, d->room);
        if (!d->bytes)
            abort();
    }
    memcpy(d->bytes + d->size, bytes, size);
    d->size += size;
    d->bytes[d->size] = 0;
}

struct tp_trace *test_open(const struct tp_config *config)
{
    struct tp_trace *trace;
    size_t bytes;
    void *region;
    int err;

    test_cpu = 0;
    test_time = 1000;
    test_time_step = 1;
    test_context = 0;
    test_hook = test_context_hook = test_pin_hook = NULL;
    test_rung = 0;
    test_count_hook = NULL;
    bytes = tp_region_bytes(config);
    region = aligned_alloc(64, bytes);
    memset(region, 0xa5, bytes); /* what nobody writes would show */
    err = tp_trace_open(&trace, region, bytes, config);
    if (!err)
        err = tp_trace_start(trace);
    if (err) {
        fprintf(stderr, "test_open: %s\n", tp_strerror(err));
        abort();
    }
    return trace;
}

uint8_t *test_region(struct tp_trace *trace)
{
    return (uint8_t *)trace - 256; /* doc/region.md: two headers of 128 bytes */
}

void test_close(struct tp_trace *trace)
{
    tp_trace_stop(trace);
    TP_CHECK_EQ(tp_trace_close(trace), 0);
    TP_CHECK_EQ(test_pinned, 0);
    free(test_region(trace));
}

void test_drain(struct tp_trace *trace, struct test_dump *dump, size_t step)
{
    uint8_t *buffer = malloc(step);
    long n;

    while ((n = tp_pipe_read(trace, buffer, step)) > 0)
        test_append(dump, buffer, (size_t)n);
    TP_CHECK_EQ(n, 0);
    free(buffer);
}

void test_dump_free(struct test_dump *dump)
{
    free(dump->bytes);
    memset(dump, 0, sizeof(*dump));
}

const struct tp_wire_chunk *test_chunk(const struct test_dump *dump, int type, unsigned n)
{
    const struct tp_wire_chunk *h;

    for (size_t at = 0; at + sizeof(*h) <= dump->size; at += h->size_bytes) {
        h = (const struct tp_wire_chunk *)(const void *)(dump->bytes + at);
        if (h->type == type && !n--)
            return h;
    }
    return NULL;
}

static int sink(void *to, const void *bytes, size_t size)
{
    test_append(to, bytes, size);
    return 0;
}

int test_decode_files(const struct test_dump *dump, unsigned dumps, struct test_dump *out,
                      struct test_dump *diag)
{
    struct decode_input in[4];
    struct decode_options o = {
        .inputs = in,
        .input_count = dumps,
        .out = {.write = sink, .context = out},
        .diag = {.write = sink, .context = diag},
    };

    for (unsigned i = 0; i < dumps; i++)
        in[i] = (struct decode_input){.path = "dump", .bytes = dump[i].bytes, .size = dump[i].size};
    test_append(out, "", 0);
    test_append(diag, "", 0);
    return decode_run(&o);
}

int test_decode(const struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    return test_decode_files(dump, 1, out, diag);
}
