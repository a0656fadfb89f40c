#!/bin/sh
# SPDX-License-Identifier: MIT
# What one types and sees, as asciinema plays it (asciicast, version 2), on standard output: record.sh FILE. FILE has a
# command in each line, which is run here. `make picture` renews doc/crash.cast with it.
set -eu
while IFS= read -r command; do
    echo "type $command"
    LC_ALL=C.UTF-8 sh -c "$command" 2>/dev/null | sed 's/^/show /'
done <"$1" | jq -c -R -n '
    {"version": 2, "width": 120, "height": 32, "title": "the last calls of a dead kernel"},
    foreach inputs as $line ({"at": 0, "put": []};
        .at as $at |
        if $line | startswith("type ") then
            ("$ " + $line[5:] | split("")) as $keys |
            .put = [range($keys | length) | [$at + 1 + . / 20, "o", $keys[.]]] + [[$at + 1.5 + ($keys | length) / 20, "o", "\r\n"]] |
            .at = $at + 1.5 + ($keys | length) / 20
        else
            .put = [[$at + 0.02, "o", $line[5:] + "\r\n"]] | .at = $at + 0.02
        end;
        .put[] | .[0] = (.[0] * 100 | round / 100))'
