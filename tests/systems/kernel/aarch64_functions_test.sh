#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on AArch64, at EL1, whose functions are traced by patching, on a live second CPU: functions_virt.sh.
kernel=kernel_aarch64_functions.elf binutils=aarch64-linux-gnu-
tools="aarch64-linux-gnu-gcc qemu-system-aarch64 jq" packages="gcc-aarch64-linux-gnu qemu-system-arm jq"
for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "Bail out! needs $tool: install $packages"; exit 99; }
done
. "$(dirname "$0")/lib.sh"
. "$here/functions.sh"
. "$here/functions_virt.sh"

functions_tests
cost 150 16 # the counter has 62.5 MHz, and an instruction takes a nanosecond
echo "1..$n"
