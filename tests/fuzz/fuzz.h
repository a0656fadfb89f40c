/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the fuzz targets share: bytes that grow, a run of the decoder, and what must hold
 * of any run.
 *
 * A target is one source that has LLVMFuzzerTestOneInput and LLVMFuzzerCustomMutator, for libFuzzer
 * and for AFL++ (tests/fuzz/README.md). What does not hold ends the process, which is a finding.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/decode.h"

struct fuzz_bytes {
    uint8_t *p;
    size_t n, room;
};

void fuzz_add(struct fuzz_bytes *b, const void *bytes, size_t n);
void fuzz_free(struct fuzz_bytes *b);
/* As struct out_sink wants it: appends to the struct fuzz_bytes that `context` is. */
int fuzz_collect(void *context, const void *bytes, size_t n);

/* Ends the process with the text if `holds` is false. */
void fuzz_require(bool holds, const char *what);

struct fuzz_run {
    struct fuzz_bytes out, err;
    int code;
};

/* The decoder with these bytes as its one input. */
struct fuzz_run fuzz_decode(struct decode_options o, const void *bytes, size_t n);
void fuzz_run_free(struct fuzz_run *r);
/* What must hold of every run: an exit code of its list, no control character in what is printed (a
 * dump that is written may have any byte), and never more than FUZZ_RATIO bytes of output for one of input
 * beyond FUZZ_FREE_BYTES. */
void fuzz_check(const struct fuzz_run *r, const struct decode_options *o);
/* Ways to print, by a number: formats, times, answers, selections. */
struct decode_options fuzz_options(uint8_t number);

/* From libFuzzer or AFL++; mutates in place, returns the new size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
/* Called once, before the first input (fuzz.c). */
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* Of a target: these two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

#endif
