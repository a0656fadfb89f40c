/* SPDX-License-Identifier: MIT */
/* database.c - a dump as a database of SQLite. */
#include "export/database.h"

#include <errno.h>

static void database_check(struct database *d)
{
    if (d->fill.cells.list.error && !d->sink.out->error)
        d->sink.out->error = d->fill.cells.list.error;
}

static void database_begin(struct sink *k, struct stream *s)
{
    fill_begin(&((struct database *)k)->fill, s);
}

static void database_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    fill_event(&((struct database *)k)->fill, lane, e);
    database_check((struct database *)k);
}

static void database_unfinished(struct sink *k, struct stream_lane *lane,
                                const struct metadata_event *e)
{
    fill_unfinished(&((struct database *)k)->fill, lane, e);
    database_check((struct database *)k);
}

static void database_loss(struct sink *k, struct stream_lane *lane)
{
    fill_loss(&((struct database *)k)->fill, lane);
    database_check((struct database *)k);
}

static void database_finish(struct sink *k, struct stream *s)
{
    fill_finish(&((struct database *)k)->fill, s);
    database_check((struct database *)k);
}

static void database_end(struct sink *k)
{
    struct database *d = (struct database *)k;

    fill_end(&d->fill, "--format sqlite");
    d->wrong = d->fill.wrong;
    k->out->cut_arrays += d->fill.cells.text.cut_arrays;
    if (!d->fill.cells.list.error && !sqlite_run(d->db, "commit"))
        d->fill.cells.list.error = sqlite_error(d->db) ? sqlite_error(d->db) : EIO;
    database_check(d);
}

static void database_close(struct sink *k)
{
    struct database *d = (struct database *)k;

    fill_close(&d->fill);
    sqlite_close(d->db);
}

struct sink *database_open(struct database *d, struct out *o, const struct roles_options *roles,
                           int fd, struct spill *spill, struct diag *diag)
{
    memset(d, 0, sizeof(*d));
    d->sink = (struct sink){.out = o,
                            .begin = database_begin,
                            .event = database_event,
                            .unfinished = database_unfinished,
                            .loss = database_loss,
                            .settles = true,
                            .finish = database_finish,
                            .end = database_end,
                            .close = database_close};
    d->db = sqlite_open(fd, spill);
    fill_open(&d->fill, d->db, roles, o->symbols, diag, true);
    d->fill.cells.list.timed = true;
    (void)sqlite_run(d->db, "begin");
    return &d->sink;
}
