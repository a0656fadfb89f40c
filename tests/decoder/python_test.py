# SPDX-License-Identifier: MIT
"""The Python package against what tpdecode says of the same dump as JSON.

python_test.py json TPDECODE FILE...  all items of each file, and the columns of each of its events
python_test.py layout                 sizes and offsets of the structs, as layout.c prints them
python_test.py calls FILE             selections, errors, sources, following (FILE: golden loss)
python_test.py pandas FILE            the same columns as a DataFrame (golden tasks)
Prints what is wrong; exits with 1 then.
"""

import ctypes
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

import tpdecode
from tpdecode import _library as lib

wrong = 0


def is_(got, want, what):
    global wrong
    if got != want:
        wrong += 1
        print(f"{what}: {got!r}, not {want!r}")


def raises(error, call, text=None):
    try:
        call()
    except error as e:
        if text is not None:
            is_(str(e), text, error.__name__)
        return e
    is_("nothing", error.__name__, "raised")
    return None


# --- against JSON ---


def shown(text):
    """As JSON has texts of a dump: what is no UTF-8, or turns text around, is another character there."""
    return isinstance(text, str) and all(" " <= c <= "~" for c in text)


def same(field, got, want):
    """Is a value that of JSON? Names of an enum are left out."""
    if isinstance(want, list):
        want = want[:-1] if want[-1:] == ["..."] else want
        return len(got) == len(want) and all(same(field, g, w) for g, w in zip(got, want))
    if field.table is not None and isinstance(want, str):
        return isinstance(got, int)
    if field.type == "pointer":
        return f"{got:#x}" == want
    if field.type == "float":
        want = float(want)
        if field.width_bytes == 4:
            want = struct.unpack("f", struct.pack("f", want))[0]
        return got == want or got != got and want != want
    if field.type == "bytes":
        cut = want.endswith("...")
        return got.hex() == (want[:-3] if cut else want)
    if isinstance(want, str):
        if not shown(want):
            return isinstance(got, str)
        return got == want or want == got + "..."
    return type(got) is type(want) and got == want


def record(item, want, what):
    is_(item.time_ns, want["time_ns"], what)
    is_(item.cpu, want["cpu"], what)
    is_(type(item) is tpdecode.UnfinishedRecord, want.get("unfinished", False), what)
    is_(item.pid, want.get("common_pid"), what + " pid")
    if shown(want.get("common_comm", "\0")):
        is_(item.comm or "<...>", want["common_comm"], what + " comm")
    is_(item.decoded, "fields" in want, what)
    if not item.decoded:
        return
    if shown(want["sys"]) and shown(want["event"]):
        is_(item.event.full_name, f"{want['sys']}:{want['event']}", what)
    values = item.fields
    is_(len(values), len(want["fields"]), what)
    if len(values) != len(item.event.fields):
        return  # two fields of one name: JSON has the last of them, the library the first
    for field, value in zip(item.event.fields, want["fields"].values()):
        if not same(field, values[field.name], value):
            is_((field.name, values[field.name]), value, what)


