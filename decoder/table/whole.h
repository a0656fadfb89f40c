/* SPDX-License-Identifier: MIT */
/*
 * whole.h - all records as one view of the tables of events, where each record is in the database once.
 *
 * What has no such table, or one that is not in the view, is in the table `others`.
 */
#ifndef WHOLE_H
#define WHOLE_H

#include "table/table.h"

#define WHOLE_TABLES 400u /* SQLite takes 500 tables in a view */
#define WHOLE_OTHERS "others"

/* Makes it of the tables that have rows. */
void whole_make(struct table_list *l);

#endif
