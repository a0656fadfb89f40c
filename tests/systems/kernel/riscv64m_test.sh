#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on RISC-V, in M mode, with the shell, probes and a CPU that comes and goes: virt.sh.
kernel=kernel_riscv64m.elf memory_start=0x80000000 clock=time
tools="riscv64-linux-gnu-gcc qemu-system-riscv64 jq" packages="gcc-riscv64-linux-gnu qemu-system-misc jq"
. "$(dirname "$0")/virt.sh"

virt_tests
control
plugged 1000
echo "1..$n"
