/* SPDX-License-Identifier: MIT */
/* dump_help.c - what the tests of tpdecode.h share. */
#include "dump_help.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tp_test.h"

struct tp_dump *dump_open(const void *bytes, size_t n)
{
    struct tp_dump *d = tp_dump_new();

    TP_ASSERT(d != NULL);
    TP_ASSERT_EQ(tp_dump_add_memory(d, "m", bytes, n), 0);
    return d;
}

struct tp_dump *dump_record(const char *name, struct help_bytes *bytes,
                            const struct tp_dump_item **item)
{
    struct tp_dump *d;

    *bytes = help_golden(name);
    d = dump_open(bytes->p, bytes->n);
    while (tp_dump_next(d, item) > 0)
        if ((*item)->kind == TP_DUMP_RECORD)
            return d;
    TP_FAIL_FATAL("%s has no record", name);
    return d;
}

static void dump_print_item(struct help_bytes *to, struct tp_dump *d, const struct tp_dump_item *i)
{
    char line[2000];
    const char *kind = i->kind == TP_DUMP_RECORD ? "R" : "U";

    switch (i->kind) {
    case TP_DUMP_CAPTURE:
        snprintf(line, sizeof(line), "capture %#" PRIx64 " %" PRIu64 " Hz, %" PRIu64 " cpus, %s\n",
                 i->capture.id, i->capture.clock_hz, i->capture.cpus, i->capture.buffer);
        break;
    case TP_DUMP_RECORD:
    case TP_DUMP_UNFINISHED:
        if (i->record.decoded)
            snprintf(line, sizeof(line), "%s%" PRIu32 " %" PRIu64 " %s:%s: %s\n", kind, i->cpu,
                     i->ticks, tp_dump_event_system(i->record.event),
                     tp_dump_event_name(i->record.event), tp_dump_text(d, NULL));
        else
            snprintf(line, sizeof(line),
                     "%s%" PRIu32 " %" PRIu64 " id %" PRIu32 ", %" PRIu32 " bytes\n", kind, i->cpu,
                     i->ticks, i->record.id, i->record.size_bytes);
        break;
    case TP_DUMP_LOSS:
        snprintf(line, sizeof(line), "L%" PRIu32 " %" PRIu64 " %" PRIu64 " %s\n", i->cpu, i->ticks,
                 i->loss.records, tp_dump_cause_text(i->loss.cause));
        break;
    case TP_DUMP_SAMPLED:
        snprintf(line, sizeof(line), "sampled %s:%s: %" PRIu64 " %#" PRIx64 "\n", i->sampled.system,
                 i->sampled.name, i->sampled.records, i->sampled.hash);
        break;
    case TP_DUMP_NOTICE:
        snprintf(line, sizeof(line), "%s %s: %s\n", i->notice.damage ? "bad" : "note",
                 i->notice.input ? i->notice.input : "-", i->notice.text);
        break;
    case TP_DUMP_END:
        TP_FAIL("an item that is the end");
        break;
    }
    help_add(to, line, strlen(line));
}

struct help_bytes dump_print(struct tp_dump *d)
{
    static const char *const states[] = {"complete", "truncated", "damaged", "foreign",
                                         "unsupported"};
    const struct tp_dump_item *item;
    struct tp_dump_totals t = {.struct_bytes = sizeof(t)};
    struct help_bytes to = {0};
    char line[200];
    int got;

    while ((got = tp_dump_next(d, &item)) > 0) {
        TP_CHECK_EQ(item->kind, got);
        dump_print_item(&to, d, item);
    }
    TP_CHECK(item == NULL);
    TP_CHECK_EQ(tp_dump_next(d, &item), got);
    TP_CHECK_EQ(tp_dump_sum(d, &t), 0);
    if (got && t.state < TP_DUMP_FOREIGN)
        snprintf(line, sizeof(line), "error %d\n", got);
    else
        snprintf(line, sizeof(line), "%s: %" PRIu64 " of %" PRIu64 ", %" PRIu64 " lost\n",
                 states[t.state], t.given, t.records, t.lost);
    help_add(&to, line, strlen(line));
    tp_dump_free(d);
    return to;
}

void dump_expect(struct tp_dump *d, const char *want)
{
    struct help_bytes got = dump_print(d);

    TP_CHECK_STREQ((char *)got.p, want);
    help_free(&got);
}

void dump_expect_golden(const char *name, const char *want)
{
    struct help_bytes dump = help_golden(name);

    dump_expect(dump_open(dump.p, dump.n), want);
    help_free(&dump);
}
