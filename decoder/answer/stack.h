/* SPDX-License-Identifier: MIT */
/*
 * stack.h - what has begun and not ended: a stack for each track, which is a CPU, a task, or what a field
 * has.
 *
 * All stacks together have STACK_OPEN frames, one has STACK_DEPTH: when there are more, the oldest is
 * dropped, of all of them or of that one. A track is there as long as it has frames.
 */
#ifndef STACK_H
#define STACK_H

#include "order/key.h"

#define STACK_OPEN 8192u
#define STACK_DEPTH 256u

enum stack_kind { STACK_CPU, STACK_TASK, STACK_FIELD };

/* The key has the number of the capture in it, and, of a field, the subsystem in its text. */
struct stack_id {
    enum stack_kind kind;
    struct key key;
};

struct stack_frame {
    uint32_t track, name, sys, node;
    uint64_t start_ns, self_ns, serial;
    uint32_t cpu;
    uint32_t below, above;
    uint32_t older, newer; /* of those of CPUs, or of all others */
};

struct stack_track {
    struct stack_id id;
    uint32_t top, bottom, depth;
    uint32_t next;    /* of the same hash; or unused */
    uint32_t cpu;     /* a task: the number of the CPU that runs it, + 1; 0: none */
    uint64_t last_ns; /* a field: up to which time it is counted */
};

/* Places 0 are none. */
struct stack {
    struct stack_frame *frames;
    struct stack_track *tracks;
    uint32_t *heads; /* by hash */
    uint32_t frames_used, frames_unused, tracks_used, tracks_unused;
    struct stack_ages {
        uint32_t newest, oldest;
    } cpus, others;
    uint64_t serial;
    uint64_t dropped;
};

void stack_open(struct stack *s);
/* The track, or 0: it has no frames. */
uint32_t stack_find(const struct stack *s, const struct stack_id *id);
/* Begins something. The frame has its track, age and place; the caller sets the rest. */
struct stack_frame *stack_push(struct stack *s, const struct stack_id *id);
/* What began last of this subsystem, and, if `name` is not 0, has this name: its place, or 0. */
uint32_t stack_last(const struct stack *s, uint32_t track, uint32_t sys, uint32_t name);
/* Is there a frame with its name below it? */
bool stack_is_inner(const struct stack *s, uint32_t frame);
/* Takes a frame away; of a track that has none left nothing is left. */
void stack_remove(struct stack *s, uint32_t frame);
/* The frames above it that are of the same subsystem. Returns how many. */
uint32_t stack_remove_above(struct stack *s, uint32_t frame);
/* All of a capture. Returns how many. */
uint64_t stack_remove_all(struct stack *s, uint32_t capture);
/* The same but for those of other CPUs than this one. */
uint64_t stack_remove_lost(struct stack *s, uint32_t capture, uint32_t cpu);
void stack_close(struct stack *s);

#endif
