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
	$(TP_DIR)/engine/chunk.c \
	$(TP_DIR)/engine/crc.c \
	$(TP_DIR)/engine/emit.c \
	$(TP_DIR)/engine/event.c \
	$(TP_DIR)/engine/file.c \
	$(TP_DIR)/engine/filter.c \
	$(TP_DIR)/engine/filter_compile.c \
	$(TP_DIR)/engine/filter_word.c \
	$(TP_DIR)/engine/linux.c \
	$(TP_DIR)/engine/metadata.c \
	$(TP_DIR)/engine/name.c \
	$(TP_DIR)/engine/patch.c \
	$(TP_DIR)/engine/pattern.c \
	$(TP_DIR)/engine/pipe.c \
	$(TP_DIR)/engine/printk.c \
	$(TP_DIR)/engine/probe.c \
	$(TP_DIR)/engine/read.c \
	$(TP_DIR)/engine/region.c \
	$(TP_DIR)/engine/ring.c \
	$(TP_DIR)/engine/rule.c \
	$(TP_DIR)/engine/slot.c \
	$(TP_DIR)/engine/store.c \
	$(TP_DIR)/engine/task.c \
	$(TP_DIR)/engine/text.c \
	$(TP_DIR)/engine/trace.c \
	$(TP_DIR)/engine/tree.c \
	$(TP_DIR)/engine/trigger.c
