/* SPDX-License-Identifier: MIT */
/* dump_help.h - what the tests of tpdecode.h share. */
#ifndef DUMP_HELP_H
#define DUMP_HELP_H

#include <tpdecode.h>

#include "help.h"

/* The bytes of a dump, as the input "m". */
struct tp_dump *dump_open(const void *bytes, size_t n);
/* A golden dump that stands at its first record; both are freed by the caller. */
struct tp_dump *dump_record(const char *name, struct help_bytes *bytes,
                            const struct tp_dump_item **item);
/* All items, a line each, and how it ended:
 *     capture 0x5eed 1000 Hz, 2 cpus, m     L0 1000 2 full      R0 1000 t:num: v=1
 *     U0 1000 t:num: v=1                    R0 2 id 77, 8 bytes
 *     note - TEXT                           bad m: TEXT
 *     sampled t:num: 7 0xHASH
 *     complete: 4 of 4, 17 lost
 * Frees the dump. */
struct help_bytes dump_print(struct tp_dump *d);
void dump_expect(struct tp_dump *d, const char *want);
void dump_expect_golden(const char *name, const char *want);

#endif
