#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on RISC-V, in S mode: the shell on the control tree, probes, filters and triggers, code patching on a
# live second CPU, and a CPU that comes and goes: virt.sh.
kernel=kernel_riscv64_patch.elf memory_start=0x80000000 firmware=yes clock=time
tools="riscv64-linux-gnu-gcc qemu-system-riscv64 jq" packages="gcc-riscv64-linux-gnu qemu-system-misc opensbi jq"
. "$(dirname "$0")/virt.sh"

control_tests
echo "1..$n"
