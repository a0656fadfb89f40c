/* SPDX-License-Identifier: MIT */
/*
 * help.h - what the tests of the decoder share: bytes from hex, dumps
 * built from doc/format.md, and a run of the decoder with all it says.
 */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decoder/tool/decode.h"

struct help_bytes {
    uint8_t *p;
    size_t n, room;
    uint64_t stream, side; /* of a dump: the last stream, and its next chunk that is not data */
};

/* A whole file; the text ends in a NUL that n does not count. Fails the test if it cannot. */
struct help_bytes help_file(const char *path);
/* Hex digits with '#' comments. */
struct help_bytes help_hex(const char *text, size_t n);
/* The bytes as a gzip member, which is at most 64 KiB. */
struct help_bytes help_gzip(const void *bytes, size_t n);
/* tests/golden/CLASS-NAME, with its class (good, bad, unsupported); ends the test if there is none. */
const char *help_golden_path(const char *name, const char *extension);
struct help_bytes help_golden(const char *name); /* the dump in its .hex */
/* The example of doc/format.md section 12. */
struct help_bytes help_example(void);
void help_free(struct help_bytes *b);
void help_add(struct help_bytes *b, const void *bytes, size_t n);

/* By tests/lib/crc32c.h. */
uint32_t help_crc(const void *bytes, size_t n);

/* Header fields as in doc/format.md section 4; the rest of the chunk is made to fit. */
struct help_chunk {
    uint8_t type, major;
    uint16_t cpu, flags;
    uint32_t records;
    uint64_t stream, time, first_record, lost[5];
    bool swap; /* byte order that is not ours */
};
void help_add_chunk(struct help_bytes *dump, struct help_chunk c, const void *payload, size_t n);
/* One event, id 1, t:num "v=%u" with a u32; clock 1 GHz. */
void help_add_metadata(struct help_bytes *dump, uint8_t cpus);
void help_add_metadata_hz(struct help_bytes *dump, uint8_t cpus, uint32_t hz);
/* Events s:e0, s:e1 ... with ids from 1 on: u32 k, s64 d; clock 1 GHz. */
void help_add_events(struct help_bytes *dump, uint32_t events, uint8_t cpus); /* below 24 */
/* Records of event 1: values first, first + 1 ... at the times time, time + step ... */
void help_add_records(struct help_bytes *dump, uint16_t cpu, uint64_t first, uint32_t count,
                      uint64_t time, uint32_t step);

struct help_run {
    char *out, *err; /* with a NUL at the end */
    size_t out_bytes, err_bytes;
    int code;
};
/* Where a format is a directory: one of its own, with all that is in it removed at the end. */
void help_folder_open(struct decode_options *o);
void help_folder_close(struct decode_options *o);
/* For --explore: a terminal of its own where these keys are typed, and what is drawn is dropped, even standard output. */
void help_terminal_open(struct decode_options *o, const char *keys);
void help_terminal_close(struct decode_options *o);
#define HELP_KEYS "jj+++llh---0/v > 1\rnN&v > 2\r&\rg1.5\r]]m [kJK}{LH?x>b<:+0.5s\rq"
/* A run of the decoder; what it says is caught, but for output that has a sink of its own. */
struct help_run help_run(struct decode_options o);
enum help_mode { HELP_TEXT, HELP_JSON, HELP_LIST, HELP_UTC, HELP_UTC_JSON };
struct help_run help_decode(const char *name, const void *bytes, size_t n, enum help_mode mode);
void help_run_free(struct help_run *r);

#endif
