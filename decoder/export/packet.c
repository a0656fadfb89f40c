/* SPDX-License-Identifier: MIT */
/* packet.c - packets of a Perfetto trace. */
#include "export/packet.h"

#include "base/mem.h"

struct perfetto_stream *packet_stream(struct perfetto *f, const struct stream *s)
{
    return &f->streams[s->number];
}

/* Perfetto's times have a sign. */
uint64_t packet_ns(struct perfetto *f, uint64_t ns)
{
    f->late += ns > INT64_MAX;
    return ns > INT64_MAX ? INT64_MAX : ns;
}

/* Each machine has two sequences: what comes from ftrace, and what has tracks. */
void packet_start(struct perfetto *f, uint32_t machine, bool tracks)
{
    f->packet.n = 0;
    proto_u64(&f->packet, PACKET_SEQUENCE, 2 * (uint64_t)machine - !tracks);
    if (machine > 1)
        proto_u64(&f->packet, PACKET_MACHINE, machine - 1);
}

static void packet_head(struct perfetto *f, uint64_t n)
{
    uint8_t head[PROTO_HEAD_BYTES];

    out_bytes(f->sink.out, head, proto_head(head, TRACE_PACKET, n));
}

void packet_put(struct perfetto *f)
{
    packet_head(f, f->packet.n);
    out_bytes(f->sink.out, f->packet.bytes, f->packet.n);
}

/* What waits of a CPU. */
void packet_flush(struct perfetto *f, uint32_t machine, uint32_t number, struct perfetto_cpu *cpu)
{
    size_t at;

    if (!cpu->bundle.n && !cpu->lost)
        return;
    packet_start(f, machine, false);
    at = proto_open(&f->packet, PACKET_FTRACE);
    proto_u64(&f->packet, BUNDLE_CPU, number);
    if (cpu->lost)
        proto_u64(&f->packet, BUNDLE_LOST, 1);
    pile_add(&f->packet, cpu->bundle.bytes, cpu->bundle.n);
    proto_close(&f->packet, at);
    packet_put(f);
    cpu->bundle.n = 0;
    cpu->lost = false;
}

/* All that waits, and its memory. */
void packet_flush_stream(struct perfetto *f, struct perfetto_stream *s)
{
    for (uint32_t i = 0; i < s->cpu_count; i++) {
        packet_flush(f, s->machine, i, &s->cpus[i]);
        f->held_bytes -= s->cpus[i].bundle.room;
        pile_free(&s->cpus[i].bundle);
    }
}

struct perfetto_cpu *packet_cpu(struct perfetto_stream *s, uint32_t cpu)
{
    s->cpus = mem_reach(s->cpus, &s->cpu_count, cpu, 1, sizeof(*s->cpus));
    return &s->cpus[cpu];
}

void packet_word(struct pile *p, uint32_t field, const char *text)
{
    proto_text(p, field, text, strlen(text));
}
