/* SPDX-License-Identifier: MIT */
/* roles.c - what each event means. */
#include "order/roles.h"

#include <stdio.h>

#include "base/cbor.h"
#include "base/load.h"
#include "base/mem.h"
#include "order/guess.h"
#include "order/key.h"

#define ROLES_BIT(argument) (1u << (argument))

/* Arguments that must be integers to be of any use. */
#define ROLES_INTEGERS                                                                             \
    (ROLES_BIT(ROLES_NEXT) | ROLES_BIT(ROLES_PREV) | ROLES_BIT(ROLES_TASK) |                       \
     ROLES_BIT(ROLES_CPU) | ROLES_BIT(ROLES_PARENT))

static const char *const roles_arguments[ROLES_ARGUMENTS] = {[ROLES_NEXT] = "next",
                                                             [ROLES_PREV] = "prev",
                                                             [ROLES_STATE] = "state",
                                                             [ROLES_NAME] = "name",
                                                             [ROLES_TASK] = "task",
                                                             [ROLES_CPU] = "cpu",
                                                             [ROLES_PARENT] = "parent",
                                                             [ROLES_TRACK] = "track",
                                                             [ROLES_ID] = "id",
                                                             [ROLES_VALUE] = "value",
                                                             [ROLES_DURATION] = "duration",
                                                             [ROLES_KEY] = "key",
                                                             [ROLES_UNIT] = "unit",
                                                             [ROLES_IP] = "ip",
                                                             [ROLES_STACK] = "stack",
                                                             [ROLES_TEXT] = "text"};

static const struct roles_kind {
    const char *word, *takes; /* the arguments as doc/format.md has them */
    uint32_t must, may;
} roles_kinds[ROLES_COUNT] = {
    [ROLES_NONE] = {"none", "nothing", 0, 0},
    [ROLES_SWITCH] = {"switch", "next [prev] [state] [name]", ROLES_BIT(ROLES_NEXT),
                      ROLES_BIT(ROLES_PREV) | ROLES_BIT(ROLES_STATE) | ROLES_BIT(ROLES_NAME)},
    [ROLES_RUN] = {"run", "task [name]", ROLES_BIT(ROLES_TASK), ROLES_BIT(ROLES_NAME)},
    [ROLES_STOP] = {"stop", "task [state]", ROLES_BIT(ROLES_TASK), ROLES_BIT(ROLES_STATE)},
    [ROLES_WAKE] = {"wake", "task [cpu]", ROLES_BIT(ROLES_TASK), ROLES_BIT(ROLES_CPU)},
    [ROLES_NEW] = {"new", "task [parent] [name]", ROLES_BIT(ROLES_TASK),
                   ROLES_BIT(ROLES_PARENT) | ROLES_BIT(ROLES_NAME)},
    [ROLES_GONE] = {"gone", "task", ROLES_BIT(ROLES_TASK), 0},
    [ROLES_RENAME] = {"name", "task name", ROLES_BIT(ROLES_TASK) | ROLES_BIT(ROLES_NAME), 0},
    [ROLES_BEGIN] = {"begin", "track [name]", ROLES_BIT(ROLES_TRACK), ROLES_BIT(ROLES_NAME)},
    [ROLES_END] = {"end", "track [name]", ROLES_BIT(ROLES_TRACK), ROLES_BIT(ROLES_NAME)},
    [ROLES_SPAN] = {"span", "duration [name] [track]", ROLES_BIT(ROLES_DURATION),
                    ROLES_BIT(ROLES_NAME) | ROLES_BIT(ROLES_TRACK)},
    [ROLES_OPEN] = {"open", "id [name]", ROLES_BIT(ROLES_ID), ROLES_BIT(ROLES_NAME)},
    [ROLES_CLOSE] = {"close", "id [name]", ROLES_BIT(ROLES_ID), ROLES_BIT(ROLES_NAME)},
    [ROLES_STEP] = {"step", "id", ROLES_BIT(ROLES_ID), 0},
    [ROLES_COUNTER] = {"counter", "value [key] [unit]", ROLES_BIT(ROLES_VALUE),
                       ROLES_BIT(ROLES_KEY) | ROLES_BIT(ROLES_UNIT)},
    [ROLES_SAMPLE] = {"sample", "ip [stack]", ROLES_BIT(ROLES_IP), ROLES_BIT(ROLES_STACK)},
    [ROLES_LOG] = {"log", "text", ROLES_BIT(ROLES_TEXT), 0},
};

