/* SPDX-License-Identifier: MIT */
/*
 * pass_test.c - --explore decodes from a mark on: the lines are those of a pass over all of it, and what is long before them is
 * not read. Of one input and of two, whatever puts these in order.
 */
#include <stdlib.h>
#include <string.h>

#include "decoder/explore/pass.h"
#include "help.h"
#include "tp_test.h"

#define PASS_CHUNKS 256u /* of the large inputs: 4 MB, so that a search pays */
#define PASS_CHUNK_RECORDS 1024u
#define PASS_STEP (1u << 17) /* counts between two records: no chunk goes across 2^32 of them */
#define PASS_CHUNK ((uint64_t)PASS_CHUNK_RECORDS * PASS_STEP)
/* Chunks of an input that are read to find a place: SEEK_NEAR_BYTES, and two seconds before a time of day. */
#define PASS_TURNS 90u
#define PASS_WALL_NS 1700000000000000000u
#define PASS_TASK 77u

struct pass_case {
    const char *what;
    uint32_t inputs;
    uint32_t hz[2];     /* 0: 1 GHz */
    uint64_t at[2];     /* counts at the first record */
    bool pairs[2];      /* the first record is at PASS_WALL_NS, and a little later */
    int64_t offset_ns;  /* of the second */
    uint32_t chunks[2]; /* 0: PASS_CHUNKS */
    bool same, jumps;   /* same: both have the same capture */
};

static const struct pass_case pass_cases[] = {
    {"one", 1, .jumps = true},
    {"one clock", 2, .at = {0, 500}, .jumps = true},
    {"wall time", 2, .at = {0, 700 * PASS_CHUNK}, .pairs = {true, true}, .jumps = true},
    {"wall time of two rates", 2, .hz = {1000000000, 999000000}, .at = {0, 700 * PASS_CHUNK},
     .pairs = {true, true}, .jumps = true},
    {"two rates", 2, .hz = {1000000000, 500000000}, .jumps = true},
    {"an offset", 2, .at = {0, 52 * PASS_CHUNK + 300}, .offset_ns = -52 * (int64_t)PASS_CHUNK,
     .jumps = true},
    {"a small one", 2, .at = {0, 100 * PASS_CHUNK + 100}, .chunks = {0, 1}, .jumps = true},
    {"the same capture", 2, .same = true, .jumps = false},
};

static uint64_t pass_hz(const struct pass_case *c, unsigned i)
{
    return c->hz[i] ? c->hz[i] : 1000000000;
}

static void pass_chunk(struct help_bytes *dump, uint64_t stream, uint64_t at, uint32_t chunk)
{
    static uint32_t r[PASS_CHUNK_RECORDS][4];
    uint64_t first = (uint64_t)chunk * PASS_CHUNK_RECORDS;

    for (uint32_t i = 0; i < PASS_CHUNK_RECORDS; i++) {
        r[i][0] = (uint32_t)(at + (first + i) * PASS_STEP);
        r[i][1] = TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED;
        r[i][2] = (uint32_t)first + i;
    }
    help_add_chunk(dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .stream = stream,
                                       .records = PASS_CHUNK_RECORDS,
                                       .time = at + first * PASS_STEP,
                                       /* Something is lost before each 50th. */
                                       .first_record = first + chunk / 50,
                                       .lost = {chunk / 50}},
                   r, sizeof(r));
}

/* With a task's name, which is said once, at its start. */
static struct help_bytes pass_dump(const struct pass_case *c, unsigned i)
{
    uint64_t stream = 0x50 + (c->same ? 0 : i), at = c->at[i];
    uint64_t pair[2] = {at, PASS_WALL_NS + 300 * i};
    struct tp_wire_task task = {.id = PASS_TASK, .name = "seven"};
    struct help_bytes dump = {0}, m = {0};

    help_add_metadata_hz(&m, 1, (uint32_t)pass_hz(c, i));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream},
                   m.p + TP_WIRE_CHUNK_BYTES, m.n - TP_WIRE_CHUNK_BYTES);
    help_free(&m);
    help_add_chunk(&dump,
                   (struct help_chunk){.type = TP_CHUNK_TASKS, .records = 1, .stream = stream},
                   &task, sizeof(task));
    if (c->pairs[i])
        help_add_chunk(&dump,
                       (struct help_chunk){.type = TP_CHUNK_CLOCK, .records = 1, .stream = stream},
                       pair, sizeof(pair));
    for (uint32_t k = 0; k < (c->chunks[i] ? c->chunks[i] : PASS_CHUNKS); k++)
        pass_chunk(&dump, stream, at, k);
    help_add_chunk(
        &dump,
        (struct help_chunk){.type = TP_CHUNK_END, .stream = stream, .time = at + 1000 * PASS_CHUNK},
        NULL, 0);
    return dump;
}

/* What is compared of a line. */
struct pass_seen {
    uint64_t ns, base_ns;
    uint32_t input, value;
    enum pass_kind kind;
    bool named;
};

struct pass_got {
    struct pass_seen *lines;
    uint64_t first, count, room, turns;
    uint64_t most; /* then it stops */
};

