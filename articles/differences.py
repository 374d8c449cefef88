"""What changed between two texts, word by word, readable without colour.

Blocks are matched by their keys (`passages`), so a paragraph that moved and a paragraph
that was rewritten are told apart.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Protocol

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

WORD = re.compile(r"\s+|\w+(?:[\u2019'-]\w+)*|[^\w\s]")
# Fewer unchanged words than this between two changes are shown as changed with them:
# a reader follows one long change more easily than five short ones.
ISLAND = 3
# Beyond this many words a comparison could take seconds; such texts are shown whole.
MAX_WORDS = 6000


class Block(Protocol):
    """What a passage must tell; `models.Passage` does."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Difference:
    """One block of a comparison, or a run of `count` unchanged ones."""

    what: str  # "same", "changed", "moved", "added" or "removed"
    kind: str
    html: SafeString
    key: str = ""
    count: int = 1


def between(before: Sequence[Block], after: Sequence[Block]) -> list[Difference]:
    """Every block of both texts, in the order of the later one, unchanged runs folded."""
    told: list[Difference] = []
    for is_same, group in groupby(_blocks(before, after), lambda d: d.what == "same"):
        run = list(group)
        told += [_folded(run)] if is_same else run
    return told


def words(before: str, after: str) -> SafeString:
    """The later text as HTML, with what was put in and what was taken out."""
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) + len(new) > MAX_WORDS:
        return _change(before, after)
    return format_html_join(
        "",
        "{}",
        ((_change(a, b) if a != b else escape(b),) for a, b in _runs(old, new)),
    )


def _blocks(before: Sequence[Block], after: Sequence[Block]) -> Iterator[Difference]:
    old = {block.key: block for block in before}
    kept = {block.key for block in after}
    moved = _moved([b.key for b in before if b.key in kept], [b.key for b in after])
    waiting = list(before)
    for block in after:
        # What was taken out is told where it stood: before the block that follows it.
        while waiting and waiting[0].key not in kept:
            yield _removed(waiting.pop(0))
        if block.key not in old:
            yield Difference("added", block.kind, _change("", block.text), block.key)
            continue
        if block.key not in moved:
            yield from _passed(waiting, block.key, kept)
        yield _kept(old[block.key], block, block.key in moved)
    yield from (_removed(block) for block in waiting if block.key not in kept)


def _passed(waiting: list[Block], key: str, kept: set[str]) -> Iterator[Difference]:
    """Drop the earlier text up to and with `key`, telling what of it was removed."""
    while waiting:
        block = waiting.pop(0)
        if block.key not in kept:
            yield _removed(block)
        if block.key == key:
            return


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The keys that changed their order: as few as explain it."""
    shared = [key for key in after if key in set(before)]
    in_order = SequenceMatcher(None, before, shared, autojunk=False)
    steady = {
        before[match.a + i]
        for match in in_order.get_matching_blocks()
        for i in range(match.size)
    }
    return set(shared) - steady


def _kept(old: Block, new: Block, has_moved: bool) -> Difference:
    if old.text != new.text:
        return Difference("changed", new.kind, words(old.text, new.text), new.key)
    what = "moved" if has_moved else "same"
    return Difference(what, new.kind, format_html("{}", new.text), new.key)


def _removed(block: Block) -> Difference:
    return Difference("removed", block.kind, _change(block.text, ""), block.key)


def _folded(run: list[Difference]) -> Difference:
    return Difference("same", run[0].kind, run[0].html, run[0].key, len(run))


def _runs(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of texts, equal and unequal in turn, with short equal ones taken in."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    pieces = [
        (tag == "equal" and not _is_island(i, codes), old[a:b], new[c:d])
        for i, (tag, a, b, c, d) in enumerate(codes)
    ]
    for _, group in groupby(pieces, lambda piece: piece[0]):
        run = list(group)
        yield (
            "".join(word for _, a, _ in run for word in a),
            "".join(word for _, _, b in run for word in b),
        )


def _is_island(i: int, codes: Sequence[tuple[str, int, int, int, int]]) -> bool:
    _, a, b, _, _ = codes[i]
    return 0 < i < len(codes) - 1 and (b - a) <= ISLAND


def _change(old: str, new: str) -> SafeString:
    """Told in words too: screen readers say nothing of <del> and <ins>."""
    marks: Iterable[tuple[str, str, str]] = [
        (tag, told, text)
        for tag, told, text in (("del", "taken out", old), ("ins", "put in", new))
        if text
    ]
    return format_html_join(
        "",
        '<{0}><span class="vh">[{1}: </span>{2}<span class="vh">]</span></{0}>',
        marks,
    )
