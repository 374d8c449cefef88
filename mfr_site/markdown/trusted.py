"""Editors' Markdown to the HTML of an article.

Python-Markdown reads it, bleach shows foreign tags as text and links bare addresses,
our own steps work on the tree, and nh3 has the last word (STACK §6, TRUST §0.3).
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import NamedTuple

import bleach
import nh3
from bleach.linkifier import LinkifyFilter
from django.utils.text import slugify
from lxml import etree, html
from markdown import Markdown
from markdown.extensions.footnotes import FootnoteBlockProcessor, FootnoteExtension
from markdown.extensions.tables import TableExtension

from .sources import Sources
from .text import clean_text, text_of, tree_of
from .untrusted import WEB_ADDRESS

WORDS_PER_MINUTE = 220

# Kinds of note, and the heading each has when the writer gives none.
NOTES = {"note": "Note", "key": "Key points", "evidence": "What the evidence shows"}
# Care cards. How urgent is said in words: colour alone says nothing to many readers
# (NHS design system, "Care cards").
CARE = {
    "nonurgent": ("Non-urgent advice: ", "Speak to a doctor"),
    "urgent": ("Urgent advice: ", "Get help today"),
    "emergency": ("Emergency: ", "Get help now"),
}

CITATION = re.compile(r"\[\^([^\]\s]+)\]")
HEADING = re.compile("h[2-6]")
ELSEWHERE = re.compile(r"(?:https?:)?//([^/?#:]*)", re.IGNORECASE)

TAGS = (
    "a abbr aside b blockquote br caption cite code dd del div dl dt em figcaption"
    " figure h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q section small span strong"
    " sub sup table tbody td tfoot th thead tr ul"
)
IMAGE_ATTRIBUTES = "src srcset sizes alt width height loading decoding"
CLASSES = {
    "a": {"back"},
    "aside": {"note", *NOTES},
    "div": {"table"},
    "em": {"grade"},
    "section": {"footnotes", "care", *(f"care-{kind}" for kind in CARE)},
    "small": {"credit"},
    "span": {"vh"},
    "td": {"num"},
    "th": {"num"},
}
SCHEMES = {"http", "https", "mailto", "tel"}

_NH3 = nh3.Cleaner(
    tags=set(TAGS.split()),
    attributes={
        "*": {"id", "lang"},
        "a": {"href", "rel", "aria-label"},
        "abbr": {"title"},
        "aside": {"aria-labelledby"},
        "div": {"aria-label"},
        "img": set(IMAGE_ATTRIBUTES.split()),
        "ol": {"start"},
        "section": {"aria-labelledby"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    tag_attribute_values={"div": {"role": {"region"}, "tabindex": {"0"}}},
    allowed_classes=CLASSES,
    url_schemes=SCHEMES,
    link_rel=None,
)


@dataclass(frozen=True)
class Picture:
    """What a figure needs to know of a picture; width and height in CSS pixels."""

    url: str
    alt: str
    credit: str
    width: int
    height: int
    srcset: str = ""
    sizes: str = ""


class Heading(NamedTuple):
    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """An article's text, ready to store.

    `cited` holds the keys of its sources in order; `text` is without the list of
    sources; `problems` are sentences for the editor.
    """

    html: str
    headings: list[Heading]
    cited: list[str]
    text: str
    minutes: int
    problems: list[str]


def render_trusted(
    source: str,
    *,
    references: Callable[[str], str | None] = lambda key: None,
    image: Callable[[str], Picture | None] = lambda name: None,
    host: str = "",
) -> Rendered:
    """Render an editor's Markdown.

    Args:
        source: the text.
        references: the Markdown of a source by its key, asked for each `[^key]` that
            the text itself does not define.
        image: the picture of `![alt](image:name "Caption.")` by its name.
        host: our own host name; links to any other are marked as external.
    """
    text = clean_text(source)
    footnotes = FootnoteExtension(SEPARATOR="-")
    supplied = dict(_supplied(text, references))
    # A new parser for each text: Markdown objects are not thread-safe.
    parser = Markdown(
        extensions=[
            *("admonition", "attr_list", "fenced_code", "sane_lists", "smarty"),
            TableExtension(use_align_attribute=True),
            footnotes,
        ]
    )
    for key, words in supplied.items():
        footnotes.setFootnote(key, words)
    tree = tree_of(_cleaner().clean(parser.convert(text)))
    article = _Article(tree, image, host)
    for key in footnotes.footnotes:
        if key not in supplied and key not in article.sources.marks:
            article.problems.append(f"The source [^{key}] is never cited.")
    return article.finish()


def _supplied(
    text: str, references: Callable[[str], str | None]
) -> Iterator[tuple[str, str]]:
    defined = {match[1] for match in FootnoteBlockProcessor.RE.finditer(text)}
    for key in dict.fromkeys(CITATION.findall(text)):
        if key not in defined and (words := references(key)):
            yield key, words


def _cleaner() -> bleach.Cleaner:
    """Shows foreign tags as text; attributes are left to nh3. Not thread-safe."""
    code = {"code", "pre"}
    linkify = partial(LinkifyFilter, callbacks=[], skip_tags=code, url_re=WEB_ADDRESS)
    return bleach.Cleaner(
        tags={"h1", *TAGS.split()},
        attributes=lambda tag, name, value: True,
        protocols=SCHEMES | {"image"},
        filters=[linkify],
    )


class _Article:
    """The tree of one article, from Python-Markdown's HTML to ours."""

    def __init__(
        self, root: html.HtmlElement, image: Callable[[str], Picture | None], host: str
    ) -> None:
        self.root = root
        self.image = image
        self.host = host
        self.problems: list[str] = []
        self.ids: set[str] = set()
        self.sources = Sources(root)

    def finish(self) -> Rendered:
        for part in (self.root, self.sources.entries):
            self._transform(part)
        text, headings = text_of(self.root), self._headings()
        cited = list(self.sources.marks)
        if cited:
            self.sources.append_to(self.root, self._claim)
            headings.append(Heading(2, "sources", "Sources"))
        for link in self.root.iter("a"):
            self._link(link)
        return Rendered(
            html=_NH3.clean(clean_text(_inner_html(self.root))),
            headings=headings,
            cited=cited,
            text=text,
            minutes=max(1, round(len(text.split()) / WORDS_PER_MINUTE)),
            problems=self.problems,
        )

    def _transform(self, part: html.HtmlElement) -> None:
        for heading in part.iter("h1"):
            heading.tag = "h2"  # the page's only h1 is its title
        for box in part.find_class("admonition"):
            self._note(box)
        for img in list(part.iter("img")):
            self._picture(img)
        for table in list(part.iter("table")):
            _wrap(table)
        for element in part.iterdescendants():
            self._name(element)
        texts = part.xpath(".//text()[not(ancestor::pre or ancestor::code)]")
        for key in dict.fromkeys(CITATION.findall("\n".join(texts))):
            self.problems.append(f"No source has the key [^{key}].")

    def _note(self, box: html.HtmlElement) -> None:
        """`!!! kind "Title"`, written by the extension as div.admonition."""
        kind = box.get("class").split()[-1]
        if kind not in NOTES and kind not in CARE:
            self.problems.append(f"“!!! {kind}” is not a kind of note.")
            kind = "note"
        urgency, usual_title = CARE.get(kind) or ("", NOTES[kind])
        if not len(box) or box[0].get("class") != "admonition-title":
            box.insert(0, html.Element("p"))
        title = box[0]
        # Under the heading it belongs to, or under the page's title: no level is skipped.
        sections = box.xpath("preceding::h2[not(parent::aside or parent::section)]")
        title.tag = "h3" if sections else "h2"
        if (title.text or "") in {"", kind.capitalize()} and not len(title):
            title.text = usual_title  # the extension's own default is the kind's name
        box.tag = "section" if urgency else "aside"
        classes = ["care", f"care-{kind}"] if urgency else ["note", kind]
        box.set("class", " ".join(dict.fromkeys(classes)))
        if urgency:
            hidden = html.Element("span", {"class": "vh"})
            hidden.text, hidden.tail, title.text = urgency, title.text, None
            title.insert(0, hidden)

    def _picture(self, img: html.HtmlElement) -> None:
        """Ours become figures; others are never loaded (TRUST A16), only linked."""
        address = img.get("src") or ""
        name = address.removeprefix("image:")
        picture = self.image(name) if name != address else None
        if picture:
            _show(img, picture)
        elif name != address:
            self.problems.append(f"There is no picture named “{name}”.")
            _replace(img, "span", img.get("alt") or "")
        else:
            self.problems.append(f"Only pictures of this site are shown, not {address}")
            inside_link = next(img.iterancestors("a"), None) is not None
            label = img.get("alt") or address
            _replace(img, "span" if inside_link else "a", label, href=address)

    def _name(self, element: html.HtmlElement) -> None:
        """Ids that cannot meet those of the page (`main`, `p-…`, `post-…`) start "s-"."""
        ours = CLASSES.get(element.tag, set())
        _set(element, "class", " ".join(c for c in element.classes if c in ours))
        wanted = element.get("id") or ""
        if not wanted and HEADING.fullmatch(element.tag):
            wanted = element.text_content()
        if wanted:
            wanted = slugify(wanted.removeprefix("s-")) or "section"
            element.set("id", self._claim(f"s-{wanted}"))
        box = element.getparent()
        if box.tag in {"aside", "section"} and element is box[0]:
            box.set("aria-labelledby", element.get("id"))

    def _claim(self, wanted: str) -> str:
        """The id, or the id with the first free number after it."""
        candidates = itertools.chain(
            [wanted], (f"{wanted}-{number}" for number in itertools.count(2))
        )
        free = next(name for name in candidates if name not in self.ids)
        self.ids.add(free)
        return free

    def _headings(self) -> list[Heading]:
        """The contents list: h2 and h3 of the text, not those of notes and care cards."""
        found = self.root.xpath(
            ".//*[self::h2 or self::h3][not(ancestor::aside or ancestor::section)]"
        )
        return [
            Heading(int(h.tag[1]), h.get("id"), " ".join(h.text_content().split()))
            for h in found
        ]

    def _link(self, link: html.HtmlElement) -> None:
        href = link.get("href") or ""
        elsewhere = ELSEWHERE.match(href)
        foreign = elsewhere and elsewhere[1].lower() != self.host
        _set(link, "rel", "noopener external" if foreign else "")
        heading = "s-" + slugify(href[1:])
        if href.startswith("#") and href[1:] not in self.ids and heading in self.ids:
            link.set("href", "#" + heading)


