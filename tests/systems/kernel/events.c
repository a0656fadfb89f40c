/* SPDX-License-Identifier: MIT */
/* events.c - creates the events. */
#include "kernel.h"

#define TP_CREATE
#include "events.h"
