#!/bin/sh
# SPDX-License-Identifier: MIT
# Every event is found in the linked image, whatever linker and however much it
# throws away: nothing in the program below refers to the events of events.h,
# nor to the functions that fire them.
. "$(dirname "$0")/../../lib/tap.sh"

cat >"$tmp/events" <<END
all:arrays
all:many_texts
all:mixed
all:name
all:names
all:none
all:raw
all:signed_
all:sixteen
all:small
all:text
all:unsigned_
sched:switch
END
# the calls of tp_printk in fire.c
echo "printk:fire_inline" >>"$tmp/events"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    echo "printk:fire_printk" >>"$tmp/events"
done

# COMPILER: the engine, once; it fits into a program of any kind
engine()
{
    mkdir "$tmp/engine.$1" && cd "$tmp/engine.$1" || exit 1
    # shellcheck disable=SC2086
    "$1" -std=gnu11 -O1 -fPIC -ffunction-sections -fdata-sections -I"$include" "$port" -c $engine
}

# COMPILER OPTIONS...: beside the engine, objects of the events and the program
build()
{
    compiler=$1
    shift
    need "$compiler"
    cd "$(mktemp -d "$tmp/build.XXXXXX")" || exit 1
    cp "$tmp/engine.$compiler"/*.o . || exit 1
    "$compiler" -std=gnu11 -O2 -ffunction-sections -fdata-sections -I"$include" "$port" \
        -Wall -Wextra -Werror "$@" \
        -c "$compile/create.c" "$compile/fire.c" "$compile/sections.c" || exit 1
}

# IMAGE... on stdin what the program printed: all events in the last image, only its own in others
expect()
{
    sort >got
    for image; do
        echo "$image $image:own"
    done >wanted
    sed "s/^/$image /" "$tmp/events" >>wanted
    sort wanted | diff - got >difference || { echo "wanted and found:"; cat difference; exit 1; }
}

# LINKER COMPILER OPTIONS...
linked()
{
    linker=$1 compiler=$2
    [ "$linker" != lld ] || need ld.lld
    shift
    build "$@"
    shift
    case " $* " in
    *" -fPIE "*) set -- "$@" -pie ;;
    esac
    "$compiler" -O2 "$@" -fuse-ld="$linker" -Wl,--gc-sections ./*.o -o program && ./program | expect program
}

# Without `retain` lld throws the section away: if not, this test sees nothing.
notices()
{
    need ld.lld
    include=$tmp/include.$1
    mkdir "$include" && cp -R "$srcdir/include/tp" "$include/" || exit 1
    sed 's/__used__, *__retain__/__used__/' "$srcdir/include/tp/inner/declare.h" >"$include/tp/inner/declare.h"
    cmp -s "$srcdir/include/tp/inner/declare.h" "$include/tp/inner/declare.h" && echo "declare.h has no retain" && exit 1
    build "$1"
    "$1" -fuse-ld=lld -Wl,--gc-sections ./*.o -o program 2>errors || exit 0 # __start_tp_events is gone too
    ! (./program | expect program) || { echo "nothing was dropped"; exit 1; }
}

# A loadable module of relocatable code keeps its section whole.
relocatable()
{
    linker=$1 compiler=$2
    build "$compiler"
    [ "$linker" != ld.lld ] || need ld.lld
    "$linker" -r create.o fire.o -o module.o || exit 1
    rm create.o fire.o
    "$compiler" -Wl,--gc-sections ./*.o -o program && ./program | expect program
}

# A shared object sees its own events, and the program its own.
shared()
{
    linker=$1 compiler=$2
    [ "$linker" != lld ] || need ld.lld
    build "$compiler" -fPIC -DWITH_MODULE
    "$compiler" -std=gnu11 -O2 -I"$include" "$port" -fPIC -DMODULE -c "$compile/sections.c" -o module.o &&
        "$compiler" -fuse-ld="$linker" -shared -Wl,--gc-sections create.o fire.o module.o -o module.so &&
        rm create.o fire.o module.o &&
        "$compiler" -fuse-ld="$linker" -rdynamic -Wl,--gc-sections ./*.o ./module.so -o program &&
        ./program | expect program module
}

# COMPILER WANTED OPTIONS...: tp_trace_open says so, twice, of an image with an event planted in it
opened()
{
    compiler=$1 wanted=$2
    shift 2
    need "$compiler"
    cd "$(mktemp -d "$tmp/build.XXXXXX")" || exit 1
    cp "$tmp/engine.$compiler"/*.o . || exit 1
    "$compiler" -std=gnu11 -O2 -I"$include" "$port" "$@" -w "$compile/create.c" "$compile/image.c" ./*.o \
        -o program && ./program >got || exit 1
    printf '%s\n' "$wanted" "$wanted" >wanted
    case $wanted in
    "no error"*) echo "1 1" ;;
    *) echo "0 0" ;;
    esac >>wanted
    # Which place it is depends on the linker.
    sed 's/ #[0-9a-f]*$/ /' got | diff wanted - >difference || { echo "wanted and found:"; cat difference; exit 1; }
}

# COMPILER: there is no event at all
no_events()
{
    need "$1"
    cd "$(mktemp -d "$tmp/build.XXXXXX")" || exit 1
    cp "$tmp/engine.$1"/*.o . || exit 1
    "$1" -std=gnu11 -O2 -I"$include" "$port" "$compile/noevents.c" ./*.o -o program && ./program
}

(engine gcc) >"$tmp/engine.out" 2>&1 &
(engine clang) >>"$tmp/engine.out" 2>&1
wait
sed 's/^/# /' "$tmp/engine.out" # what follows fails then
for compiler in gcc clang; do
    check "$compiler no events" no_events $compiler
    for linker in bfd lld; do
        check "$compiler $linker static" linked $linker $compiler -static -fno-pie
        check "$compiler $linker PIE" linked $linker $compiler -fPIE
        case $compiler-$linker in
        gcc-lld) ;; # lld does not read gcc's intermediate code
        clang-bfd) ;; # needs a plugin that Debian does not install with clang
        *)
            check "$compiler $linker static -flto" linked $linker $compiler -static -fno-pie -flto
            check "$compiler $linker PIE -flto" linked $linker $compiler -fPIE -flto
            ;;
        esac
        check "$compiler $linker shared object" shared $linker $compiler
    done
    check "$compiler ld -r" relocatable ld $compiler
    check "$compiler ld.lld -r" relocatable ld.lld $compiler
done
for compiler in gcc clang; do
    check "$compiler: an image that is good" opened $compiler "no error: " -DPLANTED=\&planted_no
    check "$compiler: an image with a name twice" opened $compiler "exists already: all:none" -DPLANTED=\&planted_twin
    check "$compiler: an image over a limit" opened $compiler "limit exceeded: planted:0123" -DPLANTED=\&planted_limit
    check "$compiler: an image with a hole" opened $compiler "not a section of events: " -DPLANTED=NULL
    check "$compiler: an image with a byte too many" opened $compiler "not a section of events: " \
        -DPLANTED=\&planted_no -DODD
done
check "gcc: an event that is dropped is noticed" notices gcc
check "clang: an event that is dropped is noticed" notices clang
finish
