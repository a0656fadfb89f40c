# SPDX-License-Identifier: MIT
"""Reads dumps of tracepoint: records in order of time, what was lost between them, and columns.

    import tpdecode

    with tpdecode.open("dump.tp", events="sched:switch", filter="next > 0") as dump:
        for item in dump:
            if isinstance(item, tpdecode.Record):
                print(item.time_ns, item.cpu, item["next"], item.comm, item.text)
            elif isinstance(item, tpdecode.Loss):
                print("cpu", item.cpu, "lost", item.records, item.cause)

    table = tpdecode.columns("dump.tp", "sched:switch")
    print(table["time_ns"], table["next"], table.lost)
    frame = table.to_pandas()

It is made of libtpdecode.so and needs nothing else. With numpy, columns are its arrays.
"""

from ._dump import (
    Capture, Dump, DumpError, Event, Field, FilterError, Item, Loss, NotADump, Notice, OpenError, Record,
    Sampled, SelectError, Source, SymbolsError, Totals, UnfinishedRecord, UnsupportedFormat, columns, open,
    version,
)
from ._table import Table, Texts

__all__ = [
    "Capture", "Dump", "DumpError", "Event", "Field", "FilterError", "Item", "Loss", "NotADump", "Notice",
    "OpenError", "Record", "Sampled", "SelectError", "Source", "SymbolsError", "Table", "Texts", "Totals",
    "UnfinishedRecord", "UnsupportedFormat", "columns", "open", "version",
]
