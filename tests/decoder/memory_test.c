/* SPDX-License-Identifier: MIT */
/*
 * What a dump makes tpdecode allocate: at most 64 MiB, whatever it has very many of and whatever is asked
 * for. That is so as well for one that goes to three limits at once: CPUs, memory of metadata, tasks.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "held.h"
#include "hostile.h"
#include "tp_test.h"

#define MEMORY_MOST_BYTES (64l << 20)

static int memory_drop(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

static long memory_peak(struct decode_options o, enum hostile kind, const struct help_bytes *dump)
{
    struct decode_input in[2];

    o.inputs = in;
    o.input_count = hostile_inputs(kind, dump, in);
    o.out = o.diag = (struct out_sink){memory_drop, NULL};
    held_start();
    help_folder_open(&o);
    help_terminal_open(&o, HELP_KEYS);
    TP_CHECK(decode_run(&o) <= 3);
    help_terminal_close(&o);
    help_folder_close(&o);
    return held_stop();
}

static void memory_of(enum hostile kind, long *most)
{
    struct help_bytes dump = hostile_make(kind, hostile_most(kind));
    struct decode_options o;
    const char *name;

    for (unsigned i = 0; hostile_way(i, &o, &name); i++) {
        long peak = memory_peak(o, kind, &dump);

        if (peak > MEMORY_MOST_BYTES)
            TP_FAIL("%u %s, %s: %ld bytes", hostile_most(kind), hostile_names[kind], name, peak);
        if (peak > *most) {
            printf("# %u %s, %s: %ld KiB\n", hostile_most(kind), hostile_names[kind], name,
                   peak >> 10);
            *most = peak;
        }
    }
    help_free(&dump);
}

TP_TEST(Memory, SixtyFourMebibytesForAnyInput)
{
    long most = 0;

    for (int kind = 0; kind < HOSTILE_KINDS; kind++)
        memory_of((enum hostile)kind, &most);
    TP_CHECK(most > 1 << 20); /* it was measured */
}

/*
 * A table of 4,096 values with names of a letter counts 224 KiB (doc/format.md section 10), so that 73 must be read. It takes
 * 160 KiB, and 64 KiB for the names: 86 fit into 19 MiB. An event without fields counts 128 bytes, 16 for each of two
 * names, and 64 and four times 7 for ": m_e: ": 252, so that 66,576 would have to be read, and there are 65,279 ids.
 */
TP_TEST(Memory, OfMetadataIsLimited)
{
    static const struct {
        uint32_t tables;
        int code;
        const char *err;
    } all[] = {{73, 0, "0 records, 0 lost\n"},
               {86, 0, "0 records, 0 lost\n"},
               {87, 1,
                "tpdecode: x: chunk 0: metadata takes more than 19 MiB to keep\n"
                "0 records, 0 lost, 1 chunks damaged\n"}};

    for (unsigned i = 0; i < 3; i++) {
        struct help_bytes dump = hostile_make(HOSTILE_VALUES, all[i].tables);
        struct help_run run = help_decode("x", dump.p, dump.n, HELP_TEXT);

        TP_CHECK_EQ(run.code, all[i].code);
        TP_CHECK_STREQ(run.err, all[i].err);
        help_run_free(&run);
        help_free(&dump);
    }
}
