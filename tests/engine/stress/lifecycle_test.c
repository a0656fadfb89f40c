/* SPDX-License-Identifier: MIT */
/*
 * Each kind of call raced against each other one: two threads, one trace, and a third thread that
 * fires. A call may answer 0, or TP_EBUSY, or (since the trace may have gone) TP_EINVAL, and nothing
 * else. Memory of a closed trace is painted, and nobody writes to it. After each race the trace can
 * be closed, another one has its slot and runs only when started, and its books are exact.
 *
 * Contexts that record must have left before tp_trace_close and tp_trace_configure (tp/trace.h): `gate`.
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(life, wake, "wake")
TP_EVENT(life, turn, "n=%u", u32 n)

#include "stress.h"

#include "../../../engine/core/core.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/control.h>
#include <tp/module.h>
#include <tp/port.h>
#include <tp/tree.h>
#include <unistd.h>

#define REGION_BYTES (1u << 16)
#define PAINT 0x5a
#define MODULE_ADDS 20u /* in one race: each takes ids for ever, and room in the metadata */

static struct tp_config config = {
    .name = "life", .cpus = 3, .subbuf_bytes = 512, .subbufs = 4, .spare_bytes = 8192};
static uint8_t region[REGION_BYTES] __attribute__((aligned(64)));
static uint8_t other[2][REGION_BYTES] __attribute__((aligned(64)));
static uint8_t image[REGION_BYTES] __attribute__((aligned(64)));
static struct tp_trace *shared;                           /* may have been closed when it is used */
static pthread_mutex_t owner = PTHREAD_MUTEX_INITIALIZER; /* of `region`, not of the trace */
static uint32_t adds;

static struct tp_trace *the_trace(void)
{
    return __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
}

/* --- who fires --- */

static uint32_t gate;    /* closed while not 0 */
static uint32_t opening; /* the same for life:wake */
static bool inside[3], waking[3], stop_firing;
static uint64_t fired[3];

/* Not recorded by the trace, so it may come at any time, also while that is closed: it has triggers
 * only. But a trace that is just opened has chosen all events. */
static void wake(void)
{
    bool *in = &waking[tp_hosted_cpu];

    __atomic_store_n(in, true, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&opening, __ATOMIC_SEQ_CST))
        trace_life_wake();
    __atomic_store_n(in, false, __ATOMIC_SEQ_CST);
}

static int open_in(struct tp_trace **t, uint8_t *memory)
{
    int err;

    __atomic_fetch_add(&opening, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 3; i++)
        while (__atomic_load_n(&waking[i], __ATOMIC_SEQ_CST))
            sched_yield();
    err = tp_trace_open(t, memory, REGION_BYTES, &config);
    while (!err && tp_trace_disable(*t, "life:wake") == TP_EBUSY)
        sched_yield();
    __atomic_fetch_sub(&opening, 1, __ATOMIC_SEQ_CST);
    return err;
}

static void fire_some(void)
{
    bool *in = &inside[tp_hosted_cpu];

    __atomic_store_n(in, true, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 4 && !__atomic_load_n(&gate, __ATOMIC_SEQ_CST); i++) {
        trace_life_turn(i);
        fired[tp_hosted_cpu]++;
    }
    __atomic_store_n(in, false, __ATOMIC_SEQ_CST);
}

static void shut_gate(void)
{
    __atomic_fetch_add(&gate, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 3; i++)
        while (i != tp_hosted_cpu && __atomic_load_n(&inside[i], __ATOMIC_SEQ_CST))
            sched_yield();
}

static void open_gate(void)
{
    __atomic_fetch_sub(&gate, 1, __ATOMIC_SEQ_CST);
}

static void *fire(void *arg)
{
    tp_hosted_cpu = 2;
    (void)arg;
    while (!__atomic_load_n(&stop_firing, __ATOMIC_ACQUIRE)) {
        fire_some();
        wake();
        usleep(20);
    }
    return NULL;
}

/* --- the calls --- */