/* Names of states, in any case, and the letters of Linux. One that is not here tells nothing. */
static const struct roles_state_word {
    const char *word;
    enum roles_state state;
} roles_states[] = {
    {"running", ROLES_STATE_READY},  {"runnable", ROLES_STATE_READY},
    {"ready", ROLES_STATE_READY},    {"preempted", ROLES_STATE_READY},
    {"r", ROLES_STATE_READY},        {"r+", ROLES_STATE_READY},
    {"sleeping", ROLES_STATE_WAITS}, {"sleep", ROLES_STATE_WAITS},
    {"waiting", ROLES_STATE_WAITS},  {"blocked", ROLES_STATE_WAITS},
    {"stopped", ROLES_STATE_WAITS},  {"suspended", ROLES_STATE_WAITS},
    {"s", ROLES_STATE_WAITS},        {"d", ROLES_STATE_WAITS},
    {"i", ROLES_STATE_WAITS},        {"t", ROLES_STATE_WAITS},
    {"p", ROLES_STATE_WAITS},        {"k", ROLES_STATE_WAITS},
    {"dead", ROLES_STATE_DEAD},      {"zombie", ROLES_STATE_DEAD},
    {"exited", ROLES_STATE_DEAD},    {"deleted", ROLES_STATE_DEAD},
    {"z", ROLES_STATE_DEAD},         {"x", ROLES_STATE_DEAD},
};

/* prev_state of Linux's sched_switch, a number: 0 and this bit are what can go on. */
#define ROLES_LINUX_WAITS 0xffu
#define ROLES_LINUX_DEAD 0x30u /* EXIT_DEAD, EXIT_ZOMBIE */

const char *roles_word(enum roles_is is)
{
    return roles_kinds[is].word;
}

const char *roles_argument_word(enum roles_argument a)
{
    return roles_arguments[a];
}

static bool roles_is_word(const struct metadata_text *t, const char *word)
{
    return t->n == strlen(word) && memcmp(t->bytes, word, t->n) == 0;
}

/* --- as text --- */

/* The text up to one of these characters, or its end. *text is moved to after it. */
static struct metadata_text roles_cut(const char **text, const char *at)
{
    size_t n = strcspn(*text, at);
    struct metadata_text t = {*text, (uint32_t)n};

    *text += n;
    return t;
}

static bool roles_named(const struct metadata_text *t)
{
    return t->n && t->n <= TP_LIMIT_NAME_BYTES;
}

static bool roles_find_kind(const struct metadata_text *word, enum roles_is *is)
{
    for (unsigned i = 0; i < ROLES_COUNT; i++)
        if (roles_is_word(word, roles_kinds[i].word)) {
            *is = (enum roles_is)i;
            return true;
        }
    return false;
}

static unsigned roles_find_argument(const struct metadata_text *word)
{
    unsigned a = 0;

    while (a < ROLES_ARGUMENTS && !roles_is_word(word, roles_arguments[a]))
        a++;
    return a;
}

static void roles_explain_kinds(char *problem)
{
    size_t n = (size_t)snprintf(problem, ROLES_PROBLEM_BYTES, "no such role, roles are");

    for (unsigned i = ROLES_SWITCH; i < ROLES_COUNT && n < ROLES_PROBLEM_BYTES; i++)
        n += (size_t)snprintf(problem + n, ROLES_PROBLEM_BYTES - n, " %s", roles_kinds[i].word);
    if (n < ROLES_PROBLEM_BYTES)
        snprintf(problem + n, ROLES_PROBLEM_BYTES - n, " none:");
}

/* ARGUMENT=FIELD; of a guess also ?ARGUMENT=FIELD. */
static bool roles_parse_argument(struct roles_rule *r, const char **text, char *problem)
{
    const struct roles_kind *kind = &roles_kinds[r->is];
    bool optional = r->guess && **text == '?';
    struct metadata_text word, field;
    unsigned a;

    *text += optional;
    word = roles_cut(text, "= ");
    a = roles_find_argument(&word);
    if (!roles_named(&word) || **text != '=') {
        snprintf(problem, ROLES_PROBLEM_BYTES, "not ARGUMENT=FIELD after the role in");
        return false;
    }
    ++*text;
    field = roles_cut(text, " ");
    if (a == ROLES_ARGUMENTS || !((kind->must | kind->may) & ROLES_BIT(a)))
        snprintf(problem, ROLES_PROBLEM_BYTES, "%s takes %s, no other argument:", kind->word,
                 kind->takes);
    else if (!roles_named(&field))
        snprintf(problem, ROLES_PROBLEM_BYTES, "no name of a field after %s= in",
                 roles_arguments[a]);
    else if (r->field[a].n)
        snprintf(problem, ROLES_PROBLEM_BYTES, "%s= is there twice in", roles_arguments[a]);
    else {
        r->field[a] = field;
        r->may |= optional ? ROLES_BIT(a) : 0;
        return true;
    }
    return false;
}

