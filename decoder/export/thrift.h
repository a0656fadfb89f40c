/* SPDX-License-Identifier: MIT */
/*
 * thrift.h - writes Thrift's compact protocol into a pile: structs of numbered fields.
 *
 *     thrift_i64(&t, 3, rows);
 *     thrift_open(&t, 8);              a struct inside
 *     thrift_binary(&t, 4, "cpu", 3);
 *     thrift_close(&t);
 *     thrift_list(&t, 2, THRIFT_STRUCT, n);
 *     thrift_begin(&t);                one of its n elements
 *     thrift_close(&t);
 *
 * The numbers of the fields of a struct ascend.
 */
#ifndef THRIFT_H
#define THRIFT_H

#include <stdbool.h>

#include "export/pile.h"

#define THRIFT_DEPTH 8u /* of structs within each other; Parquet has 6 */

/* What the elements of a list are. */
enum { THRIFT_I32 = 5, THRIFT_BINARY = 8, THRIFT_STRUCT = 12 };

struct thrift {
    struct pile pile;
    unsigned depth;
    uint32_t last[THRIFT_DEPTH]; /* number of the field before, for each open struct */
};

void thrift_bool(struct thrift *t, uint32_t field, bool v);
void thrift_i8(struct thrift *t, uint32_t field, uint8_t v);
void thrift_i32(struct thrift *t, uint32_t field, int32_t v);
void thrift_i64(struct thrift *t, uint32_t field, int64_t v);
void thrift_binary(struct thrift *t, uint32_t field, const void *bytes, size_t n);
/* A struct as a field; up to thrift_close(). */
void thrift_open(struct thrift *t, uint32_t field);
/* A struct as an element of a list, or the outermost one; the same. */
void thrift_begin(struct thrift *t);
void thrift_close(struct thrift *t);
/* A struct without a field. */
void thrift_empty(struct thrift *t, uint32_t field);
/* A list: its n elements follow. */
void thrift_list(struct thrift *t, uint32_t field, unsigned type, uint64_t n);
/* Elements that are no structs. */
void thrift_list_i32(struct thrift *t, int32_t v);
void thrift_list_binary(struct thrift *t, const void *bytes, size_t n);

#endif
