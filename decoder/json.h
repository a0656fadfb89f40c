/* SPDX-License-Identifier: MIT */
/* json.h - records as JSON, one object a line. */
#ifndef JSON_H
#define JSON_H

#include "columns.h"
#include "stamp.h"

/* Causes of loss in one word. */
extern const char *const json_causes[STREAM_LOST_CAUSES];

struct json {
    struct sink sink;
    struct stamp stamp;
    struct columns *columns; /* the only fields; NULL: all */
};
struct sink *json_open(struct json *j, struct out *o, enum stamp_mode mode,
                       struct columns *columns);

#endif
