/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/given.h - the header that the kernel supplies; for tp/port.h.
 *
 * "port.h" is looked for where the including file is: in tp/ that would be tp/port.h itself.
 */
#ifndef TP_INNER_GIVEN_H
#define TP_INNER_GIVEN_H

#include TP_PORT_HEADER

#endif
