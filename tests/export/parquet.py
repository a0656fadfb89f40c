# SPDX-License-Identifier: MIT
"""parquet.py - reads Parquet files by the specification alone, and compares them with tpdecode's JSON.

    parquet.py rows FILE              a line of JSON for each row
    parquet.py about FILE             columns, groups, and what is said of the file
    parquet.py same FILE JSON         one file of all records
    parquet.py folder FOLDER JSON     a file for each event, losses.parquet, tasks.parquet
    parquet.py groups FILE            rows of each group

JSON is the output of tpdecode --format json --time utc:ns. Nothing here is of tpdecode: structure from
parquet.thrift and Encodings.md of apache/parquet-format. What is wrong ends it with exit status 1.
"""
import gzip
import json
import math
import os
import re
import struct
import sys
from datetime import datetime, timezone

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY = range(7)
PLAIN, RLE, DELTA, DICTIONARY = 0, 3, 5, 8
GROUP_ROWS = 122880


class Wrong(Exception):
    pass


def check(good, text):
    if not good:
        raise Wrong(text)


class Bytes:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, n):
        check(self.at + n <= len(self.data), 'it ends too early')
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), 'little')

    def varint(self):
        v = shift = 0
        while True:
            byte = self.take(1)[0]
            v |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return v

    def signed(self):
        v = self.varint()
        return v >> 1 ^ -(v & 1)

    # Thrift's compact protocol: a struct is a dict by number of the field.
    def struct(self):
        got, field = {}, 0
        while True:
            head = self.take(1)[0]
            if not head:
                return got
            step = head >> 4
            field = field + step if step else self.signed()
            check(field not in got, 'a field twice')
            got[field] = self.value(head & 15)

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.number(1)
        if kind in (4, 5, 6):
            return self.signed()
        if kind == 8:
            return self.take(self.varint())
        if kind == 9:
            head = self.take(1)[0]
            n = head >> 4
            n = self.varint() if n == 15 else n
            return [self.value(head & 15) for _ in range(n)]
        check(kind == 12, 'thrift type %d' % kind)
        return self.struct()


