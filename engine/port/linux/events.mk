# SPDX-License-Identifier: MIT
# For the Kbuild of a module that has events:
#
#     tp := /path/to/tracepoint
#     include $(tp)/engine/port/linux/events.mk
#     obj-m := my.o
#     my-y := my_first.o my_second.o
#
# Two objects or more: one alone is not linked with ldflags-y.

ccflags-y += -I$(tp)/include -I$(tp)/engine/port/linux -I$(tp)/engine/port/linux/include
ccflags-y += -DTP_PORT_HEADER='"$(tp)/engine/port/linux/port.h"'
# Tracing of functions would trace what traces, and costs a nop in each.
ccflags-remove-y += $(CC_FLAGS_FTRACE)
ldflags-y += -T $(tp)/engine/port/linux/events.lds
