/* SPDX-License-Identifier: MIT */
/* parts.h - what the files of tracepoint.ko have of each other. */
#ifndef TP_LINUX_PARTS_H
#define TP_LINUX_PARTS_H

#include <linux/types.h>

struct tp_config;
struct tp_image_id;
struct tp_trace;

extern struct tp_trace *main_trace; /* main.c: the one that this module opens */
int main_errno(int error);          /* that of Linux for one of enum tp_error */

void clock_choose(void); /* clock.c: once, before the trace is opened */
void clock_pair(void);   /* tells the trace the wall time */

void *region_get(size_t bytes); /* region.c: contiguous memory, if there is so much; or NULL */
void region_put(void);

const struct tp_image_id *image_find(void); /* image.c: NULL: not known */

int reader_add(const struct tp_config *config, unsigned int flush_ms); /* reader.c */
void reader_remove(void);

void files_add(void); /* files.c: the control tree in debugfs, if there is a debugfs */
void files_remove(void);
void files_renew(void); /* events came or went */

int task_add(void); /* task.c: follows the names of tasks */
void task_remove(void);

int hotplug_add(void); /* hotplug.c */
void hotplug_remove(void);

#endif
