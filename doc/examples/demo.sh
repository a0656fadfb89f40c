#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the test kernel three times, shows some of what it recorded, and says what to ask next:
# demo.sh SRCDIR BUILDDIR. The files are left in the folder where it is called.
#
# QEMU counts instructions, 8 ns each, instead of looking at a clock, and the machine's time of day is
# set. So times are the same on a busy host too, and one run is nearly always as the other.
set -eu
export LC_ALL=C
src=$1 build=$2
QEMU_EXTRA="-icount shift=3,sleep=off ${QEMU_EXTRA:-}"
export QEMU_EXTRA
wall=wall=1767323045 # 2026-01-02T03:04:05 UTC

boot() { # DUMP REPORT [options of run] -- options of the kernel
    sh "$src/tests/systems/kernel/run" "$build/kernel_functions.elf" "$@" "$wall"
}

show() { # command
    echo
    echo "\$ $*"
    "$@" 2>&1
}

# The longest wait: how long, and the times around it.
late() {
    ./tpdecode --latency wakeup:switch --key pid=next demo.tp 2>/dev/null | awk '/^the longest:/ {
        getline; printf "%.1f %.3f %.3f\n", $1 / 1000, $3 - 0.002, $8 + 0.001 }'
}

[ -x ./tpdecode ] || ln -s "$build/tpdecode" tpdecode
cp "$build/kernel_functions.elf" demo.elf
echo "The test kernel runs on two CPUs in QEMU, three times, and traces itself into"
boot demo-before.tp demo-before.report -- story
echo "  demo-before.tp  two and a half seconds in which all is well"
boot demo.tp demo.report -- story trouble
echo "  demo.tp         the same with trouble"
boot demo-died.tp demo-died.report --ram demo.img -- story trouble die overwrite subbuf=4096 subbufs=16
rm -f demo-died.tp # it is empty: nothing was sent
echo "  demo.img        the machine's memory after that, when it has died"
echo "Names for addresses are in demo.elf, and the kernel's own counts in demo.report."

show ./tpdecode --event syscall,lock,disk --from +1.315s --head 6 demo.tp
show ./tpdecode --tasks demo.tp
# shellcheck disable=SC2046  # three words
set -- $(late)
cat <<END

The sensor is woken every 10 ms and should run at once, but once it took $1 ms.
Try next, in this folder:

  When was the sensor late?
      ./tpdecode --latency wakeup:switch --key pid=next demo.tp
  What did its CPU do instead? (The 2 in dNh2. says that preemption was off: see --legend.)
      ./tpdecode --cpu 1 --from $2 --to $3 demo.tp
  Which system call was slow, and who waited for the lock meanwhile?
      ./tpdecode --latency syscall_enter:syscall_exit --key common_comm demo.tp
      ./tpdecode --latency wait:acquire --key common_comm demo.tp
  Which interrupt came much too often, and when?
      ./tpdecode --event irq_entry --hist name demo.tp
      ./tpdecode --timeline demo.tp
  What was different when all was well?
      ./tpdecode --diff demo-before.tp demo.tp
  What did the machine do before it died, and where was it?
      ./tpdecode --tail 16 --time utc --symbols demo.elf demo.img
  Which functions did it call last, and in which one did it die?
      ./tpdecode --symbols demo.elf --capture 1 --graph demo.img | grep shell | tail -n 20

More: ./tpdecode --help, and the table in README.md.
END
