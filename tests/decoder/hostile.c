/* SPDX-License-Identifier: MIT */
/* hostile.c - dumps with very many of one thing, as no tracer makes them. */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "region_help.h"
#include "tp_test.h"

const char *const hostile_names[HOSTILE_KINDS] = {"chunks",
                                                  "CPUs",
                                                  "marks",
                                                  "events",
                                                  "values",
                                                  "modules",
                                                  "captures",
                                                  "tasks",
                                                  "keys",
                                                  "counts",
                                                  "magics",
                                                  "headers",
                                                  "cut headers",
                                                  "gaps",
                                                  "a silent CPU",
                                                  "backwards",
                                                  "claims",
                                                  "regions",
                                                  "records of two regions",
                                                  "chunks of two inputs",
                                                  "CPUs with tables and tasks"};

uint32_t hostile_most(enum hostile kind)
{
    static const uint32_t most[HOSTILE_KINDS] = {
        [HOSTILE_CPUS] = 65535,     [HOSTILE_ALL] = 65535,      [HOSTILE_MARKS] = 65535,
        [HOSTILE_EVENTS] = 45000,   [HOSTILE_VALUES] = 86,      [HOSTILE_MODULES] = 20000,
        [HOSTILE_CAPTURES] = 20000, [HOSTILE_TASKS] = 300000,   [HOSTILE_KEYS] = 600000,
        [HOSTILE_COUNTS] = 600000,  [HOSTILE_MAGICS] = 1000000, [HOSTILE_REGIONS] = 4000};

    return most[kind] ? most[kind] : 80000;
}

/* 32 bytes of a task, 16 of a count. */
static void hostile_entries(struct help_bytes *dump, uint8_t type, uint32_t n)
{
    while (n) {
        uint32_t part = n < 1000 ? n : 1000;
        struct help_bytes b = {0};

        for (uint32_t i = 0; i < part; i++) {
            struct tp_wire_task task = {.id = n - i};
            struct tp_wire_count count = {.id = n - i, .kind = TP_COUNT_SUPPRESSED, .count = 1};

            snprintf((char *)task.name, sizeof(task.name), "task-%u", n - i);
            if (type == TP_CHUNK_TASKS)
                help_add(&b, &task, sizeof(task));
            else
                help_add(&b, &count, sizeof(count));
        }
        help_add_chunk(dump, (struct help_chunk){.type = type, .records = part}, b.p, b.n);
        help_free(&b);
        n -= part;
    }
}

/* A record of event `id`, with 4 or 12 bytes of fields. */
static void hostile_record(struct help_bytes *dump, uint16_t cpu, uint32_t id, uint64_t first,
                           uint64_t time, uint32_t units)
{
    uint32_t r[6] = {(uint32_t)time, TP_RECORD_WORD(id, units) | TP_RECORD_COMMITTED,
                     (uint32_t)first};

    help_add_chunk(
        dump,
        (struct help_chunk){
            .type = TP_CHUNK_DATA, .cpu = cpu, .records = 1, .time = time, .first_record = first},
        r, units * 8);
}

/* A head and its number, as CBOR has them. */
static void hostile_head(struct help_bytes *b, uint8_t major, uint32_t v)
{
    uint8_t head[5] = {(uint8_t)(major << 5 | 26), (uint8_t)(v >> 24), (uint8_t)(v >> 16),
                       (uint8_t)(v >> 8), (uint8_t)v};

    help_add(b, head, sizeof(head));
}

static void hostile_text(struct help_bytes *b, const char *text)
{
    uint8_t head = (uint8_t)(0x60 + strlen(text));

    help_add(b, &head, 1);
    help_add(b, text, strlen(text));
}

