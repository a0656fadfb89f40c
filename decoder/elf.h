/* SPDX-License-Identifier: MIT */
/* elf.h - the symbols of an ELF file: all that libelf does here. */
#ifndef DECODER_ELF_H
#define DECODER_ELF_H

#include <stdbool.h>

struct symbols;

/* Does it start as an ELF file does? Leaves the position at its start. */
bool elf_is(int fd);
/* Adds its symbols. NULL, or what is wrong. */
const char *elf_read(int fd, struct symbols *s);

#endif
