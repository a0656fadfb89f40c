# SPDX-License-Identifier: MIT
"""Dumps, the items that they hold, and errors."""

import ctypes
import os
import struct
from array import array
from ctypes import byref, c_uint64
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

from . import _library as lib
from ._library import library
from ._table import RECORD_BYTES, ROWS, ROWS_GUESSED, Column, Table

BATCH_ROWS = 1024  # of records that are taken at once while all are gone through
TEXT_BYTES = 1 << 20  # room for the texts of a column; doubled when it is too small for one

# What can be read: a path, bytes, or an object with read(), of which bytes are taken.
Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, Any]


class DumpError(Exception):
    """What the library says. `code` is that of tpdecode.h."""

    code = 0


class OpenError(DumpError):
    """A path cannot be opened."""


class SelectError(DumpError):
    """Events, CPUs, pids or a time that make no sense."""


class FilterError(SelectError):
    """A filter is no expression, or asks for what no event has. `column`: where, from 0."""

    column = -1


class NotADump(DumpError):
    """An input is no dump. All that others hold was given before."""


class UnsupportedFormat(DumpError):
    """An input has a newer format than the library reads."""


class SymbolsError(DumpError):
    """The file of symbols cannot be used."""


_ERRORS = {lib.EOPEN: OpenError, lib.ESELECT: SelectError, lib.EFILTER: FilterError, lib.EFOREIGN: NotADump,
           lib.EUNSUPPORTED: UnsupportedFormat, lib.ESYMBOLS: SymbolsError}


def _decode(text: Optional[bytes]) -> str:
    return (text or b"").decode("utf-8", "surrogateescape")


def version() -> str:
    """Of the library."""
    return _decode(library.version())


# --- events ---


class Field(NamedTuple):
    name: str
    type_name: str  # "u32", as doc/format.md has it
    type: str  # unsigned, signed, bool, char, pointer, string, bytes, float
    width_bytes: int  # of a number, or of one element
    count: int  # elements of an array, or the most of a sequence; 0: it is neither
    is_sequence: bool
    table: Optional[str]  # name of the enum or flags that name its values
    is_flags: bool


_TYPES = ("unsigned", "signed", "bool", "char", "pointer", "string", "bytes", "float")
_CODES = {"signed": "q", "float": "d"}


def _is_plain(field: Field) -> bool:
    """One number, which Python has as it is."""
    return not field.count and field.type in ("unsigned", "signed", "pointer", "float")


class Event:
    """The definition of an event."""

    __slots__ = ("system", "name", "format", "id", "hash", "fields", "_plain", "_names")

    def __init__(self, event: int) -> None:
        self.system = _decode(library.event_system(event))
        self.name = _decode(library.event_name(event))
        self.format = _decode(library.event_format(event))
        self.id: int = library.event_id(event)  # in its capture
        self.hash: int = library.event_hash(event)  # in all dumps
        self.fields: List[Field] = [_field(event, i) for i in range(library.event_fields(event))]
        self._names = tuple(f.name for f in self.fields)
        self._plain: Optional[Callable[[bytes, int], Tuple[Any, ...]]] = None
        if all(_is_plain(f) for f in self.fields) and len(set(self._names)) == len(self._names):
            self._plain = struct.Struct("=" + "".join(_CODES.get(f.type, "Q") for f in self.fields)).unpack_from

    @property
    def full_name(self) -> str:
        """sched:switch"""
        return f"{self.system}:{self.name}"

    def __repr__(self) -> str:
        return f"<Event {self.full_name}>"

    def _values(self, data: bytes, at: int) -> Dict[str, Any]:
        """Fields as TP_DUMP_FIELDS has them."""
        values: Dict[str, Any] = {}
        for field in self.fields:
            value, at = _value(field, data, at)
            values.setdefault(field.name, value)  # of two with one name the first, as tp_dump_get_named
        return values


def _field(event: int, number: int) -> Field:
    f = lib.CField()
    f.struct_bytes = ctypes.sizeof(f)
    library.event_field(event, number, byref(f))
    return Field(_decode(f.name), _decode(f.type_name), _TYPES[f.type], f.width_bytes, f.count, f.is_sequence,
                 None if f.table is None else _decode(f.table), f.is_flags)


_U64 = struct.Struct("=Q")


