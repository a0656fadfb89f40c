/* SPDX-License-Identifier: MIT */
/* explore_test.c - the parts of --explore that need no terminal: keys, lines of a screen, columns of time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/explore/bins.h"
#include "decoder/explore/keys.h"
#include "decoder/explore/screen.h"
#include "decoder/explore/view.h"
#include "tp_test.h"

/* The keys of some bytes, as numbers with blanks after them; then nothing comes for a while. */
static const char *explore_keys(const char *bytes, size_t n)
{
    static char text[256];
    struct keys k = {.count = 0};
    size_t used = 0;
    int key;

    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        key = keys_take(&k, (uint8_t)bytes[i]);
        if (key)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%d ", key);
        key = keys_held(&k);
        if (key)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%d ", key);
    }
    key = keys_wait(&k) ? keys_idle(&k) : 0;
    if (key)
        snprintf(text + used, sizeof(text) - used, "%d ", key);
    return text;
}

#define EXPLORE_KEYS(bytes) explore_keys(bytes, sizeof(bytes) - 1)

/* Up is 256, and so on, in the order of keys.h. */
TP_TEST(DecoderExplore, Keys)
{
    TP_CHECK_STREQ(EXPLORE_KEYS("q?\x7f\x03"), "113 63 127 3 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\r\n\t\b"), "13 13 9 127 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[A\033[B\033[C\033[D"), "256 257 258 259 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033OA\033OB\033OC\033OD\033OH\033OF"),
                   "256 257 258 259 260 261 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[H\033[F\033[1~\033[4~\033[7~\033[8~"),
                   "260 261 260 261 260 261 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[5~\033[6~\033[3~\033[Z"), "262 263 264 265 ");
    /* With Ctrl. */
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[1;5C\033[5;5~"), "258 262 ");
    /* Characters of several bytes come as their bytes. */
    TP_CHECK_STREQ(EXPLORE_KEYS("\xc3\xa4"), "195 164 ");
}

/* An escape is a key if what follows cannot belong to it, or nothing does; what no key sends is dropped whole. */
TP_TEST(DecoderExplore, KeysThatAreCut)
{
    struct keys k = {.count = 0};

    TP_CHECK_STREQ(EXPLORE_KEYS("\033"), "27 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033q"), "27 113 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033\033[A"), "27 256 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033["), "");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[99~x"), "120 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[?1;2cx"), "120 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[123456789;123456789Ax"), "120 ");
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[11;11;11;111Ax"), "256 120 "); /* as long as one may be, */
    TP_CHECK_STREQ(EXPLORE_KEYS("\033[11;11;11;1111Ax"), "120 ");    /* and longer */
    /* Byte by byte over a slow line: nothing is a key before it is complete. */
    TP_CHECK_EQ(keys_take(&k, '\033'), KEYS_NONE);
    TP_CHECK_EQ(keys_wait(&k), true);
    TP_CHECK_EQ(keys_take(&k, '['), KEYS_NONE);
    TP_CHECK_EQ(keys_take(&k, '6'), KEYS_NONE);
    TP_CHECK_EQ(keys_take(&k, '~'), KEYS_PAGE_DOWN);
    TP_CHECK_EQ(keys_wait(&k), false);
}

/* --- a screen --- */

static char explore_written[4096];
static size_t explore_bytes;

static int explore_write(void *context, const void *bytes, size_t n)
{
    (void)context;
    TP_ASSERT(n < sizeof(explore_written) - explore_bytes);
    memcpy(explore_written + explore_bytes, bytes, n);
    explore_bytes += n;
    explore_written[explore_bytes] = '\0';
    return 0;
}

static const char *explore_show(struct screen *s)
{
    struct out o = {NULL};

    out_open(&o, (struct out_sink){explore_write, NULL});
    explore_bytes = 0;
    explore_written[0] = '\0';
    screen_show(s, &o);
    out_close(&o);
    return explore_written;
}

#define EXPLORE_FRESH "\033[?25l\033[0m\033[2J"
#define EXPLORE_ROW(n) "\033[" n ";1H\033[0m\033[K"

/* Only lines that have changed are written. */
TP_TEST(DecoderExplore, ScreenWritesWhatHasChanged)
{
    struct screen s = {.colour = true};

    screen_resize(&s, 3, 10);
    screen_clear(&s);
    screen_text(&s, SCREEN_PLAIN, "one");
    screen_line(&s, 1);
    screen_text(&s, SCREEN_BAD, "two");
    TP_CHECK_STREQ(explore_show(&s), EXPLORE_FRESH EXPLORE_ROW("1") "one\033[0m" EXPLORE_ROW(
                                         "2") "\033[0;31mtwo\033[0m");
    TP_CHECK_STREQ(explore_show(&s), "");
    screen_clear(&s);
    screen_text(&s, SCREEN_PLAIN, "one");
    TP_CHECK_STREQ(explore_show(&s), EXPLORE_ROW("2") "\033[0m");
    /* The cursor, where something is typed. */
    screen_clear(&s);
    screen_text(&s, SCREEN_PLAIN, "one");
    screen_cursor(&s);
    TP_CHECK_STREQ(explore_show(&s), "\033[1;4H\033[?25h");
    /* All anew, and what was on an empty line is not believed to be there still. */
    screen_clear(&s);
    screen_line(&s, 2);
    screen_text(&s, SCREEN_PLAIN, "three");
    s.fresh = true;
    TP_CHECK_STREQ(explore_show(&s), EXPLORE_FRESH EXPLORE_ROW("3") "three\033[0m");
    screen_clear(&s);
    screen_text(&s, SCREEN_PLAIN, "one");
    TP_CHECK_STREQ(explore_show(&s), EXPLORE_ROW("1") "one\033[0m" EXPLORE_ROW("3") "\033[0m");
    screen_close(&s);
}

/* The first line of a screen of ten columns that shows a text, as it is written. */
static const char *explore_line(bool ascii, const char *text)
{
    static char line[256];
    struct screen s = {.ascii = ascii};

    screen_resize(&s, 1, 10);
    screen_clear(&s);
    screen_text(&s, SCREEN_PLAIN, text);
    snprintf(line, sizeof(line), "%.*s", (int)s.now[0].bytes, s.now[0].text);
    screen_close(&s);
    return line;
}

/* A line takes what fits, and no character that steers a terminal. */
TP_TEST(DecoderExplore, ScreenLines)
{
    TP_CHECK_STREQ(explore_line(false, "0123456789"), "0123456789");
    TP_CHECK_STREQ(explore_line(false, "0123456789a"), "0123456789");
    TP_CHECK_STREQ(explore_line(false, "a\033[2Jb\n\x7f\xc2\x9b"), "a?[2Jb???");
    TP_CHECK_STREQ(explore_line(false, "\xc3\xa4\xe2\x96\x88"), "\xc3\xa4\xe2\x96\x88");
    TP_CHECK_STREQ(explore_line(true, "\xc3\xa4\xe2\x96\x88"), "??");
    TP_CHECK_STREQ(explore_line(false, "\xff\xc3"), "??");
    /* Two columns each: five of them, not six, and none in the last column alone. */
    TP_CHECK_STREQ(
        explore_line(false,
                     "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"),
        "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad");
    TP_CHECK_STREQ(explore_line(false, "012345678\xe4\xb8\xad"), "012345678");
    /* It turns the rest of a line around. */
    TP_CHECK_STREQ(explore_line(false, "a\xe2\x80\xae"
                                       "b"),
                   "a?b");
}

/* However large a terminal says that it is. */
TP_TEST(DecoderExplore, ScreenLimits)
{
    struct screen s = {.colour = true};

    screen_resize(&s, SCREEN_ROWS_MAX + 1, SCREEN_COLUMNS_MAX + 1);
    TP_CHECK_EQ(s.rows, SCREEN_ROWS_MAX);
    TP_CHECK_EQ(s.columns, SCREEN_COLUMNS_MAX);
    screen_clear(&s);
    /* The most bytes that a line can have. */
    for (uint32_t i = 0; i < SCREEN_COLUMNS_MAX; i++)
        screen_text(&s, i % 2 ? SCREEN_BAD : SCREEN_RUN, "\xf0\x9d\x84\x9e");
    TP_CHECK_EQ(s.column, SCREEN_COLUMNS_MAX);
    TP_CHECK_EQ(s.now[0].bytes, SCREEN_COLUMNS_MAX * (4 + 7));
    screen_line(&s, SCREEN_ROWS_MAX + 7);
    screen_text(&s, SCREEN_PLAIN, "nowhere");
    screen_close(&s);
}

/* --- columns --- */

/* Times that no longer fit make all columns wider, and nothing is lost of what is in them. */
TP_TEST(DecoderExplore, BinsWiden)
{
    uint64_t counts = 0, ran = 0;
    struct bins b;

    bins_open(&b);
    for (uint64_t ns = 0; ns < BINS_COLUMNS; ns++) {
        TP_CHECK_EQ(bins_reach(&b, 1000 + ns), true);
        bins_count(&b, 3, 1000 + ns, ns == 5);
    }
    TP_CHECK_EQ(b.width_ns, 1);
    TP_CHECK_EQ(bins_spend(&b, 7, BINS_RUN, 1000, 1000 + BINS_COLUMNS), BINS_COLUMNS);
    TP_CHECK_EQ(b.width_ns, 1);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1005, 1005).lost, true);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1005, 1005).count, 0);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1006, 1006).count, 1);
    /* One more: columns of two. */
    TP_CHECK_EQ(bins_reach(&b, 1000 + BINS_COLUMNS), true);
    TP_CHECK_EQ(b.width_ns, 2);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1004, 1005).count, 1);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1004, 1005).lost, true);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1006, 1007).count, 2);
    TP_CHECK_EQ(bins_cpu_at(&b, 3, 1004, 1007).count, 3); /* wider ones are sums */
    TP_CHECK_EQ(bins_reach(&b, 1ull << 40), true);
    TP_CHECK_EQ(bins_reach(&b, 0), true);
    for (uint64_t i = b.first; i <= b.last; i++) {
        counts += bins_cpu_at(&b, 3, i * b.width_ns, bins_end(&b, i)).count;
        ran += bins_task_at(&b, 7, i * b.width_ns, bins_end(&b, i)).ns[BINS_RUN];
    }
    TP_CHECK_EQ(counts, BINS_COLUMNS - 1);
    TP_CHECK_EQ(ran, BINS_COLUMNS);
    bins_close(&b);
}

