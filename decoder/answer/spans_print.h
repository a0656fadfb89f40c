/* SPDX-License-Identifier: MIT */
/* spans_print.h - what --spans prints: the table, JSON, folded stacks, and what is left out of them. */
#ifndef SPANS_PRINT_H
#define SPANS_PRINT_H

#include "answer/spans.h"

/* The option that it was asked by. */
const char *spans_print_word(const struct spans *sp);
/* After span_sort(). */
void spans_print_text(const struct spans *sp);
void spans_print_json(const struct spans *sp);
/* Folded stacks or a flame graph; what is left out goes to standard error, or into the page. */
void spans_print_folded(const struct spans *sp);

#endif
