#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on MIPS, 32 bits, big-endian, one CPU: virt.sh, but for what malta has no device for.
kernel=kernel_mips32.elf cpus=1 no_cores=yes clock=count
tools="mips-linux-gnu-gcc qemu-system-mips jq" packages="gcc-mips-linux-gnu qemu-system-mips jq"
. "$(dirname "$0")/virt.sh"

made
usual_work
[ "$(od -An -tx1 -j4 -N2 "$tmp/dump" | tr -d ' ')" = 0102 ]
result $? "the dump is big-endian" "$tmp/log"
flight_recorder
doorbell
every_instruction
crash_and_reboot
control
echo "1..$n"
