/* SPDX-License-Identifier: MIT */
/* What the kernel's header of this name says, as far as it matters: -nostdinc, and u64 is long long. */
#ifndef LINUX_LIKE_TYPES_H
#define LINUX_LIKE_TYPES_H

typedef _Bool bool;
typedef signed char s8;
typedef unsigned char u8;
typedef short s16;
typedef unsigned short u16;
typedef int s32;
typedef unsigned int u32;
typedef long long s64;
typedef unsigned long long u64;
typedef s8 int8_t;
typedef u8 uint8_t;
typedef s16 int16_t;
typedef u16 uint16_t;
typedef s32 int32_t;
typedef u32 uint32_t;
typedef s64 int64_t;
typedef u64 uint64_t;
typedef __SIZE_TYPE__ size_t;
typedef unsigned long uintptr_t;
typedef long ptrdiff_t;

#endif
