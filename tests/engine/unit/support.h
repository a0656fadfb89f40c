/* SPDX-License-Identifier: MIT */
/* What the tests of the engine share: a trace in memory, its dump, small readers. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include "events.h"
#include "port.h"
#include "tp_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/port.h>
#include <tp/trace.h>
#include <tp/wire.h>

struct test_dump {
    uint8_t *bytes;
    size_t size, room;
};

struct tp_count;
extern void (*test_count_hook)(const struct tp_count *c); /* the reader reads a count of losses */
extern unsigned test_store_left; /* so many pieces of control memory less 1; UINT32_MAX: no limit */

/* A started trace with a clock that shows 1000, 1001, ... */
struct tp_trace *test_open(const struct tp_config *config);
/* The memory it lies in. */
uint8_t *test_region(struct tp_trace *trace);
void test_close(struct tp_trace *trace);

void test_append(struct test_dump *dump, const void *bytes, size_t size);
/* Appends what the pipe has, in reads of `step` bytes. */
void test_drain(struct tp_trace *trace, struct test_dump *dump, size_t step);
void test_dump_free(struct test_dump *dump);

/* The n-th chunk of a type (from 0), or NULL. */
const struct tp_wire_chunk *test_chunk(const struct test_dump *dump, int type, unsigned n);

/* Decodes with tpdecode's own code: its exit code, output and diagnostics (ended by NUL). */
int test_decode(const struct test_dump *dump, struct test_dump *out, struct test_dump *diag);
/* The same of up to 4 files. */
int test_decode_files(const struct test_dump *dump, unsigned dumps, struct test_dump *out,
                      struct test_dump *diag);

#endif
