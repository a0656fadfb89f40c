#!/bin/sh
# SPDX-License-Identifier: MIT
# driver.sh DRIVER OPTION...: Automake's DRIVER for one test, with a line when it starts and one when it has ended.
#
# Of the results only those are shown that are not PASS; all are in the test's .log. TP_TEST_LOGS: the logs
# of all tests of this run. How many have ended is how many of them have a .trs.
set -u
driver=$1
shift
name='?' trs='' last=''
for word; do
    [ "$last" != --test-name ] || name=$word
    [ "$last" != --trs-file ] || trs=$word
    last=$word
done

counted()
{
    all=0 ended=0
    for log in $TP_TEST_LOGS; do
        all=$((all + 1))
        [ ! -e "${log%.log}.trs" ] || ended=$((ended + 1))
    done
}

counted
echo "  [$ended of $all done] $name"
began=$(date +%s)
shown=$("${SHELL:-/bin/sh}" "$driver" "$@")
status=$?
counted
results=$(grep -c '^:test-result: \(PASS\|XFAIL\)' "$trs" 2>/dev/null)
[ -z "$shown" ] || printf '%s\n' "$shown" | grep -v '^\(.\[[0-9;]*m\)\{0,1\}PASS'
echo "  [$ended of $all done] $name: ${results:-0} passed, $(($(date +%s) - began)) s"
exit $status
