/* SPDX-License-Identifier: MIT */
/*
 * The test kernel: what its files share. It is a small preemptive kernel for two
 * CPUs, or one, there to fire events the way kernels do, and to keep its own count of
 * them. It knows the engine by its public headers only.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/fn.h>

#ifndef CPUS
#define CPUS 2
#endif
#define THREADS_MAX 64
#define PAGE_BYTES 4096u
#define STACK_PAGES 4u
#define TICK_HZ 1000u
#define TASK_NAME_BYTES 16

/* Every event the kernel fires, for its own books. events.h defines them. */
#define EVENTS(X)                                                                                 \
    X(sched, switch) X(sched, wakeup) X(sched, fork) X(sched, exit) X(sched, idle)                \
    X(sched, tick) X(sched, sleep) X(irq, entry) X(irq, exit) X(irq, ipi) X(irq, nmi)             \
    X(mm, alloc) X(mm, free) X(mm, pressure) X(syscall, enter) X(syscall, exit) X(syscall, log)   \
    X(syscall, data) X(job, all) X(job, item) X(job, limits) X(job, live) X(job, known)                     \
    X(boot, early) X(boot, life) X(lock, wait) X(lock, acquire) X(lock, release) X(disk, write)   \
    X(sensor, read) X(backup, pack)                                                               \
    X(fn, call) X(prof, sample)                          \
    X(printk, main_report) X(printk, worker_report) X(printk, timer_interrupt)

enum event {
#define X(sys, name) EV_##sys##_##name,
    EVENTS(X)
#undef X
    EVENT_COUNT
};

/* --- main.c --- */

/* Nothing is recorded any more. */
void trace_stop(void);

/* --- options.c: the command line; main.c tells what they mean --- */

enum option {
    OPT_EVENTS, OPT_BURST, OPT_SERIAL, OPT_FILE, OPT_LOOSE, OPT_SUBBUF, OPT_SUBBUFS, OPT_NMI, OPT_WALL, OPT_OVERWRITE,
    OPT_LATE, OPT_SNAPSHOT, OPT_STORM, OPT_HOTPLUG, OPT_KILL, OPT_BELL, OPT_HOOK, OPT_DIE,
    OPT_REBOOT, OPT_SHELL, OPT_PROBES, OPT_PATCH, OPT_STORY, OPT_TROUBLE, OPT_FN,
    OPT_FN_KNOWN, OPT_FN_DEEP, OPT_FN_COST, OPT_SAMPLE, OPT_SPIN, OPT_COUNT
};

void options_read(const char *line);
uint64_t option(enum option o); /* a number; 1 or 0 for one that is a word */

/* --- the processor, by the board's cpu.c --- */

struct thread;

/*
 * What the processor's register of such things points at: on x86_64 it is the CPU's, on the others, where
 * a counter takes more than one instruction, the thread's. A port reads it, hence the order.
 */
struct local {
    struct cpu *cpu;
    uint32_t number; /* of the CPU */
    uint32_t preempt_depth;
    uint32_t pid;
    uint32_t irq_depth;
    uint32_t nmi_depth;
    uint32_t need_resched;
    struct tp_shadow *shadow; /* for tracing the returns of functions */
};

struct cpu {
    struct local local;          /* this is the one before there are threads, or always */
    unsigned long fired[EVENT_COUNT]; /* only this CPU writes, any may read */
    struct thread *current;
    struct thread *previous; /* the one that the current thread has replaced */
    struct thread *idle;
    uint64_t ticks;
    bool up;
};

extern struct cpu cpus[CPUS];

/*
 * struct regs, all registers of what was interrupted, enum vector, the kinds of interrupts, and what is a
 * few instructions: this_local, local_enter, irq_save, irq_restore, irq_on, irq_off, cpu_relax, cpu_idle,
 * preempt_off, preempt_drop, count_fired, cpu_text_written and cpu_fetch_anew (of boards with patch.c), thread_stack, thread_current, regs_vector, regs_pc, regs_frame, regs_call, regs_answer.
 */
#include "board.h"

void cpu_init(void);
/* CPU 1 is reset, wherever it is, and runs entry(), with interrupts off, in its own area. */
void cpu_start(void (*entry)(void));
_Noreturn void cpu_halt(void);
void cpu_send(uint32_t cpu, enum vector vector);
/* From any context, and without an event: to this CPU or to the other one. */
void cpu_signal(bool self, enum vector vector);
void cpu_eoi(void);
/* From now on this CPU's timer brings this interrupt, so often in a tick. */
void cpu_timer(enum vector vector, uint32_t rate);
bool patch_text(void *site, const void *bytes, size_t n); /* what the port calls */

static inline struct cpu *this_cpu(void)
{
    return this_local()->cpu;
}

