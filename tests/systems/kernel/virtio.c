/* SPDX-License-Identifier: MIT */
/* virtio.c - the ways out of boards that have virtio consoles. */
#include "kernel.h"

#include "engine/port/transport/virtio_console.h"

static struct tp_virtio_console consoles[CHANNELS];

bool channel_open(unsigned number)
{
    return tp_virtio_console_open(&consoles[number],
                                  tp_virtio_console_find(BOARD_CONSOLES, number));
}

void channel_write(unsigned number, const void *bytes, size_t n)
{
    tp_virtio_console_write(&consoles[number], bytes, n);
}
