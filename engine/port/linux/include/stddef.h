/* SPDX-License-Identifier: MIT */
/* <stddef.h> inside Linux; see stdint.h. */
#ifndef TP_LINUX_STDDEF_H
#define TP_LINUX_STDDEF_H

#include <linux/stddef.h> /* NULL, offsetof */
#include <linux/types.h>  /* size_t */

#endif
