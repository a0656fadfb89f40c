#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public header compiles alone, and twice, under strict warnings; so does the example that it
# opens with. Those that C++ may include do, and C++ fires events that a C file created.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-Wall -Wextra -Wconversion -Wshadow -pedantic -Werror -DTP_SHOW_WARNINGS"

# HEADER COMPILER...
alone()
{
    header=$1 out=$(mktemp -d "$tmp/alone.XXXXXX")
    shift
    need "$1"
    case $header in
    tp/port.h | tp/inner/given.h | tp/inner/ring.h | tp/inner/create.h) set -- "$@" "$port" ;; # the others must do without
    tp/inner/clock.h) set -- "$@" -Dtp_port_clock_bits=24 "-Dtp_port_counter()=0u" ;; # of which it is part
    esac
    # What it lacks when it is first is missing here too.
    printf '#include <%s>\n#include <%s>\ntypedef int not_empty;\n' "$header" "$header" >"$out/twice.c"
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings -c "$out/twice.c" -o "$out/twice.o"
}

# What the macros expand to, in the user's files, is as clean.
strict()
{
    need "$1"
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings -O2 -c "$compile/fire.c" -o "$tmp/fire.o" &&
        "$@" -I"$include" $warnings "$port" -O2 -c "$compile/create.c" -o "$tmp/create.o"
}

# A kernel whose u8 .. s64 are macros, and that has trace_* functions of its own.
taken()
{
    need "$1"
    out=$(mktemp -d "$tmp/taken.XXXXXX")
    cd "$out" || exit 1
    cat >taken.c <<END
#define u8 uint8_t
#define u16 uint16_t
#define u32 uint32_t
#define u64 uint64_t
#define s8 int8_t
#define s16 int16_t
#define s32 int32_t
#define s64 int64_t
#define TP_PREFIX my
#define TP_CREATE
#include "$compile/events.h"
int trace_all_none(int n);
int trace_all_none(int n)
{
    my_all_none();
    my_sched_switch(1, 2, "text");
    return my_all_none_enabled() ? n : 0;
}
END
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings "$port" -c taken.c
}

# The kernel's header may have the name of ours.
shadowed()
{
    need "$1"
    cd "$(mktemp -d "$tmp/shadowed.XXXXXX")" || exit 1
    cp "$compile/port.h" port.h || exit 1
    "$@" -I"$include" -I. -Wall -Wextra -Werror '-DTP_PORT_HEADER="port.h"' -c "$compile/create.c"
}