def _value(field: Field, data: bytes, at: int) -> Tuple[Any, int]:
    kind = field.type
    if not field.count and kind not in ("string", "bytes"):
        (value,) = struct.unpack_from("=" + _CODES.get(kind, "Q"), data, at)
        if kind == "bool":
            value = value != 0
        elif kind == "char":
            value = bytes([value & 255]).decode("utf-8", "surrogateescape")
        return value, at + 8
    (size,) = _U64.unpack_from(data, at)
    at += 8
    after = at + (size + 7) // 8 * 8
    if kind == "bytes":
        return data[at:at + size], after
    if kind in ("string", "char"):
        return data[at:at + size].decode("utf-8", "surrogateescape"), after
    values: List[Any] = list(struct.unpack_from(f"={size // 8}{_CODES.get(kind, 'Q')}", data, at))
    return ([v != 0 for v in values] if kind == "bool" else values), after


# --- items ---


class Capture(NamedTuple):
    """A dump begins, and its events are known; a file may hold several."""

    input: int
    id: int
    clock_hz: int
    cpus: int
    tool: str
    buffer: str
    earlier_boot: bool
    events: List[Event]


class Loss(NamedTuple):
    """Events that are not there: fired on this CPU right before this time. records is 0 if their number is not
    known."""

    input: int
    cpu: int
    ticks: int
    time_ns: int
    records: int
    cause: str


class Sampled(NamedTuple):
    """How often an event was left out because it was sampled."""

    input: int
    event: str
    records: int
    hash: int


class Notice(NamedTuple):
    """What is wrong or remarkable. damage: it makes the dump truncated or worse."""

    text: str
    input: Optional[str]
    damage: bool


class Totals(NamedTuple):
    state: str  # complete, truncated, damaged, foreign or unsupported
    records: int
    given: int
    lost: int
    damaged: int
    late: int
    backwards: int


class Record:
    """An event that was recorded. Good for ever, whatever becomes of the dump."""

    __slots__ = ("_batch", "_row")

    def __init__(self, batch: "_Batch", row: int) -> None:
        self._batch = batch
        self._row = row

    @property
    def time_ns(self) -> int:
        return self._batch.times[self._row]

    @property
    def ticks(self) -> int:
        """The counter."""
        return self._batch.ticks[self._row]

    @property
    def wall_ns(self) -> Optional[int]:
        """Since 1970-01-01 00:00 UTC; None: not known."""
        return self._batch.wall_ns[self._row] if self._batch.wall_given[self._row] else None

    @property
    def input(self) -> int:
        return self._batch.input[self._row]

    @property
    def cpu(self) -> int:
        return self._batch.cpus[self._row]

    @property
    def pid(self) -> Optional[int]:
        """None: not recorded; the next ones likewise."""
        return self._batch.pid[self._row] if self._batch.pid_given[self._row] else None

    @property
    def flags(self) -> Optional[int]:
        return self._batch.context[self._row] & 255 if self._batch.pid_given[self._row] else None

    @property
    def preempt_depth(self) -> Optional[int]:
        return self._batch.context[self._row] >> 8 if self._batch.pid_given[self._row] else None

    @property
    def comm(self) -> Optional[str]:
        return self._batch.text(self._batch.comm, self._row) if self._batch.comm_given[self._row] else None

    @property
    def id(self) -> int:
        """Of the event, in its capture."""
        return self._batch.id[self._row]

    @property
    def number(self) -> int:
        """Which of its CPU, those that are missing counted too."""
        return self._batch.number[self._row]

    @property
    def event(self) -> Optional[Event]:
        """None: nothing defines it."""
        b = self._batch
        return (b.found or b.find())[self._row]

    @property
    def decoded(self) -> bool:
        """It fits its event, and has fields and a text."""
        return self._batch.decoded[self._row] != 0

    @property
    def fields(self) -> Dict[str, Any]:
        """Numbers as int, float and bool; a char and texts as str; bytes; arrays as list."""
        b = self._batch
        row = self._row
        event = (b.found or b.find())[row]
        if event is None or not b.decoded[row]:
            return {}
        ends, data = b.fields
        if event._plain is not None:
            return dict(zip(event._names, event._plain(data, ends[row])))
        return event._values(data, ends[row])

    @property
    def text(self) -> Optional[str]:
        """As the event's format has it."""
        return self._batch.text(self._batch.texts, self._row) if self.decoded else None

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __repr__(self) -> str:
        event = self.event
        return f"<Record {self.time_ns} cpu {self.cpu} {event.full_name if event else self.id}: {self.text}>"


