/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/given.h - includes the header that the kernel supplies; for tp/port.h.
 *
 * Not in tp/port.h itself: a compiler looks for "port.h" first in the folder of the including file,
 * and in tp/ it would find tp/port.h.
 */
#ifndef TP_INNER_GIVEN_H
#define TP_INNER_GIVEN_H

#include TP_PORT_HEADER

#endif
