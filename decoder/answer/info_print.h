/* SPDX-License-Identifier: MIT */
/* info_print.h - what --info prints: a screen for one capture, a few lines each for several, JSON. */
#ifndef INFO_PRINT_H
#define INFO_PRINT_H

#include "answer/info.h"

void info_print_text(const struct info *in);
void info_print_json(const struct info *in);

#endif
