/* SPDX-License-Identifier: MIT */
/*
 * tp_test.h - tests in C, run by GoogleTest.
 *
 *     TP_TEST(Ring, WrapsAround)
 *     {
 *         TP_CHECK_EQ(ring_size(r), 4);     the test goes on if it fails
 *         TP_ASSERT(r != NULL);             the test ends if it fails
 *     }
 *
 * Tests register themselves before main(), which is in tp_test.cc. With
 * TP_TAP=1 in the environment the output is TAP and the exit code is 0.
 */
#ifndef TP_TEST_H
#define TP_TEST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tp_test {
    const char *suite, *name, *file;
    int line;
    void (*run)(void);
    struct tp_test *next;
};

void tp_test_add(struct tp_test *test);
/* Reports a failure; if fatal, leaves the test and does not come back. */
void tp_test_fail(const char *file, int line, int fatal, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Leaves the test, which then counts as skipped. */
void tp_test_skip(const char *file, int line, const char *why) __attribute__((noreturn));

void tp_test_true(const char *file, int line, int fatal, const char *text, int value);
void tp_test_int(const char *file, int line, int fatal, const char *op, const char *a_text,
                 const char *b_text, uint64_t a, uint64_t b);
/* NULL equals only NULL. */
void tp_test_str(const char *file, int line, int fatal, const char *a_text, const char *b_text,
                 const char *a, const char *b);
void tp_test_mem(const char *file, int line, int fatal, const char *a_text, const char *b_text,
                 const void *a, const void *b, size_t n);

/* A file of the source tree: $TP_SRCDIR/path, in a static buffer. */
const char *tp_test_path(const char *path);

#ifdef __cplusplus
}
#endif

#define TP_TEST(suite_, name_)                                                                     \
    static void tp_test_run_##suite_##_##name_(void);                                              \
    __attribute__((constructor)) static void tp_test_add_##suite_##_##name_(void)                  \
    {                                                                                              \
        static struct tp_test test = {                                                             \
            #suite_, #name_, __FILE__, __LINE__, tp_test_run_##suite_##_##name_, NULL};            \
        tp_test_add(&test);                                                                        \
    }                                                                                              \
    static void tp_test_run_##suite_##_##name_(void)

#define TP_CHECK(cond) tp_test_true(__FILE__, __LINE__, 0, #cond, !!(cond))
#define TP_ASSERT(cond) tp_test_true(__FILE__, __LINE__, 1, #cond, !!(cond))

/* Integers, compared as 64 bits: mind the sign of what is negative. */
#define TP_TEST_INT(fatal, op, a, b)                                                               \
    tp_test_int(__FILE__, __LINE__, fatal, op, #a, #b, (uint64_t)(a), (uint64_t)(b))
#define TP_CHECK_EQ(a, b) TP_TEST_INT(0, "==", a, b)
#define TP_CHECK_NE(a, b) TP_TEST_INT(0, "!=", a, b)
#define TP_CHECK_LE(a, b) TP_TEST_INT(0, "<=", a, b) /* unsigned */
#define TP_CHECK_GE(a, b) TP_TEST_INT(0, ">=", a, b) /* unsigned */
#define TP_ASSERT_EQ(a, b) TP_TEST_INT(1, "==", a, b)
#define TP_ASSERT_NE(a, b) TP_TEST_INT(1, "!=", a, b)

#define TP_CHECK_STREQ(a, b) tp_test_str(__FILE__, __LINE__, 0, #a, #b, a, b)
#define TP_ASSERT_STREQ(a, b) tp_test_str(__FILE__, __LINE__, 1, #a, #b, a, b)
#define TP_CHECK_MEMEQ(a, b, n) tp_test_mem(__FILE__, __LINE__, 0, #a, #b, a, b, n)
#define TP_ASSERT_MEMEQ(a, b, n) tp_test_mem(__FILE__, __LINE__, 1, #a, #b, a, b, n)

#define TP_FAIL(...) tp_test_fail(__FILE__, __LINE__, 0, __VA_ARGS__)
#define TP_FAIL_FATAL(...) tp_test_fail(__FILE__, __LINE__, 1, __VA_ARGS__)
#define TP_SKIP(why) tp_test_skip(__FILE__, __LINE__, why)

#endif
