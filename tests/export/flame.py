# SPDX-License-Identifier: MIT
# flame.py - reads a page of --format flame by a parser of HTML, and knows nothing of how it is made.
#
#     flame.py PAGE    folded stacks, made of the boxes: a path is what boxes lie above each other
#
# What is wrong with the page ends it: boxes that overlap, that are not where their numbers say, anything that could ask
# for something, an attribute that is none of the page's.
import html.parser
import re
import sys

ATTRIBUTES = {
    'html': {'lang'}, 'meta': {'charset', 'http-equiv', 'content', 'name'}, 'style': set(), 'title': set(), 'head': set(),
    'body': set(), 'header': set(), 'h1': set(), 'span': set(), 'form': {'id', 'role', 'hidden'}, 'pre': {'id'},
    'input': {'id', 'type', 'spellcheck', 'autocomplete', 'placeholder', 'aria-label'}, 'output': {'id', 'for'},
    'main': {'id', 'data-unit', 'style'}, 'p': {'class', 'data-from', 'data-n', 'style', 'title', 'id', 'role', 'aria-live'},
    'script': set()}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.boxes, self.open, self.inside, self.text, self.tags = [], None, 'html', {}, []

    def handle_starttag(self, tag, attributes):
        extra = {name for name, _ in attributes} - ATTRIBUTES[tag]
        assert not extra, f'{tag} has {extra}'
        self.tags.append(tag)
        if tag == 'p' and 'data-n' in dict(attributes):
            self.boxes.append(dict(attributes, text=''))
            self.open = self.boxes[-1]
        elif tag != 'p':
            self.open = None
            self.inside = tag

    def handle_endtag(self, tag):
        if tag == 'p':
            self.open = None

    def handle_data(self, data):
        if self.open is not None:
            self.open['text'] += data
        else:
            self.text[self.inside] = self.text.get(self.inside, '') + data


def main(path):
    page = Page()
    page.feed(open(path, encoding='utf-8').read())
    assert page.tags.count('script') == 1 and page.tags.count('style') == 1, 'scripts'
    boxes = []
    for b in page.boxes:
        style = re.fullmatch(r'left:(\d+\.\d{6})%;width:(\d+\.\d{6})%;top:(\d+)px', b['style'])
        first, n = int(b['data-from']), int(b['data-n'])
        assert style and int(style[3]) % 18 == 0, b
        boxes.append((int(style[3]) // 18, first, n, b['text']))
        whole = boxes[0][2]
        for got, want in ((style[1], first), (style[2], n)):
            assert abs(float(got) - (100 * want / whole if whole else 0)) < 2e-6, b
        assert b['title'].startswith(f"{b['text']}: {n} "), b
    assert boxes[0][:2] == (0, 0) and boxes[0][3] == 'all'
    rows = {}
    for row, first, n, text in boxes:
        rows.setdefault(row, []).append((first, n, text))
    for row in rows.values():
        row.sort()
        assert all(a[0] + a[1] <= b[0] for a, b in zip(row, row[1:])), 'boxes overlap'
    paths = {(0, 0): ['', boxes[0][2]]}
    for row in sorted(rows)[1:]:
        for first, n, text in rows[row]:
            around = [b for b in rows[row - 1] if b[0] <= first and first + n <= b[0] + b[1]]
            assert len(around) == 1, f'{text} is in no box'
            above = paths[row - 1, around[0][0]]
            paths[row, first] = [above[0] + text.replace(';', ',') + ';', n]
            above[1] -= n
    for path, n in sorted(p for p in paths.values() if p[0] and p[1]):
        print(f'{path[:-1]} {n}')


main(sys.argv[1])
