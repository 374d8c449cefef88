"""Publish, hold, ask or refuse: small rules in a fixed order, each with reason and weight.

Pure: a rule sees a `Draft` and nothing else. Nothing is refused or held silently; the
reason is what the writer reads.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

from mfr_site.models import SiteRules

from .kindness import Hints
from .phrases import says_one_of

if TYPE_CHECKING:
    from .models import Post

MAX_LENGTH = 10_000
LINK = re.compile(r"(?:https?://|(?<!/)\bwww\.)\S", re.IGNORECASE)


class Outcome(Enum):
    PUBLISH = "publish"
    HOLD = "hold"
    # Held as well; but who writes without an account may show that they are no machine.
    ASK = "ask"
    REFUSE = "refuse"
    # Decides nothing: the writer is told, or the moderators see it first.
    NOTE = "note"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a text, by which rule, and the sentence for its writer.

    `noted`: the rules that found something and decide nothing.
    """

    outcome: Outcome
    rule: str = ""
    reason: str = ""
    noted: tuple[str, ...] = ()

    @property
    def is_urgent(self) -> bool:
        return CRISIS in self.noted


@dataclass(frozen=True)
class Draft:
    """All that the rules may know of a text that somebody wants to publish."""

    text: str
    site: SiteRules = field(default_factory=SiteRules)
    takes_posts: bool = True
    by_editor: bool = False
    is_anonymous: bool = False
    # Has passed a check that machines fail (captcha.py).
    is_person: bool = False
    is_trusted: bool = False
    is_silenced: bool = False
    # Something of theirs was published before.
    is_known: bool = True
    # The same text stands somewhere on the site since a few minutes.
    is_repeated: bool = False
    # A moderator has slowed the discussion down.
    is_slowed: bool = False
    # How many seconds the form was open; None for a page that is the same for everybody.
    form_age: float | None = None
    # How many posts of theirs end the thread; how many they sent in ten minutes.
    in_a_row: int = 0
    in_a_burst: int = 0
    # How many posts of anybody were held within an hour.
    held_lately: int = 0
    # How much it is like what moderators removed (learning.py).
    score: float = 0.0

    @classmethod
    def of_change(cls, post: "Post", text: str) -> Self:
        """A text that replaces another or is added to it.

        A closed discussion still takes corrections.
        """
        person = post.author and (post.author.user or post.author.key)
        return cls(
            text,
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
        return says_one_of(self.text, self.site.blocked_words)

    @property
    def is_hasty(self) -> bool:
        return self.form_age is not None and self.form_age < self.site.form_seconds

    @cached_property
    def hints(self) -> Hints:
        return Hints(self.text, self.site)


class Refused(Exception):
    """A post cannot be taken; the message is the sentence for its writer."""

    def __init__(self, sentence: str, rule: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


def judge(draft: Draft) -> Verdict:
    """The verdict of the first rule that decides; without any, the text is published.

    A rule that publishes or refuses decides alone. One that doubts adds its weight to the
    doubts before it, and decides when they have come to 1.
    """
    rule = _deciding(draft)
    outcome = rule.outcome if rule else Outcome.PUBLISH
    if outcome is Outcome.ASK and not draft.is_anonymous:
        outcome = Outcome.HOLD  # Whoever has an account is never asked, only waits.
    name, reason = (rule.name, rule.reason) if rule else ("", "")
    noted = () if outcome is Outcome.REFUSE else _noted(draft)
    return Verdict(outcome, name, reason.format(site=draft.site), noted)


def _deciding(draft: Draft) -> "Rule | None":
    weights = _in_force(draft.site.weights)
    doubt = 0.0
    for rule in RULES:
        weight = weights.get(rule.name, rule.weight)
        if weight and rule.concerns(draft) and rule.applies(draft):
            doubt = round(doubt + weight, 3)
            if rule.outcome not in DOUBTS or doubt >= 1:
                return rule
    return None


def _noted(draft: Draft) -> tuple[str, ...]:
    notes = (rule for rule in RULES if rule.outcome is Outcome.NOTE)
    return tuple(rule.name for rule in notes if rule.applies(draft))


class Rule(NamedTuple):
    """`reason` is the sentence for the writer of a text that the rule applies to.

    `weight` counts for a rule that doubts: 1 decides, less adds up, 0 is off. `title` is
    what the public log calls it: only decisions of rules that doubt come there.
    """

    name: str
    outcome: Outcome
    applies: Callable[[Draft], bool]
    reason: str = ""
    weight: float = 1.0
    title: str = ""

    def concerns(self, draft: Draft) -> bool:
        """What only doubts that somebody is a person has nothing to ask of one."""
        if self.outcome is Outcome.ASK:
            return not draft.is_person
        return self.outcome is not Outcome.NOTE


DOUBTS = {Outcome.HOLD, Outcome.ASK}
CRISIS = "crisis"
# Not a rule that judges texts: the writer has passed a check, and the post appears.
PERSON = "person"


def doubting() -> list[Rule]:
    """The rules whose weights count."""
    return [rule for rule in RULES if rule.outcome in DOUBTS]


def read_weights(text: str) -> dict[str, float]:
    """Weights as editors write them, "links: 0.5", one rule a line.

    Raises ValueError with the line that is not understood.
    """
    return dict(_read_weight(line) for line in text.splitlines() if line.strip())


@lru_cache(maxsize=4)
def _in_force(text: str) -> Mapping[str, float]:
    """The same, without the lines of rules that a later version no longer has."""
    weights: dict[str, float] = {}
    for line in text.splitlines():
        with suppress(ValueError):
            weights |= read_weights(line)
    return weights


def _read_weight(line: str) -> tuple[str, float]:
    name, _, given = line.partition(":")
    if name.strip() not in {rule.name for rule in doubting()}:
        raise ValueError(f"There is no rule called “{name.strip()}” that doubts.")
    if not WEIGHT.fullmatch(given.strip()):
        raise ValueError(f"“{line.strip()}” is not understood: “links: 0.5”, 0 to 1.")
    return name.strip(), float(given)


WEIGHT = re.compile(r"0(?:\.\d{1,3})?|1(?:\.0{1,3})?")

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
        title="A writer whose posts are read first",
    ),
    Rule(
        "links",
        Outcome.ASK,
        lambda draft: (
            draft.links > draft.site.links_from_strangers and not draft.is_trusted
        ),
        "It has more than {site.links_from_strangers} links, so a moderator looks first.",
        title="Many links",
    ),
    Rule(
        "link",
        Outcome.ASK,
        lambda draft: draft.links > 0 and not draft.is_known,
        "It is your first post here and has a link, so a moderator looks first.",
        weight=0.5,
        title="A link in a first post",
    ),
    Rule(
        "repeat",
        Outcome.HOLD,
        lambda draft: draft.is_repeated,
        "The same text was posted a moment ago, so a moderator looks first.",
        title="The same text again",
    ),
    Rule(
        "words",
        Outcome.HOLD,
        lambda draft: draft.has_blocked_word,
        "It has a word that spam and insults often have, so a moderator looks first.",
        title="A word that spam and insults have",
    ),
    Rule("trusted", Outcome.PUBLISH, lambda draft: draft.is_trusted),
    Rule(
        "slowed",
        Outcome.HOLD,
        lambda draft: draft.is_slowed,
        "This discussion is heated, so a moderator reads each post before it appears.",
        title="A heated discussion",
    ),
    Rule(
        "first",
        Outcome.HOLD,
        lambda draft: draft.site.first_post_waits and not draft.is_known,
        "A moderator reads everybody's first post before it appears.",
        title="A first post",
    ),
    Rule(
        "in-a-row",
        Outcome.HOLD,
        lambda draft: 0 < draft.site.posts_in_a_row <= draft.in_a_row,
        "You wrote the last {site.posts_in_a_row} posts of this thread, so a moderator "
        "looks first.",
        title="Many posts in a row",
    ),
    Rule(
        "haste",
        Outcome.ASK,
        lambda draft: draft.is_hasty,
        "It was sent within {site.form_seconds} seconds, as machines do, so a moderator "
        "looks first.",
        weight=0.5,
        title="Sent within seconds",
    ),
    Rule(
        "burst",
        Outcome.ASK,
        lambda draft: 0 < draft.site.posts_in_a_burst <= draft.in_a_burst,
        "You sent many posts within ten minutes, so a moderator looks first.",
        title="Many posts at once",
    ),
    Rule(
        "score",
        Outcome.HOLD,
        lambda draft: (
            draft.site.score_holds_at < 1 and (draft.score >= draft.site.score_holds_at)
        ),
        "It is much like posts that moderators have removed, so a moderator looks first.",
        title="Much like removed posts",
    ),
    # The next two block nothing, whatever an editor sets (TRUST §4.6, PEERS D9).
    Rule(
        "personal-data",
        Outcome.NOTE,
        lambda draft: bool(draft.hints.personal),
        "It seems to say who somebody is.",
    ),
    Rule(
        CRISIS,
        Outcome.NOTE,
        lambda draft: draft.hints.is_acute,
        "It sounds as if somebody were in danger.",
    ),
    Rule(
        "busy",
        Outcome.ASK,
        lambda draft: (
            draft.is_anonymous and 0 < draft.site.held_per_hour <= draft.held_lately
        ),
        "The site gets a lot of spam just now, so posts without an account wait for a "
        "moderator.",
        title="Much spam just now",
    ),
)
ASKING = {rule.name for rule in RULES if rule.outcome is Outcome.ASK}
