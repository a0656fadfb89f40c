/* SPDX-License-Identifier: MIT */
/* slice.h - tracks of a Perfetto trace: slices, counters, instants. */
#ifndef SLICE_H
#define SLICE_H

#include "export/packet.h"

/* As nest.h calls them; the context is the struct perfetto. */
void slice_begin(void *context, struct nest_span *span, const struct nest_record *r);
void slice_end(void *context, const struct nest_span *span, uint64_t ns, enum nest_why why,
               const struct nest_record *r);
void slice_whole(void *context, const struct nest_span *span, uint64_t ns,
                 const struct nest_record *r);
/* The value of a counter. */
void slice_counter(struct perfetto *f, const struct nest_record *r);
/* Begins an instant on the track of the losses of a CPU, or, beyond all CPUs, of what no CPU is known of. What is
 * added before slice_close() is in it. */
size_t slice_instant_open(struct perfetto *f, struct stream *s, uint32_t cpu, uint64_t ns,
                          const char *name, size_t n);
void slice_close(struct perfetto *f, size_t at);

#endif
