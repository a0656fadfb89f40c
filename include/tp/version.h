/* SPDX-License-Identifier: MIT */
/*
 * tp/version.h - which engine this is.
 *
 *     #if TP_VERSION_MAJOR == 1 && TP_VERSION_MINOR < 2
 *     #define MY_EVENTS_ARE_OF_THE_FIRST_ENGINE
 *     #endif
 *
 * For a kernel that is to compile with several engines. CONTRIBUTING.md, "Versions", says what a new
 * number promises. It does not know the bytes of dumps, which have a version of their own
 * (tp/wire.h), nor the layout of events (TP_EVENT_LAYOUT in tp/event.h).
 */
#ifndef TP_VERSION_H
#define TP_VERSION_H

#define TP_VERSION_MAJOR 1
#define TP_VERSION_MINOR 0
#define TP_VERSION_PATCH 0
#define TP_VERSION "1.0.0"

#endif
