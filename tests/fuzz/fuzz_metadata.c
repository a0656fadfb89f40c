/* SPDX-License-Identifier: MIT */
/*
 * fuzz_metadata.c - metadata, with data that any event may be in. Where it is whole, a dump that
 * --output makes of it says the same as the one that was read.
 */
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "fuzz.h"
#include "mutate.h"

#define METADATA_MAX (64u << 10)

/* Two records of each of the first ids, of different lengths, with a context word or without. */
static size_t metadata_records(uint8_t *to, uint32_t *count)
{
    size_t at = 0;

    for (uint32_t id = 1; id <= 16; id++)
        for (uint32_t units = 3; units <= 21; units += 9) {
            uint32_t head[2] = {id * 16 + units, TP_RECORD_WORD(id, units) | TP_RECORD_COMMITTED};

            memcpy(to + at, head, 8);
            for (uint32_t i = 8; i < units * 8; i++)
                to[at + i] = (uint8_t)(units == 3 ? 0xff : units == 12 ? i & 3 : 'a' + i % 20);
            at += units * 8;
            ++*count;
        }
    return at;
}

static size_t metadata_dump(uint8_t *to, const uint8_t *data, size_t size)
{
    static uint8_t records[16384];
    uint32_t count = 0;
    size_t n = metadata_records(records, &count), at;
    struct tp_wire_count left_out = {.id = 1, .kind = TP_COUNT_SUPPRESSED, .count = 5};

    at = mutate_make_chunk(to, (struct mutate_chunk){.type = TP_CHUNK_METADATA}, data, size);
    at += mutate_make_chunk(to + at, (struct mutate_chunk){.type = TP_CHUNK_DATA, .records = count},
                            records, n);
    at += mutate_make_chunk(
        to + at,
        (struct mutate_chunk){
            .type = TP_CHUNK_DATA, .cpu = 1, .flags = TP_CHUNK_CONTEXT, .records = count},
        records, n);
    at += mutate_make_chunk(to + at,
                            (struct mutate_chunk){.type = TP_CHUNK_COUNTS, .seq = 1, .records = 1},
                            &left_out, sizeof(left_out));
    at += mutate_make_chunk(to + at, (struct mutate_chunk){.type = TP_CHUNK_END, .seq = 2}, NULL,
                            0);
    return at;
}

static void metadata_converted(const uint8_t *dump, size_t n)
{
    struct fuzz_run text = fuzz_decode((struct decode_options){0}, dump, n), made, again;

    made = fuzz_decode((struct decode_options){.convert = true}, dump, n);
    fuzz_require(text.code != 0 || made.code == 0, "what can be printed cannot be written");
    if (made.code == 0) {
        again = fuzz_decode((struct decode_options){0}, made.out.p, made.out.n);
        fuzz_require(again.code == text.code && again.out.n == text.out.n &&
                         memcmp(again.out.p, text.out.p, text.out.n) == 0,
                     "the dump that was written says something else");
        fuzz_run_free(&again);
    }
    fuzz_run_free(&text);
    fuzz_run_free(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t ways[] = {0, 1, 2, 3, 4, 8};
    static uint8_t dump[METADATA_MAX + 65536];
    size_t n;

    if (size > METADATA_MAX)
        return 0;
    n = metadata_dump(dump, data, size);
    for (size_t i = 0; i < sizeof(ways); i++) {
        struct fuzz_run r = fuzz_decode(fuzz_options(ways[i]), dump, n);

        fuzz_run_free(&r);
    }
    metadata_converted(dump, n);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_cbor(data, size, max, seed);
}
