#!/bin/sh
# SPDX-License-Identifier: MIT
# Code patching on a live second CPU: CPU 1 fires an event all the time, CPU 0 switches it 10000 times.
# The kernel tells by another event what must have been recorded, and what must not.
. "$(dirname "$0")/lib.sh"
. "$here/works.sh"
# Both CPUs wait for each other all the time: slow where the host has no two for them.
TIMEOUT=400
export TIMEOUT

kernel=kernel_patch.elf
patched "patched" 10000
says "patched: CPU 1 came upon int3" "^patch .*traps=[1-9]"
says "patched: the last stop, with interrupts off, was refused" "^stopped refused=[1-9]"
kernel=kernel.elf
patched "not patched" 10000
says "not patched: nothing was" "^patch .*traps=0 refused=0"
kernel=kernel_patch.elf
boot "patched, the usual work" 20000 0
echo "1..$n"