/* The first map with tables of 4,096 values each, that no event uses; each value takes five bytes. */
static void hostile_values(struct help_bytes *dump, uint32_t tables)
{
    struct help_bytes b = {0};

    help_add(&b, "\xa6", 1);
    hostile_text(&b, "tool"), hostile_text(&b, "x");
    hostile_text(&b, "clock"), help_add(&b, "\xa2", 1);
    hostile_text(&b, "hz"), hostile_head(&b, 0, 1000), hostile_text(&b, "name"),
        hostile_text(&b, "t");
    hostile_text(&b, "cpus"), hostile_head(&b, 0, 1);
    hostile_text(&b, "buffer"), help_add(&b, "\xa4", 1);
    hostile_text(&b, "name"), hostile_text(&b, "m"), hostile_text(&b, "mode"),
        hostile_text(&b, "discard");
    hostile_text(&b, "subbuf_bytes"), hostile_head(&b, 0, 4096), hostile_text(&b, "subbufs"),
        hostile_head(&b, 0, 4);
    hostile_text(&b, "tables"), hostile_head(&b, 4, tables);
    for (uint32_t t = 0; t < tables; t++) {
        help_add(&b, "\xa3", 1);
        hostile_text(&b, "name"), hostile_text(&b, "e"), hostile_text(&b, "kind"),
            hostile_text(&b, "flags");
        hostile_text(&b, "values"), hostile_head(&b, 4, 2 * TP_LIMIT_TABLE_VALUES);
        for (uint32_t i = 0; i < TP_LIMIT_TABLE_VALUES; i++) {
            uint8_t number[3] = {0x19, (uint8_t)(i >> 8), (uint8_t)i};

            help_add(&b, number, 3);
            hostile_text(&b, "n");
        }
    }
    hostile_text(&b, "events"), hostile_head(&b, 4, 0);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_free(&b);
}

/* A map with one event of its own id. */
static void hostile_module(struct help_bytes *dump, uint32_t id)
{
    struct help_bytes b = {0};

    help_add(&b, "\xa2", 1);
    hostile_text(&b, "tables"), hostile_head(&b, 4, 0), hostile_text(&b, "events"),
        hostile_head(&b, 4, 1);
    help_add(&b, "\xa6", 1);
    hostile_text(&b, "id"), hostile_head(&b, 0, id), hostile_text(&b, "sys"), hostile_text(&b, "m");
    hostile_text(&b, "name"), hostile_text(&b, "e"), hostile_text(&b, "fmt"), hostile_text(&b, "x");
    hostile_text(&b, "bytes"), hostile_head(&b, 0, 0), hostile_text(&b, "fields"),
        hostile_head(&b, 4, 0);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_free(&b);
}

static void hostile_capture(struct help_bytes *dump, uint32_t i)
{
    struct help_bytes one = {0};

    help_add_metadata(&one, 1);
    help_add_records(&one, 0, 0, 1, 1000, 1);
    help_add_chunk(&one, (struct help_chunk){.type = TP_CHUNK_END, .time = 2000}, NULL, 0);
    for (size_t at = 0; at < one.n;) { /* each of this stream */
        struct tp_wire_chunk h;

        memcpy(&h, one.p + at, sizeof(h));
        help_add_chunk(dump,
                       (struct help_chunk){.type = h.type,
                                           .cpu = h.cpu,
                                           .flags = h.flags,
                                           .records = h.records,
                                           .stream = i + 1,
                                           .time = h.time,
                                           .first_record = h.first_record},
                       one.p + at + sizeof(h), h.size_bytes - sizeof(h));
        at += h.size_bytes;
    }
    help_free(&one);
}

/* A header and a payload that does not fit it; or one that says 16 MiB. */
static void hostile_bad(struct help_bytes *dump, uint32_t i, bool cut)
{
    size_t at = dump->n;

    hostile_record(dump, 0, 1, i, 1000 + i, 2);
    if (cut) {
        struct tp_wire_chunk h;
        uint8_t head[TP_WIRE_CHUNK_BYTES - 4];

        memcpy(&h, dump->p + at, sizeof(h));
        h.size_bytes = TP_LIMIT_CHUNK_BYTES;
        memcpy(head, &h, 28);
        memcpy(head + 28, (uint8_t *)&h + 32, sizeof(h) - 32);
        h.header_crc = help_crc(head, sizeof(head));
        memcpy(dump->p + at, &h, sizeof(h));
        dump->n = at + sizeof(h);
    } else {
        dump->p[dump->n - 1] ^= 1;
    }
}

