"""The blocks of a text, and their keys, which last from revision to revision.

A reader can point at a paragraph, list item, table row or heading. Its key is its name
in links and posts, so it stays while the block stays, however much around it changes,
and it is never given to another block of the same article.
"""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import unescape
from typing import Protocol

# Without vowels and look-alikes: no key is a word, and none is misread.
KEY_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
KEY_LENGTH = 6

# Share of words that two texts have in common from which they are the same passage,
# reworded. An anchor still asks for the exact words, so a wrong guess misleads nobody.
SIMILAR = 0.6

KINDS = {"p": "p", "li": "li", "tr": "tr", "h2": "h", "h3": "h", "h4": "h"}
# Whole elements whose words belong to no passage: pictures, code, the list of sources,
# the numbers that lead to it.
PASSED_OVER = {"figure", "thead", "pre"}
PASSED_OVER_MARKS = re.compile(r'\sclass="footnotes"|\shref="#fn-')
# What ends the words of an item that holds more than words.
BLOCKS = {*KINDS, *PASSED_OVER, "ul", "ol", "dl", "table", "blockquote", "div", "aside"}
BLOCKS |= {"section", "details", "hr"}
VOID = {"area", "br", "col", "hr", "img", "input", "source", "wbr"}
CELLS = {"td", "th"}
BETWEEN_CELLS = " · "

# The input is what a sanitiser wrote, so a tag is regular: names in lower case, values
# in double quotes, and no comments.
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^>"]|"[^"]*")*+)>')
HAS_ID = re.compile(r"\sid=")
SLOT = re.compile(r"<!--p:([a-z0-9]+)-->")


class Named(Protocol):
    """What a former block must tell; `models.Passage` does."""

    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Block:
    key: str
    kind: str
    text: str


def cut(
    html: str, previous: Sequence[Named] = (), used: Collection[str] = ()
) -> tuple[str, list[Block]]:
    """Name every passage of a rendered body.

    `previous`: the passages of the revision this text was made from, in order. `used`:
    every key that the article ever had. Answers the HTML with `id="p-<key>"` on each
    block and a slot for `fill` at its end, and the blocks. The slot of a heading is
    behind it, in a box with it: what is in it must not be read as part of the heading.
    """
    spans = _Finder().read(html)
    keys = carry([span.text for span in spans], previous, used)
    changes = [
        change
        for span, key in zip(spans, keys, strict=True)
        for change in span.changes(key)
    ]
    blocks = [
        Block(key, span.kind, span.text) for span, key in zip(spans, keys, strict=True)
    ]
    return _insert(html, changes), blocks


def fill(html: str, slot: Callable[[str], str]) -> str:
    """The HTML with `slot(key)`, which must be safe HTML, in the slot of each passage."""
    return SLOT.sub(lambda found: slot(found[1]), html)


# --- Keys ----------------------------------------------------------------------------


def carry(
    texts: Sequence[str], previous: Sequence[Named], used: Collection[str] = ()
) -> list[str]:
    """A key for each text: that of the passage it was before, or a new one.

    First what stands in the same order with the same words, then what has moved with
    its words and could be no other, then what is most alike between the same neighbours.
    """
    before = [passage.text for passage in previous]
    same = SequenceMatcher(None, before, texts, autojunk=False)
    pairs: dict[int, int] = {}
    for block in same.get_matching_blocks():
        pairs.update((block.b + i, block.a + i) for i in range(block.size))
    pairs |= _moved(texts, before, pairs)
    for tag, a_from, a_to, b_from, b_to in same.get_opcodes():
        if tag == "replace":
            old = [i for i in range(a_from, a_to) if i not in set(pairs.values())]
            new = [i for i in range(b_from, b_to) if i not in pairs]
            pairs |= _most_alike(texts, before, new, old)
    taken = {*used, *(passage.key for passage in previous)}
    fresh = _new_keys(taken)
    return [
        previous[pairs[i]].key if i in pairs else next(fresh) for i in range(len(texts))
    ]


def _moved(
    texts: Sequence[str], before: Sequence[str], pairs: dict[int, int]
) -> dict[int, int]:
    """Pairs of the unpaired that have the same words, where these occur only once."""
    kept = set(pairs.values())
    old = [i for i in range(len(before)) if i not in kept]
    new = [i for i in range(len(texts)) if i not in pairs]
    old_count = Counter(before[i] for i in old)
    new_count = Counter(texts[i] for i in new)
    place = {before[i]: i for i in old if old_count[before[i]] == 1}
    return {
        i: place[texts[i]]
        for i in new
        if texts[i] in place and new_count[texts[i]] == 1
    }


