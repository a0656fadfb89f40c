/* SPDX-License-Identifier: MIT */
/* library.c - a dump as libtpdecode gives it, as JSON for compare.jq. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <tpdecode.h>

#include "conform.h"

/* Texts of the library have no control characters; what is no UTF-8 in a name is left to tpdecode. */
static bool library_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static void library_string(const char *text)
{
    putchar('"');
    for (; *text; text++)
        printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    putchar('"');
}

static void library_place(const struct tp_dump_item *item)
{
    printf("\"cpu\":%" PRIu32 ",\"time_ns\":%" PRIu64, item->cpu, item->time_ns);
}

/* Each field as a text, but for those whose names or values are not plain. */
static void library_fields(struct tp_dump *dump, const struct tp_dump_event *event)
{
    bool first = true;

    printf(",\"fields\":{");
    for (uint32_t i = 0; i < tp_dump_event_fields(event); i++) {
        struct tp_dump_field f = {.struct_bytes = sizeof(f)};
        const char *text = tp_dump_field_text(dump, i, NULL);

        if (tp_dump_event_field(event, i, &f) || !text || !library_plain(f.name) ||
            !library_plain(text) || strchr(text, '\\'))
            continue;
        if (!first)
            putchar(',');
        first = false;
        library_string(f.name);
        putchar(':');
        library_string(text);
    }
    putchar('}');
}

static void library_record(struct tp_dump *dump, const struct tp_dump_item *item)
{
    const struct tp_dump_record *r = &item->record;

    printf("{\"kind\":\"record\",");
    library_place(item);
    printf(",\"number\":%" PRIu64 ",\"unfinished\":%s", r->number,
           item->kind == TP_DUMP_UNFINISHED ? "true" : "false");
    if (!r->decoded) {
        printf(",\"id\":%" PRIu32 ",\"raw\":\"", r->id);
        for (uint32_t i = 0; i < r->size_bytes; i++)
            printf("%02x", r->bytes[i]);
        printf("\"}\n");
        return;
    }
    if (library_plain(tp_dump_event_name(r->event))) {
        printf(",\"event\":");
        library_string(tp_dump_event_name(r->event));
    }
    printf(",\"text\":");
    library_string(tp_dump_text(dump, NULL));
    library_fields(dump, r->event);
    printf("}\n");
}

static void library_loss(const struct tp_dump_item *item)
{
    printf("{\"kind\":\"loss\",");
    library_place(item);
    if (item->loss.cause == TP_DUMP_UNCOUNTED)
        printf(",\"lost\":null,\"cause\":\"damaged\"}\n");
    else
        printf(",\"lost\":%" PRIu64 ",\"cause\":\"%s\"}\n", item->loss.records,
               tp_dump_cause_text(item->loss.cause));
}

int conform_library(const char *path)
{
    static const char *const states[] = {[TP_DUMP_COMPLETE] = "complete",
                                         [TP_DUMP_TRUNCATED] = "truncated",
                                         [TP_DUMP_DAMAGED] = "corrupt",
                                         [TP_DUMP_FOREIGN] = "foreign",
                                         [TP_DUMP_UNSUPPORTED] = "unsupported"};
    struct tp_dump *dump = tp_dump_new();
    const struct tp_dump_item *item;
    struct tp_dump_totals sum = {.struct_bytes = sizeof(sum)};
    int kind;

    if (!dump || tp_dump_add_path(dump, path) != 0)
        return 1;
    while ((kind = tp_dump_next(dump, &item)) > TP_DUMP_END) {
        if (kind == TP_DUMP_RECORD || kind == TP_DUMP_UNFINISHED)
            library_record(dump, item);
        else if (kind == TP_DUMP_LOSS)
            library_loss(item);
    }
    tp_dump_sum(dump, &sum);
    printf("{\"kind\":\"end\",\"state\":\"%s\",\"records\":%" PRIu64 ",\"lost\":%" PRIu64 "}\n",
           states[sum.state], sum.records, sum.lost);
    tp_dump_free(dump);
    return kind == TP_DUMP_END || kind == TP_DUMP_EFOREIGN || kind == TP_DUMP_EUNSUPPORTED ? 0 : 1;
}
