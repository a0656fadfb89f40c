/* SPDX-License-Identifier: MIT */
/*
 * Rules: what one trace does with one event as well as recording it. A context that fires an
 * event follows the event's list of rules; what is removed from the list is retired (epoch.c).
 */
#include "control.h"
#include "text.h"

/* A context that has read the old pointer may go on with it. */
static void rule_exchange(struct tp_program **at, struct tp_program *new_)
{
    struct tp_program *old = *at;

    __atomic_store_n(at, new_, __ATOMIC_RELEASE);
    tp_store_retire(old);
}

/* --- finding and making --- */

struct tp_rule *tp_rule_find(const struct tp_event *e, unsigned trace)
{
    struct tp_rule *r = tp_rule_first(e);

    while (r && r->trace != trace)
        r = tp_rule_next(r);
    return r;
}

static bool rule_running(unsigned trace)
{
    return __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & 1u << trace;
}

/* Everything that determines the bits of a trace in the mask of an event; equal if nothing has
 * changed. The caller is inside the store, so that an equal pointer is the same rule. */
struct rule_state {
    struct tp_rule *rule; /* or NULL */
    bool acts, goes_off, wakes, filters, want, runs;
};

static struct rule_state rule_state_of(const struct tp_event *e, unsigned trace)
{
    struct rule_state s = {.rule = tp_rule_find(e, trace),
                           .want = __atomic_load_n(&e->want, __ATOMIC_ACQUIRE) & 1u << trace,
                           .runs = rule_running(trace)};

    if (s.rule) {
        s.acts = __atomic_load_n(&s.rule->acts, __ATOMIC_RELAXED);
        s.goes_off = __atomic_load_n(&s.rule->triggers, __ATOMIC_RELAXED);
        s.wakes = __atomic_load_n(&s.rule->wakes, __ATOMIC_RELAXED);
        s.filters = __atomic_load_n(&s.rule->filters, __ATOMIC_RELAXED);
    }
    return s;
}

static bool rule_same_state(struct rule_state a, struct rule_state b)
{
    return a.rule == b.rule && a.acts == b.acts && a.goes_off == b.goes_off && a.wakes == b.wakes &&
           a.filters == b.filters && a.want == b.want && a.runs == b.runs;
}

/* Without triggers a rule has nothing to do for a trace that does not want the event. */
static bool rule_acts_now(const struct rule_state *s)
{
    return s->acts && (s->goes_off ? s->runs || s->wakes : s->want && s->runs);
}

/* Sets the bits of a trace in the mask of an event. Two contexts that do this at the same time may
 * have read different states; the later one sees the difference, and repeats it. Pinned, since
 * being inside is counted by CPU. */
void tp_event_update(struct tp_event *e, unsigned trace)
{
    struct tp_passage *in;
    uint32_t bit = 1u << trace;
    struct rule_state s;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    do {
        s = rule_state_of(e, trace);
        if (s.rule) {
            __atomic_store_n(&s.rule->records, s.want && s.runs, __ATOMIC_RELAXED);
            __atomic_store_n(&s.rule->lives, s.runs || s.wakes, __ATOMIC_RELAXED);
            __atomic_store_n(&s.rule->simple,
                             s.filters && s.want && s.runs ? TP_MASK_RULE(trace) : 0,
                             __ATOMIC_RELAXED);
        }
        /* The new bit is set first, so that no event that is wanted finds neither of them. */
        if (rule_acts_now(&s)) {
            tp_arch_set(&e->mask, TP_MASK_RULE(trace), true);
            tp_arch_set(&e->mask, bit, false);
        } else {
            tp_arch_set(&e->mask, bit, s.want && s.runs);
            tp_arch_set(&e->mask, TP_MASK_RULE(trace), false);
        }
        tp_arch_fence();
    } while (!rule_same_state(s, rule_state_of(e, trace)));
    tp_store_leave(in);
    tp_port_unpin();
}

