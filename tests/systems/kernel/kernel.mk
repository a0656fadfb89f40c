# SPDX-License-Identifier: MIT
# The test kernels: their sources and how they are compiled, for the build of this
# project. Needs tests_kernel_engine, the engine's sources, and top_srcdir.
#
# Each is one command, which compiles and links all of it. kernel.elf is for x86-64, and takes a
# compiler that makes x86-64 code: gcc or clang. The others are cross-compiled, for tests only.

tests_kernel = $(top_srcdir)/tests/systems/kernel
tests_kernel_port = $(top_srcdir)/engine/port

# What all boards share; those with virtio consoles have virtio.c as well.
tests_kernel_common = \
	$(tests_kernel)/bell.c \
	$(tests_kernel)/books.c \
	$(tests_kernel)/die.c \
	$(tests_kernel)/events.c \
	$(tests_kernel)/export.c \
	$(tests_kernel)/hook.c \
	$(tests_kernel)/hotplug.c \
	$(tests_kernel)/irq.c \
	$(tests_kernel)/known.c \
	$(tests_kernel)/live.c \
	$(tests_kernel)/main.c \
	$(tests_kernel)/mm.c \
	$(tests_kernel)/nofunctions.c \
	$(tests_kernel)/options.c \
	$(tests_kernel)/probes.c \
	$(tests_kernel)/say.c \
	$(tests_kernel)/sched.c \
	$(tests_kernel)/shell.c \
	$(tests_kernel)/smp.c \
	$(tests_kernel)/story.c \
	$(tests_kernel)/syscall.c \
	$(tests_kernel)/workload.c

tests_kernel_headers = \
	$(tests_kernel)/kernel.h \
	$(tests_kernel)/events.h \
	$(tests_kernel)/preempt.h \
	$(tests_kernel)/hooks.h \
	$(tests_kernel_port)/stack/frames.h \
	$(tests_kernel_port)/transport/kept.h \
	$(tests_kernel_port)/transport/pl011.h \
	$(tests_kernel_port)/transport/semihosting.h \
	$(tests_kernel_port)/transport/uart_16550.h \
	$(tests_kernel_port)/transport/uhi.h \
	$(tests_kernel_port)/transport/virtio_console.h

tests_kernel_flags = \
	-std=gnu11 -O2 -g -Wall -Wextra \
	-ffreestanding -fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables \
	-I$(top_srcdir)/include -I$(top_srcdir) -I$(tests_kernel)

tests_kernel_link_flags = \
	-nostdlib -static -Wl,--build-id=sha1 -Wl,-z,max-page-size=4096

# --- x86_64: QEMU's microvm ---

tests_kernel_x86_64 = $(tests_kernel_common) \
	$(tests_kernel)/profile.c \
	$(tests_kernel)/x86_64/boot.S \
	$(tests_kernel)/x86_64/console.c \
	$(tests_kernel)/x86_64/cpu.c \
	$(tests_kernel)/x86_64/patch.c \
	$(tests_kernel)/x86_64/pvh.c \
	$(tests_kernel)/x86_64/storm.c \
	$(tests_kernel)/x86_64/string.c \
	$(tests_kernel)/x86_64/trap.c \
	$(tests_kernel)/virtio.c \
	$(tests_kernel)/x86_64/works.c \
	$(tests_kernel_port)/x86_64/tsc.c
tests_kernel_x86_64_flags = -m64 -mno-red-zone -mgeneral-regs-only -mno-omit-leaf-frame-pointer -fno-pic -no-pie \
	-fcf-protection=none -I$(tests_kernel)/x86_64
tests_kernel_x86_64_port = -DTP_PORT_HEADER='"tests/systems/kernel/x86_64/port.h"'

# -mgeneral-regs-only: nobody saves vector registers. -fno-pic: it runs where it is linked.
kernel_patch.elf: tests_kernel_patch = -DTP_PATCH
kernel.elf kernel_patch.elf: $(tests_kernel_x86_64) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/x86_64/board.h $(tests_kernel)/x86_64/kernel.ld \
		$(tests_kernel)/x86_64/port.h $(tests_kernel_port)/x86_64/port.h
	$(AM_V_GEN)$(CC) $(tests_kernel_flags) $(tests_kernel_patch) \
		$(tests_kernel_x86_64_flags) $(tests_kernel_x86_64_port) \
		$(tests_kernel_link_flags) -Wl,-T,$(tests_kernel)/x86_64/kernel.ld -o $@ \
		$(tests_kernel_x86_64) $(tests_kernel_engine)

