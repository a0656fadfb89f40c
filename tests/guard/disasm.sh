#!/bin/sh
# SPDX-License-Identifier: MIT
# While nobody records an event, firing it is one load and one branch: read from
# the machine code. And it is small: on x86_64 the check takes at most 24 bytes.
# With TP_PATCH it is a nop, or two where one is to be aligned.
. "$(dirname "$0")/../lib/tap.sh"

limit_bytes=24

# COMPILER ARCH OPTIONS...: sets $code to the disassembly, of $source
source=disasm.c
relocations=
disassemble()
{
    compiler=$1 arch=$2
    shift 2
    objdump=$arch-linux-gnu-objdump
    [ "$arch" != x86_64 ] || objdump=objdump
    target "$arch" "$compiler"
    need "$objdump"
    code=$(mktemp "$tmp/code.XXXXXX")
    # shellcheck disable=SC2086
    $cc "$@" -c "$here/$source" -o "$code.o" && $objdump -d $relocations --no-show-raw-insn "$code.o" >"$code" || exit 1
}

# FUNCTION AWK-OPTIONS...: what the path costs on which nothing is recorded
path()
{
    function=$1
    shift
    awk -v arch="$arch" -v want="$function" "$@" -f "$here/hotpath.awk" "$code"
}

show()
{
    awk -v want="<$1>:" '$2 == want { on = 1 } on && !NF { exit } on' "$code"
}

# COMPILER ARCH OPTIONS...
one_load_one_branch()
{
    disassemble "$@"
    status=0
    for function in one_none one_some one_enabled one_printk; do
        cost=$(path $function)
        case $function-$cost in
        # clang loses the hint that an inline function returns: the branch is taken
        one_enabled-error*) cost=$(path $function -v taken=1) ;;
        esac
        echo "$function: $cost"
        case $function-$compiler-$cost in
        *"-loads=1 stores=0 branches=1 "*) ;;
        # clang makes the frame that the arguments need before it looks
        one_printk-clang-"loads="[12]" stores="[01]" branches=1 "*) ;;
        *) show $function; status=1 ;;
        esac
    done
    return $status
}

# COMPILER ARCH OPTIONS...: with TP_PATCH; tp_printk has a load and a branch all the same
one_nop()
{
    disassemble "$@"
    status=0
    for function in one_none one_some one_enabled; do
        cost=$(path $function)
        echo "$function: $cost"
        case $cost in
        "loads=0 stores=0 branches=0 other="[12]" "*) ;;
        *) show $function; status=1 ;;
        esac
    done
    case $(path one_printk) in
    *branches=1*) ;;
    *) show one_printk; status=1 ;;
    esac
    return $status
}

finds_load()
{
    ! one_nop "$@"
}

# The same parser, where it must object.
objects()
{
    disassemble "$@"
    status=0
    while read -r function wanted; do
        cost=$(path $function)
        echo "$function: $cost"
        case $cost in
        "$wanted"*) ;;
        *) show $function; status=1 ;;
        esac
    done <<END
wrong_load loads=2 stores=0 branches=1
wrong_store loads=1 stores=1 branches=1
wrong_layout error: not foreseen
wrong_frame error: not foreseen
END
    return $status
}

# COMPILER ARCH OPTIONS...: no emitter calls anything but memcpy, which compilers put in for the copy of a
# string. What is rare is another function's, which they jump to at their end. The name of what is called
# is in a relocation behind the call, on riscv64 in front of its second half.
emitters_call_nobody()
{
    source=many.c relocations=-r
    disassemble "$@" "$port"
    awk -v arch="$arch" '
        function close_call() { if (call != "") { print call; bad = 1 }; call = "" }
        /^[0-9a-f]+ <\.L.*>:$/ { next } # a label inside a function
        /^[0-9a-f]+ <.*>:$/ {
            close_call()
            name = $2; emitter = name ~ /^<tp_emit_many_/; found += emitter; copies = 0
            next
        }
        emitter && /\tR_|: R_/ {
            if (/[ \t]memcpy/) { call = ""; copies = 1 }
            next
        }
        !emitter || !/^ *[0-9a-f]+:\t/ { next }
        { close_call(); split($0, column, "\t"); split(column[2], word, " "); op = word[1]; operands = word[2] column[3] }
        arch == "riscv64" && op == "jalr" && copies { copies = 0; next }
        arch == "x86_64" && op ~ /^(call|lcall)/ || arch == "aarch64" && op ~ /^blr?$/ ||
            arch == "riscv64" && (op ~ /^(call|jalr)$/ || (op == "jal" && (operands ~ /^ra/ || operands !~ /,/))) {
            call = name $0
        }
        arch != "riscv64" || op != "auipc" { copies = 0 }
        END {
            close_call()
            if (found < 32) { print "only " found + 0 " emitters"; bad = 1 }
            exit bad
        }' "$code"
}

finds_call()
{
    found=$(emitters_call_nobody "$@" -DPLANTED) && { echo "nothing found"; exit 1; }
    case $found in
    *needs*install*) echo "$found"; exit 77 ;;
    esac
    ! echo "$found" | grep -v '^<tp_emit_many_planted>:'
}

# COMPILER ARCH OPTIONS...: what -finstrument-functions calls, while nobody records functions
hooks_one_load()
{
    source=../../engine/option/function.c
    disassemble "$@" "$port"
    for function in __cyg_profile_func_enter __cyg_profile_func_exit; do
        cost=$(path $function)
        case $cost in
        error*) cost=$(path $function -v taken=1) ;;
        esac
        echo "$function: $cost"
        case $cost in
        "loads=1 stores=0 branches=1 "*) ;;
        *) show $function; return 1 ;;
        esac
    done
}

