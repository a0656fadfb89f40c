/* SPDX-License-Identifier: MIT */
/* tp_test.cc - runs the tests of tp_test.h with GoogleTest; the only C++ here. */
#include "tp_test.h"

#include <gtest/gtest.h>

#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

/* What is freed is not given out again before 16 MiB more are free, instead of 256 MiB: no test frees so
 * much before it is over, and most of their time went into memory that was never used before. */
extern "C" const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16";
}

static struct tp_test *tp_test_list;
static jmp_buf tp_test_leave;

void tp_test_add(struct tp_test *test)
{
    struct tp_test **end = &tp_test_list;

    while (*end)
        end = &(*end)->next;
    *end = test;
}

static void tp_test_report(testing::TestPartResult::Type type, const char *file, int line,
                           const char *text)
{
    testing::internal::AssertHelper(type, file, line, text) = testing::Message();
}

void tp_test_fail(const char *file, int line, int fatal, const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    tp_test_report(fatal ? testing::TestPartResult::kFatalFailure
                         : testing::TestPartResult::kNonFatalFailure,
                   file, line, text);
    /* Tests are C: there is nothing to unwind between here and TestBody(). */
    if (fatal)
        longjmp(tp_test_leave, 1);
}

void tp_test_skip(const char *file, int line, const char *why)
{
    tp_test_report(testing::TestPartResult::kSkip, file, line, why);
    longjmp(tp_test_leave, 1);
}

void tp_test_true(const char *file, int line, int fatal, const char *text, int value)
{
    if (!value)
        tp_test_fail(file, line, fatal, "%s is false", text);
}

void tp_test_int(const char *file, int line, int fatal, const char *op, const char *a_text,
                 const char *b_text, uint64_t a, uint64_t b)
{
    bool good = op[0] == '=' ? a == b : op[0] == '!' ? a != b : op[0] == '<' ? a <= b : a >= b;

    if (!good)
        tp_test_fail(file, line, fatal, "%s %s %s\n  %s is %lld (0x%llx)\n  %s is %lld (0x%llx)",
                     a_text, op, b_text, a_text, static_cast<long long>(a),
                     static_cast<unsigned long long>(a), b_text, static_cast<long long>(b),
                     static_cast<unsigned long long>(b));
}

void tp_test_str(const char *file, int line, int fatal, const char *a_text, const char *b_text,
                 const char *a, const char *b)
{
    if (a == b || (a && b && strcmp(a, b) == 0))
        return;
    tp_test_fail(file, line, fatal, "%s == %s\n  %s is \"%.1500s\"\n  %s is \"%.1500s\"", a_text,
                 b_text, a_text, a ? a : "(NULL)", b_text, b ? b : "(NULL)");
}

void tp_test_mem(const char *file, int line, int fatal, const char *a_text, const char *b_text,
                 const void *a, const void *b, size_t n)
{
    const unsigned char *p = static_cast<const unsigned char *>(a),
                        *q = static_cast<const unsigned char *>(b);

    for (size_t i = 0; i < n; i++)
        if (p[i] != q[i]) {
            tp_test_fail(file, line, fatal,
                         "%s and %s differ at byte %zu of %zu: 0x%02x and 0x%02x", a_text, b_text,
                         i, n, p[i], q[i]);
            return;
        }
}

const char *tp_test_path(const char *path)
{
    static char text[4096];
    const char *top = getenv("TP_SRCDIR");

    snprintf(text, sizeof(text), "%s/%s", top ? top : ".", path);
    return text;
}

namespace
{

class CTest : public testing::Test
{
  public:
    explicit CTest(void (*run)()) : run_(run)
    {
    }

    void TestBody() override
    {
        if (setjmp(tp_test_leave) == 0)
            run_();
    }

  private:
    void (*run_)();
};

/* The Test Anything Protocol, for a harness that counts. */
class TapPrinter : public testing::EmptyTestEventListener
{
    void OnTestProgramStart(const testing::UnitTest &unit) override
    {
        printf("1..%d\n", unit.test_to_run_count());
        fflush(stdout);
    }

    void OnTestPartResult(const testing::TestPartResult &part) override
    {
        std::string text = part.message();

        if (part.skipped()) {
            skip_ = text;
            return;
        }
        if (!part.failed())
            return;
        for (size_t at; (at = text.find('\n')) != std::string::npos;)
            text.replace(at, 1, " /");
        notes_ += "# " + std::string(part.file_name() ? part.file_name() : "?") + ":" +
                  std::to_string(part.line_number()) + ": " + text + "\n";
    }

    void OnTestEnd(const testing::TestInfo &test) override
    {
        bool skipped = test.result()->Skipped();

        printf("%s %d - %s.%s%s%s\n%s", test.result()->Failed() ? "not ok" : "ok", ++number_,
               test.test_suite_name(), test.name(), skipped ? " # SKIP " : "",
               skipped ? skip_.c_str() : "", notes_.c_str());
        fflush(stdout);
        notes_.clear();
        skip_.clear();
    }

    int number_ = 0;
    std::string notes_, skip_;
};

} // namespace

int main(int argc, char **argv)
{
    const char *tap = getenv("TP_TAP");
    bool want_tap = tap && strcmp(tap, "1") == 0;
    int code;

    for (struct tp_test *t = tp_test_list; t; t = t->next) {
        void (*run)() = t->run;

        testing::RegisterTest(t->suite, t->name, nullptr, nullptr, t->file, t->line,
                              [run]() -> testing::Test * { return new CTest(run); });
    }
    testing::InitGoogleTest(&argc, argv);
    if (want_tap) {
        testing::TestEventListeners &all = testing::UnitTest::GetInstance()->listeners();

        delete all.Release(all.default_result_printer());
        all.Append(new TapPrinter);
    }
    code = RUN_ALL_TESTS();
    return want_tap ? 0 : code;
}
