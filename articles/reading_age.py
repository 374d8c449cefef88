"""How hard a text is to read, by the Flesch-Kincaid formula.

A rough guide: it counts words and syllables and knows nothing of sense. It is good for
one thing, finding the sentences that are worth another look.
"""

import re

from .sentences import split

WORD = re.compile(r"[^\W\d_]+(?:[\u2019'][^\W\d_]+)?")
VOWELS = re.compile(r"[aeiouy]+")
# Endings whose vowel is silent: "passed", "time", "sides"; but not "table" or "ages".
SILENT = re.compile(r"(?:(?<=[^l\W])e|(?<=[^td])ed|(?<=[^sxzcgh])es)$")
# A pupil in the US grade that the formula names is about this much older.
AGE_AT_GRADE_0 = 5
# Below this many words the figure is chance.
MIN_WORDS = 100
LONG_SENTENCE = 28


def reading_age(passages: list[str]) -> int | None:
    """The age at which most people can read this, or None when it is too short to say."""
    sentences = [s for passage in passages for s in split(passage) if WORD.search(s)]
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    if len(words) < MIN_WORDS:
        return None
    syllables = sum(_syllables(word) for word in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return max(AGE_AT_GRADE_0, round(grade + AGE_AT_GRADE_0))


def long_sentences(passages: list[str]) -> list[str]:
    """The sentences with more than LONG_SENTENCE words, the longest first."""
    counted = [
        (len(WORD.findall(sentence)), sentence)
        for passage in passages
        for sentence in split(passage)
    ]
    long = [pair for pair in counted if pair[0] > LONG_SENTENCE]
    return [sentence for _, sentence in sorted(long, key=lambda pair: -pair[0])]


def _syllables(word: str) -> int:
    return max(1, len(VOWELS.findall(SILENT.sub("", word.lower()))))
