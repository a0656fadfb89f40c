/* SPDX-License-Identifier: MIT */
/* functions.c - the loop of a function that is entered and returns, as -finstrument-functions has it. */
#include <stddef.h>
#include <tp/fn.h>

void loop_functions(uint32_t events);
void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

void loop_functions(uint32_t events)
{
    for (uint32_t i = 0; i < events; i += 2) {
        __cyg_profile_func_enter((void *)loop_functions, NULL);
        __cyg_profile_func_exit((void *)loop_functions, NULL);
    }
}
