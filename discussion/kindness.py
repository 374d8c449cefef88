"""Hints to somebody who writes: what says who they are, and where there is help now.

What says who somebody is, its writer sees before it is public; the same text sent again
is taken as it is. Nothing here refuses or changes a text, and nobody but the writer and
the moderators can see that it was found (TRUST §4.6, PEERS D9).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Self

from mfr_site.models import SiteRules

from .phrases import says_one_of

# What identifies people, and what a masked version says in its place. The first to match
# at a place wins, so the exact ones stand before the loose ones.
PERSONAL = {
    "an e-mail address": r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}",
    "an insurance number": (
        r"\b(?:[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|[A-Z]\d{9}|\d{3}-\d{2}-\d{4})\b"
        r"|\b\d{3}[ -]\d{3}[ -]\d{4}\b"
    ),
    "a phone number": r"(?<![\w./-])(?:\+|00|\(?0)\d(?:[ ()/.-]{0,2}\d){7,13}(?![\w-])",
    "an address": (
        r"\b\d{1,4}[a-z]? (?:[A-Z][\w'-]{1,30} ){1,3}"
        r"(?:Street|St|Road|Rd|Lane|Avenue|Ave|Drive|Close|Court|Square|Way)\b"
        r"|\b[A-Z][\w-]{1,30}(?:straße|strasse|weg|platz|gasse) \d{1,4}[a-z]?\b"
        r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
    ),
    "the name of somebody treated": (
        r"(?<=\b[Pp]atient )[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?"
        r"|(?<=\b[Cc]lient )[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?"
    ),
    "the name of a practitioner": (
        r"\b(?:Dr|Doctor|Prof|Mr|Mrs|Ms)\.? [A-Z][\w'-]{1,30}(?: [A-Z][\w'-]{1,30})?"
    ),
}
FOUND = re.compile(
    "|".join(f"(?P<k{n}>{pattern})" for n, pattern in enumerate(PERSONAL.values()))
)
MASK = "[…]"

# Somebody speaks of ending or harming their own life, now. Words that are as often said
# of the past, of others or of genes are left to people who report.
ACUTE = re.compile(
    r"\b(?:(?:want|going|plan(?:ning)?|about|ready|decided|tempted|need) to "
    r"(?:kill myself|die\b(?! for| of (?:laughter|embarrassment))|end (?:it all|my life)"
    r"|take my (?:own )?life|hang myself|overdose|hurt myself|cut myself|not exist)"
    r"|(?:i'?ll|i will|i might|i could|should i|can'?t stop myself from) "
    r"(?:kill(?:ing)?|hang(?:ing)?|hurt(?:ing)?|cut(?:ting)?) myself"
    r"|(?:i am|i'm|im|feel(?:ing)?|been) (?:so |very |really )?suicidal"
    r"|(?:don'?t|do not|no longer) want to (?:live|be alive|wake up|be here) ?(?:any ?more)?"
    r"|(?:better off|wish i (?:was|were)) dead"
    r"|better off without me|no reason (?:left )?to (?:live|go on)"
    r"|(?:think(?:ing)?|thoughts) (?:of|about) (?:suicide|killing myself|ending (?:it|my life))"
    r"|(?:took|swallowed|taken) all (?:of )?my (?:pills|tablets)"
    r"|can'?t go on (?:living|like this any ?more)"
    r"|nicht mehr leben|mich umbringen|mir das leben nehmen|keinen ausweg mehr)",
    re.IGNORECASE,
)
# What a doctor should see today (PEERS D9).
RED_FLAG = re.compile(
    r"\b(?:numb(?:ness)? (?:\w+ ){0,4}(?:saddle|groin|genitals|between (?:my|the) legs)"
    r"|(?:saddle|groin) (?:\w+ ){0,3}numb"
    r"|(?:can'?t|cannot|lost) (?:\w+ ){0,3}(?:control|hold)(?: \w+){0,3} "
    r"(?:bladder|bowels?|urine|stool)"
    r"|(?:lost|losing) (?:\w+ ){0,2}(?:bladder|bowel) control"
    r"|chest (?:pain|pressure|tightness)|pain in my chest"
    r"|(?:face|mouth) (?:is |was )?droop(?:s|ing|ed)?|slurred speech"
    r"|(?:can'?t|cannot) (?:move|feel) my (?:legs?|arms?|face)"
    r"|worst headache (?:of|in) my life|cough(?:ing|ed)? (?:up )?blood)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hints:
    """What was found in a text. False for most texts: then nothing is shown."""

    text: str
    # What editors have added to the words below.
    site: SiteRules = field(default_factory=SiteRules)

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, SiteRules.current())

    def asks_first(self, seen: Collection[str]) -> bool:
        """Whether its writer should look at it once more before others can read it.

        Once for each thing that says who somebody is; `seen` are the signs of what the
        writer was shown. Never somebody who may be in danger: they are heard at once, and
        see where there is help on the page after it. So are help lines alone no reason.
        """
        return self.may_wait and not self.signs.issubset(seen)

    @property
    def may_wait(self) -> bool:
        """Whether its writer can be asked anything before others can read it."""
        return not self.is_acute

    def has_news(self, seen: Collection[str]) -> bool:
        """Whether there is anything at all in it that its writer was not shown."""
        return not (self.signs | self.notices).issubset(seen)

    @cached_property
    def signs(self) -> set[str]:
        """A short digest of each thing that says who somebody is."""
        words = {words for found in self.found.values() for words in found}
        return {sha256(word.encode()).hexdigest()[:8] for word in words}

    @cached_property
    def notices(self) -> set[str]:
        """The names of the notices that it calls for."""
        notices = {"acute": self.is_acute, "red-flag": self.has_red_flag}
        return {name for name, is_due in notices.items() if is_due}

    @cached_property
    def personal(self) -> list[str]:
        """The kinds of personal data in it, each once."""
        return list(self.found)

    @cached_property
    def found(self) -> dict[str, list[str]]:
        """What says who somebody is, by its kind, each once and as it stands there."""
        matches = [(match.lastgroup, match[0]) for match in FOUND.finditer(self.text)]
        found = {
            name: [words for group, words in dict.fromkeys(matches) if group == f"k{n}"]
            for n, name in enumerate(PERSONAL)
        }
        return {name: words for name, words in found.items() if words}

    @cached_property
    def masked(self) -> str:
        return FOUND.sub(MASK, self.text)

    @cached_property
    def plain(self) -> str:
        """With the one apostrophe that the patterns know."""
        return self.text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")

    @cached_property
    def is_acute(self) -> bool:
        said = ACUTE.search(self.plain)
        return bool(said) or says_one_of(self.plain, self.site.crisis_words)

    @cached_property
    def has_red_flag(self) -> bool:
        said = RED_FLAG.search(self.plain)
        return bool(said) or says_one_of(self.plain, self.site.red_flags)
