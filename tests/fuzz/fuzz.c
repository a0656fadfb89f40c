/* SPDX-License-Identifier: MIT */
/* fuzz.c - what the fuzz targets share. */
#include "fuzz.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_OUT_MAX (256u << 20) /* of one run: more than any limit lets out for such inputs */
#define FUZZ_MAPPED_BYTES (192 << 10)
#define FUZZ_HEAP_BYTES (64 << 20)

/* An answer has tables of megabytes, of which such inputs touch a page. They are mapped, however often that was done:
 * filling them with zeros was half of the time. The rest of the memory is not returned to the system after each input. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    (void)mallopt(M_MMAP_THRESHOLD, FUZZ_MAPPED_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, FUZZ_HEAP_BYTES);
    return 0;
}

void fuzz_require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

void fuzz_add(struct fuzz_bytes *b, const void *bytes, size_t n)
{
    while (b->n + n + 1 > b->room) {
        b->room = b->room ? 2 * b->room : 4096;
        b->p = realloc(b->p, b->room);
        fuzz_require(b->p, "no memory");
    }
    if (n)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = 0;
}

void fuzz_free(struct fuzz_bytes *b)
{
    free(b->p);
    *b = (struct fuzz_bytes){0};
}

int fuzz_collect(void *context, const void *bytes, size_t n)
{
    struct fuzz_bytes *b = context;

    fuzz_require(b->n < FUZZ_OUT_MAX, "output without a bound");
    fuzz_add(b, bytes, n);
    return 0;
}

struct fuzz_run fuzz_decode(struct decode_options o, const void *bytes, size_t n)
{
    struct decode_input in = {.path = "x", .bytes = n ? bytes : "", .size = n};
    struct fuzz_run r = {0};

    fuzz_add(&r.out, "", 0);
    fuzz_add(&r.err, "", 0);
    o.inputs = &in;
    o.input_count = 1;
    o.out = (struct out_sink){fuzz_collect, &r.out};
    o.diag = (struct out_sink){fuzz_collect, &r.err};
    r.code = decode_run(&o);
    fuzz_check(&r, &o);
    return r;
}

void fuzz_run_free(struct fuzz_run *r)
{
    fuzz_free(&r->out);
    fuzz_free(&r->err);
}

static bool fuzz_harmless(const struct fuzz_bytes *b, bool colour)
{
    for (size_t i = 0; i < b->n; i++)
        if ((b->p[i] < 32 && b->p[i] != '\n' && !(colour && b->p[i] == 27)) || b->p[i] == 127)
            return false;
    return true;
}

void fuzz_check(const struct fuzz_run *r, const struct decode_options *o)
{
    fuzz_require(r->code >= 0 && r->code <= 3, "an exit code that is not of the list");
    /* What is between the fields of a template is the user's. */
    fuzz_require(o->convert || o->index || o->template || fuzz_harmless(&r->out, o->colour),
                 "a control character is printed");
    fuzz_require(fuzz_harmless(&r->err, false), "a control character in a message");
    fuzz_require(r->code == 0 || r->err.n, "an error without a message");
}

static struct columns fuzz_columns;
static struct template fuzz_template;
static struct select_options fuzz_select;

/* Read once: they may be used any number of times. */
static void fuzz_read_options(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    fuzz_require(!columns_read(&fuzz_columns, "comm,next,why,v,a"), "columns");
    fuzz_require(!template_read(&fuzz_template, "%t%c%s%e%p%n%f%m%{next}%{comm}%{v}"), "template");
    fuzz_require(!select_read_events(&fuzz_select, "sched:*,*:*"), "events");
    fuzz_require(!range_read(&fuzz_select.cpus, "0-99"), "cpus");
    fuzz_require(!moment_read(&fuzz_select.from, "+0.000001s"), "from");
    fuzz_select.filter = "common_pid != 77 || comm ~ \"*s*\"";
    fuzz_select.has_head = true;
    fuzz_select.head = 1000;
}

struct decode_options fuzz_options(uint8_t number)
{
    struct decode_options o = {.time = {.mode = (enum stamp_mode)(number >> 4 & 3)}};

    fuzz_read_options();
    switch (number & 15) {
    case 1:
        o.format = DECODE_JSON;
        break;
    case 2:
        o.format = DECODE_CSV;
        break;
    case 3:
        o.format = (enum decode_format)(DECODE_LIST + (number >> 4 & 3));
        break;
    case 4:
        o.format = DECODE_TEMPLATE, o.template = &fuzz_template;
        break;
    case 5:
        o.columns = &fuzz_columns;
        break;
    case 6:
        o.select = fuzz_select;
        break;
    case 7:
        o.has_tail = true, o.tail = 3;
        break;
    case 8:
        o.answer.kind = ANSWER_STATS;
        break;
    case 9:
        o.answer.kind = ANSWER_TIMELINE, o.answer.timeline.tasks = true;
        break;
    case 10:
        o.answer.kind = ANSWER_HIST, (void)hist_read(&o.answer.hist, "v:log2");
        break;
    case 11:
        o.convert = true;
        break;
    case 12:
        o.convert = true, o.zlib = true;
        break;
    case 13:
        o.format = DECODE_JSON, o.answer.kind = number >> 4 & 1 ? ANSWER_TASKS : ANSWER_STATS;
        break;
    case 14:
        o.colour = true;
        if (number >> 4 & 1)
            o.answer.kind = number >> 7 & 1 ? ANSWER_PROFILE : ANSWER_SPANS;
        o.answer.spans.fold = o.answer.profile.fold = (enum fold_format)((number >> 5 & 3) % 3);
        break;
    case 15:
        o.answer.kind = ANSWER_LATENCY, (void)latency_read_key(&o.answer.latency, "pid");
        (void)latency_read(&o.answer.latency, "sched:switch:sched:switch");
        break;
    default:
        break;
    }
    o.answer.timeline.width = 80;
    return o;
}