# The same with function tracing. These have no nops: memcpy and its kin, what the hooks and the patcher
# need, what reads the pipe, the books, and what asks for it all. The hooks' own frames would be two instructions of each.
tests_kernel_untraced = $(tests_kernel)/books.c $(tests_kernel)/events.c $(tests_kernel)/export.c \
	$(tests_kernel)/hook.c $(tests_kernel)/virtio.c $(tests_kernel)/x86_64/boot.S $(tests_kernel)/x86_64/patch.c \
	$(tests_kernel)/x86_64/string.c $(tests_kernel_port)/x86_64/tsc.c
tests_kernel_traced = $(filter-out $(tests_kernel_untraced) $(tests_kernel)/nofunctions.c, \
	$(tests_kernel_x86_64))
kernel_functions.elf: tests_kernel_nops = -pg -mfentry -mnop-mcount -mrecord-mcount -minstrument-return=nop5 -mrecord-return \
	-fno-optimize-sibling-calls
kernel_entries.elf: tests_kernel_nops = -fpatchable-function-entry=5
kernel_functions.elf kernel_entries.elf: $(tests_kernel_x86_64) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/x86_64/board.h $(tests_kernel)/x86_64/kernel.ld \
		$(tests_kernel)/x86_64/port.h $(tests_kernel_port)/x86_64/port.h \
		$(tests_kernel)/functions.c $(tests_kernel)/site_port.h $(tests_kernel_function)
	$(AM_V_GEN)set -e; make() { $(CC) $(tests_kernel_flags) $(tests_kernel_x86_64_flags) -DKERNEL_NO_HOOKS \
			-nostdlib "$$@"; }; \
		make $(tests_kernel_x86_64_port) $(tests_kernel_nops) -r -o $@.traced.o $(tests_kernel_traced); \
		make -DTP_PORT_HEADER='"tests/systems/kernel/site_port.h"' -fomit-frame-pointer -c -o $@.site.o \
			$(top_srcdir)/engine/option/site.c; \
		make $(tests_kernel_x86_64_port) $(tests_kernel_link_flags) \
			-Wl,-T,$(tests_kernel)/x86_64/kernel.ld -o $@ $@.traced.o $@.site.o \
			$(tests_kernel)/functions.c $(tests_kernel_untraced) \
			$(top_srcdir)/engine/option/function.c $(tests_kernel_engine); \
		rm -f $@.traced.o $@.site.o

# --- QEMU's virt machines ---

tests_kernel_cross = $(tests_kernel_common) $(tests_kernel)/string.c $(tests_kernel)/virt_works.c
tests_kernel_virt = $(tests_kernel_cross) $(tests_kernel)/host.c $(tests_kernel)/patch.c $(tests_kernel)/profile.c $(tests_kernel)/virtio.c

# string.c must not become calls of what it defines.
tests_kernel_virt_flags = $(tests_kernel_flags) -fno-tree-loop-distribute-patterns -fno-pic -no-pie

tests_kernel_aarch64 = $(tests_kernel_virt) \
	$(tests_kernel)/aarch64/boot.S \
	$(tests_kernel)/aarch64/console.c \
	$(tests_kernel)/aarch64/cpu.c

kernel_aarch64_patch.elf: tests_kernel_patch = -DTP_PATCH
kernel_aarch64.elf kernel_aarch64_patch.elf: $(tests_kernel_aarch64) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/aarch64/board.h $(tests_kernel)/aarch64/kernel.ld \
		$(tests_kernel)/aarch64/port.h $(tests_kernel_port)/aarch64/port.h
	$(AM_V_GEN)aarch64-linux-gnu-gcc $(tests_kernel_virt_flags) \
		$(tests_kernel_patch) -mgeneral-regs-only -mno-outline-atomics -mno-omit-leaf-frame-pointer \
		-I$(tests_kernel)/aarch64 -DTP_PORT_HEADER='"tests/systems/kernel/aarch64/port.h"' \
		$(tests_kernel_link_flags) -Wl,-T,$(tests_kernel)/aarch64/kernel.ld -o $@ \
		$(tests_kernel_aarch64) $(tests_kernel_engine)

