/* SPDX-License-Identifier: MIT */
/* The table of names: what is found, and that all but the changed name are found in the middle of a
 * change, as who interrupts the writer sees it. */
#include "support.h"

#include "../../../engine/core/name.h"

#define ROOM 4u

static struct tp_wire_task task[ROOM];
static uint16_t next[ROOM];
static struct tp_names names;

static void begin(uint32_t room)
{
    memset(task, 0, sizeof(task));
    memset(next, 0, sizeof(next));
    names = (struct tp_names){.task = task, .next = next, .room = room};
}

static void set(uint32_t pid, const char *name)
{
    struct tp_wire_task t = {.pid = pid};

    memcpy(t.name, name, strlen(name));
    tp_names_set(&names, &t);
}

static const char *find(uint32_t pid)
{
    static char name[TP_TASK_NAME_BYTES + 1];

    memset(name, 'x', sizeof(name) - 1);
    tp_names_find(&names, pid, (uint8_t *)name);
    return name;
}

TP_TEST(Names, TheOldestGoes)
{
    begin(ROOM);
    TP_CHECK_STREQ(find(1), "");
    for (uint32_t pid = 1; pid <= 6; pid++)
        set(pid, (const char *[]){"a", "b", "c", "d", "e", "sixteen letters!"}[pid - 1]);
    TP_CHECK_STREQ(find(1), "");
    TP_CHECK_STREQ(find(2), "");
    TP_CHECK_STREQ(find(3), "c");
    TP_CHECK_STREQ(find(4), "d");
    TP_CHECK_STREQ(find(5), "e");
    TP_CHECK_STREQ(find(6), "sixteen letters!");
    set(4, "new");
    TP_CHECK_STREQ(find(4), "new");
    TP_CHECK_EQ(names.tasks, 4);
}

/* All in one list, and in several. */
TP_TEST(Names, ManyOfThem)
{
    char text[17];

    begin(ROOM);
    for (uint32_t pid = 0; pid < 100000; pid++) {
        snprintf(text, sizeof(text), "%u", pid * 7919);
        set(pid * 7919, text);
        for (uint32_t back = 0; back < ROOM && back <= pid; back++) {
            snprintf(text, sizeof(text), "%u", (pid - back) * 7919);
            if (strcmp(find((pid - back) * 7919), text))
                TP_FAIL_FATAL("%s is not found", text);
        }
        if (pid >= ROOM && *find((pid - ROOM) * 7919))
            TP_FAIL_FATAL("%u is still there", pid - ROOM);
    }
}

TP_TEST(Names, Resize)
{
    begin(ROOM);
    for (uint32_t pid = 1; pid <= 6; pid++)
        set(pid, (const char *[]){"a", "b", "c", "d", "e", "f"}[pid - 1]);
    tp_names_resize(&names, 3);
    TP_CHECK_EQ(names.tasks, 3);
    TP_CHECK_EQ(task[0].pid, 4);
    TP_CHECK_EQ(task[1].pid, 5);
    TP_CHECK_EQ(task[2].pid, 6);
    TP_CHECK_EQ(task[3].pid, 0);
    TP_CHECK_STREQ(find(3), "");
    TP_CHECK_STREQ(find(4), "d");
    TP_CHECK_STREQ(find(6), "f");
    set(7, "g");
    TP_CHECK_STREQ(find(4), "");
    TP_CHECK_STREQ(find(5), "e");
    tp_names_resize(&names, ROOM);
    set(8, "h");
    TP_CHECK_STREQ(find(5), "e");
    TP_CHECK_STREQ(find(8), "h");
    begin(0);
    set(1, "a");
    TP_CHECK_STREQ(find(1), "");
}

/* As the writer has left it when it is interrupted in a change of entry 1, whose name is half
 * written. */
TP_TEST(Names, InTheMiddleOfAChange)
{
    begin(ROOM);
    set(1, "one");
    set(2, "before");
    names.kept = task[1];
    names.changing = 1;
    names.changes++;
    memcpy(task[1].name, "aftore", 6);
    TP_CHECK_STREQ(find(1), "one");
    TP_CHECK_STREQ(find(2), "before");
    TP_CHECK_STREQ(find(3), "");
    names.changing = TP_NAME_NONE;
    TP_CHECK_STREQ(find(2), "aftore");
    names.changing = TP_NAME_ALL; /* nothing is known, and the search ends */
    TP_CHECK_STREQ(find(1), "");
    names.changes++;
    TP_CHECK_STREQ(find(1), "one");
}
