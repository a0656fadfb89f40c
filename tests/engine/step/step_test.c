/* SPDX-License-Identifier: MIT */
/*
 * Every instruction: an event is fired one instruction at a time, and at each something happens
 * that can happen there - an interrupt that fires others, a reader on another CPU, the end of its
 * writer, a look at the memory. Then it goes on, and the books must balance.
 */
#include "tp_test.h"

#include <stdio.h>

#if defined(__x86_64__) && defined(__linux__)
#include "../../../engine/core/core.h"
#include "check.h"
#include "guest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURN (1ull << 32) /* here the upper half of the counter changes */

static const struct step_scene variants[] = {
    {"fits", SHOT_SMALL, 10, 0, .traces = 1},
    {"fits to the byte", SHOT_SMALL, 1, 0, .traces = 1},
    {"next sub-buffer", SHOT_SMALL, 0, 0, .traces = 1},
    {"full", SHOT_SMALL, 0, 0, .traces = 1, .full = true},
    {"full, time stamp", SHOT_SMALL, 0, TURN, .traces = 1, .full = true},
    {"full but for a time stamp", SHOT_SMALL, 1, TURN, .traces = 1, .full = true},
    {"full, context", SHOT_SMALL, 0, 0, .traces = 1, .context = true, .full = true},
    {"time stamp", SHOT_SMALL, 10, TURN, .traces = 1},
    {"time stamp does not fit", SHOT_SMALL, 1, TURN, .traces = 1},
    {"time stamp soon", SHOT_SMALL, 10, TURN - 2, .traces = 1},
    {"next sub-buffer, time stamp soon", SHOT_SMALL, 0, TURN - 2, .traces = 1},
    {"next sub-buffer behind a time stamp", SHOT_SMALL, 0, TURN, .early = true, .traces = 1},
    {"text", SHOT_TEXT, 10, 0, .traces = 1},
    {"text, next sub-buffer", SHOT_TEXT, 1, 0, .traces = 1},
    {"context", SHOT_SMALL, 8, 0, .traces = 1, .context = true},
    {"context, next sub-buffer", SHOT_SMALL, 0, 0, .traces = 1, .context = true},
    {"too large", SHOT_BIG, 10, 0, .traces = 1},
    {"printk", SHOT_PRINTK, 10, 0, .traces = 1},
    {"printk, next sub-buffer", SHOT_PRINTK, 0, 0, .traces = 1},
    {"two traces", SHOT_SMALL, 10, 0, .traces = 2},
    {"two traces, next sub-buffer", SHOT_SMALL, 0, 0, .traces = 2},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static struct guest guest[2], guest_saved[2];
static struct world saved, saved_1;
static unsigned long steps, runs;

static bool long_run(void)
{
    return getenv("TP_LONG") != NULL;
}

/* One run takes well under a millisecond. */
static void on_alarm(int number)
{
    (void)number;
    printf("# step_test.c: %s, %s: it does not end\n", scene.name, where);
    fflush(stdout);
    _exit(3);
}

/* Each variant in both modes with rings of 2 and of 4 sub-buffers; some of them where it takes
 * long. */
static void each_scene(void (*run)(void), bool all, bool some(const struct step_scene *s))
{
    unsigned long images_before = images;

    guest_init();
    signal(SIGALRM, on_alarm);
    steps = runs = 0;
    for (unsigned i = 0; i < VARIANTS * 4; i++) {
        struct step_scene s = variants[i / 4];

        s.overwrite = i & 1;
        s.subbufs = i & 2 ? 4 : 2;
        if ((s.full && s.overwrite) || (!all && (s.subbufs == 4 || !some(&s))))
            continue;
        world_open(&s);
        run();
    }
    alarm(0);
    printf("# %lu runs, %lu instructions stepped, %lu images read\n", runs, steps,
           images - images_before);
}

static void at(const char *what, unsigned k, unsigned j)
{
    alarm(8);
    snprintf(where, sizeof(where), "%s, %u sub-buffers, %s at instruction %u (%u)",
             scene.overwrite ? "overwrite" : "discard", scene.subbufs, what, k, j);
}

static void step(struct guest *g)
{
    guest_step(g);
    steps++;
}

/* --- what comes in between --- */

enum what { ONE, LESS, RING, TEN, READ, SNAPSHOT, LATE, WHATS };
static const char *const what_name[] = {"one event",          "a ring less one", "a ring",
                                        "ten rings",          "the reader",      "a snapshot",
                                        "the reader gives up"};

static void flush(void)
{
    for (uint32_t t = 0; t < scene.traces; t++)
        tp_pipe_flush(traces[t]);
    drain();
}

/* The reader takes the writer for dead, and then it goes on after all. */
static void give_up(unsigned level)
{
    fire(level, 1);
    flush();
    w->clock += STEP_HZ;
    flush();
    fire(level, ring_events() / 2);
    flush();
}

static void happen(enum what what, unsigned level)
{
    const uint32_t ring = ring_events();
    const uint32_t count[] = {1, ring - 1, ring, 10 * ring};

    w->roomy = (what == ONE || what == READ) && !scene.full && scene.shot != SHOT_BIG;
    if (what == READ)
        flush();
    else if (what == SNAPSHOT)
        snapshot(w->done, w->begun);
    else if (what == LATE)
        give_up(level);
    else
        fire(level, count[what]);
}

static void after(void)
{
    runs++;
    check_images();
    fire(0, 2);
    snapshot(w->done, w->begun);
    finish(0);
}

/* --- the tests --- */

static unsigned path[VARIANTS * 4], paths, base_path;

static void interrupt_all(void)
{
    struct guest *g = &guest[0];
    unsigned k = 0;

    shot_begin(0);
    guest_start(g, shot_0);
    for (;; k++) {
        world_save(&saved);
        guest_saved[0] = *g;
        for (enum what what = 0; what < WHATS; what++) {
            at(what_name[what], k, 0);
            happen(what, 1);
            guest_run(g);
            shot_end(0);
            after();
            world_load(&saved);
            *g = guest_saved[0];
        }
        if (g->done)
            break;
        step(g);
        at("image", k, 0);
        check_images();
    }
    path[paths++] = k;
    if (scene.subbufs == 2)
        printf("# %s, %s: %u instructions\n", scene.name, scene.overwrite ? "overwrite" : "discard",
               k - base_path);
}

/* What the guest and the test take of it: an event that nobody records. */
static unsigned count_base(void)
{
    struct step_scene s = variants[0];
    unsigned k = 0;

    guest_init();
    s.subbufs = 2;
    world_open(&s);
    tp_trace_disable(traces[0], "*");
    for (guest_start(&guest[0], shot_0); !guest[0].done; k++)
        guest_step(&guest[0]);
    return k;
}

TP_TEST(Step, EveryInstructionInterrupted)
{
    base_path = count_base();
    paths = 0;
    each_scene(interrupt_all, true, NULL);
}

static bool rare(const struct step_scene *s)
{
    return s->shot == SHOT_SMALL && s->traces == 1 && !s->context && !s->room && !s->full &&
           !s->clock;
}

/* After one event or a ring of them at each instruction: an image at each one behind it. */
static void image_all(void)
{
    struct guest *g = &guest[0];

    shot_begin(0);
    for (guest_start(g, shot_0); !g->done; step(g)) {
        world_save(&saved);
        guest_saved[0] = *g;
        for (enum what what = ONE; what <= (long_run() ? RING : ONE); what += RING - ONE) {
            at(what_name[what], (unsigned)g->regs[REG_RIP], 0);
            happen(what, 1);
            for (check_images(); !g->done; check_images())
                step(g);
            runs++;
            world_load(&saved);
            *g = guest_saved[0];
        }
    }
}

TP_TEST(Step, ImageAtEveryInstruction)
{
    each_scene(image_all, long_run(), rare);
}

/* An interrupt in an interrupt. */
static void nest_inner(unsigned k)
{
    struct guest *g = &guest[1];
    unsigned j = 0;

    shot_begin(1);
    for (guest_start(g, shot_1);; step(g), j++) {
        world_save(&saved_1);
        guest_saved[1] = *g;
        guest_saved[0] = guest[0];
        for (enum what what = ONE; what <= TEN; what += TEN - ONE) {
            at(what_name[what], k, j);
            happen(what, 2);
            guest_run(g);
            shot_end(1);
            guest_run(&guest[0]);
            shot_end(0);
            after();
            world_load(&saved_1);
            *g = guest_saved[1];
            guest[0] = guest_saved[0];
        }
        if (g->done)
            return;
        check_images();
    }
}

static void nest_all(void)
{
    unsigned k = 0;

    shot_begin(0);
    for (guest_start(&guest[0], shot_0); !guest[0].done; step(&guest[0]), k++) {
        struct guest here = guest[0];

        world_save(&saved);
        nest_inner(k);
        world_load(&saved);
        guest[0] = here;
    }
}

static bool fast(const struct step_scene *s)
{
    return s->shot == SHOT_SMALL && s->traces == 1 && s->room == 10 && !s->clock;
}

static bool plain(const struct step_scene *s)
{
    return s->shot == SHOT_SMALL && s->traces == 1 && !s->context;
}

TP_TEST(Step, TwoLevels)
{
    each_scene(nest_all, false, long_run() ? plain : fast);
}

/* The writer dies: its event is counted as missing if its place was taken, else not at all. */
static void die_all(void)
{
    struct guest *g = &guest[0];
    unsigned k = 0, uncounted = 0;

    shot_begin(0);
    for (guest_start(g, shot_0); !g->done; step(g), k++) {
        world_save(&saved);
        at("death", k, 0);
        w->roomy = false;
        fire(0, 3);
        flush();
        w->clock += STEP_HZ + 1;
        flush();
        snapshot(w->begun - 1, w->begun);
        fire(0, 10 * ring_events());
        drain();
        snapshot(w->begun - 1, w->begun);
        uncounted += finish(1) > 0;
        runs++;
        world_load(&saved);
    }
    if (scene.subbufs == 2)
        printf("# %s, %s: %u instructions, the event is in no count at %u\n", scene.name,
               scene.overwrite ? "overwrite" : "discard", k, uncounted);
}

TP_TEST(Step, WriterDies)
{
    each_scene(die_all, true, NULL);
}

/* --- the reader, one instruction at a time, writers in between --- */

static uint8_t copy[65536];
static long copy_bytes;

static void read_pipe(void)
{
    tp_pipe_flush(traces[0]);
    drain();
}

static void read_snapshot(void)
{
    tp_snapshot_begin(traces[0]);
    copy_bytes = tp_snapshot_read(traces[0], copy, sizeof(copy));
}

/* The snapshot is of some moment since `least` events. */
static void check_copy(uint32_t least)
{
    struct told told;

    check_dump(copy, (size_t)copy_bytes, &told);
    if (!told.ended || told.next + told.refused < least || told.next + told.refused > w->begun)
        wrong("snapshot of %llu, not %u to %u", (long long)(told.next + told.refused), least,
              w->begun);
}

static void read_all(void (*reader)(void))
{
    struct guest *g = &guest[0];
    unsigned k = 0;
    uint32_t least;

    fire(0, ring_events() / 2 + 5);
    least = w->begun;
    for (guest_start(g, reader); !g->done; step(g), k++) {
        world_save(&saved);
        guest_saved[0] = *g;
        for (enum what what = ONE; what <= TEN; what++) {
            at(what_name[what], k, 0);
            happen(what, 1);
            w->roomy = false;
            guest_run(g);
            if (reader == read_snapshot)
                check_copy(least);
            after();
            world_load(&saved);
            *g = guest_saved[0];
        }
    }
    if (scene.subbufs == 2)
        printf("# %s, %s: %u instructions\n", reader == read_pipe ? "pipe" : "snapshot",
               scene.overwrite ? "overwrite" : "discard", k);
}

static void pipe_all(void)
{
    read_all(read_pipe);
}

static void snapshot_all(void)
{
    read_all(read_snapshot);
}

TP_TEST(Step, PipeReader)
{
    each_scene(pipe_all, long_run(), fast);
}

TP_TEST(Step, SnapshotReader)
{
    each_scene(snapshot_all, long_run(), fast);
}

/* --- the stack --- */

#define PAINT 0xa5

/* Of the guest's stack, down to the lowest byte that is not as it was painted. */
static size_t stack_of_shot(void)
{
    struct guest *g = &guest[0];
    size_t low = 0;

    shot_begin(0);
    guest_start(g, shot_0);
    memset(g->stack, PAINT, sizeof(g->stack) - 64);
    guest_run(g);
    shot_end(0);
    while (g->stack[low] == PAINT)
        low++;
    return sizeof(g->stack) - low;
}

static size_t base_stack, deepest_fit, deepest, deepest_printk, least_of_two;

/* All are taken from zero but those of two traces: they are with the values, and show that it is
 * measured. */
static void measure_stack(void)
{
    size_t bytes = stack_of_shot() - base_stack;
    bool fits = scene.room == 10 && !scene.clock && scene.shot != SHOT_BIG;
    size_t *most = scene.shot == SHOT_PRINTK ? &deepest_printk : fits ? &deepest_fit : &deepest;

    if (scene.traces > 1)
        least_of_two = bytes < least_of_two ? bytes : least_of_two;
    else if (bytes > *most)
        *most = bytes;
}

/* Twice what a 32-bit processor may take; tests/systems/foreign has that. */
TP_TEST(Step, StackOfAnEvent)
{
    struct step_scene s = variants[0];

    guest_init();
    s.subbufs = 2;
    world_open(&s);
    tp_trace_disable(traces[0], "*");
    base_stack = stack_of_shot();
    deepest_fit = deepest = deepest_printk = 0;
    least_of_two = SIZE_MAX;
    each_scene(measure_stack, true, NULL);
    printf("# stack: %zu bytes if it fits, %zu if not, tp_printk %zu, with values %zu\n",
           deepest_fit, deepest, deepest_printk, least_of_two);
    TP_CHECK_LE(deepest_fit, 256);
    TP_CHECK_LE(deepest, 512);
    TP_CHECK_LE(deepest_printk, 512 + 32);
    TP_CHECK_GE(deepest, deepest_fit);
    TP_CHECK_GE(least_of_two, sizeof(struct tp_filter_value) * TP_FILTER_FIELDS_MAX);
}

/* --- a header that is written while it is looked at --- */

/* The time that the snapshot tells of the first record of a sub-buffer; 0: it tells of none. */
static uint64_t time_in_copy(uint64_t seq)
{
    struct tp_wire_chunk h;

    for (long at = 0; at < copy_bytes; at += h.size_bytes) {
        memcpy(&h, copy + at, sizeof(h));
        if (h.type == TP_CHUNK_DATA && h.records && h.seq == seq)
            return h.time;
    }
    return 0;
}

/* The writer is stopped between its swap and the header of the sub-buffer that it has entered, and
 * goes on, on another CPU, at each instruction of the reader's look at that. As on a processor that
 * orders less, the size of the sub-buffer before is seen already: so the reader has left that. */
static void header_all(void)
{
    struct guest *writer = &guest[0], *reader = &guest[1];
    struct tp_ring *r = traces[0]->ring;
    tp_word old = r->cursor, next = (old | r->mask) + 1;
    unsigned told = 0, k;

    at("the writer", 0, 0);
    shot_begin(0);
    for (guest_start(writer, shot_0); r->cursor == old;)
        step(writer);
    if (r->cursor < next || tp_ring_subbuf(r, next)->time)
        wrong("the writer has entered no sub-buffer");
    tp_ring_subbuf(r, old)->size_bytes = (uint32_t)(old & r->mask);
    for (guest_start(reader, read_snapshot); traces[0]->snapshot->reader[0].place != next;)
        step(reader);
    world_save(&saved);
    memcpy(guest_saved, guest, sizeof(guest));
    for (k = 0; k < 300; k++, runs++) {
        uint64_t time;

        at("the writer goes on", k, 0);
        for (unsigned i = 0; i < k && !reader->done; i++)
            step(reader);
        guest_run(writer);
        guest_run(reader);
        time = time_in_copy(next >> r->shift);
        if (time && time < TURN)
            wrong("a record of %llx is told as of %llx", TURN, (long long)time);
        told += time != 0;
        world_load(&saved);
        memcpy(guest, guest_saved, sizeof(guest));
    }
    if (told < 20)
        wrong("only %u snapshots have the record", told);
}

TP_TEST(Step, HeaderIsNotOlderThanTheLook)
{
    struct step_scene s = {"header", SHOT_SMALL, 0, TURN, .traces = 1, .subbufs = 4};

    guest_init();
    signal(SIGALRM, on_alarm);
    for (unsigned i = 0; i < 2; i++) {
        s.overwrite = i;
        world_open(&s);
        header_all();
    }
    alarm(0);
}

/* --- from outside: a parent that steps a child by ptrace --- */

/* What tp_trace_attach makes of a copy of the region is what the image shows. */
static void check_attached(uint32_t t)
{
    static uint8_t region[REGION_BYTES] __attribute__((aligned(64)));
    uint64_t clock = w->clock;
    struct tp_trace *trace;
    struct image image;
    struct told told;
    long n;

    check_image(w->region[t], &image);
    decode(w->region[t], sizeof(region), image.whole);
    memcpy(region, w->region[t], sizeof(region));
    if (tp_trace_attach(&trace, region, sizeof(region)))
        wrong("tp_trace_attach");
    copy_bytes = 0;
    for (unsigned turn = 0; turn < 20 && !tp_pipe_ended(trace); turn++, w->clock += STEP_HZ)
        while ((n = tp_pipe_read(trace, copy + copy_bytes, 8192)) > 0)
            copy_bytes += n;
    w->clock = clock;
    if (!tp_pipe_ended(trace) || tp_trace_close(trace))
        wrong("tp_trace_attach: no end");
    check_dump(copy, (size_t)copy_bytes, &told);
    if (told.next + told.refused < w->done || told.next + told.refused > w->begun ||
        told.decoded != image.whole || told.damaged)
        wrong("tp_trace_attach: %llu decoded, %llu recorded, %llu refused; %u begun, %llu whole",
              (long long)told.decoded, (long long)told.next, (long long)told.refused, w->begun,
              (long long)image.whole);
}

static void child(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    shot_0();
    w->finished = true;
    _exit(0);
}

static void outside_all(void)
{
    static uint8_t last[sizeof(w->region)];
    int status;
    pid_t pid;

    shot_begin(0);
    w->finished = false;
    fflush(stdout);
    pid = fork();
    if (!pid)
        child();
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        wrong("fork");
    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL);
    for (unsigned k = 0; !w->finished; k++, steps++) {
        at("image from outside", k, 0);
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid ||
            !WIFSTOPPED(status))
            wrong("ptrace, status %x", (unsigned)status);
        check_images();
        if (memcmp(last, w->region, sizeof(last)) == 0)
            continue;
        memcpy(last, w->region, sizeof(last));
        for (uint32_t t = 0; t < scene.traces; t++)
            check_attached(t);
        runs++;
    }
    ptrace(PTRACE_CONT, pid, NULL, NULL);
    waitpid(pid, &status, 0);
}

TP_TEST(Step, FromOutside)
{
    each_scene(outside_all, true, NULL);
}

#else

TP_TEST(Step, EveryInstructionInterrupted)
{
    TP_SKIP("for x86_64 Linux");
}

#endif
