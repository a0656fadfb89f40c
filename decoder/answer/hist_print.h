/* SPDX-License-Identifier: MIT */
/* hist_print.h - what --hist prints: distributions, lists of names, and the row of others. */
#ifndef HIST_PRINT_H
#define HIST_PRINT_H

#include "answer/hist.h"

/* So many keys are shown, all of them in order; so many are in the row of others. */
void hist_print_text(struct hist *h, uint32_t shown, uint64_t others);
void hist_print_json(struct hist *h, uint32_t shown, uint64_t others);

#endif
