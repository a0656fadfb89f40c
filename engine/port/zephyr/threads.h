/* SPDX-License-Identifier: MIT */
/* threads.h - events of Zephyr's threads and interrupts. A thread is the low half of its address. */
#include <tp/event.h>

TP_EVENT(thread, in, "thread=0x%x", u32 thread)
TP_ROLE(thread, in, run, (task, thread))
TP_EVENT(thread, out, "thread=0x%x", u32 thread)
TP_ROLE(thread, out, stop, (task, thread))
TP_EVENT(thread, ready, "thread=0x%x", u32 thread)
TP_ROLE(thread, ready, wake, (task, thread))
TP_EVENT(thread, create, "thread=0x%x name=%s", u32 thread, str name)
TP_ROLE(thread, create, new, (task, thread), (name, name))
TP_EVENT(thread, abort, "thread=0x%x", u32 thread)
TP_ROLE(thread, abort, gone, (task, thread))
TP_EVENT(thread, pend, "thread=0x%x", u32 thread)
TP_EVENT(thread, priority, "thread=0x%x priority=%d", u32 thread, s32 priority)
TP_EVENT(isr, enter, "interrupt")
TP_ROLE(isr, enter, begin, (track, TP_CPU))
TP_EVENT(isr, exit, "interrupt")
TP_ROLE(isr, exit, end, (track, TP_CPU))
