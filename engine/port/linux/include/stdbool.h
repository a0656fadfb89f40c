/* SPDX-License-Identifier: MIT */
/* <stdbool.h> inside Linux; see stdint.h. */
#ifndef TP_LINUX_STDBOOL_H
#define TP_LINUX_STDBOOL_H

#include <linux/stddef.h> /* true, false */
#include <linux/types.h>  /* bool */

#endif
