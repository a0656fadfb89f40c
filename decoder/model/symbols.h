/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - names of addresses, from a kernel's ELF file or a list of its symbols.
 *
 *     problem = symbols_open(&s, "vmlinux", true);
 *     s.slide = ...;                                       where that kernel ran
 *     if (!problem && symbols_print(&s, o, 0xffffffff81000012, OUT_TEXT))
 *         ...                                              name+0x12
 *     symbols_close(&s);
 *
 * An address has a name as far as its symbol reaches. One that does not say its size reaches up to the
 * next one: in an ELF file inside its section; in a list, where nothing is known of sections, for
 * SYMBOLS_GAP_BYTES at most, and the last one of the kernel or a module, behind which other memory
 * begins, for SYMBOLS_LAST_BYTES.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "model/elf.h"
#include "model/found.h"
#include "model/listing.h"

#define SYMBOLS_MAX (1u << 19)
#define SYMBOLS_NAMES_MAX (12u << 20) /* bytes of all names */
#define SYMBOLS_GAP_BYTES (1u << 20)
#define SYMBOLS_LAST_BYTES (1u << 12)
#define SYMBOLS_NAME_BYTES 1023u /* of a symbol; a longer one is cut, */
#define SYMBOLS_SHOWN_BYTES 511u /* and so is what is shown of it: then it ends in ... */
#define SYMBOLS_MODULE_BYTES 63u
#define SYMBOLS_TEXT_BYTES 600u

/* Names that stand for endless ones, before all are taken as they are: no compiler makes any. */
#define SYMBOLS_CUT_MAX 64u

struct symbol {
    uint64_t address;
    uint32_t bytes; /* as far as it reaches, at least 1 */
    uint32_t
        name : 24; /* where it starts in `names`; a NUL, then its module, if it has one, and a NUL */
    uint32_t sized : 1; /* the file says so */
    uint32_t module : 1;
    uint32_t code : 1; /* it is a function that the file says the size of */
    uint32_t thumb : 1;
    uint32_t ready : 1; /* the name is as it is shown */
};

struct symbols {
    struct symbol *at; /* by address */
    uint32_t count, room;
    char *names;
    size_t names_bytes, names_room;
    uint32_t cut; /* names that were too long when they were demangled */
    bool full;    /* there were more than the limits allow */
    bool demangle;
    bool is_elf;
    struct elf_facts facts; /* then */
    uint64_t slide;         /* what the addresses asked for are higher by than those of the file */
    bool off;               /* they are not of the kernel that is asked about: no names */
    char problem[LISTING_PROBLEM_BYTES];
};

/* NULL, or what is wrong, which is good until it is closed. It has to be closed in both cases. */
const char *symbols_open(struct symbols *s, const char *path, bool demangle);
void symbols_close(struct symbols *s);

/* Before symbols_sort(). False: there is no more room. */
bool symbols_add(struct symbols *s, const struct found *f);
/* After the last one. */
void symbols_sort(struct symbols *s);

/* The symbol that an address lies in, or NULL. Without the slide. */
struct symbol *symbols_find(const struct symbols *s, uint64_t address);
/* The address of the first one that has this name in the file, before any of them was shown. False: there is none. */
bool symbols_named(const struct symbols *s, const char *name, uint64_t *address);
/* Is there one that begins there? */
bool symbols_begin_at(const struct symbols *s, uint64_t address);
/* The text for an address of the dump: name, name+0x12, name+0x12 [module]. Its length, or 0. */
size_t symbols_text(struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES]);
/* The function or object that it is in, without the offset. */
size_t symbols_function(struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES]);
/* The same as text. False, and nothing is printed, if there is none. */
bool symbols_print(struct symbols *s, struct out *o, uint64_t address, enum out_escape how);

#endif
