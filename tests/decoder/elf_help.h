/* SPDX-License-Identifier: MIT */
/*
 * elf_help.h - a small ELF file of any class, byte order and machine, built from the ELF
 * specification (System V ABI, gABI 4.1), so that it shares nothing with the decoder.
 */
#ifndef ELF_HELP_H
#define ELF_HELP_H

#include "help.h"

enum elf_help_type { ELF_HELP_NOTYPE, ELF_HELP_OBJECT, ELF_HELP_FUNC };

struct elf_help_symbol {
    const char *name;
    uint64_t address, size;
    uint8_t type;     /* enum elf_help_type, or another number of the specification */
    uint8_t global;   /* 0: local */
    uint16_t section; /* 0: undefined, 1: the only one in memory, 0xfff1: absolute */
};

/* Where its parts are in the file, in bytes. */
struct elf_help_place {
    size_t segment, names, symbols, note, sections;
    size_t section_bytes, symbol_bytes; /* of one entry */
};

struct elf_help {
    uint16_t machine;
    bool wide, big;       /* 64 bits; most significant byte first */
    uint16_t type;        /* 0: an executable */
    uint64_t base, bytes; /* of its only segment, and of section 1 in it */
    const struct elf_help_symbol *symbols;
    unsigned symbol_count;
    const char *build_id;     /* NULL: no note */
    struct elf_help_place at; /* result */
};

struct help_bytes elf_help(struct elf_help *e);
/* A number of `bytes` bytes there, in the byte order of that file. */
void elf_help_set(const struct elf_help *e, struct help_bytes *file, size_t at, unsigned bytes,
                  uint64_t v);
/* A path that reads these bytes while *fd is open: nothing of it stays. */
const char *elf_help_file(const void *bytes, size_t n, int *fd);

#endif
