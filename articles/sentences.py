"""A passage cut into sentences, so that a reader can point at one of them."""

import re

# An end: a full stop, question or exclamation mark, with what closes after it, a space,
# and what a sentence begins with. A decimal or "3.4 kg" has no space; "p. 4" no letter.
END = re.compile(r"(?<=[.!?…])[”\u2019\")\]]*\s+(?=[“\u2018\"(\[]*[^\W\d_a-z])")
# After these a full stop ends nothing, whatever follows.
ABBREVIATION = re.compile(
    r"(?:^|[\s(“\u2018])(?:Dr|Mr|Mrs|Ms|Prof|St|vs|e\.g|i\.e|cf|Fig|No|Nos|Vol|approx|al"
    r"|[A-Z])\.$"
)


def split(text: str) -> list[str]:
    """The sentences of a text on one line; joined with single spaces they are the text."""
    sentences, start = [], 0
    for end in END.finditer(text):
        sentence = text[start : end.end()].rstrip()
        if ABBREVIATION.search(sentence):
            continue
        sentences.append(sentence)
        start = end.end()
    return [*sentences, text[start:]] if text[start:] else sentences
