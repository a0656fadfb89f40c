# SPDX-License-Identifier: MIT
"""page.py - reads the data of an HTML page by what block.h, fact.h, row.h and mark.h of tpdecode say, and prints a
line of JSON for each record and loss, in the words of tpdecode --format json.

    page.py PAGE          records and losses, then what sampling has left out
    page.py --facts PAGE  captures as they were described
    page.py --marks PAGE  what lanes are made of, by names
    page.py --check PAGE  that the page is one: its policy, its parts, and that no text of the dump is in it
"""
import base64, gzip, hashlib, html.parser, json, re, struct, sys

PARTS = "facts strings times kinds captures cpus events tasks names contexts sizes rows marks".split()
MARKS = "- run stop wake new gone begin end whole counter".split()
U64 = (1 << 64) - 1


class Page(html.parser.HTMLParser):
    """Elements, and the text in each script and style."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.parts, self.now = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self.now = [tag, dict(attributes), ""]
            self.parts.append(self.now)

    def handle_endtag(self, tag):
        if self.now and tag == self.now[0]:
            self.now = None

    def handle_data(self, data):
        if self.now:
            self.now[2] += data


class Numbers:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        if self.at > len(self.data):
            raise ValueError("a part is too short")
        return self.data[self.at - n:self.at]

    def u(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def s(self):
        v = self.u()
        return -(v >> 1) - 1 if v & 1 else v >> 1

    def more(self):
        return self.at < len(self.data)


def text(data):
    """As tpdecode: each byte that is no UTF-8 is U+FFFD."""
    out = ""
    while data:
        try:
            return out + data.decode()
        except UnicodeDecodeError as e:
            out += data[:e.start].decode() + "\ufffd"
            data = data[e.start + 1:]
    return out


class Block:
    def __init__(self, raw):
        self.n = struct.unpack_from("<I", raw)[0]
        at = 4
        for part in PARTS:
            size = struct.unpack_from("<I", raw, at)[0]
            setattr(self, part, Numbers(raw[at + 4:at + 4 + size]))
            at += 4 + size
        if at != len(raw):
            raise ValueError("a block has %d bytes, not %d" % (len(raw), at))
        self.texts = []
        while self.strings.more():
            self.texts.append(self.strings.take(self.strings.u()))


def blocks(page):
    for tag, attributes, data in page.parts:
        if tag == "script" and attributes.get("class") == "block":
            if attributes.get("type") != "text/plain" or set(attributes) != {"type", "class"}:
                raise ValueError("a block that is a script: %r" % attributes)
            yield Block(gzip.decompress(base64.b64decode(data, validate=True)))


class Trace:
    def __init__(self):
        self.captures, self.tables, self.events = {}, {}, {}

    def learn(self, block):
        facts = block.facts.data.decode().strip().rstrip(",")
        for f in json.loads("[" + facts + "]"):
            if f["is"] == "end":
                self.captures[f["number"]]["end"] = f
            else:
                of = {"capture": self.captures, "table": self.tables, "event": self.events}[f["is"]]
                if f["number"] in of:
                    raise ValueError("described twice: %r" % f)
                of[f["number"]] = f


def flags(table, value, width):
    mask, names = (1 << 8 * width) - 1, []
    value &= mask
    zero, rest = value == 0, value
    for bits, name in table["values"]:
        bits = int(bits)
        if bits > mask:
            continue
        bits &= mask
        if (bits or names) if zero else (not bits or rest & bits != bits):
            continue
        names.append(name)
        rest &= ~bits
    if rest or not names:
        names.append("0x%x" % rest if rest else "0")
    return "|".join(names)


def real(data):
    form = "<f" if len(data) == 4 else "<d"
    value = struct.unpack(form, data)[0]
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    for digits in range(6, 18): # the fewest that are read as the same number
        short = float("%.*g" % (digits, value))
        if abs(short) < 3.5e38 and struct.pack(form, short) == data:
            return short
    return value


def number(f, row, trace, block):
    data, kind = row.take(f["width"]), f["kind"]
    if kind == "float":
        return real(data)
    value = int.from_bytes(data, "little", signed=kind == "signed")
    name = row.u() if f.get("named") else 0
    if "table" in f:
        table = trace.tables[f["table"]]
        if table["flags"]:
            return flags(table, value, f["width"])
        for v, n in table["values"]:
            if int(v) == value:
                return n
    if kind == "bool":
        return value != 0
    if kind == "char":
        return text(data)
    if kind == "ptr":
        return text(block.texts[name - 1]) if name else "0x%x" % value
    return value


def field(f, row, trace, block, cut):
    dots = ""
    if f["kind"] in ("str", "bytes") or (f["kind"] == "char" and "count" in f):
        n = row.u()
        data = row.take(n >> 1)
        if n & 1:
            dots = "..."
            cut.append(f["name"])
        return (data.hex() if f["kind"] == "bytes" else text(data)) + dots
    if "count" not in f:
        return number(f, row, trace, block)
    n = row.u() if f.get("sequence") else 2 * f["count"]
    values = [number(f, row, trace, block) for _ in range(n >> 1)]
    if n & 1:
        values.append("...")
        cut.append(f["name"])
    return values


def context(data):
    f, depth = data
    nmi, hard, soft = f & 16, f & 8, f & 4
    level = "Z" if nmi and hard else "z" if nmi else "H" if hard and soft else "h" if hard else "s" if soft else "."
    return ("d" if f & 1 else ".") + ("N" if f & 2 else ".") + level + ".123456789abcdef"[min(depth, 15)] + "."


def records(page):
    trace, time = Trace(), 0
    for block in blocks(page):
        trace.learn(block)
        time = 0
        for _ in range(block.n):
            time = time + block.times.s() & U64
            kind, capture, cpu = block.kinds.take(1)[0], block.captures.u(), block.cpus.u()
            event, row = block.events.u(), Numbers(block.rows.take(block.sizes.u()))
            r = {"time_ns": time, "cpu": cpu}
            if len({c["input"] for c in trace.captures.values()}) > 1:
                r["input"] = trace.captures[capture]["input"]
            if event == 0:
                cause, how, count, _ = text(block.texts[row.u()]), row.u(), row.u(), row.u()
                r.update(lost=count if how & 1 else None, cause=cause)
            else:
                if kind & 2:
                    r["unfinished"] = True
                if kind & 1:
                    r["common_pid"], r["common_comm"] = block.tasks.u(), text(block.texts[block.names.u()])
                    r["flags"] = context(block.contexts.take(2))
            if event == 1:
                r.update(id=row.u(), raw=row.data[row.at:].hex())
            elif event:
                e, cut = trace.events[event - 2], []
                if e["capture"] != capture:
                    raise ValueError("an event of another capture")
                r.update(sys=e["sys"], event=e["name"])
                r["fields"] = {f["name"]: field(f, row, trace, block, cut) for f in e["fields"]}
                if cut:
                    r["cut"] = cut
            if event != 1 and row.more():
                raise ValueError("a row is too long: %r" % r)
            yield r
        for part in PARTS:
            if part not in ("facts", "rows", "marks", "strings") and getattr(block, part).more():
                raise ValueError("%s are too long" % part)
    for c in trace.captures.values():
        if c["end"]["strangers"] != "0":
            yield {"lost": int(c["end"]["strangers"]), "cause": "unknown_cpu"}
        for sys_, name, count in c["end"]["suppressed"]:
            yield {"suppressed": int(count), "sys": sys_, "event": name}


def marks(page):
    for block in blocks(page):
        m, time = block.marks, 0
        while m.more():
            is_, _, time = MARKS[m.u()], m.u(), time + m.s() & U64
            name = lambda: text(block.texts[m.u()])
            track = lambda: (lambda kind: [kind, m.u() if kind < 2 else name(), m.u()])(m.u())
            if is_ == "run":
                of = [m.u(), m.u(), m.s(), name(), m.u(), m.u(), m.s()]
            elif is_ == "stop":
                of = [m.u(), m.u(), m.u()]
            elif is_ in ("wake", "new", "gone"):
                of = [m.u(), m.s(), name(), m.u()]
            elif is_ == "begin":
                of = [m.u(), m.u(), *track(), name()]
            elif is_ == "end":
                of = [m.u(), m.u()]
            elif is_ == "whole":
                of = [m.u(), *track(), name(), m.u()]
            else:
                of = [m.u(), name(), struct.unpack("<d", m.take(8))[0]]
            print(time, is_, *of)


def policy(kind, data):
    return "%s 'sha256-%s'" % (kind, base64.b64encode(hashlib.sha256(data.encode()).digest()).decode())


def check(page, source):
    """What is wrong with it, a line each."""
    rules = [a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    scripts = [d for tag, a, d in page.parts if tag == "script" and "type" not in a]
    styles = [d for tag, a, d in page.parts if tag == "style"]
    if len(rules) != 1 or len(scripts) != 1 or len(styles) != 1:
        return print("%d policies, %d scripts, %d styles" % (len(rules), len(scripts), len(styles)))
    want = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", policy("style-src", styles[0]),
            policy("script-src", scripts[0])]
    if rules[0].split("; ") != want:
        print("policy: %s, not %s" % (rules[0], want))
    first = [tag for tag, _ in page.tags].index("meta")
    if "script" in [tag for tag, _ in page.tags][:first + 2]:
        print("a script before the policy")
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            if name.startswith("on") or name in ("src", "style", "href", "action", "srcset", "background"):
                print("<%s %s=%s>" % (tag, name, value))
        if tag in ("link", "iframe", "object", "embed", "img", "base", "svg"):
            print("<%s>" % tag)
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch(",
                 "XMLHttpRequest", "WebSocket", "importScripts", "localStorage", "http:", "https:"):
        if word in scripts[0] or word in styles[0]:
            print("the page has %s" % word)
    # Without data, all pages are the same but for the number of items.
    rest = re.sub(r'<script type="text/plain" class="block">[A-Za-z0-9+/=]*</script>\n', "", source)
    rest = re.sub(r'(id="items">)[0-9]+', r"\1", rest)
    print("sha256", hashlib.sha256(rest.encode()).hexdigest())


def main(arguments):
    source = open(arguments[-1], encoding="utf-8").read()
    page = Page(source)
    if arguments[0] == "--check":
        check(page, source)
    elif arguments[0] == "--marks":
        marks(page)
    elif arguments[0] == "--facts":
        trace = Trace()
        for block in blocks(page):
            trace.learn(block)
        for c in trace.captures.values():
            print(json.dumps(c))
    else:
        n = 0
        for r in records(page):
            n += "time_ns" in r
            print(json.dumps(r, sort_keys=True))
        items = [d for tag, a, d in page.parts if a.get("id") == "items"]
        if items != [str(n)]:
            raise ValueError("%d items, and the page says %s" % (n, items))


main(sys.argv[1:])
