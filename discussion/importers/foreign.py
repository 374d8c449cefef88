"""Discussions of other programs: their comments become posts, each below its parent.

What was removed there and had answers keeps its place, without its text, or the answers
would seem to be to somebody else. Nobody's e-mail or network address comes this far.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.names import validate_public_name
from articles.models import Article
from discussion.models import MAX_LENGTH, Author, Decision, Post
from mfr_site.import_report import ImportReport, Outcome
from mfr_site.markdown import clean_text
from mfr_site.markdown.foreign import from_html, plain_words

from .posts import OldPost, bring_in, leave_gap

# One transaction each, some tenths of a second long: others can post between two, and
# what is killed goes on there.
BATCH = 50
ANONYMOUS = "Anonymous"
# Beside a name that here would be somebody else's, or speak for the site.
ELSEWHERE = " (old site)"
LABEL_LENGTH = Author._meta.get_field("label").max_length or 0


class Fate(Enum):
    SHOWN = "shown there"
    WAITS = "waited there for a moderator"
    LEFT_OUT = "left out"
    NOT_UNDERSTOOD = "not understood"


@dataclass
class Remark:
    """A comment as it was elsewhere. `id` and `parent` are unique there; `at` is UTC."""

    id: str
    parent: str
    name: str
    at: datetime
    html: str
    fate: Fate = Fate.SHOWN
    why: str = ""
    # Whether it must have a place, because something stands below it.
    is_answered: bool = field(default=False, init=False)

    @property
    def comes(self) -> bool:
        return self.fate in {Fate.SHOWN, Fate.WAITS}


class Discussion:
    """Brings in the comments of one article. Without `commit` nothing is written.

    `source` names where they are from: with it their ids are unique for ever.
    """

    def __init__(
        self,
        article: Article | None,
        source: str,
        report: ImportReport,
        *,
        commit: bool,
    ) -> None:
        self.article = article
        self.source = source
        self.report = report
        self.commit = commit
        # Where a link in them leads now.
        self.address: Callable[[str], str] = str
        # The post of each remark, as far as there is one.
        self.here: dict[str, int] = {}
        self.authors: dict[str, Author] = {}

    def bring_in(self, remarks: Sequence[Remark]) -> None:
        """In order of time, but no answer before what it answers."""
        ordered = self._in_order(remarks)
        if self.article:
            posts = self.article.posts.filter(import_ref__startswith=self._ref(""))
            start = len(self._ref(""))
            self.here = {
                str(ref)[start:]: pk
                for ref, pk in posts.values_list("import_ref", "pk")
            }
        for start in range(0, len(ordered), BATCH):
            with transaction.atomic():
                for remark in ordered[start : start + BATCH]:
                    self._bring_in(remark)

    def _ref(self, id: str) -> str:
        return f"{self.source}#{id}"

    # --- The order

    def _in_order(self, remarks: Sequence[Remark]) -> list[Remark]:
        known = {remark.id: remark for remark in remarks}
        place: dict[str, tuple[datetime, int]] = {}
        for remark in remarks:
            self._place(remark, known, place)
        ordered = sorted(known.values(), key=lambda remark: place[remark.id])
        for remark in reversed(ordered):
            parent = known.get(remark.parent)
            if parent and (remark.comes or remark.is_answered):
                parent.is_answered = True
        return ordered

    def _place(
        self,
        remark: Remark,
        known: dict[str, Remark],
        place: dict[str, tuple[datetime, int]],
    ) -> None:
        """When a remark comes: not before its parent, whatever the clocks said."""
        line: dict[str, Remark] = {}
        while remark.id not in place:
            line[remark.id] = remark
            parent = known.get(remark.parent) if remark.parent else None
            if remark.parent and (parent is None or parent.id in line):
                self._doubt(remark, "what it answers is not there, so it stands alone")
                remark.parent, parent = "", None
            if parent is None:
                break
            remark = parent
        for later in reversed(line.values()):
            above = place.get(later.parent)
            if above is None:
                place[later.id] = (later.at, 0)
            else:
                place[later.id] = max((later.at, 0), (above[0], above[1] + 1))

    # --- One remark

    def _bring_in(self, remark: Remark) -> None:
        text = "" if remark.id in self.here else self._text(remark)
        if remark.id in self.here:
            self._tell(remark, Outcome.HERE)
        elif remark.comes and text:
            waits = remark.fate is Fate.WAITS
            self._tell(remark, Outcome.NEW, "held for a moderator" if waits else "")
            if self.commit and self.article:
                self.here[remark.id] = self._write(self.article, remark, text).pk
        else:
            self._leave_out(remark)

    def _leave_out(self, remark: Remark) -> None:
        if remark.fate is Fate.NOT_UNDERSTOOD:
            self._tell(remark, Outcome.NOT_UNDERSTOOD, remark.why)
        elif remark.is_answered:
            why = f"{remark.why or 'it has no words'}; its place is kept"
            self._tell(remark, Outcome.LEFT_OUT, why)
        else:
            self._tell(remark, Outcome.LEFT_OUT, remark.why or "it has no words")
        if remark.is_answered and self.commit and self.article:
            old = OldPost(self._ref(remark.id), None, "", remark.at)
            post = leave_gap(self.article, old, parent=self._parent(remark))
            self.here[remark.id] = post.pk

    def _text(self, remark: Remark) -> str:
        if not remark.comes:
            return ""
        translated = from_html(remark.html, plain_words, self.address)
        for kind, address in translated.left_out:
            self.report.note("comment", remark.id, f"{kind} left out, {address}")
        return translated.text

    def _write(self, article: Article, remark: Remark, text: str) -> Post:
        parts = _parts(text)
        old = OldPost(self._ref(remark.id), None, parts[0], remark.at)
        if remark.name not in self.authors:
            self.authors[remark.name] = self._author(article, remark.name)
        author, parent = self.authors[remark.name], self._parent(remark)
        if remark.fate is Fate.WAITS:
            return _hold(article, old, author, parent)
        post = bring_in(article, old, author, parent=parent)
        for part in parts[1:]:
            update = post.append_update(part)
            update.created_at = remark.at
            update.save(update_fields=["created_at"])
        return post

    def _parent(self, remark: Remark) -> Post | None:
        """The post that it answers, if that has a place among the others."""
        pk = self.here.get(remark.parent)
        post = Post.objects.get(pk=pk) if pk else None
        if post and post.number is None:
            self._doubt(remark, "what it answers waits, so it stands alone")
            return None
        return post

    def _author(self, article: Article, name: str) -> Author:
        """By name alone: two people of one name are one, as they were for readers."""
        label = _label(name)
        owned = article.authors.filter(label=label).exclude(user=None, key=None)
        if owned.exists():
            label = _elsewhere(label)
        return article.authors.get_or_create(label=label, user=None, key=None)[0]

    def _tell(self, remark: Remark, outcome: Outcome, why: str = "") -> None:
        self.report.tell("comment", remark.id, outcome, why)

    def _doubt(self, remark: Remark, what: str) -> None:
        self.report.doubt("comment", remark.id, what)


def _hold(article: Article, old: OldPost, author: Author, parent: Post | None) -> Post:
    post = Post(article=article, author=author, parent=parent)
    post.created_at, post.import_ref = old.at, old.ref
    post.write(old.text)
    post.save()
    why = "It waited for a moderator on the site that it comes from."
    post.decide(Decision.Action.HOLD, rule="import", reason=why)
    return post


def _label(name: str) -> str:
    label = " ".join(clean_text(name).split())[: LABEL_LENGTH - len(ELSEWHERE)]
    if not label or label.casefold() == ANONYMOUS.casefold():
        return ANONYMOUS
    try:
        validate_public_name(label)
    except ValidationError:
        return _elsewhere(label)
    return label if User.objects.is_name_free(label) else _elsewhere(label)


def _elsewhere(label: str) -> str:
    return label + ELSEWHERE


def _parts(text: str) -> list[str]:
    """A text in pieces that a post may have, cut between paragraphs where it can be."""
    parts = []
    while len(text) > MAX_LENGTH:
        cut = max(text.rfind("\n\n", 0, MAX_LENGTH), text.rfind(" ", 0, MAX_LENGTH))
        cut = cut if cut > 0 else MAX_LENGTH
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text]
