#!/bin/sh
# SPDX-License-Identifier: MIT
# What must not compile, does not: the compiler names the user's line, and the
# message is the one a user can act on. In each snippet a line with `-` in front
# is wrong and the one with `+` is its correct form; everything else is common.
# The correct form is compiled first, so that a refusal means something.
. "$(dirname "$0")/../../lib/tap.sh"

# What a user needs for the compiler to refuse, and not only to warn. gcc 14 and
# C++ do without the second line.
flags="-Wall -Werror=format -Werror=format-extra-args
       -Werror=int-conversion -Werror=incompatible-pointer-types"

include_as=-I
place=line # of the first error; `header`: it is an #error, and the line is that of the #include

# COMPILER NAME PATTERN: the snippet is in $tmp/NAME.txt
attempt()
{
    compiler=$1 pattern=$3 dir=$(mktemp -d "$tmp/case.XXXXXX")
    need "$compiler"
    case $compiler in
    *++) flags="-Wall -Werror=format -x c++ -std=gnu++17" ;;
    *) flags="$flags -x c -std=gnu11" ;;
    esac
    cd "$dir" || exit 1
    sed '/^-/d; s/^+//' "$tmp/$2.txt" >good.c
    sed '/^+/d; s/^-//' "$tmp/$2.txt" >bad.c
    line=$(sed '/^+/d' "$tmp/$2.txt" | grep -n '^-' | tail -n 1 | cut -d: -f1)
    # shellcheck disable=SC2086
    set -- $flags $include_as "$include" -O2 -c -o /dev/null
    "$compiler" "$@" good.c || { echo "the correct form is refused"; exit 1; }
    "$compiler" "$@" bad.c >errors 2>&1 && { cat errors; echo "accepted"; exit 1; }
    # The first error is what a user reads: it is at the line that is wrong, and says why.
    if [ "$place" = line ]; then
        grep -m 1 -E "(error|warning): " errors >first
    else
        grep -q "bad.c:$line" errors && cp errors first || : >first
    fi
    grep -q "bad.c:${line}[:,]" first || { cat errors; echo "line $line is not named first"; exit 1; }
    grep -Eq "error: .*($pattern)" first || { cat errors; echo "no first message like: $pattern"; exit 1; }
}