static bool pass_see(void *context, const struct pass_line *l)
{
    struct pass_got *g = context;

    if (!g->count)
        g->first = l->number;
    TP_CHECK_EQ(l->number, g->first + g->count);
    if (g->count == g->room) {
        g->room = g->room ? 2 * g->room : 4096;
        g->lines = realloc(g->lines, g->room * sizeof(*g->lines));
        TP_ASSERT(g->lines != NULL);
    }
    g->lines[g->count++] = (struct pass_seen){
        .ns = l->ns,
        .base_ns = l->stream->base_ns,
        .input = l->stream->number,
        .kind = l->kind,
        .value = l->kind == PASS_EVENT ? load_u32(l->lane->record.fields, false) : l->cause,
        .named = task_find(&l->stream->tasks, PASS_TASK)};
    return g->count < g->most;
}

static void pass_turn(void *context)
{
    ++*(uint64_t *)context;
}

static int pass_hush(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

/* mark: NULL is all. Returns whether others may begin at marks. */
static bool pass_go(struct pass_setup *setup, const struct pass_mark *mark, struct pass_got *got)
{
    struct diag diag = {.sink = {pass_hush, NULL}};
    struct pass p;
    bool jumps;

    setup->turn = pass_turn;
    setup->turn_context = &got->turns;
    pass_open(&p, setup, mark ? NULL : &diag);
    pass_from(&p, mark);
    p.line = pass_see;
    p.context = got;
    pass_run(&p);
    jumps = pass_jumps(&p);
    pass_close(&p);
    return jumps;
}

static void pass_same(const struct pass_case *c, const struct pass_seen *a,
                      const struct pass_seen *b, uint64_t number)
{
    if (a->ns != b->ns || a->base_ns != b->base_ns || a->input != b->input ||
        a->value != b->value || a->kind != b->kind || a->named != b->named)
        TP_FAIL_FATAL("%s, line %llu: %llu ns from %llu of %u: %u, named: %d; of all %llu ns from "
                      "%llu of %u: %u, named: %d",
                      c->what, (unsigned long long)number, (unsigned long long)a->ns,
                      (unsigned long long)a->base_ns, a->input, a->value, a->named,
                      (unsigned long long)b->ns, (unsigned long long)b->base_ns, b->input, b->value,
                      b->named);
}

/* From the line `number`, or the first of its time before it. */
static void pass_compare(const struct pass_case *c, struct pass_setup *setup,
                         const struct pass_got *all, uint64_t number)
{
    struct pass_got got = {.most = 3000};
    struct pass_mark mark;

    while (number && all->lines[number - 1].ns == all->lines[number].ns)
        number--;
    mark = (struct pass_mark){number, all->lines[number].ns};
    (void)pass_go(setup, &mark, &got);
    TP_CHECK_EQ(got.first, number);
    TP_CHECK_EQ(got.count, all->count - number < 3000 ? all->count - number : 3000);
    for (uint64_t i = 0; i < got.count && number + i < all->count; i++)
        pass_same(c, &got.lines[i], &all->lines[number + i], number + i);
    if (got.turns > PASS_TURNS * c->inputs)
        TP_FAIL("%s, line %llu: %llu turns, and %llu for all", c->what, (unsigned long long)number,
                (unsigned long long)got.turns, (unsigned long long)all->turns);
    free(got.lines);
}

static void pass_check(const struct pass_case *c)
{
    struct select_options select = {.filter = NULL};
    struct help_bytes dumps[2] = {{0}};
    struct stream inputs[2];
    struct survey surveys[2];
    struct task_table names[2];
    struct diag diag = {.sink = {pass_hush, NULL}};
    struct pass_setup setup = {.inputs = inputs,
                               .count = c->inputs,
                               .select = &select,
                               .surveys = surveys,
                               .names = names};
    struct pass_got all = {.most = UINT64_MAX};

    memset(surveys, 0, sizeof(surveys));
    memset(names, 0, sizeof(names));
    for (unsigned i = 0; i < c->inputs; i++) {
        dumps[i] = pass_dump(c, i);
        stream_open(&inputs[i], i, "x", &diag);
        input_open_memory(&inputs[i].in, dumps[i].p, dumps[i].n);
        inputs[i].offset_ns = i ? c->offset_ns : 0;
    }
    setup.jumps = pass_go(&setup, NULL, &all);
    TP_CHECK_EQ(setup.jumps, c->jumps);
    TP_CHECK(all.count >= PASS_CHUNKS * PASS_CHUNK_RECORDS);
    TP_CHECK(all.lines[all.count - 1].named);
    for (unsigned tenth = 0; tenth <= 10 && setup.jumps; tenth++)
        pass_compare(c, &setup, &all, tenth < 10 ? all.count / 10 * tenth : all.count - 1);
    for (unsigned i = 0; i < c->inputs; i++) {
        stream_close(&inputs[i]);
        help_free(&dumps[i]);
    }
    pass_forget(&setup);
    free(all.lines);
}

TP_TEST(DecoderPass, FromAMarkOn)
{
    for (unsigned i = 0; i < sizeof(pass_cases) / sizeof(pass_cases[0]); i++)
        pass_check(&pass_cases[i]);
}
