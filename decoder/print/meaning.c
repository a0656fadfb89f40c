/* SPDX-License-Identifier: MIT */
/* meaning.c - the roles of the events of a capture. */
#include "print/meaning.h"

#include "model/field.h"
#include "print/list.h"

static const char *const meaning_sources[] = {[ROLES_UNKNOWN] = "", /* never shown */
                                              [ROLES_DUMP] = "in the dump",
                                              [ROLES_USER] = "by --role",
                                              [ROLES_GUESS] = "by its name and fields"};
static const char *const meaning_words[] = {
    [ROLES_UNKNOWN] = "", [ROLES_DUMP] = "dump", [ROLES_USER] = "option", [ROLES_GUESS] = "guess"};

/* The record's own by its word, but where a field is called like that. */
static void meaning_own(struct out *o, const struct metadata_event *e, int8_t place)
{
    const char *word = place == ROLES_RECORD_CPU ? "cpu" : "task";

    for (uint32_t i = 0; i < e->field_count; i++)
        if (e->fields[i].name.n == strlen(word) &&
            memcmp(e->fields[i].name.bytes, word, strlen(word)) == 0) {
            out_s64(o, place);
            return;
        }
    out_text(o, word);
}

/* --- text --- */

static void meaning_line(struct out *o, const struct metadata_event *e,
                         const struct roles_meaning *m, size_t widest)
{
    list_name(o, e, OUT_TEXT);
    out_pad(o, ' ', widest - list_name_bytes(e) + 2);
    out_text(o, roles_word(m->is));
    for (unsigned a = 0; a < ROLES_ARGUMENTS; a++) {
        int8_t place = m->argument[a];

        if (place == ROLES_ABSENT)
            continue;
        out_text(o, " ");
        out_text(o, roles_argument_word((enum roles_argument)a));
        out_text(o, "=");
        if (place < 0)
            meaning_own(o, e, place);
        else
            out_escaped(o, e->fields[place].name.bytes, e->fields[place].name.n, OUT_TEXT);
    }
    out_text(o, "  (");
    out_text(o, meaning_sources[m->source]);
    out_text(o, ")\n");
}

static void meaning_text(struct meaning *p, const struct stream *s)
{
    struct out *o = p->sink.out;
    size_t widest = 0;
    bool any = false;

    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (e && roles_find(&p->roles, e)->is && list_name_bytes(e) > widest)
            widest = list_name_bytes(e);
    }
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (e && roles_find(&p->roles, e)->is)
            meaning_line(o, e, roles_find(&p->roles, e), widest);
    }
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e || roles_find(&p->roles, e)->is)
            continue;
        out_text(o, any ? " " : "without a role: ");
        any = true;
        list_name(o, e, OUT_TEXT);
    }
    out_text(o, any ? "\n" : "");
}

/* --- JSON --- */

static void meaning_json_event(struct out *o, const struct metadata_event *e,
                               const struct roles_meaning *m)
{
    bool any = false;

    out_text(o, "{\"event\":\"");
    list_name(o, e, OUT_JSON);
    out_text(o, "\",\"role\":\"");
    out_text(o, roles_word(m->is));
    out_text(o, "\",\"arguments\":{");
    for (unsigned a = 0; a < ROLES_ARGUMENTS; a++) {
        int8_t place = m->argument[a];

        if (place == ROLES_ABSENT)
            continue;
        out_text(o, any ? ",\"" : "\"");
        any = true;
        out_text(o, roles_argument_word((enum roles_argument)a));
        out_text(o, "\":");
        if (place < 0)
            out_s64(o, place);
        else
            field_text(o, e->fields[place].name.bytes, e->fields[place].name.n, OUT_JSON);
    }
    out_text(o, "},\"from\":\"");
    out_text(o, meaning_words[m->source]);
    out_text(o, "\"}");
}

static void meaning_json(struct meaning *p, const struct stream *s)
{
    struct out *o = p->sink.out;
    bool any = false;

    out_text(o, "{\"roles\":[");
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e || !roles_find(&p->roles, e)->is)
            continue;
        out_text(o, any ? "," : "");
        any = true;
        meaning_json_event(o, e, roles_find(&p->roles, e));
    }
    out_text(o, "],\"without\":[");
    any = false;
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e || roles_find(&p->roles, e)->is)
            continue;
        out_text(o, any ? ",\"" : "\"");
        any = true;
        list_name(o, e, OUT_JSON);
        out_text(o, "\"");
    }
    out_text(o, "]}\n");
}

static void meaning_finish(struct sink *k, struct stream *s)
{
    struct meaning *m = (struct meaning *)k;

    if (m->json)
        meaning_json(m, s);
    else
        meaning_text(m, s);
    roles_finish(&m->roles, s, 0);
    m->any = m->any || s->metadata.known;
    s->counts_told = true; /* there are no records, so none are missing */
}

static void meaning_end(struct sink *k)
{
    struct meaning *m = (struct meaning *)k;

    m->problem = m->any && !roles_end(&m->roles, m->diag);
}

struct sink *meaning_open(struct meaning *m, struct out *o, const struct roles_options *options,
                          bool json, struct diag *diag)
{
    *m = (struct meaning){
        .sink = {.out = o, .finish = meaning_finish, .end = meaning_end},
        .json = json,
        .diag = diag,
    };
    roles_open(&m->roles, options);
    return &m->sink;
}
