# SPDX-License-Identifier: MIT
"""tracepoint-gdb.py - saves traces from a machine that is being debugged, or from a core file, for tpdecode.

(gdb) source /usr/share/tracepoint/tracepoint-gdb.py
(gdb) tracepoint-dump run.tp
(gdb) tracepoint-show --tail 20

Memory is read, and nothing of the machine is changed. No debug information is needed: traces are found by the symbol
tp_traces, or, in a program without symbols, by searching memory for them (doc/region.md in the source tree).
"""

import os
import re
import struct
import subprocess
import tempfile

import gdb

MAGIC = b"\xf5\x74\x70\xfb"
COPY_BYTES = 128  # two copies of the header, at 0 and here
HEADER_BYTES = 128
TRACE_AT = 256  # where in a region tp_traces points to
TRACES = 8  # entries of tp_traces that are of traces, of three words each
ENTRY_WORDS = 3
READ_BYTES = 1 << 16  # at a time
PAGE_BYTES = 4096
REGION_BYTES_MAX = 1 << 32  # more is not saved


def make_crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = make_crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Unreadable(Exception):
    pass


def read(address, size):
    """Memory, in pieces: some targets refuse much at once, and a slow one is to be interruptible."""
    inferior = gdb.selected_inferior()
    parts = []
    while size:
        part = min(size, READ_BYTES)
        try:
            parts.append(bytes(inferior.read_memory(address, part)))
        except gdb.error as error:
            raise Unreadable("memory at 0x%x cannot be read (%s)" % (address, error)) from None
        address += part
        size -= part
    return b"".join(parts)


def parse_header(data, copy):
    """(order of bytes, region_bytes) of a copy of a region's header; None: it is none, or damaged."""
    if len(data) < HEADER_BYTES or data[:4] != MAGIC:
        return None
    order = {b"\x02\x01": "<", b"\x01\x02": ">"}.get(data[4:6])
    if not order or data[8] != copy:
        return None
    header_bytes, crc = struct.unpack(order + "HI", data[10:16])
    if header_bytes != HEADER_BYTES or crc32c(data[:12] + data[16:HEADER_BYTES]) != crc:
        return None
    return order, struct.unpack(order + "Q", data[32:40])[0]


def region_bytes(address):
    """The size of the region there; None: there is none."""
    data = read(address, COPY_BYTES + HEADER_BYTES)
    header = parse_header(data, 0) or parse_header(data[COPY_BYTES:], 1)
    return header and header[1]


def need_target():
    if not gdb.selected_inferior().threads():
        raise gdb.GdbError("there is no machine and no core file: target remote HOST:PORT, or core FILE")


def word_format():
    size = int(gdb.parse_and_eval("sizeof(char *)"))
    big = "big endian" in gdb.execute("show endian", to_string=True)
    return size, "big" if big else "little"


def table_address():
    try:
        return int(gdb.parse_and_eval("(unsigned long)&tp_traces"))
    except gdb.error:
        return None


def by_table(table, wanted):
    """Addresses of the regions of open traces, by their numbers."""
    size, order = word_format()
    try:
        data = read(table, TRACES * ENTRY_WORDS * size)
    except Unreadable as why:
        raise gdb.GdbError("tp_traces: %s: is this the program that runs, and where it was linked?" % why)
    found = []
    for number in range(TRACES):
        at = number * ENTRY_WORDS * size
        trace = int.from_bytes(data[at : at + size], order)
        if not trace or (wanted is not None and number != wanted):
            continue
        try:
            there = region_bytes(trace - TRACE_AT)
        except Unreadable as why:
            raise gdb.GdbError("trace %d: %s" % (number, why))
        if not there:
            raise gdb.GdbError(
                "trace %d: at 0x%x is no region, which starts with f5 74 70 fb: is this the program that runs?"
                % (number, trace - TRACE_AT)
            )
        found.append(trace - TRACE_AT)
    if not found:
        raise gdb.GdbError(
            "no trace is open: tp_traces at 0x%x is empty" % table
            if wanted is None
            else "trace %d is not open: tp_traces at 0x%x" % (wanted, table)
        )
    return found


def known_ranges():
    """What GDB knows of memory: sections of the program and of a core, and what the stub says."""
    ranges = []
    for what in ("info files", "info mem"):
        text = gdb.execute(what, to_string=True)
        for line in text.splitlines():
            m = re.search(r"(0x[0-9a-f]+)\s+(?:- )?(0x[0-9a-f]+)", line)
            if m and int(m[1], 16) < int(m[2], 16):
                ranges.append((int(m[1], 16), int(m[2], 16)))
    joined = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def blocks(start, end):
    """Pieces that can be read: (address, bytes), with what follows each, so that no header is cut in two."""
    more = COPY_BYTES + HEADER_BYTES
    at = start
    while at < end:
        size = min(READ_BYTES - at % READ_BYTES, end - at)
        try:
            yield at, read(at, min(size + more, end - at))
            at += size
            continue
        except Unreadable:
            pass
        for page in range(at, at + size, PAGE_BYTES):
            n = min(PAGE_BYTES - page % PAGE_BYTES, at + size - page)
            try:
                yield page, read(page, min(n + more, end - page))
            except Unreadable:
                try:
                    yield page, read(page, n)
                except Unreadable:
                    pass
        at += size


