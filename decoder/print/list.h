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

/* Those that the options name. json: an object for each. */
struct sink *list_open(struct list *l, struct out *o, const struct select_options *options,
                       bool json);

#endif
