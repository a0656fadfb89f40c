/* SPDX-License-Identifier: MIT */
/* parcel.c - the packets of a CTF trace. */
#include "export/parcel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "export/tsdl.h"

#define PARCEL_MAGIC 0xc1fc1fc1u
#define PARCEL_HEAD_BYTES 76u
/* With the time of day added readers still have to have it in 63 bits. */
#define PARCEL_LAST_NS ((uint64_t)INT64_MAX / 2)

/* --- what a packet begins with --- */

static void parcel_member(struct out *o, uint32_t bytes, const char *more, const char *name)
{
    out_text(o, "\t\t");
    tsdl_integer(o, bytes, false, more);
    out_text(o, " ");
    out_text(o, name);
    out_text(o, ";\n");
}

static void parcel_describe_trace(const struct parcel *p, struct out *o)
{
    out_text(o, "trace {\n\tmajor = 1;\n\tminor = 8;\n\tuuid = \"");
    for (uint32_t i = 0; i < PARCEL_UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out_text(o, "-");
        out_hex_bytes(o, p->uuid + i, 1, false);
    }
    out_text(o, "\";\n\tbyte_order = le;\n\tpacket.header := struct {\n");
    parcel_member(o, 4, " base = 16;", "magic");
    parcel_member(o, 1, "", "uuid[16]");
    parcel_member(o, 4, "", "stream_id");
    out_text(o, "\t};\n};\n\n");
}

void parcel_describe(const struct parcel *p, struct out *o)
{
    static const char clock[] = " map = clock.monotonic.value;";

    parcel_describe_trace(p, o);
    out_text(o, "stream {\n\tid = 0;\n\tpacket.context := struct {\n");
    parcel_member(o, 8, clock, "timestamp_begin");
    parcel_member(o, 8, clock, "timestamp_end");
    parcel_member(o, 8, "", "content_size");
    parcel_member(o, 8, "", "packet_size");
    parcel_member(o, 8, "", "packet_seq_num");
    parcel_member(o, 8, "", "events_discarded");
    parcel_member(o, 4, "", "cpu_id");
    out_text(o, "\t};\n");
}

/* --- packets --- */

/* The file of a CPU. */
static struct out *parcel_out(struct parcel *p, uint32_t number)
{
    struct parcel_cpu *cpu = &p->cpus[number];
    char name[64];

    if (!cpu->made) {
        snprintf(name, sizeof(name), "%scpu%" PRIu32, p->path, number);
        cpu->file = folder_add(p->folder, name);
        cpu->made = true;
    }
    return folder_out(p->folder, cpu->file);
}

static void parcel_head(const struct parcel *p, uint32_t number, uint64_t end_ns, struct pile *head)
{
    const struct parcel_cpu *cpu = &p->cpus[number];
    const uint64_t size = 8 * (PARCEL_HEAD_BYTES + (uint64_t)cpu->records.n);
    const uint64_t fields[] = {cpu->begin_ns, end_ns, size, size, cpu->number, cpu->discarded};

    pile_put(head, PARCEL_MAGIC, 4);
    pile_add(head, p->uuid, PARCEL_UUID_BYTES);
    pile_put(head, 0, 4);
    for (uint32_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        pile_put(head, fields[i], 8);
    pile_put(head, number, 4);
}

static void parcel_put(struct parcel *p, uint32_t number, uint64_t end_ns)
{
    struct parcel_cpu *cpu = &p->cpus[number];
    struct out *o = parcel_out(p, number);
    uint8_t bytes[2 * PARCEL_HEAD_BYTES];
    struct pile head = {.bytes = bytes, .room = sizeof(bytes)};

    parcel_head(p, number, end_ns, &head);
    out_bytes(o, head.bytes, head.n);
    out_bytes(o, cpu->records.bytes, cpu->records.n);
    p->held_bytes -= cpu->records.room;
    pile_free(&cpu->records);
    cpu->number++;
    cpu->begun = true;
    cpu->begin_ns = cpu->last_ns = end_ns;
}

/* A loss that no packet has is in one that ends at this time. */
static void parcel_pay(struct parcel *p, uint32_t number, uint64_t ns)
{
    if (p->cpus[number].owed)
        parcel_put(p, number, ns);
    p->cpus[number].owed = false;
}

static uint64_t parcel_time(struct parcel *p, const struct parcel_cpu *cpu, uint64_t ns)
{
    p->late += ns > PARCEL_LAST_NS;
    ns = ns > PARCEL_LAST_NS ? PARCEL_LAST_NS : ns;
    p->back += ns < cpu->last_ns;
    return ns < cpu->last_ns ? cpu->last_ns : ns;
}

/* But losses that are open. */
static void parcel_flush(struct parcel *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (p->cpus[i].records.n && !p->cpus[i].owed)
            parcel_put(p, i, p->cpus[i].last_ns);
}

struct pile *parcel_start(struct parcel *p, uint32_t number, uint64_t *ns)
{
    struct parcel_cpu *cpu;

    p->cpus = mem_reach(p->cpus, &p->count, number, 1, sizeof(*p->cpus));
    cpu = &p->cpus[number];
    *ns = parcel_time(p, cpu, *ns);
    parcel_pay(p, number, *ns);
    if (!cpu->records.n)
        cpu->begin_ns = cpu->begun ? cpu->last_ns : *ns;
    cpu->last_ns = *ns;
    p->held_bytes -= cpu->records.room;
    return &cpu->records;
}

void parcel_done(struct parcel *p, uint32_t number)
{
    struct parcel_cpu *cpu = &p->cpus[number];

    p->held_bytes += cpu->records.room;
    if (cpu->records.n >= PARCEL_BYTES)
        parcel_put(p, number, cpu->last_ns);
    if (p->held_bytes > PARCEL_HELD_BYTES)
        parcel_flush(p);
}

/* Readers see a difference between packets: there has to be one before it. */
void parcel_lose(struct parcel *p, uint32_t number, uint64_t ns, uint64_t lost)
{
    struct parcel_cpu *cpu;

    p->cpus = mem_reach(p->cpus, &p->count, number, 1, sizeof(*p->cpus));
    cpu = &p->cpus[number];
    parcel_pay(p, number, cpu->last_ns);
    if (!cpu->begun && !cpu->records.n)
        cpu->begin_ns = cpu->last_ns = parcel_time(p, cpu, ns);
    if (!cpu->begun || cpu->records.n)
        parcel_put(p, number, cpu->last_ns);
    cpu->discarded = number_add(cpu->discarded, lost);
}

void parcel_lost(struct parcel *p, uint32_t number, bool open)
{
    p->cpus[number].owed = true;
    if (!open)
        parcel_pay(p, number, p->cpus[number].last_ns);
}

void parcel_end(struct parcel *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        parcel_pay(p, i, p->cpus[i].last_ns);
    parcel_flush(p);
}

void parcel_close(struct parcel *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        pile_free(&p->cpus[i].records);
    free(p->cpus);
    free(p->path);
    p->cpus = NULL;
    p->path = NULL;
    p->count = 0;
}
