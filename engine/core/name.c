/* SPDX-License-Identifier: MIT */
/*
 * Names of tasks; see name.h. An entry is found by a list for each few ids. The writer makes one
 * change after the other, and at any moment of a change all entries but the changed one are found,
 * that as it was. So who has interrupted the writer reads on. Who reads on another CPU, and sees
 * that a change began or ended meanwhile, reads again: it has met another change each time.
 */
#include "core.h"
#include "name.h"

/* Only another CPU that never stops changing names makes a reader look so often. */
#define TRIES 1000u
#define WORDS (sizeof(struct tp_wire_task) / 4)

/* An entry, of which each word is stored and loaded at once. */
struct words {
    uint32_t word[WORDS];
} __attribute__((__may_alias__));

static void name_store(struct tp_wire_task *to, const struct tp_wire_task *from)
{
    struct words *t = (struct words *)(void *)to;
    const struct words *f = (const struct words *)(const void *)from;

    for (uint32_t i = 0; i < WORDS; i++)
        __atomic_store_n(&t->word[i], f->word[i], __ATOMIC_RELAXED);
}

/* name[TP_TASK_NAME_BYTES]. Zeros if `from` is NULL. */
static inline void name_load_name(uint8_t *name, const struct tp_wire_task *from)
{
    const struct words *f = (const struct words *)(const void *)from;

#pragma GCC unroll 8
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t word = f ? __atomic_load_n(&f->word[i], __ATOMIC_RELAXED) : 0;

        __builtin_memcpy(name + 4 * (i - 1), &word, 4);
    }
}
_Static_assert(offsetof(struct tp_wire_task, name) == 4, "load_name begins at word 1");

static uint32_t name_list_of(uint32_t pid)
{
    return pid * 0x9e3779b1u >> 26;
}
_Static_assert(TP_NAME_HEADS == 1u << 6, "list_of makes 6 bits");

/* The entry, or TP_NAME_NONE. The lists may be changed meanwhile, but there is no way out of them.
 */
static inline uint32_t name_entry_of(const struct tp_names *n, uint32_t pid)
{
    uint32_t at = __atomic_load_n(&n->head[name_list_of(pid)], __ATOMIC_RELAXED);

    for (uint32_t room = __atomic_load_n(&n->room, __ATOMIC_RELAXED); at && room; room--) {
        if (__atomic_load_n(&n->task[at - 1].pid, __ATOMIC_RELAXED) == pid)
            return at - 1;
        at = __atomic_load_n(&n->next[at - 1], __ATOMIC_RELAXED);
    }
    return TP_NAME_NONE;
}

static inline bool name_unchanged(const struct tp_names *n, uint32_t changes)
{
    tp_arch_fence_acquire();
    return __builtin_expect(__atomic_load_n(&n->changes, __ATOMIC_RELAXED) == changes, 1);
}

/* During a change, or after one came in between. */
static __attribute__((__noinline__)) void name_find_again(const struct tp_names *n, uint32_t pid,
                                                          uint8_t *name)
{
    for (uint32_t i = 0; i < TRIES; i++) {
        uint32_t changes = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE);
        uint32_t changing = __atomic_load_n(&n->changing, __ATOMIC_RELAXED);
        uint32_t entry = name_entry_of(n, pid);
        bool is_kept = changes & 1 && entry == changing;

        if (entry == TP_NAME_NONE)
            name_load_name(name, NULL);
        else
            name_load_name(name, is_kept ? &n->kept : &n->task[entry]);
        if (name_unchanged(n, changes) && !(changes & 1 && changing == TP_NAME_ALL))
            return;
    }
    name_load_name(name, NULL);
}

void tp_names_find(const struct tp_names *n, uint32_t pid, uint8_t *name)
{
    uint32_t changes = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE);
    uint32_t entry = name_entry_of(n, pid);

    name_load_name(name, entry == TP_NAME_NONE ? NULL : &n->task[entry]);
    if (__builtin_expect(changes & 1, 0) || !name_unchanged(n, changes))
        name_find_again(n, pid, name);
}

/* --- the writer --- */

/* What came before is seen by who sees that it has begun or ended, and who sees what comes after
 * sees that, too. */
static void name_turn(struct tp_names *n)
{
    __atomic_store_n(&n->changes, n->changes + 1, __ATOMIC_RELEASE);
    tp_arch_fence_release();
}

static void name_begin(struct tp_names *n, uint32_t entry)
{
    if (entry < n->room)
        name_store(&n->kept, &n->task[entry]);
    __atomic_store_n(&n->changing, entry, __ATOMIC_RELAXED);
    name_turn(n);
}

static void name_end(struct tp_names *n)
{
    name_turn(n);
}

static void name_link(struct tp_names *n, uint32_t entry)
{
    uint16_t *head = &n->head[name_list_of(n->task[entry].pid)];

    __atomic_store_n(&n->next[entry], *head, __ATOMIC_RELAXED);
    __atomic_store_n(head, (uint16_t)(entry + 1), __ATOMIC_RELEASE);
}

static void name_unlink(struct tp_names *n, uint32_t entry)
{
    uint16_t *at = &n->head[name_list_of(n->task[entry].pid)];

    while (*at != entry + 1)
        at = &n->next[*at - 1];
    __atomic_store_n(at, n->next[entry], __ATOMIC_RELAXED);
}

/* The entry for one more. It is in no list. */
static uint32_t name_make_room(struct tp_names *n)
{
    uint32_t entry = n->oldest;

    if (n->tasks < n->room)
        return n->tasks++;
    n->oldest = entry + 1 == n->room ? 0 : entry + 1;
    name_begin(n, TP_NAME_NONE);
    name_unlink(n, entry);
    name_end(n);
    return entry;
}

void tp_names_set(struct tp_names *n, const struct tp_wire_task *task)
{
    uint32_t entry = name_entry_of(n, task->pid);

    if (entry != TP_NAME_NONE) {
        name_begin(n, entry);
        name_store(&n->task[entry], task);
        name_end(n);
        return;
    }
    if (!n->room)
        return;
    entry = name_make_room(n);
    name_store(&n->task[entry], task);
    name_begin(n, TP_NAME_NONE);
    name_link(n, entry);
    name_end(n);
}

static void name_reverse(struct tp_names *n, uint32_t from, uint32_t to)
{
    for (; from + 1 < to; from++, to--) {
        struct tp_wire_task last = n->task[to - 1];

        name_store(&n->task[to - 1], &n->task[from]);
        name_store(&n->task[from], &last);
    }
}

/* Oldest first, in place: two parts that are turned round, and then the whole. */
static void name_sort(struct tp_names *n)
{
    name_reverse(n, 0, n->oldest);
    name_reverse(n, n->oldest, n->tasks);
    name_reverse(n, 0, n->tasks);
}

void tp_names_resize(struct tp_names *n, uint32_t room)
{
    static const struct tp_wire_task none;
    uint32_t kept = n->tasks < room ? n->tasks : room, gone = n->tasks - kept;

    name_begin(n, TP_NAME_ALL);
    name_sort(n);
    for (uint32_t i = 0; i < TP_NAME_HEADS; i++)
        __atomic_store_n(&n->head[i], 0, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < n->tasks; i++) {
        name_store(&n->task[i], i < kept ? &n->task[gone + i] : &none);
        if (i < kept)
            name_link(n, i);
    }
    n->tasks = kept;
    __atomic_store_n(&n->room, room, __ATOMIC_RELAXED);
    n->oldest = 0;
    name_end(n);
}