static void hostile_claim(struct help_bytes *dump, uint32_t i)
{
    static const uint8_t types[] = {TP_CHUNK_TASKS, TP_CHUNK_CLOCK, TP_CHUNK_COUNTS};
    static const uint8_t payload[64];

    help_add_chunk(dump, (struct help_chunk){.type = types[i % 3], .records = 1000000}, payload,
                   sizeof(payload));
}

static void hostile_one(struct help_bytes *dump, enum hostile kind, uint32_t i)
{
    switch (kind) {
    case HOSTILE_ALL:
    case HOSTILE_CPUS:
        hostile_record(dump, (uint16_t)i, 1, 0, 1000 + i, 2);
        break;
    case HOSTILE_MARKS:
        help_add_chunk(dump,
                       (struct help_chunk){.type = TP_CHUNK_DATA, .cpu = (uint16_t)i, .time = i},
                       NULL, 0);
        break;
    case HOSTILE_EVENTS:
        hostile_record(dump, 0, i + 1, i, 1000 + i, 3);
        break;
    case HOSTILE_MODULES:
        hostile_module(dump, i + 2);
        break;
    case HOSTILE_CAPTURES:
        hostile_capture(dump, i);
        break;
    case HOSTILE_MAGICS:
        help_add(dump, "\xf5tp\xfa", 4);
        break;
    case HOSTILE_HEADERS:
        hostile_bad(dump, i, false);
        break;
    case HOSTILE_CUT:
        hostile_bad(dump, i, true);
        break;
    case HOSTILE_GAPS:
        hostile_record(dump, 0, 1, 3ull * i, 1000 + i, 2);
        break;
    case HOSTILE_SILENT:
        hostile_record(dump, 1, 1, i, 1000 + i, 2);
        break;
    case HOSTILE_CLAIMS:
        hostile_claim(dump, i);
        break;
    case HOSTILE_BACK:
        hostile_record(dump, 0, 1, i, (1ull << 30) - i, 2);
        break;
    default:
        hostile_record(dump, 0, 1, i, 1000 + i, 2);
    }
}

static void hostile_regions(struct help_bytes *image, uint32_t n)
{
    static const uint64_t pair[2] = {5, MEMORY_WALL_NS};

    for (uint32_t i = 0; i < n; i++) {
        struct help_bytes one = memory_turns(i + 1, i, 0, pair, 0);

        help_add(image, one.p, one.n);
        help_free(&one);
    }
}

/* A region whose sub-buffers are all there, with about n records. */
static void hostile_region(struct help_bytes *image, uint64_t stream, uint32_t n)
{
    struct memory m = {.stream = stream, .subbuf_bytes = 4096};
    uint32_t most = (4096 - TP_WIRE_CHUNK_BYTES - 8) / 16, each, at = 0;

    for (m.subbufs = 2; m.subbufs * most < n;)
        m.subbufs *= 2;
    each = n / m.subbufs;
    memory_make(&m);
    memory_put(&m, m.tasks_at + 8, MEMORY_WALL_NS, 8);
    memory_put(&m, m.tasks_at + 32, 1, 4);
    for (uint32_t i = 1; i < m.subbufs; i++)
        memory_full(&m, 0, i, (i - 1) * each, each);
    at = memory_current(&m, 0, m.subbufs, (m.subbufs - 1) * each, each);
    memory_ring(&m, 0,
                (struct memory_ring){.cursor = m.subbufs, .offset = at, .limit = m.subbufs + 1});
    help_add(image, m.b.p, m.b.n);
    help_free(&m.b);
}