def by_search(ranges):
    found = []
    for start, end in ranges:
        for address, data in blocks(start, end):
            at = data.find(MAGIC)
            while at >= 0:
                region = None
                if (address + at) % 4 == 0 and parse_header(data[at : at + HEADER_BYTES], 0):
                    region = address + at
                elif (address + at) % 4 == 0 and parse_header(data[at : at + HEADER_BYTES], 1):
                    region = address + at - COPY_BYTES
                if region is not None and region not in found:
                    found.append(region)
                at = data.find(MAGIC, at + 1)
    return found


def parse_range(text):
    m = re.fullmatch(r"(0x[0-9a-fA-F]+|[0-9]+)([-+])(0x[0-9a-fA-F]+|[0-9]+)", text)
    if not m:
        return None
    start, end = int(m[1], 0), int(m[3], 0)
    return start, start + end if m[2] == "+" else end


def find_regions(where):
    """Addresses of regions. `where`: a trace's number, an address, a range of memory, or nothing."""
    need_target()
    if parse_range(where):
        found = by_search([parse_range(where)])
        if not found:
            raise gdb.GdbError("no trace in %s: the region of one starts with f5 74 70 fb" % where)
        return found
    if re.fullmatch("[0-7]", where) or not where:
        table = table_address()
        if table is not None:
            return by_table(table, int(where) if where else None)
        if where:
            raise gdb.GdbError("a trace has a number where the program has the symbol tp_traces: give its address")
        found = by_search(known_ranges())
        if not found:
            raise gdb.GdbError(
                "there is no symbol tp_traces, and no trace in the memory that GDB knows of (info files, info mem): "
                "give where the machine's memory is, as 0x20000000-0x20040000"
            )
        return found
    address = int(gdb.parse_and_eval("(unsigned long)(%s)" % where))
    try:
        if region_bytes(address):
            return [address]
    except Unreadable as why:
        raise gdb.GdbError(str(why))
    raise gdb.GdbError("no trace at 0x%x: the region of one starts with f5 74 70 fb" % address)


def save(address, name):
    size = region_bytes(address)
    if size > REGION_BYTES_MAX:
        raise gdb.GdbError("the region at 0x%x says that it has %d bytes: not saved" % (address, size))
    done = 0
    try:
        with open(name, "wb") as f:
            while done < size:
                part = min(READ_BYTES, size - done)
                f.write(read(address + done, part))
                done += part
    except Unreadable as why:
        os.remove(name)
        raise gdb.GdbError(
            "the region at 0x%x has %d bytes: %s. Is all of it in this core file, or powered and mapped? "
            "A part of it decodes too: dump binary memory %s 0x%x 0x%x" % (address, size, why, name, address, address + done)
        )
    except OSError as why:
        raise gdb.GdbError(str(why))
    return size


class TracepointDump(gdb.Command):
    """Save the traces of the machine, or of the core file, for tpdecode.

    tracepoint-dump FILE [TRACE | ADDRESS | START-END]

    All traces that are open, into FILE, FILE.1 and so on. TRACE is the number of one of them (0 to 7), ADDRESS where
    the region of one starts. Without symbols the memory that GDB knows of is searched, or that from START to END
    (or START+BYTES). The machine is not changed. Print it: tpdecode FILE"""

    def __init__(self):
        super().__init__("tracepoint-dump", gdb.COMMAND_DATA, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        name, _, where = argument.strip().partition(" ")
        if not name:
            raise gdb.GdbError("tracepoint-dump FILE [TRACE | ADDRESS | START-END]")
        for number, address in enumerate(find_regions(where.strip())):
            file = name if not number else "%s.%d" % (name, number)
            size = save(address, os.path.expanduser(file))
            gdb.write("%s: %d bytes from 0x%x\n" % (file, size, address))


class TracepointShow(gdb.Command):
    """Print the traces of the machine, or of the core file, by tpdecode.

    tracepoint-show [tpdecode's options]

    For example: tracepoint-show --tail 20 --filter 'common_pid == 7'. tpdecode is looked for in PATH, or is what the
    environment has as TPDECODE. What tracepoint-dump takes after FILE can be given as --in=ARGUMENT, first."""

    def __init__(self):
        super().__init__("tracepoint-show", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        arguments = gdb.string_to_argv(argument)
        where = ""
        if arguments and arguments[0].startswith("--in="):
            where = arguments.pop(0)[5:]
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, address in enumerate(find_regions(where)):
                files.append(os.path.join(folder, "trace.%d" % number))
                save(address, files[-1])
            self.run([os.environ.get("TPDECODE", "tpdecode")] + arguments + files)

    @staticmethod
    def run(command):
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as why:
            raise gdb.GdbError("%s: %s: it is looked for in PATH, and in the environment as TPDECODE" % (command[0], why.strerror))
        with process:
            for line in process.stdout:
                gdb.write(line.decode(errors="replace"))
        if process.returncode not in (0, 1):
            raise gdb.GdbError("tpdecode ended with status %d" % process.returncode)


TracepointDump()
TracepointShow()
