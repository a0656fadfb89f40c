/* SPDX-License-Identifier: MIT */
/*
 * tp/version.h - which engine this is, for a kernel that is to compile with several.
 *
 *     #if TP_VERSION_MAJOR == 0 && TP_VERSION_MINOR < 2
 *
 * What a new number promises is in CONTRIBUTING.md, "Versions". The bytes of dumps have a version of
 * their own (tp/wire.h), and so has the layout of events (TP_EVENT_LAYOUT in tp/event.h).
 */
#ifndef TP_VERSION_H
#define TP_VERSION_H

#define TP_VERSION_MAJOR 0
#define TP_VERSION_MINOR 1
#define TP_VERSION_PATCH 0
#define TP_VERSION "0.1.0"

#endif