/* False: it is a dump. */
static bool hostile_image(struct help_bytes *image, enum hostile kind, uint32_t n)
{
    if (kind == HOSTILE_REGIONS)
        hostile_regions(image, n);
    for (uint64_t stream = 1; kind == HOSTILE_MERGED && stream <= 2; stream++)
        hostile_region(image, stream, n);
    return kind == HOSTILE_REGIONS || kind == HOSTILE_MERGED;
}

uint32_t hostile_inputs(enum hostile kind, const struct help_bytes *dump, struct decode_input in[2])
{
    in[0] = (struct decode_input){.path = "x", .bytes = dump->p, .size = dump->n};
    in[1] = (struct decode_input){.path = "y", .bytes = dump->p, .size = dump->n};
    return kind == HOSTILE_TWICE ? 2 : 1;
}

struct help_bytes hostile_make(enum hostile kind, uint32_t n)
{
    struct help_bytes dump = {0};

    if (hostile_image(&dump, kind, n))
        return dump;
    if (kind == HOSTILE_EVENTS)
        help_add_events(&dump, n, 1);
    else if (kind == HOSTILE_VALUES || kind == HOSTILE_ALL)
        hostile_values(&dump, kind == HOSTILE_ALL ? hostile_most(HOSTILE_VALUES) : n);
    else
        help_add_metadata(&dump, 2);
    if (kind == HOSTILE_ALL)
        hostile_entries(&dump, TP_CHUNK_TASKS, n);
    if (kind == HOSTILE_SILENT)
        hostile_record(&dump, 0, 1, 0, 1, 2);
    if (kind == HOSTILE_TASKS || kind == HOSTILE_COUNTS)
        hostile_entries(&dump, kind == HOSTILE_TASKS ? TP_CHUNK_TASKS : TP_CHUNK_COUNTS, n);
    else if (kind == HOSTILE_KEYS)
        for (uint32_t i = 0; i < n; i += 1000)
            help_add_records(&dump, 0, i, 1000, i, 1);
    else
        for (uint32_t i = 0; i < n && kind != HOSTILE_VALUES; i++)
            hostile_one(&dump, kind, i);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .time = UINT32_MAX}, NULL, 0);
    return dump;
}

/* So that each record is a switch. */
static const char hostile_switch[] = "t:num=switch next=v prev=task";

static const struct roles_options *hostile_roles(const char *rule)
{
    static struct roles_options roles;

    roles.count = 0;
    TP_CHECK_STREQ(roles_read(&roles, rule), NULL);
    return &roles;
}

static struct spill hostile_file; /* of the database */

