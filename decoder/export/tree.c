/* SPDX-License-Identifier: MIT */
/* tree.c - Perfetto's process tree. */
#include "export/tree.h"

uint32_t tree_group(const struct task *t)
{
    return t && t->group && t->group < SCHED_FOREIGN ? t->group : 0;
}

static void tree_put(struct perfetto *f, const struct stream *s, uint32_t pid, const struct task *t)
{
    uint32_t group = tree_group(t) ? tree_group(t) : pid;
    const struct task *leader = group == pid ? t : task_find(&s->tasks, group);
    size_t at, inside;

    packet_start(f, packet_stream(f, s)->machine, false);
    proto_u64(&f->packet, PACKET_TIME, packet_ns(f, packet_stream(f, s)->last_ns));
    at = proto_open(&f->packet, PACKET_PROCESS_TREE);
    inside = proto_open(&f->packet, 1);
    proto_u64(&f->packet, 1, group);
    proto_u64(&f->packet, 2, 0);
    if (leader && leader->name_bytes)
        proto_text(&f->packet, 3, leader->name, leader->name_bytes);
    proto_close(&f->packet, inside);
    inside = proto_open(&f->packet, 2);
    proto_u64(&f->packet, 1, pid);
    if (t->name_bytes)
        proto_text(&f->packet, 2, t->name, t->name_bytes);
    proto_u64(&f->packet, 3, group);
    proto_close(&f->packet, inside);
    proto_close(&f->packet, at);
    packet_put(f);
}

/* Says its name and its group if Perfetto does not know them. Task 0 is Perfetto's own idle task. */
void tree_task(struct perfetto *f, const struct stream *s, int32_t pid)
{
    uint64_t of = (uint64_t)packet_stream(f, s)->machine << 32 | (uint32_t)pid, known;
    struct perfetto_task *p = &f->tasks[of * 0x9e3779b97f4a7c15u >> 40 & (PERFETTO_REMEMBERED - 1)];
    const struct task *t;

    if (pid <= 0 || pid >= SCHED_FOREIGN || (p->of == of && p->generation == s->tasks.generation))
        return;
    t = task_find(&s->tasks, (uint32_t)pid);
    known = t ? nest_hash(t->group + 1ull, t->name, t->name_bytes) | 1 : 0;
    if (known && (p->of != of || p->known != known))
        tree_put(f, s, (uint32_t)pid, t);
    *p = (struct perfetto_task){of, known, s->tasks.generation};
}
