"""Publish, hold or refuse: small rules in a fixed order, each with its reason.

Pure: a rule sees a `Draft` and nothing else, and the first one with something to say
decides. Nothing is refused or held silently; the reason is what the writer reads.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

from mfr_site.models import SiteRules

if TYPE_CHECKING:
    from .models import Post

MAX_LENGTH = 10_000
LINK = re.compile(r"(?:https?://|(?<!/)\bwww\.)\S", re.IGNORECASE)


class Outcome(Enum):
    PUBLISH = "publish"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a text, by which rule, and the sentence for its writer."""

    outcome: Outcome
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Draft:
    """All that the rules may know of a text that somebody wants to publish."""

    text: str
    site: SiteRules = field(default_factory=SiteRules)
    takes_posts: bool = True
    by_editor: bool = False
    is_anonymous: bool = False
    is_trusted: bool = False
    is_silenced: bool = False
    # Something of theirs was published before.
    is_known: bool = True
    # The same text stands somewhere on the site since a few minutes.
    is_repeated: bool = False
    # A moderator has slowed the discussion down.
    is_slowed: bool = False
    # How many posts of theirs end the thread; how many they sent in ten minutes.
    in_a_row: int = 0
    in_a_burst: int = 0
    # How many posts of anybody were held within an hour.
    held_lately: int = 0
    # How much it is like what moderators removed (learning.py).
    score: float = 0.0

    @classmethod
    def of_edit(cls, post: "Post") -> Self:
        """A text that replaces another; a closed discussion still takes corrections."""
        person = post.author and (post.author.user or post.author.key)
        return cls(
            post.source,
            site=SiteRules.current(),
            by_editor=post.by_editor,
            is_trusted=bool(person and person.trusted_at),
            is_silenced=bool(person and person.silenced_at),
        )

    @property
    def links(self) -> int:
        return len(LINK.findall(self.text))

    @property
    def has_blocked_word(self) -> bool:
        words = _any_of(self.site.blocked_words)
        return bool(words and words.search(_folded(self.text)))


def _folded(text: str) -> str:
    """Capitals, widths and stacked marks do not hide a word."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=4)
def _any_of(lines: str) -> re.Pattern[str] | None:
    """Whole words only: who blocks "ass" does not mean "massage"."""
    words = [re.escape(_folded(line).strip()) for line in lines.splitlines()]
    said = "|".join(filter(None, words))
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)") if said else None


class Refused(Exception):
    """A post cannot be taken; the message is the sentence for its writer."""

    def __init__(self, sentence: str, rule: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


def judge(draft: Draft) -> Verdict:
    """The verdict of the first rule that has one; without any, the text is published."""
    for rule in RULES:
        if rule.applies(draft):
            reason = rule.reason.format(site=draft.site)
            return Verdict(rule.outcome, rule.name, reason)
    return Verdict(Outcome.PUBLISH)


class Rule(NamedTuple):
    """`reason` is the sentence for the writer of a text that the rule applies to."""

    name: str
    outcome: Outcome
    applies: Callable[[Draft], bool]
    reason: str = ""


RULES: tuple[Rule, ...] = (
    Rule(
        "empty",
        Outcome.REFUSE,
        lambda draft: not draft.text,
        "Please write something first.",
    ),
    Rule(
        "length",
        Outcome.REFUSE,
        lambda draft: len(draft.text) > MAX_LENGTH,
        f"This is longer than {MAX_LENGTH:,} characters. Please shorten it.",
    ),
    Rule(
        "closed",
        Outcome.REFUSE,
        lambda draft: not draft.takes_posts,
        "The discussion of this article is closed.",
    ),
    Rule("editor", Outcome.PUBLISH, lambda draft: draft.by_editor),
    Rule(
        "silenced",
        Outcome.HOLD,
        lambda draft: draft.is_silenced,
        "A moderator reads your posts before they appear.",
    ),
    Rule(
        "links",
        Outcome.HOLD,
        lambda draft: (
            draft.links > draft.site.links_from_strangers and not draft.is_trusted
        ),
        "It has more than {site.links_from_strangers} links, so a moderator looks first.",
    ),
    Rule(
        "repeat",
        Outcome.HOLD,
        lambda draft: draft.is_repeated,
        "The same text was posted a moment ago, so a moderator looks first.",
    ),
    Rule(
        "words",
        Outcome.HOLD,
        lambda draft: draft.has_blocked_word,
        "It has a word that spam and insults often have, so a moderator looks first.",
    ),
    Rule("trusted", Outcome.PUBLISH, lambda draft: draft.is_trusted),
    Rule(
        "slowed",
        Outcome.HOLD,
        lambda draft: draft.is_slowed,
        "This discussion is heated, so a moderator reads each post before it appears.",
    ),
    Rule(
        "first",
        Outcome.HOLD,
        lambda draft: draft.site.first_post_waits and not draft.is_known,
        "A moderator reads everybody's first post before it appears.",
    ),
    Rule(
        "in-a-row",
        Outcome.HOLD,
        lambda draft: 0 < draft.site.posts_in_a_row <= draft.in_a_row,
        "You wrote the last {site.posts_in_a_row} posts of this thread, so a moderator "
        "looks first.",
    ),
    Rule(
        "burst",
        Outcome.HOLD,
        lambda draft: 0 < draft.site.posts_in_a_burst <= draft.in_a_burst,
        "You sent many posts within ten minutes, so a moderator looks first.",
    ),
    Rule(
        "score",
        Outcome.HOLD,
        lambda draft: (
            draft.site.score_holds_at < 1 and (draft.score >= draft.site.score_holds_at)
        ),
        "It is much like posts that moderators have removed, so a moderator looks first.",
    ),
    Rule(
        "busy",
        Outcome.HOLD,
        lambda draft: (
            draft.is_anonymous and 0 < draft.site.held_per_hour <= draft.held_lately
        ),
        "The site gets a lot of spam just now, so posts without an account wait for a "
        "moderator.",
    ),
)
