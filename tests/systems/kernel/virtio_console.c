/* SPDX-License-Identifier: MIT */
/*
 * The dump's way out, and a second one: virtio consoles on QEMU's microvm machine, virtio-mmio
 * in its legacy form (virtio 1.2 specification, 4.2.4). Bytes are handed to the
 * device where they lie and it is waited for; nothing is copied.
 */
#include "kernel.h"

#define MMIO_FIRST 0xfeb00000u /* microvm: 24 slots of 512 bytes at most */
#define MMIO_SLOTS 24
#define MMIO_SLOT_BYTES 512
#define MMIO_MAGIC 0x74726976u
#define VIRTIO_CONSOLE 3
#define TRANSMIT_QUEUE 1
#define QUEUE_SIZE 2
#define WRITE_BYTES_MAX (1u << 20)

enum mmio_register {
    MMIO_MAGIC_VALUE = 0x00, MMIO_VERSION = 0x04, MMIO_DEVICE = 0x08, MMIO_GUEST_FEATURES = 0x20,
    MMIO_GUEST_PAGE_SIZE = 0x28, MMIO_QUEUE = 0x30, MMIO_QUEUE_SIZE = 0x38, MMIO_QUEUE_ALIGN = 0x3c,
    MMIO_QUEUE_PAGE = 0x40, MMIO_NOTIFY = 0x50, MMIO_STATUS = 0x70
};

enum virtio_status { STATUS_KNOWN = 1, STATUS_DRIVER = 2, STATUS_READY = 4 };

struct virtio_queue {
    struct {
        uint64_t address;
        uint32_t bytes;
        uint16_t flags, next;
    } descriptor[QUEUE_SIZE];
    struct {
        uint16_t flags, index, ring[QUEUE_SIZE];
    } available;
    struct {
        uint16_t flags, index;
        struct {
            uint32_t id, bytes;
        } ring[QUEUE_SIZE];
    } used __attribute__((aligned(4096)));
};

static struct console {
    struct virtio_queue queue __attribute__((aligned(4096)));
    uintptr_t device;
} consoles[CONSOLES];

static uint32_t mmio_read(uintptr_t base, enum mmio_register at)
{
    return *(volatile uint32_t *)(base + at);
}

static void mmio_write(uintptr_t base, enum mmio_register at, uint32_t value)
{
    *(volatile uint32_t *)(base + at) = value;
}

/* The device of that kind with the number; the last one has 0, for QEMU fills the slots backwards. */
static uintptr_t virtio_find(uint32_t id, unsigned number)
{
    for (uintptr_t i = MMIO_SLOTS; i-- > 0;) {
        uintptr_t base = MMIO_FIRST + i * MMIO_SLOT_BYTES;

        if (mmio_read(base, MMIO_MAGIC_VALUE) == MMIO_MAGIC && mmio_read(base, MMIO_DEVICE) == id &&
            !number--)
            return base;
    }
    return 0;
}

bool virtio_console_init(unsigned console)
{
    struct console *c = &consoles[console];
    uintptr_t device = virtio_find(VIRTIO_CONSOLE, console);

    c->device = 0;
    if (!device || mmio_read(device, MMIO_VERSION) != 1)
        return false;
    mmio_write(device, MMIO_STATUS, 0);
    mmio_write(device, MMIO_STATUS, STATUS_KNOWN | STATUS_DRIVER);
    mmio_write(device, MMIO_GUEST_FEATURES, 0);
    mmio_write(device, MMIO_GUEST_PAGE_SIZE, PAGE_BYTES);
    mmio_write(device, MMIO_QUEUE, TRANSMIT_QUEUE);
    mmio_write(device, MMIO_QUEUE_SIZE, QUEUE_SIZE);
    mmio_write(device, MMIO_QUEUE_ALIGN, PAGE_BYTES);
    mmio_write(device, MMIO_QUEUE_PAGE, (uint32_t)((uintptr_t)&c->queue / PAGE_BYTES));
    mmio_write(device, MMIO_STATUS, STATUS_KNOWN | STATUS_DRIVER | STATUS_READY);
    c->device = device;
    return true;
}

static void virtio_write(struct console *c, const void *bytes, uint32_t n)
{
    uint16_t index = c->queue.available.index;

    c->queue.descriptor[0].address = (uintptr_t)bytes; /* memory is mapped one to one */
    c->queue.descriptor[0].bytes = n;
    c->queue.descriptor[0].flags = 0;
    c->queue.available.ring[index % QUEUE_SIZE] = 0;
    __atomic_store_n(&c->queue.available.index, index + 1, __ATOMIC_RELEASE);
    mmio_write(c->device, MMIO_NOTIFY, TRANSMIT_QUEUE);
    while (__atomic_load_n(&c->queue.used.index, __ATOMIC_ACQUIRE) != (uint16_t)(index + 1))
        __builtin_ia32_pause();
}

void virtio_console_write(unsigned console, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n) {
        uint32_t part = n < WRITE_BYTES_MAX ? (uint32_t)n : WRITE_BYTES_MAX;

        virtio_write(&consoles[console], p, part);
        p += part;
        n -= part;
    }
}
