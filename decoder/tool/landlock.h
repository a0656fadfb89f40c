/* SPDX-License-Identifier: MIT */
/* landlock.h - which files may still be reached by name: all that Landlock does here. */
#ifndef LANDLOCK_H
#define LANDLOCK_H

/*
 * From here on no file is opened, made, changed or removed by a name, and nothing is connected to. `folder`: but
 * in it and below it files may be renamed and removed; NULL: nowhere. `filled`, a directory that is open, or -1:
 * but in it and below it files and directories may be made and removed, and files be opened to be written. What is
 * open stays usable. There is no way back. 0 or an errno: ENOSYS if the kernel has no Landlock, EOPNOTSUPP if it is
 * switched off.
 */
int landlock_enter(const char *folder, int filled);

#endif
