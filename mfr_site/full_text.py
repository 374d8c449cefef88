"""Full-text search: one table of texts, and one index over it for each database.

FTS5 on SQLite, `tsvector` on PostgreSQL; the only place that asks which. The domain
methods store and remove entries in the transaction that changes the text: database
triggers would not survive a migration on SQLite (HOUSE §6).

Finding knows nothing of visibility. `find` joins what matched to the rows that its
caller may show, so a text that is not public is never counted, ranked or quoted.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from django.db import connection, models, transaction
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .markdown import clean_text
from .models import SearchEntry

# What there is to find, and what a row's `object_id` is the id of.
KINDS = ("revision", "post")
# A search is answered from the newest texts that match: bounds the cost of a word that
# is in every text. Also the end of paging.
CANDIDATES = 2000
MAX_QUERY = 200
MAX_TERMS = 12
BATCH = 500
EXCERPT_WORDS = 24
TITLE_WEIGHT = 10.0

# A phrase in double quotes, or a word.
TERM = re.compile(r'"[^"]*"|[^\s"]+')

# No text holds these characters (`clean_text`), so they can mark what was found.
MARK, UNMARK = "\x02", "\x03"

# Words in nearly every text: asked as a question, a search would else find nothing.
COMMON = (
    "a an and are as at be but by can do does for from has have how i if in is it its me"
    " my no not of on or should so than that the their there they this to was what when"
    " where which who why will with you your"
)
COMMON_WORDS = frozenset(COMMON.split())


INSERT = """
    INSERT INTO mfr_site_searchentry (kind, object_id, title, body)
    VALUES (%s, %s, %s, %s) RETURNING id
"""

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Entry:
    """One findable text. `kind` and `object_id` name the row that it belongs to."""

    kind: str
    object_id: int
    title: str
    body: str

    def as_row(self) -> SearchEntry:
        return SearchEntry(
            kind=self.kind,
            object_id=self.object_id,
            title=clean_text(self.title),
            body=clean_text(self.body),
        )


@dataclass(frozen=True)
class Found(Generic[Row]):
    """A row that matched, and the words around the match as safe HTML."""

    row: Row
    excerpt: SafeString


@dataclass(frozen=True)
class Results(Generic[Row]):
    """One page of what was found, the best first.

    `total` counts the visible matches among CANDIDATES; `next_start` is None on the last
    page.
    """

    items: list[Found[Row]]
    total: int
    next_start: int | None


# --- Writing -------------------------------------------------------------------------


def store(entry: Entry) -> None:
    """Make a text findable, or findable by its new words."""
    with transaction.atomic():
        row = entry.as_row()
        known = SearchEntry.objects.filter(kind=row.kind, object_id=row.object_id)
        if old := known.first():
            _index(row.kind).discard(old)
            row.pk = old.pk
        row.save()
        _index(row.kind).add(row)


def add(entry: Entry) -> None:
    """Make a text findable that never was; in the transaction that writes it."""
    row = entry.as_row()
    # Every new post does this while others wait; `save` takes four times as long.
    ((row.pk,),) = _execute(INSERT, [row.kind, row.object_id, row.title, row.body])
    _index(row.kind).add(row)


def remove(kind: str, object_id: int) -> None:
    """Make a text unfindable. Nothing happens when it was not findable."""
    with transaction.atomic():
        row = SearchEntry.objects.filter(kind=kind, object_id=object_id).first()
        if row:
            _index(kind).discard(row)
            row.delete()


def purge() -> None:
    """Rid the index of the words of removed texts, which it else keeps until it grows.

    Costs about as much as writing it anew; for housekeeping.
    """
    for kind in KINDS:
        _index(kind).purge()


def rewrite(entries: Iterable[Entry]) -> int:
    """Put these entries in the place of all there are. Answers how many they are.

    Other connections find the old ones until the transaction ends.
    """
    total = 0
    remaining = iter(entries)
    with transaction.atomic():
        SearchEntry.objects.all().delete()
        while batch := [entry.as_row() for entry in islice(remaining, BATCH)]:
            total += len(SearchEntry.objects.bulk_create(batch))
        for kind in KINDS:
            _index(kind).rebuild()
    return total


# --- Finding -------------------------------------------------------------------------


def find(
    kind: str, text: str, visible: models.QuerySet[Row], *, start: int = 0, length: int
) -> Results[Row]:
    """The rows of `visible` that match, whose ids are the entries' `object_id`."""
    ranked = match(kind, text)
    shown = set(visible.filter(pk__in=ranked).values_list("pk", flat=True))
    ids = [pk for pk in ranked if pk in shown]
    page = ids[start : start + length]
    rows = visible.in_bulk(page)
    excerpts = _index(kind).excerpts(page, terms(text))
    return Results(
        items=[Found(rows[pk], excerpts.get(pk, SafeString())) for pk in page],
        total=len(ids),
        next_start=start + length if start + length < len(ids) else None,
    )


def match(kind: str, text: str) -> list[int]:
    """The ids of the entries with all words of a text, at most CANDIDATES, best first.

    When none has them all, of those that have any. Words in double quotes are a phrase;
    nothing else in the text has a meaning.
    """
    words = terms(text)
    if not words:
        return []
    index = _index(kind)
    return index.match(words) or index.match(words, any_word=True)


def alike(kind: str, text: str) -> list[int]:
    """The ids of the entries that share words with a text, the most alike first."""
    words = terms(text)
    return _index(kind).match(words, any_word=True) if words else []


def terms(text: str) -> list[str]:
    """The words and phrases that a search is for, without what searches would trip on."""
    found = [term.strip('"') for term in TERM.findall(clean_text(text)[:MAX_QUERY])]
    found = [term for term in found if any(char.isalnum() for char in term)]
    telling = [term for term in found if term.casefold() not in COMMON_WORDS]
    return (telling or found)[:MAX_TERMS]


