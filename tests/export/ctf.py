# SPDX-License-Identifier: MIT
# ctf.py - traces of --format ctf, as babeltrace2's library reads them.
#
#   ctf.py same DIR JSON LIST [joined]   each record, loss and type is as tpdecode's JSON and list of events have it;
#                                        joined: all inputs have one capture
#   ctf.py kernel DIR JSON               the same of ctf-lttng for what a kernel does; others by their own name
#   ctf.py messages DIR                  a line for each message
#
# Prints what is not as it should be, up to ten lines, and the number of records; exits with 1 if there was any.
import collections
import itertools
import json
import os
import re
import struct
import sys

import bt2

wrong = 0


def complain(text):
    global wrong
    wrong += 1
    if wrong <= 10:
        print(text)


# --- the trace: a list for each capture and CPU ---

def labels_of(field):
    """The bindings of 2.0 fail where the first value that is looked up has no name."""
    try:
        return list(field.labels)
    except AssertionError:
        return []


def plain(field):
    """A field as (what it is, its value), which is there when the field is not any more."""
    if isinstance(field, bt2._StringFieldConst):
        # Of one that is empty version 2.0 gives the bytes that the field had before.
        return "text", str(field) if len(field) else ""
    if isinstance(field, bt2._ArrayFieldConst):
        return "array", [plain(each) for each in field]
    if isinstance(field, bt2._EnumerationFieldConst):
        return "names", (int(field), labels_of(field), {label: [(r.lower, r.upper) for r in field.cls[label].ranges]
                                                        for label in field.cls})
    if isinstance(field, bt2._RealFieldConst):
        return "real", (float(field), 32 if isinstance(field, bt2._SinglePrecisionRealFieldConst) else 64)
    return "number", int(field)


def members(payload):
    """Without the lengths of sequences."""
    names = list(payload)
    for i, name in enumerate(names):
        if i + 1 < len(names) and name == "_" + names[i + 1] + "_length":
            if len(payload[names[i + 1]]) != int(payload[name]):
                complain("another length: %s" % name)
            continue
        yield name, payload[name]


def place(stream):
    path = stream.name
    capture = re.search(r"capture-(\d+)/", path)
    return int(capture.group(1)) if capture else 1, int(re.search(r"cpu(\d+)$", path).group(1))


def source(directory):
    """babeltrace2 looks for no trace within a trace."""
    below = sorted(name for name in os.listdir(directory) if name.startswith("capture-"))
    if "metadata" not in os.listdir(directory):
        return directory
    return [directory] + [os.path.join(directory, name) for name in below]


def read(directory):
    """Items, each with its place: ("record", time, name, fields, context), ("mark", time, lost, cause), ("lost", number)."""
    owed = {}
    for m in bt2.TraceCollectionMessageIterator(source(directory)):
        if isinstance(m, bt2._EventMessageConst):
            at = place(m.event.packet.stream)
            time, e = m.default_clock_snapshot.value, m.event
            if e.name == "tracepoint:lost":
                yield at, ("mark", time, int(e["lost"]), (list(e["cause"].labels) + ["?"])[0])
                continue
            if at in owed:
                yield at, ("lost", owed.pop(at))
            context = {name: plain(field)[1] for name, field in e.common_context_field.items()}
            yield at, ("record", time, e.name, [(n, plain(f)) for n, f in members(e.payload_field)], context)
        elif isinstance(m, bt2._DiscardedPacketsMessageConst):
            complain("packets are missing")
        elif isinstance(m, bt2._PacketBeginningMessageConst):
            at = place(m.packet.stream)
            if int(m.packet.context_field["cpu_id"]) != at[1]:
                complain("a packet of CPU %s in the file of CPU %d" % (m.packet.context_field["cpu_id"], at[1]))
        elif isinstance(m, bt2._DiscardedEventsMessageConst):
            at = place(m.stream)
            if m.beginning_default_clock_snapshot.value > m.end_default_clock_snapshot.value:
                complain("lost before it was lost")
            owed[at] = owed.get(at, 0) + m.count
    for at, count in owed.items():
        yield at, ("lost", count)


# --- the same by JSON ---

def expected(path, joined):
    owed, capture, number, last = {}, {}, 0, {}
    for line in open(path, encoding="utf-8"):
        r = json.loads(line)
        if "schema" in r:
            number += 1
            capture[r.get("input", 1)] = 1 if joined else number
            continue
        if "time_ns" not in r:
            continue
        at = capture[r["input"]] if "input" in r else number, r["cpu"]
        # Times of a CPU do not go back.
        time = last[at] = max(r["time_ns"], last.get(at, 0))
        if "cause" in r:
            yield at, ("mark", time, r["lost"] or 0, r["cause"])
            owed[at] = owed.get(at, 0) + (1 if r["lost"] is None else r["lost"])
            continue
        if at in owed:
            yield at, ("lost", owed.pop(at))
        yield at, ("record", time, r)
    for at, count in owed.items():
        yield at, ("lost", count)