static void allowed(const char *what, long answer)
{
    if (answer < 0 && answer != TP_EBUSY && answer != TP_EINVAL)
        TP_FAIL("%s: %s", what, tp_strerror((int)answer));
}

static void maybe(const char *what, long answer, int also)
{
    if (answer != also)
        allowed(what, answer);
}

/* The trace and its triggers. Those are TP_EBUSY while another thread changes some. */
static struct tp_trace *open_one(void)
{
    struct tp_trace *t = NULL;
    int err;

    while ((err = open_in(&t, region)) == TP_EBUSY)
        sched_yield();
    TP_CHECK_EQ(err, 0);
    for (const char *const *text = (const char *const[]){"snapshot", "traceoff", "traceon", NULL};
         *text; text++)
        while ((err = tp_trigger_set(t, "life:wake", *text, NULL)) == TP_EBUSY)
            sched_yield();
    maybe("tp_trigger_set", err, TP_ESPACE);
    return t;
}

/* Until no trigger starts it any more, and nobody uses it. At last that trigger goes first. */
static void close_one(struct tp_trace *t)
{
    int err = TP_EBUSY;

    for (unsigned i = 0; err == TP_EBUSY; i++) {
        if (i >= 5)
            tp_trigger_set(t, "life:wake", "!traceon", NULL);
        tp_trace_stop(t);
        err = tp_trace_close(t);
        if (err == TP_EBUSY)
            sched_yield();
    }
    TP_CHECK_EQ(err, 0);
}

static void check_paint(void)
{
    const uint64_t *word = (const uint64_t *)(const void *)region;

    for (size_t i = 0; i < sizeof(region) / sizeof(*word); i++)
        if (__atomic_load_n(&word[i], __ATOMIC_RELAXED) != PAINT * 0x0101010101010101u) {
            TP_FAIL("byte %zu of memory that was given back is written", 8 * i);
            return;
        }
}

static void cycle(unsigned thread)
{
    struct tp_trace *t = NULL;

    if (thread == 0) {
        pthread_mutex_lock(&owner);
        shut_gate();
        close_one(the_trace());
        memset(region, PAINT, sizeof(region));
        sched_yield();
        check_paint();
        t = open_one();
        __atomic_store_n(&shared, t, __ATOMIC_RELEASE);
        open_gate();
        pthread_mutex_unlock(&owner);
        return;
    }
    allowed("tp_trace_open", open_in(&t, other[thread]));
    if (!t)
        return;
    TP_CHECK_EQ(
        tp_trace_open(&(struct tp_trace *){NULL}, other[thread] + 64, REGION_BYTES - 64, &config),
        TP_EBUSY);
    shut_gate();
    close_one(t);
    open_gate();
}

static void configure(unsigned thread)
{
    struct tp_config c = config;

    c.subbufs <<= thread;
    c.mode = thread ? TP_OVERWRITE : TP_DISCARD;
    shut_gate();
    allowed("tp_trace_stop", tp_trace_stop(the_trace()));
    allowed("tp_trace_configure", tp_trace_configure(the_trace(), &c));
    open_gate();
}

static void attach(unsigned thread)
{
    struct tp_trace *t = NULL;
    uint8_t bytes[600];

    memcpy(other[thread], image, sizeof(image));
    allowed("tp_trace_attach", tp_trace_attach(&t, other[thread], REGION_BYTES));
    if (!t)
        return;
    TP_CHECK(tp_pipe_read(t, bytes, sizeof(bytes)) > 0);
    TP_CHECK_EQ(tp_filter_set(t, "*", NULL, NULL), TP_EINVAL);
    close_one(t);
}

static void start(unsigned thread)
{
    (void)thread;
    allowed("tp_trace_start", tp_trace_start(the_trace()));
    fire_some();
    wake();
}

static void stop(unsigned thread)
{
    (void)thread;
    allowed("tp_trace_stop", tp_trace_stop(the_trace()));
    fire_some();
}

