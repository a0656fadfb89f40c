# SPDX-License-Identifier: MIT
"""turned.py - the same dump as a machine of the other byte order would have written it, by doc/format.md alone.

    turned.py <DUMP >DUMP

For whole dumps: what is damaged ends it with exit status 1. Chunks are not compressed in what it writes.
"""
import struct
import sys
import zlib

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)
METADATA, DATA, TASKS, CLOCK, END, COUNTS = range(1, 7)
CONTEXT, ZLIB = 1, 2
STAMP, TASK, FLIGHT = 0xffff, 0xfffe, 0xfffd
WIDTHS = {'u8': 1, 's8': 1, 'bool': 1, 'char': 1, 'u16': 2, 's16': 2, 'u32': 4, 's32': 4, 'f32': 4, 'u64': 8, 's64': 8, 'f64': 8,
          'str': 1, 'bytes': 1}


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xffffffff


def cbor(data, at):
    """A data item, and where it ends."""
    major, n, at = data[at] >> 5, data[at] & 31, at + 1
    if n >= 24:
        size = 1 << (n - 24)
        n, at = int.from_bytes(data[at:at + size], 'big'), at + size
    if major < 2:
        return n if major == 0 else -1 - n, at
    if major < 4:
        item = bytes(data[at:at + n])
        return item.decode('utf-8', 'replace') if major == 3 else item, at + n
    items = []
    for _ in range(n * (2 if major == 5 else 1)):
        item, at = cbor(data, at)
        items.append(item)
    return dict(zip(items[::2], items[1::2])) if major == 5 else items, at


class Turn:
    def __init__(self, dump):
        self.dump, self.events = dump, {}

    def order(self, at):
        self.here, self.there = ('<', '>') if self.dump[at + 4:at + 6] == b'\x02\x01' else ('>', '<')

    def number(self, data, at, form):
        return struct.unpack_from(self.here + form, data, at)[0]

    def turn(self, data, at, forms):
        struct.pack_into(self.there + forms, data, at, *struct.unpack_from(self.here + forms, data, at))

    def elements(self, data, at, size, width):
        for i in range(at, at + size, width):
            data[i:i + width] = data[i:i + width][::-1]

    def fields(self, data, at, event):
        tail = at + event['bytes']
        for f in event['fields']:
            place, width = at + f['at'], WIDTHS.get(f['type'])
            if 'max' in f or f['type'] in ('str', 'bytes'):
                n = self.number(data, place, 'H') & 0x7fff
                self.turn(data, place, 'H')
                self.elements(data, tail, n, width or f['size'])
                tail += n
            else:
                self.elements(data, place, f['size'], width or f['size'] // f.get('count', 1))

    def record(self, data, at, context):
        word = self.number(data, at + 4, 'I')
        self.turn(data, at, 'II')
        event, inner = word & 0xffff, at + 8
        if event == STAMP:
            self.turn(data, inner, 'Q')
        elif event == TASK:
            self.turn(data, inner, 'II')
        elif event == FLIGHT:
            self.record(data, inner, context)
        elif event < 0xff00:
            if context:
                self.turn(data, inner, 'I')
                inner += 8
            if event in self.events:
                self.fields(data, inner, self.events[event])
        return at + (word >> 16 & 0xfff) * 8

    def metadata(self, data):
        at = 0
        while at < len(data):
            item, at = cbor(data, at)
            self.events.update((e['id'], e) for e in item.get('events', ()))
            at = at + 7 & ~7

    def payload(self, kind, data, flags, entries):
        if kind == METADATA:
            self.metadata(data)
        at = 0
        while kind == DATA and at < len(data):
            at = self.record(data, at, flags & CONTEXT)
        for i in range(entries):
            if kind in (TASKS, CLOCK, COUNTS):
                self.turn(data, i * (32 if kind == TASKS else 16), {TASKS: 'II', CLOCK: 'QQ', COUNTS: 'IIQ'}[kind])

    def chunk(self, at):
        """Writes the chunk, and says where the next one is."""
        self.order(at)
        start, flags = self.number(self.dump, at + 10, 'H'), self.number(self.dump, at + 12, 'H')
        size, entries = self.number(self.dump, at + 16, 'I'), self.number(self.dump, at + 20, 'I')
        head, data = bytearray(self.dump[at:at + start]), bytearray(self.dump[at + start:at + size])
        if crc32c(data) != self.number(head, 24, 'I'):
            sys.exit(1)
        if flags & ZLIB:
            data = bytearray(zlib.decompressobj().decompress(data[4:]))
            struct.pack_into(self.here + 'H', head, 12, flags & ~ZLIB)
        if self.number(head, 32, 'Q') != getattr(self, 'stream', None) or (head[8] == METADATA and not self.number(head, 40, 'Q')):
            self.stream, self.events = self.number(head, 32, 'Q'), {}
        self.payload(head[8], data, flags, entries)
        self.turn(head, 4, 'H')
        self.turn(head, 10, 'HHHIIII')
        self.turn(head, 32, '9Q')
        struct.pack_into(self.there + 'I', head, 16, start + len(data))
        struct.pack_into(self.there + 'I', head, 24, crc32c(data))
        struct.pack_into(self.there + 'I', head, 28, crc32c(head[:28] + head[32:]))
        sys.stdout.buffer.write(head + data)
        return at + size


def main():
    turn, at = Turn(sys.stdin.buffer.read()), 0
    while at < len(turn.dump):
        at = turn.chunk(at)


main()
