/* SPDX-License-Identifier: MIT */
/*
 * Two readers of memory say the same: of each state that a writer, those that interrupt it and a
 * reader leave from one instruction to the next, and of such states with damage. What they say
 * differently is counted by class; the classes that must be are in doc/design.md.
 *
 * TP_LONG=1: ten times as many. TP_AGREE=N: tells what both say of the damaged image N.
 */
#include "tp_test.h"

#include <stdio.h>

#if defined(__x86_64__) && defined(__linux__)
#include <stdlib.h>
#include <string.h>

#define TP_CREATE
#include <tp/event.h>
#include <tp/module.h>
#include <tp/trace.h>
#include <tp/wire.h>

#include "../../../engine/core/core.h"
#include "../step/guest.h"
#include "agree.h"

TP_EVENT(agree, small, "n=%u", u32 n)
TP_EVENT(agree, text, "n=%u text=%s", u32 n, str text)

#define SUBBUF_BYTES 512u
#define TURN (1ull << 32) /* here the upper half of the counter changes */

uint64_t agree_clock;
uint32_t agree_now_cpu;

/* --- a state to start from --- */

struct step_scene {
    uint32_t subbufs, cpus, room; /* so many small records fit into the sub-buffer before the act */
    uint64_t clock;               /* if not 0, set before the act */
    bool overwrite, context, full, text;
};

struct world {
    uint8_t region[AGREE_BYTES] __attribute__((aligned(64)));
    uint64_t clock;
    unsigned uses;
};

static struct step_scene scene;
static struct tp_trace *trace;
static struct world live;
static size_t region_bytes;

static uint32_t number;

static void fire(uint32_t count)
{
    while (count--)
        trace_agree_small(number++);
}

static uint32_t subbuf_events(void)
{
    return (SUBBUF_BYTES - 8 - TP_WIRE_CHUNK_BYTES) / (scene.context ? 24 : 16);
}

static uint8_t dump[65536];

static void drain(void)
{
    while (tp_pipe_read(trace, dump, sizeof(dump)) > 0)
        ;
}

/* By how many the trace is used right now: a guest that was left inside a call is one. */
static unsigned uses(void)
{
    unsigned n = 0;

    for (; !tp_slot_withdraw(trace->index); n++)
        tp_trace_put(trace->index);
    tp_slot_restore(trace->index);
    for (unsigned i = 0; i < n; i++)
        tp_trace_get(trace->index);
    return n;
}

static void scene_close(void)
{
    if (!trace)
        return;
    while (uses())
        tp_trace_put(trace->index);
    tp_trace_stop(trace);
    TP_ASSERT_EQ(tp_trace_close(trace), 0);
    trace = NULL;
}

static void scene_prefill(void)
{
    for (uint32_t i = 0; i <= scene.subbufs; i++) {
        fire(subbuf_events());
        if (!scene.overwrite)
            drain();
    }
    if (scene.full)
        fire((scene.subbufs - 1) * subbuf_events());
    fire(subbuf_events() - scene.room);
    if (!scene.overwrite && !scene.full)
        drain();
}

static void scene_open(const struct step_scene *s)
{
    struct tp_config c = {.cpus = s->cpus,
                          .subbuf_bytes = SUBBUF_BYTES,
                          .subbufs = s->subbufs,
                          .tasks = 4,
                          .mode = s->overwrite ? TP_OVERWRITE : TP_DISCARD,
                          .context = s->context};

    scene_close();
    scene = *s;
    memset(&live, 0, sizeof(live));
    agree_clock = 1000;
    TP_ASSERT_EQ(tp_trace_open(&trace, live.region, sizeof(live.region), &c), 0);
    TP_ASSERT_EQ(tp_trace_start(trace), 0);
    region_bytes = (size_t)((const struct tp_wire_region *)(const void *)live.region)->region_bytes;
    tp_task_name(1, 1, "init");
    for (agree_now_cpu = s->cpus; agree_now_cpu--;) {
        scene_prefill();
        if (!agree_now_cpu)
            break;
    }
    if (s->clock)
        agree_clock = s->clock;
}

static void world_save(struct world *to)
{
    memcpy(to->region, live.region, region_bytes);
    to->clock = agree_clock;
    to->uses = uses();
}

static void world_load(const struct world *from)
{
    tp_trace_start(trace);
    for (unsigned n = uses(); n < from->uses; n++)
        tp_trace_get(trace->index);
    for (unsigned n = uses(); n > from->uses; n--)
        tp_trace_put(trace->index);
    memcpy(live.region, from->region, region_bytes);
    agree_clock = from->clock;
}

/* --- images --- */

#define BATCH 2048u
#define POOL 1024u

static uint8_t (*batch)[AGREE_BYTES], (*pool)[AGREE_BYTES];
static size_t batch_bytes[BATCH], pool_bytes[POOL];
static uint32_t batched, pooled, pool_each;
static uint64_t seen, compared, damaged, classes_seen[AGREE_CLASSES];
static uint64_t told[AGREE_CLASSES];

