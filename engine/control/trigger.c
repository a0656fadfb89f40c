/* SPDX-License-Identifier: MIT */
/* Triggers: actions that an event sets off when it is fired, and their text. The rule of one trace
 * and one event has a list of them. */
#include "control.h"
#include "text.h"

enum action { ACTION_TRACEOFF, ACTION_TRACEON, ACTION_SNAPSHOT, ACTION_COUNT, ACTIONS };
static const char *const trigger_action_name[ACTIONS] = {"traceoff", "traceon", "snapshot",
                                                         "count"};

struct tp_trigger {
    struct tp_trigger *next;
    uint32_t action;
    bool limited;
    uint32_t left;              /* if limited: how many times more */
    struct tp_count total;      /* times that it went off */
    struct tp_program *program; /* or NULL */
};

/* --- what they do when the event is fired --- */

/* Takes one of the times that are left; false if there is none. */
static bool trigger_may_go_off(struct tp_trigger *t)
{
    uint32_t left;

    if (!t->limited)
        return true;
    left = tp_arch_add(&t->left, -1u);
    if (left && left < 0x80000000u)
        return true;
    tp_arch_add(&t->left, 1);
    return false;
}

/* False: the action cannot be done now. */
static bool trigger_do_it(const struct tp_trigger *t, struct tp_trace *trace)
{
    switch (t->action) {
    case ACTION_TRACEOFF:
        tp_trace_run(trace, false);
        return true;
    case ACTION_TRACEON:
        tp_trace_run(trace, true);
        return true;
    case ACTION_SNAPSHOT:
        return !tp_snapshot_offer(trace);
    default:
        return true;
    }
}

static void trigger_go_off(struct tp_trigger *t, struct tp_trace *trace)
{
    if (!trigger_may_go_off(t))
        return;
    if (trigger_do_it(t, trace))
        tp_count_add(&t->total);
    else if (t->limited)
        tp_arch_add(&t->left, 1);
}

/* The rule may be retired: its trace may have been closed, and another one opened in its slot. */
static void trigger_act(const struct tp_rule *r, struct tp_trigger *t)
{
    struct tp_trace *trace = tp_trace_get(r->trace);

    if (!trace)
        return;
    if (r->generation == tp_slot_generation(r->trace))
        trigger_go_off(t, trace);
    tp_trace_put(r->trace);
}

/* A trigger that starts the trace acts before the event is recorded, the others after it. */
void tp_rule_triggers(struct tp_rule *r, const struct tp_event *e, struct tp_filter_value *v,
                      bool before)
{
    struct tp_trigger *t = __atomic_load_n(&r->triggers, __ATOMIC_ACQUIRE);

    for (; t; t = __atomic_load_n(&t->next, __ATOMIC_ACQUIRE))
        if ((t->action == ACTION_TRACEON) == before && tp_program_passes(&t->program, e, v))
            trigger_act(r, t);
}

/* --- triggers from text --- */

struct order {
    uint32_t action, limit;
    bool remove, limited;
    struct tp_piece filter; /* its text may be NULL */
};

/* The part of the text that is still to be read. */
struct rest {
    const char *at, *end;
};

/* The next byte; 0 at the end. */
static char trigger_peek(const struct rest *r)
{
    return r->at < r->end ? *r->at : 0;
}

/* Skips blanks; false: there are none. */
static bool trigger_blanks(struct rest *r)
{
    const char *from = r->at;

    while (trigger_peek(r) == ' ' || trigger_peek(r) == '\t' || trigger_peek(r) == '\n')
        r->at++;
    return r->at != from;
}

/* Skips the word, if it comes next. */
static bool trigger_word(struct rest *r, const char *word)
{
    size_t bytes = tp_text_length(word);

    if ((size_t)(r->end - r->at) < bytes || !tp_memory_same(r->at, word, bytes))
        return false;
    r->at += bytes;
    return true;
}

/* The same for a number from 1 to 999999999. */
static bool trigger_number(struct rest *r, uint32_t *n)
{
    size_t digits = tp_text_parse(r->at, (size_t)(r->end - r->at), n);

    if (!digits || !*n || *n > 999999999u)
        return false;
    r->at += digits;
    return true;
}

static int trigger_wrong(struct tp_filter_error *error, const char *text, const char *at,
                         const char *what)
{
    if (error)
        *error = (struct tp_filter_error){
            .code = TP_FILTER_SYNTAX, .column = (uint32_t)(at - text), .what = what};
    return TP_EFILTER;
}

static int trigger_read_order(struct tp_piece text, struct order *o, struct tp_filter_error *error)
{
    struct rest r = {text.text, text.text + text.bytes};
    const char *at;

    trigger_blanks(&r);
    *o = (struct order){.remove = trigger_word(&r, "!")};
    trigger_blanks(&r);
    while (o->action < ACTIONS && !trigger_word(&r, trigger_action_name[o->action]))
        o->action++;
    if (o->action == ACTIONS)
        return trigger_wrong(error, text.text, r.at,
                             "expected traceoff, traceon, snapshot or count");
    o->limited = trigger_word(&r, ":");
    if (o->limited && !trigger_number(&r, &o->limit))
        return trigger_wrong(error, text.text, r.at, "expected a number from 1 to 999999999");
    if (!trigger_blanks(&r) && r.at < r.end)
        return trigger_wrong(error, text.text, r.at,
                             "expected ':' and a number, or 'if' and a filter");
    if (r.at == r.end)
        return 0;
    at = r.at;
    if (!trigger_word(&r, "if") || !trigger_blanks(&r))
        return trigger_wrong(error, text.text, at, "expected 'if' and a filter");
    o->filter = (struct tp_piece){r.at, (size_t)(r.end - r.at)};
    return 0;
}

