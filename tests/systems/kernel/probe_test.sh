#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU 1 registers and takes back probes, filters and sampling 10^5 times while CPU 0 fires, with interrupts and NMIs. No probe
# is called with data that is dead, those that stay are called each time, and what is neither in the dump
# nor lost was left out by sampling, to the last event. Then with interrupts between any two instructions.
. "$(dirname "$0")/lib.sh"
. "$here/works.sh"

storm "probes" 100000
QEMU_EXTRA=-singlestep
export QEMU_EXTRA
storm "probes, every instruction" 10000
echo "1..$n"
