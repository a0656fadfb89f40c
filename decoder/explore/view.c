/* SPDX-License-Identifier: MIT */
/* view.c - what is looked at. */
#include "explore/view.h"

#include <string.h>

#include "explore/keys.h"

#define VIEW_FRAME 5u /* rows that are in no pane: title, axis, two lines between, keys */

void view_resize(struct view *v, uint32_t rows, uint32_t columns, uint32_t lanes)
{
    uint32_t room = rows > VIEW_FRAME + 3 ? rows - VIEW_FRAME : 3;

    v->rows = rows;
    v->columns = columns;
    v->wide = columns > VIEW_LABEL + 1 ? columns - VIEW_LABEL : 1;
    v->fields = room / 4 ? room / 4 : 1;
    v->lanes = 2 * room / 5 < lanes ? 2 * room / 5 : lanes;
    v->list = room - v->fields - v->lanes;
}

void view_fit(struct view *v, const struct index *x)
{
    v->whole = true;
    v->column_ns = (x->last_ns - x->first_ns) / v->wide + 1;
    v->start_ns = x->first_ns;
}

/* Something of the time of the dump stays to be seen. */
static void view_bound(struct view *v, const struct index *x)
{
    uint64_t span = (v->wide - 1) * v->column_ns; /* less than that of the dump */

    if (v->start_ns > x->last_ns || x->last_ns - v->start_ns < span)
        v->start_ns = x->last_ns > span ? x->last_ns - span : 0;
    v->start_ns = v->start_ns < x->first_ns ? x->first_ns : v->start_ns;
}

static void view_back(struct view *v, uint64_t ns)
{
    v->start_ns -= ns < v->start_ns ? ns : v->start_ns;
}

uint64_t view_middle(const struct view *v)
{
    return v->start_ns + v->wide / 2 * v->column_ns;
}

uint64_t view_start(const struct view *v, uint32_t column)
{
    uint64_t most = UINT64_MAX - (v->column_ns - 1);

    return column > (most - v->start_ns) / v->column_ns ? most
                                                        : v->start_ns + column * v->column_ns;
}

uint64_t view_column(const struct view *v, uint64_t ns)
{
    return ns < v->start_ns ? UINT64_MAX : (ns - v->start_ns) / v->column_ns;
}

bool view_shows(const struct view *v, uint64_t ns)
{
    return view_column(v, ns) < v->wide;
}

void view_zoom(struct view *v, const struct index *x, bool in)
{
    bool shown = view_shows(v, v->selected_ns);
    uint64_t around = shown ? v->selected_ns : view_middle(v);
    uint64_t before = around - v->start_ns; /* that is on the screen, and what it becomes: */
    struct view whole = *v;

    view_fit(&whole, x);
    if (in ? v->column_ns == 1 : v->column_ns >= whole.column_ns)
        return;
    if (!in && v->column_ns >= (whole.column_ns + 1) / 2) {
        view_fit(v, x);
        return;
    }
    v->whole = false;
    before = in ? before / 2 : before * 2;
    v->column_ns = in ? (v->column_ns + 1) / 2 : v->column_ns * 2;
    v->start_ns = around;
    view_back(v, before);
    view_bound(v, x);
}

bool view_pan(struct view *v, const struct index *x, int64_t by)
{
    if (v->whole)
        return true;
    if (by < 0)
        view_back(v, (uint64_t)-by * v->column_ns);
    else
        v->start_ns += (uint64_t)by * v->column_ns;
    view_bound(v, x);
    return view_shows(v, v->selected_ns);
}

void view_reveal(struct view *v, const struct index *x, uint64_t ns)
{
    v->selected_ns = ns;
    if (view_shows(v, ns))
        return;
    v->start_ns = ns;
    view_back(v, v->wide / 2 * v->column_ns);
    view_bound(v, x);
}

void view_select(struct view *v, const struct index *x, uint64_t number)
{
    uint64_t last = x->lines ? x->lines - 1 : 0;

    number = number < last ? number : last;
    v->field_top = number == v->selected ? v->field_top : 0;
    v->selected = number;
    if (number < v->top)
        v->top = number;
    if (number >= v->top + v->list)
        v->top = number - v->list + 1;
    /* The panes may have grown. */
    if (v->top + v->list > x->lines)
        v->top = x->lines > v->list ? x->lines - v->list : 0;
}

/* The last character goes, of however many bytes. */
static void view_rub(char *text)
{
    size_t n = strlen(text);

    while (n && ((uint8_t)text[n - 1] & 0xc0) == 0x80)
        n--;
    text[n ? n - 1 : 0] = '\0';
}

bool view_type(struct view *v, int key)
{
    size_t n = strlen(v->typed);

    if (key == KEYS_ENTER)
        return true;
    if (key == KEYS_ESCAPE || key == KEYS_CTRL('C') || (key == KEYS_BACKSPACE && !n))
        v->prompt = 0;
    else if (key == KEYS_BACKSPACE)
        view_rub(v->typed);
    else if (key == KEYS_CTRL('U'))
        v->typed[0] = '\0';
    else if (key >= ' ' && key < 256 && n + 1 < VIEW_TEXT_BYTES) {
        v->typed[n] = (char)key;
        v->typed[n + 1] = '\0';
    }
    return false;
}