/* Those that must be; doc/design.md says why. */
static const uint32_t allowed = 1u << AGREE_FLIGHT | 1u << AGREE_CUT | 1u << AGREE_LAYOUT |
                                1u << AGREE_UNSAID | 1u << AGREE_CAUSE | 1u << AGREE_BEFORE;

static uint32_t count_classes(uint32_t classes)
{
    for (unsigned i = 0; i < AGREE_CLASSES; i++)
        classes_seen[i] += classes >> i & 1;
    return classes & ~allowed;
}

static void tell(uint32_t classes, const char *what, const uint8_t *bytes, size_t n)
{
    unsigned i = 0;

    while (i < AGREE_CLASSES && !(classes >> i & 1))
        i++;
    if (told[i]++ >= (getenv("TP_AGREE_MORE") ? 3 : 1))
        return;
    printf("# differ in %s: %s (%s, %u sub-buffers, %u cpus, room %u, clock %llx%s%s)\n",
           agree_names[i], what, scene.overwrite ? "overwrite" : "discard", scene.subbufs,
           scene.cpus, scene.room, (unsigned long long)scene.clock, scene.full ? ", full" : "",
           scene.context ? ", context" : "");
    agree_compare(bytes, n, stdout);
}

static void images_compare(void)
{
    for (uint32_t i = 0; i < batched; i++) {
        uint32_t classes = count_classes(agree_compare(batch[i], batch_bytes[i], NULL));
        char what[40];

        snprintf(what, sizeof(what), "stepped image %llu", (unsigned long long)compared);
        if (classes)
            tell(classes, what, batch[i], batch_bytes[i]);
        if (compared++ % pool_each == 0 && pooled < POOL) {
            memcpy(pool[pooled], batch[i], batch_bytes[i]);
            pool_bytes[pooled++] = batch_bytes[i];
        }
    }
    batched = 0;
}

/* The region as it is now, if that differs from the last. */
static void image_take(void)
{
    static uint8_t last[AGREE_BYTES];

    seen++;
    if (memcmp(last, live.region, region_bytes) == 0)
        return;
    memcpy(last, live.region, region_bytes);
    memcpy(batch[batched], last, region_bytes);
    batch_bytes[batched++] = region_bytes;
}

static void image_room(void)
{
    if (batched + 1024 > BATCH)
        images_compare();
}

/* --- acts --- */

static struct guest guest[2];
static struct guest guest_saved;
static struct world saved;

static void act_small(void)
{
    trace_agree_small(number);
}

static void act_text(void)
{
    trace_agree_text(number, "one instruction after the other");
}

static void act_read(void)
{
    tp_pipe_flush(trace);
    drain();
}

static void act_name(void)
{
    tp_task_name(AGREE_PID, 7, "shell");
}

static void act_name_again(void)
{
    tp_task_name(1, 1, "a name that is long");
}

static void act_wall(void)
{
    tp_clock_set_wall(1700000000000000000u + number);
}

/* To its end, an image at each instruction. */
static void act_step(struct guest *g)
{
    for (; !g->done; guest_step(g)) {
        image_take();
        image_room();
    }
    image_take();
}

/* Without an image inside: its writer may have a lock that tp_trace_attach needs. */
static void act_alone(void (*act)(void))
{
    struct guest *g = &guest[0];

    for (guest_start(g, act); !g->done; guest_step(g)) {
        image_take();
        if (batched == BATCH - 1)
            TP_FAIL_FATAL("BATCH is too small");
    }
    image_take();
    images_compare();
}

/* At every so many instructions of the outer one the inner one comes in between; at every so many of
 * these both go on to their ends one instruction at a time. */
static void act_nested(void (*outer)(void), void (*inner)(void), unsigned at, unsigned every)
{
    struct guest *g = &guest[0];
    unsigned k = 0;

    for (guest_start(g, outer); !g->done; guest_step(g), k++) {
        image_take();
        image_room();
        if (k % at)
            continue;
        world_save(&saved);
        guest_saved = *g;
        guest_start(&guest[1], inner);
        if (k % (at * every) == 0)
            act_step(&guest[1]);
        guest_run(&guest[1]);
        image_take();
        if (k % (at * every) == 0)
            act_step(g);
        world_load(&saved);
        *g = guest_saved;
    }
    image_take();
}

static const struct step_scene scenes[] = {
    {.subbufs = 2, .cpus = 1, .room = 10},
    {.subbufs = 2, .cpus = 1, .room = 0},
    {.subbufs = 2, .cpus = 1, .room = 1},
    {.subbufs = 4, .cpus = 2, .room = 1},
    {.subbufs = 4, .cpus = 2, .room = 0},
    {.subbufs = 2, .cpus = 1, .room = 0, .full = true},
    {.subbufs = 2, .cpus = 1, .room = 1, .full = true},
    {.subbufs = 4, .cpus = 1, .room = 5, .context = true},
    {.subbufs = 4, .cpus = 2, .room = 0, .context = true},
    {.subbufs = 2, .cpus = 1, .room = 10, .clock = TURN - 2},
    {.subbufs = 2, .cpus = 1, .room = 1, .clock = TURN - 2},
    {.subbufs = 2, .cpus = 1, .room = 2, .clock = TURN},
    {.subbufs = 4, .cpus = 1, .room = 0, .clock = TURN - 2},
    {.subbufs = 4, .cpus = 2, .room = 0, .clock = TURN, .context = true},
    {.subbufs = 2, .cpus = 1, .room = 1, .clock = TURN, .full = true},
};
#define SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void print_counts(void)
{
    printf("# %llu stepped, %llu of them compared, %llu damaged\n", (unsigned long long)seen,
           (unsigned long long)compared, (unsigned long long)damaged);
    for (unsigned i = 0; i < AGREE_CLASSES; i++)
        if (classes_seen[i])
            printf("# %10llu %s\n", (unsigned long long)classes_seen[i], agree_names[i]);
}