# STANDARD C++-COMPILER C-COMPILER
plusplus()
{
    out=$(mktemp -d "$tmp/cxx.XXXXXX")
    need "$2" "$3"
    cxx="$2 -std=$1 -O2 -I$include -Wall -Wextra -Werror"
    for header in tp/wire.h tp/trace.h tp/event.h tp/control.h tp/filter.h tp/fn.h tp/linux.h tp/module.h tp/tree.h tpdecode.h; do
        printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$out/alone.cc"
        # shellcheck disable=SC2086
        $cxx -Wconversion -Wshadow -Wold-style-cast -pedantic -c "$out/alone.cc" -o "$out/alone.o" || exit 1
    done
    cd "$out" || exit 1
    # shellcheck disable=SC2086
    $cxx -c "$compile/cplusplus.cc" &&
        "$3" -std=gnu11 -O1 -I"$include" "$port" -c "$compile/create.c" $engine &&
        "$2" ./*.o -o program && ./program || { echo "exit code $?"; exit 1; }
}

# HEADER: its example, the first indented block of its opening comment, into ./example; a line
# "// x.h: ..." puts what follows into ./x.h.
example_of()
{
    awk '
        /^#/ || (begun && /^ \* [^ ]/) { exit }
        !/^ \*     / { if (begun) print "" >out; next }
        !begun { begun = 1; out = "example" }
        { line = substr($0, 8) }
        line ~ /^\/\/ [a-z_]+\.[ch]:/ { split(line, word, /[ :]/); out = word[2]; print "" >out }
        { print line >out }' "$1"
}

# What an example takes from its kernel.
around_example()
{
    case $1 in
    tp/control.h) echo '#include <tp/event.h>
        TP_EVENT(sched, switch, "%u", u32 prev)
        extern uint32_t cpus; extern struct tp_trace *trace; extern void *data;
        void on_switch(void *data, uint32_t prev);' ;;
    tp/event.h) echo '#include <stdint.h>
        struct task { uint32_t pid; const char *comm; };
        unsigned this_cpu(void); void count_switches_of(struct task *t);
        void switch_to(struct task *prev, struct task *next);' ;;
    tp/filter.h) echo '#include <string.h>
        extern struct tp_filter program[9]; extern const char *text; extern char line[99];
        extern struct tp_filter_schema schema; extern struct tp_filter_value values[TP_FILTER_VALUES];
        void record(void);' ;;
    tp/linux.h) echo 'extern char out[99]; uint64_t context(void); void perf_output(void *, size_t);
        void on_record(void *, const struct tp_event *, uint64_t, const void *, uint32_t);
        #define data data __attribute__((unused))
        #define time time __attribute__((unused))' ;;
    tp/module.h) echo 'struct module { struct tp_event *const *events_start, *const *events_stop; };
        int load(struct module *m); void unload(struct module *m); void yield(void);
        void wait_until_no_context_is_in(struct module *m); void free_memory_of(struct module *m);' ;;
    tp/port.h) echo '#include <stdint.h>
        struct cpu { uint32_t number; }; struct cpu *this_cpu(void);
        uint64_t read_cycle_counter(void); extern uint64_t cycle_counter_hz;' ;;
    tp/trace.h) echo 'extern char buffer[99]; void uart_write(const char *, size_t);' ;;
    tp/tree.h) echo 'extern uint64_t offset; extern char buffer[99]; extern long n;' ;;
    tp/wire.h) echo '#include <string.h>
        extern const uint8_t *bytes, *payload;' ;;
    esac
}

# HEADER: files to be compiled of its example, in this folder, and sets $options
complete_example()
{
    options=
    echo "#include <$1>" >around.h
    around_example "$1" >>around.h
    case $1 in
    tp/control.h | tp/filter.h | tp/trace.h | tp/tree.h | tp/wire.h) # statements
        { printf 'void example(void);\nvoid example(void)\n{\n'; grep -v '^\.\.\.$' example; echo '}'; } >example.c ;;
    tp/event.h)
        echo >around.h # it is complete but for the kernel
        { around_example "$1"; cat sched.c; } >fire.c
        mv fire.c sched.c
        options=$port ;;
    tp/knobs.h)
        options="$port $(sed -n 's/^CFLAGS += //p' example)"
        [ "$options" != "$port " ] && echo "#include \"$compile/create.c\"" >example.c ;;
    tp/port.h)
        options='-DTP_PORT_HEADER="my_port.h"'
        around_example "$1" >around.h
        # below tp/event.h compilers take a port for a system's header, and warn of nothing
        printf '#include <tp/port.h>\n#include "%s/create.c"\n' "$compile" >example.c ;;
    tpdecode.h) sed '/^cc /d' example >example.c ;; # how it is compiled: tests/decoder/library.sh
    *) cp example example.c ;;
    esac
}

# HEADER COMPILER...: the header is below $root
example_compiles()
{
    root=${root:-$include} header=$1
    shift
    need "$1"
    cd "$(mktemp -d "$tmp/example.XXXXXX")" || exit 1
    example_of "$root/$header"
    [ -n "$(ls)" ] || { echo "no example"; exit 1; }
    complete_example "$header" || exit 1
    # shellcheck disable=SC2086
    "$@" -I"$root" -I. -include around.h $options -Wall -Wextra -Werror -c ./*.c
}

# HEADER OLD NEW: with NEW in its example it is refused
example_notices()
{
    need gcc
    root=$(mktemp -d "$tmp/root.XXXXXX")
    cp -R "$include/." "$root" || exit 1
    sed "1,/^#/s/^ \*     \(.*\)$2/ *     \1$3/" "$include/$1" >"$root/$1"
    ! cmp -s "$include/$1" "$root/$1" || { echo "no such text: $2"; exit 1; }
    if (example_compiles "$1" gcc -std=gnu11) >"$root/said" 2>&1; then echo "accepted: $3"; exit 1; fi
    grep -q "$4" "$root/said" || { cat "$root/said"; exit 1; }
}

for path in "$include"/tp/*.h "$include"/tp/inner/*.h "$include"/*.h; do
    header=${path#"$include/"}
    for compiler in gcc clang; do
        check "$compiler $header alone" alone "$header" $compiler -std=gnu11
    done
done
for path in "$include"/tp/*.h "$include"/*.h; do
    header=${path#"$include/"}
    for compiler in gcc clang; do
        check "$compiler $header: its example" example_compiles "$header" $compiler -std=gnu11
    done
done
while read -r header old new said; do
    check "$header: $new in its example is noticed" example_notices "$header" "$old" "$new" "$said"
done <<END
tp/control.h tp_sample_set tp_sample_sat tp_sample_sat
tp/event.h next=%u next=%s format
tp/filter.h tp_filter_explain tp_filter_explains tp_filter_explains
tp/knobs.h STR_MAX=63 STR_MAX=32001 limit
tp/linux.h tp_linux_record tp_linux_records tp_linux_records
tp/module.h tp_events_add tp_events_adds tp_events_adds
tp/port.h clock(void) clocks(void) tp_port_clock
tp/trace.h tp_pipe_read tp_pipe_reads tp_pipe_reads
tp/tree.h tp_tree_read tp_tree_reads tp_tree_reads
tp/version.h #endif #end unterminated
tp/wire.h h.major h.majors majors
tpdecode.h tp_dump_next tp_dump_nexts tp_dump_nexts
END
check "gcc events, strict" strict gcc -std=gnu11
check "clang events, strict" strict clang -std=gnu11
check "gcc events, strict, TP_PATCH" strict gcc -std=gnu11 -DTP_PATCH -DTP_STUB_PATCH
check "clang events, strict, TP_PATCH" strict clang -std=gnu11 -DTP_PATCH -DTP_STUB_PATCH
for compiler in gcc clang; do
    check "$compiler: names that the kernel has taken" taken $compiler -std=gnu11
    check "$compiler: a port header named port.h" shadowed $compiler -std=gnu11
done
for standard in gnu++11 gnu++17 gnu++20; do
    check "g++ $standard" plusplus $standard g++ gcc
    check "clang++ $standard" plusplus $standard clang++ clang
done
finish
