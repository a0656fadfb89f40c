#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU 1 registers and takes back probes, filters and sampling 10^5 times while CPU 0 fires, with interrupts and NMIs. No probe
# is called with data that is dead, those that stay are called each time, and what is neither in the dump
# nor lost was left out by sampling, to the last event. Then with interrupts between any two instructions.
. "$(dirname "$0")/lib.sh"

storm() { # NAME TURNS [options of the kernel]
    name=$1 turns=$2
    shift 2
    run "$name" -- "probes=$turns" late overwrite subbufs=64 "$@"
    balance "$name" "$tmp/report" least=1000 losing=any
    totals "$name"
    says "$name: none is called with dead data, none that stays is missed" '^probes dead=0 missed=0$'
    says "$name: probes of each kind are called" '^probes turns=[0-9]* typed=[1-9][0-9]* raw=[1-9][0-9]* record=[1-9]'
    says "$name: sampling has left out something" '^left_out cpu=0 count=[1-9]'
    grep '"event":"life"' "$tmp/json" | grep -c '"n":[0-9]*[13579][,}]' >"$tmp/log"
    grep -qx 0 "$tmp/log"
    result $? "$name: nothing is recorded that the filter rejects" "$tmp/log"
    grep '^probes' "$tmp/report" | sed 's/^/# /'
    grep -E '^(total|left_out)' "$tmp/report" | sed 's/^/# /'
}

storm "probes" 100000
QEMU_EXTRA=-singlestep
export QEMU_EXTRA
storm "probes, every instruction" 10000
echo "1..$n"
