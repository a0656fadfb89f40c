/* SPDX-License-Identifier: MIT */
/*
 * regions.h - the regions of an image that are read at once, each as an input of its own, so that a merge puts the records of
 * all in one order.
 *
 * That is done where they are known to share a clock: then several traces of one kernel are one listing. An image that has what
 * another boot left is read one region after the other, as their counters say nothing of each other. Nothing that a region
 * carries names the boot: only clock pairs show it. Where some have none the regions are read one after the other as well,
 * and a note says so.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include "base/range.h"
#include "order/stream.h"

#define REGIONS_MAX 16u /* beyond one of each input, of all inputs */

/* streams: *count of them are open, and there is room for REGIONS_MAX more; nothing is read yet. captures: those that are asked
 * for, as --capture has them. Opens as many as there are. True: some. */
bool regions_open(struct stream *streams, size_t *count, const struct range_list *captures);

#endif