class UnfinishedRecord(Record):
    """One whose writer was in the middle of it: a field may be as it was before."""

    __slots__ = ()


Item = Union[Capture, Record, Loss, Sampled, Notice]


class _Room:
    """The columns of a call, and the memory that they are written to."""

    def __init__(self, rows: int, wanted: List[Tuple[int, int, Optional[str]]]) -> None:
        self.rows = rows
        self.wanted = wanted
        self.columns = (lib.CColumn * len(wanted))()
        self.values: List[Optional[bytearray]] = []
        self.ends: List[Optional[bytearray]] = []
        self.texts: List[bytearray] = []
        self.given: List[bytearray] = []
        for i, (what, cells, name) in enumerate(wanted):
            is_text = cells == lib.TEXTS
            self.values.append(None if is_text else bytearray(8 * rows))
            self.ends.append(bytearray(8 * (rows + 1)) if is_text else None)
            self.texts.append(bytearray(TEXT_BYTES if is_text else 0))
            self.given.append(bytearray(rows))
            c = self.columns[i]
            c.what, c.cells = what, cells
            c.name = None if name is None else name.encode("utf-8", "surrogateescape")
            c.values = _address(self.values[i])
            c.ends = _address(self.ends[i])
            c.given = _address(self.given[i])
            c.text, c.text_bytes = _address(self.texts[i]), len(self.texts[i])

    def grow(self) -> None:
        for i, text in enumerate(self.texts):
            if text:
                self.texts[i] = bytearray(2 * len(text))
                self.columns[i].text, self.columns[i].text_bytes = _address(self.texts[i]), 2 * len(text)

    def cells(self, i: int, n: int) -> bytes:
        values = self.values[i]
        assert values is not None
        return bytes(memoryview(values)[:8 * n])

    def text(self, i: int, n: int) -> Tuple[array, bytes]:
        ends = self.ends[i]
        assert ends is not None
        copy = array("Q")
        copy.frombytes(memoryview(ends)[:8 * (n + 1)])
        return copy, bytes(memoryview(self.texts[i])[:copy[n]])


def _address(buffer: Optional[bytearray]) -> Optional[int]:
    if not buffer:
        return None
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


class _Batch:
    """Some records that come one after the other."""

    WANTED: List[Tuple[int, int, Optional[str]]] = [
        (lib.TIME_NS, lib.NUMBERS, None), (lib.TICKS, lib.NUMBERS, None), (lib.WALL_NS, lib.NUMBERS, None),
        (lib.INPUT, lib.NUMBERS, None), (lib.CPU, lib.NUMBERS, None), (lib.PID, lib.NUMBERS, None),
        (lib.CONTEXT, lib.NUMBERS, None), (lib.ID, lib.NUMBERS, None), (lib.NUMBER, lib.NUMBERS, None),
        (lib.DECODED, lib.NUMBERS, None), (lib.COMM, lib.TEXTS, None), (lib.TEXT, lib.TEXTS, None),
        (lib.FIELDS, lib.TEXTS, None), (lib.WHOLE, lib.NUMBERS, None)]

    def __init__(self, room: _Room, n: int, events: Dict[Tuple[int, int], Event]) -> None:
        (self.time_ns, self.ticks, self.wall_ns, self.input, self.cpu, self.pid, self.context, self.id,
         self.number, self.decoded) = (memoryview(room.cells(i, n)).cast("Q") for i in range(10))
        self.comm, self.texts, self.fields = (room.text(i, n) for i in range(10, 13))
        self.whole = memoryview(room.cells(13, n)).cast("Q")
        # What nearly all ask for, as lists: these are faster.
        self.times: List[int] = self.time_ns.tolist()
        self.cpus: List[int] = self.cpu.tolist()
        self.found: List[Optional[Event]] = []
        self.wall_given = bytes(room.given[2][:n])
        self.pid_given = bytes(room.given[5][:n])
        self.comm_given = bytes(room.given[10][:n])
        self.events = events

    def find(self) -> List[Optional[Event]]:
        """The event of each row."""
        self.found = [self.events.get(key) for key in zip(self.input.tolist(), self.id.tolist())]
        return self.found

    @staticmethod
    def text(column: Tuple[array, bytes], row: int) -> str:
        ends, data = column
        return data[ends[row]:ends[row + 1]].decode("utf-8", "surrogateescape")


