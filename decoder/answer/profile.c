/* SPDX-License-Identifier: MIT */
/* profile.c - --profile: where CPUs were. */
#include "answer/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define PROFILE_ASKED (1u << ROLES_SAMPLE)
#define PROFILE_PERCENT 10000u /* hundredths of a percent */

/* Kinds of names. */
enum profile_kind { PROFILE_FUNCTION, PROFILE_TEXT, PROFILE_NUMBER, PROFILE_NO_KEY };

/* A function, of one key if they are apart. */
struct profile_row {
    uint32_t key, name; /* numbers of names; key is 0 if all are together */
    uint64_t self, total;
    const struct names *names;
    uint32_t root; /* of the path of this number: its key */
};

/* --- samples --- */

/* The function that an address is in, or the address. */
static uint32_t profile_address(struct profile *p, uint64_t address, bool returns)
{
    struct symbols *symbols = p->sink.out->symbols;
    char text[SYMBOLS_TEXT_BYTES];
    size_t n = 0;

    /* A call may be the last instruction of its function, and then returns to the next one. */
    if (symbols)
        n = symbols_function(symbols, address - returns, text);
    if (!n)
        n = (size_t)snprintf(text, sizeof(text), "0x%" PRIx64, address);
    return names_number(&p->names, text, n, PROFILE_FUNCTION);
}

static uint32_t profile_key(struct profile *p, struct stream_lane *lane,
                            const struct metadata_event *e, const struct value_tail *tails)
{
    char text[NUMBER_BYTES];
    struct key k;

    if (!key_find(&p->by, lane, e, tails, &k)) {
        p->no_key++;
        return names_number(&p->names, "(none)", 6, PROFILE_NO_KEY);
    }
    if (k.is_text || k.bytes)
        return names_number(&p->names, k.text, k.bytes, PROFILE_TEXT);
    number_put(text, k.number);
    return names_number(&p->names, text, strlen(text), PROFILE_NUMBER);
}

/* The path of all that has called, the outermost first. */
static uint32_t profile_stack(struct profile *p, uint32_t node, const struct metadata_field *f,
                              const struct record *r, const struct value_tail *tails, uint64_t ip)
{
    struct value_tail t = value_bytes(f, r, tails);
    uint32_t count = t.bytes / f->width, skipped;

#define PROFILE_AT(i) value_load(t.at + (size_t)(i)*f->width, f->width, false, r->swap)
    for (uint32_t i = 0; i < count; i++)
        if (!PROFILE_AT(i))
            count = i;
    skipped = count && PROFILE_AT(0) == ip;
    for (uint32_t i = count; i > skipped; i--)
        node = fold_node(&p->fold, node, profile_address(p, PROFILE_AT(i - 1), true));
#undef PROFILE_AT
    p->cut += t.cut;
    return node;
}

/* Is it a list of addresses? */
static bool profile_lists(const struct metadata_field *f)
{
    return f->array && (f->type == METADATA_PTR || f->type == METADATA_UNSIGNED);
}

static void profile_take(struct profile *p, const struct roles_meaning *m, struct stream_lane *lane,
                         const struct metadata_event *e, const struct value_tail *tails)
{
    int8_t ip = m->argument[ROLES_IP], stack = m->argument[ROLES_STACK];
    const struct metadata_field *at = ip < 0 ? NULL : &e->fields[ip];
    uint32_t node = FOLD_TOP;
    char text[KEY_NAME_BYTES];
    __int128 address = 0;
    uint32_t name;
    bool number;

    if (!at || (at->array && at->type != METADATA_CHAR)) {
        p->without++;
        return;
    }
    number = key_number(at, &lane->record, &address) && !at->table;
    name = number ? profile_address(p, (uint64_t)address, false)
                  : names_number(&p->names, text,
                                 key_name(at, &lane->record, tails, NULL, text, &number),
                                 PROFILE_FUNCTION);
    if (p->options->by)
        node = fold_node(&p->fold, node, profile_key(p, lane, e, tails));
    if (stack >= 0 && profile_lists(&e->fields[stack]))
        node = profile_stack(p, node, &e->fields[stack], &lane->record, tails, (uint64_t)address);
    fold_add(&p->fold, fold_node(&p->fold, node, name), 1);
    p->samples++;
}

/* --- sink --- */

static void profile_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct profile *p = (struct profile *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct roles_meaning *m;

    if (!e) {
        stream_count_unknown(lane, e);
        return;
    }
    m = roles_find(&p->roles, e);
    if (m->is == ROLES_SAMPLE && sink_tails(lane, e, tails))
        profile_take(p, m, lane, e, tails);
}

static void profile_loss(struct sink *k, struct stream_lane *lane)
{
    loss_add(&((struct profile *)k)->loss, lane);
}