/* False: what is wrong with it is in `problem`, of ROLES_PROBLEM_BYTES. */
static bool roles_parse(struct roles_rule *r, const char *text, bool guess, char *problem)
{
    struct metadata_text word;

    *r = (struct roles_rule){.is = ROLES_NONE, .guess = guess};
    r->sys = roles_cut(&text, ":");
    text += *text == ':';
    r->name = roles_cut(&text, "=");
    if (!roles_named(&r->sys) || !roles_named(&r->name) || *text != '=') {
        snprintf(problem, ROLES_PROBLEM_BYTES,
                 "not SYS:EVENT=ROLE ARGUMENT=FIELD... or "
                 "SYS:EVENT=none:");
        return false;
    }
    text++;
    word = roles_cut(&text, " ");
    if (!roles_find_kind(&word, &r->is)) {
        roles_explain_kinds(problem);
        return false;
    }
    for (text += strspn(text, " "); *text; text += strspn(text, " "))
        if (!roles_parse_argument(r, &text, problem))
            return false;
    for (unsigned a = 0; a < ROLES_ARGUMENTS; a++)
        if (roles_kinds[r->is].must & ROLES_BIT(a) && !r->field[a].n) {
            snprintf(problem, ROLES_PROBLEM_BYTES, "%s takes %s, there is no %s= in",
                     roles_word(r->is), roles_kinds[r->is].takes, roles_arguments[a]);
            return false;
        }
    return true;
}

const char *roles_read(struct roles_options *o, const char *text)
{
    if (o->count == ROLES_RULES_MAX)
        return "too many roles:";
    return roles_parse(&o->rule[o->count], text, false, o->problem) ? o->count++, NULL : o->problem;
}

/* --- of an event --- */

/* A field comes before the record's own, which a guess has by number only; ROLES_ABSENT: neither. */
static int8_t roles_place(const struct metadata_event *e, const struct metadata_text *word,
                          bool guess)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (metadata_same(&e->fields[i].name, word))
            return (int8_t)i;
    if (roles_is_word(word, "-1") || (!guess && roles_is_word(word, "cpu")))
        return ROLES_RECORD_CPU;
    if (roles_is_word(word, "-2") || (!guess && roles_is_word(word, "task")))
        return ROLES_RECORD_TASK;
    return ROLES_ABSENT;
}

static bool roles_usable(const struct metadata_event *e, unsigned a, int8_t place)
{
    return place < 0 || !(ROLES_INTEGERS & ROLES_BIT(a)) || key_numeric(&e->fields[place]);
}

static void roles_clear(struct roles_meaning *m)
{
    m->is = ROLES_NONE;
    m->source = ROLES_UNKNOWN;
    memset(m->argument, ROLES_ABSENT, sizeof(m->argument));
}

/* False: the event lacks a field that the rule needs, whose argument is *missing. */
static bool roles_apply(const struct roles_rule *r, const struct metadata_event *e,
                        struct roles_meaning *m, unsigned *missing)
{
    roles_clear(m);
    for (unsigned a = 0; a < ROLES_ARGUMENTS; a++) {
        int8_t place = r->field[a].n ? roles_place(e, &r->field[a], r->guess) : ROLES_ABSENT;

        if (r->field[a].n && place != ROLES_ABSENT && roles_usable(e, a, place)) {
            m->argument[a] = place;
        } else if (r->field[a].n && !(r->may & ROLES_BIT(a))) {
            *missing = a;
            return false;
        }
    }
    m->is = r->is;
    return true;
}

