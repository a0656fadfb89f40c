/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - names of addresses, from a kernel's ELF file or its System.map.
 *
 *     problem = symbols_open(&s, "vmlinux");
 *     if (!problem && symbols_print(&s, o, 0xffffffff81000012, OUT_TEXT))
 *         ...                                                  name+0x12
 *     symbols_close(&s);
 *
 * A symbol reaches to the next one, unless it says how long it is; the last one SYMBOLS_LAST_BYTES.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define SYMBOLS_MAX (1u << 19)
#define SYMBOLS_NAMES_MAX (12u << 20) /* bytes of all names */
#define SYMBOLS_LAST_BYTES (1u << 20)

struct symbol {
    uint64_t address;
    uint32_t bytes; /* 0: not known */
    uint32_t name;  /* where it starts in `names`; ends in a NUL */
};

struct symbols {
    struct symbol *at; /* by address */
    uint32_t count, room;
    char *names;
    size_t names_bytes, names_room;
    bool full; /* there were more than the limits allow */
};

/* NULL, or what is wrong. It has to be closed in both cases. */
const char *symbols_open(struct symbols *s, const char *path);
void symbols_close(struct symbols *s);

void symbols_add(struct symbols *s, uint64_t address, uint64_t bytes, const char *name, size_t n);
/* Of a System.map: `ffffffff81000000 T _text`. False if it is no such line. */
bool symbols_line(struct symbols *s, const char *line, size_t n);
/* After the last one. */
void symbols_sort(struct symbols *s);

/* The symbol that an address lies in, or NULL. */
const struct symbol *symbols_find(const struct symbols *s, uint64_t address);
#define SYMBOLS_TEXT_BYTES 540u
/* The same as plain text: its length, or 0. */
size_t symbols_text(const struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES]);
/* name, or name+0x12. False, and nothing is printed, if there is none. */
bool symbols_print(const struct symbols *s, struct out *o, uint64_t address, enum out_escape how);

#endif
