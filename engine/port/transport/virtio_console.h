/* SPDX-License-Identifier: MIT */
/*
 * virtio_console.h - a dump's way out of a virtual machine: a virtio console at virtio-mmio, polled.
 *
 *     static struct tp_virtio_console console;
 *
 *     tp_virtio_console_open(&console, tp_virtio_console_find(0x0a000000, 32, 512, 0));
 *     while ((n = tp_pipe_peek(trace, &bytes)) > 0) {
 *         tp_virtio_console_write(&console, bytes, n);
 *         tp_pipe_consume(trace, n);
 *     }
 *
 * Made to be copied. Both forms of the device, legacy and modern (virtio 1.2 specification, 4.2.2 and
 * 4.2.4). The bytes are given to the device where they are, and the call waits until it has read them:
 * some 500 MB/s in QEMU. QEMU: -device virtio-serial-device -device virtconsole,chardev=dump.
 *
 * One caller at a time. struct tp_virtio_console is in memory that the device can reach; if an address
 * there is not the same as here, define TP_VIRTIO_ADDRESS(pointer) before the include.
 */
#ifndef TP_PORT_TRANSPORT_VIRTIO_CONSOLE_H
#define TP_PORT_TRANSPORT_VIRTIO_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TP_VIRTIO_ADDRESS
#define TP_VIRTIO_ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))
#endif

/* Memory, and then the register that says it is there. */
#if defined(__aarch64__)
#define TP_VIRTIO_BARRIER() __asm__ __volatile__("dsb sy" : : : "memory")
#elif defined(__riscv)
#define TP_VIRTIO_BARRIER() __asm__ __volatile__("fence iorw, iorw" : : : "memory")
#else
#define TP_VIRTIO_BARRIER() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif

#define TP_VIRTIO_MAGIC 0x74726976u
#define TP_VIRTIO_CONSOLE 3u
#define TP_VIRTIO_TRANSMIT 1u /* the number of the queue */
#define TP_VIRTIO_QUEUE_SIZE 2u
#define TP_VIRTIO_PAGE_BYTES 4096u
#define TP_VIRTIO_WRITE_BYTES_MAX (1u << 20)
#define TP_VIRTIO_MODERN (1u << 0) /* VIRTIO_F_VERSION_1, in the upper half of the features */

enum tp_virtio_register {
    TP_VIRTIO_MAGIC_VALUE = 0x00,
    TP_VIRTIO_VERSION = 0x04,
    TP_VIRTIO_DEVICE = 0x08,
    TP_VIRTIO_FEATURES = 0x20,
    TP_VIRTIO_FEATURES_HALF = 0x24,
    TP_VIRTIO_GUEST_PAGE = 0x28,
    TP_VIRTIO_QUEUE = 0x30,
    TP_VIRTIO_QUEUE_NUM = 0x38,
    TP_VIRTIO_QUEUE_ALIGN = 0x3c,
    TP_VIRTIO_QUEUE_PAGE = 0x40,
    TP_VIRTIO_QUEUE_READY = 0x44,
    TP_VIRTIO_NOTIFY = 0x50,
    TP_VIRTIO_STATUS = 0x70,
    TP_VIRTIO_QUEUE_DESCRIPTORS = 0x80,
    TP_VIRTIO_QUEUE_AVAILABLE = 0x90,
    TP_VIRTIO_QUEUE_USED = 0xa0
};

enum tp_virtio_status {
    TP_VIRTIO_KNOWN = 1,
    TP_VIRTIO_DRIVER = 2,
    TP_VIRTIO_READY = 4,
    TP_VIRTIO_FEATURES_OK = 8
};

struct tp_virtio_console {
    struct {
        uint64_t address;
        uint32_t bytes;
        uint16_t flags, next;
    } descriptor[TP_VIRTIO_QUEUE_SIZE] __attribute__((aligned(4096)));
    struct {
        uint16_t flags, index, ring[TP_VIRTIO_QUEUE_SIZE];
    } available;
    struct {
        uint16_t flags, index;
        struct {
            uint32_t id, bytes;
        } ring[TP_VIRTIO_QUEUE_SIZE];
    } used __attribute__((aligned(4096)));
    uintptr_t device;
};

static inline uint32_t tp_virtio_read(uintptr_t device, enum tp_virtio_register at)
{
    return *(volatile uint32_t *)(device + at);
}

static inline void tp_virtio_write(uintptr_t device, enum tp_virtio_register at, uint32_t value)
{
    *(volatile uint32_t *)(device + at) = value;
}

