/* SPDX-License-Identifier: MIT */
/* shelf.c - a Parquet file for each event. */
#include "export/shelf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "base/number.h"

#define SHELF_FILE_BYTES (2 * SHELF_NAME_BYTES + 32)

struct shelf_file {
    struct shelf *shelf;
    struct store store;
    uint32_t number;       /* in the folder */
    uint32_t fields, last; /* columns: the first of its fields, and the first after them */
    bool cut;              /* there is such a column, right before those */
    char name[];           /* sys.event */
};

struct shelf_stream {
    struct shelf_file **files; /* by id of the event; NULL: not known yet */
    uint32_t count;
};

/* --- files --- */

static void shelf_write(void *context, const void *bytes, size_t n)
{
    struct shelf_file *f = context;
    struct shelf *h = f->shelf;

    out_bytes(folder_out(h->folder, f->number), bytes, n);
    if (h->folder->error && !h->sink.out->error)
        h->sink.out->error = h->folder->error;
}

static struct shelf_file *shelf_make(struct shelf *h, const char *name)
{
    struct shelf_file *f = mem_zero(sizeof(*f) + strlen(name) + 1);

    f->shelf = h;
    strcpy(f->name, name);
    store_open(&f->store, &h->sheet.pages, h->sheet.spill, (struct pages_target){shelf_write, f, 0},
               false, &h->sheet.held);
    return f;
}

/* When it has its columns. */
static void shelf_begin_file(struct shelf *h, struct shelf_file *f)
{
    char name[SHELF_FILE_BYTES];
    uint32_t same = 1;

    for (uint32_t i = 0; i < h->count; i++)
        same += h->files[i] != f && strcasecmp(h->files[i]->name, f->name) == 0;
    f->last = f->store.count;
    sheet_add_last(&h->sheet, &f->store);
    if (same > 1)
        snprintf(name, sizeof(name), "%s.%" PRIu32 ".parquet", f->name, same);
    else
        snprintf(name, sizeof(name), "%s.parquet", f->name);
    f->number = folder_add(h->folder, name);
}

/* Letters, digits, - and _. */
static size_t shelf_word(char *to, const struct metadata_text *t)
{
    uint32_t n = t->n < SHELF_NAME_BYTES ? t->n : SHELF_NAME_BYTES;

    for (uint32_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)t->bytes[i];

        to[i] = (char)(c < 128 && (isalnum(c) || c == '-') ? c : '_');
    }
    return n;
}

static void shelf_add(struct shelf_file *f, const char *name, enum column_is is, bool optional)
{
    store_add(&f->store, name, strlen(name), is, optional);
}

static void shelf_columns(struct shelf *h, struct shelf_file *f, const struct metadata_event *e)
{
    sheet_add_first(&f->store, true);
    f->fields = f->store.count;
    for (uint32_t i = 0; i < e->field_count; i++)
        sheet_add_field(&h->sheet, &f->store, &e->fields[i]);
    f->cut = e->tail_count;
    if (f->cut)
        shelf_add(f, "cut", COLUMN_TEXT, true);
    shelf_begin_file(h, f);
}

/* Has that file the columns that this event needs? */
static bool shelf_fits(const struct shelf *h, const struct shelf_file *f,
                       const struct metadata_event *e)
{
    if (f->last - f->cut - f->fields != e->field_count || f->cut != (e->tail_count > 0))
        return false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct column *c = &f->store.columns[f->fields + i];
        const struct metadata_text *name = &e->fields[i].name;

        /* What follows the name made it the only one. */
        if (c->is != sheet_is(&h->sheet, &e->fields[i]) || c->name_bytes < name->n ||
            memcmp(c->name, name->bytes, name->n) != 0 ||
            strspn(c->name + name->n, "_") != c->name_bytes - name->n)
            return false;
    }
    return true;
}

static struct shelf_file *shelf_others(struct shelf *h)
{
    if (h->others)
        return h->others;
    h->others = shelf_make(h, "others");
    sheet_add_first(&h->others->store, true);
    h->others->fields = h->others->store.count;
    shelf_add(h->others, "sys", COLUMN_TEXT, true);
    shelf_add(h->others, "event", COLUMN_TEXT, true);
    shelf_add(h->others, "fields", COLUMN_JSON, false);
    shelf_add(h->others, "cut", COLUMN_TEXT, true);
    h->others->cut = true;
    shelf_begin_file(h, h->others);
    return h->others;
}

static struct shelf_file *shelf_find(struct shelf *h, const struct metadata_event *e)
{
    char name[SHELF_FILE_BYTES];
    struct shelf_file *f;
    size_t n = shelf_word(name, &e->sys);

