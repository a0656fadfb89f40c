# SPDX-License-Identifier: MIT
# The tests of a kernel that is cross-compiled: the usual work, without loss and with loss, the
# flight recorder, each way out, the doorbell, memory after a crash, and a reset. Sourced; needs $kernel,
# $packages, the tools $tools, $memory_start, where memory begins, and $firmware, if one writes to the serial line.
# virt_tests is for QEMU's virt machines; control_tests for what such a kernel does when control calls come.

for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "Bail out! needs $tool: install $packages"; exit 99; }
done
. "$(dirname "$0")/lib.sh"
. "$here/image.sh"
. "$here/works.sh"

# It is made here, so that one without these compilers can run the other tests.
made() {
    (unset MAKEFLAGS MAKELEVEL && make -s -C "$build" "$kernel") >"$tmp/log" 2>&1
    result $? "$kernel: it compiles and links" "$tmp/log"
    ! grep -q warning "$tmp/log"
    result $? "$kernel: without a warning" "$tmp/log"
}

# What firmware writes to the same line is before the dump: tpdecode says that it is of no chunk.
serial_line() {
    run_only "serial line" --serial
    if [ -n "${firmware:-}" ]; then
        at=$(grep -abom1 "$(printf '\365tp\372')" "$tmp/dump" | cut -d: -f1)
        "$build/tpdecode" "$tmp/dump" 2>&1 >"$tmp/lines" | grep -q "dump: $at bytes at 0x0 are not part of any chunk"
        result $? "serial line: the text before the dump is no more than that" "$tmp/err"
        tail -c +$((at + 1)) "$tmp/dump" >"$tmp/cut" && mv "$tmp/cut" "$tmp/dump"
    fi
    decode "serial line" "$tmp/dump"
    balance "serial line" "$tmp/report" least=20000 losing=any # a busy host makes it too slow for all
    totals "serial line"
}

usual_work() {
    boot "quiet" 20000 0
    [ "$(grep -c '"event":"early"' "$tmp/json")" = 1 ]
    result $? "quiet: an event of before there are threads" "$tmp/err"
    contexts "quiet"
    # Fields of `job:all` follow from its number: workload.c.
    jq -r 'select(.sys == "job" and .event == "all") | .fields |
        select(.n % 256 != .a or .n * 3 % 65536 != .b or .g != .n * -10000000000 or .h != (.n % 2 == 1))' "$tmp/json" >"$tmp/log" 2>&1
    [ "$(grep -c '"sys":"job","event":"all"' "$tmp/json")" -gt 100 ] && [ ! -s "$tmp/log" ]
    result $? "quiet: the fields are those of the workload" "$tmp/log"
    boot "burst" 100 1 -- burst
    boot "many events" 200000 0 -- events=200000
    serial_line
}

virtual_devices() {
    boot "semihosting" 20000 any --file
    LEGACY=false
    export LEGACY
    boot "virtio, modern" 20000 0
    unset LEGACY
}

flight_recorder() {
    boot "overwrite, read all the time" 1000 0 -- overwrite
    boot "overwrite, read at the end" 1000 1 -- overwrite late subbuf=1024 subbufs=64
    boot "overwrite, burst" 100 1 -- overwrite burst events=200000
    run "events from the context hook" -- hook=1 events=60000
    balance "events from the context hook" "$tmp/report" least=10000 losing=1 only=recursion
    a_snapshot
}

doorbell() {
    run "doorbell" -- bell=2000 subbuf=512
    balance "doorbell" "$tmp/report" least=20000 losing=0
    says "doorbell: woken 2000 times, never for nothing, never too late" "^bell .*wakes=2....* strays=0 missed=0"
}

every_instruction() {
    # Interrupts between any two instructions: else TCG takes them between blocks only.
    QEMU_EXTRA=-singlestep
    export QEMU_EXTRA
    boot "every instruction" 20000 any
    boot "every instruction, tiny sub-buffers" 100 1 -- burst subbuf=1024 subbufs=2
    boot "every instruction, overwrite" 20 1 -- late overwrite subbuf=512 subbufs=4
    run "every instruction, unpinned" -- burst loose subbuf=4096 subbufs=64 events=5000
    balance "every instruction, unpinned" "$tmp/report" least=1000 losing=any
    unset QEMU_EXTRA
}

crash_and_reboot() {
    crash "crash" 1
    crash "crash, overwrite" 1 overwrite subbuf=1024 subbufs=32
    reboot "reboot" 0
    reboot "reboot, overwrite" 1 overwrite late subbuf=1024 subbufs=64
}

virt_tests() {
    made
    usual_work
    virtual_devices
    flight_recorder
    doorbell
    every_instruction
    crash_and_reboot
}

control() {
    the_shell
    storm "probes" 20000
}

# With TP_PATCH, all that is not the usual work.
control_tests() {
    made
    boot "patched, the usual work" 20000 0
    control
    patched "patched" 1000
    says "patched: the last stop, with interrupts off, was refused" "^stopped refused=[1-9]"
    plugged 1000
    QEMU_EXTRA=-singlestep
    export QEMU_EXTRA
    storm "probes, every instruction" 2000
    patched "patched, every instruction" 200
    unset QEMU_EXTRA
}
