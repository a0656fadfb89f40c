/* SPDX-License-Identifier: MIT */
/* spans_cpu.c - whose time it is that passes on a CPU. */
#include "answer/spans_cpu.h"

#include "answer/spans_name.h"
#include "base/mem.h"

static struct stack_id spans_cpu_id(const struct spans *sp, const struct spans_capture *c,
                                    enum stack_kind kind, __int128 number)
{
    return (struct stack_id){kind, {.number = number, .stream = (uint32_t)(c - sp->captures)}};
}

struct spans_cpu *spans_cpu_get(struct spans_capture *c, uint32_t cpu)
{
    c->cpus = mem_reach(c->cpus, &c->cpu_count, cpu, 1, sizeof(*c->cpus));
    return &c->cpus[cpu];
}

uint32_t spans_cpu_track(const struct spans *sp, const struct spans_capture *c,
                         enum stack_kind kind, __int128 number)
{
    struct stack_id id = spans_cpu_id(sp, c, kind, number);

    return stack_find(&sp->stack, &id);
}

uint32_t spans_cpu_innermost(const struct spans *sp, const struct spans_capture *c, uint32_t cpu)
{
    const struct spans_cpu *on = &c->cpus[cpu];
    uint32_t own = spans_cpu_track(sp, c, STACK_CPU, cpu);
    uint32_t task = on->known ? spans_cpu_track(sp, c, STACK_TASK, on->task) : 0;

    own = own ? sp->stack.tracks[own].top : 0;
    task = task ? sp->stack.tracks[task].top : 0;
    return own && task && sp->stack.frames[task].serial < sp->stack.frames[own].serial ? own
           : task                                                                      ? task
                                                                                       : own;
}

void spans_cpu_count(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns)
{
    struct spans_cpu *on = &c->cpus[cpu];
    uint64_t passed = on->started && ns > on->counted_ns ? ns - on->counted_ns : 0;
    uint32_t frame = passed ? spans_cpu_innermost(sp, c, cpu) : 0;

    on->counted_ns = on->started && !passed ? on->counted_ns : ns;
    on->started = true;
    if (frame)
        sp->stack.frames[frame].self_ns += passed;
    else if (on->known)
        on->slice_ns += passed;
}

void spans_cpu_stop(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns, bool good)
{
    struct spans_cpu *on = &c->cpus[cpu];
    uint32_t track = on->known ? spans_cpu_track(sp, c, STACK_TASK, on->task) : 0;
    struct match_pair slice = {.self_ns = on->slice_ns,
                               .start_ns = on->since_ns,
                               .end_ns = ns,
                               .tag = SPANS_CPU_SLICE,
                               .node = on->node,
                               .apart = true,
                               .start_cpu = cpu,
                               .end_cpu = cpu,
                               .key.stream = (uint32_t)(c - sp->captures)};

    if (track && sp->stack.tracks[track].cpu == cpu + 1)
        sp->stack.tracks[track].cpu = 0;
    if (on->known && good && sp->fold.nodes && on->slice_ns)
        match_put(&sp->match, &slice);
    on->known = false;
}

void spans_cpu_run(struct spans *sp, struct spans_capture *c, const struct stream_lane *lane,
                   __int128 task, struct metadata_text name, uint64_t ns)
{
    struct spans_cpu *on = &c->cpus[lane->cpu];
    uint32_t track, other;

    if (on->known && on->task == task)
        return;
    spans_cpu_stop(sp, c, lane->cpu, ns, true);
    track = spans_cpu_track(sp, c, STACK_TASK, task);
    other = track ? sp->stack.tracks[track].cpu : 0;
    if (other) /* that it went away was not recorded */
        spans_cpu_stop(sp, c, other - 1, c->cpus[other - 1].counted_ns, false);
    if (track)
        sp->stack.tracks[track].cpu = lane->cpu + 1;
    on->known = true;
    on->task = task;
    on->since_ns = ns;
    on->slice_ns = 0;
    on->node = spans_name_task(sp, lane->stream, task, name);
}
