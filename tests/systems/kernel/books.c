/* SPDX-License-Identifier: MIT */
/*
 * The report: what the kernel itself counted, against what the engine says.
 * The lines are `word key=value ...`; tests read them.
 */
#include "kernel.h"

#include <tp/trace.h>
#include <tp/wire.h>

static const char *const event_names[EVENT_COUNT] = {
#define X(sys, name) #sys ":" #name,
    EVENTS(X)
#undef X
};

static const char *const cause_names[TP_LOST_CAUSES] = {"full", "nested", "oversize", "recursion",
                                                        "overwritten"};

bool books_open;
uint64_t books_slack, books_left_out;
unsigned long books_loose, books_moved;

void books_close(void)
{
    __atomic_store_n(&books_open, false, __ATOMIC_SEQ_CST);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        while (__atomic_load_n(&cpus[cpu].local.nmi_depth, __ATOMIC_SEQ_CST))
            cpu_relax();
}

unsigned long books_fired(uint32_t cpu)
{
    unsigned long sum = 0;

    for (int i = 0; i < EVENT_COUNT; i++)
        sum += __atomic_load_n(&cpus[cpu].fired[i], __ATOMIC_RELAXED);
    return sum;
}

unsigned long books_fired_all(void)
{
    unsigned long sum = 0;

    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        sum += books_fired(cpu);
    return sum;
}

void books_report_fired(void)
{
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        for (int i = 0; i < EVENT_COUNT; i++)
            say("fired cpu=%lu event=%s count=%lu\n", (unsigned long)cpu, event_names[i],
                cpus[cpu].fired[i]);
        say("fired cpu=%lu event=* count=%lu\n", (unsigned long)cpu, books_fired(cpu));
    }
}

/* As many as were fired there are known there, but for what may be lacking and what may have been moved. */
static bool books_agree(uint64_t fired, uint64_t known, uint64_t lacking)
{
    return known >= fired ? known - fired <= books_moved : fired - known <= lacking + books_moved;
}

bool books_report(struct tp_trace *trace)
{
    unsigned long fired = 0, read = 0, lost = 0;
    bool good = true;

    books_report_fired();
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        struct tp_trace_stats stats;
        uint64_t cpu_lost = 0;

        if (tp_trace_stats(trace, cpu, &stats))
            panic("tp_trace_stats", NULL);
        for (int i = 0; i < TP_LOST_CAUSES; i++) {
            say("lost cpu=%lu cause=%s count=%lu\n", (unsigned long)cpu, cause_names[i],
                (unsigned long)stats.lost[i]);
            cpu_lost += stats.lost[i];
        }
        say("read cpu=%lu count=%lu unread=%lu unfinished=%lu\n", (unsigned long)cpu,
            (unsigned long)stats.read, (unsigned long)stats.unread,
            (unsigned long)stats.unfinished);
        cpu_lost += stats.unfinished;
        if (!cpu && books_left_out) {
            say("left_out cpu=0 count=%lu\n", (unsigned long)books_left_out);
            cpu_lost += books_left_out;
        }
        good = good && !stats.unread &&
               (books_loose ||
                books_agree(books_fired(cpu), stats.read + cpu_lost, cpu == 1 ? books_slack : 0));
        fired += books_fired(cpu);
        read += (unsigned long)stats.read;
        lost += (unsigned long)(cpu_lost - (cpu ? 0 : books_left_out));
    }
    if (books_loose) {
        say("loose count=%lu\n", books_loose);
        fired += books_loose;
    }
    if (books_moved)
        say("moved at_most=%lu\n", books_moved);
    if (books_loose || books_moved)
        good = good && fired == read + lost;
    good = good && !tp_trace_strangers(trace);
    say("total fired=%lu read=%lu lost=%lu strangers=%lu bytes=%lu ticks=%lu\n", fired, read, lost,
        (unsigned long)tp_trace_strangers(trace), (unsigned long)export_bytes,
        (unsigned long)sched_ticks());
    say("balance %s\n", good ? "ok" : "WRONG");
    return good;
}
