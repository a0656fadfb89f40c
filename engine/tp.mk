# The engine's sources, for the build of a kernel:
#
#     include path/to/tracepoint/engine/tp.mk
#     OBJS   += $(TP_SOURCES:.c=.o)
#     CFLAGS += -I$(TP_DIR)/include -DTP_PORT_HEADER='"my_port.h"'
#
# and in the linker script, among the data: KEEP(*(tp_events)) between the
# symbols __start_tp_events and __stop_tp_events; see doc/porting.md. With
# -DTP_PATCH the same for tp_sites.
TP_DIR ?= $(patsubst %/engine/tp.mk,%,$(lastword $(MAKEFILE_LIST)))
TP_SOURCES = \
	$(TP_DIR)/engine/core/chunk.c \
	$(TP_DIR)/engine/core/crc.c \
	$(TP_DIR)/engine/control/emit.c \
	$(TP_DIR)/engine/core/event.c \
	$(TP_DIR)/engine/tree/file.c \
	$(TP_DIR)/engine/filter/filter.c \
	$(TP_DIR)/engine/filter/filter_compile.c \
	$(TP_DIR)/engine/filter/filter_word.c \
	$(TP_DIR)/engine/option/linux.c \
	$(TP_DIR)/engine/core/metadata.c \
	$(TP_DIR)/engine/core/name.c \
	$(TP_DIR)/engine/control/patch.c \
	$(TP_DIR)/engine/control/pattern.c \
	$(TP_DIR)/engine/core/pipe.c \
	$(TP_DIR)/engine/option/printk.c \
	$(TP_DIR)/engine/control/probe.c \
	$(TP_DIR)/engine/core/read.c \
	$(TP_DIR)/engine/core/region.c \
	$(TP_DIR)/engine/core/ring.c \
	$(TP_DIR)/engine/control/rule.c \
	$(TP_DIR)/engine/core/slot.c \
	$(TP_DIR)/engine/control/store.c \
	$(TP_DIR)/engine/core/task.c \
	$(TP_DIR)/engine/control/text.c \
	$(TP_DIR)/engine/core/trace.c \
	$(TP_DIR)/engine/tree/tree.c \
	$(TP_DIR)/engine/control/trigger.c