bool hostile_way(unsigned number, struct decode_options *o, const char **name)
{
    static const char *const names[] = {
        "text",          "JSON",      "CSV",           "events",    "the last", "--stats",
        "--timeline",    "--hist",    "--hist --by v", "--latency", "--output", "--filter",
        "--time utc",    "--tasks",   "--list-roles",  "--info",    "--spans",  "folded",
        "--stats --by",  "perfetto",  "chrome",        "--graph",   "--sql",    "sqlite",
        "ctf",           "parquet",   "parquet/",      "--shard",   "html",     "--profile",
        "--graph flame", "--explore", "--index"};

    if (number >= sizeof(names) / sizeof(names[0]))
        return false;
    *o = (struct decode_options){.answer = {.timeline.width = 80}};
    *name = names[number];
    switch (number) {
    case 1:
        o->format = DECODE_JSON;
        break;
    case 2:
        o->format = DECODE_CSV;
        break;
    case 3:
        o->format = DECODE_LIST;
        break;
    case 4:
        o->has_tail = true, o->tail = 1000;
        break;
    case 5:
        o->answer.kind = ANSWER_STATS;
        break;
    case 6:
        o->answer.kind = ANSWER_TIMELINE;
        o->answer.timeline.tasks = true;
        o->answer.timeline.roles = hostile_roles("t:num=switch next=v prev=task");
        break;
    case 7:
    case 8:
        o->answer.kind = ANSWER_HIST;
        o->answer.hist.by = number == 8 ? "v" : NULL;
        TP_CHECK_STREQ(hist_read(&o->answer.hist, "v:log2"), NULL);
        break;
    case 9:
        o->answer.kind = ANSWER_LATENCY;
        o->answer.latency.key = "v";
        TP_CHECK_STREQ(latency_read(&o->answer.latency, "t:num:t:none"), NULL);
        break;
    case 10:
        o->convert = true;
        break;
    case 11:
        o->select.filter = "common_pid >= 0";
        break;
    case 12:
        o->time.mode = STAMP_UTC;
        break;
    case 13:
        o->answer.kind = ANSWER_TASKS;
        o->answer.roles = hostile_roles(hostile_switch);
        break;
    case 14:
        o->format = DECODE_ROLES;
        break;
    case 15:
        o->answer.kind = ANSWER_INFO;
        break;
    case 16:
    case 17:
        o->answer.kind = ANSWER_SPANS;
        o->answer.spans.fold = number == 17 ? FOLD_TEXT : FOLD_NONE;
        o->answer.roles = hostile_roles(number == 16 ? "t:num=begin track=task name=v"
                                                     : "t:num=span duration=v track=v");
        break;
    case 18:
        o->answer.kind = ANSWER_STATS;
        o->answer.hist.by = "v";
        break;
    case 19:
    case 20:
    case 28:
        o->format = DECODE_EXPORT;
        o->export.kind = number == 19   ? EXPORT_PERFETTO
                         : number == 20 ? EXPORT_CHROME
                                        : EXPORT_HTML;
        o->export.roles = hostile_roles(number == 19 ? hostile_switch : "t:num=open id=v");
        break;
    case 21:
        o->answer.kind = ANSWER_GRAPH;
        o->answer.roles = hostile_roles("t:num=begin track=v name=v");
        break;
    case 29:
        o->answer.kind = ANSWER_PROFILE;
        o->answer.profile.by = "cpu";
        o->answer.roles = hostile_roles("t:num=sample ip=v");
        break;
    case 30:
        o->answer.kind = ANSWER_SPANS;
        o->answer.spans.fold = FOLD_FLAME;
        o->answer.roles = hostile_roles("t:num=begin track=v name=v");
        break;
    case 22: /* without SQLite these two are as 0 is */
        if (!sqlite_is_there)
            break;
        o->answer.kind = ANSWER_SQL;
        o->answer.sql.query = "select count(*), max(fields) from records union all select "
                              "count(*), max(dur_ns) from runs";
        o->answer.roles = hostile_roles(hostile_switch);
        break;
    case 23:
        if (!sqlite_is_there)
            break;
        o->format = DECODE_EXPORT;
        o->export.kind = EXPORT_SQLITE;
        o->export.roles = hostile_roles(hostile_switch);
        if (!hostile_file.fd)
            TP_ASSERT(spill_open(&hostile_file));
        o->export.fd = hostile_file.fd;
        break;
    case 24:
        o->format = DECODE_EXPORT;
        o->export.kind = EXPORT_CTF_LTTNG;
        o->export.roles = hostile_roles(hostile_switch);
        break;
    case 25:
    case 26:
        o->format = DECODE_EXPORT;
        o->export.kind = number == 25 ? EXPORT_PARQUET : EXPORT_SHELF;
        break;
    case 27:
        o->format = DECODE_JSON;
        o->shard = (struct shard_options){2, 3};
        break;
    case 31:
        o->explore.wanted = true;
        o->explore.roles = hostile_roles(hostile_switch);
        break;
    case 32:
        o->index = true;
        break;
    default:
        break;
    }
    return true;
}