static bool roles_in_dump(const struct metadata_event *e, struct roles_meaning *m)
{
    struct cbor_reader r;
    struct cbor_item map, key, value;
    struct metadata_text word;
    unsigned a;

    roles_clear(m);
    cbor_open(&r, (const uint8_t *)e->role.bytes, e->role.n);
    if (!e->role.n || !cbor_expect(&r, CBOR_MAP, &map))
        return false;
    for (uint64_t left = map.count; left; left--) {
        if (!cbor_expect(&r, CBOR_TEXT, &key) || !cbor_next(&r, &value))
            return false;
        word = (struct metadata_text){(const char *)key.bytes, (uint32_t)key.count};
        a = roles_find_argument(&word);
        if (roles_is_word(&word, "is")) {
            word = (struct metadata_text){(const char *)value.bytes, (uint32_t)value.count};
            if (value.type != CBOR_TEXT)
                return false;
            if (!roles_find_kind(&word, &m->is))
                m->is = ROLES_NONE;
        } else if (a < ROLES_ARGUMENTS && value.type == CBOR_UNSIGNED) {
            m->argument[a] = value.number < e->field_count ? (int8_t)value.number : ROLES_ABSENT;
        } else if (a < ROLES_ARGUMENTS && value.type == CBOR_NEGATIVE) {
            m->argument[a] = value.number <= 1 ? (int8_t)(-1 - (int)value.number) : ROLES_ABSENT;
        } else if (!cbor_skip_inside(&r, &value)) {
            return false;
        }
    }
    return m->is != ROLES_NONE;
}

/* Takes away what its role does not know. False if what it needs is not there. */
static bool roles_fits(const struct metadata_event *e, struct roles_meaning *m)
{
    const struct roles_kind *kind = &roles_kinds[m->is];
    uint32_t has = 0;

    for (unsigned a = 0; a < ROLES_ARGUMENTS; a++) {
        if (!((kind->must | kind->may) & ROLES_BIT(a)) || !roles_usable(e, a, m->argument[a]))
            m->argument[a] = ROLES_ABSENT;
        has |= m->argument[a] != ROLES_ABSENT ? ROLES_BIT(a) : 0;
    }
    return (has & kind->must) == kind->must;
}

static bool roles_guess(const struct metadata_event *e, struct roles_meaning *m)
{
    char problem[ROLES_PROBLEM_BYTES];
    struct roles_rule r;
    unsigned missing;
    const char *text;

    for (uint32_t n = 0; (text = guess_next(e, &n));)
        if (roles_parse(&r, text, true, problem) && roles_apply(&r, e, m, &missing))
            return true;
    return false;
}

static bool roles_is_of(const struct roles_rule *r, const struct metadata_event *e)
{
    return metadata_same(&e->sys, &r->sys) && metadata_same(&e->name, &r->name);
}

/* What --role says of it. */
static bool roles_given(const struct roles *r, const struct metadata_event *e,
                        struct roles_meaning *m)
{
    unsigned missing;

    for (uint32_t i = r->options ? r->options->count : 0; i--;)
        if (roles_is_of(&r->options->rule[i], e))
            return roles_apply(&r->options->rule[i], e, m, &missing);
    return false;
}

static void roles_make(const struct roles *r, const struct metadata_event *e,
                       struct roles_meaning *m)
{
    if (roles_given(r, e, m)) {
        m->source = ROLES_USER;
    } else if (roles_in_dump(e, m) && roles_fits(e, m)) {
        m->source = ROLES_DUMP;
    } else if (roles_guess(e, m)) {
        m->source = ROLES_GUESS;
    } else {
        roles_clear(m);
    }
}

void roles_open(struct roles *r, const struct roles_options *options)
{
    memset(r, 0, sizeof(*r));
    r->options = options;
}

const struct roles_meaning *roles_find(struct roles *r, const struct metadata_event *e)
{
    struct roles_found *f = &r->found[mem_hash(e) % ROLES_EVENTS];

    if (f->event != e) {
        roles_make(r, e, &f->meaning);
        f->event = e;
    }
    return &f->meaning;
}

/* Why an event does not fit a rule: all that it has. */
static void roles_explain(struct roles *r, const struct roles_rule *rule,
                          const struct metadata_event *e, unsigned missing)
{
    const struct metadata_text *field = &rule->field[missing];
    bool there = roles_place(e, field, false) != ROLES_ABSENT;
    size_t n = (size_t)snprintf(r->problem, sizeof(r->problem),
                                there ? "%.*s:%.*s: the field '%.*s' is no integer, of"
                                      : "%.*s:%.*s has no field '%.*s', but",
                                (int)e->sys.n, e->sys.bytes, (int)e->name.n, e->name.bytes,
                                (int)field->n, field->bytes);

    for (uint32_t i = 0; i < e->field_count && n < sizeof(r->problem); i++)
        n += (size_t)snprintf(r->problem + n, sizeof(r->problem) - n, " %.*s",
                              (int)e->fields[i].name.n, e->fields[i].name.bytes);
    if (n < sizeof(r->problem))
        snprintf(r->problem + n, sizeof(r->problem) - n, "%s cpu and task of the record",
                 e->field_count ? ", and" : "");
}

