/* SPDX-License-Identifier: MIT */
/*
 * What the stress tests share: threads that are CPUs and fire while a timer signal interrupts them,
 * dumps in memory, and books of what tpdecode made of them.
 *
 *     stress_open(&s, TP_DISCARD, 512, 8);
 *     stress_fire(&s, stress_events(1000000, 100000));
 *     ... readers: stress_take() ...
 *     stress_join(&s);                 the threads end, tp_trace_stop
 *     stress_drain(&s);
 *     stress_decode(&s.books, s.dump.bytes, s.dump.used);
 *     stress_check(&s);                fired = decoded + lost, per CPU, by cause
 *     stress_close(&s);
 */
#ifndef STRESS_H
#define STRESS_H

#include "tp_test.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/trace.h>

#define STRESS_CPUS 2u

/* What a record says of itself: its level, its number there, and a checksum. */
enum { STRESS_TASK, STRESS_IRQ, STRESS_LEVELS };
/* tpdecode's causes: the five of the wire format, then what the dump itself lacks. */
enum { STRESS_MISSING = 5, STRESS_UNFINISHED, STRESS_CAUSES };

/* Fired so far, by each CPU, since the program began; written by the CPU. */
extern uint64_t stress_fired[STRESS_CPUS][STRESS_LEVELS];

/* What a dump said. */
struct stress_books {
    struct stress_book {
        uint64_t decoded, lost[STRESS_CAUSES], last_time;
        uint64_t next[STRESS_LEVELS], skipped[STRESS_LEVELS];
        uint64_t odd[STRESS_LEVELS]; /* of those decoded, with such a number */
    } cpu[STRESS_CPUS];
    uint64_t bad, late, last_time;
    char line[512], diagnostics[4096];
    size_t used;
};

struct stress_dump {
    uint8_t *bytes;
    size_t used, room;
};

struct stress {
    struct tp_trace *trace;
    void *region;
    size_t region_bytes;
    uint64_t before[STRESS_CPUS][STRESS_LEVELS]; /* fired when it was opened */
    uint64_t lost_before;                        /* what its counts of losses started at */
    uint64_t events;
    bool quiet;  /* one of many: no lines of its own */
    bool broken; /* not to be used again: stress_close does not try */
    uint32_t subbuf_bytes, subbufs;
    pthread_t writer[STRESS_CPUS];
    struct stress_dump dump;
    struct stress_books books;
};

/* As many under the sanitizer, else as many. stress_events: times 25 with TP_LONG=1, for what keeps
 * no dump in memory. */
uint64_t stress_kept(uint64_t plain, uint64_t sanitized);
uint64_t stress_events(uint64_t plain, uint64_t sanitized);
/* 10^5 with TP_LONG=1; else 25,000, or as many under the sanitizer. */
uint64_t stress_changes(uint64_t sanitized);
uint64_t stress_now_us(void);

/* Opens and starts one. The region is shared with processes that are forked. */
void stress_open(struct stress *s, enum tp_mode mode, uint32_t subbuf_bytes, uint32_t subbufs);
/* With a pipe of each CPU. */
void stress_open_apart(struct stress *s, enum tp_mode mode, uint32_t subbuf_bytes,
                       uint32_t subbufs);
/* Of a trace that was read to its end. What was there must not have cost it room: a ring of records
 * still goes in without a loss. */
void stress_close(struct stress *s);

/* One event on this thread's CPU, tp_hosted_cpu. */
void stress_event(void);
/* All CPUs fire so many each, in threads of their own, and are interrupted. */
void stress_fire(struct stress *s, uint64_t events);
/* They need not fire all of that. */
void stress_enough(void);
/* Waits for them, then stops the trace. */
void stress_join(struct stress *s);

void stress_append(struct stress_dump *d, const void *bytes, size_t n);
/* One tp_pipe_read of at most so many bytes, into the dump. */
long stress_take(struct stress *s, size_t bytes);
/* The rest of a stopped trace. */
void stress_drain(struct stress *s);

/* Starts the books at a number of each level. */
void stress_books_start(struct stress_books *b, const uint64_t (*next)[STRESS_LEVELS]);
/* tpdecode's exit status and output. From one thread at a time. bytes NULL: from a path. */
int stress_decode(struct stress_books *b, const char *path, const void *bytes, size_t size);
/* The same of one dump for each CPU. */
int stress_decode_cpus(struct stress_books *b, const struct stress_dump *dump);
/* What holds of the books of any dump. Records missing from it: only of a snapshot. */
void stress_check_lines(const struct stress_books *b);
/* The books of all that was fired since the trace was opened, with tp_trace_stats. */
void stress_check(struct stress *s);
/* The same of a trace whose rules have left out so many, on whatever CPU. */
void stress_check_rest(struct stress *s, uint64_t left_out);
uint64_t stress_lost(const struct stress_book *b);

#endif
