"""HTML that another program wrote, as Markdown: for importers.

It only translates. The Markdown is rendered and sanitised the usual way; nothing of the
HTML itself is ever shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import nh3
from lxml import html as lxml_html
from markdownify import MarkdownConverter

from .text import clean_text, tree_of

KEPT = (
    "a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s strong"
    " sub sup table tbody td tfoot th thead tr ul"
)
# Scripts, styles and the like go with what is in them.
DROPPED = {"script", "style", "noscript", "template", "svg", "math"}
# What readers saw there and will not see here.
SHOWN_THERE = ("img", "iframe", "embed", "object", "video", "audio", "form")

# What begins a block; around anything else a blank line makes a paragraph.
BLOCK = re.compile(
    r"\s*</?(?:blockquote|div|h[1-6]|hr|li|ol|p|pre|table|tbody|td|tfoot|th|thead|tr|ul)\b"
)
BLANK_LINE = re.compile(r"\n[ \t]*\n")
PREFORMATTED = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
# Tags that people must close, and so do not nest by mistake. Deeper than this nobody
# writes, and a sanitiser takes seconds (TRUST §0.9): then only the words are taken.
NESTING = re.compile(
    r"<(/?)(?:a|b|blockquote|del|div|em|font|i|ol|s|span|strong|sub|sup|table|ul)\b",
    re.IGNORECASE,
)
MAX_NESTING = 50
MANY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Translated:
    """`left_out`: what kind of thing was shown there, and its address."""

    text: str
    left_out: list[tuple[str, str]]


def from_html(
    html: str,
    escape: Callable[[str], str],
    address: Callable[[str], str] = str,
) -> Translated:
    """Translate the HTML of a text. Never raises.

    `escape` makes words mean just these words, in the kind of Markdown that is wanted;
    `address` says where a link leads now. Blank lines are paragraphs even without tags,
    as in WordPress. Pictures and frames are left out but for the words in their place.
    """
    html = clean_text(html)
    if _nesting(html) > MAX_NESTING:
        return Translated(escape(_words(html)), [("nesting", "")])
    left_out = [
        (tag, (element.get("src") or element.get("data") or "")[:300])
        for element in _elements(html)
        if (tag := element.tag) in SHOWN_THERE
    ]
    safe = nh3.clean(
        html,
        tags=set(KEPT.split()),
        clean_content_tags=DROPPED,
        attributes={"a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    text = _Converter(escape, address).convert(f"<div>{_with_paragraphs(safe)}</div>")
    return Translated(MANY_LINES.sub("\n\n", text).strip(), left_out)


def plain_words(text: str) -> str:
    """Words as strangers' Markdown that means just these words."""
    return LINE_START.sub(r"\\", text.translate(SIGNS))


SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>"})
LINE_START = re.compile(
    r"^(?=[-+#~])|(?<=^\d)(?=[.)])|(?<=^\d\d)(?=[.)])", re.MULTILINE
)


def _nesting(html: str) -> int:
    depth = deepest = 0
    for tag in NESTING.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _words(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join(" ".join(parser.words).split())


def _elements(html: str) -> list[lxml_html.HtmlElement]:
    return list(tree_of(html).iterdescendants(*SHOWN_THERE)) if html.strip() else []


def _with_paragraphs(html: str) -> str:
    """`<p>` and `<br>` where only line ends stood."""
    parts = PREFORMATTED.split(html)
    return "".join(
        part
        if part.startswith("<pre>")
        else "\n\n".join(map(_paragraph, _chunks(part)))
        for part in parts
    )


def _chunks(html: str) -> list[str]:
    return [chunk for chunk in BLANK_LINE.split(html) if chunk.strip()]


def _paragraph(chunk: str) -> str:
    if BLOCK.match(chunk):
        return chunk
    return f"<p>{chunk.strip()}</p>".replace("\n", "<br>")


class _Converter(MarkdownConverter):
    def __init__(
        self, escape: Callable[[str], str], address: Callable[[str], str]
    ) -> None:
        super().__init__(heading_style="atx", bullets="-")
        self.as_plain = escape
        self.address_of = address

    def escape(self, text: str, parent_tags: Any) -> str:
        return self.as_plain(text)

    def convert_a(self, el: Any, text: str, parent_tags: Any) -> str:
        href = str(el.get("href") or "").strip()
        if not href or not text.strip() or "_noformat" in parent_tags:
            return text
        href = self.address_of(href)
        # Between angle brackets, where only these would end an address.
        for sign, code in (("<", "%3C"), (">", "%3E"), ("\\", "%5C"), (" ", "%20")):
            href = href.replace(sign, code)
        return f"[{' '.join(text.split())}](<{''.join(href.split())}>)"

    def convert_br(self, el: Any, text: str, parent_tags: Any) -> str:
        return " " if "_inline" in parent_tags else "  \n"

    def convert_img(self, el: Any, text: str, parent_tags: Any) -> str:
        return self.as_plain(" ".join(str(el.get("alt") or "").split()))
