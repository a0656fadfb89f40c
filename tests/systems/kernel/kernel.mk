# SPDX-License-Identifier: MIT
# The test kernel: its sources and how they are compiled, for the build of this
# project. Needs tests_kernel_engine, the engine's sources, and top_srcdir.
#
# One command compiles and links it all. It is for x86-64 only, and takes a
# compiler that makes x86-64 code: gcc or clang.

tests_kernel_sources = \
	$(top_srcdir)/tests/systems/kernel/x86_64/boot.S \
	$(top_srcdir)/tests/systems/kernel/bell.c \
	$(top_srcdir)/tests/systems/kernel/books.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/console.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/cpu.c \
	$(top_srcdir)/tests/systems/kernel/die.c \
	$(top_srcdir)/tests/systems/kernel/events.c \
	$(top_srcdir)/tests/systems/kernel/export.c \
	$(top_srcdir)/tests/systems/kernel/hook.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/hotplug.c \
	$(top_srcdir)/tests/systems/kernel/main.c \
	$(top_srcdir)/tests/systems/kernel/mm.c \
	$(top_srcdir)/tests/systems/kernel/options.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/patch.c \
	$(top_srcdir)/tests/systems/kernel/probes.c \
	$(top_srcdir)/tests/systems/kernel/sched.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/shell.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/storm.c \
	$(top_srcdir)/tests/systems/kernel/story.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/string.c \
	$(top_srcdir)/tests/systems/kernel/syscall.c \
	$(top_srcdir)/tests/systems/kernel/x86_64/trap.c \
	$(top_srcdir)/tests/systems/kernel/virtio_console.c \
	$(top_srcdir)/tests/systems/kernel/workload.c \
	$(top_srcdir)/engine/port/x86_64/tsc.c

tests_kernel_headers = \
	$(top_srcdir)/tests/systems/kernel/kernel.h \
	$(top_srcdir)/tests/systems/kernel/events.h \
	$(top_srcdir)/tests/systems/kernel/x86_64/port.h \
	$(top_srcdir)/engine/port/x86_64/port.h

tests_kernel_script = $(top_srcdir)/tests/systems/kernel/x86_64/kernel.ld

# -mgeneral-regs-only: nobody saves vector registers. -fno-pic: it runs where it is linked.
tests_kernel_flags = \
	-std=gnu11 -O2 -g -Wall -Wextra \
	-ffreestanding -m64 -mno-red-zone -mgeneral-regs-only \
	-fno-pic -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-I$(top_srcdir)/include -I$(top_srcdir) -I$(top_srcdir)/tests/systems/kernel \
	-DTP_PORT_HEADER='"tests/systems/kernel/x86_64/port.h"'

tests_kernel_link_flags = \
	-no-pie -nostdlib -static \
	-Wl,--build-id=sha1 -Wl,-z,max-page-size=4096 -Wl,-T,$(tests_kernel_script)

kernel_patch.elf: tests_kernel_patch = -DTP_PATCH
kernel.elf kernel_patch.elf: $(tests_kernel_sources) $(tests_kernel_headers) $(tests_kernel_script) \
		$(tests_kernel_engine)
	$(AM_V_GEN)$(CC) $(tests_kernel_flags) $(tests_kernel_patch) $(tests_kernel_link_flags) -o $@ \
		$(tests_kernel_sources) $(tests_kernel_engine)