# --- a value ---

def number_is(value, got):
    """As JSON has numbers, addresses, characters, booleans."""
    if isinstance(value, bool):
        return value == bool(got)
    if isinstance(value, str) and value.startswith("0x") and len(value) > 2:
        return int(value, 16) == got
    if isinstance(value, str) and len(value) == 1:
        return ord(value) == got if ord(value) < 128 else got >= 128
    return value == got


def names_are(value, got):
    """A name, or those of bits with | between, or a number."""
    bits, labels, ranges = got
    if not isinstance(value, str) or value in labels:
        return value in labels or (value == bits and not labels)
    return bits == flags_of(value, ranges)


def flags_of(value, ranges):
    total = 0
    for part in value.split("|"):
        if part in ranges:
            total |= ranges[part][0][0]
        elif re.fullmatch(r"0x[0-9a-f]+|0", part):
            total |= int(part, 0)
        else:
            return None
    return total


def real_is(value, got, bits):
    if isinstance(value, str):
        return {"nan": got != got, "inf": got == float("inf"), "-inf": got == float("-inf")}[value]
    if bits == 32:
        value = struct.unpack("<f", struct.pack("<f", value))[0]
    return value == got


def value_is(value, got):
    kind, v = got
    if kind == "text":
        return value == v
    if kind == "array" and isinstance(value, str):
        return bytes(x[1] for x in v).hex() == value.replace("...", "")
    if kind == "array":
        value = value[:-1] if value and value[-1] == "..." else value
        return len(value) == len(v) and all(value_is(a, b) for a, b in zip(value, v))
    if kind == "names":
        return names_are(value, v)
    if kind == "real":
        return real_is(value, *v)
    return number_is(value, v)


def name_is(name, got):
    """A C identifier; one that is there twice, or is that of a length, has _x after it."""
    plain_name = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return got.startswith(plain_name) and got[len(plain_name):].replace("_x", "") == ""


def fields_are(r, got):
    fields = list(r["fields"].items())
    if len(fields) != len(got):
        return False
    return all(name_is(name, n) and value_is(value, v) for (name, value), (n, v) in zip(fields, got))


def context_is(r, context, kernel=False):
    pid, comm = ("tid", "procname") if kernel else ("pid", "comm")
    want = {pid: r.get("common_pid", -1), comm: r.get("common_comm", ""), "flags": r.get("flags", "")}
    # A mark of what was cut, by the order of the fields.
    want["cut"] = sum(1 << i for i, name in enumerate(r.get("fields", {})) if name in r.get("cut", []))
    return context == want


def record_is(r, name, got, context):
    if not context_is(r, context):
        return False
    if r.get("unfinished"):
        values = {n: v[1] for n, v in got}
        return name == "tracepoint:unfinished" and ("sys" not in r or values["event"] == r["sys"] + ":" + r["event"])
    if "raw" in r:
        return name == "tracepoint:unknown" and [n for n, v in got] == ["id", "bytes"] and \
            got[0][1][1] == r["id"] and bytes(x[1] for x in got[1][1][1]).hex() == r["raw"]
    # JSON has characters that steer as they are, and what is no UTF-8 as U+FFFD.
    return name == r["sys"] + ":" + r["event"] and fields_are(r, got)


def same(at, g, w, is_record):
    if g[0] != w[0] or (g[0] != "record" and g != w):
        complain("%s: %s, not %s" % (at, g, w))
    elif g[0] == "record" and (g[1] != w[1] or not is_record(w[2], g[2], g[3], g[4])):
        complain("%s: %s, not %s" % (at, list(g), w))


def compare(directory, path, is_record, joined=False):
    """Of each place in its order; both are in order of time, so little waits."""
    sides = read(directory), expected(path, joined)
    waiting = {}
    records = 0
    for pair in itertools.zip_longest(*sides):
        for side, found in enumerate(pair):
            if not found:
                continue
            at, item = found
            queues = waiting.setdefault(at, (collections.deque(), collections.deque()))
            queues[side].append(item)
            if queues[0] and queues[1]:
                records += queues[0][0][0] == "record"
                same(at, queues[0].popleft(), queues[1].popleft(), is_record)
    for at, (got, want) in sorted(waiting.items()):
        if got or want:
            complain("%s: %d more, and %d that are missing" % (at, len(got), len(want)))
    return records


# --- types ---

WIDTHS = {"bool": 8, "char": 8}


