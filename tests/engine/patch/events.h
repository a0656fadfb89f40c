/* SPDX-License-Identifier: MIT */
#include <tp/event.h>

TP_EVENT(live, n, "%u", u32 n)
TP_EVENT(live, other, "%s", str text)
TP_EVENT(live, far, "nothing")
TP_EVENT(live, trigger, "nothing")
