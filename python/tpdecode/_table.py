# SPDX-License-Identifier: MIT
"""Columns: arrays with a cell for each record, and texts as the bytes of all, one behind the other."""

import ctypes
import mmap
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union, overload

from . import _library as lib

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

ROWS = 1 << 16  # that there is room for at least
ROWS_GUESSED = 1 << 24  # and at most, before any was read
RECORD_BYTES = 12  # in a dump; most are larger
TEXT_BYTES = 1 << 20  # the same for the texts of a column
HUGE_BYTES = 4 << 20  # memory of that size in large pages
APART_BYTES = 320  # columns begin so far apart: the cells of a row are then not all in one set of the cache


class Texts(Sequence[str]):
    """A column of texts. Text i is bytes ends[i] to ends[i + 1] of `data`: Arrow's layout of large strings."""

    __slots__ = ("ends", "data")

    def __init__(self, ends: memoryview, data: memoryview) -> None:
        self.ends = ends
        self.data = data

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> List[str]: ...
    def __getitem__(self, i: Union[int, slice]) -> Union[str, List[str]]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        n = len(self)
        if not -n <= i < n:
            raise IndexError(i)
        i %= n
        return str(self.data[self.ends[i]:self.ends[i + 1]], "utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        start = 0
        data = bytes(self.data)
        for end in self.ends[1:]:
            yield data[start:end].decode("utf-8", "surrogateescape")
            start = end

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, (list, tuple, Texts)) else NotImplemented

    def __repr__(self) -> str:
        return f"<{len(self)} texts>"


class Table(Mapping[str, Any]):
    """Columns by name, all of one length. Numbers are an array of numpy if that is there, else a memoryview
    of Q, q, d or ?, as the module struct has them; texts are a Texts. `given[name]` says of each record whether it has the value: only of
    columns that some record lacks. What was lost, and what is wrong, is beside them."""

    def __init__(self, data: Dict[str, Any], given: Dict[str, Any], rows: int) -> None:
        self._data = data
        self.given = given
        self.rows = rows
        self.captures: List[Any] = []
        self.losses: List[Any] = []
        self.notices: List[Any] = []
        self.others: List[Any] = []
        self.totals: Any = None

    @property
    def lost(self) -> int:
        """Events that are not there, by all causes."""
        return self.totals.lost

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return f"<Table {', '.join(self._data)}: {self.rows} records, {self.lost} lost>"

    def to_pandas(self) -> Any:
        """A DataFrame; what a record lacks is NA. attrs["lost"] is the number of events that are not there."""
        import pandas

        frame = pandas.DataFrame({
            name: list(cells) if isinstance(cells, Texts) else cells for name, cells in self._data.items()})
        for name, given in self.given.items():
            frame[name] = frame[name].astype("object" if isinstance(self._data[name], Texts) else {
                "Q": "UInt64", "q": "Int64", "d": "Float64", "?": "boolean"}.get(_code(self._data[name]), "object"))
            frame.loc[[not g for g in given], name] = pandas.NA
        frame.attrs["lost"] = self.lost
        return frame


def _code(cells: Any) -> str:
    if isinstance(cells, memoryview):
        return cells.format
    return {"u": "Q", "i": "q", "f": "d", "b": "?"}.get(cells.dtype.kind, "O")


class _Memory:
    """What grows without being copied, and takes no memory before it is written to."""

    def __init__(self, size: int, start: int = 0) -> None:
        self.size = size
        self.start = start
        self.map = mmap.mmap(-1, start + size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._huge()

    def _huge(self) -> None:
        if self.size >= HUGE_BYTES and hasattr(mmap, "MADV_HUGEPAGE"):
            try:
                self.map.madvise(mmap.MADV_HUGEPAGE)
            except OSError:
                pass

    def grow(self) -> None:
        self.size *= 2
        self.map.resize(self.start + self.size)
        self._huge()

    def address(self, offset: int = 0) -> int:
        return ctypes.addressof(ctypes.c_char.from_buffer(self.map)) + self.start + offset

    def view(self, size: int) -> memoryview:
        return memoryview(self.map)[self.start:self.start + size].toreadonly()


class Column:
    """What one column grows in. code: Q, q, d as in array; ? for bools, t for texts. always: no record lacks
    it."""

    def __init__(self, name: str, code: str, what: int, field: Optional[str] = None, always: bool = False) -> None:
        self.name = name
        self.code = code
        self.what = what
        self.field = None if field is None else field.encode("utf-8", "surrogateescape")
        self.always = always

    def start(self, rows: int, number: int) -> None:
        """Room for so many rows, as column of that number."""
        at = number * APART_BYTES
        self.cells = _Memory(8 * rows + 8, at)
        self.text = _Memory(max(TEXT_BYTES, RECORD_BYTES * rows), at) if self.code == "t" else None
        self.given = None if self.always else _Memory(rows, at)

    def point(self, c: lib.CColumn, done: int) -> None:
        """The next rows go behind those that are done."""
        c.what = self.what
        c.cells = lib.TEXTS if self.code == "t" else lib.REALS if self.code == "d" else lib.NUMBERS
        c.name = self.field
        c.given = None if self.given is None else self.given.address(done)
        if self.text is None:
            c.values = self.cells.address(8 * done)
            return
        c.ends = self.cells.address(8 * done)
        c.text, c.text_bytes = self.text.address(), self.text.size

    def grow(self, rows: bool) -> None:
        """Twice the rows, or twice the texts."""
        if rows:
            self.cells.grow()
            if self.given is not None:
                self.given.grow()
        elif self.text is not None:
            self.text.grow()

    def finish(self, rows: int) -> Any:
        if self.text is not None:
            ends = self.cells.view(8 * (rows + 1)).cast("Q")
            return Texts(ends, self.text.view(ends[rows]))
        code = "Q" if self.code == "?" else self.code
        cells = self.cells.view(8 * rows).cast(code)
        if numpy is None:
            return memoryview(bytes(map(bool, cells))).cast("?") if self.code == "?" else cells
        found = numpy.frombuffer(cells, dtype={"Q": "u8", "q": "i8", "d": "f8"}[code])
        return found.astype(bool) if self.code == "?" else found

    def lacking(self, rows: int) -> Optional[memoryview]:
        """A byte for each row, 0 if the record lacks it; None: no record does."""
        if self.given is None or self.given.map.find(b"\0", self.given.start, self.given.start + rows) < 0:
            return None
        return self.given.view(rows)
