/* SPDX-License-Identifier: MIT */
/* declared.h - the tables and events that metadata declares. */
#ifndef DECLARED_H
#define DECLARED_H

#include "model/payload.h"

/* The value of the key `tables`, of `events`, and one event. False: there is a problem. */
bool declared_tables(struct payload *p);
bool declared_events(struct payload *p);
bool declared_event(struct payload *p);

#endif