    name[n++] = '.';
    n += shelf_word(name + n, &e->name);
    name[n] = '\0';
    for (uint32_t i = 0; i < h->count; i++)
        if (strcmp(h->files[i]->name, name) == 0 && shelf_fits(h, h->files[i], e))
            return h->files[i];
    if (h->count == SHELF_FILES)
        return shelf_others(h);
    h->files[h->count] = f = shelf_make(h, name);
    h->count++;
    shelf_columns(h, f, e);
    return f;
}

static struct shelf_file *shelf_of(struct shelf *h, const struct stream *s,
                                   const struct metadata_event *e)
{
    struct shelf_stream *t = &h->streams[s->number];

    t->files = mem_reach(t->files, &t->count, e->id, 64, sizeof(struct shelf_file *));
    if (!t->files[e->id])
        t->files[e->id] = shelf_find(h, e);
    return t->files[e->id];
}

/* The files that are there in any case. */
static void shelf_start(struct shelf *h)
{
    h->losses = shelf_make(h, "losses");
    sheet_add_first(&h->losses->store, false);
    h->losses->fields = h->losses->store.count;
    shelf_add(h->losses, "lost", COLUMN_U64, true);
    shelf_add(h->losses, "cause", COLUMN_TEXT, false);
    shelf_begin_file(h, h->losses);
    h->tasks = shelf_make(h, "tasks");
    shelf_add(h->tasks, "pid", COLUMN_U32, false);
    shelf_add(h->tasks, "name", COLUMN_TEXT, false);
    shelf_add(h->tasks, "task_group", COLUMN_U32, true);
    shelf_begin_file(h, h->tasks);
}

/* The group that is worth most is written, if all of them together are too much. */
static void shelf_bound(struct shelf *h)
{
    struct shelf_file *most = h->losses;

    if (h->sheet.held < SHELF_BYTES)
        return;
    for (uint32_t i = 0; i < h->count + 2; i++) {
        struct shelf_file *f = i < h->count ? h->files[i] : i == h->count ? h->others : h->tasks;

        if (f && f->store.used > most->store.used)
            most = f;
    }
    store_flush(&most->store);
}

static void shelf_row(struct shelf *h, struct shelf_file *f, const struct stream *s)
{
    sheet_last(&h->sheet, &f->store, f->last, s);
    store_row(&f->store);
    shelf_bound(h);
    if (h->sheet.spill->error && !h->sink.out->error)
        h->sink.out->error = h->sheet.spill->error;
    h->sink.enough = pages_lost(&h->sheet.pages);
}

/* --- items --- */

static void shelf_begin(struct sink *k, struct stream *s)
{
    struct shelf *h = (struct shelf *)k;

    notes_begin(&h->notes, s);
    h->streams = mem_reach(h->streams, &h->stream_count, s->number, 1, sizeof(*h->streams));
    h->sheet.inputs = s->others;
    if (!h->losses)
        shelf_start(h);
}

/* A record as JSON, whatever its event is. */
static void shelf_other(struct shelf *h, struct stream_lane *lane, const struct metadata_event *e,
                        const struct value_tail *tails)
{
    struct shelf_file *f = h->others;
    struct store *s = &f->store;

    if (e) {
        column_text(store_column(s, f->fields), e->sys.bytes, e->sys.n);
        column_text(store_column(s, f->fields + 1), e->name.bytes, e->name.n);
    }
    sheet_json(&h->sheet, store_column(s, f->fields + 2), e, &lane->record, tails);
    if (e)
        sheet_cut(s, f->last - 1, e, tails);
}

static void shelf_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct shelf *h = (struct shelf *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);
    struct shelf_file *f = fits ? shelf_of(h, lane->stream, e) : shelf_others(h);

    h->notes.records++;
    sheet_time(&h->sheet, &f->store, lane);
    sheet_context(&f->store, lane);
    if (f == h->others) {
        shelf_other(h, lane, fits ? e : NULL, tails);
    } else {
        for (uint32_t i = 0; i < e->field_count; i++)
            sheet_field(&h->sheet, store_column(&f->store, f->fields + i), &e->fields[i],
                        &lane->record, tails);
        if (f->cut)
            sheet_cut(&f->store, f->last - 1, e, tails);
    }
    shelf_row(h, f, lane->stream);
}

static void shelf_unfinished(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    (void)lane;
    (void)e;
    ((struct shelf *)k)->notes.unfinished++;
}

