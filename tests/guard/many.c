/* SPDX-License-Identifier: MIT */
/* A file that creates many events: then compilers are less willing to inline. See disasm.sh. */
#define TP_CREATE
#include <tp/event.h>

#define EVENTS(n)                                                                                  \
    TP_EVENT(many, none##n, "nothing")                                                             \
    TP_EVENT(many, pair##n, "%u %u", u32 a, u32 b)                                                 \
    TP_EVENT(many, text##n, "%u %s %llu", u32 a, str b, u64 c)                                     \
    TP_EVENT(many, raw##n, "%x %u", bytes a, arr(u32, 2) b)

EVENTS(0)
EVENTS(1)
EVENTS(2)
EVENTS(3)
EVENTS(4)
EVENTS(5)
EVENTS(6)
EVENTS(7)

#ifdef PLANTED
/* What the test must find: an emitter that calls. */
__attribute__((noinline)) static bool planted(struct tp_slot *s)
{
    static const uint16_t id = 1;

    return tp_record_try(s, 1, &id, 8) == TP_TRY_BEGUN;
}

void tp_emit_many_planted(void);
void tp_emit_many_planted(void)
{
    struct tp_slot s;

    if (planted(&s))
        tp_record_end(&s);
}
#endif