/* The events that are samples, to name them if none was recorded. */
static void profile_owners(struct profile *p, struct stream *s)
{
    for (uint32_t id = 0; !p->samples && id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (e && roles_find(&p->roles, e)->is == ROLES_SAMPLE)
            owner_meet(&p->owners, e);
    }
    owner_finish(&p->owners);
}

static void profile_finish(struct sink *k, struct stream *s)
{
    struct profile *p = (struct profile *)k;

    profile_owners(p, s);
    loss_finish(&p->loss, s);
    p->any = roles_finish(&p->roles, s, PROFILE_ASKED) || p->any;
    if (p->options->by)
        columns_finish(&p->by.columns, s);
    p->read = p->read || s->metadata.known;
}

/* --- rows --- */

static int profile_by_name(const void *a, const void *b)
{
    const struct profile_row *x = a, *y = b;

    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    return (x->name > y->name) - (x->name < y->name);
}

static int profile_by_self(const void *a, const void *b)
{
    const struct profile_row *x = a, *y = b;
    int by_name;

    if (x->self != y->self)
        return x->self > y->self ? -1 : 1;
    if (x->total != y->total)
        return x->total > y->total ? -1 : 1;
    by_name = names_compare(&x->names->at[x->name], &y->names->at[y->name]);
    return by_name ? by_name : names_compare(&x->names->at[x->key], &y->names->at[y->key]);
}

/* Is the function of a path in what it begins with as well? */
static bool profile_inner(const struct fold *f, uint32_t node)
{
    uint32_t name = f->nodes[node].name;

    for (node = f->nodes[node].before; node != FOLD_TOP; node = f->nodes[node].before)
        if (f->nodes[node].name == name)
            return true;
    return false;
}

/* A row for each path: of what it ends in. */
static uint32_t profile_paths(struct profile *p)
{
    const uint64_t *totals = fold_totals(&p->fold, 0);
    uint32_t n = 0;

    p->rows = mem_zero(p->fold.count * sizeof(*p->rows));
    for (uint32_t i = FOLD_OTHERS; i < p->fold.count; i++) {
        const struct fold_node *node = &p->fold.nodes[i];
        bool first = node->before == FOLD_TOP && i != FOLD_OTHERS;
        uint32_t key = first ? node->name : p->rows[node->before].root;

        p->rows[i].root = p->options->by && i != FOLD_OTHERS ? key : 0;
        if (!totals[i] || (p->options->by && first))
            continue;
        p->rows[n].key = p->rows[i].root;
        p->rows[n].name = i == FOLD_OTHERS ? NAMES_OTHERS : node->name;
        p->rows[n].self = node->self;
        p->rows[n].total = profile_inner(&p->fold, i) ? 0 : totals[i];
        p->rows[n++].names = &p->names;
    }
    return n;
}

/* A row for each function. */
static uint32_t profile_sort(struct profile *p)
{
    uint32_t n = profile_paths(p), last = 0;
    struct profile_row *rows = p->rows;

    qsort(rows, n, sizeof(*rows), profile_by_name);
    for (uint32_t i = 1; i < n; i++) {
        if (profile_by_name(&rows[i], &rows[last]) != 0) {
            rows[++last] = rows[i];
            continue;
        }
        rows[last].self = number_add(rows[last].self, rows[i].self);
        rows[last].total = number_add(rows[last].total, rows[i].total);
    }
    n = n ? last + 1 : 0;
    qsort(rows, n, sizeof(*rows), profile_by_self);
    return n;
}

/* --- what comes out --- */

/* A part of all samples, in percent. */
static void profile_percent(const struct profile *p, uint64_t n)
{
    char text[NUMBER_BYTES];
    uint64_t v = p->samples ? (uint64_t)((__uint128_t)n * PROFILE_PERCENT / p->samples) : 0;

    snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64, v / 100, v % 100);
    number_column(p->sink.out, text, 8);
}

/* What is not in it, and why. */
static void profile_notes(const void *context, struct out *o)
{
    const struct profile *p = context;
    const struct {
        uint64_t n;
        const char *text;
    } notes[] = {{p->without, " samples without an address\n"},
                 {p->no_key, " samples without what they are grouped by\n"},
                 {p->cut, " stacks were cut: what their functions were called by is missing\n"}};

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (notes[i].n) {
            out_u64(o, notes[i].n);
            out_text(o, notes[i].text);
        }
    loss_text(&p->loss, o);
}

static void profile_text(const struct profile *p, uint32_t count)
{
    const struct profile_row *rows = p->rows;
    struct out *o = p->sink.out;

    out_text(o, "      self       %     total       %  ");
    if (p->options->by) {
        out_escaped(o, p->options->by, strlen(p->options->by), OUT_TEXT);
        out_text(o, " ");
    }
    out_text(o, "function\n");
    for (uint32_t i = 0; i < count; i++) {
        const struct names_one *key = &p->names.at[rows[i].key], *name = &p->names.at[rows[i].name];

        number_column_u64(o, rows[i].self, 10);
        profile_percent(p, rows[i].self);
        number_column_u64(o, rows[i].total, 10);
        profile_percent(p, rows[i].total);
        out_text(o, "  ");
        out_escaped(o, key->text, key->bytes, OUT_TEXT);
        out_text(o, key->bytes ? " " : "");
        out_escaped(o, name->text, name->bytes, OUT_TEXT);
        out_text(o, "\n");
    }
    out_text(o, "\n");
    out_u64(o, p->samples);
    out_text(o, " samples\n");
    profile_notes(p, o);
}