def _most_alike(
    texts: Sequence[str], before: Sequence[str], new: list[int], old: list[int]
) -> dict[int, int]:
    """Pairs within one gap, the most alike first."""
    found = []
    matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    for i in new:
        # The matcher remembers its second text, so that one stays the longest.
        matcher.set_seq2(texts[i].split())
        for j in old:
            matcher.set_seq1(before[j].split())
            if matcher.quick_ratio() >= SIMILAR and matcher.ratio() >= SIMILAR:
                found.append((-matcher.ratio(), abs(i - j), i, j))
    pairs: dict[int, int] = {}
    for _, _, i, j in sorted(found):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _new_keys(taken: set[str]) -> Iterator[str]:
    while True:
        key = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
        if key not in taken:
            taken.add(key)
            yield key


# --- Finding the blocks --------------------------------------------------------------


@dataclass
class _Span:
    """One block: where its tag, its words and its slot are in the HTML."""

    tag: str
    starts_at: int
    words_at: int
    has_id: bool
    ends_at: int = 0
    closed_at: int = 0
    is_read: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return KINDS[self.tag]

    @property
    def text(self) -> str:
        words = unescape("".join(self.words)).split()
        return " ".join(words).strip(BETWEEN_CELLS)

    def changes(self, key: str) -> list[tuple[int, str]]:
        """What to insert, and where. An element that has an id keeps it."""
        slot = f"<!--p:{key}-->"
        if self.has_id and self.tag != "tr":
            name = [(self.words_at, f'<span id="p-{key}">'), (self.ends_at, "</span>")]
        else:
            name = [(self.starts_at + len(f"<{self.tag}"), f' id="p-{key}"')]
        if self.kind == "h":
            box = (self.starts_at, '<div class="heading">')
            return [box, *name, (self.closed_at, f"{slot}</div>")]
        return [*name, (self.ends_at, slot)]


class _Finder:
    """Reads a body's tags once. An element's words end where a block in it starts."""

    def __init__(self) -> None:
        self.spans: list[_Span] = []
        # The span of each open element, or None.
        self.open: list[_Span | None] = []
        self.passing_over = 0

    def read(self, html: str) -> list[_Span]:
        at = 0
        for tag in TAG.finditer(html):
            self._add(html[at : tag.start()])
            at = tag.end()
            if tag[2] in VOID:
                self._add(" ")
            elif tag[1]:
                self._end(tag)
            else:
                self._start(tag)
        return [span for span in self.spans if span.is_read and span.text]

    def _current(self) -> _Span | None:
        """The passage whose words are being read."""
        span = next((span for span in reversed(self.open) if span), None)
        return span if span and not (span.is_read or self.passing_over) else None

    def _add(self, words: str) -> None:
        if span := self._current():
            span.words.append(words)

    def _start(self, tag: re.Match[str]) -> None:
        span = self._current()
        if span and tag[2] in BLOCKS:
            span.ends_at, span.is_read = tag.start(), True
        if self.passing_over or is_passed_over(tag):
            self.passing_over += 1
        elif tag[2] in KINDS:
            has_id = bool(HAS_ID.search(tag[3]))
            self.spans.append(_Span(tag[2], tag.start(), tag.end(), has_id))
            self.open.append(self.spans[-1])
        else:
            self.open.append(None)

    def _end(self, tag: re.Match[str]) -> None:
        if self.passing_over:
            self.passing_over -= 1
            return
        span = self._current()
        if span and tag[2] in CELLS:
            # A row's slot must stand in its last cell, not between cells.
            span.ends_at = tag.start()
            span.words.append(BETWEEN_CELLS)
        elif span and tag[2] == span.tag:
            span.ends_at, span.is_read = span.ends_at or tag.start(), True
        if self.open and (closed := self.open.pop()):
            closed.closed_at = tag.end()


def is_passed_over(tag: re.Match[str]) -> bool:
    return tag[2] in PASSED_OVER or bool(PASSED_OVER_MARKS.search(tag[3]))


def _insert(html: str, changes: list[tuple[int, str]]) -> str:
    parts, at = [], 0
    for place, addition in sorted(changes, key=lambda change: change[0]):
        parts += [html[at:place], addition]
        at = place
    return "".join([*parts, html[at:]])
