/* SPDX-License-Identifier: MIT */
/*
 * Boot, trace, work, stop, report. The command line:
 *
 *     events=N      work until that many events were fired (20000)
 *     burst         lose events on purpose: small buffers, threads that only fire, a lazy drain
 *     dump=serial   the dump goes to COM1 instead of the virtio console
 *     subbuf=BYTES subbufs=N   of the trace buffer
 *     nmi=N         CPU 1 sends N NMIs to CPU 0 with each of its timer ticks
 *     wall=SECONDS  since 1970, told to the engine as the wall time at boot
 */
#include "kernel.h"

#include <tp/port.h>
#include <tp/trace.h>

#include "events.h"

#define PVH_MAGIC 0x336ec578u
#define PVH_RAM 1u
#define KERNEL_BASE 0x100000u
#define NS_PER_S 1000000000u

struct pvh_info {
    uint32_t magic, version, flags, modules;
    uint64_t module_list, command_line, rsdp, memory_map;
    uint32_t memory_ranges, reserved;
};

struct pvh_range {
    uint64_t start, bytes;
    uint32_t type, reserved;
};

struct option {
    const char *name;
    uint64_t value;
};

enum { OPT_EVENTS, OPT_BURST, OPT_SERIAL, OPT_SUBBUF, OPT_SUBBUFS, OPT_NMI, OPT_WALL, OPT_COUNT };

static struct option options[OPT_COUNT] = {
    [OPT_EVENTS] = {"events=", 20000}, [OPT_BURST] = {"burst", 0},
    [OPT_SERIAL] = {"dump=serial", 0}, [OPT_SUBBUF] = {"subbuf=", 0},
    [OPT_SUBBUFS] = {"subbufs=", 0},   [OPT_NMI] = {"nmi=", 0},
    [OPT_WALL] = {"wall=", 0},
};

extern uint8_t kernel_end[];
_Noreturn void kernel_main(const struct pvh_info *info);

static struct tp_trace *trace;
static bool parked;

/* Takes one option off the line; returns what follows it. */
static const char *option_take(const char *at)
{
    for (struct option *o = options; o < options + OPT_COUNT; o++) {
        const char *name = o->name, *text = at;

        while (*name && *name == *text) {
            name++;
            text++;
        }
        if (*name)
            continue;
        o->value = name[-1] != '=';
        while (name[-1] == '=' && *text >= '0' && *text <= '9')
            o->value = o->value * 10 + (uint64_t)(*text++ - '0');
        if (!*text || *text == ' ')
            return text;
    }
    say("option: %s\n", at);
    panic("unknown option", NULL);
}

static void options_read(const char *line)
{
    while (*line)
        line = *line == ' ' ? line + 1 : option_take(line);
}

static void memory_find(const struct pvh_info *info)
{
    const struct pvh_range *range = (const struct pvh_range *)info->memory_map;

    for (uint32_t i = 0; i < info->memory_ranges; i++, range++)
        if (range->type == PVH_RAM && range->start <= KERNEL_BASE &&
            range->start + range->bytes > KERNEL_BASE) {
            mm_init((uint64_t)kernel_end, range->start + range->bytes);
            return;
        }
    panic("no memory where the kernel is", NULL);
}

/* Before the second CPU runs and before interrupts are on, so that the books start at zero. */
static void trace_begin(void)
{
    const bool burst = options[OPT_BURST].value;
    struct tp_config config = {.name = "test kernel", .cpus = CPUS, .context = true};
    size_t bytes;
    void *region;
    int err;

    config.subbuf_bytes = (uint32_t)options[OPT_SUBBUF].value;
    config.subbufs = (uint32_t)options[OPT_SUBBUFS].value;
    if (!config.subbuf_bytes)
        config.subbuf_bytes = burst ? 4096 : 16384;
    if (!config.subbufs)
        config.subbufs = burst ? 8 : 128;
    bytes = tp_region_bytes(&config);
    if (!bytes)
        panic("tp_region_bytes", NULL);
    region = mm_alloc((uint32_t)((bytes + PAGE_BYTES - 1) / PAGE_BYTES), MM_TRACE);
    if (!region)
        panic("no memory for the trace", NULL);
    err = tp_open(&trace, region, bytes, &config);
    if (!err)
        err = tp_start(trace);
    if (err)
        panic(tp_strerror(err), NULL);
    books_open = true;
    say("trace burst=%lu subbuf=%lu subbufs=%lu region=%lx bytes=%lu\n", (unsigned long)burst,
        (unsigned long)config.subbuf_bytes, (unsigned long)config.subbufs, (uint64_t)region, bytes);
}

/* A thread runs only where no event is being fired: firing is not preempted. */
static void park(void *arg)
{
    (void)arg;
    __asm__ __volatile__("cli");
    __atomic_store_n(&parked, true, __ATOMIC_RELEASE);
    for (;;)
        __asm__ __volatile__("hlt");
}

static void main_report(void)
{
    FIRE_PRINTK(printk_main_report, "tsc runs at %llu Hz, %u pages are free",
                (unsigned long long)tp_x86_tsc_hz, mm_free_pages());
}

static void main_thread(void *arg)
{
    (void)arg;
    main_report();
    export_start(trace, options[OPT_BURST].value ? options[OPT_EVENTS].value / 4 : 0);
    workload_start(options[OPT_EVENTS].value, options[OPT_BURST].value);
    while (!workload_ended())
        thread_sleep(1);
    export_end();
    main_report();
    if (!thread_start("park", park, NULL, 1))
        panic("no room to park", NULL);
    while (!__atomic_load_n(&parked, __ATOMIC_ACQUIRE))
        thread_sleep(1);

    __asm__ __volatile__("cli");
    books_close();
    if (tp_stop(trace))
        panic("tp_stop", NULL);
    export_drain(trace);
    if (!tp_pipe_ended(trace))
        panic("the pipe did not end", NULL);
    machine_exit(books_report(trace));
}

void kernel_main(const struct pvh_info *info)
{
    console_init();
    cpu_init(); /* first, since a panic says on which CPU */
    if (info->magic != PVH_MAGIC)
        panic("not booted by PVH", NULL);
    options_read((const char *)info->command_line);
    export_init(options[OPT_SERIAL].value);
    memory_find(info);
    cpu_nmi = (uint32_t)options[OPT_NMI].value;
    if (options[OPT_WALL].value)
        tp_clock_wall(options[OPT_WALL].value * NS_PER_S);
    say("boot tsc_hz=%lu pages=%lu\n", tp_x86_tsc_hz, (unsigned long)mm_free_pages());
    trace_begin();
    cpu_start_other();
    if (!thread_start("main", main_thread, NULL, 0))
        panic("no main thread", NULL);
    for (;;)
        __asm__ __volatile__("sti; hlt"); /* this is now the idle thread of CPU 0 */
}