static void roles_look(struct roles *r, const struct metadata_event *e)
{
    struct roles_meaning m;
    unsigned missing;

    for (uint32_t i = 0; r->options && i < r->options->count; i++) {
        const struct roles_rule *rule = &r->options->rule[i];

        if (!roles_is_of(rule, e))
            continue;
        if (roles_apply(rule, e, &m, &missing))
            r->used[i] = true;
        else if (!r->problem[0])
            roles_explain(r, rule, e, missing);
    }
}

bool roles_finish(struct roles *r, const struct stream *s, uint32_t wanted)
{
    bool any = false;

    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e)
            continue;
        roles_look(r, e);
        any = any || wanted >> roles_find(r, e)->is & 1;
    }
    memset(r->found, 0, sizeof(r->found));
    return any;
}

bool roles_end(const struct roles *r, struct diag *d)
{
    for (uint32_t i = 0; r->options && i < r->options->count; i++) {
        const struct roles_rule *rule = &r->options->rule[i];

        if (r->used[i])
            continue;
        if (r->problem[0])
            diag_line(d, "--role: %s", r->problem);
        else
            diag_line(d, "--role: there is no event '%.*s:%.*s', --list-roles has those there are",
                      (int)rule->sys.n, rule->sys.bytes, (int)rule->name.n, rule->name.bytes);
        return false;
    }
    return true;
}

/* --- of a record --- */

bool roles_number(const struct roles_meaning *m, enum roles_argument a, struct stream_lane *lane,
                  const struct metadata_event *e, __int128 *v)
{
    const struct record *r = &lane->record;
    int8_t place = m->argument[a];

    if (place == ROLES_RECORD_CPU)
        *v = lane->cpu;
    else if (place == ROLES_RECORD_TASK && r->context)
        *v = load_u32(r->context, r->swap);
    else
        return place >= 0 && key_number(&e->fields[place], r, v);
    return true;
}

struct metadata_text roles_text(const struct roles_meaning *m, enum roles_argument a,
                                const struct stream_lane *lane, const struct metadata_event *e,
                                const struct value_tail *tails)
{
    const struct metadata_field *f = m->argument[a] >= 0 ? &e->fields[m->argument[a]] : NULL;
    const struct metadata_text *name;
    struct value_tail t;
    __int128 v;

    if (!f)
        return (struct metadata_text){0};
    if (f->table && !f->table->flags && key_number(f, &lane->record, &v)) {
        name = value_enum(f, (uint64_t)v);
        return name ? *name : (struct metadata_text){0};
    }
    if (f->type != METADATA_STR && f->type != METADATA_CHAR)
        return (struct metadata_text){0};
    t = value_bytes(f, &lane->record, tails);
    return (struct metadata_text){(const char *)t.at, value_text_bytes(t.at, t.bytes)};
}

/* Letters of any case. */
static bool roles_same_state(const struct metadata_text *t, const char *word)
{
    size_t n = strlen(word), i = 0;

    while (i < n && t->n == n && (t->bytes[i] | 0x20) == (word[i] | 0x20))
        i++;
    return i == n;
}

enum roles_state roles_state(const struct roles_meaning *m, const struct stream_lane *lane,
                             const struct metadata_event *e, const struct value_tail *tails)
{
    struct metadata_text t = roles_text(m, ROLES_STATE, lane, e, tails);
    int8_t place = m->argument[ROLES_STATE];
    __int128 v;

    for (size_t i = 0; t.n && i < sizeof(roles_states) / sizeof(roles_states[0]); i++)
        if (roles_same_state(&t, roles_states[i].word))
            return roles_states[i].state;
    if (t.n || place < 0 || !roles_is_word(&e->fields[place].name, "prev_state") ||
        !key_number(&e->fields[place], &lane->record, &v))
        return ROLES_STATE_UNKNOWN;
    if (!((uint64_t)v & ROLES_LINUX_WAITS))
        return ROLES_STATE_READY;
    return (uint64_t)v & ROLES_LINUX_DEAD ? ROLES_STATE_DEAD : ROLES_STATE_WAITS;
}
