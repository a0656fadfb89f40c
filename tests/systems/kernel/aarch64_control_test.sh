#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on AArch64, at EL1: the shell on the control tree, probes, filters and triggers, code patching on a
# live second CPU, and a CPU that comes and goes: virt.sh.
kernel=kernel_aarch64_patch.elf memory_start=0x40000000 clock=cntvct
tools="aarch64-linux-gnu-gcc qemu-system-aarch64 jq" packages="gcc-aarch64-linux-gnu qemu-system-arm jq"
. "$(dirname "$0")/virt.sh"

control_tests
echo "1..$n"
