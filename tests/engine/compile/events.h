/* SPDX-License-Identifier: MIT */
/* An event of each shape that tp/event.h knows. */
#ifndef TP_TEST_EVENTS_H
#define TP_TEST_EVENTS_H

#include <tp/event.h>

TP_ENUM(state, TP_NAME(0, "idle"), TP_NAME(1, "run"), TP_NAME(-1, "dead"))
TP_FLAGS(mode, TP_NAME(1, "read"), TP_NAME(2, "write"), TP_NAME(0x80000000u, "top"))

TP_EVENT(all, none, "nothing")
TP_EVENT(all, unsigned_, "%u %x %o %llu %c", u8 a, u16 b, u32 c, u64 d, u8 e)
TP_EVENT(all, signed_, "%d %d %d %lld", s8 a, s16 b, s32 c, s64 d)
TP_EVENT(all, small, "%d %c %p", bool a, char b, ptr c)
TP_EVENT(all, text, "%s %s %s", str a, str(8) b, str(32000) c)
TP_EVENT(all, raw, "%x %x", bytes a, bytes(64) b)
TP_EVENT(all, arrays, "%u %x %llx %d %lld %d %p", arr(u8, 6) a, arr(u16, 3) b, arr(u64, 2) c,
         arr(s32, 4) d, arr(s64, 1) e, arr(bool, 2) f, arr(ptr, 2) g)
TP_EVENT(all, name, "%s of %s", arr(char, 16) a, arr(char, 1) b)
TP_EVENT(all, names, "%s %s", enum(state) a, flags(mode) b)
TP_EVENT(all, mixed, "%d %s %x %llu %s %s", s8 a, str b, bytes c, u64 d, enum(state) e, str(1) f)
TP_EVENT(all, sixteen, "%u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %llu", u8 a, u8 b, u8 c, u8 d,
         u16 e, u16 f, u16 g, u16 h, u32 i, u32 j, u32 k, u32 l, u8 m, u8 n, u16 o, u64 p)
TP_EVENT(all, many_texts, "%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s", str a, str b, str c, str d, str e,
         str f, str g, str h, str i, str j, str k, str l, str m, str n, str o, str p)
/* a keyword is as good a name as any */
TP_EVENT(sched, switch, "prev=%u next=%u comm=%s", u32 prev, u32 next, str comm)

#endif