void tp_triggers_retire(struct tp_rule *r)
{
    for (struct tp_trigger *t = r->triggers; t; t = t->next) {
        tp_store_retire(t->program);
        tp_store_retire(t);
    }
}

static void trigger_find_wakes(struct tp_rule *r)
{
    bool wakes = false;

    for (struct tp_trigger *t = r->triggers; t; t = t->next)
        wakes |= t->action == ACTION_TRACEON;
    __atomic_store_n(&r->wakes, wakes, __ATOMIC_RELAXED);
}

/* The link to the trigger with that action, or the end of the list. */
static struct tp_trigger **trigger_find(struct tp_rule *r, uint32_t action)
{
    struct tp_trigger **at = &r->triggers;

    while (*at && (*at)->action != action)
        at = &(*at)->next;
    return at;
}

static int trigger_prepare_remove(struct tp_event *e, const struct tp_change *c)
{
    const struct order *o = c->what;
    struct tp_rule *r = tp_rule_find(e, c->trace);

    return r && *trigger_find(r, o->action) ? 0 : TP_ENOENT;
}

static void trigger_finish_remove(struct tp_event *e, const struct tp_change *c, bool make)
{
    const struct order *o = c->what;
    struct tp_rule *r = tp_rule_find(e, c->trace);
    struct tp_trigger **at = r ? trigger_find(r, o->action) : NULL, *t = at ? *at : NULL;

    if (!t || !make)
        return;
    __atomic_store_n(at, t->next, __ATOMIC_RELEASE);
    tp_store_retire(t->program);
    tp_store_retire(t);
    trigger_find_wakes(r);
    tp_rule_settle(e, r);
}

static int trigger_prepare_add(struct tp_event *e, const struct tp_change *c)
{
    const struct order *o = c->what;
    struct tp_program *p = NULL;
    struct tp_rule *r = tp_rule_find(e, c->trace);
    struct tp_trigger *t;
    int err = 0;

    if (r && *trigger_find(r, o->action))
        return TP_EEXIST;
    if (o->filter.text)
        err = tp_program_make(e, o->filter, &p, c->error);
    if (err)
        return err;
    t = tp_store_get(sizeof(*t));
    r = t ? tp_rule_make(e, c->trace) : NULL;
    if (!r) {
        tp_store_drop(t);
        tp_store_drop(p);
        return tp_store_full();
    }
    *t = (struct tp_trigger){
        .action = o->action, .limited = o->limited, .left = o->limit, .program = p};
    r->made = t;
    return 0;
}

static void trigger_finish_add(struct tp_event *e, const struct tp_change *c, bool make)
{
    const struct order *o = c->what;
    struct tp_rule *r = tp_rule_find(e, c->trace);
    struct tp_trigger *t = r ? r->made : NULL;

    if (!t)
        return;
    r->made = NULL;
    if (make) {
        __atomic_store_n(trigger_find(r, o->action), t, __ATOMIC_RELEASE); /* the end of the list */
        trigger_find_wakes(r);
    } else {
        tp_store_drop(t->program);
        tp_store_drop(t);
    }
    tp_rule_settle(e, r);
}

int tp_trigger_change(struct tp_trace *trace, struct tp_which which, struct tp_piece text,
                      struct tp_filter_error *error)
{
    struct order o;
    int err = trigger_read_order(text, &o, error);

    if (err)
        return err;
    err = tp_rules_change(
        trace,
        (struct tp_change){.prepare = o.remove ? trigger_prepare_remove : trigger_prepare_add,
                           .finish = o.remove ? trigger_finish_remove : trigger_finish_add,
                           .which = which,
                           .what = &o,
                           .error = error});
    if (err == TP_EFILTER && error)
        error->column += (uint32_t)(o.filter.text - text.text);
    return err;
}

int tp_trigger_set(struct tp_trace *trace, const char *pattern, const char *text,
                   struct tp_filter_error *error)
{
    return tp_trigger_change(trace, (struct tp_which){.pattern = pattern}, tp_piece_of(text),
                             error);
}

/* --- triggers to text --- */

static int trigger_write_trigger(const struct tp_rule *r, uint32_t i, struct tp_text *text)
{
    const struct tp_trigger *t = r ? __atomic_load_n(&r->triggers, __ATOMIC_ACQUIRE) : NULL;

    for (; t && i; i--)
        t = __atomic_load_n(&t->next, __ATOMIC_ACQUIRE);
    if (!t)
        return TP_ENOENT;
    tp_text_put(text, trigger_action_name[t->action]);
    if (t->limited) {
        tp_text_put(text, ":count=");
        tp_text_number(text, __atomic_load_n(&t->left, __ATOMIC_RELAXED));
    }
    if (t->action == ACTION_COUNT) {
        tp_text_put(text, ":total=");
        tp_text_number(text, tp_count_read(&t->total));
    }
    if (t->program) {
        tp_text_put(text, " if ");
        tp_text_put(text, tp_program_text(t->program));
    }
    return 0;
}

int tp_trigger_put(const struct tp_trace *trace, const struct tp_event *event, uint32_t i,
                   struct tp_text *text)
{
    int slot = tp_slot_of(trace), err;
    struct tp_passage *in;

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return TP_EINVAL;
    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    err = trigger_write_trigger(tp_rule_find(event, (unsigned)slot), i, text);
    tp_store_leave(in);
    tp_port_unpin();
    return err;
}

long tp_trigger_get(const struct tp_trace *trace, const struct tp_event *event, uint32_t i,
                    char *out, size_t room)
{
    struct tp_text text = {.out = out, .room = room};
    int err = tp_trigger_put(trace, event, i, &text);

    return err ? err : (long)tp_text_bytes(&text);
}