struct tp_rule *tp_rule_make(struct tp_event *e, unsigned trace)
{
    struct tp_rule *r = tp_rule_find(e, trace);

    if (r)
        return r;
    r = tp_store_get(sizeof(*r));
    if (!r)
        return NULL;
    r->trace = (uint8_t)trace;
    r->generation = tp_slot_generation(trace);
    /* A context that read the mask while there was another rule may find this one, so `records` is
     * right before the rule is linked. */
    r->records = __atomic_load_n(&e->want, __ATOMIC_ACQUIRE) & 1u << trace && rule_running(trace);
    r->next = e->rules;
    __atomic_store_n(&e->rules, r, __ATOMIC_RELEASE);
    return r;
}

void tp_rule_unlink(struct tp_event *e, struct tp_rule *rule)
{
    struct tp_rule **at = &e->rules;

    while (*at != rule)
        at = &(*at)->next;
    __atomic_store_n(at, rule->next, __ATOMIC_RELEASE);
}

/* A rule that has no effect any more is removed, unless its count is still to be reported. */
void tp_rule_settle(struct tp_event *e, struct tp_rule *r)
{
    bool samples = r->one_in > 1 || r->per_second;
    bool acts = r->program || r->triggers || samples;
    unsigned trace = r->trace;

    r->counts |= samples;
    __atomic_store_n(&r->acts, acts, __ATOMIC_RELAXED);
    __atomic_store_n(&r->filters, r->program && !r->triggers && !samples, __ATOMIC_RELAXED);
    if (acts || r->counts) {
        tp_event_update(e, trace);
        return;
    }
    tp_rule_unlink(e, r);
    tp_event_update(e, trace);
    tp_store_retire(r);
}

/* --- what it does when the event is fired --- */

/* True if the second of `turn` is over; *now is the clock. The clocks of two CPUs may differ, so
 * that the second may not have begun on this one. */
static bool rule_is_over(const struct tp_seconds *s, uint32_t turn, uint64_t *now)
{
    uint32_t low = __atomic_load_n(&s->second[turn & 1].since_low, __ATOMIC_RELAXED);
    uint32_t high = __atomic_load_n(&s->second[turn & 1].since_high, __ATOMIC_RELAXED);
    int64_t past;

    *now = tp_port_clock();
    past = (int64_t)(*now - (low | (uint64_t)high << 32));
    return !turn || (past >= 0 && (uint64_t)past >= tp_clock_second());
}

/* Begins the next second, whose room was freed before. Other contexts may use it meanwhile, as may
 * one that interrupts this one. */
