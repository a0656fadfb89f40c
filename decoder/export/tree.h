/* SPDX-License-Identifier: MIT */
/* tree.h - Perfetto's process tree: names and groups of tasks. */
#ifndef TREE_H
#define TREE_H

#include "export/packet.h"

/* The group of a task, or 0. t may be NULL. */
uint32_t tree_group(const struct task *t);
/* Says its name and its group if Perfetto does not know them. Task 0 is Perfetto's own idle task. */
void tree_task(struct perfetto *f, const struct stream *s, int32_t pid);

#endif
