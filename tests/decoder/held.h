/* SPDX-License-Identifier: MIT */
/* held.h - the malloc() of unit_damage: what is held, and allocations that fail. */
#ifndef HELD_H
#define HELD_H

/* From here on allocations are counted ... */
void held_start(void);
/* ... to here. Returns the most bytes that were held at once. */
long held_stop(void);

#endif
