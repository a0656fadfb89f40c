/* SPDX-License-Identifier: MIT */
/* find.c - the next or the last line before one that is of some kind. */
#include "explore/find.h"

#define FIND_FIRST_LINES                                                                           \
    4096u /* backwards: looked at first, then four times as many before them, and so on */
#define FIND_TIMES 4u

static bool find_is(struct find *f, const struct pass_line *l)
{
    switch (f->what) {
    case FIND_LOSS:
        return l->kind == PASS_LOSS;
    case FIND_TIME:
        return l->lane && l->ns >= f->ns;
    case FIND_MOMENT:
        return l->lane && l->lane->time >= moment_first(&f->moment, l->stream);
    case FIND_MATCH:
        break;
    }
    if (l->kind != PASS_EVENT && l->kind != PASS_UNFINISHED)
        return false;
    return condition_passes(&f->condition, l->lane, l->event);
}

/* Lines before `low` were not asked for, or are asked next. */
static bool find_line(void *context, const struct pass_line *l)
{
    struct find *f = context;
    bool after = f->include ? l->number >= f->from : l->number > f->from;

    if (f->back ? l->number >= f->from : false)
        return false;
    if (f->back ? l->number < f->low : !after)
        return true;
    if (!find_is(f, l))
        return true;
    f->found = true;
    f->number = l->number;
    return f->back;
}

static void find_pass(struct find *f, struct pass *p, struct pass_setup *setup,
                      const struct pass_mark *mark)
{
    condition_open(&f->condition, f->what == FIND_MATCH ? f->text : NULL);
    pass_open(p, setup, NULL);
    pass_from(p, mark);
    p->line = find_line;
    p->context = f;
    p->asked = f->what == FIND_MATCH ? &f->condition : NULL;
    pass_run(p);
    pass_close(p);
    if (f->what == FIND_MATCH && !f->found && condition_failed(&f->condition)) {
        f->wrong = true;
        (void)condition_explain(&f->condition, f->problem, sizeof(f->problem));
    }
    condition_close(&f->condition);
}

/* Where to begin, forward. A time is as well known as a number where there is one order of time. */
static const struct pass_mark *find_mark(const struct find *f, const struct pass_setup *setup,
                                         const struct index *x)
{
    if (f->what == FIND_TIME && setup->jumps)
        return index_before_time(x, f->ns);
    if (f->what == FIND_MOMENT && setup->jumps &&
        f->moment.kind == (setup->by_wall ? MOMENT_DAY : MOMENT_SECONDS))
        return index_before_time(x, f->moment.ns);
    return index_before(x, f->from);
}

void find_run(struct find *f, struct pass *p, struct pass_setup *setup, const struct index *x)
{
    const struct pass_mark *mark = find_mark(f, setup, x);
    uint64_t part = FIND_FIRST_LINES, end = f->from;

    f->found = f->wrong = false;
    if (!f->back) {
        find_pass(f, p, setup, mark);
        return;
    }
    while (end && !f->found && !f->wrong) {
        f->low = setup->jumps && end > part ? end - part : 0;
        f->from = end;
        find_pass(f, p, setup, index_before(x, f->low));
        end = f->low;
        part *= FIND_TIMES;
    }
}

void find_close(struct find *f)
{
    condition_close(&f->condition);
}
