"""Strangers' Markdown (posts, profiles) to HTML: a small subset that nothing can stall.

markdown-it-py reads it with raw HTML off, so that foreign tags stay visible as text;
bleach finds bare web addresses; nh3 has the last word (STACK §6, TRUST §0.3, §0.9).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from html import escape
from threading import local
from typing import Any

import nh3
from bleach.linkifier import LinkifyFilter
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from .text import clean_text

RULES = [
    *("blockquote", "fence", "heading", "hr", "list"),
    *("autolink", "backticks", "emphasis", "escape", "image", "link", "newline"),
    *("balance_pairs", "fragments_join"),
]

# The parser's work, estimated: every character that stops it, every list number and
# blank line is one; every opening bracket may be looked past to the end of its
# paragraph. Honest posts of the longest length have some 500. Measured on 20,000
# characters: an ordinary text takes 0.05 s of CPU, the worst found within the limit
# 0.2 s, the worst without it 0.9 s.
MARKS = re.compile(r"[\n!#$%&*+:<=>@\[\\\]^_`{}~-]|\d[.)]")
MAX_WORK = 3_000

BLANK_LINES = re.compile(r"\n[ \t]*\n")

# The parser silently drops what is nested deeper than its own limit, so ours is lower.
# Deep trees are also what sanitisers are slow on (TRUST §0.9).
PARSER_NESTING = 20
MAX_DEPTH = 18

# Of the web, of a mailbox, or of something to read here; not of pages that do things.
ADDRESS = re.compile(
    r"https?://[^\s/?#]|mailto:[^\s@]+@[^\s@]|/(?:articles|topics)/[\w/?=&#-]*\Z",
    re.IGNORECASE,
)

# A bare address in running text, up to the last character that can belong to it.
# bleach's own pattern is quadratic on `a-a-a-` and misses newer top-level domains.
WEB_ADDRESS = re.compile(
    r"""(?<![\w@./-]) (?:https?://|www\.) [^\W_] [^\s<>"]{0,2000} (?<=[\w/\#=&%~+$@)-])""",
    re.IGNORECASE | re.VERBOSE,
)

# `Post 3`, `#3`, `@name`, `@Two Words`. Combining marks belong to the letter before.
WORD = r"[\w\u0300-\u036f]{1,60}"
MENTION = re.compile(
    rf"(?<![\w@#./&-])(?:(?:Post |\#)(?P<number>[1-9][0-9]{{0,8}})(?![\w]|[.,][0-9])"
    rf"|@(?P<name>{WORD}(?:[.-]{WORD}){{0,5}})(?P<second> {WORD})?)"
)
MAX_MENTIONS = 50
# Each link makes ten times as much HTML as text; more than this is not conversation.
MAX_ADDRESSES = 100

TAGS = "a blockquote br code em hr li ol p pre strong ul"

# "*": without it nh3 lets every tag have a lang and a title.
_NH3 = nh3.Cleaner(
    tags=set(TAGS.split()),
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow ugc noopener noreferrer",
)


def render_untrusted(
    source: str,
    *,
    post_url: Callable[[int], str | None] | None = None,
    name_url: Callable[[str], str | None] | None = None,
) -> str:
    """Safe HTML for a stranger's text. Never raises, whatever the text.

    Args:
        source: Markdown, as typed. The caller limits its length.
        post_url: the address of a post by its number, or None where there is none.
        name_url: the same for a person by name (NFC; one word or two).
            Each is asked once per number or name, and 50 times at most in all.

    A text with more marks or deeper nesting than people write is shown as typed.
    """
    text = clean_text(source)
    if _work(text) > MAX_WORK:
        return _NH3.clean(_as_typed(text))
    parser = _OF_THREAD.parser
    tokens = parser.parse(text)
    if _depth(tokens) > MAX_DEPTH:
        return _NH3.clean(_as_typed(text))
    linker = _Linker(parser, post_url, name_url)
    for token in tokens:
        token.children = token.children and linker.link(token.children)
    html = parser.renderer.render(tokens, parser.options, {})
    # Stripped before nh3, never after: "java\u202escript:" is no scheme until it is.
    return _NH3.clean(clean_text(html))


