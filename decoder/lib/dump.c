/* SPDX-License-Identifier: MIT */
/* dump.c - the library: opens, selects, reads to the next item. */
#include "lib/dump.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "lib/syntax.h"

int dump_error(struct tp_dump *d, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(d->error, sizeof(d->error), format, args);
    va_end(args);
    d->column = -1;
    return code;
}

/* Where mem_failed() comes back to: the only place that sees a second return. */
static int dump_caught(struct tp_dump *d, int (*work)(struct tp_dump *dump, void *context),
                       void *context, jmp_buf **before)
{
    jmp_buf where;

    if (setjmp(where) != 0)
        return TP_DUMP_ENOMEM;
    *before = mem_catch(&where);
    return work(d, context);
}

int dump_guard(struct tp_dump *d, int (*work)(struct tp_dump *dump, void *context), void *context)
{
    jmp_buf *before = NULL; /* not NULL if a reader of another dump uses this one */
    int code;

    if (d->result == TP_DUMP_ENOMEM)
        return d->result;
    code = dump_caught(d, work, context, &before);
    mem_catch(before);
    if (code != TP_DUMP_ENOMEM)
        return code;
    d->take = NULL;
    d->stage = DUMP_ENDED; /* what was in the making is undefined */
    d->lane = NULL;
    d->stream = NULL;
    return d->result = dump_error(d, code, "out of memory");
}

/* --- opening --- */

struct tp_dump *tp_dump_new(void)
{
    struct tp_dump *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->column = -1;
    item_open(d);
    return d;
}

void tp_dump_free(struct tp_dump *d)
{
    if (!d)
        return;
    for (uint32_t i = 0; i < d->opened; i++)
        stream_close(&d->streams[i]);
    for (uint32_t i = d->opened; i < d->input_count; i++)
        input_close(&d->inputs[i].in);
    free(d->streams);
    free(d->inputs);
    if (d->first)
        sink_close(d->first);
    if (d->symbols_path)
        symbols_close(&d->symbols);
    merge_free(&d->merge);
    out_close(&d->out);
    free(d->text.at);
    item_close(d);
    while (d->texts) {
        struct dump_text *next = d->texts->next;

        free(d->texts);
        d->texts = next;
    }
    free(d);
}

static const char *dump_keep(struct tp_dump *d, const char *text)
{
    size_t n = strlen(text) + 1;
    struct dump_text *t = mem_alloc(sizeof(*t) + n);

    memcpy(t->bytes, text, n);
    t->next = d->texts;
    d->texts = t;
    return t->bytes;
}

/* What is added: opened already, but not yet among the inputs. */
struct dump_adding {
    struct input in;
    const char *name;
    const char *path; /* of a file; else NULL */
};

static int dump_add_work(struct tp_dump *d, void *context)
{
    const struct dump_adding *a = context;
    const char *name = dump_keep(d, a->name);

    d->inputs = mem_grow(d->inputs, (d->input_count + 1) * sizeof(*d->inputs));
    d->inputs[d->input_count++] = (struct dump_input){
        .in = a->in, .name = name, .path = a->path ? name : NULL};
    return 0;
}

static int dump_add(struct tp_dump *d, struct dump_adding *a)
{
    int code = d->stage == DUMP_ADDING
                   ? dump_guard(d, dump_add_work, a)
                   : dump_error(d, TP_DUMP_EORDER, "reading has begun, nothing can be added");

    if (code)
        input_close(&a->in);
    return code;
}

int tp_dump_add_path(struct tp_dump *d, const char *path)
{
    struct dump_adding a = {.name = strcmp(path, "-") ? path : "standard input",
                            .path = strcmp(path, "-") ? path : NULL};
    int error = input_open(&a.in, path);

    if (!error)
        return dump_add(d, &a);
    input_close(&a.in);
    return dump_error(d, TP_DUMP_EOPEN, "%.1024s: %s", path, strerror(error));
}

int tp_dump_add_descriptor(struct tp_dump *d, const char *name, int fd)
{
    struct dump_adding a = {.name = name};
    int error = input_open_descriptor(&a.in, fd);

    if (!error)
        return dump_add(d, &a);
    return dump_error(d, TP_DUMP_EOPEN, "%.1024s: %s", name, strerror(error));
}

int tp_dump_add_memory(struct tp_dump *d, const char *name, const void *bytes, size_t size)
{
    struct dump_adding a = {.name = name};

    input_open_memory(&a.in, bytes ? bytes : "", size);
    return dump_add(d, &a);
}

int tp_dump_add_reader(struct tp_dump *d, const char *name,
                       long (*read)(void *context, void *to, size_t size), void *context)
{
    struct dump_adding a = {.name = name};

    input_open_reader(&a.in, read, context);
    return dump_add(d, &a);
}

/* --- selecting --- */

struct dump_selecting {
    enum tp_dump_choice choice;
    const char *text;
};

