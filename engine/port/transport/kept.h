/* SPDX-License-Identifier: MIT */
/*
 * kept.h - a region that a reset leaves as it is: what the boot before has recorded comes out first.
 *
 *     static uint8_t region[1 << 20] __attribute__((section(".noinit"), aligned(64)));
 *
 *     err = tp_kept_export(region, sizeof(region), my_write);    // of the boot before
 *     err = tp_trace_open(&trace, region, sizeof(region), &config);
 *
 * Made to be copied; needs TP_ATTACH of engine/tp.mk. The boot must neither clear nor load the region: in the
 * linker script, at the same address in each build,
 *
 *     .noinit (NOLOAD) : ALIGN(64) { *(.noinit) } >ram
 *
 * It must survive what resets the machine (a reset of the processor leaves memory alone; one that
 * trains it anew, or with ECC, does not), and caches must have been written back.
 */
#ifndef TP_PORT_TRANSPORT_KEPT_H
#define TP_PORT_TRANSPORT_KEPT_H

#include <stddef.h>
#include <stdint.h>
#include <tp/trace.h>

#define TP_KEPT_PIECE_BYTES 512u

/* 0: all of it was written, or there was nothing to write. A TP_E* code is that of tp_trace_attach: TP_EFORMAT for
 * another engine's, TP_EDAMAGED if it cannot be read any more. */
static inline int tp_kept_export(void *region, size_t bytes, void (*write)(const void *, size_t))
{
    static uint8_t piece[TP_KEPT_PIECE_BYTES];
    struct tp_trace *old;
    int err = tp_trace_attach(&old, region, bytes);
    long n;

    if (err == TP_ENOENT)
        return 0;
    if (err)
        return err;
    while ((n = tp_pipe_read(old, piece, sizeof(piece))) > 0)
        write(piece, (size_t)n);
    err = tp_trace_close(old);
    return n < 0 ? (int)n : err;
}

#endif
