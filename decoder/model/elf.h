/* SPDX-License-Identifier: MIT */
/*
 * elf.h - the symbols of an ELF file, and what tells whose they are: all that libelf does here.
 *
 * The file may be anything. What it says of its own sizes is checked, and memory does not depend on
 * it: a table takes ELF_TABLE_BYTES at most.
 */
#ifndef DECODER_ELF_H
#define DECODER_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "model/found.h"

#define ELF_TABLE_BYTES (32u << 20) /* of symbols, and of their names; more is refused */
#define ELF_NOTES_BYTES (1u << 20)  /* of all notes; what is beyond is not looked at */
#define ELF_ID_BYTES 64u            /* of a build id; a longer one is none */

struct elf_facts {
    uint32_t machine; /* e_machine */
    bool wide, big;   /* of 64 bits, and with the highest byte first */
    bool loads;       /* it has a segment that is loaded, */
    uint64_t lowest;  /* and this is where the lowest was linked */
    uint32_t id_bytes;
    uint8_t id[ELF_ID_BYTES]; /* the GNU build id */
};

/* Do they start as an ELF file does? */
bool elf_begins(const char *bytes, size_t n);
/* Does it? Leaves the position at its start. */
bool elf_is(int fd);
/* What e_machine means, as "x86-64 (62)"; a number that is not known, alone. Returns `to`. */
#define ELF_MACHINE_TEXT 32u
const char *elf_machine(uint64_t machine, char to[ELF_MACHINE_TEXT]);
/* Gives its symbols to `take`, until that returns false. NULL, or what is wrong. */
const char *elf_read(int fd, struct elf_facts *facts,
                     bool (*take)(void *context, const struct found *f), void *context);
/* Is it a name that assemblers give to places, to tell code from data? Of that machine (0: of any
 * that has them). Only local names without a type are. */
bool elf_is_mapping(uint32_t machine, const char *name, size_t n);

#endif
