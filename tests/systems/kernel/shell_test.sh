#!/bin/sh
# SPDX-License-Identifier: MIT
# The control tree as a person sees it: the commands of shell.txt, typed on the test kernel's second serial
# line, are answered as it says there, each of them. And its streams decode.
. "$(dirname "$0")/lib.sh"
. "$here/works.sh"

the_shell
echo "1..$n"
