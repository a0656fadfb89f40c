/* SPDX-License-Identifier: MIT */
/*
 * view.h - what is looked at: which line, which part of time, how far each pane is scrolled; and what is typed.
 */
#ifndef VIEW_H
#define VIEW_H

#include "explore/index.h"

#define VIEW_TEXT_BYTES 512u     /* that can be typed */
#define VIEW_MESSAGE_BYTES 2048u /* with lines */
#define VIEW_LABEL 18u           /* of a lane, characters before the columns; as of --timeline */
#define VIEW_COLUMNS_LEAST 40u   /* of a terminal; with less nothing is shown */
#define VIEW_ROWS_LEAST 10u

enum view_page { VIEW_PANES, VIEW_HELP, VIEW_MESSAGES };

struct view {
    uint32_t rows, columns;       /* of the terminal */
    uint32_t wide;                /* columns of a lane */
    uint32_t lanes, list, fields; /* rows of each pane */

    uint64_t selected, top; /* lines */
    uint64_t selected_ns;
    bool whole;                   /* all of the time is shown */
    uint64_t column_ns, start_ns; /* how wide one is; where the first one begins */
    uint32_t lane_top, left, field_top;

    enum view_page page;
    char prompt; /* 0: nothing is typed */
    char typed[VIEW_TEXT_BYTES];
    char search[VIEW_TEXT_BYTES], filter[VIEW_TEXT_BYTES];
    char message[VIEW_MESSAGE_BYTES];
};

void view_resize(struct view *v, uint32_t rows, uint32_t columns, uint32_t lanes);
/* All of the time. */
void view_fit(struct view *v, const struct index *x);
/* In: half of the time, around the line that is selected. */
void view_zoom(struct view *v, const struct index *x, bool in);
/* By so many columns. Is the selected line still to be seen? */
bool view_pan(struct view *v, const struct index *x, int64_t by);
/* Moves the time that is shown, if this is not in it. */
void view_reveal(struct view *v, const struct index *x, uint64_t ns);
/* Another line is selected, its time comes later. */
void view_select(struct view *v, const struct index *x, uint64_t number);
/* The time in the middle. */
uint64_t view_middle(const struct view *v);
bool view_shows(const struct view *v, uint64_t ns);
/* Where a column begins; one that would reach over the end of time begins earlier. */
uint64_t view_start(const struct view *v, uint32_t column);
/* The column where it is; if it is not to be seen, one that there is not. */
uint64_t view_column(const struct view *v, uint64_t ns);

/* A key while something is typed. True: it is complete. */
bool view_type(struct view *v, int key);

#endif
