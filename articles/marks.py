"""Quotations marked in the text they are from.

Works on the stored HTML of a revision, after sanitising: it only ever puts a pair of
`<mark>` tags around words that stand there, and none where it is not sure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape

from .passages import BETWEEN_CELLS, CELLS, TAG, VOID, is_passed_over

MARK, UNMARK = '<mark class="talked">', "</mark>"
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
OPENING = re.compile(r'<[a-z][a-z0-9]*[^>]* id="p-([a-z0-9]+)"[^>]*>')


def mark(html: str, quotations: Mapping[str, Iterable[str]]) -> str:
    """The HTML with each quotation marked in its passage.

    `quotations`: by the key of the passage, the exact words. Words that do not stand in
    the passage, or stand there twice, are left alone.
    """
    parts, at = [], 0
    for opening in OPENING.finditer(html):
        if quoted := quotations.get(opening[1]):
            end = html.find(f"<!--p:{opening[1]}-->", opening.end())
            if end > opening.end() >= at:
                parts += [html[at : opening.end()]]
                parts += [_mark_passage(html[opening.end() : end], quoted)]
                at = end
    return "".join([*parts, html[at:]])


def _mark_passage(html: str, quoted: Iterable[str]) -> str:
    text, places = _letters(html)
    wanted = [False] * len(text)
    for words in quoted:
        found = text.find(words) if words else -1
        if found >= 0 and text.find(words, found + 1) < 0:
            wanted[found : found + len(words)] = [True] * len(words)
    runs: list[tuple[int, int]] = []
    for is_wanted, place in zip(wanted, places, strict=True):
        if not is_wanted or place is None:
            continue
        start, end = place
        if runs and runs[-1][1] == start:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    return _insert(html, runs)


def _insert(html: str, runs: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in runs:
        if html[start:end].strip():
            parts += [html[at:start], MARK, html[start:end], UNMARK]
            at = end
    return "".join([*parts, html[at:]])


def _letters(html: str) -> tuple[str, list[tuple[int, int] | None]]:
    """The words of a passage as `passages` reads them, and where each letter stands.

    White space counts as one space. What only separates (cells, lines) stands nowhere.
    """
    text: list[str] = []
    places: list[tuple[int, int] | None] = []
    for letters, place in _pieces(html):
        for letter in letters:
            if not letter.isspace():
                text.append(letter)
                places.append(place)
            elif text and text[-1] != " ":
                text.append(" ")
                places.append(place)
            elif text and place and (first := places[-1]):
                # Runs on, so that a line break in the source splits no mark.
                places[-1] = first[0], place[1]
    return "".join(text), places


Piece = tuple[str, tuple[int, int] | None]


def _pieces(html: str) -> Iterator[Piece]:
    """Each letter, entity and separator that belongs to the words, and its place."""
    at = passing_over = 0
    for tag in TAG.finditer(html):
        if not passing_over:
            yield from _letters_between(html, at, tag.start())
            yield from _separator(tag)
        at = tag.end()
        if tag[2] in VOID:
            continue
        if passing_over:
            passing_over += -1 if tag[1] else 1
        elif not tag[1] and is_passed_over(tag):
            passing_over = 1
    if not passing_over:
        yield from _letters_between(html, at, len(html))


def _separator(tag: re.Match[str]) -> Iterator[Piece]:
    if tag[2] in VOID:
        yield " ", None
    elif tag[1] and tag[2] in CELLS:
        yield BETWEEN_CELLS, None


def _letters_between(html: str, at: int, end: int) -> Iterator[Piece]:
    while at < end:
        entity = ENTITY.match(html, at, end) if html[at] == "&" else None
        stop = entity.end() if entity else at + 1
        yield unescape(html[at:stop]), (at, stop)
        at = stop
