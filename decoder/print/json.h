/* SPDX-License-Identifier: MIT */
/* json.h - records as JSON, one object a line. */
#ifndef JSON_H
#define JSON_H

#include "order/columns.h"
#include "order/constant.h"
#include "order/stamp.h"

#define JSON_EVENTS 1024u /* that are remembered */

struct json {
    struct sink sink;
    struct stamp stamp;
    struct columns *columns;               /* the only fields; NULL: all */
    const struct constant_list *constants; /* of each line; NULL: none */
    bool no_schema;                        /* a capture has no line of its own */
    struct json_event *events[JSON_EVENTS];
};
struct sink *json_open(struct json *j, struct out *o, struct stamp stamp, struct columns *columns,
                       const struct constant_list *constants, bool no_schema);

#endif
