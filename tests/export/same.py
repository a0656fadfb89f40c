# SPDX-License-Identifier: MIT
"""same.py - are two files of lines of JSON the same, types and all? What differs is printed: < is wanted."""
import itertools, json, sys

shown = 0
for want, got in itertools.zip_longest(open(sys.argv[1]), open(sys.argv[2])):
    # As text, since true is 1 for ==.
    want, got = (json.dumps(json.loads(line), sort_keys=True) if line else "nothing" for line in (want, got))
    if want != got and (shown := shown + 1) <= 5:
        print("<", want[:400], "\n>", got[:400])
sys.exit(shown > 0)