def hybrid(b, bits, count):
    """Runs of equal numbers, and groups of eight."""
    got = []
    while len(got) < count:
        head = b.varint()
        if head & 1:
            n = (head >> 1) * 8
            packed = int.from_bytes(b.take((head >> 1) * bits), 'little')
            got += [packed >> bits * i & (1 << bits) - 1 for i in range(n)]
        else:
            got += [b.number((bits + 7) // 8)] * (head >> 1)
    return got[:count]


def delta(b, count):
    block, parts, total = b.varint(), b.varint(), b.varint()
    check(block % 128 == 0 and block // parts % 32 == 0, 'sizes of delta blocks')
    check(total == count, 'delta has %d values of %d' % (total, count))
    got = [b.signed()]
    while len(got) < total:
        least, widths = b.signed(), b.take(parts)
        for width in widths:
            if len(got) >= total:
                break
            packed = int.from_bytes(b.take(block // parts * width // 8), 'little')
            for i in range(block // parts):
                if len(got) < total:
                    got.append((got[-1] + least + (packed >> width * i & (1 << width) - 1)) & (1 << 64) - 1)
    return [v - (v >> 63 << 64) for v in (v & (1 << 64) - 1 for v in got[:total])]


def plain(b, kind, count):
    if kind == BOOLEAN:
        bits = b.take((count + 7) // 8)
        return [bits[i // 8] >> i % 8 & 1 == 1 for i in range(count)]
    if kind == BYTE_ARRAY:
        return [b.take(b.number(4)) for _ in range(count)]
    code = {INT32: 'i', INT64: 'q', FLOAT: 'f', DOUBLE: 'd'}[kind]
    return list(struct.unpack('<%d%s' % (count, code), b.take(count * struct.calcsize(code))))


class Column:
    """Of an element of the schema: how values are to be understood."""

    def __init__(self, e):
        self.name, self.kind, self.optional = e[4].decode(), e[1], e[3] == 1
        logical, converted = e.get(10, {}), e.get(6)
        self.text = self.json = self.unsigned = False
        self.says = {BOOLEAN: 'bool', FLOAT: 'f32', DOUBLE: 'f64', BYTE_ARRAY: 'bytes'}.get(self.kind)
        if 10 in logical:
            bits, self.unsigned = logical[10][1], not logical[10][2]
            self.says = ('u' if self.unsigned else 's') + str(bits)
            check(converted == (11 if self.unsigned else 15) + {8: 0, 16: 1, 32: 2, 64: 3}[bits],
                  'old and new type of ' + self.name)
            check(self.kind == (INT64 if bits == 64 else INT32), 'physical type of ' + self.name)
        elif 12 in logical:
            self.json, self.says = True, 'json'
            check(converted == 19, 'old type of ' + self.name)
        elif 1 in logical:
            self.text, self.says = True, 'text'
            check(converted == 0, 'old type of ' + self.name)

    def value(self, v):
        if self.text or self.json:
            return v.decode()
        if self.unsigned:
            return v & (1 << (64 if self.kind == INT64 else 32)) - 1
        return v


class File:
    def __init__(self, path, look=True):
        with open(path, 'rb') as f:
            self.data = f.read()
        size = len(self.data)
        check(size >= 12 and self.data[:4] == self.data[-4:] == b'PAR1', 'no PAR1 at both ends')
        length = int.from_bytes(self.data[-8:-4], 'little')
        b = Bytes(self.data[:-8], size - 8 - length)
        self.meta = b.struct()
        check(b.at == size - 8, 'the footer is not as long as is said')
        schema = self.meta[2]
        check(schema[0][5] == len(schema) - 1, 'children of the root')
        self.columns = [Column(e) for e in schema[1:]]
        names = [c.name.lower() for c in self.columns]
        check(len(set(names)) == len(names), 'a name twice: %s' % names)
        check(len(self.meta[7]) == len(self.columns), 'orders of columns')
        self.about = {p[1].decode(): p[2].decode() for p in self.meta.get(5, [])}
        self.expected = 4
        if not look:
            return
        self.groups = [self.group(g) for g in self.meta[4]]
        check(self.expected == size - 8 - length, 'something is between the groups and the footer')
        check(sum(g[3] for g in self.meta[4]) == self.meta[3], 'rows of the groups are not those of the file')

    def group(self, g):
        check(len(g[1]) == len(self.columns), 'columns of a group')
        check(0 < g[3] <= GROUP_ROWS, '%d rows in a group' % g[3])
        check(g[2] == sum(c[3][6] for c in g[1]), 'bytes of a group')
        return [self.chunk(column, chunk[3], g[3]) for column, chunk in zip(self.columns, g[1])]

    def chunk(self, column, m, rows):
        check(m[1] == column.kind and m[3] == [column.name.encode()], 'a chunk is of another column')
        check(m[5] == rows, 'values of a chunk')
        start = m.get(11, m[9])
        check(start == self.expected, 'a chunk is not where the one before ends')
        b = Bytes(self.data, start)
        values, entries, expanded, encodings = [], None, 0, set()
        while len(values) < rows:
            if entries is None or b.at != m[9]:
                check(b.at == m[9] or (11 in m and b.at == start) or values, 'offset of pages')
            before = b.at
            head = b.struct()
            page = b.take(head[3])
            if m[4] == 2:
                page = gzip.decompress(page)
            else:
                check(m[4] == 0, 'compression %d' % m[4])
            check(len(page) == head[2], 'bytes of a page')
            expanded += head[2] + b.at - before - head[3]
            page = Bytes(page)
            if head[1] == 2:
                check(11 in m and entries is None and not values, 'a dictionary in the middle')
                entries = plain(page, column.kind, head[7][1])
                check(len(set(entries)) == len(entries), 'an entry twice')
            else:
                encodings.add(head[5][2])
                values += self.page(column, page, head[5], entries)
            check(page.at == len(page.data), 'something follows the values')
        check(len(values) == rows, 'rows of the pages')
        check(b.at - start == m[7], 'compressed bytes of a chunk')
        check(expanded == m[6], 'bytes of a chunk')
        check(encodings <= set(m[2]), 'an encoding that is not said')
        self.expected = b.at
        self.statistics(column, m.get(12, {}), values)
        return values

    @staticmethod
    def page(column, page, head, entries):
        rows, has = head[1], None
        if column.optional:
            levels = Bytes(page.take(page.number(4)))
            has = hybrid(levels, 1, rows)
            check(levels.at == len(levels.data), 'something follows the levels')
        count = sum(has) if has is not None else rows
        if head[2] == PLAIN:
            got = plain(page, column.kind, count)
        elif head[2] == DELTA:
            got = delta(page, count) if count else page.take(len(page.data) - page.at) and []
        else:
            check(head[2] == DICTIONARY, 'encoding %d' % head[2])
            bits = page.number(1)
            got = [entries[i] for i in hybrid(page, bits, count)]
        got = [column.value(v) for v in got]
        if has is None:
            return got
        it = iter(got)
        return [next(it) if v else None for v in has]

    @staticmethod
    def statistics(column, s, values):
        there = [v for v in values if v is not None]
        check(s.get(3) == len(values) - len(there), 'nulls of %s' % column.name)
        if not re.fullmatch('[us][0-9]+', column.says) or not there:
            check(5 not in s and 6 not in s, 'limits of %s' % column.name)
            return
        width = 8 if column.kind == INT64 else 4
        low, high = (int.from_bytes(s[k], 'little', signed=not column.unsigned) for k in (6, 5))
        check(len(s[5]) == len(s[6]) == width, 'width of limits')
        check((low, high) == (min(there), max(there)), '%s is from %d to %d, not %d to %d' %
              (column.name, min(there), max(there), low, high))

    def rows(self):
        for g in self.groups:
            for row in zip(*g):
                yield {c.name: v for c, v in zip(self.columns, row)}


# --- the same as JSON ---

def records(path):
    with open(path) as f:
        lines = [json.loads(line) for line in f]
    capture, got = 0, []
    for r in lines:
        if 'schema' in r:
            capture = r.get('capture', 1)
        r['capture'] = capture
        got.append(r)
    return got


def wall(utc):
    if utc is None:
        return None
    m = re.fullmatch(r'(.*)\.([0-9]{9})Z', utc)
    when = datetime.strptime(m[1], '%Y-%m-%dT%H:%M:%S').replace(tzinfo=timezone.utc)
    return int(when.timestamp()) * 10**9 + int(m[2])


def common(r):
    got = {k: r.get(k) for k in ('time_ns', 'cpu', 'common_pid', 'common_comm', 'flags', 'capture')}
    got['wall_ns'] = wall(r.get('utc'))
    got['cut'] = ','.join(r['cut']) if 'cut' in r else None
    return got


def losses(r):
    """A line of JSON that is a loss, as a row; or None."""
    if 'lost' not in r:
        return None
    return {'time_ns': r.get('time_ns'), 'wall_ns': wall(r.get('utc')), 'cpu': r.get('cpu'), 'lost': r['lost'],
            'cause': r['cause'], 'capture': r['capture']}


def differ(want, got, what):
    for k, v in want.items():
        check(k in got and got[k] == v, '%s: %s is %r, not %r' % (what, k, got.get(k), v))


def same(path, json_path):
    f = File(path)
    want = [r for r in records(json_path) if ('time_ns' in r or 'lost' in r) and not r.get('unfinished')]
    rows = list(f.rows())
    check(len(rows) == len(want), '%d rows, not %d' % (len(rows), len(want)))
    for i, (r, row) in enumerate(zip(want, rows)):
        what = 'row %d' % i
        if 'lost' in r:
            differ(losses(r), row, what)
            check(all(row[k] is None for k in ('event', 'sys', 'fields', 'common_pid', 'flags')), what)
            continue
        differ(common(r), row, what)
        check(row['lost'] is None and row['cause'] is None, what)
        if 'raw' in r:
            check(row['sys'] == row['event'] == '?', what)
            differ({'id': r['id'], 'raw': r['raw']}, json.loads(row['fields']), what)
        else:
            differ({'sys': r['sys'], 'event': r['event']}, row, what)
            check(json.loads(row['fields']) == r['fields'], '%s: %s' % (what, row['fields']))
    check(f.about['tracepoint.records'] == str(sum('lost' not in r for r in want)), 'records')
    check(f.about['tracepoint.lost'] == str(sum(r['lost'] or 0 for r in want if 'lost' in r)), 'lost')
    return len(rows)


def number(v):
    return int(v, 0) if isinstance(v, str) else v


def is_value(column, want, got):
    says = column.says
    if says == 'text':
        return (want if isinstance(want, str) else json.dumps(want)) == got
    if says == 'json':
        return json.loads(got) == want
    if says == 'bytes':
        return want in (got.hex(), got.hex() + '...')
    if says in ('f32', 'f64'):
        want = float(want)
        if math.isnan(want):
            return math.isnan(got)
        # Of 32 bits as many digits are printed as say which they are.
        return want == got if says == 'f64' else struct.pack('<f', want) == struct.pack('<f', got)
    return number(want) == got


def file_of(sys_name, event):
    return '.'.join(re.sub(b'[^A-Za-z0-9_-]', b'_', x.replace('\ufffd', '_').encode())[:100].decode()
                    for x in (sys_name, event))


def folder(path, json_path):
    files = {n[:-8]: File(os.path.join(path, n)) for n in sorted(os.listdir(path)) if n.endswith('.parquet')}
    check(len(files) == len(os.listdir(path)), 'other files')
    rows = {n: list(f.rows()) for n, f in files.items()}
    at = dict.fromkeys(files, 0)

    def take(name):
        check(name in rows and at[name] < len(rows[name]), 'no row any more in ' + name)
        at[name] += 1
        return rows[name][at[name] - 1]

    for r in records(json_path):
        if 'lost' in r:
            differ(losses(r), take('losses'), 'a loss')
        if 'time_ns' not in r or 'lost' in r or r.get('unfinished'):
            continue
        if 'raw' in r:
            row = take('others')
            differ({'id': r['id'], 'raw': r['raw']}, json.loads(row['fields']), 'others')
            continue
        name = file_of(r['sys'], r['event'])
        names = [n for n in rows if n == name or re.fullmatch(re.escape(name) + r'\.[0-9]+', n)]
        # Of captures that differ in its fields there are several: the one that has these.
        for name in names:
            mine = [c for c in files[name].columns][6:6 + len(r['fields'])]
            if [c.name.rstrip('_') for c in mine] == [k.rstrip('_') for k in r['fields']] and at[name] < len(rows[name]) and \
                    rows[name][at[name]]['time_ns'] == r['time_ns'] and rows[name][at[name]]['capture'] == r['capture']:
                break
        else:
            raise Wrong('no row for %r in %s' % (r, names))
        row = take(name)
        want = common(r)
        if 'cut' not in row:
            check(want.pop('cut') is None, 'no column for what was cut')
        differ(want, row, name)
        for c, (k, v) in zip(mine, r['fields'].items()):
            check(is_value(c, v, row[c.name]), '%s: %s is %r, not %r' % (name, k, row[c.name], v))
    for n, f in files.items():
        check(n == 'tasks' or at[n] == len(rows[n]), '%s: %d rows, not %d' % (n, len(rows[n]), at[n]))
    check([r['pid'] for r in rows['tasks'] if r['capture'] == 1] == sorted(r['pid'] for r in rows['tasks'] if r['capture'] == 1),
          'tasks are not in order')
    return sum(at.values())


def show(v):
    return v.hex() if isinstance(v, bytes) else v


def main():
    what, path = sys.argv[1:3]
    if what == 'rows':
        for row in File(path).rows():
            print(json.dumps({k: show(v) for k, v in row.items()}))
    elif what == 'about':
        f = File(path)
        for c in f.columns:
            print('%s %s%s' % (c.name, c.says, '?' if c.optional else ''))
        for g in f.meta[4]:
            print('group of', g[3])
        for k, v in sorted(f.about.items()):
            print('%s=%s' % (k, v))
    elif what == 'groups':
        print(*(g[3] for g in File(path, look=False).meta[4]))
    else:
        print({'same': same, 'folder': folder}[what](path, sys.argv[3]))


try:
    main()
except BrokenPipeError:  # who reads has enough
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
except Wrong as e:
    print('%s: %s' % (sys.argv[2], e))
    sys.exit(1)
