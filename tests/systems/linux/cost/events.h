/* SPDX-License-Identifier: MIT */
/* events.h - what the comparison records with the engine. */
#include <tp/event.h>

TP_EVENT(cost, pair, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(cost, off, "a=%u b=%u", u32 a, u32 b)
