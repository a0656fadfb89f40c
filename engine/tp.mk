# SPDX-License-Identifier: MIT
# The engine's sources, for the build of a kernel. With all that there is:
#
#     include path/to/tracepoint/engine/tp.mk
#     OBJS   += $(TP_SOURCES:.c=.o)
#     CFLAGS += -I$(TP_DIR)/include -DTP_PORT_HEADER='"my_port.h"'
#
# The recorder alone is $(TP_CORE_ALONE): $(TP_CORE) $(TP_NO_CONTROL) $(TP_NO_TASK). What can be added
# has lists of its own:
#
#     TP_CONTROL    filters, sampling, triggers, probes, code patching, and TP_TASK: instead of
#                   TP_NO_CONTROL and TP_NO_TASK
#     TP_TASK       names of tasks and the wall time: instead of TP_NO_TASK
#     TP_TREE       control files; needs TP_CONTROL and TP_LINUX
#     TP_ATTACH     reading what an earlier boot has left
#     TP_MODULE     events of loadable modules; needs TP_CONTROL
#     TP_PRINTK     tp_printk
#     TP_FUNCTION   function tracing, which TP_SOURCES does not have, on x86_64, aarch64 and riscv64, the
#                   last two with port/.../hooks.S; elsewhere, and without TP_CONTROL,
#                   option/function.c alone: doc/functions.md
#     TP_LINUX      texts of formats as Linux has them; needs TP_CONTROL
#
# for example $(TP_CORE) $(TP_CONTROL) $(TP_PRINTK), or $(TP_CORE) $(TP_NO_CONTROL) $(TP_TASK). In the linker script, among the data:
# KEEP(*(tp_events)) between the symbols __start_tp_events and __stop_tp_events; see
# doc/porting.md. With -DTP_PATCH the same for tp_sites.
#
# TP_OBJECTS, if TP_BUILD is set to a folder before this is included, are objects of TP_SOURCES (or of
# what TP_USED is set to) with rules of their own, which follow the headers that they include: the
# port's as well. They are made with $(CC) $(CPPFLAGS) $(CFLAGS) $(TP_CFLAGS). Include this before the
# rules that need TP_OBJECTS; it leaves the default goal alone.

TP_ENGINE := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
TP_DIR := $(patsubst %/engine,%,$(patsubst engine,./engine,$(TP_ENGINE)))

TP_CORE := $(addprefix $(TP_ENGINE)/, \
	event/check.c event/crc.c event/event.c event/match.c event/metadata.c core/chunk.c \
	core/layout.c core/pipe.c core/read.c core/region.c core/ring.c core/state.c core/trace.c \
	option/error.c)
TP_NO_CONTROL := $(TP_ENGINE)/core/nocontrol.c
TP_NO_TASK := $(TP_ENGINE)/core/notask.c
TP_CORE_ALONE := $(TP_CORE) $(TP_NO_CONTROL) $(TP_NO_TASK)
TP_TASK := $(TP_ENGINE)/control/task.c
TP_FILTER := $(addprefix $(TP_ENGINE)/, filter/filter.c filter/filter_compile.c filter/filter_float.c \
	filter/filter_word.c)
TP_CONTROL := $(TP_FILTER) $(TP_TASK) $(addprefix $(TP_ENGINE)/, \
	control/emit.c control/epoch.c control/patch.c control/probe.c control/program.c \
	control/registry.c control/rule.c control/seam.c control/select.c control/text.c \
	control/trigger.c control/values.c)
TP_TREE := $(addprefix $(TP_ENGINE)/, tree/tree.c tree/tree_file.c tree/tree_function.c \
	tree/tree_place.c)
TP_ATTACH := $(TP_ENGINE)/option/attach.c
TP_MODULE := $(TP_ENGINE)/option/module.c
TP_PRINTK := $(TP_ENGINE)/option/printk.c
TP_LINUX := $(TP_ENGINE)/option/linux.c
TP_FUNCTION := $(addprefix $(TP_ENGINE)/option/, function.c shadow.c site.c)

TP_SOURCES := $(TP_CORE) $(TP_CONTROL) $(TP_TREE) $(TP_ATTACH) $(TP_MODULE) $(TP_PRINTK) $(TP_LINUX)

ifdef TP_BUILD
TP_GOAL := $(.DEFAULT_GOAL)
TP_USED ?= $(TP_SOURCES)
TP_OBJECTS := $(patsubst $(TP_ENGINE)/%.c,$(TP_BUILD)/%.o,$(TP_USED))
TP_CFLAGS += -I$(TP_DIR)/include
$(TP_BUILD)/%.o: $(TP_ENGINE)/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(TP_CFLAGS) -MMD -MP -c $< -o $@
-include $(TP_OBJECTS:.o=.d)
.DEFAULT_GOAL := $(TP_GOAL)
endif
