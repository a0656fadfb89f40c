/* SPDX-License-Identifier: MIT */
/* json.h - records as JSON, one object a line. */
#ifndef JSON_H
#define JSON_H

#include "model/object.h"
#include "order/columns.h"
#include "order/constant.h"
#include "order/stamp.h"

struct json {
    struct sink sink;
    struct stamp stamp;
    struct columns *columns;               /* the only fields; NULL: all */
    const struct constant_list *constants; /* of each line; NULL: none */
    bool no_schema;                        /* a capture has no line of its own */
    struct object_list objects;
};
struct sink *json_open(struct json *j, struct out *o, struct stamp stamp, struct columns *columns,
                       const struct constant_list *constants, bool no_schema);

#endif
