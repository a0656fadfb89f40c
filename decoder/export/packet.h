/* SPDX-License-Identifier: MIT */
/*
 * packet.h - packets of a Perfetto trace, and what is known of a capture while they are written.
 *
 * Numbers of fields are those of Perfetto's public definitions (protos/perfetto/trace); a subset with
 * all that is written here is tests/export/perfetto.proto.
 */
#ifndef PACKET_H
#define PACKET_H

#include "export/perfetto.h"

enum { TRACE_PACKET = 1 };

enum {
    PACKET_FTRACE = 1,
    PACKET_PROCESS_TREE = 2,
    PACKET_CLOCKS = 6,
    PACKET_TIME = 8,
    PACKET_SEQUENCE = 10,
    PACKET_TRACK_EVENT = 11,
    PACKET_SYSTEM_INFO = 45,
    PACKET_TRACK = 60,
    PACKET_MACHINE = 98
};

enum { BUNDLE_CPU = 1, BUNDLE_EVENT = 2, BUNDLE_LOST = 3, BUNDLE_DESCRIPTOR = 11 };
enum { EVENT_TIME = 1, EVENT_PID = 2, EVENT_FLAGS = 5, EVENT_SWITCH = 4, EVENT_WAKING = 20 };
enum { TRACK_UUID = 1, TRACK_NAME = 2, TRACK_THREAD = 4, TRACK_PARENT = 5, TRACK_COUNTER = 8 };
enum {
    SLICE_ANNOTATION = 4,
    SLICE_TYPE = 9,
    SLICE_TRACK = 11,
    SLICE_CATEGORY = 22,
    SLICE_NAME = 23,
    SLICE_VALUE = 30,
    SLICE_DOUBLE = 44
};
enum { SLICE_BEGIN = 1, SLICE_END = 2, SLICE_INSTANT = 3, SLICE_COUNTER = 4 };
enum {
    ANNOTATION_BOOL = 2,
    ANNOTATION_UNSIGNED = 3,
    ANNOTATION_SIGNED = 4,
    ANNOTATION_DOUBLE = 5,
    ANNOTATION_TEXT = 6,
    ANNOTATION_POINTER = 7,
    ANNOTATION_NAME = 10
};
enum { CLOCK_REALTIME_ID = 1, CLOCK_BOOTTIME_ID = 6 };

struct perfetto_cpu {
    struct pile bundle; /* events that wait */
    bool lost;          /* something, before those */
    bool runs_known;
    bool lost_since; /* its last switch, at */
    int32_t runs;
    uint64_t switch_ns, lost_ns;
};

struct perfetto_stream {
    uint32_t machine; /* from 1; 0: no capture */
    uint32_t *events; /* their numbers, by id; 0: not described */
    uint32_t event_slots, unknown;
    struct perfetto_cpu *cpus;
    uint32_t cpu_count;
    unsigned pairs_version;
    bool clock_told;
    uint64_t clock_ns; /* of the pair that was written last */
    uint64_t last_ns;  /* of the last record */
};

struct perfetto_stream *packet_stream(struct perfetto *f, const struct stream *s);
/* Perfetto's times have a sign. */
uint64_t packet_ns(struct perfetto *f, uint64_t ns);
/* Begins one, in f->packet. Each machine has two sequences: what comes from ftrace, and what has tracks. */
void packet_start(struct perfetto *f, uint32_t machine, bool tracks);
/* Writes it. */
void packet_put(struct perfetto *f);
/* What waits of a CPU; all that waits, and its memory. */
void packet_flush(struct perfetto *f, uint32_t machine, uint32_t number, struct perfetto_cpu *cpu);
void packet_flush_stream(struct perfetto *f, struct perfetto_stream *s);
struct perfetto_cpu *packet_cpu(struct perfetto_stream *s, uint32_t cpu);
void packet_word(struct pile *p, uint32_t field, const char *text);

#endif
