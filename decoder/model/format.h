/* SPDX-License-Identifier: MIT */
/*
 * format.h - an event's fmt and fields as a small program.
 *
 * Compiled once per event; printing a record is a straight run through the
 * steps (value.h). The language is that of doc/format.md annex A.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

struct mem_arena;
struct metadata_event;
struct metadata_field;

#define FORMAT_TEXT_UNIT 16u /* texts are copied so many bytes at once: as many more may be read */
#define FORMAT_WIDTH_MAX 4096u /* of a precision as well */

enum format_kind {
    FORMAT_TEXT, /* nothing follows the text */
    FORMAT_U8,   /* plain decimals: no flags, no width */
    FORMAT_U16,
    FORMAT_U32,
    FORMAT_U64,
    FORMAT_S8,
    FORMAT_S16,
    FORMAT_S32,
    FORMAT_S64,
    FORMAT_STR,  /* %s of a str, no width */
    FORMAT_VALUE /* everything else */
};

/* A text, and a value after it. */
struct format_step {
    enum format_kind kind;
    uint32_t at;      /* of the field */
    const char *text; /* printed unchanged, escaped already; may be empty */
    uint32_t text_bytes;
    const struct metadata_field *field; /* NULL: FORMAT_TEXT */
    char letter;
    bool minus, plus, hash, zero, space;
    uint16_t width;
    int16_t precision; /* -1: none */
};

struct format {
    uint32_t count;      /* at least 1 */
    uint32_t head_bytes; /* of the text of the first step: ": sys_name: ", escaped */
    struct format_step steps[];
};

/* The program of an event. Its first text begins with ": sys_name: ". NULL: the arena is full. */
const struct format *format_compile(const struct metadata_event *e, struct mem_arena *arena);

#endif