static struct tp_event added[2] = {
    {.layout = TP_EVENT_LAYOUT, .sys = "lifemod", .name = "zero", .fmt = "", .bytes = 0},
    {.layout = TP_EVENT_LAYOUT, .sys = "lifemod", .name = "one", .fmt = "", .bytes = 0},
};

/* What fails takes a name that is there. */
static void module(unsigned thread)
{
    static struct tp_event *sections[2][1] = {{&added[0]}, {&added[1]}};
    static struct tp_event bad = {
        .layout = TP_EVENT_LAYOUT, .sys = "life", .name = "wake", .fmt = "", .bytes = 0};
    static struct tp_event *const bad_section[] = {&bad};
    struct tp_event *const *s = sections[thread];
    int err;

    if (thread && __atomic_load_n(&adds, __ATOMIC_RELAXED) & 1)
        maybe("tp_events_add", tp_events_add(bad_section, bad_section + 1), TP_EEXIST);
    if (__atomic_fetch_add(&adds, 1, __ATOMIC_RELAXED) >= MODULE_ADDS)
        return;
    err = tp_events_add(s, s + 1);
    allowed("tp_events_add", err);
    if (err)
        return;
    maybe("tp_trace_enable", tp_trace_enable(the_trace(), "lifemod"), TP_ENOENT);
    while ((err = tp_events_remove(s)) == TP_EBUSY)
        sched_yield();
    TP_CHECK_EQ(err, 0);
    TP_CHECK_EQ(__atomic_load_n(&added[thread].mask, __ATOMIC_RELAXED), 0);
    while (tp_probe_synchronize()) /* before its memory is used again */
        sched_yield();
}

static void names(unsigned thread)
{
    static uint32_t n;
    char name[17];
    struct tp_task task;

    snprintf(name, sizeof(name), "%u", __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED));
    tp_task_name(thread, 0, name);
    tp_task_read(the_trace(), thread, &task);
}

static void wall(unsigned thread)
{
    tp_clock_set_wall(1000000000000000000u + thread);
    wake();
}

static void triggers(unsigned thread)
{
    char text[80];

    if (thread) {
        maybe("tp_trigger_set", tp_trigger_set(the_trace(), "life:wake", "count", NULL), TP_EEXIST);
        maybe("tp_trigger_set", tp_trigger_set(the_trace(), "life:wake", "!count", NULL),
              TP_ENOENT);
    }
    for (unsigned i = 0; i < 4; i++) {
        wake();
        maybe("tp_trigger_get",
              tp_trigger_get(the_trace(), &tp_event_life_wake, i, text, sizeof(text)), TP_ENOENT);
    }
}

static void snapshot(unsigned thread)
{
    uint8_t bytes[900];

    if (thread)
        allowed("tp_snapshot_begin", tp_snapshot_begin(the_trace()));
    wake();
    allowed("tp_snapshot_read", tp_snapshot_read(the_trace(), bytes, sizeof(bytes)));
}

static void read_pipe(unsigned thread)
{
    uint8_t bytes[900];
    struct tp_trace_stats stats;

    if (thread)
        allowed("tp_snapshot_read", tp_snapshot_read(the_trace(), bytes, sizeof(bytes)));
    else
        allowed("tp_pipe_read", tp_pipe_read(the_trace(), bytes, sizeof(bytes)));
    allowed("tp_trace_stats", tp_trace_stats(the_trace(), thread, &stats));
    tp_pipe_flush(the_trace());
    tp_pipe_sleep(the_trace());
    tp_pipe_ended(the_trace());
}

static void choose(unsigned thread)
{
    struct tp_rule_stats stats;

    allowed("tp_trace_enable",
            (thread ? tp_trace_enable : tp_trace_disable)(the_trace(), "life:turn"));
    allowed("tp_trace_enable",
            (thread ? tp_trace_disable : tp_trace_enable)(the_trace(), "stress"));
    tp_rule_stats(the_trace(), &tp_event_life_turn, &stats);
}

