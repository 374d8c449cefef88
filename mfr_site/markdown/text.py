"""What is stripped from everything people type, and plain text out of HTML."""

import re

from lxml import etree, html

NEWLINES = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")

# Control characters and lone surrogates (no database, feed or terminal wants them), the
# bidirectional controls that can make a text read otherwise than it is stored, and what
# XML forbids in a feed. Joiners (emoji, Persian) and the two direction marks stay.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)

# Tags that do not end a word: `a<b>b</b>` is one word, `<li>a</li><li>b</li>` two.
INLINE = re.compile("a|abbr|b|code|del|em|i|ins|kbd|q|small|span|strong|sub|sup")

# Ten times the longest text anyone may post, with room for its tags.
MAX_HTML = 1_000_000


def clean_text(source: str) -> str:
    """The text without characters that nobody can see and nobody needs.

    Every kind of line end becomes a newline; tabs and newlines stay. The rule for all
    forms and names, and safe to apply twice (TRUST A1, A29).
    """
    return UNWANTED.sub("", NEWLINES.sub("\n", source))


def plain_text(source: str) -> str:
    """The words of some HTML on one line, for excerpts and search.

    Reads at most MAX_HTML characters. The answer is text: escape it to show it.
    """
    return text_of(tree_of(source[:MAX_HTML]))


def excerpt(text: str, length: int) -> str:
    """The first words of a text, in at most `length` characters, “…” included."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    words, _, _ = text[:length].rpartition(" ")
    return (words or text[: length - 1]).rstrip(" .,;:-\u2013\u2014") + "…"


def tree_of(source: str) -> html.HtmlElement:
    """The HTML as the children of one `div`."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    body = f"<div>{clean_text(source)}</div>".encode()
    return html.fromstring(body, parser=parser)


def text_of(tree: html.HtmlElement) -> str:
    """The words of a tree on one line."""
    parts = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        text = element.text if event == "start" else element.tail
        space = "" if INLINE.fullmatch(element.tag) else " "
        parts += [space, text or ""]
    return " ".join("".join(parts).split())
