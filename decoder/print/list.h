/* SPDX-License-Identifier: MIT */
/* list.h - the events of a capture, one a line. */
#ifndef LIST_H
#define LIST_H

#include "order/select.h"

struct list {
    struct sink sink;
    const struct select_options *options;
    bool json;
};

/* sys:name, and how many characters it takes as text. */
void list_name(struct out *o, const struct metadata_event *e, enum out_escape how);
size_t list_name_bytes(const struct metadata_event *e);
/* Those that the options name. json: an object for each. */
struct sink *list_open(struct list *l, struct out *o, const struct select_options *options,
                       bool json);

#endif
