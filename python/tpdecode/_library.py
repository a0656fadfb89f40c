# SPDX-License-Identifier: MIT
"""libtpdecode.so as ctypes has it: the structs and functions of tpdecode.h, and nothing else."""

import ctypes
import ctypes.util
import os
from ctypes import (
    CFUNCTYPE, POINTER, Structure, Union, c_bool, c_char_p, c_double, c_int, c_long, c_size_t,
    c_uint8, c_uint32, c_uint64, c_void_p,
)
from typing import List, Optional

# enum tp_dump_error
ENOMEM, EOPEN, ESELECT, EFILTER, EORDER, ENONE, EFOREIGN, EUNSUPPORTED, ESYMBOLS, ESIZE, EROOM = range(-1, -12, -1)
# enum tp_dump_kind
END, CAPTURE, RECORD, UNFINISHED, LOSS, SAMPLED, NOTICE = range(7)
# enum tp_dump_type
UNSIGNED, SIGNED, BOOL, CHAR, POINTER_TYPE, STRING, BYTES, FLOAT = range(8)
# enum tp_dump_choice
EVENTS, CPUS, PIDS, FROM, TO, FILTER = range(6)
# enum tp_dump_what
(TIME_NS, TICKS, WALL_NS, INPUT, CPU, PID, CONTEXT, ID, NUMBER, COMM, TEXT, FIELD, FIELDS, DECODED,
 EVENT, WHOLE) = range(16)
# enum tp_dump_cells
NUMBERS, REALS, TEXTS = range(3)

STATES = ("complete", "truncated", "damaged", "foreign", "unsupported")


class CCapture(Structure):
    _fields_ = [("id", c_uint64), ("clock_hz", c_uint64), ("cpus", c_uint64), ("tool", c_char_p),
                ("buffer", c_char_p), ("earlier_boot", c_bool)]


class CRecord(Structure):
    _fields_ = [("event", c_void_p), ("decoded", c_bool), ("has_context", c_bool), ("flags", c_uint8),
                ("preempt_depth", c_uint8), ("pid", c_uint32), ("id", c_uint32), ("number", c_uint64),
                ("bytes", c_void_p), ("size_bytes", c_uint32), ("swapped", c_bool)]


class CLoss(Structure):
    _fields_ = [("records", c_uint64), ("cause", c_int)]


class CSampled(Structure):
    _fields_ = [("records", c_uint64), ("system", c_char_p), ("name", c_char_p), ("hash", c_uint64)]


class CNotice(Structure):
    _fields_ = [("text", c_char_p), ("input", c_char_p), ("damage", c_bool)]


class CKinds(Union):
    _fields_ = [("capture", CCapture), ("record", CRecord), ("loss", CLoss), ("sampled", CSampled),
                ("notice", CNotice)]


class CItem(Structure):
    _anonymous_ = ("kinds",)
    _fields_ = [("kind", c_int), ("input", c_uint32), ("cpu", c_uint32), ("ticks", c_uint64),
                ("time_ns", c_uint64), ("kinds", CKinds)]


class CField(Structure):
    _fields_ = [("struct_bytes", c_size_t), ("name", c_char_p), ("type_name", c_char_p), ("type", c_int),
                ("width_bytes", c_uint32), ("count", c_uint32), ("is_sequence", c_bool), ("table", c_char_p),
                ("is_flags", c_bool)]


class CTotals(Structure):
    _fields_ = [("struct_bytes", c_size_t), ("state", c_int), ("records", c_uint64), ("given", c_uint64),
                ("lost", c_uint64), ("damaged", c_uint64), ("late", c_uint64), ("backwards", c_uint64)]


class CColumn(Structure):
    _fields_ = [("what", c_int), ("cells", c_int), ("name", c_char_p), ("values", c_void_p),
                ("ends", c_void_p), ("text", c_void_p), ("text_bytes", c_size_t), ("given", c_void_p)]


READER = CFUNCTYPE(c_long, c_void_p, c_void_p, c_size_t)
TICK = CFUNCTYPE(c_int, c_void_p)

_FUNCTIONS = {
    "new": (c_void_p, []),
    "free": (None, [c_void_p]),
    "add_path": (c_int, [c_void_p, c_char_p]),
    "add_memory": (c_int, [c_void_p, c_char_p, c_void_p, c_size_t]),
    "add_descriptor": (c_int, [c_void_p, c_char_p, c_int]),
    "add_reader": (c_int, [c_void_p, c_char_p, READER, c_void_p]),
    "follow": (c_int, [c_void_p, TICK, c_void_p]),
    "symbols": (c_int, [c_void_p, c_char_p, POINTER(c_uint64)]),
    "select": (c_int, [c_void_p, c_int, c_char_p]),
    "next": (c_int, [c_void_p, POINTER(POINTER(CItem))]),
    "peek": (c_int, [c_void_p, POINTER(POINTER(CItem))]),
    "sum": (c_int, [c_void_p, POINTER(CTotals)]),
    "error_text": (c_char_p, [c_void_p]),
    "error_column": (c_int, [c_void_p]),
    "cause_text": (c_char_p, [c_int]),
    "version": (c_char_p, []),
    "columns": (c_long, [c_void_p, POINTER(CColumn), c_size_t, c_size_t, c_size_t]),
    "symbol": (c_char_p, [c_void_p, c_uint64, c_void_p]),
    "event_next": (c_void_p, [c_void_p, c_void_p]),
    "event_system": (c_char_p, [c_void_p]),
    "event_name": (c_char_p, [c_void_p]),
    "event_format": (c_char_p, [c_void_p]),
    "event_id": (c_uint32, [c_void_p]),
    "event_hash": (c_uint64, [c_void_p]),
    "event_fields": (c_uint32, [c_void_p]),
    "event_field": (c_int, [c_void_p, c_uint32, POINTER(CField)]),
}

# Of the library: this package knows no other.
SONAME = "libtpdecode.so.1"


def _names() -> List[str]:
    found = os.environ.get("TPDECODE_LIBRARY")
    if found:
        return [found]
    near = os.path.join(os.path.dirname(os.path.abspath(__file__)), SONAME)
    return [near, SONAME] if os.path.exists(near) else [SONAME]


class Library:
    """Each tp_dump_x as x."""

    def __init__(self) -> None:
        problem: Optional[OSError] = None
        for name in _names():
            try:
                self.handle = ctypes.CDLL(name)
                break
            except OSError as error:
                problem = error
        else:
            raise ImportError(
                f"{problem}: tpdecode needs {SONAME} (make install, and ldconfig; TPDECODE_LIBRARY names it elsewhere)")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self.handle, "tp_dump_" + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)

    def __getattr__(self, name: str):  # for who checks types
        raise AttributeError(name)


library = Library()
