/* SPDX-License-Identifier: MIT */
/*
 * fact.h - what an HTML page knows of captures, events and tables of names: JSON among the items of a block,
 * each before the first item that needs it. Numbers that may have more than 53 bits are texts.
 *
 *     {"is":"capture","number":0,"file":"a.tp",...}    {"is":"end","number":0,"pairs":[["ns","ns of UTC"]],...}
 *     {"is":"table","number":0,"flags":false,"values":[["0","ready"]]}
 *     {"is":"event","number":0,"capture":0,"sys":"sched","name":"switch","fields":[{"name":"prev",...}]}
 */
#ifndef FACT_H
#define FACT_H

#include "export/block.h"
#include "order/sink.h"

struct fact_table;

/* What was said of a capture. */
struct fact_stream {
    uint32_t number;  /* of the capture */
    uint32_t *events; /* their numbers plus 1, by id; 0: not described */
    uint32_t event_slots;
    struct fact_table *tables; /* a hash table */
    uint32_t table_slots, table_count;
};

struct fact {
    struct block *block;
    struct out text;         /* writes into the block */
    uint32_t events, tables; /* described so far */
};

void fact_open(struct fact *f, struct block *b);
void fact_close(struct fact *f);
void fact_stream_free(struct fact_stream *s);
void fact_capture(struct fact *f, const struct fact_stream *of, const struct stream *s);
/* The number of an event, which is described before it is used. */
uint32_t fact_event(struct fact *f, struct fact_stream *of, const struct metadata_event *e);
/* A capture is at its end. `cut`: by the limit of the format. */
void fact_end(struct fact *f, const struct fact_stream *of, struct stream *s, bool cut);

#endif
