/* SPDX-License-Identifier: MIT */
/* engine.h - a trace in memory for the fuzz targets that have an engine. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdint.h>
#include <tp/trace.h>

struct tp_trace *engine_open(const struct tp_config *config);
uint8_t *engine_region(struct tp_trace *t);
void engine_close(struct tp_trace *t);
/* One of the events, by a number. */
void engine_fire(uint32_t number);

#endif
