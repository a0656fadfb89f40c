/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LIKE_STDDEF_H
#define LINUX_LIKE_STDDEF_H

#undef NULL
#define NULL ((void *)0)

enum { false = 0, true = 1 };

#define offsetof(type, member) __builtin_offsetof(type, member)

#endif
