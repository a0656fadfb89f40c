/* SPDX-License-Identifier: MIT */
/*
 * Boot, trace, work, stop, report. The command line:
 *
 *     events=N      work until that many events were fired (20000)
 *     burst         lose events on purpose: small buffers, threads that only fire, a lazy drain
 *     dump=serial   the dump goes to the serial line instead of the virtio console
 *     dump=file     or to a file of the host's, on boards that have semihosting
 *     subbuf=BYTES subbufs=N   of the trace buffer
 *     loose         in a burst, events that the kernel does not pin: a thread is moved in the middle of them
 *                   unless the port does
 *     overwrite     the oldest records are given up for new ones
 *     late          the pipe is read only at the end
 *     snapshot      a snapshot goes to the second console when half of the work is done
 *     sample=N      samples of where CPUs are: 1, with each timer tick; 2, by NMIs that the other CPU's
 *                   timer sends, on x86_64 (profile.c)
 *     nmi=N         CPU 1 sends N NMIs to CPU 0 with each of its timer ticks; a Cortex-M3 to itself
 *     hook=N        the port fires events: 1, with each event; 2, now and then with the clock
 *     wall=SECONDS  since 1970, told to the engine as the wall time at boot
 *
 * And instead of that work:
 *
 *     storm=N       NMIs, until N came inside a writer, counted by instruction (storm.c)
 *     hotplug=N     CPU 1 goes down and up N times; with `kill`, at any moment (hotplug.c)
 *     bell=N        the reader sleeps and is woken N times (bell.c)
 *     probes=N      probes, filters and sampling come and go N times while events are fired (probes.c)
 *     spin=N        a thread spins for N ticks (profile.c)
 *     fn=N          functions are traced and no longer, N times, while the usual work is done; in a storm, one
 *                   is traced all the time (functions.c, in a kernel that is compiled for it)
 *     fn_known=N     functions whose calls are known, N times
 *     fn_deep=N      functions that call each other N deep, and one more
 *     fn_cost       what tracing a function costs, in counts of the clock
 *     patch=N       an event of CPU 1 is switched N times (live.c)
 *     die           after the work, a crash in the middle of a record (die.c)
 *     reboot        after the work, a reset; then the dump of before goes to the second console, and
 *                   all begins again
 *     story         what `make demo` records; with `trouble`, with something to ask about, and with
 *                   `die` too, until the machine dies (story.c)
 *     shell         ls, cat and echo on a serial line, on the control tree (shell.c)
 */
#include "kernel.h"

#include <tp/port.h>
#include <tp/trace.h>

#include "engine/port/transport/kept.h"
#include "events.h"

#define NOTE_NAME_END 16  /* three words, and "GNU" */
#define BUILD_ID_BYTES 20 /* of SHA-1 */
#define NS_PER_S 1000000000u
#ifdef BOARD_REGION_BYTES /* at the end of the memory, so at the same place in each boot */
#define REGION_BYTES BOARD_REGION_BYTES
#else
#define REGION_BYTES (24u << 20)
#endif

extern uint8_t kernel_end[];
extern const uint8_t kernel_build_id[]; /* the note that the linker writes */

static struct tp_trace *trace;
static uint8_t *region;
static bool rebooted, parked;
static const struct tp_image_id image = {.build_id = kernel_build_id + NOTE_NAME_END,
                                         .build_id_bytes = BUILD_ID_BYTES,
                                         .machine = BOARD_MACHINE};

/* The region gets the end of the memory, the page allocator the rest. */
static void memory_share(uint64_t end)
{
    region = (uint8_t *)(uintptr_t)((end - REGION_BYTES) & ~(uint64_t)(PAGE_BYTES - 1));
    mm_init((uintptr_t)kernel_end, (uintptr_t)region);
}

static void previous_piece(const void *bytes, size_t n)
{
    rebooted = true;
    export_second_piece(bytes, n);
}

/* What a boot before this one has left in the region. */
static void trace_previous(void)
{
    int err = tp_kept_export(region, REGION_BYTES, previous_piece);

    if (err)
        panic(tp_strerror(err), NULL);
    if (rebooted)
        say("previous exported\n");
}

