/* SPDX-License-Identifier: MIT */
/* mem.c - allocation that succeeds or ends the run. */
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEM_BLOCK_BYTES (64u << 10)
#define MEM_KEEP_BYTES (32 << 20)

/* Threads may each read dumps of their own (tpdecode.h). */
static _Thread_local jmp_buf *mem_where;
static _Thread_local unsigned long mem_countdown;

struct mem_block {
    struct mem_block *next;
    _Alignas(16) unsigned char bytes[];
};

jmp_buf *mem_catch(jmp_buf *where)
{
    jmp_buf *before = mem_where;

    mem_where = where;
    return before;
}

void mem_fail_at(unsigned long n)
{
    mem_countdown = n;
}

_Noreturn void mem_failed(void)
{
    static const char text[] = "tpdecode: out of memory\n";

    if (mem_where)
        longjmp(*mem_where, 1);
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
        _exit(4);
    _exit(4);
}

void mem_keep(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, MEM_KEEP_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, MEM_KEEP_BYTES);
}

static bool mem_refused(void)
{
    return mem_countdown && --mem_countdown == 0;
}

void *mem_alloc(size_t bytes)
{
    void *p = mem_refused() ? NULL : malloc(bytes ? bytes : 1);

    if (!p)
        mem_failed();
    return p;
}

void *mem_zero(size_t bytes)
{
    void *p = mem_refused() ? NULL : calloc(1, bytes ? bytes : 1);

    if (!p)
        mem_failed();
    return p;
}

void *mem_try_grow(void *old, size_t bytes)
{
    return mem_refused() ? NULL : realloc(old, bytes ? bytes : 1);
}

void *mem_grow(void *old, size_t bytes)
{
    void *p = mem_try_grow(old, bytes);

    if (!p)
        mem_failed();
    return p;
}

void *mem_double(void *old, uint32_t *count, uint32_t i, uint32_t first, size_t each)
{
    size_t had = *count;
    uint32_t room = had ? *count : first;
    char *new;

    while (room <= i)
        room *= 2;
    new = mem_grow(old, room * each);
    memset(new + had *each, 0, (room - had) * each);
    *count = room;
    return new;
}

static struct mem_block *mem_arena_block(struct mem_arena *a, size_t bytes)
{
    struct mem_block *block;

    if (bytes > a->limit || a->bytes > a->limit - bytes)
        return NULL;
    block = mem_zero(sizeof(*block) + bytes);
    block->next = a->blocks;
    a->blocks = block;
    a->bytes += bytes;
    return block;
}

void *mem_arena_get(struct mem_arena *a, size_t bytes)
{
    struct mem_block *block;

    bytes = (bytes + 15u) & ~(size_t)15u;
    if (bytes > MEM_BLOCK_BYTES / 16) {
        block = mem_arena_block(a, bytes);
        return block ? block->bytes : NULL;
    }
    if (!a->open || bytes > a->room - a->used) {
        block = mem_arena_block(a, MEM_BLOCK_BYTES);
        if (!block)
            return NULL;
        a->open = block;
        a->room = MEM_BLOCK_BYTES;
        a->used = 0;
    }
    a->used += bytes;
    return a->open->bytes + (a->used - bytes);
}

void mem_arena_rewind(struct mem_arena *a, const struct mem_arena *mark)
{
    while (a->blocks != mark->blocks) {
        struct mem_block *next = a->blocks->next;

        free(a->blocks);
        a->blocks = next;
    }
    *a = *mark;
    /* Memory from the arena is zero, the second time as well. */
    if (a->open)
        memset(a->open->bytes + a->used, 0, a->room - a->used);
}

void mem_arena_free(struct mem_arena *a)
{
    struct mem_arena empty = {.limit = a->limit};

    mem_arena_rewind(a, &empty);
}