def _marked(text: str) -> SafeString:
    """Escape all, then restore the marks: a database's excerpt is never trusted."""
    safe = escape(text).replace(MARK, "<mark>").replace(UNMARK, "</mark>")
    return mark_safe(safe)  # noqa: S308


# --- The index, one for each database ------------------------------------------------


class Index(Protocol):
    """What finds the entries of one kind."""

    def add(self, row: SearchEntry) -> None: ...
    def discard(self, row: SearchEntry) -> None: ...
    def rebuild(self) -> None: ...
    def purge(self) -> None: ...
    def match(self, words: list[str], *, any_word: bool = False) -> list[int]: ...
    def excerpts(self, ids: list[int], words: list[str]) -> dict[int, SafeString]: ...


def _index(kind: str) -> Index:
    return _SQLite(kind) if connection.vendor == "sqlite" else _PostgreSQL(kind)


def _execute(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


class _SQLite:
    """FTS5 over the entries of a kind, with none of the text in it.

    A table for each kind, because a search pays for every row that has its words: with
    one table for all, finding an article would cost more with every post.
    """

    TABLES = {"revision": "search_revision", "post": "search_post"}

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.table = self.TABLES[kind]

    def add(self, row: SearchEntry) -> None:
        self._execute(
            "INSERT INTO search_kind (rowid, title, body) VALUES (%s, %s, %s)",
            [row.pk, row.title, row.body],
        )

    def discard(self, row: SearchEntry) -> None:
        # FTS5 must be told the very words it was given (its "external content" rule).
        self._execute(
            "INSERT INTO search_kind (search_kind, rowid, title, body)"
            " VALUES ('delete', %s, %s, %s)",
            [row.pk, row.title, row.body],
        )

    def rebuild(self) -> None:
        self._execute("INSERT INTO search_kind (search_kind) VALUES ('delete-all')")
        self._execute(
            "INSERT INTO search_kind (rowid, title, body)"
            " SELECT id, title, body FROM mfr_site_searchentry WHERE kind = %s",
            [self.kind],
        )

    def purge(self) -> None:
        # What is deleted stands in older segments until all are merged into one.
        self._execute("INSERT INTO search_kind (search_kind) VALUES ('optimize')")

    def match(self, words: list[str], *, any_word: bool = False) -> list[int]:
        rows = self._execute(
            "SELECT entry.object_id FROM ("
            "  SELECT rowid, bm25(search_kind, %s, 1) AS rank FROM search_kind"
            "  WHERE search_kind MATCH %s ORDER BY rowid DESC LIMIT %s"
            ") AS hit JOIN mfr_site_searchentry AS entry ON entry.id = hit.rowid"
            " ORDER BY hit.rank, hit.rowid DESC",
            [TITLE_WEIGHT, self._query(words, any_word=any_word), CANDIDATES],
        )
        return [row[0] for row in rows]

    def excerpts(self, ids: list[int], words: list[str]) -> dict[int, SafeString]:
        rows = self._execute(
            "SELECT entry.object_id, snippet(search_kind, 1, %s, %s, '…', %s)"
            " FROM mfr_site_searchentry AS entry"
            " JOIN search_kind ON search_kind.rowid = entry.id"
            " WHERE entry.kind = %s"
            " AND entry.object_id IN (SELECT value FROM json_each(%s))"
            " AND search_kind MATCH %s",
            [
                *(MARK, UNMARK, EXCERPT_WORDS, self.kind, json.dumps(ids)),
                self._query(words, any_word=True),
            ],
        )
        return {pk: _marked(text) for pk, text in rows}

    def _execute(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        # A table's name cannot be a parameter; ours is one of TABLES.
        return _execute(sql.replace("search_kind", self.table), values)

    def _query(self, words: list[str], *, any_word: bool) -> str:
        quoted = ['"{}"'.format(word.replace('"', '""')) for word in words]
        return (" OR " if any_word else " AND ").join(quoted)


class _PostgreSQL:
    """`vector`: a generated column, so that writing the row is all there is to do."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def add(self, row: SearchEntry) -> None: ...

    def discard(self, row: SearchEntry) -> None: ...

    def rebuild(self) -> None: ...

    def purge(self) -> None: ...

    def match(self, words: list[str], *, any_word: bool = False) -> list[int]:
        rows = _execute(
            "SELECT object_id FROM ("
            "  SELECT id, object_id, ts_rank_cd(vector, query) AS rank"
            "  FROM mfr_site_searchentry, websearch_to_tsquery('mfr_english', %s) AS query"
            "  WHERE kind = %s AND vector @@ query ORDER BY id DESC LIMIT %s"
            ") AS hit ORDER BY rank DESC, id DESC",
            [self._query(words, any_word=any_word), self.kind, CANDIDATES],
        )
        return [row[0] for row in rows]

    def excerpts(self, ids: list[int], words: list[str]) -> dict[int, SafeString]:
        options = (
            f'StartSel="{MARK}", StopSel="{UNMARK}", MaxFragments=1,'
            f" MaxWords={EXCERPT_WORDS}, MinWords={EXCERPT_WORDS // 2}"
        )
        rows = _execute(
            "SELECT object_id, ts_headline('mfr_english', body, query, %s)"
            " FROM mfr_site_searchentry, websearch_to_tsquery('mfr_english', %s) AS query"
            " WHERE kind = %s AND object_id = ANY(%s)",
            [options, self._query(words, any_word=True), self.kind, ids],
        )
        return {pk: _marked(text) for pk, text in rows}

    def _query(self, words: list[str], *, any_word: bool) -> str:
        return (" or " if any_word else " ").join(f'"{word}"' for word in words)
