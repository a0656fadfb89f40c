#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine by build systems of other people: CMake itself; Zephyr and ESP-IDF by functions of our own that
# are like theirs; PlatformIO by the list of files.
. "$(dirname "$0")/../../lib/tap.sh"
build=${TP_BUILDDIR:-.}
tpdecode=$(cd "$build" && pwd)/tpdecode
. "$here/../alone/decoded.sh"
unset MAKEFLAGS MAKELEVEL
command -v cmake >/dev/null || { echo "Bail out! needs cmake: install cmake"; exit 99; }

# A project for recorder.c, with lines of its own.
project()
{
    cd "$(mktemp -d "$tmp/cmake.XXXXXX")" || exit 1
    cp "$here/../alone/port.h" kernel_port.h
    {
        printf 'cmake_minimum_required(VERSION 3.13)\nproject(kernel C)\ninclude_directories(.)\n'
        cat
    } >CMakeLists.txt
}

made()
{
    cmake -S . -B out "$@" >log 2>&1 && cmake --build out >>log 2>&1 || { tail -n 20 log; exit 1; }
}

# TARGET NAMES ARGUMENT...: recorder.c with this target records, and is decoded.
target()
{
    project <<END
set(TP_PORT_HEADER kernel_port.h)
add_subdirectory($srcdir/engine tracepoint)
add_executable(recorder $srcdir/tests/engine/alone/recorder.c)
target_compile_options(recorder PRIVATE -std=gnu11 -O2 -Wall -Wextra -Werror ${2:+-D$2})
target_link_libraries(recorder PRIVATE tracepoint::$1)
END
    names=$2
    shift 2
    made "$@"
    ./out/recorder && decoded "$names"
}

fetched()
{
    project <<END
set(TP_PORT_HEADER kernel_port.h)
include(FetchContent)
FetchContent_Declare(tracepoint SOURCE_DIR $srcdir SOURCE_SUBDIR engine)
FetchContent_MakeAvailable(tracepoint)
add_executable(recorder $srcdir/tests/engine/alone/recorder.c)
target_link_libraries(recorder PRIVATE tracepoint::core)
END
    made
    ./out/recorder && decoded ""
}

# ARGUMENT TEXT: is refused with it.
refused()
{
    project <<END
add_subdirectory($srcdir/engine tracepoint)
END
    ! cmake -S . -B out "$1" >log 2>&1 && grep -q "$2" log || { cat log; exit 1; }
}

# Each list is what tp.mk makes of it.
lists()
{
    project <<END
set(TP_PORT_HEADER kernel_port.h)
add_subdirectory($srcdir/engine tracepoint)
foreach(name core engine)
    get_target_property(files tracepoint_\${name} INTERFACE_SOURCES)
    list(SORT files)
    list(JOIN files "\\n" text)
    file(WRITE \${name} "\${text}\\n")
endforeach()
END
    cmake -S . -B out >log 2>&1 || { cat log; exit 1; }
    for pair in core:TP_CORE_ALONE engine:TP_SOURCES; do
        printf 'include %s/engine/tp.mk\nall:\n\t@printf "%%s\\n" $(%s)\n' "$srcdir" "${pair#*:}" >list.mk
        make -s -f list.mk | LC_ALL=C sort | diff "${pair%:*}" - || exit 1
    done
}

