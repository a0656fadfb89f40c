// SPDX-License-Identifier: MIT
/* work_events.c - creates the events of work.ko. */
#define TP_CREATE
#include "work_events.h"
