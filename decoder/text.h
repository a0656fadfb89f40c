/* SPDX-License-Identifier: MIT */
/*
 * text.h - records as lines of text, in the layout of ftrace.
 *
 *     comm-pid     [cpu] flags secs.usecs: event: fields
 */
#ifndef TEXT_H
#define TEXT_H

#include "sink.h"

/* The five characters of the context, the same in all outputs. */
#define TEXT_FLAGS_BYTES 5u
void text_flags(char to[TEXT_FLAGS_BYTES], const uint8_t *context);

/* Name of a task: what is known, or what stands for it. */
const char *text_comm(const struct stream *s, uint32_t pid, size_t *n);

struct sink text_sink(struct out *o);

#endif
