/* SPDX-License-Identifier: MIT */
/* tp_printk: what of a file's own options reaches the record, and that %p follows no pointer. */
#define TP_STR_MAX 5
#define TP_PRINTK_SYS "mine"
#include "support.h"

static const struct tp_config config = {.name = "t", .cpus = 1, .subbuf_bytes = 4096, .subbufs = 4};

/* The subsystem is seen in tree_test.c. */

/* What tpdecode says of the one call in `fire`, from the event's name on. */
static const char *message(void (*fire)(void))
{
    static char text[256];
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const char *from;

    fire();
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    from = strstr((const char *)out.bytes, "mine_fire_");
    snprintf(text, sizeof(text), "%s", from ? from : (const char *)out.bytes);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
    return text;
}

/* Reading there ends the test. */
static const char *const nowhere = (const char *)16;

static void fire_pointers(void)
{
    char *also = (char *)32;

    tp_printk("%p %u%% %s %-8p|%s", nowhere, 7u, "text", also, "more");
}

TP_TEST(Printk, NoPointerIsFollowedForP)
{
    TP_CHECK_STREQ(message(fire_pointers), "mine_fire_pointers: 0x10 7% text 0x20    |more\n");
}

static void fire_long(void)
{
    tp_printk("%s", "123456");
}

TP_TEST(Printk, TextHasTheCallersLimit)
{
    TP_CHECK_STREQ(message(fire_long), "mine_fire_long: 12345...\n");
}
