/* SPDX-License-Identifier: MIT */
/* The hosted port with a clock that passes 2^32 in the middle of the run, whatever it counts. */
#ifndef TEST_FOREIGN_PORT_H
#define TEST_FOREIGN_PORT_H

#include "../../../engine/port/hosted/port.h"

extern uint64_t foreign_epoch; /* what the processor's clock showed at the time 0 */

static inline uint64_t foreign_clock(void)
{
    return tp_port_clock() - foreign_epoch;
}
#undef tp_port_clock
#undef tp_port_clock_halves
#define tp_port_clock foreign_clock

#endif