static void rules(unsigned thread)
{
    char text[TP_FILTER_TEXT_MAX + 1];

    allowed("tp_filter_set",
            tp_filter_set(the_trace(), "life:turn", thread ? "n < 2" : "n > 1", NULL));
    allowed("tp_sample_set", tp_sample_set(the_trace(), "life:turn", 1 + thread));
    maybe("tp_filter_get", tp_filter_get(the_trace(), &tp_event_life_turn, text, sizeof(text)),
          TP_ENOENT);
    allowed("tp_filter_set", tp_filter_set(the_trace(), "life:turn", NULL, NULL));
}

static void tree(unsigned thread)
{
    static const char *const paths[] = {"tracing_on",
                                        "available_events",
                                        "buffer_size_kb",
                                        "events/life/turn/filter",
                                        "events/life/wake/trigger",
                                        "per_cpu/cpu1/stats",
                                        "saved_cmdlines",
                                        "set_event"};
    static uint32_t turn;
    char bytes[300];
    uint32_t n = __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED);

    maybe("tp_tree_read", tp_tree_read(paths[n % 8], 0, bytes, sizeof(bytes)), TP_ENOENT);
    maybe("tp_tree_list", tp_tree_list("instances", 0, bytes, sizeof(bytes)), TP_ENOENT);
    maybe("tp_tree_write", tp_tree_write("tracing_on", n & 1 ? "1" : "0", 1, NULL), TP_ENOENT);
    if (thread)
        maybe("tp_tree_write", tp_tree_write("events/life/turn/enable", "1", 1, NULL), TP_ENOENT);
}

/* --- each against each --- */

static const struct call {
    const char *name;
    void (*call)(unsigned thread);
    bool exact; /* beside it what is fired is recorded or counted */
} calls[] = {
    {"open, close", cycle, false}, {"configure", configure, false}, {"attach", attach, true},
    {"start", start, false},       {"stop", stop, false},           {"modules", module, true},
    {"names", names, true},        {"wall clock", wall, false},     {"triggers", triggers, false},
    {"snapshot", snapshot, false}, {"reading", read_pipe, true},    {"enable", choose, false},
    {"filter", rules, false},      {"tree", tree, false},
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

struct racer {
    const struct call *call;
    unsigned thread;
    uint32_t rounds;
    uint32_t *going; /* racers that have not done theirs; all go on until they have */
};

static void *race(void *arg)
{
    struct racer *r = arg;

    tp_hosted_cpu = r->thread;
    for (uint32_t n = 0; n < r->rounds; n++)
        r->call->call(r->thread);
    __atomic_fetch_sub(r->going, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(r->going, __ATOMIC_ACQUIRE))
        r->call->call(r->thread);
    return NULL;
}

/* The names are in the region, whole. */
static void check_names(void)
{
    const struct tp_wire_region *h = (const void *)region;
    const struct tp_wire_task *entry = (const void *)(region + h->tasks_at +
                                                      sizeof(struct tp_wire_tasks));
    struct tp_task task;

    for (uint32_t i = 0; i < h->tasks; i++) {
        if (!tp_task_read(the_trace(), i, &task))
            continue;
        TP_CHECK_EQ(entry[i].id, task.id);
        TP_CHECK(!memcmp(entry[i].name, task.name, strlen(task.name)));
    }
}

static void check_books(uint64_t expected)
{
    struct tp_trace_stats stats;
    uint64_t sum = 0;

    for (uint32_t cpu = 0; cpu < config.cpus; cpu++) {
        TP_CHECK_EQ(tp_trace_stats(the_trace(), cpu, &stats), 0);
        sum += stats.read + stats.unread + stats.unfinished;
        for (unsigned i = 0; i < 5; i++)
            sum += stats.lost[i];
    }
    TP_CHECK_EQ(sum, expected);
}

/* Another trace has the slot: it runs when it is started, and not before. */
static void check_slot(void)
{
    TP_CHECK_EQ(tp_running, 0);
    shared = open_one();
    TP_CHECK_EQ(tp_trace_number(shared), 0);
    trace_life_turn(1);
    check_books(0);
    TP_CHECK_EQ(tp_trace_start(shared), 0);
    TP_CHECK_EQ(tp_trace_start(shared), TP_EBUSY);
    trace_life_turn(2);
    trace_life_turn(3);
    TP_CHECK_EQ(tp_trace_stop(shared), 0);
    check_books(2);
    close_one(shared);
}

static void race_pair(const struct call *a, const struct call *b, uint32_t rounds)
{
    bool exact = a->exact && b->exact;
    uint32_t going = 2;
    struct racer racer[2] = {{a, 0, rounds, &going}, {b, 1, rounds, &going}};
    pthread_t thread[2], firing;

    adds = 0;
    memset(fired, 0, sizeof(fired));
    shared = open_one();
    if (exact) {
        while (tp_trigger_set(shared, "life:wake", "!traceoff", NULL) == TP_EBUSY)
            ;
        TP_CHECK_EQ(tp_trace_start(shared), 0);
    }
    stop_firing = false;
    pthread_create(&firing, NULL, fire, NULL);
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, race, &racer[i]);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    __atomic_store_n(&stop_firing, true, __ATOMIC_RELEASE);
    pthread_join(firing, NULL);
    tp_hosted_cpu = 0;
    check_names();
    if (exact)
        check_books(fired[0] + fired[1] + fired[2]);
    close_one(shared);
    check_slot();
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
}

