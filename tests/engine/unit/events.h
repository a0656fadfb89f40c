/* SPDX-License-Identifier: MIT */
/* The events of the unit tests. */
#ifndef TEST_EVENTS_GUARD
#define TEST_EVENTS_GUARD
#include <tp/event.h>

TP_ENUM(why, TP_NAME(-1, "error"), TP_NAME(0, "idle"), TP_NAME(1, "wake"))
TP_FLAGS(gfp, TP_NAME(1, "ATOMIC"), TP_NAME(2, "ZERO"), TP_NAME(4, "HIGH"))

TP_EVENT(sched, none, "nothing to say")
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-zero-length"
TP_EVENT(sched, mute, "")
#pragma GCC diagnostic pop
TP_EVENT(sched, pair, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(sched, odd, "x=%x y=%u z=%u", u8 x, u16 y, u32 z)
TP_EVENT(mm, wide, "a=%llu b=%lld", u64 a, s64 b)
TP_EVENT(mm, signed, "a=%d b=%d c=%d d=%lld", s8 a, s16 b, s32 c, s64 d)
TP_EVENT(mm, small, "t=%d c=%c p=%p", bool t, char c, ptr p)
TP_EVENT(fs, open, "path=%s flags=%s why=%s", str path, flags(gfp) flags, enum(why) why)
TP_EVENT(fs, tails, "%s %x %s %x", str(4) s, bytes b, str t, bytes(3) c)
TP_EVENT(fs, arrays, "%u %d %s", arr(u32, 3) n, arr(s8, 2) m, arr(char, 6) name)
TP_EVENT(fs, long, "%x", bytes(32000) data)
TP_EVENT(fs, all, "%u %u %u %llu %d %d %d %lld %d %c %p %s %s %x %u %s", u8 a, u16 b, u32 c, u64 d,
         s8 e, s16 f, s32 g, s64 h, bool i, char j, ptr k, str l, str(9) m, bytes n, arr(u16, 2) o,
         flags(gfp) p)

#endif