# An image with a linker script of its own has the events between the symbols, and keeps them.
script()
{
    project <<END
set(TP_PORT_HEADER kernel_port.h)
add_subdirectory($srcdir/engine tracepoint)
add_executable(image image.c)
target_link_libraries(image PRIVATE tracepoint::core)
target_compile_options(image PRIVATE -ffreestanding -fno-pic -ffunction-sections -fno-stack-protector)
target_link_options(image PRIVATE -nostdlib -static -no-pie -Wl,--gc-sections,-T,\${CMAKE_SOURCE_DIR}/image.ld)
END
    cat >image.c <<'END'
#define TP_CREATE
#include <tp/event.h>
#include <tp/trace.h>
TP_EVENT(a, one, "n=%u", u32 n)
TP_EVENT(a, two, "n=%u", u32 n)
uint64_t alone_clock;
void *memcpy(void *to, const void *from, size_t n) { (void)from; (void)n; return to; }
void *memmove(void *to, const void *from, size_t n) { (void)from; (void)n; return to; }
void *memset(void *to, int c, size_t n) { (void)c; (void)n; return to; }
int memcmp(const void *a, const void *b, size_t n) { (void)a; (void)b; (void)n; return 0; }
void _start(void) { struct tp_trace *t; tp_trace_open(&t, (void *)0, 0, (void *)0); }
END
    cat >image.ld <<'END'
ENTRY(_start)
SECTIONS
{
    . = 0x100000;
    .text : { *(.text*) }
    .rodata : { *(.rodata*) }
    .data : { *(.data*) }
    INCLUDE tp.ld
    .bss : { *(.bss*) *(COMMON) }
    /DISCARD/ : { *(.comment) *(.eh_frame) *(.note*) }
}
END
    made
    set -- $(nm out/image | awk '$3 ~ /^__st(art|op)_tp_events$/ { print "0x" $1 }' | sort)
    [ $# = 2 ] && [ $(($2 - $1)) = 16 ] || { nm out/image | grep tp_events; exit 1; }
}

# ARGUMENT...: a machine that switches 101 times, with the module's events of it. 50 times 10 us and 20 us, and some
# cycles for each event.
zephyr()
{
    cd "$(mktemp -d "$tmp/zephyr.XXXXXX")" || exit 1
    cmake -S "$here/zephyr" -B out -DTP_SOURCE="$srcdir" "$@" >log 2>&1 && cmake --build out >>log 2>&1 ||
        { tail -n 20 log; exit 1; }
    nm out/module/libtracepoint.a | grep -q tp_filter && { echo "more than CONFIG_TRACEPOINT"; exit 1; }
    ./out/app >dump || { echo "app: $?"; exit 1; }
    "$tpdecode" --tasks --format json dump >tasks || exit 1
    for want in producer:51:10 consumer:50:20; do
        IFS=: read -r name switches each <<END
$want
END
        jq -e --arg name "$name" --argjson switches "$switches" --argjson each "$each" '
            .tasks[] | select(.name == $name)
            | .run_ns >= $each * 50000 and .run_ns < ($each + 2) * 50000' tasks >/dev/null ||
            { cat tasks; exit 1; }
    done
    "$tpdecode" --spans --format json dump | jq -e '.spans[] | select(.name == "isr:enter") | .count == 50' >/dev/null ||
        { "$tpdecode" --spans dump; exit 1; }
    [ "$("$tpdecode" --event thread:in --no-schema --format json dump | jq -r 'select(.event) | .event' | wc -l)" = 101 ]
}

# What the files of a module of Zephyr say.
module()
{
    [ -e "$srcdir/engine/port/zephyr/$(sed -n 's/^ *kconfig: zephyr\///p' "$srcdir/engine/port/zephyr/module.yml")" ]
    grep -q '^  cmake: zephyr$' "$srcdir/engine/port/zephyr/module.yml" || exit 1
    for option in $(grep -oh 'CONFIG_TRACEPOINT[A-Z_]*' "$srcdir/engine/port/zephyr/CMakeLists.txt" | sort -u); do
        grep -qx "config ${option#CONFIG_}" "$srcdir/engine/port/zephyr/Kconfig" || { echo "no $option"; exit 1; }
    done
}

esp()
{
    project <<END
set(ESP_PLATFORM 1)
set(TP_PORT_HEADER kernel_port.h)
function(idf_component_register)
    cmake_parse_arguments(c "" "" "SRCS;INCLUDE_DIRS;LDFRAGMENTS" \${ARGN})
    add_library(component STATIC \${c_SRCS})
    foreach(file \${c_LDFRAGMENTS} \${c_INCLUDE_DIRS})
        if(NOT EXISTS \${CMAKE_CURRENT_SOURCE_DIR}/\${file})
            message(FATAL_ERROR "no \${file}")
        endif()
    endforeach()
    target_include_directories(component PUBLIC \${c_INCLUDE_DIRS})
    set(COMPONENT_LIB component PARENT_SCOPE)
endfunction()
add_subdirectory($srcdir/engine tracepoint)
add_executable(recorder $srcdir/tests/engine/alone/recorder.c)
target_compile_definitions(recorder PRIVATE NAMES)
target_link_libraries(recorder PRIVATE component -Wl,-T,\${CMAKE_SOURCE_DIR}/ldgen.ld)
END
    # As ldgen makes it of the fragment.
    cat >ldgen.ld <<'END'
SECTIONS
{
    .dram0.data : {
        . = ALIGN(8);
        _tp_events_start = .;
        KEEP(*(tp_events))
        _tp_events_end = .;
    }
}
INSERT AFTER .data;
END
    made
    ./out/recorder && decoded NAMES || exit 1
    for want in 'entries:' 'KEEP()' 'SURROUND(tp_events)'; do
        grep -qF "$want" "$srcdir/engine/tracepoint.lf" || exit 1
    done
}

platformio()
{
    cd "$tmp" || exit 1
    jq -r '.build.srcFilter[]' "$srcdir/engine/library.json" >filters
    while read -r filter; do
        what=${filter#?<}
        what=${what%>}
        case $what in
        '*') found=$(cd "$srcdir/engine" && find . -name '*.c') ;;
        */) found=$(cd "$srcdir/engine" && find "./$what" -name '*.c') ;;
        *) found=./$what && [ -e "$srcdir/engine/$what" ] || { echo "no $what"; exit 1; } ;;
        esac
        case $filter in
        +*) { cat chosen 2>/dev/null; echo "$found"; } | sed 's,//,/,' | sort -u >next ;;
        -*) echo "$found" >out && { grep -vxFf out chosen 2>/dev/null || :; } >next ;;
        esac
        mv next chosen
    done <filters
    printf 'include %s/engine/tp.mk\nall:\n\t@printf "%%s\\n" $(TP_CORE) $(TP_NO_CONTROL) $(TP_TASK)\n' "$srcdir" >list.mk
    make -s -f list.mk | sed "s,^$srcdir/engine,.," | sort | diff chosen - || exit 1
}