/* What tp_trace_attach is given. */
static void make_image(void)
{
    tp_hosted_cpu = 0;
    shared = open_one();
    TP_CHECK_EQ(tp_trace_start(shared), 0);
    trace_life_turn(1);
    memcpy(image, region, sizeof(image));
    close_one(shared);
}

static void race_with_each(const struct call *a)
{
    static uint8_t memory[1 << 17] __attribute__((aligned(16)));
    const char *rounds = getenv("TP_ROUNDS");
    uint32_t n = rounds ? (uint32_t)atoi(rounds) : (uint32_t)stress_events(100, 100);

    tp_control_set_memory(memory, sizeof(memory),
                          STRESS_CPUS); /* one for all tests; another one may have been first */
    make_image();
    for (const struct call *b = a; b < &calls[CALLS]; b++)
        race_pair(a, b, n);
}

#define RACE(n, name)                                                                              \
    TP_TEST(Lifecycle, name)                                                                       \
    {                                                                                              \
        race_with_each(&calls[n]);                                                                 \
    }
RACE(0, OpenAndClose)
RACE(1, Configure)
RACE(2, Attach)
RACE(3, Start)
RACE(4, Stop)
RACE(5, Modules)
RACE(6, Names)
RACE(7, WallClock)
RACE(8, Triggers)
RACE(9, Snapshot)
RACE(10, Reading)
RACE(11, Enable)
RACE(12, Filter)
RACE(13, Tree)

/* --- one in n, of all CPUs --- */

static void *fire_turns(void *arg)
{
    tp_hosted_cpu = (uint32_t)(uintptr_t)arg;
    for (uint32_t i = 0; i < 30000; i++)
        trace_life_turn(i);
    return NULL;
}

TP_TEST(Lifecycle, OneInSevenOfAllCpus)
{
    struct tp_rule_stats stats;
    pthread_t thread[2];

    race_pair(&calls[10], &calls[10], 1); /* memory, and that all is well */
    shared = open_one();
    TP_CHECK_EQ(tp_sample_set(shared, "life:turn", 7), 0);
    TP_CHECK_EQ(tp_trace_start(shared), 0);
    for (uintptr_t i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, fire_turns, (void *)i);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    TP_CHECK_EQ(tp_trace_stop(shared), 0);
    tp_rule_stats(shared, &tp_event_life_turn, &stats);
    TP_CHECK_EQ(stats.suppressed, 60000 - 60000 / 7 - 1);
    check_books(60000 / 7 + 1);
    close_one(shared);
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
}