# COMPILER OPTIONS...: the hooks of patched functions call site_more, for what is rare, and nothing else,
# lock nothing, and touch no vector.
patched_hooks()
{
    compiler=$1
    shift
    source=../../engine/option/site.c
    disassemble "$compiler" x86_64 "-DTP_PORT_HEADER=\"$srcdir/engine/port/x86_64/port.h\"" -mgeneral-regs-only -mno-red-zone "$@"
    awk '/^[0-9a-f]+ <.*>:$/ { name = $2; on = name ~ /^<site_(enter|exit)>/; found += on; next }
        on && /\tlock|\tdiv|\tidiv|xmm/ { print name $0; bad = 1 }
        on && /\tcall/ { calls[name]++ }
        END {
            for (n in calls) if (calls[n] != 1) { print n ": " calls[n] " calls"; bad = 1 }
            if (found != 2) print found " hooks"
            exit bad || found != 2
        }' "$code"
}

# ARCH: what the hooks in assembly call, in C, calls tp_function_more, for what is rare, and nothing else (no library's
# atomics), divides nothing, and touches no vector; and the assembly calls nothing but these two.
words_hooks()
{
    hooks=$srcdir/engine/port/$1/hooks.S
    source=../../engine/option/shadow.c relocations=-r
    case $1 in
    aarch64) set -- "$1" -mgeneral-regs-only -mno-outline-atomics ;;
    *) set -- "$1" -march=rv64imac_zicsr_zifencei -mabi=lp64 ;;
    esac
    disassemble gcc "$@" -O2 -ffreestanding -DTP_AARCH64_SHADOW_OFFSET=32 -DTP_RISCV64_SHADOW_OFFSET=32 "-DTP_PORT_HEADER=\"$srcdir/engine/port/$1/port.h\""
    awk '/^[0-9a-f]+ <tp_shadow_(enter|leave)(\.cold)?>:$/ { found++ }
        /\t(u|s)div|\tdiv|\trem|\t(ld|st)[rp]\t[qdv][0-9]|\tf[ls][dw]\t/ { print; bad = 1 }
        /R_(AARCH64_(CALL|JUMP)26|RISCV_(CALL|JAL))/ && !/tp_function_more/ { print; bad = 1 }
        /tp_function_more/ { more++ }
        END { if (found < 2 || more < 2) print found " hooks, " more " calls"; exit bad || found < 2 || more < 2 }' "$code" || exit 1
    [ "$(sed -n 's/^ *\(bl\|call\|tail\) *//p' "$hooks" | sort -u | tr '\n' ' ')" = "tp_shadow_enter tp_shadow_leave " ]
}

function_bytes()
{
    # a compiler may split it: all parts
    nm -S "$code.o" | awk -v want="$1" '$4 == want || index($4, want ".") == 1 {
        n = 0
        for (i = 1; i <= length($2); i++)
            n = n * 16 + index("0123456789abcdef", substr($2, i, 1)) - 1
        sum += n
    }
    END { print sum }'
}

# COMPILER OPTIONS...: the difference between 1 and 33 calls, by 32
bytes_per_call()
{
    compiler=$1
    shift
    need nm
    disassemble "$compiler" x86_64 "$@"
    status=0
    for event in none some; do
        many=$(path many_$event -v frame=1)
        one=$(path one_$event)
        case $one$many in
        *error*) echo "$one $many"; return 1 ;;
        esac
        hot=$(((${many##*=} - ${one##*=}) / 32))
        all=$((($(function_bytes many_$event) - $(function_bytes one_$event)) / 32))
        echo "trace_site_$event: check $hot bytes, call $((all - hot)) bytes out of line"
        [ $hot -gt 0 ] && [ $hot -le $limit_bytes ] && [ $all -gt $hot ] || status=1
    done
    return $status
}

for arch in x86_64 aarch64 riscv64; do
    for compiler in gcc clang; do
        for options in -O2 "-O2 -fPIC"; do
            # shellcheck disable=SC2086
            check "$compiler $arch $options: one load, one branch" one_load_one_branch $compiler $arch $options
        done
        for options in -O2 "-O2 -fPIC"; do
            # shellcheck disable=SC2086
            check "$compiler $arch $options -DTP_PATCH: one nop" one_nop $compiler $arch $options -DTP_PATCH
        done
        check "$compiler $arch: a load where a nop should be is found" finds_load $compiler $arch -O2
        check "$compiler $arch: more than that is found" objects $compiler $arch -O2
        check "$compiler $arch: emitters of 32 events call nobody" emitters_call_nobody $compiler $arch -O2
        check "$compiler $arch: an emitter that calls is found" finds_call $compiler $arch -O2
        check "$compiler $arch: hooks of functions: one load, one branch" hooks_one_load $compiler $arch -O2
    done
done
check "gcc x86_64 as a kernel: one load, one branch" \
    one_load_one_branch gcc x86_64 -O2 -mcmodel=kernel -fno-pic -mno-red-zone
check "gcc x86_64 as a kernel, -DTP_PATCH: one nop" \
    one_nop gcc x86_64 -O2 -mcmodel=kernel -fno-pic -mno-red-zone -DTP_PATCH
for arch in aarch64 riscv64; do
    check "gcc $arch: patched hooks of functions call nobody, divide nothing" words_hooks $arch
done
for compiler in gcc clang; do
    check "$compiler x86_64: patched hooks of functions call nobody, lock nothing" patched_hooks $compiler -O2
    check "$compiler x86_64: the check takes at most $limit_bytes bytes" bytes_per_call $compiler -O2
done
finish