# The same with function tracing. What has no nops is as on x86_64; here it is shadow.c whose port counts.
tests_kernel_virt_untraced = $(tests_kernel)/books.c $(tests_kernel)/events.c $(tests_kernel)/export.c \
	$(tests_kernel)/hook.c $(tests_kernel)/virtio.c $(tests_kernel)/patch.c $(tests_kernel)/string.c
tests_kernel_hooks = $(top_srcdir)/engine/option/shadow.c
tests_kernel_virt_function = $(tests_kernel_function) $(tests_kernel)/functions.c $(tests_kernel)/site_port.h

# make_functions OPTIONS-OF-THE-TRACED TRACED -- OTHERS: compiles and links it all
tests_kernel_make_functions = set -e; make() { $(1) $(tests_kernel_virt_flags) $(2) -DKERNEL_NO_HOOKS -nostdlib "$$@"; }; \
	port='-DTP_PORT_HEADER="tests/systems/kernel/$(3)/port.h"'; \
	make "$$port" $(4) -r -o $@.traced.o $(filter-out $(tests_kernel_virt_untraced) $(tests_kernel)/nofunctions.c %.S,$(5)); \
	make '-DTP_PORT_HEADER="tests/systems/kernel/site_port.h"' -c -o $@.site.o $(tests_kernel_hooks); \
	make "$$port" $(tests_kernel_link_flags) -Wl,-T,$(tests_kernel)/$(3)/kernel.ld -o $@ \
		$(filter %.S,$(5)) $@.traced.o $@.site.o $(tests_kernel_virt_untraced) $(tests_kernel)/functions.c \
		$(top_srcdir)/engine/option/function.c $(top_srcdir)/engine/option/site.c \
		$(tests_kernel_port)/$(3)/hooks.S $(tests_kernel_engine); \
	rm -f $@.traced.o $@.site.o

kernel_aarch64_functions.elf: $(tests_kernel_aarch64) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/aarch64/board.h $(tests_kernel)/aarch64/kernel.ld \
		$(tests_kernel)/aarch64/port.h $(tests_kernel_port)/aarch64/port.h \
		$(tests_kernel_port)/aarch64/hooks.S $(tests_kernel_virt_function)
	$(AM_V_GEN)$(call tests_kernel_make_functions,aarch64-linux-gnu-gcc,-mgeneral-regs-only -mno-outline-atomics \
		-mno-omit-leaf-frame-pointer -I$(tests_kernel)/aarch64,aarch64,-fpatchable-function-entry=2,$(tests_kernel_aarch64))

# In S mode, with the firmware that QEMU has, and in M mode without one.
tests_kernel_riscv64 = $(tests_kernel_virt) \
	$(tests_kernel)/riscv64/boot.S \
	$(tests_kernel)/riscv64/console.c \
	$(tests_kernel)/serial.c \
	$(tests_kernel)/riscv64/cpu.c

kernel_riscv64_patch.elf: tests_kernel_patch = -DTP_PATCH
kernel_riscv64.elf kernel_riscv64_patch.elf: tests_kernel_mode = -Wl,--defsym=kernel_start=0x80200000 \
	$(tests_kernel)/riscv64/sbi.c
kernel_riscv64m.elf: tests_kernel_mode = -Wl,--defsym=kernel_start=0x80000000 \
	-DTP_RISCV64_MACHINE $(tests_kernel)/riscv64/machine.c