/* What is wrong with it in any dump is said at once. */
static int dump_select_filter(struct tp_dump *d, const char *text)
{
    struct tp_filter_error error;

    if (!syntax_check(text, &error)) {
        tp_filter_explain(&error, text, strlen(text), d->error, sizeof(d->error));
        d->column = (int)error.column;
        return TP_DUMP_EFILTER;
    }
    d->options.filter = text;
    return 0;
}

static int dump_select_work(struct tp_dump *d, void *context)
{
    const struct dump_selecting *c = context;
    const char *text = dump_keep(d, c->text), *problem = "no such choice";
    struct select_options *o = &d->options;

    switch (c->choice) {
    case TP_DUMP_EVENTS:
        problem = select_read_events(o, text);
        break;
    case TP_DUMP_CPUS:
        problem = range_read(&o->cpus, text);
        break;
    case TP_DUMP_PIDS:
        problem = range_read(&o->pids, text);
        break;
    case TP_DUMP_FROM:
        problem = moment_read(&o->from, text);
        break;
    case TP_DUMP_TO:
        problem = moment_read(&o->to, text);
        break;
    case TP_DUMP_FILTER:
        return dump_select_filter(d, text);
    }
    return problem ? dump_error(d, TP_DUMP_ESELECT, "%s: '%.1024s'", problem, text) : 0;
}

int tp_dump_select(struct tp_dump *d, enum tp_dump_choice choice, const char *text)
{
    struct dump_selecting c = {choice, text};
    struct select_options before = d->options;
    int code;

    if (d->stage != DUMP_ADDING)
        return dump_error(d, TP_DUMP_EORDER, "reading has begun, nothing can be selected");
    code = dump_guard(d, dump_select_work, &c);
    if (code)
        d->options = before; /* a list is read up to what is wrong with it */
    return code;
}

/* --- symbols, and following --- */

struct dump_naming {
    const char *path;
    const uint64_t *slide;
};

static int dump_symbols_work(struct tp_dump *d, void *context)
{
    const struct dump_naming *n = context;
    const char *problem;

    d->symbols_path = dump_keep(d, n->path);
    problem = symbols_open(&d->symbols, d->symbols_path, true);
    if (problem) {
        dump_error(d, TP_DUMP_ESYMBOLS, "%.1024s: %s", n->path, problem);
        symbols_close(&d->symbols);
        d->symbols_path = NULL;
        return TP_DUMP_ESYMBOLS;
    }
    d->place_options.has_slide = n->slide;
    d->place_options.slide = n->slide ? *n->slide : 0;
    d->out.symbols = &d->symbols;
    return 0;
}

int tp_dump_symbols(struct tp_dump *d, const char *path, const uint64_t *slide)
{
    struct dump_naming n = {path, slide};

    if (d->stage != DUMP_ADDING || d->symbols_path)
        return dump_error(d, TP_DUMP_EORDER, "there are symbols, or reading has begun");
    return dump_guard(d, dump_symbols_work, &n);
}

static bool dump_tick(void *context)
{
    struct tp_dump *d = context;

    return !d->tick || d->tick(d->tick_context) == 0;
}

int tp_dump_follow(struct tp_dump *d, int (*tick)(void *context), void *context)
{
    if (d->stage != DUMP_ADDING || d->input_count != 1 || d->inputs->in.fd < 0)
        return dump_error(d, TP_DUMP_EORDER, "one path or descriptor can be followed");
    d->tick = tick;
    d->tick_context = context;
    d->followed = true;
    d->follow = (struct watch){.path = d->inputs->path, .tick = dump_tick, .context = d};
    return 0;
}

/* --- reading --- */

/* What events an input has, where those that were read lack what the filter asks for. */
static void dump_events(void *context, const struct metadata *m)
{
    struct tp_dump *d = context;

    condition_look(&d->select.condition, m);
}

static void dump_start(struct tp_dump *d)
{
    struct sink *sink = &d->sink;

    d->stage = DUMP_READING;
    d->streams = mem_zero(d->input_count * sizeof(*d->streams));
    for (; d->opened < d->input_count; d->opened++) {
        struct stream *s = &d->streams[d->opened];

        stream_open(s, d->opened, d->inputs[d->opened].name, &d->diag);
        s->in = d->inputs[d->opened].in;
        s->in.diag = &s->diag;
        s->look = !d->followed &&
                  (d->options.from.kind || d->options.to.kind || d->input_count > 1);
        s->survey.ends = select_ends(&d->options);
        s->survey.events = d->options.filter ? dump_events : NULL;
        s->survey.context = d;
    }
    if (d->followed) {
        d->follow.diag = &d->streams->diag;
        d->streams->in.watch = &d->follow;
        d->streams->in.slow = true; /* it is not sought in */
    }
    if (select_wanted(&d->options)) {
        d->selects = true;
        sink = d->first = &d->select.sink;
        select_open(&d->select, &d->options, &d->sink, d->input_count, &d->diag);
    }
    if (d->symbols_path) {
        struct sink *next = sink;

        sink = d->first = &d->place.sink;
        place_open(&d->place, &d->place_options, next, &d->symbols, d->symbols_path,
                   d->input_count);
    }
    d->merge = (struct merge){.streams = d->streams, .stream_count = d->input_count, .sink = sink};
    merge_start(&d->merge);
}