def type_is(d, cls):
    """A type of the list of events."""
    text = d["type"] in ("str",) or (d["type"] == "char" and ("count" in d or "most" in d))
    if text:
        return isinstance(cls, bt2._StringFieldClassConst)
    if d["type"] == "bytes":
        return isinstance(cls, bt2._DynamicArrayFieldClassConst) and \
            isinstance(cls.element_field_class, bt2._UnsignedIntegerFieldClassConst)
    if isinstance(cls, bt2._StaticArrayFieldClassConst):
        if cls.length != d.get("count"):
            return False
        cls = cls.element_field_class
    elif isinstance(cls, bt2._DynamicArrayFieldClassConst):
        if "most" not in d:
            return False
        cls = cls.element_field_class
    if d["type"] in ("f32", "f64"):
        return type(cls).__name__ == {"f32": "_SinglePrecisionRealFieldClassConst",
                                      "f64": "_DoublePrecisionRealFieldClassConst"}[d["type"]]
    if d["type"] == "ptr":
        return cls.preferred_display_base == 16 and isinstance(cls, bt2._UnsignedIntegerFieldClassConst)
    bits = WIDTHS.get(d["type"]) or int(d["type"][1:])
    signed = d["type"][0] == "s"
    if isinstance(cls, bt2._SignedIntegerFieldClassConst) != signed or cls.field_value_range != bits:
        return False
    named = isinstance(cls, (bt2._UnsignedEnumerationFieldClassConst, bt2._SignedEnumerationFieldClassConst))
    return named or not ("enum" in d or "flags" in d)


def types(directory, path):
    """Of the events of one capture, by the classes that the trace has."""
    want = {}
    for line in open(path, encoding="utf-8"):
        d = json.loads(line)
        if "fields" in d:
            want.setdefault(d["sys"] + ":" + d["event"], []).append(d)
    seen = set()
    for m in bt2.TraceCollectionMessageIterator(source(directory)):
        if not isinstance(m, bt2._StreamBeginningMessageConst):
            continue
        for c in (m.stream.cls[i] for i in m.stream.cls):
            if c.name in seen or c.name not in want:
                continue
            seen.add(c.name)
            names = [n for n in c.payload_field_class or {}]
            lengths = {"_" + n + "_length" for n in names}
            fields = [c.payload_field_class[n].field_class for n in names if n not in lengths]
            if not any(len(fields) == len(d["fields"]) and all(map(type_is, d["fields"], fields))
                       for d in want[c.name]):
                complain("types of %s: %s, not %s" % (c.name, [type(f).__name__ for f in fields], want[c.name]))
    if set(want) - seen:
        complain("no such event: %s" % sorted(set(want) - seen))


# --- as LTTng has it ---

class Kernel:
    """What a made dump does, in the words of a kernel."""
    STATES = {"ready": 0, "sleeping": 1, "dead": 64}

    def __init__(self):
        self.calls = {}

    def __call__(self, r, name, got, context):
        if not context_is(r, context, True):
            return False
        f = {n: v[1] for n, v in got}
        w = r["fields"]
        event = r["sys"] + ":" + r["event"]
        if event == "sched:switch":
            return name == "sched_switch" and f["prev_tid"] == w["prev"] and f["next_tid"] == w["next"] and \
                f["prev_state"] == self.STATES[w["state"]] and f["prev_prio"] == f["next_prio"] == 120
        if event == "sched:wakeup":
            return name == "sched_waking" and (f["tid"], f["target_cpu"], f["prio"]) == (w["pid"], w["cpu"], 120)
        if event == "irq:entry":
            return name == "irq_handler_entry" and f["irq"] == w["vector"]
        if event == "irq:exit":
            return name == "irq_handler_exit" and f["ret"] == 1
        if event == "syscall:enter":
            return name == "syscall_entry_%d" % w["nr"] and f == {"nr": w["nr"]}
        if event == "syscall:exit":
            return re.fullmatch(r"syscall_exit_(\d+|unknown)", name) is not None and f == {"ret": w["ret"]}
        return name == event and fields_are(r, got)


def messages(directory):
    for m in bt2.TraceCollectionMessageIterator(source(directory)):
        if isinstance(m, bt2._DiscardedEventsMessageConst):
            print("%d-%d lost %d" % (m.beginning_default_clock_snapshot.value, m.end_default_clock_snapshot.value,
                                     m.count))
        elif isinstance(m, bt2._EventMessageConst):
            e = m.event
            print(m.default_clock_snapshot.ns_from_origin, int(e.packet.context_field["cpu_id"]), e.name,
                  *["%s=%s" % (n, f) for n, f in members(e.payload_field)])


def main():
    what, directory = sys.argv[1:3]
    if what == "messages":
        messages(directory)
        return
    if what == "same":
        records = compare(directory, sys.argv[3], record_is, "joined" in sys.argv[5:])
        types(directory, sys.argv[4])
    else:
        records = compare(directory, sys.argv[3], Kernel())
    print("%d records" % records)
    sys.stdout.flush()
    os._exit(wrong > 0)


main()
