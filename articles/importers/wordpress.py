"""A WordPress export (WXR, wp-admin/includes/export.php): its posts become articles.

Nobody's e-mail or network address is ever read from it. Pictures are reported, and
fetched by nobody but the editors.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from articles.models import Article, Revision, RevisionText, Topic
from articles.models.library import plain
from mfr_site.import_report import ImportReport, Outcome
from mfr_site.markdown import excerpt, plain_text
from mfr_site.markdown.foreign import Translated, from_html
from mfr_site.xml_records import local, records, text_of

OURS = "{http://wordpress.org/export/"
PARTS = {"author", "base_site_url", "category", "comment"}

# What becomes of a post, by its status there.
PUBLIC = {"publish"}
DRAFT = {"draft", "future", "pending", "private"}
GONE = {"auto-draft", "inherit", "trash"}
NO_TOPIC = "uncategorized"

# WordPress' own; those of plugins are known by their attributes, and stay as text.
SHORTCODE = re.compile(
    r"\[/?(caption|wp_caption|gallery|audio|video|playlist|embed)\b[^\]\[]{0,2000}\]"
)
LIKE_SHORTCODE = re.compile(r"\[[a-z][\w-]{0,40} [^\]\[=]{0,200}=[^\]\[]{0,200}\]")

DESCRIPTION_LENGTH = 155
TITLE_LENGTH = Revision._meta.get_field("title").max_length or 0
STANDFIRST_LENGTH = Revision._meta.get_field("standfirst").max_length or 0
BYLINE_LENGTH = Revision._meta.get_field("byline").max_length or 0
TOPIC_LENGTH = Topic._meta.get_field("title").max_length or 0
TOPIC_SLUG_LENGTH = Topic._meta.get_field("slug").max_length or 0
TOPIC_DESCRIPTION_LENGTH = Topic._meta.get_field("description").max_length or 0


@dataclass
class Export:
    """What the head of a file says: names by log-in, descriptions by category."""

    site: str = ""
    authors: dict[str, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Comment:
    id: str
    parent: str
    name: str
    at: datetime | None
    html: str
    approved: str
    type: str


@dataclass(frozen=True)
class Item:
    """A post, a page, or one of the many other things that WordPress keeps as such."""

    id: str
    type: str
    status: str
    title: str
    slug: str
    old_slugs: list[str]
    link: str
    at: datetime | None
    creator: str
    html: str
    summary: str
    has_password: bool
    topics: dict[str, str]
    comments: list[Comment]

    @property
    def name(self) -> str:
        return f"{self.id} “{self.title}”"


def read(path: Path) -> Iterator[tuple[Export, Item]]:
    """Every item of a file, with its comments. Raises XmlRefused."""
    export, comments = Export(), list[Comment]()
    for record in records(path, _is_record):
        match local(record.tag):
            case "base_site_url":
                export.site = (urlsplit(record.text or "").hostname or "")[:80]
            case "author":
                name = text_of(record, "author_display_name")
                export.authors[text_of(record, "author_login")] = name
            case "category":
                said = text_of(record, "category_description")
                export.topics[text_of(record, "category_nicename")] = said
            case "comment":
                comments.append(_comment(record))
            case "item":
                yield export, _item(record, comments)
                comments = []


def _is_record(tag: str) -> bool:
    return tag == "item" or (tag.startswith(OURS) and local(tag) in PARTS)


def _comment(record: Element) -> Comment:
    return Comment(
        id=text_of(record, "comment_id"),
        parent=text_of(record, "comment_parent"),
        name=text_of(record, "comment_author"),
        at=_time(record, "comment_date"),
        html=text_of(record, "comment_content"),
        approved=text_of(record, "comment_approved"),
        type=text_of(record, "comment_type"),
    )


def _item(record: Element, comments: list[Comment]) -> Item:
    content = {
        child.tag: child.text or "" for child in record if "encoded" in child.tag
    }
    return Item(
        id=text_of(record, "post_id"),
        type=text_of(record, "post_type"),
        status=text_of(record, "status"),
        title=plain_text(text_of(record, "title")),
        slug=unquote(text_of(record, "post_name")),
        old_slugs=[
            unquote(text_of(meta, "meta_value"))
            for meta in record
            if local(meta.tag) == "postmeta"
            and text_of(meta, "meta_key") == "_wp_old_slug"
        ],
        link=text_of(record, "link"),
        at=_time(record, "post_date"),
        creator=text_of(record, "creator"),
        html=next((t for tag, t in content.items() if "/content/" in tag), ""),
        summary=next((t for tag, t in content.items() if "/excerpt/" in tag), ""),
        has_password=bool(text_of(record, "post_password")),
        topics={
            child.get("nicename", ""): (child.text or "").strip()
            for child in record
            if child.tag == "category" and child.get("domain") == "category"
        },
        comments=comments,
    )


def _time(record: Element, name: str) -> datetime | None:
    """UTC. A draft has none; then its local time is the best there is."""
    for said in (text_of(record, f"{name}_gmt"), text_of(record, name)):
        try:
            return datetime.fromisoformat(said).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


# --- Links


@dataclass
class Places:
    """Where the articles of a file will be, so that links between them go on."""

    slugs: dict[str, str] = field(default_factory=dict)

    def learn(self, export: Export, item: Item) -> None:
        """Only what is sure: an address that another article has may not be had."""
        if _fate(item)[0] is not Outcome.NEW:
            return
        article = Article.objects.filter(import_ref=_ref(export, item)).first()
        slug = article.slug if article else Article.objects.free_slug(_slug(item))
        if slug not in self.slugs.values():
            self.slugs[_place(item.link) or item.link] = slug
            self.slugs[_place(f"https://{export.site}/?p={item.id}")] = slug

    def address(self, export: Export, href: str) -> str:
        """Where a link leads now; links to anything else stay."""
        slug = self.slugs.get(_place(f"https://{export.site}/", href))
        return f"/articles/{slug}/" if slug else href


def _place(address: str, link: str = "") -> str:
    """What is the same in all addresses of one page; empty where there is none."""
    try:
        parts = urlsplit(urljoin(address, link))
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    number = parse_qs(parts.query).get("p", [""])[0]
    return f"{host}{unquote(parts.path).rstrip('/')}?{number}"


def _ref(export: Export, item: Item) -> str:
    return f"wordpress/{export.site}/{item.id}"


# --- Writing it


@dataclass
class Articles:
    """Brings in the articles of one file. Without `commit` nothing is written."""

    report: ImportReport
    commit: bool
    places: Places
    # Topics that are told of already.
    new_topics: set[str] = field(default_factory=set)

    def bring_in(self, export: Export, item: Item) -> tuple[bool, Article | None]:
        """Whether the item is an article; and the one it is here, if there is one."""
        outcome, why = _fate(item)
        ref = _ref(export, item)
        article = Article.objects.filter(import_ref=ref).first()
        if outcome is Outcome.NEW and article:
            outcome, why = Outcome.HERE, _where(item, article)
        address = partial(self.places.address, export)
        body = from_html(SHORTCODE.sub("", item.html), plain, address)
        if outcome is Outcome.NEW and not body.text:
            outcome, why = Outcome.LEFT_OUT, "it has no text"
        self.report.tell("article", item.name, outcome, why)
        if outcome is Outcome.NEW:
            self._tell_what_to_look_at(item, body)
            self._tell_topics(item)
            if self.commit:
                with transaction.atomic():
                    article = self._write(export, item, ref, body.text)
                self.report.note("article", item.name, _where(item, article))
        return outcome in {Outcome.NEW, Outcome.HERE}, article

    def _tell_what_to_look_at(self, item: Item, body: Translated) -> None:
        for kind, address in body.left_out:
            if kind == "img":
                self.report.note("article", item.name, f"picture left out, {address}")
            else:
                self.report.doubt("article", item.name, f"{kind} left out {address}")
        for name in sorted(set(SHORTCODE.findall(item.html))):
            self.report.doubt("article", item.name, f"[{name}] left out")
        for code in sorted(set(LIKE_SHORTCODE.findall(item.html))):
            self.report.doubt("article", item.name, f"{code} stands as text")
        if len(item.title) > TITLE_LENGTH:
            self.report.doubt("article", item.name, "its title was cut")
        if not _is_public(item):
            why = "a password" if item.has_password else item.status
            self.report.note("article", item.name, f"a draft here ({why} there)")
        elif item.at is None:
            self.report.doubt("article", item.name, "its date is not known: today")

    def _write(self, export: Export, item: Item, ref: str, body: str) -> Article:
        slug = Article.objects.free_slug(_slug(item))
        words = " ".join(plain_text(item.html).split())
        text = RevisionText(
            title=excerpt(item.title or words, TITLE_LENGTH),
            standfirst=excerpt(plain_text(item.summary), STANDFIRST_LENGTH),
            description=excerpt(words, DESCRIPTION_LENGTH),
            body=body + "\n",
        )
        if name := plain_text(export.authors.get(item.creator, "")):
            text["byline"] = name[:BYLINE_LENGTH]
        revision = Article.objects.begin(
            slug, None, topics=self._find_topics(export, item), import_ref=ref, **text
        )
        if _is_public(item):
            revision.approve_as_of(item.at or timezone.now())
        self._redirect(item, revision.article)
        return revision.article

    def _tell_topics(self, item: Item) -> None:
        wanted = set(_topics(item)) - self.new_topics
        here = Topic.objects.filter(slug__in=wanted).values_list("slug", flat=True)
        for slug in sorted(wanted - set(here)):
            self.new_topics.add(slug)
            self.report.tell("topic", slug, Outcome.NEW)

    def _find_topics(self, export: Export, item: Item) -> list[Topic]:
        last = Topic.objects.aggregate(last=Max("position"))["last"]
        found = []
        for slug, (name, title) in _topics(item).items():
            said = plain_text(export.topics.get(name, "")) or title
            new = {
                "title": excerpt(title or slug, TOPIC_LENGTH),
                "description": excerpt(said, TOPIC_DESCRIPTION_LENGTH),
                "position": 0 if last is None else last + 1,
            }
            found.append(Topic.objects.get_or_create(slug=slug, defaults=new)[0])
        return found

    def _redirect(self, item: Item, article: Article) -> None:
        """The addresses that it had, or that its name there would make."""
        for old in dict.fromkeys([item.slug, *item.old_slugs]):
            slug = slugify(old)
            if slug == article.slug or not slug:
                continue
            if Article.objects.is_taken(slug) or slug != old:
                self.report.doubt("article", item.name, f"no redirect from {old}")
            else:
                article.old_slugs.create(slug=slug)


def _fate(item: Item) -> tuple[Outcome, str]:
    """What becomes of an item that is not here yet."""
    if item.type != "post":
        return Outcome.LEFT_OUT, f"it is a {item.type or 'thing without a kind'}"
    if item.status in GONE:
        return Outcome.LEFT_OUT, f"its status is {item.status}"
    if not item.id:
        return Outcome.NOT_UNDERSTOOD, "it has no id"
    if item.status not in PUBLIC | DRAFT:
        return Outcome.NOT_UNDERSTOOD, f"its status is {item.status!r}"
    return Outcome.NEW, ""


def _topics(item: Item) -> dict[str, tuple[str, str]]:
    """The name and title there of each topic, by its name here."""
    named = {
        slugify(unquote(name))[:TOPIC_SLUG_LENGTH]: (name, title)
        for name, title in item.topics.items()
    }
    return {slug: said for slug, said in named.items() if slug not in {"", NO_TOPIC}}


def _is_public(item: Item) -> bool:
    return item.status in PUBLIC and not item.has_password


def _where(item: Item, article: Article) -> str:
    return f"{item.link} is now {article.get_absolute_url()}"


def _slug(item: Item) -> str:
    return slugify(item.slug) or slugify(item.title)
