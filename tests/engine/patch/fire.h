/* SPDX-License-Identifier: MIT */
/* What live.c calls in fire.c, and in fire.cc, which is the same in C++. */
#ifdef __cplusplus
extern "C" {
#endif
void fire_n(uint32_t n);
void fire_all(void); /* live:n twice, and the others */
bool fire_enabled(void);
#ifdef __cplusplus
}
#endif
