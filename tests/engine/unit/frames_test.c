/* SPDX-License-Identifier: MIT */
/* frames_test.c - the walk along frame pointers, on stacks that are made by hand, good ones and others. */
#include "engine/port/stack/frames.h"

#include <string.h>

#include "tp_test.h"

#define FRAMES_WORDS 64

/* The stack is the middle of this; what is around it must not be read as a frame. */
static uintptr_t frames_memory[3 * FRAMES_WORDS];
#define FRAMES_STACK (frames_memory + FRAMES_WORDS)
#define FRAMES_END (FRAMES_STACK + FRAMES_WORDS)

/* A frame pointer for the words at i, as the processor has it. */
static uintptr_t frames_pointer(size_t i)
{
    return (uintptr_t)(FRAMES_STACK + i - TP_FRAMES_BEFORE);
}

/* A frame at the words i and i + 1; the one before it, and where it returns to. */
static void frames_put(size_t i, uintptr_t before, uintptr_t to)
{
    FRAMES_STACK[i] = before;
    FRAMES_STACK[i + 1] = to;
}

static size_t frames_walk(uintptr_t frame, const void **from, size_t most)
{
    return tp_frames((const void *)frame, FRAMES_STACK, FRAMES_END, from, most);
}

static void frames_start(void)
{
    for (size_t i = 0; i < 3 * FRAMES_WORDS; i++)
        frames_memory[i] = 0xbad;
    frames_put(4, frames_pointer(10), 0x1000);
    frames_put(10, frames_pointer(62), 0x2000);
    frames_put(62, 0, 0x3000); /* a thread's first function */
}

TP_TEST(Frames, ByHand)
{
    const void *from[8];

    frames_start();
    TP_ASSERT_EQ(frames_walk(frames_pointer(4), from, 8), 2);
    TP_CHECK_EQ((uintptr_t)from[0], 0x1000);
    TP_CHECK_EQ((uintptr_t)from[1], 0x2000);
    TP_CHECK_EQ(frames_walk(frames_pointer(62), from, 8), 0);
}

TP_TEST(Frames, AsManyAsThereIsRoomFor)
{
    const void *from[3] = {NULL, NULL, (const void *)7};

    frames_start();
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 2), 2);
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 1), 1);
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 0), 0);
    TP_CHECK_EQ((uintptr_t)from[2], 7);
}

/* The last words of the stack are a frame, the ones after them are none, and so at its beginning. */
TP_TEST(Frames, BoundsOfTheStack)
{
    const void *from[8];

    frames_start();
    frames_put(0, frames_pointer(62), 0x5000);
    TP_CHECK_EQ(frames_walk(frames_pointer(0), from, 8), 1);
    frames_put(62, frames_pointer(100), 0x3000);
    TP_CHECK_EQ(frames_walk(frames_pointer(62), from, 8), 1);
    for (size_t i = 63; i < 66; i++)
        TP_CHECK_EQ(frames_walk(frames_pointer(i), from, 8), 0);
    TP_CHECK_EQ(frames_walk(frames_pointer(0) - sizeof(uintptr_t), from, 8), 0);
    TP_CHECK_EQ(frames_walk(0, from, 8), 0);
    TP_CHECK_EQ(frames_walk(UINTPTR_MAX - 7, from, 8), 0);
    TP_CHECK_EQ(tp_frames((const void *)frames_pointer(4), NULL, NULL, from, 8), 0);
}

/* Frames that are no frames: a circle, one that goes back, one at an odd address, and any words at all. */
TP_TEST(Frames, NoFrames)
{
    const void *from[8];
    uint64_t x = 88172645463325252u;

    frames_start();
    frames_put(10, frames_pointer(4), 0x2000);
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 8), 2);
    frames_put(10, frames_pointer(10), 0x2000);
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 8), 2);
    frames_put(4, frames_pointer(10) + 1, 0x1000);
    TP_CHECK_EQ(frames_walk(frames_pointer(4), from, 8), 1);
    TP_CHECK_EQ(frames_walk(frames_pointer(4) + 4, from, 8), 0);
    for (int round = 0; round < 10000; round++) {
        for (size_t i = 0; i < FRAMES_WORDS; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            FRAMES_STACK[i] = x & 1 ? frames_pointer(x >> 8 & 127) : (uintptr_t)x;
        }
        TP_CHECK(frames_walk(frames_pointer(x >> 20 & 63), from, 8) <= 8);
    }
}
