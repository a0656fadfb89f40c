# SPDX-License-Identifier: MIT
# Of each CPU: events that were recorded, and those that were lost. Without those of tracepoint.ko.
reduce inputs as $i ({};
    if $i | has("lost") then .["\($i.cpu)"] += $i.lost
    elif ($i | has("time_ns")) and $i.sys != "cpu" then .["\($i.cpu)"] += 1 else . end)
| to_entries[] | "cpu=\(.key) count=\(.value)"
