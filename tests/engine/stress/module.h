/* SPDX-License-Identifier: MIT */
/* What the module and who loads it share. */
#ifndef MODULE_H
#define MODULE_H

#include <stdint.h>

int module_add(void);
int module_remove(void);
void module_fire(uint64_t n);
void module_mark(uint32_t round);

static inline uint32_t module_check(uint64_t n)
{
    return (uint32_t)(n * 0x9e3779b97f4a7c15u >> 32);
}

#endif
