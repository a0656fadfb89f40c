#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on RISC-V, in S mode with a firmware below it: virt.sh.
kernel=kernel_riscv64.elf memory_start=0x80000000 firmware=yes
tools="riscv64-linux-gnu-gcc qemu-system-riscv64 jq" packages="gcc-riscv64-linux-gnu qemu-system-misc opensbi jq"
. "$(dirname "$0")/virt.sh"

virt_tests
echo "1..$n"
