"""How much a text is like those that moderators removed: a plain naive Bayes.

It learns from nothing but their decisions, and only ever sends a text to the queue. Words
are kept as keyed digests with two counts, so the table can tell nobody what was said.
"""

import re
from math import exp, log

from django.db.models import F
from django.utils.crypto import salted_hmac

from .models import LearnedWord

# The row that counts texts, not words.
TEXTS = ""
# Before so many of each were decided, nothing is known.
ENOUGH = 20
# What a reader would judge by; and so that a long text costs one short query.
MOST_WORDS = 200
WORD = re.compile(r"\w{2,30}")


def learn(text: str, *, was_removed: bool) -> None:
    """Note what moderators decided about a text, in the transaction of the decision."""
    column = "removed" if was_removed else "kept"
    digests = [*_digests(text), TEXTS]
    LearnedWord.objects.bulk_create(
        [LearnedWord(digest=digest) for digest in digests], ignore_conflicts=True
    )
    rows = LearnedWord.objects.filter(digest__in=digests)
    rows.update(**{column: F(column) + 1})


def score(text: str) -> float:
    """From 0 (like what was kept) to 1 (like what was removed); 0 while too little is known."""
    digests = _digests(text)
    rows = LearnedWord.objects.filter(digest__in=[*digests, TEXTS])
    counts = {
        digest: (kept, removed)
        for digest, kept, removed in rows.values_list("digest", "kept", "removed")
    }
    kept, removed = counts.pop(TEXTS, (0, 0))
    if min(kept, removed) < ENOUGH:
        return 0.0
    # As if each word had been seen once more in either, so that none decides alone.
    odds = log(removed / kept) + sum(
        log((r + 1) / (removed + 2)) - log((k + 1) / (kept + 2))
        for k, r in counts.values()
    )
    return 1 / (1 + exp(-max(-50.0, min(50.0, odds))))


def _digests(text: str) -> list[str]:
    words = list(dict.fromkeys(WORD.findall(text.casefold())))[:MOST_WORDS]
    return [
        salted_hmac("discussion.learning", word, algorithm="sha256").hexdigest()[:20]
        for word in words
    ]