static inline void tp_virtio_write_long(uintptr_t device, enum tp_virtio_register at,
                                        const void *pointer)
{
    uint64_t address = TP_VIRTIO_ADDRESS(pointer);

    *(volatile uint32_t *)(device + at) = (uint32_t)address;
    *(volatile uint32_t *)(device + at + 4) = (uint32_t)(address >> 32);
}

/* The console with that number among the devices from `first` on; 0: there is none. The last device is
 * number 0, since QEMU fills the places from the end. */
static inline uintptr_t tp_virtio_console_find(uintptr_t first, unsigned places, unsigned bytes,
                                               unsigned number)
{
    for (uintptr_t i = places; i-- > 0;) {
        uintptr_t device = first + i * bytes;

        if (tp_virtio_read(device, TP_VIRTIO_MAGIC_VALUE) == TP_VIRTIO_MAGIC &&
            tp_virtio_read(device, TP_VIRTIO_DEVICE) == TP_VIRTIO_CONSOLE && !number--)
            return device;
    }
    return 0;
}

/* False: there is none, or one of a version that is not known. A second call begins anew. */
static inline bool tp_virtio_console_open(struct tp_virtio_console *c, uintptr_t device)
{
    const uint32_t version = device ? tp_virtio_read(device, TP_VIRTIO_VERSION) : 0;
    uint32_t status = TP_VIRTIO_KNOWN | TP_VIRTIO_DRIVER;

    if (version != 1 && version != 2)
        return false;
    tp_virtio_write(device, TP_VIRTIO_STATUS, 0);
    c->available.index = c->used.index = 0;
    tp_virtio_write(device, TP_VIRTIO_STATUS, status);
    tp_virtio_write(device, TP_VIRTIO_FEATURES_HALF, 1);
    tp_virtio_write(device, TP_VIRTIO_FEATURES, version == 2 ? TP_VIRTIO_MODERN : 0);
    tp_virtio_write(device, TP_VIRTIO_FEATURES_HALF, 0);
    tp_virtio_write(device, TP_VIRTIO_FEATURES, 0);
    if (version == 2)
        status |= TP_VIRTIO_FEATURES_OK;
    tp_virtio_write(device, TP_VIRTIO_STATUS, status);
    tp_virtio_write(device, TP_VIRTIO_QUEUE, TP_VIRTIO_TRANSMIT);
    tp_virtio_write(device, TP_VIRTIO_QUEUE_NUM, TP_VIRTIO_QUEUE_SIZE);
    if (version == 2) {
        tp_virtio_write_long(device, TP_VIRTIO_QUEUE_DESCRIPTORS, c->descriptor);
        tp_virtio_write_long(device, TP_VIRTIO_QUEUE_AVAILABLE, &c->available);
        tp_virtio_write_long(device, TP_VIRTIO_QUEUE_USED, &c->used);
        tp_virtio_write(device, TP_VIRTIO_QUEUE_READY, 1);
    } else {
        tp_virtio_write(device, TP_VIRTIO_GUEST_PAGE, TP_VIRTIO_PAGE_BYTES);
        tp_virtio_write(device, TP_VIRTIO_QUEUE_ALIGN, TP_VIRTIO_PAGE_BYTES);
        tp_virtio_write(device, TP_VIRTIO_QUEUE_PAGE,
                        (uint32_t)(TP_VIRTIO_ADDRESS(c) / TP_VIRTIO_PAGE_BYTES));
    }
    tp_virtio_write(device, TP_VIRTIO_STATUS, status | TP_VIRTIO_READY);
    c->device = device;
    return true;
}

static inline void tp_virtio_console_put(struct tp_virtio_console *c, const void *bytes, uint32_t n)
{
    uint16_t index = c->available.index;

    c->descriptor[0].address = TP_VIRTIO_ADDRESS(bytes);
    c->descriptor[0].bytes = n;
    c->descriptor[0].flags = 0;
    c->available.ring[index % TP_VIRTIO_QUEUE_SIZE] = 0;
    __atomic_store_n(&c->available.index, (uint16_t)(index + 1), __ATOMIC_RELEASE);
    TP_VIRTIO_BARRIER();
    tp_virtio_write(c->device, TP_VIRTIO_NOTIFY, TP_VIRTIO_TRANSMIT);
    while (__atomic_load_n(&c->used.index, __ATOMIC_ACQUIRE) != (uint16_t)(index + 1))
        ;
}

static inline void tp_virtio_console_write(struct tp_virtio_console *c, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n) {
        uint32_t part = n < TP_VIRTIO_WRITE_BYTES_MAX ? (uint32_t)n : TP_VIRTIO_WRITE_BYTES_MAX;

        tp_virtio_console_put(c, p, part);
        p += part;
        n -= part;
    }
}

#endif
