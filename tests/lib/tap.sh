# SPDX-License-Identifier: MIT
# tap.sh - what most test scripts share: TAP, jobs side by side, a
# temporary directory, sources through $srcdir. Sourced first: `. .../lib/tap.sh`.
#
#   check NAME COMMAND...   one TAP line; COMMAND runs in a subshell, beside others.
#                           0: ok; 77: skipped; else not ok, with what it printed
#   need TOOL...            in a COMMAND: skips it where a tool is absent
#   finish                  the rest of the lines, and the plan
#
# TP_NO_SKIP=1 makes a skip a failure. TP_JOBS: how many run at once.

set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd) || exit 99
srcdir=$(cd "${srcdir:-${here%/tests/*}}" && pwd) || exit 99
[ -f "$srcdir/include/tp/event.h" ] || { echo "Bail out! no include/tp/event.h below $srcdir"; exit 99; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT PIPE TERM

include=$srcdir/include
compile=$srcdir/tests/engine/compile
port="-DTP_PORT_HEADER=\"$compile/port.h\""
# What every kernel can compile. One a line; $IFS splits it.
engine=$(ls "$srcdir"/engine/[!p]*/*.c 2>/dev/null | grep -v -e /no -e option/function -e option/site -e option/shadow)
[ -n "$engine" ] || { echo "Bail out! no engine/*/*.c below $srcdir"; exit 99; }

jobs=${TP_JOBS:-3}
started=0
reported=0

check()
{
    started=$((started + 1))
    eval "name_$started=\$1"
    shift
    "$@" >"$tmp/out.$started" 2>&1 &
    eval "pid_$started=\$!"
    [ $((started - reported)) -lt "$jobs" ] || report
}

report()
{
    reported=$((reported + 1))
    eval "reported_name=\$name_$reported; wait \$pid_$reported"
    status=$?
    if [ $status = 0 ]; then
        echo "ok $reported - $reported_name"
    elif [ $status = 77 ] && [ -z "${TP_NO_SKIP:-}" ]; then
        echo "ok $reported - $reported_name # SKIP $(tail -n 1 "$tmp/out.$reported")"
        return
    else
        echo "not ok $reported - $reported_name"
    fi
    sed -n "s|$srcdir/||g; s|$tmp/||g; s/^/# /; 1,20p" "$tmp/out.$reported"
}

finish()
{
    while [ $reported -lt $started ]; do
        report
    done
    echo "1..$started"
}

# The Debian package that has a tool.
package_of()
{
    case $1 in
    *-gcc) echo "gcc-${1%-gcc}" ;;
    *-ld | *-objdump | *-nm) echo "binutils-${1%-*}" ;;
    clang++) echo clang ;;
    ld.lld) echo lld ;;
    nm | objdump | size | ld) echo binutils ;;
    qemu-*-static) echo qemu-user-static ;;
    *) echo "$1" ;;
    esac
}

need()
{
    for tool; do
        command -v "$tool" >/dev/null || {
            echo "needs $tool: install $(package_of "$tool")"
            exit 77
        }
    done
}

# TARGET COMPILER: sets $cc to the command with the target's options, freestanding.
target()
{
    case $2-$1 in
    gcc-x86_64) need gcc; cc="gcc" ;;
    gcc-i686) need i686-linux-gnu-gcc; cc="i686-linux-gnu-gcc" ;;
    gcc-aarch64) need aarch64-linux-gnu-gcc; cc="aarch64-linux-gnu-gcc -mno-outline-atomics" ;;
    gcc-riscv64) need riscv64-linux-gnu-gcc; cc="riscv64-linux-gnu-gcc" ;;
    gcc-riscv32) need riscv64-linux-gnu-gcc; cc="riscv64-linux-gnu-gcc -march=rv32imac_zicsr_zifencei -mabi=ilp32" ;;
    gcc-cortex-m3) need arm-none-eabi-gcc; cc="arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb" ;;
    gcc-mips) need mips-linux-gnu-gcc; cc="mips-linux-gnu-gcc" ;;
    gcc-s390x) need s390x-linux-gnu-gcc; cc="s390x-linux-gnu-gcc" ;;
    gcc-powerpc) need powerpc-linux-gnu-gcc; cc="powerpc-linux-gnu-gcc" ;;
    gcc-cortex-m0) need arm-none-eabi-gcc; cc="arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -DTP_STUB_MASK" ;;
    clang-aarch64) need clang; cc="clang --target=aarch64-linux-gnu -mno-outline-atomics" ;;
    clang-riscv64) need clang; cc="clang --target=riscv64-linux-gnu -march=rv64gc -mabi=lp64d" ;;
    clang-riscv32) need clang; cc="clang --target=riscv32-linux-gnu -march=rv32imac -mabi=ilp32" ;;
    clang-cortex-m3) need clang; cc="clang --target=thumbv7m-none-eabi -mcpu=cortex-m3" ;;
    clang-cortex-m0) need clang; cc="clang --target=thumbv6m-none-eabi -mcpu=cortex-m0 -DTP_STUB_MASK" ;;
    clang-*) need clang; cc="clang --target=$1-linux-gnu" ;;
    *) echo "no such target: $2 for $1"; exit 1 ;;
    esac
    cc="$cc -ffreestanding -std=gnu11 -I$include"
}
