/* SPDX-License-Identifier: MIT */
/* colour.h - what terminals take for colours, by what is shown in them. */
#ifndef COLOUR_H
#define COLOUR_H

#define COLOUR_NAME "\033[1m"
#define COLOUR_TIME "\033[36m"
#define COLOUR_BAD "\033[31m"
#define COLOUR_PLAIN "\033[0m"

#endif