versions()
{
    version=$(sed -n 's/^#define TP_VERSION "\(.*\)"/\1/p' "$srcdir/include/tp/version.h")
    [ "$(jq -r .version "$srcdir/engine/library.json")" = "$version" ] || exit 1
    grep -qx "version: \"$version\"" "$srcdir/engine/idf_component.yml"
}

check "tracepoint::core" target core ""
check "tracepoint::engine" target engine NAMES
check "tracepoint::engine with TP_PARTS=TASK" target engine NAMES -DTP_PARTS=TASK
check "tracepoint::engine with TP_PARTS=CONTROL;PRINTK" target engine NAMES "-DTP_PARTS=CONTROL;PRINTK"
check "FetchContent" fetched
check "a part that is none" refused "-DTP_PARTS=CORE;NONE" "there is no part 'CORE'"
check "without a port" refused -DTP_PARTS=TASK "set TP_PORT_HEADER to the kernel's port header"
check "the lists of tp.mk" lists
check "tp.ld in a linker script" script
check "Zephyr: threads and interrupts" zephyr
check "Zephyr: CONFIG_SMP" zephyr -DCONFIG_SMP=y
check "Zephyr: a counter of 32 bits" zephyr -DNARROW=y
check "Zephyr: the module's files" module
check "ESP-IDF: a component" esp
check "PlatformIO: the list of files" platformio
check "the version is that of tp/version.h" versions
finish
