/* SPDX-License-Identifier: MIT */
/* port.h - the test kernel's port: that of MIPS as it is, and what all boards add. */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H

#include "engine/port/mips32/port.h"

#include "hooks.h"

#endif
