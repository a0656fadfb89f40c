/* SPDX-License-Identifier: MIT */
/*
 * What was lost in dumps, how many records each event has, and the largest value of a field:
 *
 *     cc -std=gnu11 read_dump.c $(pkg-config --cflags --libs libtpdecode) -o read_dump
 *     ./read_dump next dump.tp...
 *
 * Exits as tpdecode does: 0 all decoded, 1 damage but the rest decoded, 2 usage, 3 an input is no
 * dump or a newer one, 4 no memory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <tpdecode.h>

/* Known by its hash: its id may be another in each dump. */
struct event {
    struct event *next;
    uint64_t hash, records;
    char name[260];
};

struct sum {
    const char *field;
    struct event *events;
    struct tp_dump_value largest; /* of the field, if any */
    bool any;
};

static struct event *find(struct sum *sum, const struct tp_dump_event *event)
{
    uint64_t hash = tp_dump_event_hash(event);
    struct event **at = &sum->events;

    while (*at && (*at)->hash != hash)
        at = &(*at)->next;
    if (*at || !(*at = calloc(1, sizeof(**at))))
        return *at;
    (*at)->hash = hash;
    snprintf((*at)->name, sizeof((*at)->name), "%s:%s", tp_dump_event_system(event),
             tp_dump_event_name(event));
    return *at;
}

static bool negative(const struct tp_dump_value *v)
{
    return v->type == TP_DUMP_SIGNED && (int64_t)v->number < 0;
}

static int count(struct sum *sum, struct tp_dump *dump, const struct tp_dump_record *record)
{
    struct tp_dump_value v = {.struct_bytes = sizeof(v)}, *most = &sum->largest;
    struct event *event = find(sum, record->event);

    if (!event)
        return TP_DUMP_ENOMEM;
    event->records++;
    if (tp_dump_get_named(dump, sum->field, &v) != 0 || v.count || v.bytes)
        return 0; /* it has no such field, or that is no number */
    if (sum->any && (negative(&v) != negative(most) ? negative(&v) : v.number <= most->number))
        return 0;
    *most = v;
    sum->any = true;
    return 0;
}

/* Returns 0 at the end, or an error. */
static int read_all(struct sum *sum, struct tp_dump *dump)
{
    const struct tp_dump_item *item;
    int got, err = 0;

    while (!err && (got = tp_dump_next(dump, &item)) != TP_DUMP_END) {
        if (got < 0)
            err = got;
        else if (got == TP_DUMP_RECORD && item->record.decoded)
            err = count(sum, dump, &item->record);
        else if (got == TP_DUMP_LOSS)
            printf("cpu %" PRIu32 ", before %" PRIu64 " ns: %" PRIu64 " lost (%s)\n", item->cpu,
                   item->time_ns, item->loss.records, tp_dump_cause_text(item->loss.cause));
        else if (got == TP_DUMP_NOTICE)
            fprintf(stderr, "%s: %s\n", item->notice.input ? item->notice.input : "all inputs",
                    item->notice.text);
    }
    return err;
}

static int print(const struct sum *sum, const struct tp_dump_totals *totals)
{
    for (const struct event *e = sum->events; e; e = e->next)
        printf("%s: %" PRIu64 " records\n", e->name, e->records);
    if (sum->any && negative(&sum->largest))
        printf("largest %s: %" PRId64 "\n", sum->field, (int64_t)sum->largest.number);
    else if (sum->any)
        printf("largest %s: %" PRIu64 "\n", sum->field, sum->largest.number);
    printf("%" PRIu64 " records, %" PRIu64 " lost\n", totals->records, totals->lost);
    return totals->state != TP_DUMP_COMPLETE;
}

int main(int argc, char **argv)
{
    struct tp_dump *dump = tp_dump_new();
    struct sum sum = {.field = argc > 1 ? argv[1] : NULL};
    struct tp_dump_totals totals = {.struct_bytes = sizeof(totals)};
    int err = dump ? 0 : TP_DUMP_ENOMEM;

    if (argc < 3) {
        fprintf(stderr, "usage: read_dump FIELD FILE...\n");
        tp_dump_free(dump);
        return 2;
    }
    for (int i = 2; !err && i < argc; i++)
        err = tp_dump_add_path(dump, argv[i]);
    if (!err)
        err = read_all(&sum, dump);
    if (err) {
        fprintf(stderr, "read_dump: %s\n", dump ? tp_dump_error_text(dump) : "out of memory");
        tp_dump_free(dump);
        if (err == TP_DUMP_EFOREIGN || err == TP_DUMP_EUNSUPPORTED)
            return 3;
        return err == TP_DUMP_ENOMEM ? 4 : 2;
    }
    tp_dump_sum(dump, &totals);
    tp_dump_free(dump);
    return print(&sum, &totals);
}
