# SPDX-License-Identifier: MIT
# decoded.sh - what tpdecode says of the dumps of recorder.c. Sourced after tap.sh, with $tpdecode set.

# Of the dumps in this folder. NAMES: of a recorder that has names of tasks.
decoded()
{
    for file in stream second snapshot; do
        [ "${1:-}" = "$(grep -qa 'name of task 7' $file && echo NAMES)" ] || { echo "$file: names"; exit 1; }
    done
    "$tpdecode" stream >lines 2>books || { cat books; exit 1; }
    # 303 were fired and chosen; 16 or 32 bytes each into 4 KiB.
    fired=$(($(grep -c . lines) - $(grep -c -e '^---' lines)))
    lost=$(sed -n 's/.* records, \([0-9]*\) lost$/\1/p' books)
    [ $((fired + lost)) = 303 ] || { echo "$fired + $lost is not 303"; cat books; exit 1; }
    grep -q ': alone_tick: n=0$' lines && ! grep -q other lines || { head lines; exit 1; }
    grep -q ': alone_text: n=0 hundred$' lines || { head lines; exit 1; }
    for file in snapshot second; do
        "$tpdecode" $file >lines 2>books || { cat books; exit 1; }
        tail -n 1 lines | grep -q ': other_tick: n=299$' || { tail -n 1 lines; exit 1; }
        ! grep -q hundred lines || exit 1
        shown=$(grep -Ec ': (alone|other)_tick: n=' lines)
        lost=$(sed -n 's/.* records, \([0-9]*\) lost$/\1/p' books)
        [ $((shown + lost)) = 600 ] || { echo "$file: $shown + $lost is not 600"; exit 1; }
    done
}
