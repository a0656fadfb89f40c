/* SPDX-License-Identifier: MIT */
/*
 * CPU 1 registers and takes back probes, filters and sampling while CPU 0 fires and is interrupted by
 * its timer and by CPU 1 (by NMIs, where there are any). What a probe is given is dead behind tp_probe_synchronize. The port has no
 * tp_port_barrier_all, so an event makes a fence before it looks at the lists.
 */
#include "kernel.h"

#include <tp/control.h>
#include <tp/port.h>
#include <tp/trace.h>

#include "events.h"

#define MEMORY_BYTES 16384
#define LIVES 1000u /* between two tp_probe_synchronize */
#define TOGETHER 4u
#define NMI_TURNS 8
#define FILTER_TURNS 4
#define SAMPLE_TURNS 5
#define ALIVE 0x11fe11feu
#define DEAD 0x0dead0ffu

enum kind { TYPED, RAW, RECORD, KINDS };

static uint8_t memory[MEMORY_BYTES] __attribute__((aligned(16)));
static uint32_t lives[LIVES];
static unsigned long calls[KINDS], dead, steady, steady_odd, refused;
static unsigned long items, items_odd; /* fired by CPU 0, where both probes that stay are called */
static uint64_t turns_wanted;
static bool changer_ended, writer_ended;

static void called(const void *data, enum kind kind)
{
    if (__atomic_load_n((const uint32_t *)data, __ATOMIC_RELAXED) != ALIVE)
        __atomic_fetch_add(&dead, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&calls[kind], 1, __ATOMIC_RELAXED);
}

static void on_item(void *data, uint32_t n, uint32_t worker)
{
    (void)n;
    (void)worker;
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

static void on_steady(void *data, uint32_t n, uint32_t worker)
{
    (void)n;
    (void)worker;
    __atomic_fetch_add((unsigned long *)data, 1, __ATOMIC_RELAXED);
}

static void on_steady_raw(void *data, const struct tp_event *e, const uint64_t *args,
                          uint32_t count)
{
    (void)e;
    __atomic_fetch_add((unsigned long *)data, count == 2 && args[0] & 1, __ATOMIC_RELAXED);
}

/* --- CPU 1 --- */

static void good(int err)
{
    if (err)
        panic(tp_strerror(err), NULL);
}

/* Once more as long as somebody is in the way. */
#define AGAIN(call)                                                                                \
    do {                                                                                           \
        int err_;                                                                                  \
                                                                                                   \
        while ((err_ = (call)) == TP_EBUSY) {                                                      \
            refused++;                                                                             \
            thread_yield();                                                                        \
        }                                                                                          \
        good(err_);                                                                                \
    } while (0)

static void add(uint32_t n, uint32_t *life)
{
    static const struct tp_probe_options odd = {.filter = "n & 1"};

    *life = ALIVE;
    switch (n % KINDS) {
    case TYPED:
        AGAIN(register_trace_job_item(on_item, life));
        break;
    case RAW:
        AGAIN(tp_probe_raw_add(n % 2 ? "irq:*" : "job:item", on_raw, life, NULL, NULL));
        break;
    default:
        AGAIN(tp_probe_record_add(n % 2 ? "job:item" : "sched:*", on_record, life,
                                  n % 2 ? &odd : NULL, NULL));
    }
}

static void take_back(uint32_t n, uint32_t *life)
{
    switch (n % KINDS) {
    case TYPED:
        AGAIN(unregister_trace_job_item(on_item, life));
        break;
    case RAW:
        AGAIN(tp_probe_raw_remove("*", on_raw, life));
        break;
    default:
        AGAIN(tp_probe_record_remove("*", on_record, life));
    }
}

/* Of items all pass; of boot:life the even ones, always; of mm:pressure what its count does not
 * tell. */
static void change_rules(struct tp_trace *trace, uint32_t n)
{
    static const char *const all[] = {NULL, "n >= 0", "CPU < 2", "worker >= 0 && n >= 0"};
    static const char *const even[] = {"!(n & 1)", "!(n & 1) && CPU < 2", "life == 0 && !(n & 1)"};

    if (n % FILTER_TURNS == 0)
        AGAIN(tp_filter_set(trace, "job:item", all[n / FILTER_TURNS % 4], NULL));
    if (n % FILTER_TURNS == 1)
        AGAIN(tp_filter_set(trace, "boot:life", even[n / FILTER_TURNS % 3], NULL));
    if (n % SAMPLE_TURNS == 0)
        AGAIN(tp_sample_set(trace, "mm:pressure", n / SAMPLE_TURNS % 4));
}

static void changer(void *arg)
{
    for (uint32_t n = 0; n < turns_wanted; n += TOGETHER) {
        uint32_t *life = &lives[n % LIVES];

        for (uint32_t i = 0; i < TOGETHER; i++)
            add(n + i, &life[i]);
        if (n % NMI_TURNS == 0)
            cpu_signal(CPUS == 1, BOARD_NUDGE);
        for (uint32_t i = 0; i < TOGETHER; i++) {
            change_rules(arg, n + i);
            take_back(n + i, &life[i]);
        }
        if ((n + TOGETHER) % LIVES)
            continue;
        AGAIN(tp_probe_synchronize());
        for (uint32_t i = 0; i < LIVES; i++)
            __atomic_store_n(&lives[i], DEAD, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&changer_ended, true, __ATOMIC_RELEASE);
    thread_exit(0);
}

/* --- CPU 0 --- */

static void writer(void *arg)
{
    static const uint16_t zones[ZONES];

    (void)arg;
    for (uint32_t n = 0; !__atomic_load_n(&changer_ended, __ATOMIC_ACQUIRE); n++) {
        FIRE(job_item, n, 0);
        items++;
        items_odd += n & 1;
        if (n % 2)
            trace_boot_life(0, n); /* not in the books: it must not be recorded */
        else
            FIRE(boot_life, 0, n);
        FIRE(mm_pressure, 1, zones);
    }
    __atomic_store_n(&writer_ended, true, __ATOMIC_RELEASE);
    thread_exit(0);
}

static uint64_t suppressed(const struct tp_trace *trace)
{
    struct tp_rule_stats stats;

    tp_rule_stats(trace, &tp_event_mm_pressure, &stats);
    return stats.suppressed;
}

void probes_run(struct tp_trace *trace, uint64_t turns)
{
    struct tp_probe_options odd = {.filter = "n & 1"};
    struct tp_probe_stats stats;

    turns_wanted = turns;
    good(tp_control_set_memory(memory, sizeof(memory), CPUS));
    good(tp_filter_set(trace, "boot:life", "!(n & 1)", NULL));
    good(register_trace_job_item(on_steady, &steady));
    good(tp_probe_raw_add("job:item", on_steady_raw, &steady_odd, &odd, NULL));
    if (!thread_start("changer", changer, trace, CPUS - 1) ||
        !thread_start("writer", writer, NULL, 0))
        panic("probes: no room", NULL);
    while (!__atomic_load_n(&writer_ended, __ATOMIC_ACQUIRE))
        thread_sleep(5);
    good(unregister_trace_job_item(on_steady, &steady));
    good(tp_probe_raw_remove("*", on_steady_raw, &steady_odd));
    tp_probe_stats(&stats);
    books_left_out = suppressed(trace);
    say("probes turns=%lu typed=%lu raw=%lu record=%lu refused=%lu recursion=%lu\n",
        (unsigned long)turns, calls[TYPED], calls[RAW], calls[RECORD], refused,
        (unsigned long)stats.recursion);
    say("probes dead=%lu missed=%lu\n", dead, items - steady + items_odd - steady_odd);
}