# NAME PATTERN [COMPILER...] <SNIPPET
refused()
{
    number=$((${number:-0} + 1))
    cat >"$tmp/$number.txt"
    refused_name=$1 refused_pattern=$2
    shift 2
    [ $# -gt 0 ] || set -- gcc clang
    for compiler; do
        check "$compiler: $refused_name" attempt "$compiler" $number "$refused_pattern"
    done
}

# One event, correct and wrong: NAME PATTERN CORRECT WRONG, the arguments of TP_EVENT.
event()
{
    refused "$1" "$2" <<END
#define TP_PORT_HEADER "$compile/port.h"
#define TP_CREATE
#include <tp/event.h>
TP_EVENT(test, before, "%u", u32 x)
+TP_EVENT(test, it, $3)
-TP_EVENT(test, it, $4)
TP_EVENT(test, after, "%s", str x)
END
}

# The same where events are only declared.
declared()
{
    refused "$1, declared only" "$2" <<END
#include <tp/event.h>
+TP_EVENT(test, it, $3)
-TP_EVENT(test, it, $4)
TP_EVENT(test, after, "%s", str x)
END
}

# A statement, in a function that has u32 n, a pointer p, a text s and a double d.
statement()
{
    case_name=$1 case_pattern=$2 good=$3 wrong=$4
    shift 4
    refused "$case_name" "$case_pattern" "$@" <<END
#include <tp/event.h>
TP_EVENT(test, number, "%u", u32 n)
TP_EVENT(test, text, "%d %s", s32 n, str t)
TP_EVENT(test, raw, "%x %u", bytes b, arr(u32, 2) a)
void f(uint32_t n, const void *p, const char *s, double d, const uint64_t *q, struct tp_name st);
void f(uint32_t n, const void *p, const char *s, double d, const uint64_t *q, struct tp_name st)
{
    static const uint32_t two[2] = {1, 2};
+   $good
-   $wrong
    (void)n, (void)p, (void)s, (void)d, (void)q, (void)st, (void)two;
}
END
}

kind='expects|specifies'
event "%s for u32" "$kind" '"%u", u32 x' '"%s", u32 x'
event "%u for str" "$kind" '"%s", str x' '"%u", str x'
event "%lu for u64" "$kind" '"%llu", u64 x' '"%lu", u64 x'
event "%u for u64" "$kind" '"%llu", u64 x' '"%u", u64 x'
event "%s for s32" "$kind" '"%d", s32 x' '"%s", s32 x'
event "%u for ptr" "$kind" '"%p", ptr x' '"%u", ptr x'
event "%s for bytes" "$kind" '"%x", bytes x' '"%s", bytes x'
event "%u for arr(char)" "$kind" '"%s", arr(char, 4) x' '"%u", arr(char, 4) x'
event "%u for arr(u64)" "$kind" '"%llu", arr(u64, 4) x' '"%u", arr(u64, 4) x'
one="tracepoint: a format has one conversion"
event "more conversions than fields" "$one" '"%u", u32 x' '"%u %u", u32 x'
event "conversion without a field" "$one" '"none"' '"%u"'
event "more fields than conversions" "$one" '"%u", u32 x' '"%u", u32 x, u32 y'
event "format that is no literal" "tracepoint: the format" '"%u", u32 x' 'format, u32 x'
event "format missing" "tracepoint: the format" '"%u", u32 x' 'u32 x'
event "format empty" "tracepoint: the format" '"%u", u32 x' ', u32 x'
event "nothing after the name" "tracepoint: the format" '"none"' ''
event "field without a name" "tracepoint: a field without a name" '"%u", u32 x' '"%u", u32'
event "str without a name" "tracepoint: a field without a name" '"%s", str x' '"%s", str'
event "keyword as a name" "tracepoint: the name of a field is a keyword of C: default" '"%u", u32 x' '"%u", u32 default'
event "type as a name" "tracepoint: the name of a field is a keyword of C: int" '"%u", u32 x' '"%u", u32 int'
event "comma forgotten between fields" "tracepoint: a field is TYPE NAME, with a comma" '"%u %u", u32 x, u32 y' '"%u %u", u32 x u32 y'
event "comma forgotten after the format" "expected" '"%u", u32 x' '"%u" u32 x'
event "array as in C" "tracepoint: a field is TYPE NAME" '"%u", arr(u32, 4) x' '"%u", u32 x[4]'
event "pointer as in C" "_RESERVED_" '"%p", ptr x' '"%p", u32 *x'
event "%pS" "tracepoint: %pS" '"%p", ptr x' '"%pS", ptr x'
event "%pI4 among others" "tracepoint: %pS" '"%u %s %% %p", u32 x, str y, ptr z' '"%u %s %% %pI4", u32 x, str y, ptr z'
event "%px as the sixteenth" "tracepoint: %pS" '"%u%u%u%u%u%u%u%u%u%u%u%u%u%u%u%p", u8 a, u8 b, u8 c, u8 d, u8 e, u8 f, u8 g, u8 h, u8 i, u8 j, u8 k, u8 l, u8 m, u8 n, u8 o, ptr p' \
    '"%u%u%u%u%u%u%u%u%u%u%u%u%u%u%u%px", u8 a, u8 b, u8 c, u8 d, u8 e, u8 f, u8 g, u8 h, u8 i, u8 j, u8 k, u8 l, u8 m, u8 n, u8 o, ptr p'
event "float" "tracepoint: floating point" '"%u", u32 x' '"%f", float x'
event "double" "tracepoint: floating point" '"%u", u32 x' '"%f", double x'
event "unknown type foo" "tracepoint: unknown field type" '"%u", u32 x' '"%u", foo x'
event "unknown type unsigned long" "tracepoint: unknown field type" '"%u", u32 x' '"%lu", unsigned long x'
event "unknown type struct" "tracepoint: unknown field type" '"%u", u32 x' '"%u", struct foo x'
event "pointer type" "tracepoint: unknown field type" '"%p", ptr x' '"%p", void *x'
event "field without a type" "tracepoint: unknown field type" '"%u", u32 x' '"%u", x'
event "trailing comma" "tracepoint: unknown field type" '"%u", u32 x' '"%u", u32 x,'
event "two fields of a name" "duplicate|redefinition|redeclar" '"%u %u", u32 x, u32 y' '"%u %u", u32 x, u32 x'
event "str limit of 0" "tracepoint: limit of a str" '"%s", str(1) x' '"%s", str(0) x'
event "str limit too large" "tracepoint: limit of a str" '"%s", str(32000) x' '"%s", str(32001) x'
event "bytes limit too large" "tracepoint: limit of a bytes" '"%x", bytes(32000) x' '"%x", bytes(32001) x'
event "array too large" "tracepoint: fields too long" '"%u", arr(u32, 8000) x' '"%u", arr(u32, 8001) x'
event "array of text" "tracepoint: arr takes" '"%u", arr(u32, 2) x' '"%s", arr(str, 2) x'
event "enum without a table" "tp_table_nothing" '"%d", s32 x' '"%s", enum(nothing) x'

# Compilers are silent about what they think happens in a system's header.
include_as=-isystem
event "%s for u32, tp/ among the system's headers" "$kind" '"%u", u32 x' '"%s", u32 x'
event "more conversions, tp/ among the system's headers" "$one" '"%u", u32 x' '"%u %u", u32 x'
event "float, tp/ among the system's headers" "tracepoint: floating point" '"%u", u32 x' '"%f", float x'
statement "printk: wrong conversion, tp/ among the system's headers" "$kind" 'tp_printk("%u", n);' 'tp_printk("%s", n);'
include_as=-I

f8='"%u%u%u%u%u%u%u%u'
u15='u8 a, u8 b, u8 c, u8 d, u8 e, u8 f, u8 g, u8 h, u8 i, u8 j, u8 k, u8 l, u8 m, u8 n, u8 o'
event "17 fields" "tracepoint: an event has at most 16 fields" \
    "$f8${f8#?}\", $u15, u8 p" "$f8${f8#?}%u\", $u15, u8 p, u8 q"
event "20 fields" "tracepoint: an event has at most 16 fields" \
    "$f8${f8#?}\", $u15, u8 p" "$f8${f8#?}%u%u%u%u\", $u15, u8 p, u8 q, u8 r, u8 s, u8 t"
event "40 fields" "tracepoint: an event has at most 16 fields" \
    "$f8${f8#?}\", $u15, u8 p" "$f8${f8#?}%u\", $u15, u8 p, u8 q, $u15, $u15"
declared "17 fields" "tracepoint: an event has at most 16 fields" \
    "$f8${f8#?}\", $u15, u8 p" "$f8${f8#?}%u\", $u15, u8 p, u8 q"
declared "float" "tracepoint: floating point" '"%u", u32 x' '"%f", float x'
declared "unknown type" "tracepoint: unknown field type" '"%u", u32 x' '"%u", foo x'

text=$(printf '%1023s' x)
event "format too long" "tracepoint: format too long" "\"$text\"" "\"$text.\""
refused "name too long" "tracepoint: name too long" <<END
#include <tp/event.h>
+TP_EVENT(a, $(printf '%124s' x | tr ' ' b), "")
-TP_EVENT(a, $(printf '%127s' x | tr ' ' b), "")
END
refused "event of a name that is taken" "redefinition of .trace_test_it" <<END
#define TP_PORT_HEADER "$compile/port.h"
#define TP_CREATE
#include <tp/event.h>
TP_EVENT(test, it, "%u", u32 x)
+TP_EVENT(test, other, "%u", u32 x)
-TP_EVENT(test, it, "%u", u32 x)
END

statement "pointer for u32" "integer|conversion" 'trace_test_number(n);' 'trace_test_number(p);'
statement "number for str" "pointer|conversion" 'trace_test_text(1, s);' 'trace_test_text(1, n);'
statement "struct for u32" "incompatible" 'trace_test_number(n);' 'trace_test_number(st);'
statement "too few arguments" "too few arguments" 'trace_test_text(1, s);' 'trace_test_text(1);'
statement "too many arguments" "too many arguments" 'trace_test_number(n);' 'trace_test_number(n, n);'
statement "bytes without a length" "too few arguments|integer" 'trace_test_raw(p, 2, two);' 'trace_test_raw(p, two);'
statement "arr of another type" "incompatible" 'trace_test_raw(p, 2, two);' 'trace_test_raw(p, 2, q);'
statement "no such event" "implicit|undeclared" 'trace_test_number(n);' '(void)&trace_test_nothing;'
statement "pointer for u32 in C++" "conversion|no matching" 'trace_test_number(n);' 'trace_test_number(p);' g++ clang++
statement "too few arguments in C++" "too few|no matching" 'trace_test_text(1, s);' 'trace_test_text(1);' g++ clang++

statement "printk: wrong conversion" "$kind" 'tp_printk("%u", n);' 'tp_printk("%s", n);'
statement "printk: %s for a pointer" "$kind" 'tp_printk("%p", p);' 'tp_printk("%s", q);'
statement "printk: more conversions" "$one" 'tp_printk("%u", n);' 'tp_printk("%u %u", n);'
statement "printk: more arguments" "$one" 'tp_printk("%u", n);' 'tp_printk("%u", n, n);'
statement "printk: floating point" "tracepoint: tp_printk records no floating point" 'tp_printk("%u", n);' 'tp_printk("%f", d);'
statement "printk: struct" "incompatible" 'tp_printk("%u", n);' 'tp_printk("%u", st);'
statement "printk: %pS" "tracepoint: %pS" 'tp_printk("%p", p);' 'tp_printk("%pS", p);'
statement "printk: no literal" "tracepoint: the format" 'tp_printk("%s", s);' 'tp_printk(s);'
statement "printk: 17 arguments" "tracepoint: .*at most 16 arguments" 'tp_printk("16 %u%u%u%u%u%u%u%u%u%u%u%u%u%u%u%u", n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n);' \
    'tp_printk("17 %u%u%u%u%u%u%u%u%u%u%u%u%u%u%u%u%u", n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n);'

place=header
refused "TP_CREATE in C++" "tracepoint: events are created in a C file" g++ clang++ <<END
+#include <tp/event.h>
-#define TP_CREATE
-#include <tp/event.h>
END

# The port: TP_PORT_HEADER missing, and a port that lacks one of the calls.
refused "no port" "tracepoint: define TP_PORT_HEADER" <<END
+#define TP_PORT_HEADER "$compile/port.h"
+#include <tp/port.h>
-#include <tp/port.h>
END
for call in tp_port_cpu tp_port_clock tp_port_clock_hz; do
    sed "/define $call /,/^}/d" "$compile/port.h" >"$tmp/without_$call.h"
    refused "port without $call" "tracepoint: the port must define $call\\(\\)" <<END
+#define TP_PORT_HEADER "$compile/port.h"
+#include <tp/port.h>
-#define TP_PORT_HEADER "$tmp/without_$call.h"
-#include <tp/port.h>
END
done

refused "TP_PATCH without tp_port_patch" "tracepoint: with TP_PATCH the port must define tp_port_patch\\(\\)" <<END
#define TP_PORT_HEADER "$compile/port.h"
#define TP_PATCH
+#define TP_STUB_PATCH
+#include <tp/port.h>
-#include <tp/port.h>
END
refused "TP_PATCH elsewhere" "tracepoint: TP_PATCH is for" i686-linux-gnu-gcc <<END
+#include <tp/event.h>
#define TP_PATCH
-#include <tp/inner/patch.h>
END

# A counter that is too narrow, or wide enough for a clock.
for bits in 8 40; do
    refused "clock of $bits bits" "tracepoint: tp_port_clock_bits is 16 to 32" <<END
#define TP_PORT_HEADER "$compile/port.h"
+#define TP_STUB_BITS 24
+#include <tp/port.h>
-#define TP_STUB_BITS $bits
-#include <tp/port.h>
END
done
# This compiler's default is ARMv4, without compare-and-swap.
refused "no atomic word and no tp_port_mask" "tracepoint: this processor has no atomic word" arm-none-eabi-gcc <<END
#define TP_PORT_HEADER "$compile/port.h"
+#define TP_STUB_MASK
+#include <tp/inner/ring.h>
-#include <tp/inner/ring.h>
END
finish