def items(tpdecode_path, path):
    run = subprocess.run([tpdecode_path, "--format", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wanted = [json.loads(line) for line in run.stdout.decode().splitlines()]
    wanted = [w for w in wanted if "time_ns" in w or "suppressed" in w]
    got = []
    dump = tpdecode.open(path)
    try:
        for item in dump:
            if isinstance(item, (tpdecode.Record, tpdecode.Loss, tpdecode.Sampled)):
                got.append(item)
    except (tpdecode.NotADump, tpdecode.UnsupportedFormat):
        is_(run.returncode in (1, 3), True, f"{path}: exit code {run.returncode}")
    totals = dump.totals
    dump.close()
    is_(len(got), len(wanted), f"{path}: items")
    for i, (item, want) in enumerate(zip(got, wanted)):
        what = f"{path}: item {i}"
        if "suppressed" in want:
            is_((item.records, item.event), (want["suppressed"], f"{want['sys']}:{want['event']}"), what)
        elif "lost" in want:
            is_((item.records or None, item.cpu, item.cause, item.time_ns),
                (want["lost"], want["cpu"], want["cause"], want["time_ns"]), what)
        else:
            record(item, want, what)
    said = f"{totals.records} records, {totals.lost} lost"
    is_(said in run.stderr.decode() or run.returncode == 3, True, f"{path}: {said}")
    return [g for g in got if type(g) is tpdecode.Record]


def listed(cells):
    return list(cells) if isinstance(cells, tpdecode.Texts) else cells.tolist()


def column(path, table, rows, field):
    cells = listed(table[field.name])
    given = table.given.get(field.name, [1] * len(rows))
    for row, cell, there in zip(rows, cells, given):
        is_(bool(there), row.decoded, f"{path}: given {field.name}")
        if not row.decoded:
            continue
        value = row[field.name]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "surrogateescape")
        if not isinstance(value, list) and value == value:
            is_(cell, value, f"{path}: column {field.name}")


def tables(path, records):
    events = {}
    for r in records:
        if r.event is not None:
            events.setdefault((r.event.hash, r.input), r.event)
    names = [e.full_name for e in events.values()]
    for event in events.values():
        if names.count(event.full_name) > 1 or not shown(event.full_name) or set(event.full_name) & set("*?,[\\"):
            continue
        rows = [r for r in records if r.event is not None and r.event.full_name == event.full_name]
        try:
            table = tpdecode.columns(path, event.full_name)
        except (tpdecode.NotADump, tpdecode.UnsupportedFormat):
            continue
        is_(table.rows, len(rows), f"{path}: rows of {event.full_name}")
        is_(listed(table["time_ns"]), [r.time_ns for r in rows], f"{path}: times")
        is_(listed(table["cpu"]), [r.cpu for r in rows], f"{path}: cpus")
        for field in event.fields:
            if field.name not in ("time_ns", "cpu"):
                column(path, table, rows, field)


def json_all(tpdecode_path, paths):
    for path in paths:
        tables(path, items(tpdecode_path, path))


# --- the rest ---


def layout():
    for name, c in (("item", lib.CItem), ("field", lib.CField), ("totals", lib.CTotals), ("column", lib.CColumn),
                    ("capture", lib.CCapture), ("record", lib.CRecord), ("loss", lib.CLoss),
                    ("sampled", lib.CSampled), ("notice", lib.CNotice)):
        print(name, ctypes.sizeof(c), *(f"{f[0]}={getattr(c, f[0]).offset}" for f in c._fields_ if f[0] != "kinds"))


def calls(path):
    with tpdecode.open(path) as dump:
        records = list(dump.records())
    is_([r["v"] for r in records], [1, 2, 4, 3], "values")
    is_(records[0].text, "v=1", "text")
    is_(records[0].event.fields[0].type_name, "u32", "type")
    is_(sum(loss.records for loss in dump.losses), 17, "lost")
    is_(dump.captures[0].clock_hz, 1000, "clock")
    raises(ValueError, lambda: dump.totals, "the dump was closed")

    data = open(path, "rb").read()
    for source in (data, bytearray(data), io.BytesIO(data), open(path, "rb")):
        is_([r["v"] for r in tpdecode.open(source, cpus="0").records()], [1, 2, 3], f"{type(source)}")
    is_([r["v"] for r in tpdecode.open(path, filter="v >= 3").records()], [4, 3], "filter")
    is_([r.cpu for r in tpdecode.open(path, start="2.5", end="2.6").records()], [1], "time")
    is_([r["v"] for r in tpdecode.open(path, path).records()], [1, 2, 4, 3], "each record once")

    raises(tpdecode.OpenError, lambda: tpdecode.open("/nonexistent"), "/nonexistent: No such file or directory")
    raises(tpdecode.SelectError, lambda: tpdecode.open(path, cpus="x"), "not a list of numbers: 'x'")
    error = raises(tpdecode.FilterError, lambda: tpdecode.open(path, filter="v >"),
                   "a number was expected at column 4\nv >\n   ^")
    is_(error.column, 3, "column")
    raises(tpdecode.FilterError, lambda: list(tpdecode.open(path, filter="w > 1")))
    raises(tpdecode.NotADump, lambda: list(tpdecode.open(b"\x89PNG\r\n\x1a\n")),
           "memory: not a tracepoint dump (no chunk found in 8 bytes)")
    raises(tpdecode.NotADump, lambda: tpdecode.columns(b""), "memory: empty, not a dump")
    raises(tpdecode.DumpError, lambda: list(tpdecode.open()), "nothing was added that can be read")
    raises(tpdecode.SymbolsError, lambda: tpdecode.open(path, symbols="/nonexistent"))
    raises(TypeError, lambda: tpdecode.open(7))
    raises(tpdecode.SelectError, lambda: tpdecode.columns(path, "t:num", texts=("w",)), "no field w")

    class Broken:
        def read(self, size):
            raise RuntimeError("broken")

    raises(RuntimeError, lambda: list(tpdecode.open(Broken())), "broken")

    table = tpdecode.columns(path)
    is_(list(table), ["time_ns", "cpu", "event", "v"], "columns")
    is_(listed(table["event"]), ["t:num"] * 4, "events")
    is_(table["event"][-1], "t:num", "the last one")
    is_(table["event"][1:3], ["t:num", "t:num"], "some")
    is_((table.lost, len(table.losses), table.rows), (17, 8, 4), "losses of columns")
    is_(repr(table), "<Table time_ns, cpu, event, v: 4 records, 17 lost>", "repr")
    is_(listed(tpdecode.columns(path, "t:num", texts=("v",))["v"]), ["1", "2", "4", "3"], "as text")
    is_(tpdecode.columns(path, "t:none").rows, 0, "no such event")

    follows(data)


def follows(data):
    with tempfile.NamedTemporaryFile() as file:
        written = [0]

        def more():
            file.write(data[written[0]:written[0] + 400])
            file.flush()
            written[0] += 400
            return written[0] > 10 * len(data)

        got = [r["v"] for r in tpdecode.open(file.name, follow=more).records()]
        is_(got, [1, 2, 4, 3], "followed")

        def fails():
            raise KeyboardInterrupt

        file.truncate(0)
        raises(KeyboardInterrupt, lambda: list(tpdecode.open(file.name, follow=fails)))


def many(path):
    """More rows than there is room for at first, and texts that need more than theirs: a dump many times."""
    from tpdecode import _dump, _table
    for rows, text in ((1, 1), (3, 5), (4, 64)):
        _table.ROWS = _dump.ROWS = rows
        _table.TEXT_BYTES = _dump.TEXT_BYTES = text
        _table.RECORD_BYTES, _dump.RECORD_BYTES = 1, 1 << 40
        table = tpdecode.columns(path)
        is_(table["common_comm"][9], "a b", f"{rows} rows")
        is_(table["common_comm"][1], "twenty-four_bytes_are_ok", f"{rows} rows")
        is_(listed(table["v"]), list(range(10)), f"{rows} rows")
        is_([r.comm for r in tpdecode.open(path).records()][9], "a b", f"{text} bytes")


def pandas(path):
    frame = tpdecode.columns(path).to_pandas()
    is_(list(frame.columns), ["time_ns", "cpu", "common_pid", "common_comm", "event", "v"], "columns")
    is_(frame["v"].sum(), 45, "sum")
    is_(frame["common_comm"].isna().sum(), 2, "names that are not known")
    is_(frame.groupby("common_pid")["v"].count()[1], 5, "records of init")
    is_(frame.attrs["lost"], 0, "lost")
    import numpy
    is_(tpdecode.columns(path, "t:num")["v"].dtype, numpy.dtype("uint64"), "type")


what, arguments = sys.argv[1], sys.argv[2:]
if what == "json":
    json_all(arguments[0], arguments[1:])
else:
    {"layout": layout, "calls": calls, "pandas": pandas, "many": many}[what](*arguments)
sys.exit(wrong != 0)
