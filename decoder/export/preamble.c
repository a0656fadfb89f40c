/* SPDX-License-Identifier: MIT */
/* preamble.c - what the description of a CTF trace begins with. */
#include "export/preamble.h"

#include "export/tsdl.h"

#define PREAMBLE_NANOS 1000000000u
/* Of the time of day at time 0: readers have 63 bits for that and times together. */
#define PREAMBLE_LAST_NS (INT64_MAX / 2)

static void preamble_entry(struct out *o, const char *name, const char *text, size_t n)
{
    out_text(o, "\t");
    out_text(o, name);
    out_text(o, " = ");
    tsdl_string(o, text, n);
    out_text(o, ";\n");
}

/* Trace Compass takes a trace of `lttng-modules` for one of a kernel, with the names that it has from 2.8 on. */
static void preamble_environment(struct out *o, const struct metadata *m, bool lttng)
{
    const char *tracer = lttng ? "lttng-modules" : "tracepoint";

    out_text(o, "env {\n");
    if (lttng) {
        preamble_entry(o, "domain", "kernel", 6);
        preamble_entry(o, "sysname", "other", 5);
        preamble_entry(o, "kernel_release", "0", 1);
        preamble_entry(o, "kernel_version", "0", 1);
    }
    preamble_entry(o, "hostname", m->host.n ? m->host.bytes : "target", m->host.n ? m->host.n : 6);
    preamble_entry(o, "tracer_name", tracer, strlen(tracer));
    out_text(o, "\ttracer_major = 2;\n\ttracer_minor = 13;\n\ttracer_patchlevel = 0;\n");
    preamble_entry(o, "recorded_by", m->tool.bytes, m->tool.n);
    preamble_entry(o, "buffer", m->buffer.bytes, m->buffer.n);
    out_text(o, "};\n\n");
}

/* What time of day it was at time 0, by the first clock pair. False: it is not known, or before 1970. */
static bool preamble_offset(struct stream *s, uint64_t *offset_ns)
{
    const struct clock_pairs *pairs = &s->pairs;
    __int128 offset = -1;

    if (pairs->count)
        offset = (__int128)pairs->at[0].wall_ns - clock_ns(&s->clock, pairs->at[0].ticks);
    *offset_ns = offset < 0 || offset > PREAMBLE_LAST_NS ? 0 : (uint64_t)offset;
    return offset >= 0 && offset <= PREAMBLE_LAST_NS;
}

static bool preamble_clock(struct out *o, struct stream *s)
{
    const struct metadata_text *name = &s->metadata.clock_name;
    uint64_t offset_ns;
    bool dated = preamble_offset(s, &offset_ns);

    out_text(o, "clock {\n\tname = \"monotonic\";\n");
    preamble_entry(o, "description", name->bytes, name->n);
    out_text(o, "\tfreq = 1000000000;\n\toffset_s = ");
    out_u64(o, offset_ns / PREAMBLE_NANOS);
    out_text(o, ";\n\toffset = ");
    out_u64(o, offset_ns % PREAMBLE_NANOS);
    /* Even if it is not: babeltrace2 merges no traces of which only some are. */
    out_text(o, ";\n\tabsolute = true;\n};\n\n");
    return dated;
}

static void preamble_number(struct out *o, uint32_t bytes, bool is_signed, const char *more,
                            const char *name)
{
    out_text(o, "\t\t");
    tsdl_integer(o, bytes, is_signed, more);
    out_text(o, name);
}

static void preamble_own_open(struct out *o, const char *name, uint32_t id)
{
    tsdl_open(o, name, strlen(name), id);
}

static void preamble_own_bytes(struct out *o)
{
    preamble_number(o, 2, false, "", " _id;\n");
    preamble_number(o, 4, false, "", " __bytes_length;\n");
    preamble_number(o, 1, false, " base = 16;", " _bytes[__bytes_length];\n");
    tsdl_close(o);
}

static void preamble_own_events(struct out *o)
{
    preamble_own_open(o, "tracepoint:unknown", PREAMBLE_UNKNOWN);
    preamble_own_bytes(o);
    preamble_own_open(o, "tracepoint:unfinished", PREAMBLE_UNFINISHED);
    out_text(o, "\t\tstring { encoding = UTF8; } _event;\n");
    preamble_own_bytes(o);
    preamble_own_open(o, "tracepoint:lost", PREAMBLE_LOST);
    preamble_number(o, 8, false, "", " _lost;\n");
    out_text(o, "\t\tenum : ");
    tsdl_integer(o, 1, false, "");
    for (uint32_t i = 0; i < STREAM_LOST_CAUSES; i++) {
        out_text(o, i ? ", " : " { ");
        tsdl_string(o, stream_causes[i], strlen(stream_causes[i]));
    }
    out_text(o, ", \"damaged\" } _cause;\n");
    tsdl_close(o);
}

bool preamble_write(struct out *o, const struct parcel *p, struct stream *s, bool lttng)
{
    bool dated;

    out_text(o, "/* CTF 1.8 */\n\n");
    preamble_environment(o, &s->metadata, lttng);
    dated = preamble_clock(o, s);
    parcel_describe(p, o);
    out_text(o, "\tevent.header := struct {\n");
    preamble_number(o, 4, false, "", " id;\n");
    preamble_number(o, 8, false, " map = clock.monotonic.value;", " timestamp;\n");
    out_text(o, "\t};\n\tevent.context := struct {\n");
    preamble_number(o, lttng ? 4 : 8, true, "", lttng ? " _tid;\n" : " _pid;\n");
    out_text(o, lttng ? "\t\tstring { encoding = UTF8; } _procname;\n"
                      : "\t\tstring { encoding = UTF8; } _comm;\n");
    out_text(o, "\t\tstring { encoding = UTF8; } _flags;\n");
    preamble_number(o, 2, false, " base = 16;", " _cut;\n");
    out_text(o, "\t};\n};\n\n");
    preamble_own_events(o);
    return dated;
}