def _work(text: str) -> int:
    work = 0
    for paragraph in BLANK_LINES.split(text):
        marks = len(MARKS.findall(paragraph))
        looks = paragraph.count("[") * (marks + len(paragraph) // 5)
        work += marks + 2 + looks // 25  # one look costs far less than one mark
    return work


def _as_typed(text: str) -> str:
    """Paragraphs and line breaks, everything else as text."""
    paragraphs = BLANK_LINES.split(escape(text.strip()))
    return "".join("<p>" + p.replace("\n", "<br>\n") + "</p>\n" for p in paragraphs)


def _depth(tokens: Iterable[Token]) -> int:
    deepest = 0
    for token in tokens:
        level = token.level
        deepest = max(deepest, level)
        for child in token.children or ():
            level += child.nesting
            deepest = max(deepest, level)
    return deepest


class _Renderer(RendererHTML):
    """Posts have no headings: the outline of the page belongs to the page."""

    def heading_open(self, *_: Any) -> str:
        return "<p><strong>"

    def heading_close(self, *_: Any) -> str:
        return "</strong></p>\n"


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        options = {"html": False, "breaks": True, "maxNesting": PARSER_NESTING}
        super().__init__("zero", options, renderer_cls=_Renderer)
        self.enable(RULES)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return ADDRESS.match(url) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # As typed: decoding "xn--" and "%" would show another address than the real one.
        return link


class _OfThread(local):
    """A parser for each thread, as it takes longer to make than to use.

    Beware of one for all: for a moment after its making another thread finds no rules.
    """

    def __init__(self) -> None:
        self.parser = _Parser()


_OF_THREAD = _OfThread()


class _Linker:
    """Makes links in the running text of one post, never in code or inside a link."""

    def __init__(
        self,
        parser: _Parser,
        post_url: Callable[[int], str | None] | None,
        name_url: Callable[[str], str | None] | None,
    ) -> None:
        self.parser = parser
        self.post_url = post_url
        self.name_url = name_url
        # Only handle_links is used: it reads what it is given, never the first argument.
        self.addresses = LinkifyFilter(
            [],  # type: ignore[arg-type]
            callbacks=[self._spare],  # type: ignore[list-item]
            url_re=WEB_ADDRESS,
        )
        self.addresses_left = MAX_ADDRESSES
        self.mentions_left = MAX_MENTIONS
        self.known: dict[int | str, str | None] = {}

    def link(self, tokens: Iterable[Token]) -> list[Token]:
        """The tokens of one paragraph with its links; pictures become links too."""
        linked: list[Token] = []
        label = None  # where the label of the link we are in begins
        for token in tokens:
            if token.type == "text" and label is None:
                linked += self._running_text(token.content)
            elif token.type == "image":
                linked += self._picture(token, inside_link=label is not None)
            elif token.type == "link_open":
                linked.append(token)
                label = len(linked)
            elif token.type == "link_close" and label is not None:
                if not any(part.content.strip() for part in linked[label:]):
                    linked.append(_text(str(linked[label - 1].attrs["href"])))
                linked.append(token)
                label = None
            else:
                linked.append(token)
        return linked

    def _picture(self, token: Token, *, inside_link: bool) -> list[Token]:
        renderer: Any = self.parser.renderer
        alt = renderer.renderInlineAsText(token.children, self.parser.options, {})
        address = str(token.attrs["src"])
        label = alt.strip() or address
        return [_text(label)] if inside_link else _anchor(address, label)

    def _running_text(self, text: str) -> Iterator[Token]:
        href = None
        characters = {"type": "Characters", "data": text}
        for piece in self.addresses.handle_links([characters]):
            if piece["type"] != "Characters":
                href = piece.get("data", {}).get((None, "href"))
            elif href:
                yield from _anchor(href, piece["data"])
            else:
                yield from self._mentions(piece["data"])

    def _spare(self, attrs: dict[Any, str], new: bool) -> dict[Any, str] | None:
        """bleach's question for each address: its attributes, or None for no link."""
        self.addresses_left -= 1
        return attrs if self.addresses_left >= 0 else None

    def _mentions(self, text: str) -> Iterator[Token]:
        end = 0
        for match in MENTION.finditer(text):
            label, address = self._resolve(match)
            if address:
                yield _text(text[end : match.start()])
                yield from _anchor(address, label)
                end = match.start() + len(label)
        yield _text(text[end:])

    def _resolve(self, match: re.Match[str]) -> tuple[str, str | None]:
        """The words to link and their address: two words first, then one."""
        if match["number"]:
            return match[0], self._ask(self.post_url, int(match["number"]))
        one, second = match["name"], match["second"]
        # NFC: how names are stored. The text itself is shown as it was typed.
        for name in [one + second, one] if second else [one]:
            address = self._ask(self.name_url, unicodedata.normalize("NFC", name))
            if address:
                return "@" + name, address
        return "", None

    def _ask(
        self, lookup: Callable[[Any], str | None] | None, key: int | str
    ) -> str | None:
        if lookup is None or not self.mentions_left:
            return None
        self.mentions_left -= 1
        if key not in self.known:
            self.known[key] = lookup(key)
        return self.known[key]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _anchor(address: str, label: str) -> list[Token]:
    opened = Token("link_open", "a", 1, attrs={"href": address})
    return [opened, _text(label), Token("link_close", "a", -1)]
