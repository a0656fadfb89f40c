/* SPDX-License-Identifier: MIT */
/*
 * The events of the test kernel. Between them they use every field type, and
 * have from no fields to 16.
 *
 * The fields of the `job` events are functions of a number, so that a test can
 * check values: see workload.c.
 */
#include <tp/event.h>

#ifndef KERNEL_EVENTS_H
#define KERNEL_EVENTS_H
#define ZONES 4
#endif

TP_ENUM(thread_state, TP_NAME(0, "free"), TP_NAME(1, "ready"), TP_NAME(2, "running"),
        TP_NAME(3, "waiting"), TP_NAME(4, "sleeping"), TP_NAME(5, "dead"))
TP_ENUM(syscall_name, TP_NAME(0, "getpid"), TP_NAME(1, "yield"), TP_NAME(2, "sleep"),
        TP_NAME(3, "alloc"), TP_NAME(4, "free"), TP_NAME(5, "log"), TP_NAME(6, "data"),
        TP_NAME(7, "time"), TP_NAME(8, "sync"))
TP_FLAGS(mm_flags, TP_NAME(1, "ZERO"), TP_NAME(2, "STACK"), TP_NAME(4, "TRACE"))

TP_EVENT(sched, switch, "prev=%u state=%s next=%u comm=%s",
         u32 prev, enum(thread_state) state, u32 next, str(16) comm)
TP_EVENT(sched, wakeup, "pid=%u cpu=%u from_irq=%d", u32 pid, u8 cpu, bool from_irq)
TP_EVENT(sched, fork, "parent=%u child=%u comm=%s", u32 parent, u32 child, arr(char, 16) comm)
TP_EVENT(sched, exit, "pid=%u code=%d lived=%llu", u32 pid, s32 code, u64 lived)
TP_EVENT(sched, idle, "nothing to run")
TP_EVENT(sched, tick, "ready=%u ticks=%llu", u16 ready, u64 ticks)
TP_EVENT(sched, sleep, "pid=%u ticks=%lld", u32 pid, s64 ticks)

TP_EVENT(irq, entry, "vector=%u name=%s rip=%p", u8 vector, str name, ptr rip)
TP_EVENT(irq, exit, "vector=%u resched=%d", u8 vector, bool resched)
TP_EVENT(irq, ipi, "to=%u kind=%c", u8 to, char kind)
TP_EVENT(irq, nmi, "rip=%p count=%llu", ptr rip, u64 count)

TP_EVENT(mm, alloc, "page=%p pages=%u flags=%s", ptr page, u32 pages, flags(mm_flags) flags)
TP_EVENT(mm, free, "page=%p pages=%u first=%x", ptr page, u32 pages, bytes(8) first)
TP_EVENT(mm, pressure, "change=%d zones=%u", s16 change, arr(u16, ZONES) zones)

TP_EVENT(syscall, enter, "nr=%s args=%llx", enum(syscall_name) nr, arr(u64, 2) args)
TP_EVENT(syscall, exit, "nr=%s ret=%lld", enum(syscall_name) nr, s64 ret)
TP_EVENT(syscall, log, "%s", str text)
TP_EVENT(syscall, data, "%x", bytes data)

TP_EVENT(job, all,
         "n=%u u8=%u u16=%u u64=%llu s8=%d s16=%d s32=%d s64=%lld bool=%d char=%c ptr=%p "
         "str=%s bytes=%x arr=%d enum=%s flags=%s",
         u32 n, u8 a, u16 b, u64 c, s8 d, s16 e, s32 f, s64 g, bool h, char i, ptr j, str k,
         bytes(16) l, arr(s32, 3) m, enum(thread_state) o, flags(mm_flags) p)
TP_EVENT(job, item, "n=%u worker=%u", u32 n, u32 worker)
TP_EVENT(job, limits, "s64=%lld u64=%llx s8=%d empty=%s none=%s cut=%s bytes=%x",
         s64 low, u64 high, s8 least, str empty, str none, str(8) cut, bytes(4) data)

TP_EVENT(job, live, "n=%u", u32 n)
TP_EVENT(job, known, "n=%u recorded=%d", u32 n, bool recorded)

/* Those of the story. */
TP_EVENT(lock, wait, "lock=%s owner=%u", str(16) lock, u32 owner)
TP_EVENT(lock, acquire, "lock=%s", str(16) lock)
TP_EVENT(lock, release, "lock=%s", str(16) lock)
TP_EVENT(disk, write, "block=%llu bytes=%u", u64 block, u32 bytes)
TP_EVENT(sensor, read, "value=%d", s16 value)
TP_EVENT(backup, pack, "block=%u bytes=%u", u32 block, u32 bytes)

/* What they are to viewers. */
TP_ROLE(sched, switch, switch, (prev, prev), (state, state), (next, next), (name, comm))
TP_ROLE(sched, wakeup, wake, (task, pid), (cpu, cpu))
TP_ROLE(sched, fork, new, (task, child), (parent, parent), (name, comm))
TP_ROLE(sched, exit, gone, (task, pid))
TP_ROLE(sched, tick, counter, (value, ready), (key, TP_CPU))
TP_ROLE(irq, entry, begin, (track, TP_CPU), (name, name))
TP_ROLE(irq, exit, end, (track, TP_CPU))
TP_ROLE(mm, alloc, open, (id, page), (name, pages))
TP_ROLE(mm, free, close, (id, page))
TP_ROLE(syscall, enter, begin, (track, TP_TASK), (name, nr))
TP_ROLE(syscall, exit, end, (track, TP_TASK))
TP_ROLE(syscall, log, log, (text, text))
TP_ROLE(lock, wait, begin, (track, TP_TASK), (name, lock))
TP_ROLE(lock, acquire, end, (track, TP_TASK))
TP_ROLE(sensor, read, counter, (value, value))

/* Where a CPU was, and what had called that. */
TP_EVENT(prof, sample, "pc=%p from=%p", ptr pc, seq(ptr, 16) from)
TP_ROLE(prof, sample, sample, (ip, pc), (stack, from))

TP_EVENT(boot, early, "before the per-CPU areas, code at %p", ptr code)
TP_EVENT(boot, life, "life=%u n=%u", u32 life, u32 n)
