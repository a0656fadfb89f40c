/* SPDX-License-Identifier: MIT */
/*
 * Probes, filters, sampling and triggers that come and go while two CPUs fire and are interrupted.
 * What a probe is given dies as soon as tp_probe_synchronize lets it, so a call too many sees it dead (and
 * the thread sanitizer sees it anyway: nothing but the engine keeps the two apart). What the rules
 * let pass, and what is counted of the rest, must be all that was fired.
 */
#include <tp/event.h>

TP_EVENT(stress, task, "n=%llu check=%x", u64 n, u32 check)
TP_EVENT(stress, irq, "n=%llu check=%x", u64 n, u32 check)

#include "stress.h"

#include <tp/port.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/control.h>
#include <unistd.h>

#define CONTROLS 2u
#define MEMORY_BYTES 32768u
#define FOREVER UINT64_MAX

/* --- the memory --- */

static void on_nothing(void *data, uint64_t n, uint32_t check)
{
    (void)data;
    (void)n;
    (void)check;
}

/* How many probes fit into what is free, and that the largest filter does: the same at the end as at
 * the start, if all was given back and is in one piece. */
static unsigned room(struct tp_trace *t)
{
    static char data[MEMORY_BYTES / 64];
    char text[1000];
    unsigned n = 0;

    memset(text, ' ', sizeof(text));
    memcpy(text, "n > 1", 5);
    text[sizeof(text) - 1] = 0;
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    TP_CHECK_EQ(tp_filter_set(t, "stress:task", text, NULL), 0);
    TP_CHECK_EQ(tp_filter_set(t, "stress:task", NULL, NULL), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    while (!register_trace_stress_task(on_nothing, data + n))
        n++;
    for (unsigned i = 0; i < n; i++)
        TP_CHECK_EQ(unregister_trace_stress_task(on_nothing, data + i), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    return n;
}

static unsigned open_control(struct stress *s)
{
    static uint8_t memory[MEMORY_BYTES] __attribute__((aligned(16)));

    stress_open(s, TP_DISCARD, 16384, 32);
    tp_control_set_memory(memory, sizeof(memory), STRESS_CPUS); /* once for all tests */
    return room(s->trace);
}

static uint64_t refused; /* calls that met another one */

/* Once more as long as it meets another call. */
#define AGAIN(call)                                                                                \
    __extension__({                                                                                \
        int err_;                                                                                  \
                                                                                                   \
        while ((err_ = (call)) == TP_EBUSY) {                                                      \
            __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);                                     \
            sched_yield();                                                                         \
        }                                                                                          \
        err_;                                                                                      \
    })

/* --- two threads that change things, and one that reads the pipe --- */

struct control {
    pthread_t thread;
    struct tp_trace *trace;
    unsigned number;
    uint64_t turns;
    uint32_t random;
};

static uint32_t next_random(struct control *c)
{
    c->random = c->random * 1664525u + 1013904223u;
    return c->random >> 8;
}

static unsigned working;

static void storm(struct stress *s, void *(*work)(void *), unsigned threads, uint64_t turns)
{
    struct control control[CONTROLS];

    working = threads;
    stress_fire(s, FOREVER);
    for (unsigned i = 0; i < threads; i++) {
        control[i] = (struct control){
            .trace = s->trace, .number = i, .turns = turns / threads, .random = i};
        if (pthread_create(&control[i].thread, NULL, work, &control[i]))
            abort();
    }
    while (__atomic_load_n(&working, __ATOMIC_ACQUIRE)) {
        stress_take(s, 8192); /* some of it: what is decoded is to be little beside what is fired */
        usleep(1000);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(control[i].thread, NULL);
    stress_enough();
    stress_join(s);
    stress_drain(s);
    TP_CHECK_EQ(stress_decode(&s->books, NULL, s->dump.bytes, s->dump.used), 0);
    printf("# %llu calls were refused and made again\n",
           (unsigned long long)__atomic_exchange_n(&refused, 0, __ATOMIC_RELAXED));
}

static void done(void)
{
    __atomic_fetch_sub(&working, 1, __ATOMIC_RELEASE);
}

static uint64_t fired_now(void)
{
    uint64_t sum = 0;

    for (unsigned c = 0; c < STRESS_CPUS; c++)
        sum += __atomic_load_n(&stress_fired[c][STRESS_TASK], __ATOMIC_RELAXED);
    return sum;
}

/* Until something was fired: whoever fires may have no processor now. */
static void let_fire(void)
{
    uint64_t before = fired_now();

    while (fired_now() - before < 2)
        sched_yield();
}

static uint64_t fired(const struct stress *s, int level)
{
    uint64_t sum = 0;

    for (unsigned c = 0; c < STRESS_CPUS; c++)
        sum += stress_fired[c][level] - s->before[c][level];
    return sum;
}

/* Those with odd numbers. */
static uint64_t fired_odd(const struct stress *s, int level)
{
    uint64_t sum = 0;

    for (unsigned c = 0; c < STRESS_CPUS; c++)
        sum += stress_fired[c][level] / 2 - s->before[c][level] / 2;
    return sum;
}

/* --- probes --- */

enum kind { TYPED, RAW, RECORD, KINDS };
enum { ALIVE = 0x11fe11fe, DEAD = 0x0dead0ff };

/* Of each registration one, never used again. Not atomic, on purpose. */
struct life {
    uint32_t word;
    enum kind kind;
};

static struct life *lives;
static uint64_t calls[KINDS], dead, steady[3];

static void called(const struct life *life, enum kind kind)
{
    if (life->word != ALIVE || life->kind != kind)
        __atomic_fetch_add(&dead, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&calls[kind], 1, __ATOMIC_RELAXED);
}

static void on_typed(void *data, uint64_t n, uint32_t check)
{
    (void)n;
    (void)check;
    called(data, TYPED);
}

static void on_raw(void *data, const struct tp_event *e, const uint64_t *args, uint32_t count)
{
    (void)e;
    (void)args;
    (void)count;
    called(data, RAW);
}

static void on_record(void *data, const struct tp_event *e, uint64_t time, const void *record,
                      uint32_t bytes)
{
    (void)e;
    (void)time;
    (void)record;
    (void)bytes;
    called(data, RECORD);
}

static int add(const char *event, bool task, struct life *life, const struct tp_probe_options *o)
{
    switch (life->kind) {
    case TYPED:
        return task ? register_trace_stress_task(on_typed, life)
                    : register_trace_stress_irq(on_typed, life);
    case RAW:
        return tp_probe_raw_add(event, on_raw, life, o, NULL);
    default:
        return tp_probe_record_add(event, on_record, life, o, NULL);
    }
}

static int take_back(const char *event, bool task, struct life *life)
{
    switch (life->kind) {
    case TYPED:
        return task ? unregister_trace_stress_task(on_typed, life)
                    : unregister_trace_stress_irq(on_typed, life);
    case RAW:
        return tp_probe_raw_remove(event, on_raw, life);
    default:
        return tp_probe_record_remove(event, on_record, life);
    }
}

/* So many stand beside each other, and go in another order than they came. */
#define BATCH 4u
/* And so many die at once: a writer that is inside often has no processor, and takes long to leave. */
#define DEATHS 100u

static void come_and_go(struct control *c, struct life *life)
{
    static const struct tp_probe_options filtered = {.filter = "n & 1"};
    bool task = next_random(c) & 1;
    const char *event = task ? "stress:task" : "stress:irq";
    unsigned first = next_random(c) % BATCH;

    for (unsigned i = 0; i < BATCH; i++) {
        life[i] = (struct life){ALIVE, (enum kind)(next_random(c) % KINDS)};
        TP_CHECK_EQ(AGAIN(add(event, task, &life[i], next_random(c) & 1 ? &filtered : NULL)), 0);
    }
    if (next_random(c) % 16 == 0)
        let_fire();
    for (unsigned i = 0; i < BATCH; i++)
        TP_CHECK_EQ(AGAIN(take_back(event, task, &life[(first + i) % BATCH])), 0);
}

static void *change_probes(void *arg)
{
    struct control *c = arg;
    struct life *life = lives + c->number * c->turns;

    for (uint64_t n = 0; n + DEATHS <= c->turns; n += DEATHS) {
        for (unsigned i = 0; i < DEATHS; i += BATCH)
            come_and_go(c, &life[n + i]);
        TP_CHECK_EQ(AGAIN(tp_probe_synchronize()), 0);
        for (unsigned i = 0; i < DEATHS; i++)
            life[n + i].word = DEAD;
    }
    done();
    return NULL;
}

/* These stay: nobody's coming and going may cost them a call. */
static void on_steady(void *data, uint64_t n, uint32_t check)
{
    (void)n;
    (void)check;
    __atomic_fetch_add((uint64_t *)data, 1, __ATOMIC_RELAXED);
}

static void on_steady_raw(void *data, const struct tp_event *e, const uint64_t *args,
                          uint32_t count)
{
    (void)e;
    __atomic_fetch_add((uint64_t *)data, count == 2 && (args[0] & 1), __ATOMIC_RELAXED);
}

static void on_steady_record(void *data, const struct tp_event *e, uint64_t time,
                             const void *record, uint32_t bytes)
{
    (void)time;
    __atomic_fetch_add((uint64_t *)data,
                       bytes == 24 && (((const uint32_t *)record)[1] & 0xffff) == e->id,
                       __ATOMIC_RELAXED);
}

static void check_steady(const struct stress *s)
{
    TP_CHECK_EQ(steady[0], fired(s, STRESS_TASK));
    TP_CHECK_EQ(steady[1], fired_odd(s, STRESS_TASK));
    TP_CHECK_EQ(steady[2], fired(s, STRESS_TASK));
}

TP_TEST(Storm, Probes)
{
    const uint64_t turns = stress_changes(20000);
    const struct tp_probe_options odd = {.filter = "n & 1"};
    struct tp_probe_stats before, after;
    static struct stress s;
    unsigned free_at_start = open_control(&s);

    lives = calloc(turns, sizeof(*lives));
    memset(calls, 0, sizeof(calls));
    memset(steady, 0, sizeof(steady));
    tp_probe_stats(&before);
    TP_CHECK_EQ(register_trace_stress_task(on_steady, &steady[0]), 0);
    TP_CHECK_EQ(tp_probe_raw_add("stress:task", on_steady_raw, &steady[1], &odd, NULL), 0);
    TP_CHECK_EQ(tp_probe_record_add("stress:task", on_steady_record, &steady[2], NULL, NULL), 0);
    storm(&s, change_probes, CONTROLS, turns);
    TP_CHECK_EQ(unregister_trace_stress_task(on_steady, &steady[0]), 0);
    TP_CHECK_EQ(tp_probe_raw_remove("*", on_steady_raw, &steady[1]), 0);
    TP_CHECK_EQ(tp_probe_record_remove("*", on_steady_record, &steady[2]), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    tp_probe_stats(&after);
    TP_CHECK_EQ(dead, 0);
    for (unsigned i = 0; i < KINDS; i++)
        TP_CHECK_GE(calls[i], turns / 10);
    TP_CHECK_EQ(after.recursion, before.recursion);
    TP_CHECK_EQ(after.too_long, before.too_long);
    printf("# %llu registrations, %llu typed, %llu raw, %llu record calls\n",
           (unsigned long long)turns, (unsigned long long)calls[TYPED],
           (unsigned long long)calls[RAW], (unsigned long long)calls[RECORD]);
    check_steady(&s);
    stress_check(&s); /* and none of it has cost a record */
    TP_CHECK_EQ(tp_event_stress_task.mask, 0);
    TP_CHECK_EQ(tp_event_stress_irq.mask, 0);
    TP_CHECK_EQ(room(s.trace), free_at_start);
    stress_close(&s);
    free(lives);
}

/* --- filters --- */

static const char *one_of(struct control *c, const char *const *text, unsigned count)
{
    return text[next_random(c) % count];
}

/* Of tasks all pass, with or without a filter; of interrupts the even ones, always. */
static void *change_filters(void *arg)
{
    static const char *const all[] = {NULL, "n >= 0", "CPU < 2", "n < 0xffffffffffffffff && n >= 0",
                                      "0"};
    static const char *const even[] = {"!(n & 1)", "!(n & 1) && CPU < 2",
                                       "common_pid == 0 && !(n & 1)"};
    struct control *c = arg;

    for (uint64_t n = 0; n < c->turns; n++) {
        if (n % 8 == 0)
            let_fire();
        if (n % 2)
            TP_CHECK_EQ(AGAIN(tp_filter_set(c->trace, "stress:irq", one_of(c, even, 3), NULL)), 0);
        else
            TP_CHECK_EQ(AGAIN(tp_filter_set(c->trace, "stress:task", one_of(c, all, 5), NULL)), 0);
    }
    done();
    return NULL;
}

TP_TEST(Storm, Filters)
{
    static struct stress s;
    unsigned free_at_start = open_control(&s);

    TP_CHECK_EQ(tp_filter_set(s.trace, "stress:irq", "!(n & 1)", NULL), 0);
    storm(&s, change_filters, CONTROLS, stress_changes(6000));
    stress_check_rest(&s, fired_odd(&s, STRESS_IRQ));
    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        TP_CHECK_EQ(s.books.cpu[c].odd[STRESS_IRQ], 0);
        TP_CHECK_GE(s.books.cpu[c].odd[STRESS_TASK], 100);
    }
    TP_CHECK_EQ(tp_filter_set(s.trace, "*", NULL, NULL), 0);
    TP_CHECK_EQ(room(s.trace), free_at_start);
    stress_close(&s);
}

/* --- sampling and triggers --- */

static void *change_samples(void *arg)
{
    static const char *const come_and_go[] = {"count if n & 1",
                                              "!count",
                                              "traceon",
                                              "!traceon",
                                              "traceoff if n == 0xffffffffffffffff",
                                              "!traceoff",
                                              "snapshot:1",
                                              "!snapshot"};
    struct control *c = arg;
    int err;

    for (uint64_t n = 0; n < c->turns; n++) {
        const char *event = next_random(c) & 1 ? "stress:task" : "stress:irq";

        if (n % 8 == 0)
            let_fire();
        switch (next_random(c) % 3) {
        case 0:
            err = AGAIN(tp_sample_set(c->trace, event, next_random(c) % 5));
            break;
        case 1:
            err = AGAIN(tp_rate_set(c->trace, event, next_random(c) % 3 * 1000));
            break;
        default:
            err = AGAIN(tp_trigger_set(c->trace, "stress:irq", one_of(c, come_and_go, 8), NULL));
            if (err == TP_EEXIST || err == TP_ENOENT)
                err = 0;
        }
        TP_CHECK_EQ(err, 0);
    }
    done();
    return NULL;
}

static uint64_t suppressed(const struct tp_trace *t, const struct tp_event *e)
{
    struct tp_rule_stats stats;

    tp_rule_stats(t, e, &stats);
    return stats.suppressed;
}

/* What is left out is counted, though the rates change and go; and a trigger that stays goes off
 * each time. */
TP_TEST(Storm, SamplingAndTriggers)
{
    static struct stress s;
    char text[64] = "", count[64];
    uint64_t left_out;
    unsigned free_at_start = open_control(&s);

    TP_CHECK_EQ(tp_trigger_set(s.trace, "stress:task", "count", NULL), 0);
    storm(&s, change_samples, CONTROLS, stress_changes(5000));
    left_out = suppressed(s.trace, &tp_event_stress_task) +
               suppressed(s.trace, &tp_event_stress_irq);
    TP_CHECK_GE(left_out, 1000);
    printf("# %llu left out by sampling\n", (unsigned long long)left_out);
    stress_check_rest(&s, left_out);
    snprintf(count, sizeof(count), "count:total=%llu", (unsigned long long)fired(&s, STRESS_TASK));
    tp_trigger_get(s.trace, &tp_event_stress_task, 0, text, sizeof(text) - 1);
    TP_CHECK_STREQ(text, count);
    TP_CHECK_EQ(tp_sample_set(s.trace, "*", 1), 0);
    TP_CHECK_EQ(tp_rate_set(s.trace, "*", 0), 0);
    for (unsigned i = 0; i < 4; i++) {
        static const char *const away[] = {"!count", "!traceon", "!traceoff", "!snapshot"};

        tp_trigger_set(s.trace, "*", away[i], NULL);
    }
    stress_close(&s);
    stress_open(&s, TP_DISCARD, 16384, 32); /* counts go with their trace */
    TP_CHECK_EQ(room(s.trace), free_at_start);
    TP_CHECK_EQ(suppressed(s.trace, &tp_event_stress_task), 0);
    TP_CHECK_EQ(tp_trace_stop(s.trace), 0);
    stress_drain(&s);
    stress_close(&s);
}

/* --- masks --- */

/* Two threads that wait for each other; nearly at the same time they go on. Never asleep, else they
 * would not meet. */
struct meeting {
    uint32_t come;
};
static struct meeting round_begins, round_ends;
static bool over;

static void meet(struct meeting *m)
{
    uint32_t until = (__atomic_fetch_add(&m->come, 1, __ATOMIC_ACQ_REL) | 1) + 1;

    for (unsigned i = 1; (int32_t)(__atomic_load_n(&m->come, __ATOMIC_ACQUIRE) - until) < 0; i++)
        if (i % 1000 == 0)
            sched_yield();
}

/* One that is another each time: little is enough where both do the same, much where not. */
static void some_time(struct control *c)
{
    uint32_t least = 1u << next_random(c) % 10;

    for (volatile uint32_t i = next_random(c) % least; i; i--)
        ;
}

static void *change_rules(void *arg)
{
    static const char *const change[] = {"traceon", "!traceon", "count", "!count"};
    static const char *const filters[] = {"n > 5", NULL};
    struct control *c = arg;

    for (;;) {
        meet(&round_begins);
        if (__atomic_load_n(&over, __ATOMIC_RELAXED))
            return NULL;
        some_time(c);
        if (next_random(c) % 4 == 0)
            TP_CHECK_EQ(AGAIN(tp_filter_set(c->trace, "stress:task", one_of(c, filters, 2), NULL)),
                        0);
        else
            (void)AGAIN(tp_trigger_set(c->trace, "stress:task", one_of(c, change, 4), NULL));
        meet(&round_ends);
    }
}

/* True if it has triggers, and if it has one that starts the trace. */
static bool has_triggers(const struct tp_trace *t, const struct tp_event *e, bool *wakes)
{
    char text[64];
    bool has = false;

    *wakes = false;
    for (uint32_t i = 0; tp_trigger_get(t, e, i, text, sizeof(text)) > 0; i++) {
        has = true;
        *wakes |= !memcmp(text, "traceon", 7);
    }
    return has;
}

static void check_mask(const struct tp_trace *t, const struct tp_event *e, bool runs)
{
    struct tp_rule_stats stats;
    bool wakes, triggers = has_triggers(t, e, &wakes);
    uint32_t want = 0, bit = 1u << tp_trace_number(t);

    tp_rule_stats(t, e, &stats);
    if (triggers ? runs || wakes : stats.enabled && runs)
        want = triggers || stats.filtered ? TP_MASK_RULE(tp_trace_number(t)) : bit;
    TP_CHECK_EQ(e->mask & (bit | TP_MASK_RULE(tp_trace_number(t))), want);
}

/* One starts, stops and chooses, another one makes rules: then each mask is what all of it says. */
TP_TEST(Storm, MasksSayWhatHolds)
{
    const uint64_t rounds = stress_kept(600000, 10000);
    const uint64_t until = stress_now_us() + 10000000; /* on a busy host they hardly meet */
    static struct stress s;
    struct control c = {.number = 0, .random = 7}, other = {.number = 1, .random = 8};
    bool runs = true;

    open_control(&s);
    c.trace = other.trace = s.trace;
    over = false;
    pthread_create(&other.thread, NULL, change_rules, &other);
    for (uint64_t n = 0; n < rounds && stress_now_us() < until; n++) {
        meet(&round_begins);
        some_time(&c);
        switch (next_random(&c) % 4) {
        case 0:
            TP_CHECK_EQ(tp_trace_enable(s.trace, "stress:task"), 0);
            break;
        case 1:
            TP_CHECK_EQ(tp_trace_disable(s.trace, "stress:task"), 0);
            break;
        default:
            TP_CHECK_EQ(runs ? tp_trace_stop(s.trace) : tp_trace_start(s.trace), 0);
            runs = !runs;
        }
        meet(&round_ends);
        check_mask(s.trace, &tp_event_stress_task, runs);
        check_mask(s.trace, &tp_event_stress_irq, runs);
    }
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    meet(&round_begins);
    pthread_join(other.thread, NULL);
    if (runs)
        tp_trace_stop(s.trace);
    TP_CHECK_EQ(tp_filter_set(s.trace, "*", NULL, NULL), 0);
    tp_trigger_set(s.trace, "*", "!traceon", NULL);
    tp_trigger_set(s.trace, "*", "!count", NULL);
    tp_trace_enable(s.trace, "*");
    TP_CHECK_EQ(tp_event_stress_task.mask, 0);
    TP_CHECK_EQ(tp_event_stress_irq.mask, 0);
    stress_drain(&s);
    stress_close(&s);
    TP_CHECK_EQ(tp_event_stress_task.want, 0);
}

/* --- triggers of two CPUs that start and stop one trace --- */

static void *fire_to_start(void *arg)
{
    struct control c = {.random = 5};

    (void)arg;
    tp_hosted_cpu = 1;
    for (;;) {
        meet(&round_begins);
        if (__atomic_load_n(&over, __ATOMIC_RELAXED))
            return NULL;
        some_time(&c);
        for (unsigned i = 0; i < 3; i++)
            trace_stress_irq(i, 0);
        meet(&round_ends);
    }
}

/* Whoever was last: what the masks say is what the trace itself knows. */
TP_TEST(Storm, TriggersStartAndStop)
{
    const uint64_t rounds = stress_kept(100000, 5000);
    const uint64_t until = stress_now_us() + 10000000;
    struct control c = {.random = 6};
    uint64_t running = 0, n;
    static struct stress s;
    pthread_t other;

    open_control(&s);
    tp_trace_disable(s.trace, "stress:task");
    TP_CHECK_EQ(tp_trigger_set(s.trace, "stress:irq", "traceon", NULL), 0);
    TP_CHECK_EQ(tp_trigger_set(s.trace, "stress:task", "traceoff", NULL), 0);
    over = false;
    pthread_create(&other, NULL, fire_to_start, NULL);
    tp_hosted_cpu = 0;
    for (n = 0; n < rounds && stress_now_us() < until; n++) {
        bool runs;

        meet(&round_begins);
        some_time(&c);
        for (unsigned i = 0; i < 3; i++)
            trace_stress_task(i, 0);
        meet(&round_ends);
        runs = tp_event_stress_task.mask & TP_MASK_RULE(tp_trace_number(s.trace));
        running += runs;
        TP_CHECK_EQ(runs ? tp_trace_stop(s.trace) : tp_trace_start(s.trace), 0);
    }
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    meet(&round_begins);
    pthread_join(other, NULL);
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
    printf("# %llu of %llu rounds ended running\n", (unsigned long long)running,
           (unsigned long long)n);
    tp_trigger_set(s.trace, "*", "!traceon", NULL);
    tp_trigger_set(s.trace, "*", "!traceoff", NULL);
    tp_trace_enable(s.trace, "*");
    tp_trace_stop(s.trace);
    TP_CHECK_EQ(tp_event_stress_irq.mask, 0);
    stress_drain(&s);
    stress_close(&s);
}
