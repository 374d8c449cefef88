"""Lists of words that editors keep, one a line, and where they are said."""

import re
import unicodedata
from functools import lru_cache


def says_one_of(text: str, lines: str) -> bool:
    """Whole words only: who blocks "ass" does not mean "massage"."""
    pattern = _any_of(lines)
    return bool(pattern and pattern.search(_folded(text)))


def _folded(text: str) -> str:
    """Capitals, widths and stacked marks do not hide a word."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=8)
def _any_of(lines: str) -> re.Pattern[str] | None:
    words = [re.escape(_folded(line).strip()) for line in lines.splitlines()]
    said = "|".join(filter(None, words))
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)") if said else None
