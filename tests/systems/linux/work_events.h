/* SPDX-License-Identifier: MIT */
/* work_events.h - the events of the module that the test loads. */
#include <tp/event.h>

TP_EVENT(work, item, "n=%u sum=%u", u32 n, u32 sum)
TP_EVENT(work, text, "n=%u text=%s", u32 n, str(32) text)
TP_EVENT(work, nmi, "n=%u", u32 n)
