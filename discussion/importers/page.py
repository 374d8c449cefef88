"""A page of the old site, as plain text: an article and its numbered discussion.

    Title

    Paragraphs, with blank lines between them.

    You might also like
    Title of another article
    Discuss this article
    Post 3
    A post, up to the next one. Numbers may be missing, and come in any order.
    Post 1
    …
    Post your comments

Letter case and blank lines vary. What follows the last line does not matter.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from articles.models import Revision
from articles.models.library import plain
from discussion import placing
from discussion.models import MAX_LENGTH
from mfr_site.markdown import clean_text

POST_LINE = re.compile(r"post\s+(\d+)\s*:?", re.IGNORECASE)
BLANK_LINES = re.compile(r"\n\s*\n")
TITLE_LENGTH = Revision._meta.get_field("title").max_length or 0


class Part(IntEnum):
    """The parts of a page, in their order: one never goes back to an earlier part."""

    TITLE = 1
    TEXT = 2
    RELATED = 3
    DISCUSSION = 4
    POST = 5
    END = 6


HEADLINES = {
    "you might also like": Part.RELATED,
    "discuss this article": Part.DISCUSSION,
    "post your comments": Part.END,
}


@dataclass
class OldPage:
    """What a page says. `unused`: lines that belong nowhere; `problems`: what is wrong."""

    title: str = ""
    paragraphs: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    posts: dict[int, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def body(self) -> str:
        """The text as Markdown that means just these words."""
        return "\n\n".join(plain(paragraph) for paragraph in self.paragraphs) + "\n"


def parse(text: str) -> OldPage:
    """Read a page. Never raises: what cannot be right stands in `problems`."""
    reader = _Reader()
    for line in clean_text(text).split("\n"):
        reader.read(line.strip())
    return reader.finish()


class _Reader:
    """Takes a page line by line."""

    def __init__(self) -> None:
        self.part = Part.TITLE
        self.lines: dict[Part, list[str]] = {part: [] for part in Part}
        self.posts: list[tuple[int, list[str]]] = []
        self.into = self.lines[Part.TITLE]

    def read(self, line: str) -> None:
        begun = HEADLINES.get(" ".join(line.casefold().rstrip(":").split()))
        post = POST_LINE.fullmatch(line)
        if begun and begun > self.part:
            self._begin(begun)
        elif post and self.part < Part.END:
            self._begin(Part.POST)
            self.into = []
            self.posts.append((int(post[1]), self.into))
        else:
            self.into.append(line)
            if line and self.part is Part.TITLE:
                self._begin(Part.TEXT)

    def _begin(self, part: Part) -> None:
        self.part, self.into = part, self.lines[part]

    def finish(self) -> OldPage:
        blocks = BLANK_LINES.split("\n".join(self.lines[Part.TEXT]).strip())
        page = OldPage(
            title="".join(self.lines[Part.TITLE]),
            paragraphs=[block for block in blocks if block],
            related=[line for line in self.lines[Part.RELATED] if line],
            unused=[line for line in self.lines[Part.DISCUSSION] if line],
        )
        if not page.title:
            page.problems.append("There is no title.")
        if len(page.title) > TITLE_LENGTH:
            page.problems.append(f"The title has more than {TITLE_LENGTH} characters.")
        if not page.paragraphs:
            page.problems.append("There is no text.")
        for number, lines in self.posts:
            _add_post(page, number, "\n".join(lines).strip())
        return page


def _add_post(page: OldPage, number: int, text: str) -> None:
    if number in page.posts:
        page.problems.append(f"Post {number} is there twice.")
    if not 1 <= number <= placing.HIGHEST:
        page.problems.append(f"No post can have the number {number}.")
    if len(text) > MAX_LENGTH:
        page.problems.append(f"Post {number} is longer than {MAX_LENGTH} characters.")
    page.posts[number] = text
