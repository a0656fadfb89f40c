/* SPDX-License-Identifier: MIT */
/*
 * <stdint.h> as the engine needs it, inside Linux, which is compiled with -nostdinc: add this
 * folder by -I. <stdbool.h> and <stddef.h> are here too.
 */
#ifndef TP_LINUX_STDINT_H
#define TP_LINUX_STDINT_H

#include <linux/limits.h> /* SIZE_MAX */
#include <linux/types.h>  /* the types, but for intptr_t in older kernels */

typedef __INTPTR_TYPE__ intptr_t;

#ifndef UINT16_MAX
#define UINT16_MAX 0xffff
#endif
#ifndef UINT32_MAX
#define UINT32_MAX 0xffffffffu
#endif
#ifndef UINT64_MAX
#define UINT64_MAX 0xffffffffffffffffull
#endif
#ifndef INT32_MAX
#define INT32_MAX 0x7fffffff
#endif
#ifndef INT32_MIN
#define INT32_MIN (-INT32_MAX - 1)
#endif
#ifndef INT64_MAX
#define INT64_MAX 0x7fffffffffffffffll
#endif
#ifndef INT64_MIN
#define INT64_MIN (-INT64_MAX - 1)
#endif

#endif