/* A part of the time has what is in it. */
TP_TEST(DecoderExplore, BinsOfAPart)
{
    struct bins_time t;
    struct bins b;

    bins_open(&b);
    bins_fix(&b, 16, 160, 3); /* 160 to 207 */
    TP_CHECK_EQ(bins_reach(&b, 159), false);
    TP_CHECK_EQ(bins_reach(&b, 160), true);
    TP_CHECK_EQ(bins_reach(&b, 207), true);
    TP_CHECK_EQ(bins_reach(&b, 208), false);
    TP_CHECK_EQ(bins_spend(&b, 0, BINS_WAIT, 0, 170), 10);
    TP_CHECK_EQ(bins_spend(&b, 0, BINS_RUN, 170, 500), 38);
    TP_CHECK_EQ(bins_spend(&b, 0, BINS_SLEEP, 208, 500), 0);
    t = bins_task_at(&b, 0, 160, 175);
    TP_CHECK_EQ(t.ns[BINS_WAIT], 10);
    TP_CHECK_EQ(t.ns[BINS_RUN], 6);
    TP_CHECK_EQ(bins_most(&t), BINS_WAIT);
    t = bins_task_at(&b, 0, 192, 207);
    TP_CHECK_EQ(t.ns[BINS_RUN], 16);
    t = bins_task_at(&b, 0, 208, 223);
    TP_CHECK_EQ(bins_most(&t), BINS_UNKNOWN);
    t = bins_task_at(&b, 0, 128, 191);
    TP_CHECK_EQ(t.ns[BINS_WAIT], 10);
    TP_CHECK_EQ(t.ns[BINS_RUN], 22);
    bins_close(&b);
}

