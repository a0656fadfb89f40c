#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on a Cortex-M3, one CPU: virt.sh, but for what mps2-an385 has no device for. By -icount, so
# interrupts come between any two instructions, and each run is the same.
kernel=kernel_cortex_m3.elf cpus=1 clock=systick memory_start=0x21000000 memory_bytes=0x1000000 no_cores=yes
tools="arm-none-eabi-gcc qemu-system-arm jq" packages="gcc-arm-none-eabi qemu-system-arm jq"
. "$(dirname "$0")/virt.sh"

made
usual_work
flight_recorder
crash_and_reboot
control
echo "1..$n"