/* lane is NULL: it is not known when, and of which CPU. lost is 0: how many is not known. */
static void shelf_lose(struct shelf *h, const struct stream *from, struct stream_lane *lane,
                       uint64_t lost, const char *cause)
{
    struct shelf_file *f = h->losses;

    if (lane)
        sheet_time(&h->sheet, &f->store, lane);
    if (lost)
        column_number(store_column(&f->store, f->fields), lost);
    sheet_word(store_column(&f->store, f->fields + 1), cause);
    h->notes.lost = number_add(h->notes.lost, lost);
    shelf_row(h, f, from);
}

static void shelf_loss(struct sink *k, struct stream_lane *lane)
{
    struct shelf *h = (struct shelf *)k;

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            shelf_lose(h, lane->stream, lane, lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        shelf_lose(h, lane->stream, lane, 0, "damaged");
}

/* --- the end of a capture, and of all --- */

static int shelf_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void shelf_tasks(struct shelf *h, const struct stream *s)
{
    const struct task_table *t = &s->tasks;
    struct store *to = &h->tasks->store;
    uint32_t n = 0;

    if (!t->count)
        return;
    h->pids = mem_alloc(t->count * sizeof(*h->pids));
    for (uint32_t i = 0; i < t->count; i++)
        if (t->slots[i].used && t->slots[i].name_bytes)
            h->pids[n++] = t->slots[i].pid;
    qsort(h->pids, n, sizeof(*h->pids), shelf_compare);
    for (uint32_t i = 0; i < n; i++) {
        const struct task *task = task_find(t, h->pids[i]);

        column_number(store_column(to, 0), task->pid);
        column_text(store_column(to, 1), task->name, task->name_bytes);
        if (task->group)
            column_number(store_column(to, 2), task->group);
        shelf_row(h, h->tasks, s);
    }
    free(h->pids);
    h->pids = NULL;
}

static void shelf_finish(struct sink *k, struct stream *s)
{
    struct shelf *h = (struct shelf *)k;
    struct shelf_stream *t;

    sheet_finish(&h->sheet);
    if (!notes_has(&h->notes, s))
        return;
    t = &h->streams[s->number];
    if (s->strangers)
        shelf_lose(h, s, NULL, s->strangers, "unknown_cpu");
    shelf_tasks(h, s);
    notes_finish(&h->notes, s);
    free(t->files);
    *t = (struct shelf_stream){.files = NULL};
}

static void shelf_end_file(struct shelf *h, struct shelf_file *f)
{
    if (f && !h->sink.out->error && !store_end(&f->store, &h->notes.pairs))
        h->sink.out->error = h->sheet.spill->error ? h->sheet.spill->error : EFBIG;
}

static void shelf_end(struct sink *k)
{
    struct shelf *h = (struct shelf *)k;

    if (!h->losses)
        return;
    for (uint32_t i = 0; i < h->notes.open_count; i++)
        if (h->notes.open[i])
            shelf_tasks(h, h->notes.open[i]);
    notes_end(&h->notes, h->diag, h->sheet.late);
    for (uint32_t i = 0; i < h->count; i++)
        shelf_end_file(h, h->files[i]);
    shelf_end_file(h, h->others);
    shelf_end_file(h, h->losses);
    shelf_end_file(h, h->tasks);
}

static void shelf_free(struct shelf_file *f)
{
    if (f)
        store_close(&f->store);
    free(f);
}

static void shelf_close(struct sink *k)
{
    struct shelf *h = (struct shelf *)k;

    for (uint32_t i = 0; i < h->count; i++)
        shelf_free(h->files[i]);
    shelf_free(h->others);
    shelf_free(h->losses);
    shelf_free(h->tasks);
    for (uint32_t i = 0; i < h->stream_count; i++)
        free(h->streams[i].files);
    free(h->streams);
    free(h->files);
    free(h->pids);
    notes_close(&h->notes);
    sheet_close(&h->sheet);
}

struct sink *shelf_open(struct shelf *h, struct out *o, const struct constant_list *constants,
                        bool compress, struct crew *crew, struct spill *spill,
                        struct folder *folder, struct diag *diag)
{
    *h = (struct shelf){.sink = {.out = o,
                                 .begin = shelf_begin,
                                 .event = shelf_event,
                                 .unfinished = shelf_unfinished,
                                 .loss = shelf_loss,
                                 .settles = true,
                                 .finish = shelf_finish,
                                 .end = shelf_end,
                                 .close = shelf_close},
                        .diag = diag,
                        .folder = folder};
    sheet_open(&h->sheet, spill, constants, o->symbols, compress, crew);
    h->files = mem_zero(SHELF_FILES * sizeof(struct shelf_file *));
    return &h->sink;
}
