/* SPDX-License-Identifier: MIT */
/* elf.h - the symbols of an ELF file: all that libelf does here. */
#ifndef DECODER_ELF_H
#define DECODER_ELF_H

#include <stdbool.h>
#include <stdint.h>

/* Does it start as an ELF file does? Leaves the position at its start. */
bool elf_is(int fd);
/* Gives its symbols to `add`, until that returns false. NULL, or what is wrong. */
const char *elf_read(int fd,
                     bool (*add)(void *context, uint64_t address, uint64_t bytes, const char *name),
                     void *context);

#endif
