/* SPDX-License-Identifier: MIT */
/* The table of names that a trace has: what is found, what another trace takes over, and that all but
 * the changed name are found in the middle of a change, as a context that interrupts the writer sees. */
#include "support.h"

#include "../../../engine/control/control.h"

static struct tp_trace *open_with(uint32_t tasks)
{
    const struct tp_config c = {
        .name = "t", .cpus = 1, .subbuf_bytes = 1024, .subbufs = 4, .tasks = tasks};

    return test_open(&c);
}

static const char *find(struct tp_trace *t, uint32_t id)
{
    static char name[TP_TASK_NAME_BYTES + 1];

    memset(name, 'x', sizeof(name) - 1);
    tp_task_find(tp_trace_number(t), id, (uint8_t *)name);
    return name;
}

static uint32_t used(struct tp_trace *t, uint32_t tasks)
{
    struct tp_task task;
    uint32_t n = 0;

    for (uint32_t i = 0; i < tasks; i++)
        n += tp_task_read(t, i, &task);
    TP_CHECK(!tp_task_read(t, tasks, &task) && !tp_task_read(t, UINT32_MAX, &task));
    return n;
}

TP_TEST(Names, TheOldestGoes)
{
    struct tp_trace *t = open_with(4);

    TP_CHECK_STREQ(find(t, 1), "");
    TP_CHECK_STREQ(find(t, 0), "");
    for (uint32_t id = 1; id <= 6; id++)
        tp_task_name(
            id, 0, (const char *[]){"a", "b", "c", "d", "e", "twenty-four letters long!"}[id - 1]);
    TP_CHECK_STREQ(find(t, 1), "");
    TP_CHECK_STREQ(find(t, 2), "");
    TP_CHECK_STREQ(find(t, 3), "c");
    TP_CHECK_STREQ(find(t, 4), "d");
    TP_CHECK_STREQ(find(t, 5), "e");
    TP_CHECK_STREQ(find(t, 6), "twenty-four letters long");
    tp_task_name(4, 0, "new");
    TP_CHECK_STREQ(find(t, 4), "new");
    tp_task_name(0, 0, "idle");
    TP_CHECK_STREQ(find(t, 0), "idle");
    TP_CHECK_EQ(used(t, 4), 4);
    test_close(t);
}

/* Whatever trace had the same place before. */
TP_TEST(Names, NoneAreThereAtFirst)
{
    struct tp_trace *t = open_with(4);

    for (uint32_t id = 1; id <= 6; id++)
        tp_task_name(id, 0, "before");
    test_close(t);
    t = open_with(4);
    TP_CHECK_EQ(used(t, 4), 0);
    for (uint32_t id = 1; id <= 6; id++)
        TP_CHECK_STREQ(find(t, id), "");
    for (uint32_t id = 11; id <= 14; id++)
        tp_task_name(id, 0, "after");
    for (uint32_t id = 11; id <= 14; id++)
        TP_CHECK_STREQ(find(t, id), "after");
    test_close(t);
}

/* What has ended makes room, in any number and order, before what lives; until then its name stays. */
TP_TEST(Names, TheDeadGoBeforeTheLiving)
{
    struct tp_trace *t = open_with(5);

    for (uint32_t id = 1; id <= 5; id++)
        tp_task_name(id, 0, "old");
    tp_task_gone(4);
    tp_task_gone(2);
    tp_task_gone(77); /* unknown */
    TP_CHECK_STREQ(find(t, 4), "old");
    TP_CHECK_STREQ(find(t, 2), "old");
    tp_task_name(6, 0, "new");
    tp_task_name(7, 0, "new");
    TP_CHECK_STREQ(find(t, 4), "");
    TP_CHECK_STREQ(find(t, 2), "");
    for (uint32_t id = 1; id <= 7; id += 2)
        TP_CHECK_STREQ(find(t, id), id < 6 ? "old" : "new");
    tp_task_gone(3);
    tp_task_name(3, 0, "again"); /* lives: the next one to go is the oldest */
    tp_task_name(8, 0, "new");
    TP_CHECK_STREQ(find(t, 3), "again");
    TP_CHECK_STREQ(find(t, 1), "");
    TP_CHECK_EQ(used(t, 5), 5);
    test_close(t);
}

/* Numbers of entries with one set and with several, the sets alike and not; ids that follow each other,
 * and those of aligned pointers. */
