"""A Disqus export (XML): its threads are matched to articles by their addresses.

Disqus lists all threads before all posts, and posts in any order; so the texts of one
file are held in memory.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from articles.models import Article
from mfr_site.import_report import ImportReport, Outcome
from mfr_site.xml_records import XmlRefused, local, records, text_of

from .foreign import Discussion, Fate, Remark

DISQUS = "{http://disqus.com}"
ID = "{http://disqus.com/disqus-internals}id"
# What WordPress' Disqus plugin gives as identifier: "12 https://old.example/?p=12".
OF_WORDPRESS = re.compile(r"(\d+) https?://([^/\s]+)")


@dataclass(frozen=True)
class Thread:
    """One page with comments. `identifier` is the site's own, and often empty."""

    id: str
    identifier: str
    link: str
    title: str
    is_deleted: bool

    @property
    def name(self) -> str:
        return f"{self.id} “{self.title}” {self.link}"


def import_disqus(path: Path, report: ImportReport, *, commit: bool) -> None:
    """Bring in what is not here yet. Nothing that is here is ever changed.

    Raises XmlRefused with nothing written, because the whole file is read before.
    """
    threads, posts = _read(path)
    together: dict[Article, list[Remark]] = defaultdict(list)
    for thread in threads.values():
        remarks = posts.pop(thread.id, [])
        article = find_article(thread)
        if thread.is_deleted or not remarks:
            why = "it was deleted there" if thread.is_deleted else "it has no comments"
            report.tell("thread", thread.name, Outcome.LEFT_OUT, why)
            _leave_out(report, remarks)
        elif article is None:
            why = f"no article has its address; {len(remarks)} comments"
            report.tell("thread", thread.name, Outcome.NOT_UNDERSTOOD, why)
            _leave_out(report, remarks)
        else:
            report.note("thread", thread.name, f"is of {article.get_absolute_url()}")
            together[article] += remarks
    # A page had a thread for each of its addresses; here it is one discussion.
    for article, remarks in together.items():
        Discussion(article, "disqus", report, commit=commit).bring_in(remarks)
    for remark in (remark for remarks in posts.values() for remark in remarks):
        why = "its thread is not in the file"
        report.tell("comment", remark.id, Outcome.NOT_UNDERSTOOD, why)


def _leave_out(report: ImportReport, remarks: list[Remark]) -> None:
    for remark in remarks:
        report.tell("comment", remark.id, Outcome.LEFT_OUT, "with its thread")


def find_article(thread: Thread) -> Article | None:
    """The article that a thread was under: the one way its address or id can mean one."""
    if known := OF_WORDPRESS.match(thread.identifier):
        ref = f"wordpress/{known[2]}/{known[1]}"
        if article := Article.objects.filter(import_ref=ref).first():
            return article
    for slug in dict.fromkeys(_slugs(thread)):
        had = Q(slug=slug) | Q(old_slugs__slug=slug)
        if article := Article.objects.filter(had).first():
            return article
    return None


def _slugs(thread: Thread) -> Iterator[str]:
    """Last parts of addresses, as articles here would have them."""
    for address in (thread.link, thread.identifier):
        path = unquote(urlsplit(address).path).rstrip("/")
        last = path.rpartition("/")[2].removesuffix(".html").removesuffix(".php")
        if slug := slugify(last):
            yield slug


# --- Reading


def _read(path: Path) -> tuple[dict[str, Thread], dict[str, list[Remark]]]:
    threads: dict[str, Thread] = {}
    posts = defaultdict[str, list[Remark]](list)
    for record in records(path, _is_record):
        if local(record.tag) == "post":
            posts[_id_in(record, "thread")].append(_remark(record))
        elif len(record):  # inside a post it is empty, and names the post's thread
            threads[record.get(ID, "")] = _thread(record)
    if not threads:
        raise XmlRefused(f"{path} has no threads: it is not a Disqus export.")
    return threads, posts


def _is_record(tag: str) -> bool:
    return tag in {f"{DISQUS}post", f"{DISQUS}thread"}


def _thread(record: Element) -> Thread:
    return Thread(
        id=record.get(ID, ""),
        identifier=text_of(record, "id"),
        link=text_of(record, "link"),
        title=text_of(record, "title"),
        is_deleted=text_of(record, "isDeleted") == "true",
    )


def _remark(record: Element) -> Remark:
    author = record.find(f"{DISQUS}author")
    at = _time(text_of(record, "createdAt"))
    fate, why = _fate(record, at)
    return Remark(
        id=record.get(ID, ""),
        parent=_id_in(record, "parent"),
        name="" if author is None else text_of(author, "name"),
        at=min(at or timezone.now(), timezone.now()),
        html=text_of(record, "message"),
        fate=fate,
        why=why,
    )


def _fate(record: Element, at: datetime | None) -> tuple[Fate, str]:
    if text_of(record, "isSpam") == "true":
        return Fate.LEFT_OUT, "it was spam there"
    if text_of(record, "isDeleted") == "true":
        return Fate.LEFT_OUT, "it was deleted there"
    if at is None or not record.get(ID):
        return Fate.NOT_UNDERSTOOD, "it has no date or no id"
    return Fate.SHOWN, ""


def _id_in(record: Element, name: str) -> str:
    child = record.find(f"{DISQUS}{name}")
    return "" if child is None else child.get(ID, "")


def _time(said: str) -> datetime | None:
    """UTC, as "2019-05-06T07:08:09Z"."""
    try:
        return datetime.fromisoformat(said.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
