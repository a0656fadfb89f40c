// SPDX-License-Identifier: MIT
/* events.c - creates the events of the sample. */
#include <linux/kernel.h>

#define TP_CREATE
#include <tp/event.h>
#include "syscall.h"
#include "events.h"
