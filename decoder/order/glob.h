/* SPDX-License-Identifier: MIT */
/* glob.h - names of events with * and ?. */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "model/metadata.h"

#define GLOB_MAX 256u /* of a command line */

/* sys:name. Without a colon `name` is NULL, and `sys` is a subsystem, an event of any, or both as ftrace
 * writes it: sched, switch, sched_switch. */
struct glob {
    const char *sys, *name;
    uint32_t sys_bytes, name_bytes;
};

bool glob_names(const struct glob *g, const struct metadata_event *e);

#endif