/* Before anything else: the CPUs' areas do not exist, there are no interrupts and no tasks. */
static void trace_begin(void)
{
    const bool burst = option(OPT_BURST);
    struct tp_config config = {
        .name = "test kernel", .cpus = CPUS, .context = true, .host = "qemu", .image = &image};
    int err;

    config.mode = option(OPT_OVERWRITE) ? TP_OVERWRITE : TP_DISCARD;
    config.subbuf_bytes = (uint32_t)option(OPT_SUBBUF);
    config.subbufs = (uint32_t)option(OPT_SUBBUFS);
    if (!config.subbuf_bytes)
        config.subbuf_bytes = burst ? 4096 : 16384;
    if (!config.subbufs)
        config.subbufs = burst ? 8 : 128;
    err = tp_trace_open(&trace, region, REGION_BYTES, &config);
    if (!err)
        err = tp_trace_start(trace);
    if (err)
        panic(tp_strerror(err), NULL);
    books_open = true;
    FIRE(boot_early, (void *)trace_begin);
    say("trace burst=%lu subbuf=%lu subbufs=%lu region=%lx bytes=%lu\n", (unsigned long)burst,
        (unsigned long)config.subbuf_bytes, (unsigned long)config.subbufs, (unsigned long)region,
        (unsigned long)tp_region_bytes(&config));
}

void trace_stop(void)
{
    tp_trace_stop(trace);
}

/* A thread runs only where no event is being fired: firing is not preempted. */
static void park_here(void *arg)
{
    (void)arg;
    irq_off();
    __atomic_store_n(&parked, true, __ATOMIC_RELEASE);
    cpu_halt();
}

static void park(void)
{
    if (CPUS == 1 || !cpus[CPUS - 1].up)
        return;
    if (!thread_start("park", park_here, NULL, 1))
        panic("no room to park", NULL);
    while (!__atomic_load_n(&parked, __ATOMIC_ACQUIRE))
        thread_sleep(1);
}

static void main_report(void)
{
    FIRE_PRINTK(printk_main_report, tp_port_clock_name " runs at %llu Hz, %u pages are free",
                (unsigned long long)tp_port_clock_hz(), (unsigned)mm_free_pages());
}

static void snapshot(void)
{
    unsigned long before[CPUS];

    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        before[cpu] = books_fired(cpu);
    export_snapshot(trace);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        say("snapshot cpu=%lu before=%lu after=%lu\n", (unsigned long)cpu, before[cpu],
            books_fired(cpu));
}

static void work(void)
{
    const uint64_t events = option(OPT_EVENTS);
    bool shot = !option(OPT_SNAPSHOT);

    workload_start(events, option(OPT_BURST));
    while (!workload_ended()) {
        thread_sleep(1);
        if (shot || books_fired_all() < events / 2)
            continue;
        snapshot();
        shot = true;
    }
}

static void work_of_choice(void)
{
    const bool read = !option(OPT_LATE) && !option(OPT_STORM) && !option(OPT_BELL) &&
                      !option(OPT_DIE) && (!option(OPT_REBOOT) || rebooted);

    if (read)
        export_start(trace, option(OPT_BURST) ? option(OPT_EVENTS) / 4 : 0);
    hook_start(option(OPT_HOOK));
    if (!works_run(trace))
        work();
    hook_stop();
    if (read)
        export_end();
}

static void main_thread(void *arg)
{
    (void)arg;
    main_report();
    if (option(OPT_SHELL)) {
        works_run(trace);
        tp_trace_stop(trace); /* or it is stopped already */
        export_rest(trace);
        machine_exit(true); /* who switches tracing off and on has no books to balance */
    }
    work_of_choice();
    main_report();
    park();
    irq_off();
    if (option(OPT_DIE))
        die_run(trace);
    books_close();
    if (option(OPT_REBOOT) && !rebooted) {
        books_report_fired();
        machine_reset();
    }
    if (tp_trace_stop(trace))
        panic("tp_trace_stop", NULL);
    export_rest(trace);
    works_report();
    machine_exit(books_report(trace));
}

void kernel_main(const char *command_line, uint64_t memory_end)
{
    options_read(command_line);
    export_init();
    memory_share(memory_end);
    if (option(OPT_WALL))
        tp_clock_set_wall(option(OPT_WALL) * NS_PER_S);
    say("boot tsc_hz=%lu tsc=%lu pages=%lu\n", (unsigned long)tp_port_clock_hz(),
        (unsigned long)tp_port_clock(), (unsigned long)mm_free_pages());
    if (option(OPT_REBOOT))
        trace_previous();
    functions_init();
    trace_begin();
    cpu_init();
    if (CPUS > 1 && !option(OPT_HOTPLUG) && !option(OPT_BELL))
        cpu_schedule();
    if (!thread_start("main", main_thread, NULL, 0))
        panic("no main thread", NULL);
    for (;;)
        cpu_idle(); /* this is now the idle thread of CPU 0 */
}