TP_TEST(Names, ManyOfThem)
{
    static const uint32_t rooms[] = {1, 3, 7, 8, 13, 64, 100};
    static const uint32_t steps[] = {1, 64, 4096};

    for (unsigned k = 0; k < 7; k++)
        for (unsigned s = 0; s < 3; s++) {
            struct tp_trace *t = open_with(rooms[k]);
            uint32_t sure = rooms[k] < 8 ? rooms[k] : rooms[k] / 2;
            char text[17];

            for (uint32_t i = 0; i < 3000; i++) {
                snprintf(text, sizeof(text), "%u", i);
                tp_task_name(i * steps[s], 0, text);
                for (uint32_t back = 0; back < sure && back <= i; back++) {
                    snprintf(text, sizeof(text), "%u", i - back);
                    if (steps[s] == 1 && strcmp(find(t, (i - back) * steps[s]), text))
                        TP_FAIL_FATAL("%s of the last %u is not found", text, sure);
                }
                if (!*find(t, i * steps[s]))
                    TP_FAIL_FATAL("the last of %u is not found", i);
            }
            if (used(t, rooms[k]) * 2 < rooms[k])
                TP_FAIL("%u of %u entries are used", used(t, rooms[k]), rooms[k]);
            TP_CHECK_STREQ(find(t, 3000 * steps[s]), "");
            test_close(t);
        }
}

TP_TEST(Names, None)
{
    struct tp_trace *t = open_with(TP_TASKS_NONE);
    struct test_dump dump = {0};

    tp_task_name(7, 0, "seven");
    TP_CHECK_STREQ(find(t, 7), "");
    TP_CHECK_EQ(used(t, 0), 0);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(!test_chunk(&dump, TP_CHUNK_TASKS, 0));
    TP_CHECK(test_chunk(&dump, TP_CHUNK_DATA, 0)); /* it is among the records */
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Names, OfATraceThatIsOpenedLater)
{
    struct tp_trace *t = open_with(5), *later;
    struct tp_config c;
    struct tp_task task;

    for (uint32_t id = 1; id <= 3; id++)
        tp_task_name(id, 40 + id, "early");
    later = open_with(64);
    for (uint32_t id = 1; id <= 3; id++)
        TP_CHECK_STREQ(find(later, id), "early");
    tp_task_name(4, 0, "late");
    TP_CHECK_STREQ(find(t, 4), "late");
    TP_CHECK_STREQ(find(later, 4), "late");
    test_close(t);

    /* The table stays when the number of names does; with another one there is nobody to ask. */
    tp_trace_stop(later);
    TP_CHECK_EQ(tp_trace_config(later, &c), 0);
    c.subbufs = 2;
    c.mode = TP_OVERWRITE;
    TP_CHECK_EQ(tp_trace_configure(later, &c), 0);
    TP_CHECK_STREQ(find(later, 3), "early");
    for (uint32_t i = 0; i < 64; i++)
        if (tp_task_read(later, i, &task) && task.id == 3)
            TP_CHECK_EQ(task.group, 43);
    c.tasks = 32;
    TP_CHECK_EQ(tp_trace_configure(later, &c), 0);
    TP_CHECK_STREQ(find(later, 3), "");
    TP_CHECK_EQ(used(later, 32), 0);
    test_close(later);
}

/* As the writer has left it when it is interrupted in a change of entry 1, whose name is half
 * written. */
TP_TEST(Names, InTheMiddleOfAChange)
{
    struct tp_trace *t = open_with(4);
    struct tp_tasks *n = &t->tasks;
    struct tp_task task;

    tp_task_name(1, 0, "one");
    tp_task_name(2, 0, "before");
    n->kept = n->task[1];
    n->changing = 1;
    n->changes++;
    memcpy(n->task[1].name, "aftore", 6);
    TP_CHECK_STREQ(find(t, 1), "one");
    TP_CHECK_STREQ(find(t, 2), "before");
    TP_CHECK_STREQ(find(t, 3), "");
    TP_CHECK(tp_task_read(t, 1, &task));
    TP_CHECK_STREQ(task.name, "before");
    n->changes++;
    TP_CHECK_STREQ(find(t, 2), "aftore");
    test_close(t);
}

/* The pair that was told last, in each region and in the next chunk of each pipe. */
TP_TEST(Names, WallTime)
{
    struct tp_trace *t = open_with(4), *later;
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    for (unsigned i = 1; i <= 3; i++)
        TP_CHECK_EQ(tp_clock_set_wall(i * 1000000000000u), 0);
    later = open_with(4);
    test_drain(later, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_CLOCK, 0);
    TP_ASSERT(h);
    TP_CHECK_EQ(h->records, 1);
    TP_CHECK_EQ(((const struct tp_wire_clock *)(const void *)(h + 1))->wall_ns, 3000000000000u);
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_clock_set_wall(4000000000000u), 0);
    test_drain(later, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_CLOCK, 0);
    TP_ASSERT(h);
    TP_CHECK_EQ(((const struct tp_wire_clock *)(const void *)(h + 1))->wall_ns, 4000000000000u);
    test_dump_free(&dump);
    test_close(later);
    test_close(t);
}
