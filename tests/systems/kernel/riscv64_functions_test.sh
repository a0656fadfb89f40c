#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on RISC-V, in S mode, whose functions are traced by patching, on a live second CPU: functions_virt.sh.
kernel=kernel_riscv64_functions.elf binutils=riscv64-linux-gnu-
tools="riscv64-linux-gnu-gcc qemu-system-riscv64 jq" packages="gcc-riscv64-linux-gnu qemu-system-misc opensbi jq"
for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "Bail out! needs $tool: install $packages"; exit 99; }
done
. "$(dirname "$0")/lib.sh"
. "$here/functions.sh"
. "$here/functions_virt.sh"

functions_tests
cost 190 100 # the clock has 10 MHz, and an instruction takes a nanosecond

echo "1..$n"