static void dump_end(struct tp_dump *d)
{
    d->stage = DUMP_ENDED;
    for (uint32_t i = 0; i < d->opened; i++)
        if (!d->streams[i].done)
            stream_stop(&d->streams[i]);
}

/* What tp_dump_next() returns from now on. */
static int dump_result(struct tp_dump *d)
{
    const struct condition *c = &d->select.condition;

    if (d->selects && condition_failed(c)) {
        condition_explain(c, d->error, sizeof(d->error));
        d->column = (int)c->column;
        return TP_DUMP_EFILTER;
    }
    if (d->diag.refused)
        return dump_error(d, TP_DUMP_EUNSUPPORTED, "%s", d->fault);
    if (d->diag.foreign)
        return dump_error(d, TP_DUMP_EFOREIGN, "%s", d->fault);
    return TP_DUMP_END;
}

int dump_look(struct tp_dump *d)
{
    int got;

    item_forget(d);
    if (d->stage == DUMP_ADDING)
        dump_start(d);
    got = item_give(d);
    if (got)
        return got;
    if (d->stage == DUMP_ENDED)
        return dump_result(d);
    if (merge_step(&d->merge) == MERGE_END)
        dump_end(d);
    return DUMP_STEPPED;
}

static int dump_next_work(struct tp_dump *d, void *context)
{
    int got = d->item.kind;

    (void)context;
    while (!d->kept && (got = dump_look(d)) == DUMP_STEPPED)
        continue;
    d->kept = false;
    return got;
}

static int dump_peek_work(struct tp_dump *d, void *context)
{
    int got = dump_next_work(d, context);

    d->kept = got > 0;
    return got;
}

static int dump_get(struct tp_dump *d, const struct tp_dump_item **item,
                    int (*work)(struct tp_dump *dump, void *context))
{
    int got;

    *item = NULL;
    if (!d->input_count && !d->result)
        return dump_error(d, TP_DUMP_EORDER, "nothing was added that can be read");
    got = dump_guard(d, work, NULL);
    if (got > 0)
        *item = &d->item;
    return got;
}

int tp_dump_next(struct tp_dump *d, const struct tp_dump_item **item)
{
    return dump_get(d, item, dump_next_work);
}

int tp_dump_peek(struct tp_dump *d, const struct tp_dump_item **item)
{
    return dump_get(d, item, dump_peek_work);
}

/* --- how it went --- */

static enum tp_dump_state dump_state(const struct diag *g)
{
    if (g->refused)
        return TP_DUMP_UNSUPPORTED;
    if (g->foreign)
        return TP_DUMP_FOREIGN;
    if (g->broken)
        return TP_DUMP_DAMAGED;
    return g->cut ? TP_DUMP_TRUNCATED : TP_DUMP_COMPLETE;
}

int tp_dump_sum(const struct tp_dump *d, struct tp_dump_totals *totals)
{
    struct tp_dump_totals t = {.state = dump_state(&d->diag),
                               .given = d->given,
                               .damaged = d->diag.damaged_chunks,
                               .late = d->merge.late,
                               .backwards = d->merge.backwards};

    for (uint32_t i = 0; i < d->opened; i++) {
        t.records += d->streams[i].records;
        t.lost = number_add(t.lost, d->streams[i].lost);
    }
    return dump_put(totals, &t, sizeof(t), sizeof(t)) ? 0 : TP_DUMP_ESIZE;
}

const char *tp_dump_version(void)
{
    return PACKAGE_VERSION;
}

const char *tp_dump_error_text(const struct tp_dump *d)
{
    return d->error;
}

int tp_dump_error_column(const struct tp_dump *d)
{
    return d->column;
}

const char *tp_dump_cause_text(enum tp_dump_cause cause)
{
    _Static_assert((unsigned)TP_DUMP_FULL == TP_LOST_FULL &&
                       (unsigned)TP_DUMP_OVERWRITTEN == TP_LOST_OVERWRITTEN &&
                       (unsigned)TP_DUMP_MISSING == STREAM_LOST_MISSING &&
                       (unsigned)TP_DUMP_ABANDONED == STREAM_LOST_UNFINISHED &&
                       (unsigned)TP_DUMP_UNCOUNTED == STREAM_LOST_CAUSES,
                   "causes have the numbers that the decoder gives them");

    return (unsigned)cause < STREAM_LOST_CAUSES ? stream_causes[cause] : "damaged";
}
