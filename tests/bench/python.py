# SPDX-License-Identifier: MIT
"""The Python package against the text of tpdecode, for 2 million records: time of the processor, user and system, in
turns, the median of some; without the start of Python and imports.

  python_iterate   each record: its time, its CPU, its event and its fields
  python_columns   all of it as columns, texts too

python.py DIR TPDECODE    DIR has small.tp, by tpbench_decode small
"""

import os
import resource
import statistics
import subprocess
import sys

import tpdecode

RUNS = 5
RECORDS = 2000000

path = os.path.join(sys.argv[1], "small.tp")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def used(who):
    u = resource.getrusage(who)
    return u.ru_utime + u.ru_stime


def text():
    before = used(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.argv[2], path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return used(resource.RUSAGE_CHILDREN) - before


def own(work):
    before = used(resource.RUSAGE_SELF)
    work()
    return used(resource.RUSAGE_SELF) - before


def iterate():
    records = fields = 0
    last = 0
    with tpdecode.open(path) as dump:
        for record in dump.records():
            assert record.time_ns >= last and record.cpu == 0 and record.event is not None
            last = record.time_ns
            fields += len(record.fields)
            records += 1
    assert (records, fields) == (RECORDS, RECORDS * 8 // 4)


def columns():
    table = tpdecode.columns(path)
    assert table.rows == RECORDS and table["a"][RECORDS - 4] == RECORDS - 4
    assert sorted(table) == ["a", "b", "c", "cpu", "d", "event", "s", "time_ns"]


def ratio(work, limit, name):
    value = statistics.median([own(work) / text() for _ in range(RUNS)])
    print(f"bench {name} {value:.2f} {limit}", flush=True)


ratio(columns, "at most 4", "python_columns")
ratio(iterate, "at most 60", "python_iterate")
