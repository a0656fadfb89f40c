/* SPDX-License-Identifier: MIT */
/*
 * A program that patches itself.
 *
 *     live            what the sites are after each call, and what is recorded
 *     live SWITCHES   one thread fires, another switches the event on and off so often
 *
 * Exits 0, or says what is wrong.
 */
#define _GNU_SOURCE
#define TP_CREATE
#include "events.h"
#include "fire.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <tp/control.h>
#include <tp/trace.h>
#include <unistd.h>

/* From the manuals, not from the engine. */
#if defined(__x86_64__)
static const uint8_t nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
#elif defined(__aarch64__)
static const uint8_t nop[] = {0x1f, 0x20, 0x03, 0xd5};
#else
static const uint8_t nop[] = {0x13, 0x00, 0x00, 0x00};
#endif

#define CHECK(cond) check(cond, #cond, __LINE__)
static void check(bool good, const char *what, int line)
{
    if (good)
        return;
    printf("line %d: %s\n", line, what);
    exit(1);
}

/* --- the port --- */

static uint32_t patches;
static bool refuse;
static void (*interrupt)(void); /* called in the middle of a patch, once */

static void make_writable(void)
{
    extern char __executable_start[], etext[];
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
              start = (uintptr_t)__executable_start & -page;

    CHECK(!mprotect((void *)start, ((uintptr_t)etext + page - start) & -page,
                    PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* One aligned store; then every thread passes an instruction that makes it fetch again. */
bool live_patch(void *site, const void *bytes, size_t n)
{
    uintptr_t block = (uintptr_t)site & -(uintptr_t)TP_SITE_BLOCK;
    void (*now)(void) = interrupt;
    uint64_t word = 0;

    interrupt = NULL;
    if (now)
        now();
    if (refuse)
        return false;
    CHECK(n == sizeof(nop) && (uintptr_t)site + n <= block + TP_SITE_BLOCK);
    memcpy(&word, (void *)block, TP_SITE_BLOCK);
    memcpy((uint8_t *)&word + ((uintptr_t)site - block), bytes, n);
#if TP_SITE_BLOCK == 8
    __atomic_store_n((uint64_t *)block, word, __ATOMIC_RELEASE);
#else
    __atomic_store_n((uint32_t *)block, (uint32_t)word, __ATOMIC_RELEASE);
#endif
    __builtin___clear_cache((char *)block, (char *)block + TP_SITE_BLOCK);
#if defined(__x86_64__)
    CHECK(!syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
#endif
    patches++;
    return true;
}

/* --- sites --- */

extern const struct tp_site __start_tp_sites[] __attribute__((visibility("hidden")));
extern const struct tp_site __stop_tp_sites[] __attribute__((visibility("hidden")));

/* Never called: a site that should jump out of reach, up or down, whichever of the two it is from its
 * entry. */
__attribute__((used)) void far_site(void);
void far_site(void)
{
    __asm__ __volatile__(TP_SITE_NOP TP_SITE_ENTRY("0x7fffffff", "tp_event_live_far")
                             TP_SITE_ENTRY("-0x80000000", "tp_event_live_far")
                         :
                         :
                         : "memory");
    trace_live_far();
}

/* How many sites the event has, and that all of them are nops, or none. */
static int sites(const struct tp_event *e, bool on)
{
    int found = 0;

    for (const struct tp_site *s = __start_tp_sites; s != __stop_tp_sites; s++) {
        if ((uintptr_t)&s->event + (uintptr_t)(intptr_t)s->event != (uintptr_t)e)
            continue;
        found++;
        if (!memcmp((const char *)&s->code + s->code, nop, sizeof(nop)) == on)
            return -1;
    }
    return found;
}

static uint8_t region[1 << 20] __attribute__((aligned(64)));
static uint8_t memory[8192] __attribute__((aligned(16)));
static struct tp_trace *trace;

static uint32_t unread(void)
{
    struct tp_trace_stats stats;

    CHECK(!tp_trace_stats(trace, 0, &stats) && !stats.lost[0]);
    return stats.unread;
}

/* Fires all, and says how many were recorded. */
static uint32_t recorded(void)
{
    uint32_t before = unread();

    fire_all();
    return unread() - before;
}

static uint32_t probed;
static void probe(void *data, uint32_t n)
{
    (void)data;
    probed += n;
}

/* Inside an event the port may not patch. */
static void probe_enables(void *data, uint32_t n)
{
    (void)data;
    (void)n;
    refuse = true;
    CHECK(!tp_trace_enable(trace, "live:other"));
    refuse = false;
}

static void one_thread(void)
{
    const int own = sites(&tp_event_live_n, false);
    uint32_t before;

    /* Opened and not started: nops. */
    CHECK(own >= 1 && sites(&tp_event_live_other, false) >= 1);
    CHECK(recorded() == 0 && !fire_enabled() && patches == 0);
    /* Started: jumps, each once. */
    CHECK(!tp_trace_start(trace));
    CHECK(sites(&tp_event_live_n, true) == own && recorded() == 4 && fire_enabled());
    before = patches;
    CHECK(before == (uint32_t)(__stop_tp_sites - __start_tp_sites) -
                        (uint32_t)sites(&tp_event_live_far, false));
    CHECK(!tp_trace_enable(trace, "live:n") && !tp_trace_enable(trace, "live:other") &&
          patches == before);
    /* One event and not another. */
    CHECK(!tp_trace_disable(trace, "live:n"));
    CHECK(sites(&tp_event_live_n, false) == own && sites(&tp_event_live_other, true) > 0);
    CHECK(patches == before + (uint32_t)own && recorded() == 2);
    /* A probe wants it too; it is not the trace's. */
    CHECK(!register_trace_live_n(probe, NULL) && sites(&tp_event_live_n, true) == own);
    CHECK(recorded() == 2 && probed == 3);
    CHECK(!unregister_trace_live_n(probe, NULL) && sites(&tp_event_live_n, false) == own);
    CHECK(recorded() == 2 && probed == 3);
    /* A filter is not a mask of 0. */
    CHECK(!tp_trace_enable(trace, "live:n") && !tp_filter_set(trace, "live:n", "n == 2", NULL));
    CHECK(sites(&tp_event_live_n, true) == own && recorded() == 3);
    CHECK(!tp_filter_set(trace, "live:n", NULL, NULL) && recorded() == 4);
}

static void triggers(void)
{
    const int own = sites(&tp_event_live_n, true);
    uint32_t before;

    /* What a trigger stops stays as it is, until the next call. */
    CHECK(!tp_trigger_set(trace, "live:trigger", "traceoff", NULL));
    before = patches;
    CHECK(recorded() == 4 && !tp_event_live_n.mask && patches == before);
    CHECK(sites(&tp_event_live_n, true) == own && recorded() == 0 && !fire_enabled());
    CHECK(!tp_sites_patch() && sites(&tp_event_live_n, false) == own && recorded() == 0);
    CHECK(!tp_trigger_set(trace, "live:trigger", "!traceoff", NULL));
    /* What a trigger may start has jumps before it does. */
    CHECK(!tp_trigger_set(trace, "live:trigger", "traceon", NULL));
    before = patches;
    CHECK(sites(&tp_event_live_n, true) == own);
    CHECK(recorded() == 0); /* from the trigger on */
    CHECK(recorded() == 4 && patches == before);
    CHECK(!tp_trace_stop(trace) && sites(&tp_event_live_n, true) == own);
    CHECK(!tp_trace_disable(trace, "live:n") && sites(&tp_event_live_n, false) == own);
    CHECK(!tp_trigger_set(trace, "live:trigger", "!traceon", NULL));
    CHECK(sites(&tp_event_live_other, false) > 0 && recorded() == 0);
    CHECK(!tp_trace_enable(trace, "live:n") && sites(&tp_event_live_n, false) == own);
}

/* Whoever comes in the middle of it is told so, and served by whom it has interrupted. */
static void enable_n(void)
{
    CHECK(!tp_trace_enable(trace, "live:n") && tp_sites_patch() == TP_EBUSY);
}

static void enable_other(void)
{
    CHECK(!tp_trace_enable(trace, "live:other") && tp_sites_patch() == TP_EBUSY);
}

static void interrupted(void)
{
    static void (*const both[2])(void) = {enable_n, enable_other};

    for (int i = 0; i < 2; i++) { /* the site of one is looked at before that of the other */
        CHECK(!tp_trace_start(trace) && !tp_trace_disable(trace, "live:n") &&
              !tp_trace_disable(trace, "live:other"));
        interrupt = both[i];
        CHECK(!tp_trace_enable(trace, i ? "live:n" : "live:other") && !interrupt &&
              recorded() == 4);
        CHECK(!tp_trace_stop(trace) && recorded() == 0);
    }
}

static void too_far(void)
{
    CHECK(!tp_trace_start(trace) && !tp_trace_enable(trace, "live:far") &&
          tp_sites_patch() == TP_ELIMIT);
    CHECK(recorded() == 4);
    CHECK(!tp_trace_disable(trace, "live:far") && !tp_sites_patch() && !tp_trace_stop(trace));
}

static void refused(void)
{
    refuse = true;
    CHECK(!tp_trace_start(trace) && recorded() == 0 && tp_sites_patch() == TP_EBUSY);
    refuse = false;
    CHECK(!tp_sites_patch() && recorded() == 4);
    CHECK(!tp_trace_disable(trace, "live:other"));
    CHECK(!register_trace_live_n(probe_enables, NULL));
    CHECK(recorded() == 3 && recorded() == 3); /* twice enabled, and still a nop */
    CHECK(!tp_sites_patch() && recorded() == 4);
    CHECK(!unregister_trace_live_n(probe_enables, NULL));
    refuse = true;
    CHECK(!tp_trace_stop(trace) && recorded() == 0 && !fire_enabled());
    refuse = false;
    CHECK(sites(&tp_event_live_n, true) > 0 && !tp_trace_close(trace) &&
          sites(&tp_event_live_n, false) > 0);
}

/* --- two threads --- */

#define GRANT 30      /* calls for each switch, so that the ring never is full */
#define WAIT_EVERY 64 /* for it to go on, and not only to be allowed to */
#define SURE_EVERY 256
#define SURE 10 /* calls while nothing changes */
#define DRAIN_EVERY 128

static uint32_t granted, done, ending;

/* A processor of its own for each, if there are two. */
static void move_to(int nth)
{
    cpu_set_t all, one;

    CPU_ZERO(&one);
    CHECK(!sched_getaffinity(0, sizeof(all), &all));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && nth-- == 0)
            CPU_SET(cpu, &one);
    if (CPU_COUNT(&one))
        sched_setaffinity(0, sizeof(one), &one);
}

/* For a while without giving the processor away. */
static void wait_a_little(uint32_t *turns)
{
    if (++*turns % 4096 == 0)
        sched_yield();
}

static void *firer(void *arg)
{
    uint32_t n = 0, turns = 0;

    (void)arg;
    move_to(1);
    tp_hosted_cpu = 0;
    while (!__atomic_load_n(&ending, __ATOMIC_ACQUIRE)) {
        if (n == __atomic_load_n(&granted, __ATOMIC_ACQUIRE)) {
            wait_a_little(&turns);
            continue;
        }
        fire_n(++n);
        __atomic_store_n(&done, n, __ATOMIC_RELEASE);
    }
    return NULL;
}

static struct {
    uint32_t from, to;
    bool on;
} * sure; /* calls (from, to] were, or were not recorded */
static uint32_t sures, sure_now, sure_recorded, last, records;

/* Those up to n are over. */
static void sure_until(uint32_t n)
{
    for (; sure_now < sures && n > sure[sure_now].to; sure_now++) {
        CHECK(sure_recorded == (sure[sure_now].on ? SURE : 0));
        sure_recorded = 0;
    }
}

/* Each n that was recorded, in order. */
static void take(uint32_t n)
{
    CHECK(n > last && n <= done);
    sure_until(n);
    sure_recorded += sure_now < sures && n > sure[sure_now].from;
    last = n;
    records++;
}

static void take_chunk(const uint8_t *chunk, const struct tp_wire_chunk *h)
{
    uint32_t w[3];

    for (size_t r = sizeof(*h); h->type == TP_CHUNK_DATA && r < h->size_bytes;
         r += TP_RECORD_UNITS(w[1]) * 8) {
        memcpy(w, chunk + r, sizeof(w));
        if (TP_RECORD_ID(w[1]) == tp_event_live_n.id)
            take(w[2]);
    }
}

static void drain(void)
{
    static uint8_t kept[1 << 18];
    static size_t bytes;
    long n;

    tp_pipe_flush(trace);
    while ((n = tp_pipe_read(trace, kept + bytes, sizeof(kept) - bytes)) > 0) {
        struct tp_wire_chunk h;
        size_t at = 0;

        bytes += (size_t)n;
        for (; bytes - at >= sizeof(h); at += h.size_bytes) {
            memcpy(&h, kept + at, sizeof(h));
            if (bytes - at < h.size_bytes)
                break;
            take_chunk(kept + at, &h);
        }
        memmove(kept, kept + at, bytes -= at);
    }
    CHECK(n == 0);
}

static void wait_for(uint32_t n)
{
    uint32_t turns = 0;

    while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) < n)
        wait_a_little(&turns);
}

static void grant(uint32_t calls)
{
    __atomic_store_n(&granted, granted + calls, __ATOMIC_RELEASE);
}

static void two_threads(uint32_t switches)
{
    struct tp_trace_stats stats;
    uint32_t live = 0;
    pthread_t thread;

    sure = calloc(switches, sizeof(*sure));
    CHECK(sure && !tp_trace_start(trace) && !tp_trace_disable(trace, "*"));
    CHECK(!pthread_create(&thread, NULL, firer, NULL)); /* it may be anywhere, and then: */
    move_to(0);
    for (uint32_t i = 0; i < switches; i++) {
        bool on = i % 2 == 0;
        uint32_t before = granted;

        grant(GRANT);
        if (i % WAIT_EVERY == 0)
            wait_for(before + 1);
        before = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
        CHECK(!(on ? tp_trace_enable : tp_trace_disable)(trace, "live:n"));
        live += before != __atomic_load_n(&done, __ATOMIC_ACQUIRE);
        if (i % SURE_EVERY < 2) {
            wait_for(granted); /* nobody is inside an event any more */
            sure[sures].from = granted;
            grant(SURE);
            wait_for(granted);
            sure[sures].to = granted;
            sure[sures++].on = on;
        }
        if (i % DRAIN_EVERY == 0)
            drain();
    }
    wait_for(granted);
    __atomic_store_n(&ending, 1, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    CHECK(!tp_trace_stop(trace));
    while (!tp_pipe_ended(trace))
        drain();
    CHECK(!tp_trace_stats(trace, 0, &stats) && stats.read == records && !stats.unread &&
          !stats.lost[0]);
    sure_until(UINT32_MAX); /* nothing came behind these */
    CHECK(patches >= switches);
    printf("%u switches, %u while events were fired, %u patches, %u calls, %u recorded, %u times "
           "sure\n",
           switches, live, patches, done, records, sures);
}

int main(int argc, char **argv)
{
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 16384, .subbufs = 32};

    make_writable();
#if defined(__x86_64__)
    CHECK(!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
#endif
    tp_hosted_cpu = 0;
    CHECK(!tp_control_set_memory(memory, sizeof(memory), 1));
    CHECK(!tp_trace_open(&trace, region, sizeof(region), &config) &&
          !tp_trace_disable(trace, "live:far"));
    if (argc > 1) {
        tp_hosted_cpu = 1;
        two_threads((uint32_t)atoi(argv[1]));
        return 0;
    }
    one_thread();
    triggers();
    interrupted();
    too_far();
    refused();
    return 0;
}
