#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the test kernel, and shows the beginning of what its dump says: demo.sh SRCDIR BUILDDIR
set -eu
src=$1 build=$2
echo "Booting the test kernel on two CPUs in QEMU. It traces itself into demo.tp."
sh "$src/tests/systems/kernel/run" "$build/kernel.elf" "$build/demo.tp" "$build/demo.report"
echo
echo "\$ ./tpdecode demo.tp | head -n 25"
"$build/tpdecode" "$build/demo.tp" 2>/dev/null | head -n 25
echo
echo "\$ ./tpdecode demo.tp >/dev/null"
"$build/tpdecode" "$build/demo.tp" >/dev/null
echo
echo "The kernel's own count (demo.report):"
grep '^total' "$build/demo.report"