def _show(img: html.HtmlElement, picture: Picture) -> None:
    alt, caption = img.get("alt") or picture.alt, img.get("title") or ""
    img.attrib.clear()
    size = {"width": str(picture.width), "height": str(picture.height)}
    img.attrib.update({"src": picture.url, "alt": alt, **size})
    img.attrib.update({"loading": "lazy", "decoding": "async"})
    _set(img, "srcset", picture.srcset)
    _set(img, "sizes", picture.sizes)
    parent = img.getparent()
    if parent.tag == "p" and len(parent) == 1 and not parent.text_content().strip():
        _make_figure(parent, caption, picture.credit)


def _make_figure(paragraph: html.HtmlElement, caption: str, credit: str) -> None:
    paragraph.tag = "figure"
    paragraph.attrib.clear()
    if caption or credit:
        figcaption = etree.SubElement(paragraph, "figcaption")
        figcaption.text = f"{caption} " if caption and credit else caption
    if credit:
        etree.SubElement(figcaption, "small", {"class": "credit"}).text = credit


def _wrap(table: html.HtmlElement) -> None:
    """A table may be wider than a phone: its box scrolls, by keyboard too."""
    for cell in table.iter("th", "td"):
        if cell.attrib.pop("align", "") == "right":
            cell.set("class", "num")
        if cell.tag == "th" and not cell.text_content().strip():
            cell.tag = "td"  # an empty header helps nobody
        elif cell.tag == "th":
            in_head = next(cell.iterancestors("thead"), None) is not None
            cell.set("scope", "col" if in_head else "row")
    names = [" ".join(th.text_content().split()) for th in table.iter("th")]
    label = "Table: " + ", ".join(names) if names else "Table"
    box = html.Element("div", {"class": "table", "aria-label": label})
    box.attrib.update({"role": "region", "tabindex": "0"})
    table.addprevious(box)
    box.tail, table.tail = table.tail, None
    box.append(table)


def _replace(element: html.HtmlElement, tag: str, text: str, href: str = "") -> None:
    element.tag = tag
    element.attrib.clear()
    element.text = text
    if tag == "a":
        element.set("href", href)


def _set(element: html.HtmlElement, name: str, value: str) -> None:
    """Set an attribute, or remove it when the value is empty."""
    element.attrib.pop(name, None)
    if value:
        element.set(name, value)


def _inner_html(root: html.HtmlElement) -> str:
    children = (html.tostring(child, encoding="unicode") for child in root)
    return escape(root.text or "") + "".join(children)
