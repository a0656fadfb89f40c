#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on AArch64, at EL1: virt.sh.
kernel=kernel_aarch64.elf memory_start=0x40000000
tools="aarch64-linux-gnu-gcc qemu-system-aarch64 jq" packages="gcc-aarch64-linux-gnu qemu-system-arm jq"
. "$(dirname "$0")/virt.sh"

virt_tests
echo "1..$n"