kernel_riscv64.elf kernel_riscv64_patch.elf kernel_riscv64m.elf: $(tests_kernel_riscv64) $(tests_kernel_headers) \
		$(tests_kernel_engine) $(tests_kernel)/riscv64/board.h $(tests_kernel)/riscv64/kernel.ld \
		$(tests_kernel)/riscv64/machine.c $(tests_kernel)/riscv64/mode.h \
		$(tests_kernel)/riscv64/port.h $(tests_kernel)/riscv64/sbi.c \
		$(tests_kernel_port)/riscv64/port.h
	$(AM_V_GEN)riscv64-linux-gnu-gcc $(tests_kernel_virt_flags) $(tests_kernel_patch) \
		-march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany $(tests_kernel_mode) \
		-I$(tests_kernel)/riscv64 -DTP_PORT_HEADER='"tests/systems/kernel/riscv64/port.h"' \
		$(tests_kernel_link_flags) -Wl,-T,$(tests_kernel)/riscv64/kernel.ld -o $@ \
		$(tests_kernel_riscv64) $(tests_kernel_engine)

# Functions without compressed instructions: then each begins at an address where a word is written at once.
kernel_riscv64_functions.elf: $(tests_kernel_riscv64) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/riscv64/board.h $(tests_kernel)/riscv64/kernel.ld $(tests_kernel)/riscv64/mode.h \
		$(tests_kernel)/riscv64/port.h $(tests_kernel)/riscv64/sbi.c $(tests_kernel_port)/riscv64/port.h \
		$(tests_kernel_port)/riscv64/hooks.S $(tests_kernel_virt_function)
	$(AM_V_GEN)$(call tests_kernel_make_functions,riscv64-linux-gnu-gcc,-march=rv64ima_zicsr_zifencei -mabi=lp64 \
		-mcmodel=medany -Wl$(comma)--defsym=kernel_start=0x80200000 -I$(tests_kernel)/riscv64,riscv64,-fpatchable-function-entry=2,$(tests_kernel_riscv64) $(tests_kernel)/riscv64/sbi.c)
comma = ,

# --- QEMU's malta: 32 bits, big-endian, one CPU ---

tests_kernel_mips32 = $(tests_kernel_cross) \
	$(tests_kernel)/mips32/boot.S \
	$(tests_kernel)/mips32/console.c \
	$(tests_kernel)/serial.c \
	$(tests_kernel)/mips32/cpu.c \
	$(tests_kernel)/mips32/divide.c \
	$(tests_kernel)/noprofile.c

kernel_mips32.elf: $(tests_kernel_mips32) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/mips32/board.h $(tests_kernel)/mips32/kernel.ld \
		$(tests_kernel)/mips32/port.h $(tests_kernel_port)/mips32/port.h
	$(AM_V_GEN)mips-linux-gnu-gcc $(tests_kernel_virt_flags) -DCPUS=1 \
		-march=mips32r2 -msoft-float -mno-abicalls -G0 \
		-I$(tests_kernel)/mips32 -DTP_PORT_HEADER='"tests/systems/kernel/mips32/port.h"' \
		$(tests_kernel_link_flags) -Wl,-T,$(tests_kernel)/mips32/kernel.ld -o $@ \
		$(tests_kernel_mips32) $(tests_kernel_engine)

# --- QEMU's mps2-an385: a Cortex-M3 ---

tests_kernel_cortex_m3 = $(tests_kernel_cross) \
	$(tests_kernel)/cortex-m3/boot.S \
	$(tests_kernel)/cortex-m3/console.c \
	$(tests_kernel)/cortex-m3/cpu.c \
	$(tests_kernel)/host.c \
	$(tests_kernel)/noprofile.c \
	$(tests_kernel_port)/cortex-m/systick.c

# Of libgcc only arithmetic.
kernel_cortex_m3.elf: $(tests_kernel_cortex_m3) $(tests_kernel_headers) $(tests_kernel_engine) \
		$(tests_kernel)/cortex-m3/board.h $(tests_kernel)/cortex-m3/kernel.ld \
		$(tests_kernel)/cortex-m3/port.h $(tests_kernel_port)/cortex-m/port.h
	$(AM_V_GEN)arm-none-eabi-gcc $(tests_kernel_virt_flags) -DCPUS=1 -mcpu=cortex-m3 -mthumb \
		-I$(tests_kernel)/cortex-m3 -DTP_PORT_HEADER='"tests/systems/kernel/cortex-m3/port.h"' \
		$(tests_kernel_link_flags) -Wl,-z,noexecstack -Wl,-T,$(tests_kernel)/cortex-m3/kernel.ld -o $@ \
		$(tests_kernel_cortex_m3) $(tests_kernel_engine) -lgcc
