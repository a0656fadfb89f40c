/* SPDX-License-Identifier: MIT */
/* info_print.c - what --info prints. */
#include "answer/info_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/number.h"
#include "model/elf.h"
#include "model/field.h"

#define INFO_PRINT_WIDTH 80u      /* characters of a line */
#define INFO_PRINT_INDENT 11u     /* where what is said begins */
#define INFO_PRINT_NAME_BYTES 36u /* that are shown of a name */
#define INFO_PRINT_NAME_TEXT (6 * INFO_PRINT_NAME_BYTES + 4)
#define INFO_PRINT_ITEM_BYTES 256u

/* --- text --- */

struct info_print_line {
    struct out *out;
    size_t column;
    bool any; /* there is something in it */
};

static void info_print_line(struct info_print_line *l, const char *label)
{
    l->any = false;
    l->column = INFO_PRINT_INDENT;
    out_text(l->out, "  ");
    out_text(l->out, label);
    out_pad(l->out, ' ', INFO_PRINT_INDENT - 2 - strlen(label));
}

/* One more thing, after a comma; in a new line if there is no room. */
static void info_print_put(struct info_print_line *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void info_print_put(struct info_print_line *l, const char *format, ...)
{
    char text[INFO_PRINT_ITEM_BYTES];
    va_list args;
    size_t n;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    n = strlen(text);
    if (l->any && l->column + n + sizeof(", ,") - 1 > INFO_PRINT_WIDTH) {
        out_text(l->out, ",\n");
        out_pad(l->out, ' ', INFO_PRINT_INDENT);
        l->column = INFO_PRINT_INDENT;
    } else if (l->any) {
        out_text(l->out, ", ");
        l->column += 2;
    }
    out_bytes(l->out, text, n);
    l->column += n;
    l->any = true;
}

static void info_print_end_line(struct info_print_line *l)
{
    out_text(l->out, l->any ? "\n" : "not said\n");
}

/* A name as it is shown: without what steers a terminal, and not too long. */
static const char *info_print_show(const char *name, char to[INFO_PRINT_NAME_TEXT])
{
    size_t n = strlen(name), shown = n;

    if (n > INFO_PRINT_NAME_BYTES)
        for (shown = INFO_PRINT_NAME_BYTES; shown && ((unsigned char)name[shown] & 0xc0) == 0x80;)
            shown--;
    shown = out_escape(to, name, shown, OUT_TEXT);
    strcpy(to + shown, n > INFO_PRINT_NAME_BYTES ? "..." : "");
    return to;
}

static void info_print_text_made(struct info_print_line *l, const struct info_capture *c)
{
    const struct metadata_image *i = &c->image;
    char text[INFO_PRINT_NAME_TEXT], id[2 * METADATA_ID_BYTES + 1], machine[ELF_MACHINE_TEXT];
    info_print_line(l, "made by");
    if (c->names[INFO_TOOL][0])
        info_print_put(l, "%s", info_print_show(c->names[INFO_TOOL], text));
    if (c->names[INFO_HOST][0])
        info_print_put(l, "on %s", info_print_show(c->names[INFO_HOST], text));
    if (c->previous)
        info_print_put(l, "recovered from an earlier boot");
    info_print_end_line(l);
    if (!i->known)
        return;
    info_print_line(l, "kernel");
    for (uint32_t k = 0; k < i->build_id_bytes; k++)
        snprintf(id + 2 * k, 3, "%02x", i->build_id[k]);
    if (i->known & METADATA_BUILD_ID)
        info_print_put(l, "build id %s", info_print_show(id, text));
    if (i->known & METADATA_MACHINE)
        info_print_put(l, "machine %s", elf_machine(i->machine, machine));
    if (i->known & METADATA_BASE)
        info_print_put(l, "at 0x%" PRIx64, i->base);
    info_print_end_line(l);
}

static void info_print_text_trace(struct info_print_line *l, const struct info_capture *c)
{
    char text[INFO_PRINT_NAME_TEXT];

    info_print_line(l, "trace");
    if (c->names[INFO_TRACE][0])
        info_print_put(l, "%s", info_print_show(c->names[INFO_TRACE], text));
    if (c->names[INFO_MODE][0])
        info_print_put(l, "%s mode", info_print_show(c->names[INFO_MODE], text));
    if (c->subbufs && c->subbuf_bytes)
        info_print_put(l, "%" PRIu64 " sub-buffers of %" PRIu64 " bytes for each CPU", c->subbufs,
                       c->subbuf_bytes);
    info_print_end_line(l);
    info_print_line(l, "clock");
    if (c->names[INFO_CLOCK][0])
        info_print_put(l, "%s", info_print_show(c->names[INFO_CLOCK], text));
    if (c->told_hz)
        info_print_put(l, "%" PRIu64 " Hz", c->told_hz);
    else
        info_print_put(l, "how fast it counts is not said");
    if (c->measured_hz)
        info_print_put(l, "%" PRIu64 " Hz by clock pairs", c->measured_hz);
    info_print_put(l, c->by_day ? "time of day known" : "time of day not known");
    info_print_end_line(l);
}

static void info_print_text_times(struct info_print_line *l, const struct info_capture *c)
{
    char first[NUMBER_BYTES], last[NUMBER_BYTES], span[NUMBER_BYTES];

    number_put_seconds(first, c->first_ns);
    number_put_seconds(last, c->last_ns);
    number_put_seconds(span, c->last_ns - c->first_ns);
    info_print_line(l, "time");
    if (c->sum.cell.count)
        info_print_put(l, "%s s to %s s: %s s", first, last, span);
    else
        info_print_put(l, "no records");
    info_print_end_line(l);
    if (!c->sum.cell.count || !c->by_day)
        return;
    info_print_line(l, "UTC");
    info_print_put(l, "%s to %s", c->first_utc, c->last_utc);
    info_print_end_line(l);
}

static void info_print_text_lost(struct info_print_line *l, const struct info_capture *c)
{
    info_print_line(l, "lost");
    info_print_put(l, "%" PRIu64, number_add(tally_lost(&c->sum), c->strangers));
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (c->sum.lost[i])
            info_print_put(l, "%s %" PRIu64, stream_causes[i], c->sum.lost[i]);
    if (c->strangers)
        info_print_put(l, "on CPUs that the trace does not have %" PRIu64, c->strangers);
    if (c->sum.damaged)
        info_print_put(l, "and more at %" PRIu64 " places that are damaged", c->sum.damaged);
    info_print_end_line(l);
    info_print_line(l, "damage");
    if (c->damage)
        info_print_put(l, "%" PRIu64 " messages, see standard error", c->damage);
    else
        info_print_put(l, "none");
    info_print_end_line(l);
}

static void info_print_text_counts(struct info_print_line *l, const struct info_capture *c)
{
    info_print_line(l, "CPUs");
    info_print_put(l, "%" PRIu64, c->cpus);
    info_print_put(l, "%" PRIu32 " with records", c->cpus_seen);
    info_print_end_line(l);
    info_print_line(l, "events");
    info_print_put(l, "%" PRIu32 " known", c->events);
    info_print_put(l, "%" PRIu32 " with records", c->events_seen);
    info_print_end_line(l);
    info_print_line(l, "tasks");
    info_print_put(l, "%" PRIu32 " with names", c->tasks);
    info_print_end_line(l);
    info_print_line(l, "records");
    info_print_put(l, "%" PRIu64, c->sum.cell.count);
    info_print_put(l, "%" PRIu64 " bytes", c->sum.cell.bytes);
    if (c->sampled)
        info_print_put(l, "%" PRIu64 " more left out by sampling", c->sampled);
    info_print_end_line(l);
}

static const char *info_print_ending(const struct info_capture *c)
{
    return !c->ended     ? "no end mark, tracing went on or the dump was cut"
           : c->snapshot ? "whole, a snapshot"
                         : "whole";
}

static void info_print_text_file(struct out *o, const struct info_capture *c, bool several)
{
    out_escaped(o, c->file, strlen(c->file), OUT_TEXT);
    if (several) {
        out_text(o, ", capture ");
        out_u64(o, c->capture);
    }
}

/* All of it. */
static void info_print_text_one(struct out *o, const struct info_capture *c)
{
    struct info_print_line l = {.out = o};

    info_print_text_file(o, c, c->capture > 1);
    out_text(o, "\n");
    info_print_text_made(&l, c);
    info_print_text_trace(&l, c);
    info_print_text_times(&l, c);
    info_print_text_counts(&l, c);
    info_print_text_lost(&l, c);
    info_print_line(&l, "end");
    info_print_put(&l, "%s", info_print_ending(c));
    info_print_end_line(&l);
}

/* One of several, in four lines. */
static void info_print_text_short(struct out *o, const struct info_capture *c)
{
    struct info_print_line l = {.out = o};
    char text[INFO_PRINT_NAME_TEXT];

    info_print_text_file(o, c, true);
    out_text(o, "\n");
    info_print_line(&l, "what");
    if (c->names[INFO_TRACE][0])
        info_print_put(&l, "%s", info_print_show(c->names[INFO_TRACE], text));
    if (c->names[INFO_HOST][0])
        info_print_put(&l, "on %s", info_print_show(c->names[INFO_HOST], text));
    if (c->previous)
        info_print_put(&l, "earlier boot");
    info_print_put(&l, c->ended ? "whole" : "no end mark");
    info_print_end_line(&l);
    info_print_text_times(&l, c);
    info_print_line(&l, "records");
    info_print_put(&l, "%" PRIu64, c->sum.cell.count);
    info_print_put(&l, "%" PRIu32 " events", c->events_seen);
    info_print_put(&l, "%" PRIu32 " CPUs", c->cpus_seen);
    info_print_put(&l, "%" PRIu64 " lost", number_add(tally_lost(&c->sum), c->strangers));
    info_print_put(&l, "%" PRIu64 " damaged", c->damage);
    info_print_end_line(&l);
}

void info_print_text(const struct info *in)
{
    struct out *o = in->sink.out;
    uint64_t rest;

    if (in->count == 1 && !in->more) {
        info_print_text_one(o, &in->captures[0]);
        return;
    }
    for (uint32_t i = 0; i < in->count && i < INFO_SHOWN; i++)
        info_print_text_short(o, &in->captures[i]);
    rest = in->count > INFO_SHOWN ? in->count - INFO_SHOWN : 0;
    if (!rest && !in->more)
        return;
    out_text(o, "and ");
    out_u64(o, rest + in->more);
    out_text(o, " captures more\n");
}

/* --- JSON --- */

static void info_print_json_text(struct out *o, const char *name, const char *text)
{
    if (!*text)
        return;
    out_text(o, ",\"");
    out_text(o, name);
    out_text(o, "\":");
    field_text(o, text, strlen(text), OUT_JSON);
}

static void info_print_json_image(struct out *o, const struct metadata_image *i)
{
    const char *between = "";

    if (!i->known)
        return;
    out_text(o, ",\"image\":{");
    if (i->known & METADATA_BUILD_ID) {
        out_text(o, "\"build_id\":\"");
        out_hex_bytes(o, i->build_id, i->build_id_bytes, false);
        out_text(o, "\"");
        between = ",";
    }
    if (i->known & METADATA_MACHINE) {
        out_text(o, between);
        out_text(o, "\"machine\":");
        out_u64(o, i->machine);
        between = ",";
    }
    if (i->known & METADATA_BASE) {
        out_text(o, between);
        out_text(o, "\"base\":\"");
        out_hex(o, i->base);
        out_text(o, "\"");
    }
    out_text(o, "}");
}

static void info_print_json_times(struct out *o, const struct info_capture *c)
{
    number_json(o, "clock_hz", c->told_hz);
    if (c->measured_hz)
        number_json(o, "measured_hz", c->measured_hz);
    number_json_text(o, "time_of_day", c->by_day ? "true" : "false");
    if (!c->sum.cell.count)
        return;
    number_json(o, "first_ns", c->first_ns);
    number_json(o, "last_ns", c->last_ns);
    info_print_json_text(o, "first_utc", c->first_utc);
    info_print_json_text(o, "last_utc", c->last_utc);
}

static void info_print_json_one(struct out *o, const struct info_capture *c)
{
    static const char *const keys[INFO_NAMES] = {"tool", "host", "trace", "mode", "clock"};

    out_text(o, "{\"capture\":");
    out_u64(o, c->capture);
    info_print_json_text(o, "input", c->file);
    for (unsigned i = 0; i < INFO_NAMES; i++)
        info_print_json_text(o, keys[i], c->names[i]);
    info_print_json_image(o, &c->image);
    number_json(o, "subbufs", c->subbufs);
    number_json(o, "subbuf_bytes", c->subbuf_bytes);
    info_print_json_times(o, c);
    number_json(o, "cpus", c->cpus);
    number_json(o, "cpus_with_records", c->cpus_seen);
    number_json(o, "events", c->events);
    number_json(o, "events_with_records", c->events_seen);
    number_json(o, "tasks", c->tasks);
    number_json(o, "records", c->sum.cell.count);
    number_json(o, "bytes", c->sum.cell.bytes);
    number_json(o, "suppressed", c->sampled);
    tally_json_lost(o, &c->sum);
    number_json(o, "lost_unknown_cpu", c->strangers);
    number_json(o, "damage_messages", c->damage);
    number_json_text(o, "previous", c->previous ? "true" : "false");
    number_json_text(o, "snapshot", c->snapshot ? "true" : "false");
    number_json_text(o, "ended", c->ended ? "true" : "false");
    out_text(o, "}");
}

void info_print_json(const struct info *in)
{
    struct out *o = in->sink.out;

    out_text(o, "{\"answer\":\"info\",\"captures\":[");
    for (uint32_t i = 0; i < in->count; i++) {
        out_text(o, i ? "," : "");
        info_print_json_one(o, &in->captures[i]);
    }
    out_text(o, "]");
    number_json(o, "captures_more", in->more);
    out_text(o, "}\n");
}