/* --- main.c --- */

_Noreturn void kernel_main(const char *command_line, uint64_t memory_end);

/* --- irq.c --- */

void irq_dispatch(enum vector vector, const struct regs *regs);

/* --- smp.c --- */

void cpu_schedule(void); /* CPU 1 takes part in the scheduling from now on; waits for it */
void cpu_delay(uint64_t us);
TP_NOTRACE void cpu_wait_until(const uint32_t *word, uint32_t least); /* interrupts are on */

struct lock {
    uint32_t taken;
};

/* Interrupts are off while a lock is held, so its owner is never preempted. */
uint64_t lock_take(struct lock *lock);
void lock_give(struct lock *lock, uint64_t flags);

/* --- sched.c --- */

enum thread_state { THREAD_FREE, THREAD_READY, THREAD_RUNNING, THREAD_WAITING, THREAD_SLEEPING,
                    THREAD_DEAD };
#define ANY_CPU (-1)

void sched_init_cpu(void);   /* what is running becomes the idle thread of this CPU */
void sched_tick(void);       /* interrupts off */
uint64_t sched_ticks(void);  /* since boot, 1 / TICK_HZ seconds each */
void sched_preempt(void);    /* switches if that is wanted and allowed */

/* A new thread that runs main(arg); on one CPU only, or ANY_CPU. NULL: no room. */
struct thread *thread_start(const char *name, void (*main)(void *), void *arg, int cpu);
_Noreturn void thread_exit(int code);
void thread_yield(void);
void thread_sleep(uint64_t ticks);
void thread_wait(void);                /* until thread_wake, or one that came before */
void thread_wake(struct thread *thread);
uint32_t thread_pid(void);
/* Of the thread that this CPU runs; NULL: it is not known, that of an idle thread. */
const void *thread_stack_low(void);

static inline void preempt_on(void)
{
    preempt_drop();
    sched_preempt();
}

/* --- mm.c --- */

enum mm_flags { MM_ZERO = 1, MM_STACK = 2 };

void mm_init(uint64_t start, uint64_t end);
void *mm_alloc(uint32_t pages, uint32_t flags); /* one after the other, or NULL */
void mm_free(void *page, uint32_t pages);
uint32_t mm_free_pages(void);

/* --- syscall.c --- */

enum syscall { SYS_GETPID, SYS_YIELD, SYS_SLEEP, SYS_ALLOC, SYS_FREE, SYS_LOG, SYS_DATA,
               SYS_TIME, SYS_SYNC, SYS_COUNT };

uintptr_t syscall(enum syscall number, uintptr_t a, uintptr_t b);
void syscall_dispatch(struct regs *regs);

/* --- say.c --- */

/* A line of text; %s, %lu and %lx are all it knows. */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);
_Noreturn void panic(const char *why, const struct regs *regs);

/* --- the board's console.c: a line for text, ways out for the dump, the end of the machine --- */

extern bool console_serial_taken; /* the serial line belongs to the dump */

void console_init(void);
void console_char(char c);
void console_regs(const struct regs *regs);
void console_line_open(void); /* the shell's */
void console_line_put(char c);
bool console_line_get(char *c); /* false: there is none yet */
void serial_write(const void *bytes, size_t n);
/* Ways out for bytes: that of the dump is number 0, the other one is for what is not the dump. False: none. */
#define CHANNELS 2
bool channel_open(unsigned number);
void channel_write(unsigned number, const void *bytes, size_t n);
bool file_open(void); /* a file of the host's; false: there is no such thing */
void file_write(const void *bytes, size_t n);
_Noreturn void machine_exit(bool success);
_Noreturn void machine_reset(void); /* memory stays as it is */

/* --- export.c: from the pipe to where the dump goes --- */

struct tp_trace;

extern uint64_t export_bytes; /* so far */

void export_init(void); /* where the options say */
void export_start(struct tp_trace *trace, uint64_t hold_events); /* a thread that drains it */
void export_end(void); /* the thread is gone */
void export_drain(struct tp_trace *trace);
bool export_piece(struct tp_trace *trace); /* some bytes; false: there are none */
void export_rest(struct tp_trace *trace);  /* after tp_trace_stop: all that is left, and the end */
/* To the second console, without which the kernel panics. */
void export_snapshot(struct tp_trace *trace);
void export_second_piece(const void *bytes, size_t n);

/* --- workload.c --- */

void workload_start(uint64_t events, bool burst);
bool workload_ended(void); /* so many events were fired, and all its threads are gone */

/* --- works.c: the board's choice of those below. False: none was asked for --- */

bool works_run(struct tp_trace *trace);
void works_report(void);

/* --- patch.c, that of all boards or the board's --- */

extern unsigned long patch_traps, patch_refused;

