/* SPDX-License-Identifier: MIT */
/* Creates every event of events.h. Also included once more, as happens in a real file. */
#define TP_CREATE
#include "events.h"
#include "events.h"
