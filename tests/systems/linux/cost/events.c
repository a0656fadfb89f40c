// SPDX-License-Identifier: MIT
/* events.c - creates them. */
#define TP_CREATE
#include "events.h"