/* The long run has about ten times as many images. */
static void step_scene(bool all)
{
    const struct step_scene s = scene;
    unsigned at = all ? 1 : 3;

    act_nested(act_small, act_small, at, all ? 8 : 24);
    scene_open(&s);
    act_nested(act_text, act_small, at, 64);
    scene_open(&s);
    act_nested(act_read, act_small, 8 * at, 64);
    images_compare();
    scene_open(&s);
    act_alone(act_name);
    act_alone(act_name_again);
    act_alone(act_wall);
    act_alone(act_wall);
    act_alone(act_read);
}

/* Compares all stepped images, and leaves some of them in the pool. */
static void step_all(void)
{
    bool all = getenv("TP_LONG") != NULL;

    pool_each = all ? 300 : 30;
    if (!batch) {
        batch = calloc(BATCH, sizeof(*batch));
        pool = calloc(POOL, sizeof(*pool));
    }
    guest_init();
    seen = compared = damaged = pooled = 0;
    memset(classes_seen, 0, sizeof(classes_seen));
    memset(told, 0, sizeof(told));
    for (unsigned i = 0; i < 2 * SCENES; i++) {
        struct step_scene s = scenes[i / 2];

        s.overwrite = i & 1;
        if (s.overwrite && s.full)
            continue;
        scene_open(&s);
        step_scene(all);
    }
    scene_close();
}

static uint64_t unexplained(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < AGREE_CLASSES; i++)
        sum += allowed >> i & 1 ? 0 : classes_seen[i];
    return sum;
}

TP_TEST(Agree, EveryInstruction)
{
    step_all();
    print_counts();
    TP_CHECK_EQ(unexplained(), 0);
    TP_CHECK_GE(compared, 10000);
}

static void print_changes(const uint8_t *old, const uint8_t *new, size_t size, uint64_t n,
                          const char *what, uint32_t classes)
{
    const struct tp_wire_region *h = (const void *)old;

    printf("# TP_AGREE=%llu %s, %zu bytes:", (unsigned long long)n, what, size);
    for (unsigned i = 0; i < AGREE_CLASSES; i++)
        if (classes >> i & 1)
            printf(" [%s]", agree_names[i]);
    for (size_t at = 0, shown = 0; at < size && shown < 12; at++)
        if (old[at] != new[at]) {
            size_t data = at - h->data_at;

            if (at >= h->data_at)
                printf(" s%zu+%zu", data / h->subbuf_bytes, data % h->subbuf_bytes);
            else
                printf(" %zu", at >= h->rings_at ? at - h->rings_at : at);
            printf(":%02x->%02x", old[at], new[at]);
            shown++;
        }
    printf("\n");
}

static void damage_one(uint64_t n, bool say)
{
    static uint8_t bytes[AGREE_BYTES] __attribute__((aligned(64)));
    uint32_t from = (uint32_t)((n * 0x9e3779b97f4a7c15u) >> 40) % (pooled < POOL ? pooled : POOL);
    size_t size = pool_bytes[from];
    const char *what;
    uint32_t classes;
    char text[120];

    memcpy(bytes, pool[from], size);
    size = agree_damage(bytes, size, n, &what);
    damaged++;
    classes = count_classes(agree_compare(bytes, size, say ? stdout : NULL));
    if (say || (classes && getenv("TP_AGREE_MORE")))
        print_changes(pool[from], bytes, size, n, what, classes);
    snprintf(text, sizeof(text), "TP_AGREE=%llu, %s", (unsigned long long)n, what);
    if (say)
        printf("# %s\n", text);
    else if (classes)
        tell(classes, text, bytes, size);
}

TP_TEST(Agree, Damage)
{
    const char *one = getenv("TP_AGREE");
    uint64_t count = getenv("TP_LONG") ? 1000000 : 100000;

    if (!pooled)
        step_all();
    memset(classes_seen, 0, sizeof(classes_seen));
    memset(told, 0, sizeof(told));
    if (one) {
        damage_one(strtoull(one, NULL, 0), true);
        return;
    }
    for (uint64_t n = 0; n < count; n++)
        damage_one(n, false);
    print_counts();
    TP_CHECK_EQ(unexplained(), 0);
    TP_CHECK_LE(classes_seen[AGREE_BEFORE], count / 50000); /* two in a million were seen */
}

#else

TP_TEST(Agree, EveryInstruction)
{
    TP_SKIP("for x86_64 Linux");
}

#endif
