/* SPDX-License-Identifier: MIT */
/*
 * mixed.h - the events that tpdecode is timed with: in turn two u32, four u64, a u32 and a text of
 * 16 bytes, none at all. Of several CPUs, each hundredth is another one, with a u32.
 */
#ifndef MIXED_H
#define MIXED_H

#include <stdint.h>

#define MIXED_HZ 1000000000u
#define MIXED_TEXT_BYTES 16

#define MIXED_RARE_EACH 100u

enum mixed_kind {
    MIXED_TWO,
    MIXED_FOUR,
    MIXED_TEXT,
    MIXED_NONE,
    MIXED_KINDS,
    MIXED_RARE = MIXED_KINDS
};

struct mixed_event {
    uint64_t time;
    enum mixed_kind kind;
    uint32_t cpu;
    uint32_t a, b;
    uint64_t q[4];
    char text[MIXED_TEXT_BYTES + 1];
};

/* Event i of a dump of so many CPUs with an event each step_ns. */
void mixed_event(struct mixed_event *e, uint32_t i, uint32_t cpus, uint64_t step_ns);

/* The dump of so many events as the engine writes it. Both end the program if they cannot. */
void mixed_write(const char *path, uint32_t events, uint32_t cpus, uint64_t step_ns);
/* The same events as a trace in the Common Trace Format, version 1.8, in an existing folder. */
void mixed_write_ctf(const char *folder, uint32_t events, uint64_t step_ns);

#endif