void patch_trap(struct regs *regs);
void patch_sync(void);

/* --- functions.c; in a kernel without function tracing, nofunctions.c --- */

void functions_init(void); /* before anything else runs */
/* False: nothing of this was asked for. */
bool functions_run(struct tp_trace *trace);
void functions_follow_leaf(bool on);
/* All from now on, in a trace of their own, and no longer in this one. */
void functions_follow_all(struct tp_trace *trace);
void functions_follow_none(void);

/* --- known.c: functions that call each other as a test knows --- */

uint32_t known_root(uint32_t n);
uint32_t known_leaf(uint32_t n);
uint32_t known_down(uint32_t n); /* n + 1 deep, and then known_leaf */
extern const void *const known_functions[]; /* all of them, and NULL */

/* --- storm.c, hotplug.c, live.c, bell.c, probes.c, die.c, story.c: other workloads. Each runs to its end --- */

/* CPU 1 sends so many NMIs to CPU 0, which fires, and reads the pipe. */
void storm_run(struct tp_trace *trace, uint64_t nmis);
void storm_hit(const struct regs *regs);  /* an NMI came there */
void storm_next(void);                    /* and its handler is at its end */
void storm_step(const struct regs *regs); /* this instruction is executed */
void storm_report(void);

/* CPU 1 fires an event that is switched so many times. */
void live_run(struct tp_trace *trace, uint64_t switches);
void live_report(void);

/* CPU 1 comes and goes; if kill, in the middle of anything. */
void hotplug_run(uint64_t lives, bool kill);

/* The reader, on CPU 1, sleeps and is woken by the doorbell so many times. */
void bell_run(struct tp_trace *trace, uint64_t wakes);
void bell_interrupt(void);
void bell_report(void);

/* CPU 1 changes probes and filters so many times while CPU 0 fires. */
void probes_run(struct tp_trace *trace, uint64_t turns);

/* Two and a half seconds of a machine, for the demo. */
void story_run(void);
void story_interrupt(void);
uint64_t story_sync(uint64_t blocks); /* the system call */

/* A fault between the beginning of a record and its end; then it halts for good. */
_Noreturn void die_run(struct tp_trace *trace);
void die_expect(struct tp_trace *trace); /* the next fault is the last; NULL: and ends the machine */
bool die_is_due(void);
_Noreturn void die_fault(const struct regs *regs);

/* --- profile.c: samples, and what is to be seen in them --- */

void profile_timer(const struct regs *regs); /* a tick of this CPU has come there */
void profile_hit(const struct regs *regs);   /* an NMI: a sample, if these are to be */
void profile_run(uint64_t ticks);            /* a thread spins for so long */

/* --- shell.c: the control tree, for a person or a test on a serial line --- */

void shell_run(void); /* until `exit` */

/* --- hook.c: what tests/systems/kernel/x86_64/port.h calls --- */

void hook_start(uint64_t which); /* 1: each event fires one; 2: now and then the clock does */
void hook_stop(void);

/* --- books.c: the kernel's own count --- */

/* Set while the engine records. Changes only while no event is being fired anywhere. */
extern bool books_open;
/* So many events of CPU 1 may have been counted, and not begun: it was killed in between. */
extern uint64_t books_slack;
/* So many events of CPU 0 were left out by sampling. */
extern uint64_t books_left_out;

/* Counts an event and fires it, both on the same CPU; FIRE_PINNED where preemption is off anyway. */
#define FIRE_PINNED_(event, ...)                                                                  \
    do {                                                                                          \
        if (books_open)                                                                           \
            count_fired(EV_##event);                                                              \
        __VA_ARGS__;                                                                              \
    } while (0)
#define FIRE_(event, ...)                                                                         \
    do {                                                                                          \
        preempt_off();                                                                            \
        FIRE_PINNED_(event, __VA_ARGS__);                                                         \
        preempt_on();                                                                             \
    } while (0)
#define FIRE(event, ...) FIRE_(event, trace_##event(__VA_ARGS__))
#define FIRE_PINNED(event, ...) FIRE_PINNED_(event, trace_##event(__VA_ARGS__))
#define FIRE_PRINTK(event, ...) FIRE_(event, tp_printk(__VA_ARGS__))

/* So many events were fired while preemption was on, so on a CPU that only the port knows. */
extern unsigned long books_loose;
/* At most so many were counted on one CPU and recorded on the other one. */
extern unsigned long books_moved;

void books_close(void); /* no event but from an NMI is being fired: the other CPU is parked */
unsigned long books_fired(uint32_t cpu); /* of all events */
unsigned long books_fired_all(void);     /* on all CPUs */
void books_report_fired(void);
bool books_report(struct tp_trace *trace); /* true: they balance */

/* --- string.c --- */

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
