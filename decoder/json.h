/* SPDX-License-Identifier: MIT */
/* json.h - records as JSON, one object a line. */
#ifndef JSON_H
#define JSON_H

#include "sink.h"

struct sink json_sink(struct out *o);

#endif
