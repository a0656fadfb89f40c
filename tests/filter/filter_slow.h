/* SPDX-License-Identifier: MIT */
/*
 * filter_slow.h - the filter language once more: a tree, recursion and 128 bits, written from the
 * comment of tp/filter.h and not from the engine.
 */
#ifndef FILTER_SLOW_H
#define FILTER_SLOW_H

#include <tp/filter.h>

struct slow_node;

/* NULL: the text is no filter, or over a limit. The tree lives until the next call. */
const struct slow_node *slow_parse(const char *text, size_t bytes,
                                   const struct tp_filter_schema *schema);
int slow_eval(const struct slow_node *node, const struct tp_filter_value *value);
/* Bits of the values that the tree looks at. */
uint32_t slow_uses(const struct slow_node *node);
int slow_glob(const char *pattern, size_t pattern_bytes, const char *text, size_t text_bytes);

#endif
