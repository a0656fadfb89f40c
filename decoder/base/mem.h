/* SPDX-License-Identifier: MIT */
/*
 * mem.h - allocation that succeeds or ends the run.
 *
 * No caller checks for NULL: a failed allocation jumps to where mem_catch()
 * was called, and everything reachable from the run is freed there.
 */
#ifndef MEM_H
#define MEM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets where this thread continues when memory runs out; NULL: the process ends with code 4.
 * Returns the value before. */
jmp_buf *mem_catch(jmp_buf *where);
/* For tests: the n-th allocation from now fails. 0: none does. */
void mem_fail_at(unsigned long n);
/* Report a failure of a library that allocates by itself. */
_Noreturn void mem_failed(void);

/* What is freed is not returned to the system, but kept for what is allocated next. For a process that often allocates all that
 * it has anew: what was returned comes back as pages that have to be cleared. */
void mem_keep(void);

void *mem_alloc(size_t bytes);
void *mem_zero(size_t bytes);
void *mem_grow(void *old, size_t bytes);
/* Room for the i-th of things of `each` bytes: `old` has room for *count, which is doubled, from `first` on, as often
 * as is needed. What is new is zero. */
void *mem_double(void *old, uint32_t *count, uint32_t i, uint32_t first, size_t each);
static inline void *mem_reach(void *old, uint32_t *count, uint32_t i, uint32_t first, size_t each)
{
    return i < *count ? old : mem_double(old, count, i, first, each);
}
/* NULL instead, for who has more to free than can be found from the run; then calls mem_failed(). */
void *mem_try_grow(void *old, size_t bytes);

/* A hash of where something is in memory, for a table whose keys are pointers. Things of one size lie at even distances,
 * so the address itself fills some slots often and others never. */
static inline size_t mem_hash(const void *at)
{
    return (size_t)((uintptr_t)at * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Many small things that are freed together, up to a limit. What is not small has a block of its own, so that less than
 * a sixteenth of the others is not used. */
struct mem_arena {
    struct mem_block *blocks;
    struct mem_block *open; /* the one of them for small things, and in it: */
    size_t used, room;
    size_t bytes; /* all blocks */
    size_t limit;
};

/* Zeroed memory, or NULL when the arena's limit is reached. */
void *mem_arena_get(struct mem_arena *a, size_t bytes);
void mem_arena_free(struct mem_arena *a);
/* Frees everything that was allocated since `mark`, a copy of the arena. */
void mem_arena_rewind(struct mem_arena *a, const struct mem_arena *mark);

#endif
