/* SPDX-License-Identifier: MIT */
/* list.h - the events of a capture, one a line. */
#ifndef LIST_H
#define LIST_H

#include "order/sink.h"

struct sink *list_open(struct sink *k, struct out *o);

#endif
