/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LIKE_LIMITS_H
#define LINUX_LIKE_LIMITS_H

#define SIZE_MAX (~(size_t)0)

#endif