# --- dumps ---


class Dump:
    """One or several dumps that are read together, once. Iterate over it for all items, or over records() for
    records alone: what was lost is then in `losses`."""

    def __init__(self) -> None:
        self._dump = library.new()
        if not self._dump:
            raise MemoryError
        self._kept: List[Any] = []  # what the library points to
        self._item = ctypes.POINTER(lib.CItem)()
        self._events: Dict[Tuple[int, int], Event] = {}
        self._follows = False
        self._has_context = True  # of the first record
        self._size = 0  # of what was added, as far as that is known
        self._failure: Optional[BaseException] = None
        self.losses: List[Loss] = []
        self.notices: List[Notice] = []
        self.captures: List[Capture] = []

    def __enter__(self) -> "Dump":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Frees what it has taken. Records that it has given stay."""
        if getattr(self, "_dump", None):
            library.free(self._dump)
        self._dump = None

    def _raise(self, code: int) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if code == lib.ENOMEM:
            raise MemoryError
        error = _ERRORS.get(code, DumpError)(_decode(library.error_text(self._open())).rstrip("\n"))
        error.code = code
        if isinstance(error, FilterError):
            error.column = library.error_column(self._dump)
        raise error

    def _open(self) -> int:
        if not self._dump:
            raise ValueError("the dump was closed")
        return self._dump

    def _check(self, code: int) -> int:
        if code < 0:
            self._raise(code)
        return code

    # --- before reading ---

    def add(self, source: Source, name: Optional[str] = None) -> None:
        dump = self._open()
        if isinstance(source, (str, os.PathLike)):
            self._check(library.add_path(dump, os.fsencode(source)))
            self._size += os.path.getsize(source) if os.path.isfile(source) else 0
        elif isinstance(source, (bytes, bytearray, memoryview)):
            data = bytes(source)
            self._kept.append(data)
            self._check(library.add_memory(dump, os.fsencode(name or "memory"), data, len(data)))
            self._size += len(data)
        elif hasattr(source, "read"):
            self._add_reader(source, name or str(getattr(source, "name", "reader")))
        else:
            raise TypeError(f"a path, bytes or an object with read(), not {type(source).__name__}")

    def _add_reader(self, source: Any, name: str) -> None:
        def read(_: Any, to: int, size: int) -> int:
            try:
                data = source.read(size)
                if not isinstance(data, bytes):
                    raise TypeError("read() gives no bytes")
                ctypes.memmove(to, data, len(data))
                return len(data)
            except BaseException as error:  # it cannot pass through the library
                self._failure = error
                return -5

        function = lib.READER(read)
        self._kept.append(function)
        self._check(library.add_reader(self._open(), os.fsencode(name), function, None))

    def follow(self, stop: Optional[Callable[[], bool]] = None) -> None:
        """Waits for what is written to the one path later, until its end mark or until stop(), which is called
        ten times a second, is true."""
        def tick(_: Any) -> int:
            try:
                return int(stop() if stop else False)
            except BaseException as error:
                self._failure = error
                return 1

        function = lib.TICK(tick)
        self._kept.append(function)
        self._check(library.follow(self._open(), function, None))
        self._follows = True

    def symbols(self, path: Union[str, "os.PathLike[str]"], slide: Optional[int] = None) -> None:
        """Names for addresses in texts: an ELF file, System.map or /proc/kallsyms."""
        moved = None if slide is None else byref(c_uint64(slide))
        self._check(library.symbols(self._open(), os.fsencode(path), moved))

    def select(self, events: Optional[str] = None, cpus: Optional[str] = None, pids: Optional[str] = None,
               start: Optional[str] = None, end: Optional[str] = None, filter: Optional[str] = None) -> None:
        """As --event, --cpu, --pid, --from, --to and --filter of tpdecode(1)."""
        for choice, text in ((lib.EVENTS, events), (lib.CPUS, cpus), (lib.PIDS, pids), (lib.FROM, start),
                             (lib.TO, end), (lib.FILTER, filter)):
            if text is not None:
                self._check(library.select(self._open(), choice, text.encode("utf-8", "surrogateescape")))

    # --- items ---

    def _next(self, take: bool = True) -> int:
        call = library.next if take else library.peek
        kind = call(self._open(), byref(self._item))
        if kind < 0 or (kind == lib.END and self._failure is not None):
            self._raise(kind)
        return kind

    def _known(self, number: int) -> List[Event]:
        """Events of the capture of the item that was given last."""
        events: List[Event] = []
        at = library.event_next(self._dump, None)
        while at:
            key = (number, library.event_id(at))
            if key not in self._events:
                self._events[key] = Event(at)
            events.append(self._events[key])
            at = library.event_next(self._dump, at)
        return events

    def _take(self, item: lib.CItem) -> Item:
        """An item that is no record."""
        if item.kind == lib.CAPTURE:
            c = item.capture
            # Records of before keep what they have.
            self._events = {k: v for k, v in self._events.items() if k[0] != item.input}
            capture = Capture(item.input, c.id, c.clock_hz, c.cpus, _decode(c.tool), _decode(c.buffer),
                              c.earlier_boot, self._known(item.input))
            self.captures.append(capture)
            return capture
        if item.kind == lib.LOSS:
            loss = Loss(item.input, item.cpu, item.ticks, item.time_ns, item.loss.records,
                        _decode(library.cause_text(item.loss.cause)))
            self.losses.append(loss)
            return loss
        if item.kind == lib.SAMPLED:
            s = item.sampled
            return Sampled(item.input, f"{_decode(s.system)}:{_decode(s.name)}", s.records, s.hash)
        n = item.notice
        notice = Notice(_decode(n.text), None if n.input is None else _decode(n.input), n.damage)
        self.notices.append(notice)
        return notice

    def _fill(self, room: _Room, rows: int) -> int:
        while True:
            n = library.columns(self._open(), room.columns, len(room.columns), ctypes.sizeof(lib.CColumn), rows)
            if n == lib.EROOM:
                room.grow()
                continue
            return self._check(n)

    def _batches(self) -> Iterator[Union[_Batch, Item]]:
        rows = 1 if self._follows else BATCH_ROWS
        room = _Room(rows, _Batch.WANTED)
        while True:
            n = self._fill(room, rows)
            if n:
                batch = _Batch(room, n, self._events)
                # An event that is new ends a batch, so that it can be asked for.
                last = batch.input[n - 1]
                if (last, batch.id[n - 1]) not in self._events:
                    self._known(last)
                yield batch
                continue
            if self._next() == lib.END:
                return
            yield self._take(self._item.contents)

    def __iter__(self) -> Iterator[Item]:
        for part in self._batches():
            if type(part) is _Batch:
                whole = part.whole
                for row in range(len(whole)):
                    yield (Record if whole[row] else UnfinishedRecord)(part, row)
            else:
                yield part  # type: ignore[misc]

    def records(self) -> Iterator[Record]:
        """Finished records alone; losses, notices and captures are in the lists of those names."""
        for part in self._batches():
            if type(part) is _Batch:
                whole = part.whole
                for row in range(len(whole)):
                    if whole[row]:
                        yield Record(part, row)

    # --- columns ---

    def columns(self, event: Optional[str] = None, *, texts: Tuple[str, ...] = ()) -> Table:
        """All that is left, as a Table: time_ns, cpu, and common_pid and common_comm if the first record has them; the fields of
        this event ("sched:switch"), or of all events that are known at the first record, and then `event`. Fields named in `texts` are shown as
        tpdecode does (names of an enum); otherwise numbers are numbers, strings and chars texts, and all else,
        arrays for instance, is a text as well. A field whose name is that of another column is field_NAME."""
        if event is not None:
            self.select(events=event)
        table = Table({}, {}, 0)
        known = self._first_record(table)
        events = [e for e in known if event in (None, e.full_name, f"{e.system}_{e.name}", e.name)]
        columns = _columns(events, event is None, self._has_context, texts)
        self._fill_table(table, columns)
        for column in columns:
            table._data[column.name] = column.finish(table.rows)
            given = column.lacking(table.rows)
            if given is not None:
                table.given[column.name] = given
        table.totals = self.totals
        return table

    def _first_record(self, table: Table) -> List[Event]:
        """Takes what comes before the first record. Events that are known then."""
        while True:
            kind = self._next(take=False)
            if kind == lib.RECORD:
                self._has_context = self._item.contents.record.has_context
                return self._known(self._item.contents.input)
            if kind == lib.END:
                return [e for c in self.captures for e in c.events]
            self._put(table)

    def _put(self, table: Table) -> None:
        kind = self._next()
        item = None if kind == lib.UNFINISHED else self._take(self._item.contents)
        for kind_of, to in ((Capture, table.captures), (Loss, table.losses), (Notice, table.notices),
                            (Sampled, table.others)):
            if isinstance(item, kind_of):
                to.append(item)

    def _fill_table(self, table: Table, columns: List[Column]) -> None:
        array_of = (lib.CColumn * len(columns))()
        rows = min(max(self._size // RECORD_BYTES, ROWS), ROWS_GUESSED)
        for i, column in enumerate(columns):
            column.start(rows, i)
        while True:
            for column, c in zip(columns, array_of):
                column.point(c, table.rows)
            n = library.columns(self._open(), array_of, len(columns), ctypes.sizeof(lib.CColumn), rows - table.rows)
            if n != lib.EROOM:
                table.rows += self._check(n)
            if table.rows == rows:
                rows *= 2
                for column in columns:
                    column.grow(True)
                continue
            kind = self._next(take=False)
            if kind == lib.END:
                return
            if kind == lib.RECORD:  # a text had no room
                for column in columns:
                    column.grow(False)
            else:
                self._put(table)

    @property
    def totals(self) -> Totals:
        """Of what was read so far."""
        t = lib.CTotals()
        t.struct_bytes = ctypes.sizeof(t)
        self._check(library.sum(self._open(), byref(t)))
        return Totals(lib.STATES[t.state], t.records, t.given, t.lost, t.damaged, t.late, t.backwards)

    def symbol(self, address: int) -> Optional[str]:
        """The name of an address of the dump, by symbols()."""
        name = library.symbol(self._open(), address, None)
        return None if name is None else _decode(name)


def _columns(events: List[Event], all_events: bool, context: bool, texts: Tuple[str, ...]) -> List[Column]:
    """Fields have the type that has room for those of all events."""
    columns = [Column("time_ns", "Q", lib.TIME_NS, always=True), Column("cpu", "Q", lib.CPU, always=True)]
    if context:
        columns += [Column("common_pid", "Q", lib.PID), Column("common_comm", "t", lib.COMM)]
    if all_events:
        columns.append(Column("event", "t", lib.EVENT))
    codes: Dict[str, str] = {}
    for event in events:
        for field in event.fields:
            code = _code(field) if field.name not in texts else "t"
            codes[field.name] = max(codes.get(field.name, code), code, key="?Qqdt".index)
    for name in texts:
        if name not in codes:
            raise SelectError(f"no field {name}")
    taken = {column.name for column in columns}
    for name, code in codes.items():
        columns.append(Column(f"field_{name}" if name in taken else name, code, lib.FIELD, name))
    return columns


def _code(field: Field) -> str:
    if field.count or field.type in ("string", "bytes", "char"):
        return "t"
    return {"signed": "q", "float": "d", "bool": "?"}.get(field.type, "Q")


def open(*sources: Source, events: Optional[str] = None, cpus: Optional[str] = None, pids: Optional[str] = None,
         start: Optional[str] = None, end: Optional[str] = None, filter: Optional[str] = None,
         symbols: Union[str, "os.PathLike[str]", None] = None, slide: Optional[int] = None,
         follow: Union[bool, Callable[[], bool]] = False) -> Dump:
    """Opens dumps that are read together, merged by time. What is selected is written as for tpdecode(1);
    start and end are its --from and --to. follow: True, or a function that says when it is enough."""
    dump = Dump()
    try:
        for source in sources:
            dump.add(source)
        dump.select(events, cpus, pids, start, end, filter)
        if symbols is not None:
            dump.symbols(symbols, slide)
        if follow:
            dump.follow(follow if callable(follow) else None)
    except BaseException:
        dump.close()
        raise
    return dump


def columns(source: Union[Source, List[Source]], event: Optional[str] = None, *, texts: Tuple[str, ...] = (),
            **selected: Any) -> Table:
    """The columns of one dump, or a list of them; the rest as for open() and Dump.columns()."""
    with open(*(source if isinstance(source, list) else [source]), **selected) as dump:
        return dump.columns(event, texts=texts)