static void profile_json_row(const struct profile *p, const struct profile_row *r)
{
    const struct names_one *key = &p->names.at[r->key], *name = &p->names.at[r->name];
    struct out *o = p->sink.out;

    out_text(o, "{");
    if (p->options->by) {
        out_text(o, "\"key\":");
        if (!r->key || key->kind == PROFILE_NO_KEY || r->key == NAMES_OTHERS)
            out_text(o, "null");
        else if (key->kind == PROFILE_NUMBER)
            out_bytes(o, key->text, key->bytes);
        else
            field_text(o, key->text, key->bytes, OUT_JSON);
        out_text(o, ",");
    }
    out_text(o, "\"name\":");
    if (r->name == NAMES_OTHERS)
        out_text(o, "null");
    else
        field_text(o, name->text, name->bytes, OUT_JSON);
    number_json(o, "self", r->self);
    number_json(o, "total", r->total);
    out_text(o, "}");
}

static void profile_json(const struct profile *p, uint32_t count)
{
    struct out *o = p->sink.out;

    out_text(o, "{\"answer\":\"profile\"");
    number_json(o, "samples", p->samples);
    number_json(o, "without", p->without);
    number_json(o, "cut", p->cut);
    loss_json(&p->loss, o);
    if (p->options->by) {
        out_text(o, ",\"by\":");
        field_text(o, p->options->by, strlen(p->options->by), OUT_JSON);
        number_json(o, "no_key", p->no_key);
    }
    out_text(o, ",\"functions\":[");
    for (uint32_t i = 0; i < count; i++) {
        out_text(o, i ? "," : "");
        profile_json_row(p, &p->rows[i]);
    }
    out_text(o, "]}\n");
}

static void profile_tell(const struct profile *p)
{
    const struct loss *l = &p->loss;

    if (p->without)
        diag_line(p->diag, "--profile: %" PRIu64 " samples without an address", p->without);
    if (p->cut)
        diag_line(p->diag, "--profile: %" PRIu64 " stacks were cut", p->cut);
    if (l->damaged)
        diag_line(p->diag, "--profile: how many more were lost is not known at %" PRIu64 " places",
                  l->damaged);
}

static void profile_tell_none(const struct profile *p)
{
    char names[OWNER_TEXT_BYTES];

    owner_text(&p->owners, names);
    if (!p->samples && !p->without)
        diag_line(p->diag,
                  "--profile: no record of %s, whose role is sample: --role gives it to another",
                  names);
}

static void profile_folded(struct profile *p)
{
    if (p->options->fold == FOLD_FLAME)
        flame_print(&(struct flame){.title = "Samples by function",
                                    .unit = "samples",
                                    .names = &p->names,
                                    .notes = profile_notes,
                                    .context = p},
                    &p->fold, p->sink.out);
    else
        fold_text(&p->fold, p->sink.out, 0, &p->names);
    profile_tell(p);
}

static void profile_end(struct sink *k)
{
    struct profile *p = (struct profile *)k;

    if (!p->read)
        return;
    p->wrong = !roles_end(&p->roles, p->diag) || !p->any;
    if (p->wrong && !p->any)
        diag_line(p->diag, "--profile: no event is a sample: name one, as --role "
                           "'prof:hit=sample ip=pc stack=from'; --list-roles shows what is known");
    if (p->wrong)
        return;
    if (p->options->by && p->by.common == COMMON_NONE)
        columns_end(&p->by.columns, p->diag);
    profile_tell_none(p);
    if (p->options->fold) {
        profile_folded(p);
        return;
    }
    (p->json ? profile_json : profile_text)(p, profile_sort(p));
}

static void profile_close(struct sink *k)
{
    struct profile *p = (struct profile *)k;

    free(p->rows);
    names_close(&p->names);
    fold_close(&p->fold);
}

struct sink *profile_open(struct profile *p, struct out *o, const struct profile_options *options,
                          const struct roles_options *roles, bool json, struct diag *diag)
{
    memset(p, 0, sizeof(*p));
    p->sink = (struct sink){.out = o,
                            .event = profile_event,
                            .loss = profile_loss,
                            .finish = profile_finish,
                            .end = profile_end,
                            .close = profile_close};
    p->json = json;
    p->options = options;
    p->diag = diag;
    roles_open(&p->roles, roles);
    if (options->by)
        key_open(&p->by, options->by, strlen(options->by));
    names_open(&p->names);
    fold_open(&p->fold, 0);
    return &p->sink;
}
