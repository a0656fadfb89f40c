/* SPDX-License-Identifier: MIT */
/* found.h - a symbol, as a file has it: what its readers (elf.h, listing.h) pass on to symbols.h. */
#ifndef FOUND_H
#define FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct found {
    uint64_t address;
    uint64_t bytes;            /* 0: not known */
    uint64_t end;              /* then: nothing of it is beyond this address; 0: not known either */
    const char *name, *module; /* no NULs in them; module: NULL, it is of the kernel itself */
    size_t name_bytes, module_bytes;
    bool code;  /* a function, of an ELF file that says so */
    bool thumb; /* Thumb code of ARM: its addresses may have bit 0 set, or not */
};

#endif
