/* SPDX-License-Identifier: MIT */
/* spans_name.h - what spans and the roots of paths are called. */
#ifndef SPANS_NAME_H
#define SPANS_NAME_H

#include "answer/spans.h"

/* SUBSYSTEM:NAME, or SUBSYSTEM:EVENT, as a number. 0: it is to have a name, and has none. */
uint32_t spans_name_record(struct spans *sp, const struct roles_meaning *m,
                           const struct stream_lane *lane, const struct metadata_event *e,
                           const struct value_tail *tails, bool must);
/* What a path begins with, as a node: by its name; */
uint32_t spans_name_root(struct spans *sp, const char *name, size_t bytes);
/* of a task: its name, or if that is not known what is given, */
uint32_t spans_name_task(struct spans *sp, const struct stream *s, __int128 task,
                         struct metadata_text given);
/* and of a track that is no task: `cpu 0`, `queue 3`. */
uint32_t spans_name_track(struct spans *sp, const struct metadata_field *f,
                          const struct stack_id *id);

#endif
