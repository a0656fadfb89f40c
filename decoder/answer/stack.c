/* SPDX-License-Identifier: MIT */
/* stack.c - what has begun and not ended. */
#include "answer/stack.h"

#include <stdlib.h>

#include "base/mem.h"

#define STACK_HEADS (2 * STACK_OPEN)

void stack_open(struct stack *s)
{
    *s = (struct stack){0};
    s->frames = mem_zero((STACK_OPEN + 1) * sizeof(*s->frames));
    s->tracks = mem_zero((STACK_OPEN + 1) * sizeof(*s->tracks));
    s->heads = mem_zero(STACK_HEADS * sizeof(*s->heads));
}

static uint32_t *stack_head(const struct stack *s, const struct stack_id *id)
{
    return &s->heads[(key_hash(&id->key) + id->kind * 0x9e3779b1u) % STACK_HEADS];
}

static bool stack_is(const struct stack_track *t, const struct stack_id *id)
{
    return t->id.kind == id->kind && key_equal(&t->id.key, &id->key);
}

uint32_t stack_find(const struct stack *s, const struct stack_id *id)
{
    uint32_t i = *stack_head(s, id);

    while (i && !stack_is(&s->tracks[i], id))
        i = s->tracks[i].next;
    return i;
}

static void stack_remove_track(struct stack *s, uint32_t track)
{
    uint32_t *at = stack_head(s, &s->tracks[track].id);

    while (*at != track)
        at = &s->tracks[*at].next;
    *at = s->tracks[track].next;
    s->tracks[track].next = s->tracks_unused;
    s->tracks_unused = track;
}

static uint32_t stack_add_track(struct stack *s, const struct stack_id *id)
{
    uint32_t track = s->tracks_unused ? s->tracks_unused : ++s->tracks_used;
    uint32_t *head = stack_head(s, id);

    s->tracks_unused = s->tracks[track].next;
    s->tracks[track] = (struct stack_track){.id = *id, .next = *head};
    return *head = track;
}

static struct stack_ages *stack_ages(struct stack *s, enum stack_kind kind)
{
    return kind == STACK_CPU ? &s->cpus : &s->others;
}

void stack_remove(struct stack *s, uint32_t frame)
{
    struct stack_frame *f = &s->frames[frame];
    struct stack_track *t = &s->tracks[f->track];
    struct stack_ages *ages = stack_ages(s, t->id.kind);

    *(f->above ? &s->frames[f->above].below : &t->top) = f->below;
    *(f->below ? &s->frames[f->below].above : &t->bottom) = f->above;
    *(f->older ? &s->frames[f->older].newer : &ages->oldest) = f->newer;
    *(f->newer ? &s->frames[f->newer].older : &ages->newest) = f->older;
    if (!--t->depth)
        stack_remove_track(s, f->track);
    f->above = s->frames_unused;
    s->frames_unused = frame;
}

static uint32_t stack_oldest(const struct stack *s)
{
    uint32_t a = s->cpus.oldest, b = s->others.oldest;

    return a && b ? (s->frames[a].serial < s->frames[b].serial ? a : b) : a ? a : b;
}

struct stack_frame *stack_push(struct stack *s, const struct stack_id *id)
{
    struct stack_ages *ages = stack_ages(s, id->kind);
    uint32_t track, frame;
    struct stack_frame *f;
    struct stack_track *t;

    if (!s->frames_unused && s->frames_used == STACK_OPEN) {
        s->dropped++;
        stack_remove(s, stack_oldest(s));
    }
    track = stack_find(s, id);
    if (track && s->tracks[track].depth == STACK_DEPTH) {
        s->dropped++;
        stack_remove(s, s->tracks[track].bottom);
    }
    track = track ? track : stack_add_track(s, id);
    frame = s->frames_unused ? s->frames_unused : ++s->frames_used;
    t = &s->tracks[track];
    f = &s->frames[frame];
    s->frames_unused = f->above;
    *f = (struct stack_frame){
        .track = track, .serial = ++s->serial, .below = t->top, .older = ages->newest};
    *(t->top ? &s->frames[t->top].above : &t->bottom) = frame;
    *(ages->newest ? &s->frames[ages->newest].newer : &ages->oldest) = frame;
    t->top = ages->newest = frame;
    t->depth++;
    return f;
}

uint32_t stack_last(const struct stack *s, uint32_t track, uint32_t sys, uint32_t name)
{
    uint32_t i = track ? s->tracks[track].top : 0;

    while (i && (s->frames[i].sys != sys || (name && s->frames[i].name != name)))
        i = s->frames[i].below;
    return i;
}

bool stack_is_inner(const struct stack *s, uint32_t frame)
{
    uint32_t i = s->frames[frame].below;

    while (i && s->frames[i].name != s->frames[frame].name)
        i = s->frames[i].below;
    return i;
}

uint32_t stack_remove_above(struct stack *s, uint32_t frame)
{
    uint32_t n = 0, sys = s->frames[frame].sys;

    for (uint32_t i = s->frames[frame].above, above; i; i = above) {
        above = s->frames[i].above;
        if (s->frames[i].sys != sys)
            continue;
        stack_remove(s, i);
        n++;
    }
    return n;
}

static uint64_t stack_remove_list(struct stack *s, uint32_t oldest, uint32_t capture)
{
    uint64_t n = 0;

    for (uint32_t i = oldest, newer; i; i = newer) {
        newer = s->frames[i].newer;
        if (s->tracks[s->frames[i].track].id.key.stream != capture)
            continue;
        stack_remove(s, i);
        n++;
    }
    return n;
}

uint64_t stack_remove_all(struct stack *s, uint32_t capture)
{
    uint64_t n = stack_remove_list(s, s->cpus.oldest, capture);

    return n + stack_remove_list(s, s->others.oldest, capture);
}

uint64_t stack_remove_lost(struct stack *s, uint32_t capture, uint32_t cpu)
{
    const struct stack_id id = {STACK_CPU, {.number = cpu, .stream = capture}};
    uint64_t n = stack_remove_list(s, s->others.oldest, capture);

    for (uint32_t track; (track = stack_find(s, &id)) != 0; n++)
        stack_remove(s, s->tracks[track].top);
    return n;
}

void stack_close(struct stack *s)
{
    free(s->frames);
    free(s->tracks);
    free(s->heads);
}