/* A column that begins within one of the bins has a part of what tasks did there, and all of its records or none. */
TP_TEST(DecoderExplore, BinsThatAreDivided)
{
    struct bins_time t;
    struct bins b;

    bins_open(&b);
    bins_fix(&b, 16, 160, 3);
    bins_count(&b, 1, 175, false); /* as if at 168 */
    TP_CHECK_EQ(bins_spend(&b, 0, BINS_RUN, 160, 208), 48);
    TP_CHECK_EQ(bins_cpu_at(&b, 1, 152, 167).count, 0);
    TP_CHECK_EQ(bins_cpu_at(&b, 1, 168, 183).count, 1);
    TP_CHECK_EQ(bins_cpu_at(&b, 1, 169, 184).count, 0);
    t = bins_task_at(&b, 0, 170, 180);
    TP_CHECK_EQ(t.ns[BINS_RUN], 6 + 5);
    t = bins_task_at(&b, 0, 200, 300);
    TP_CHECK_EQ(t.ns[BINS_RUN], 8);
    bins_close(&b);
}

/* All of the time takes all columns; the last times there are have columns as well. */
TP_TEST(DecoderExplore, ViewIsFull)
{
    static const uint32_t terminals[] = {40, 80, 81, 119, 200, 500};
    static const struct {
        uint64_t first_ns, last_ns;
    } spans[] = {{1000, 9001000}, {0, UINT64_MAX}, {UINT64_MAX - 300000, UINT64_MAX}, {7, 7}};

    for (size_t i = 0; i < 4 * 6; i++) {
        struct index *x = calloc(1, sizeof(*x));
        struct view v = {.rows = 0};

        TP_ASSERT(x != NULL);
        x->first_ns = spans[i / 6].first_ns;
        x->last_ns = spans[i / 6].last_ns;
        view_resize(&v, 24, terminals[i % 6], 1);
        view_fit(&v, x);
        TP_CHECK_EQ(view_column(&v, x->first_ns), 0);
        TP_CHECK_EQ(view_column(&v, x->last_ns), x->last_ns == 7 ? 0 : v.wide - 1);
        TP_CHECK(view_start(&v, v.wide - 1) <= UINT64_MAX - (v.column_ns - 1));
        v.selected_ns = x->last_ns;
        while (v.column_ns > 1) {
            view_zoom(&v, x, true);
            TP_CHECK_EQ(view_shows(&v, x->last_ns), true);
        }
        while (!v.whole)
            view_zoom(&v, x, false);
        TP_CHECK_EQ(v.start_ns, x->first_ns);
        free(x);
    }
}
