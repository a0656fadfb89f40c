/* SPDX-License-Identifier: MIT */
/* label.h - the name of its input at the start of each line, if there are several. */
#ifndef LABEL_H
#define LABEL_H

#include "order/stream.h"

/* Names are padded to the longest, but for those that are longer than this. */
#define LABEL_COLUMNS 24u

/* What comes after the last '/', if that is enough; then the whole name, then that with the number of the input. Of regions that
 * are read at once the number of the capture, too. Before anything is read.
 * The streams keep pointers to what is returned, which the caller frees. */
void *label_all(struct stream *streams, uint32_t count);

#endif