static uint32_t rule_renew(struct tp_seconds *s, uint32_t turn, uint64_t now)
{
    uint32_t next = turn + 1;

    if (tp_arch_swap(&s->renewing, 1))
        return next;
    if (__atomic_load_n(&s->turn, __ATOMIC_RELAXED) == turn) {
        __atomic_store_n(&s->second[next & 1].since_low, (uint32_t)now, __ATOMIC_RELAXED);
        __atomic_store_n(&s->second[next & 1].since_high, (uint32_t)(now >> 32), __ATOMIC_RELAXED);
        __atomic_store_n(&s->turn, next, __ATOMIC_RELEASE);
        __atomic_store_n(&s->second[turn & 1].used, 0, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&s->renewing, 0, __ATOMIC_RELEASE);
    return next;
}

/* True if this second has room for one more event. */
static bool rule_within_rate(struct tp_rule *r, uint32_t per_second)
{
    struct tp_seconds *s = &r->seconds;
    uint32_t turn = __atomic_load_n(&s->turn, __ATOMIC_ACQUIRE);
    uint64_t now;

    if (rule_is_over(s, turn, &now))
        turn = rule_renew(s, turn, now);
    return tp_arch_add(&s->second[turn & 1].used, 1) < per_second;
}

/* Counts down to the next event that is wanted. It is one step, so that a context that dies here
 * leaves nothing half done. */
static bool rule_is_turn(struct tp_rule *r, uint32_t one_in)
{
    tp_word left;

    do
        left = __atomic_load_n(&r->nth, __ATOMIC_RELAXED);
    while (!tp_arch_word_cas(&r->nth, left, left ? left - 1 : one_in - 1));
    return !left;
}

bool tp_rule_samples(struct tp_rule *r)
{
    uint32_t one_in = __atomic_load_n(&r->one_in, __ATOMIC_RELAXED);
    uint32_t per_second = __atomic_load_n(&r->per_second, __ATOMIC_RELAXED);

    if ((one_in <= 1 || rule_is_turn(r, one_in)) &&
        (!per_second || rule_within_rate(r, per_second)))
        return true;
    tp_count_add(&r->suppressed);
    return false;
}

/* --- the calls --- */

static int rule_prepare_filter(struct tp_event *e, const struct tp_change *c)
{
    const struct tp_piece *filter = c->what;
    struct tp_program *p;
    struct tp_rule *r;
    int err;

    if (!filter->text)
        return 0;
    err = tp_program_make(e, *filter, &p, c->error);
    if (err)
        return err;
    r = tp_rule_make(e, c->trace);
    if (!r) {
        tp_store_drop(p);
        return tp_store_full();
    }
    r->made = p;
    return 0;
}

static void rule_finish_filter(struct tp_event *e, const struct tp_change *c, bool make)
{
    const struct tp_piece *filter = c->what;
    struct tp_rule *r = tp_rule_find(e, c->trace);
    struct tp_program *p = r ? r->made : NULL;

    if (!r || (filter->text && !p))
        return;
    r->made = NULL;
    if (make)
        rule_exchange(&r->program, p);
    else
        tp_store_drop(p);
    tp_rule_settle(e, r);
}

static bool rule_is_zero(struct tp_piece p)
{
    while (p.bytes && tp_text_blank(*p.text)) {
        p.text++;
        p.bytes--;
    }
    while (p.bytes && tp_text_blank(p.text[p.bytes - 1]))
        p.bytes--;
    return p.bytes == 1 && *p.text == '0';
}

int tp_filter_change(struct tp_trace *trace, struct tp_which which, struct tp_piece filter,
                     struct tp_filter_error *error)
{
    if (filter.text && rule_is_zero(filter))
        filter.text = NULL;
    return tp_rules_change(trace, (struct tp_change){.prepare = rule_prepare_filter,
                                                     .finish = rule_finish_filter,
                                                     .which = which,
                                                     .what = &filter,
                                                     .error = error});
}

int tp_filter_set(struct tp_trace *trace, const char *pattern, const char *text,
                  struct tp_filter_error *error)
{
    return tp_filter_change(trace, (struct tp_which){.pattern = pattern}, tp_piece_of(text), error);
}

/* The text of the filter, or NULL. The caller is inside the store. */
static const char *rule_filter_of(const struct tp_event *e, unsigned trace)
{
    const struct tp_rule *r = tp_rule_find(e, trace);
    const struct tp_program *p = r ? __atomic_load_n(&r->program, __ATOMIC_ACQUIRE) : NULL;

    return p ? tp_program_text(p) : NULL;
}

int tp_filter_put(const struct tp_trace *trace, const struct tp_event *event, struct tp_text *text)
{
    int slot = tp_slot_of(trace);
    struct tp_passage *in;
    const char *filter;

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return TP_EINVAL;
    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    filter = rule_filter_of(event, (unsigned)slot);
    if (filter)
        tp_text_put(text, filter);
    tp_store_leave(in);
    tp_port_unpin();
    return filter ? 0 : TP_ENOENT;
}

long tp_filter_get(const struct tp_trace *trace, const struct tp_event *event, char *out,
                   size_t room)
{
    struct tp_text text = {.out = out, .room = room ? room - 1 : 0};
    int err = tp_filter_put(trace, event, &text);

    if (err)
        return err;
    if (room)
        out[tp_text_bytes(&text)] = 0;
    return (long)tp_text_bytes(&text);
}

bool tp_filter_same(const struct tp_trace *trace, const struct tp_event *a,
                    const struct tp_event *b)
{
    int slot = tp_slot_of(trace);
    const char *of_a, *of_b;
    struct tp_passage *in;
    bool same;

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return true;
    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    of_a = rule_filter_of(a, (unsigned)slot);
    of_b = rule_filter_of(b, (unsigned)slot);
    same = of_a && of_b ? tp_text_is(of_a, tp_text_length(of_a), of_b) : of_a == of_b;
    tp_store_leave(in);
    tp_port_unpin();
    return same;
}

/* A number above `least` needs a rule; any other is only set in a rule that exists. */
static int rule_prepare_number(struct tp_event *e, const struct tp_change *c, uint32_t least)
{
    if (*(const uint32_t *)c->what <= least || tp_rule_make(e, c->trace))
        return 0;
    return tp_store_full();
}

static int rule_prepare_sample(struct tp_event *e, const struct tp_change *c)
{
    return rule_prepare_number(e, c, 1);
}

static void rule_finish_sample(struct tp_event *e, const struct tp_change *c, bool make)
{
    struct tp_rule *r = tp_rule_find(e, c->trace);

    if (!r)
        return;
    if (make) {
        __atomic_store_n(&r->nth, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&r->one_in, *(const uint32_t *)c->what, __ATOMIC_RELAXED);
    }
    tp_rule_settle(e, r);
}

int tp_sample_set(struct tp_trace *trace, const char *pattern, uint32_t one_in)
{
    return tp_rules_change(trace, (struct tp_change){.prepare = rule_prepare_sample,
                                                     .finish = rule_finish_sample,
                                                     .which = {.pattern = pattern},
                                                     .what = &one_in});
}

static int rule_prepare_rate(struct tp_event *e, const struct tp_change *c)
{
    return rule_prepare_number(e, c, 0);
}

static void rule_finish_rate(struct tp_event *e, const struct tp_change *c, bool make)
{
    struct tp_rule *r = tp_rule_find(e, c->trace);

    if (!r)
        return;
    if (make)
        __atomic_store_n(&r->per_second, *(const uint32_t *)c->what, __ATOMIC_RELAXED);
    tp_rule_settle(e, r);
}

int tp_rate_set(struct tp_trace *trace, const char *pattern, uint32_t per_second)
{
    return tp_rules_change(trace, (struct tp_change){.prepare = rule_prepare_rate,
                                                     .finish = rule_finish_rate,
                                                     .which = {.pattern = pattern},
                                                     .what = &per_second});
}

static void rule_read_stats(const struct tp_rule *r, struct tp_rule_stats *stats)
{
    if (!r)
        return;
    stats->filtered = __atomic_load_n(&r->program, __ATOMIC_RELAXED);
    stats->one_in = __atomic_load_n(&r->one_in, __ATOMIC_RELAXED);
    stats->per_second = __atomic_load_n(&r->per_second, __ATOMIC_RELAXED);
    stats->suppressed = tp_count_read(&r->suppressed);
}

int tp_rule_stats(const struct tp_trace *trace, const struct tp_event *event,
                  struct tp_rule_stats *stats)
{
    int slot = tp_slot_of(trace);
    struct tp_passage *in;

    memset(stats, 0, sizeof(*stats));
    if (slot < 0 || slot >= TP_TRACES_MAX)
        return TP_EINVAL;
    stats->enabled = __atomic_load_n(&event->want, __ATOMIC_RELAXED) & 1u << slot;
    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    rule_read_stats(tp_rule_find(event, (unsigned)slot), stats);
    tp_store_leave(in);
    tp_port_unpin();
    return 0;
}
