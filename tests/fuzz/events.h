/* SPDX-License-Identifier: MIT */
/* The events of the fuzz targets that have an engine. */
#ifndef FUZZ_EVENTS_GUARD
#define FUZZ_EVENTS_GUARD
#include <tp/event.h>

TP_ENUM(why, TP_NAME(-1, "error"), TP_NAME(0, "idle"), TP_NAME(1, "wake"))
TP_FLAGS(gfp, TP_NAME(1, "ATOMIC"), TP_NAME(2, "ZERO"), TP_NAME(4, "HIGH"))

TP_EVENT(sched, pair, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(mm, wide, "a=%llu b=%lld", u64 a, s64 b)
TP_EVENT(fs, open, "path=%s flags=%s why=%s", str path, flags(gfp) flags, enum(why) why)
TP_EVENT(fs, arrays, "%u %d %s", arr(u32, 3) n, arr(s8, 2) m, arr(char, 6) name)

#endif
