/* SPDX-License-Identifier: MIT */
/* ledger.h - what --tasks prints: a line for each task, and what was left out. */
#ifndef LEDGER_H
#define LEDGER_H

#include "answer/tasks.h"

/* The first `count` of t->order. */
void ledger_text(const struct tasks *t, uint32_t count);
void ledger_json(const struct tasks *t, uint32_t count);

#endif
