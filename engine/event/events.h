/* SPDX-License-Identifier: MIT */
/* The events that there are, and what is said of them: who records where is not known here. */
#ifndef TP_ENGINE_EVENTS_H
#define TP_ENGINE_EVENTS_H

#include <tp/inner/memory.h>

#include <tp/control.h>
#include <tp/event.h>
#include <tp/port.h>
#include <tp/trace.h>
#include <tp/version.h>
#include <tp/wire.h>

#include <tp/inner/arch.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- use counts, for what can be withdrawn while it is not in use ---
 *
 * One word: bit 0 is set while use is allowed, the bits above count the present users. A use
 * begins, and all use is denied, by one compare-and-swap each, so neither can slip in between. */
#define TP_USE_ALLOWED ((tp_word)1)
static inline bool tp_use_begin(tp_word *use)
{
    tp_word old;

    do {
        old = __atomic_load_n(use, __ATOMIC_RELAXED);
        if (!(old & TP_USE_ALLOWED))
            return false;
    } while (!tp_arch_word_cas(use, old, old + 2));
    return true;
}

static inline void tp_use_end(tp_word *use)
{
    tp_word old;

    do
        old = __atomic_load_n(use, __ATOMIC_RELAXED);
    while (!tp_arch_word_cas(use, old, old - 2));
}

/* Denies all use until tp_use_allow. False, nothing changed: in use, or denied already. */
static inline bool tp_use_deny(tp_word *use)
{
    return tp_arch_word_cas(use, TP_USE_ALLOWED, 0);
}

static inline void tp_use_allow(tp_word *use)
{
    __atomic_store_n(use, TP_USE_ALLOWED, __ATOMIC_RELEASE);
}

/* Counts in a second, where a time to wait is measured by them; a guess while it is not known. */
#define TP_CLOCK_GUESS_HZ (1u << 30)
static inline uint64_t tp_clock_second(void)
{
    uint64_t hz = tp_port_clock_hz();

    return hz ? hz : TP_CLOCK_GUESS_HZ;
}

/* event.c: the registry; its public part is in tp/control.h. Pipes and triggers walk along the
 * sections at any time, so a removed section stays in the list and is used again. */
struct tp_section {
    struct tp_section *next;
    struct tp_event *const *start;
    uint32_t first, count; /* ids */
    uint32_t gone;         /* the epoch of its removal */
    bool used, linked;
};
extern struct tp_section tp_image; /* that of the image, the first in the list */
extern tp_word tp_walks;           /* use count of walks along the events of modules */
bool tp_events_alone(void);        /* only the image has events; under tp_change_lock */
void tp_section_number(struct tp_event *const *start, uint32_t count); /* gives them the next ids */
void tp_section_enter(struct tp_section *s, struct tp_event *const *start, uint32_t count);
/* Around a walk along the events: no module is removed in between. False: one is being removed. */
bool tp_events_begin(void);
void tp_events_end(void);
extern const struct tp_type_info {
    char name[6];
    uint8_t bytes; /* in the fixed part */
    bool tail;
} tp_types[]; /* by enum tp_type */
static inline bool tp_field_has_tail(const struct tp_field *f)
{
    return f->count & TP_FIELD_SEQUENCE || tp_types[f->type].tail;
}
/* In the fixed part. */
static inline uint32_t tp_field_bytes(const struct tp_field *f)
{
    if (f->count & TP_FIELD_SEQUENCE)
        return sizeof(uint16_t);
    return tp_types[f->type].bytes * (f->count ? f->count : 1u);
}

/* check.c */
/* Numbers the events of the image, once; under tp_change_lock. */
int tp_events_init(void);
int tp_section_check(struct tp_event *const *start, struct tp_event *const *stop);
/* Adds what makes two events the same to a checksum: doc/format.md section 5. */
uint32_t tp_event_schema(uint32_t crc, const struct tp_event *e);
uint32_t tp_events_crc(void); /* which events the image has: doc/region.md section 2 */

/* metadata.c: writes the CBOR from byte `from` on to out[room]. Returns the length of it all. */
size_t tp_metadata_write(uint8_t *out, size_t from, size_t room, const struct tp_config *config);
/* The same for the map that a module adds; without events, one that says the clock's rate. */
size_t tp_metadata_more(uint8_t *out, size_t room, struct tp_event *const *start, uint32_t count);
/* The checksum of all of it, with its padding; out[room] is scratch memory. */
uint32_t tp_metadata_crc(uint8_t *out, size_t room, const struct tp_config *config);

/* crc.c: CRC-32C; start with 0. */
uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
/* The same from 0, without the four bytes at `at`, where it will be. */
uint32_t tp_crc_around(const void *bytes, size_t count, size_t at);
void tp_crc_init(void);

#endif
