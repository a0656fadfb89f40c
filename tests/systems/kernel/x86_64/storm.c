/* SPDX-License-Identifier: MIT */
/*
 * NMIs everywhere: a writer on CPU 0, and on CPU 1 a thread that sends it NMIs, whose handler fires
 * too, and reads the pipe meanwhile. Counts on which instruction each one came. Before, the writer
 * runs under the trap flag for a while, which tells the instructions that it executes: on each of
 * these an NMI should have come. With `fn` what is fired are a function's entries and returns. storm_test.sh knows which of them are the engine's.
 */
#include "kernel.h"

#include "events.h"

#define TEXT_BYTES_MAX 262144u
#define STEPPED_TURNS 100 /* enough for several sub-buffers */
#define FLAGS_TF 0x100u
#define DELAY_MAX 64 /* turns of an empty loop between two NMIs */
#define ROUND 750    /* from an empty buffer; a little more than fits */
#define NMIS_PER_USEFUL_MAX 20u
#define PIECE_NMIS 8 /* a piece of the dump is exported each time */

extern const uint8_t text_start[], text_end[];

static uint32_t hits[TEXT_BYTES_MAX];
static bool executed[TEXT_BYTES_MAX];
static uint64_t nmis_sent, nmis_taken, nmis_useful, nmis_wanted; /* useful: on what was executed */
static bool stepped, coming, waiting, writer_ended, sender_ended;

static uint64_t offset_of(const struct regs *r)
{
    uint64_t offset = r->rip - (uint64_t)text_start;

    if (offset >= TEXT_BYTES_MAX)
        panic("storm: outside of the text", r);
    return offset;
}

void storm_hit(const struct regs *r)
{
    uint64_t offset = offset_of(r);

    hits[offset]++;
    __atomic_store_n(&nmis_useful, nmis_useful + executed[offset], __ATOMIC_RELAXED);
    __atomic_store_n(&coming, false, __ATOMIC_RELAXED);
    __atomic_store_n(&nmis_taken, nmis_taken + 1, __ATOMIC_RELEASE);
}

void storm_next(void)
{
    if (nmis_wanted)
        cpu_signal(false, VECTOR_WAKE);
}

void storm_step(const struct regs *r)
{
    executed[offset_of(r)] = true;
}

static void turns(uint32_t from, uint32_t count)
{
    preempt_off();
    for (uint32_t n = from; n < from + count; n++) {
        if (option(OPT_FN)) {
            known_leaf(n);
            continue;
        }
        FIRE_PINNED(job_item, n, n);
        FIRE_PINNED(syscall_log, n % 2 ? "storm" : "");
    }
    preempt_on();
}

/* Without interrupts, which would be stepped through as well. */
static void step(void)
{
    uint64_t flags = irq_save();

    __asm__ __volatile__("pushfq; orq %0, (%%rsp); popfq" : : "i"(FLAGS_TF) : "memory", "cc");
    turns(0, STEPPED_TURNS);
    __asm__ __volatile__("pushfq; andq %0, (%%rsp); popfq" : : "i"(~FLAGS_TF) : "memory", "cc");
    irq_restore(flags);
}

/* How many come where the writer is depends on what else the host has to do. */
static bool enough(void)
{
    return __atomic_load_n(&nmis_useful, __ATOMIC_RELAXED) >= nmis_wanted ||
           __atomic_load_n(&nmis_taken, __ATOMIC_RELAXED) >= NMIS_PER_USEFUL_MAX * nmis_wanted;
}

static void writer(void *arg)
{
    (void)arg;
    step();
    __atomic_store_n(&stepped, true, __ATOMIC_RELEASE);
    for (uint32_t n = 1; !enough(); n++) {
        turns(n, 1 + n % 3);
        /* Not more than a few events for each NMI: they are to be exported, byte by byte. */
        while (!__atomic_load_n(&coming, __ATOMIC_RELAXED) && !enough())
            ; /* without a pause: TCG takes that for a good moment for interrupts */
        if (n % ROUND)
            continue;
        __atomic_store_n(&waiting, true, __ATOMIC_RELEASE);
        while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE))
            thread_sleep(1);
    }
    __atomic_store_n(&writer_ended, true, __ATOMIC_RELEASE);
    thread_exit(0);
}

/* Two NMIs that meet are one. And when both CPUs share one of the host, who waits must not hold it. */
static void send(void)
{
    uint64_t before = nmis_taken;

    cpu_signal(false, VECTOR_NMI);
    nmis_sent++;
    __asm__ __volatile__("cli");
    while (__atomic_load_n(&nmis_taken, __ATOMIC_ACQUIRE) == before)
        __asm__ __volatile__("sti; hlt; cli" : : : "memory");
    __asm__ __volatile__("sti");
}

static void sender(void *arg)
{
    uint32_t random = 1;

    while (!__atomic_load_n(&stepped, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
    while (!__atomic_load_n(&writer_ended, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&coming, true, __ATOMIC_RELAXED);
        random = random * 1664525u + 1013904223u;
        for (volatile uint32_t i = 0; i < (random >> 16) % DELAY_MAX; i++)
            ;
        send();
        if (nmis_sent % PIECE_NMIS == 0)
            export_piece(arg); /* beside the writer */
        if (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE)) {
            export_drain(arg);
            __atomic_store_n(&waiting, false, __ATOMIC_RELEASE);
        }
    }
    __atomic_store_n(&sender_ended, true, __ATOMIC_RELEASE);
    thread_exit(0);
}

void storm_run(struct tp_trace *trace, uint64_t nmis)
{
    if (text_end - text_start > TEXT_BYTES_MAX)
        panic("storm: the text has grown", NULL);
    nmis_wanted = nmis;
    if (option(OPT_FN))
        functions_follow_leaf(true);
    if (!thread_start("sender", sender, trace, 1) || !thread_start("writer", writer, NULL, 0))
        panic("storm: no room", NULL);
    while (!__atomic_load_n(&sender_ended, __ATOMIC_ACQUIRE))
        thread_sleep(5);
    if (option(OPT_FN))
        functions_follow_leaf(false);
}

void storm_report(void)
{
    say("storm sent=%lu taken=%lu\n", nmis_sent, nmis_taken);
    for (uint64_t i = 0; i < TEXT_BYTES_MAX; i++)
        if (hits[i] || executed[i])
            say("at %lx hits=%lu executed=%lu\n", (uint64_t)text_start + i, (unsigned long)hits[i],
                (unsigned long)executed[i]);
}
