"""Words that promise more than the evidence can keep.

The list follows the editorial policy and what advertising codes ask of health claims:
a treatment is never said to cure, to be proven or to be free of risk.
"""

import re
from dataclasses import dataclass

from .sentences import split


@dataclass(frozen=True)
class Claim:
    words: str
    sentence: str
    advice: str


CLAIMS = [
    (r"cures?|cured|curing", "Nothing here is known to cure; say what may ease."),
    (r"proven|proves|proof that", "Say which study found it, and in whom."),
    (r"guarantee[ds]?|guaranteeing", "Nobody can promise a result."),
    (
        r"miracles?|miraculous|breakthroughs?",
        "A word of advertising; say what happened.",
    ),
    (r"always works?|works for everyone", "Say for how many it did."),
    (
        r"(?:completely|totally|perfectly|100 ?%) safe|risk[- ]free|no side[- ]effects",
        "Every treatment has risks; name them.",
    ),
    (r"detox\w*|toxins?", "No study shows this; leave it out."),
    (
        r"(?:break|breaks|breaking|broke) (?:up|down) (?:adhesions|scar tissue|fascia)",
        "Hands are not known to do this; say what people feel.",
    ),
    (
        r"permanent(?:ly)? (?:relie\w+|fix\w*|result\w*)|for good",
        "Trials followed people for months; say how long.",
    ),
    (
        r"best treatment|most effective|better than drugs",
        "Compared with what, in whom?",
    ),
    (
        r"doctors? (?:hate|don[\u2019']t want)|secrets?",
        "A word of advertising; leave it out.",
    ),
]
PATTERN = re.compile(
    "|".join(rf"(?P<c{i}>\b(?:{words})(?!\w))" for i, (words, _) in enumerate(CLAIMS)),
    re.IGNORECASE,
)
# Earlier in the sentence, these turn a claim into its denial: "it is not a cure".
DENIAL = re.compile(
    r"\b(?:not|no|never|nor|none|nobody|nothing|cannot|without|neither|promis\w+"
    r"|\w+n[\u2019']t)\b",
    re.IGNORECASE,
)


def claims(passages: list[str]) -> list[Claim]:
    """Each claim in the text that its sentence does not deny, in order."""
    return [
        Claim(found[0], sentence, CLAIMS[int((found.lastgroup or "c0")[1:])][1])
        for passage in passages
        for sentence in split(passage)
        for found in PATTERN.finditer(sentence)
        if not _denies(sentence, found.start())
    ]


def _denies(sentence: str, before: int) -> bool:
    """Whether a sentence takes back, asks or warns of what it says from there on."""
    return sentence.endswith("?") or bool(DENIAL.search(sentence, 0, before))
