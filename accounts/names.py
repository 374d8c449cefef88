"""Which names people may take, and when two names are the same name.

Real names of every script are welcome. What is refused misleads: characters that cannot
be seen, letters of two alphabets that look alike mixed in one word, names that speak for
the site, and names that look like somebody else's (UTS #39; TRUST A29, A30).
"""

import re
import unicodedata
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError

MIN_LENGTH = 2
# As much as a real name needs above or below one letter; more is for defacing pages.
MAX_MARKS = 2
BETWEEN = ".-_"
# Alphabets with letters that look like those of another.
LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}

# Roles, words for nobody, and the first parts of our addresses.
RESERVED = """
    admin administrator moderator moderators mod editor editors editorial root sysadmin
    support help helpdesk security abuse postmaster webmaster hostmaster noreply info
    contact system bot official staff team owner founder doctor nurse therapist
    null none undefined nobody guest everyone everybody all you me deleted removed reader
    member user test
    articles topics discussion search manage members accounts about privacy feeds media
    static corrections moderation unsubscribe sitemap robots healthz admin api posts
    history passages login logout signup register password editorialpolicy communityrules
    mfr myofascialrelease
"""
# Nobody may look like somebody who posts without a name.
RESERVED_START = "anonymous"
# Digits that stand for letters in names made to mislead.
LEET = str.maketrans("0134578", "oleastb")


def skeleton(name: str) -> str:
    """What a name looks like: equal for two names that a reader could take for one.

    Case, width, spelling of accents, look-alike letters of other alphabets in either
    case, and the signs between parts are folded.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    latin = "".join(map(_as_latin, folded))
    return re.sub(r"[-_.\s]", "", latin).replace("rn", "m").replace("vv", "w")[:90]


@cache
def _as_latin(char: str) -> str:
    if char.isascii():
        return {"0": "o", "1": "l", "i": "l"}.get(char, char)
    # Its tables take 7 MiB, and most processes never need them.
    from confusable_homoglyphs import confusables  # noqa: PLC0415

    for form in (char, char.upper()):
        found = confusables.is_confusable(form) or [{"homoglyphs": []}]
        for look in found[0]["homoglyphs"]:
            if len(look["c"]) == 1 and look["c"].isascii() and look["c"].isalpha():
                return _as_latin(look["c"].lower())
    return char


def validate_username(name: str) -> None:
    """Refuse user names that mislead. Raises ValidationError with a plain sentence."""
    _refuse_what_misleads(name)
    if len(name) < MIN_LENGTH or not _is_one_word(name):
        raise ValidationError(
            "Use 2 to 30 letters and numbers. You may put . - or _ between them."
        )
    _refuse_reserved(name)


def validate_public_name(name: str) -> None:
    """Refuse display names that mislead. Raises ValidationError with a plain sentence."""
    _refuse_what_misleads(name)
    if not any(char.isalnum() for char in name):
        raise ValidationError("Use at least one letter or number.")
    _refuse_reserved(name)


def validate_title(title: str) -> None:
    """Refuse professions written to mislead. Raises ValidationError."""
    _refuse_what_misleads(title)
    if not any(char.isalpha() for char in title):
        raise ValidationError("Use at least one letter.")


def _is_one_word(name: str) -> bool:
    """Letters, their marks and digits, with single signs between them."""
    kinds = [unicodedata.category(char)[0] for char in name]
    inner = all(
        kind in "LM" or char.isdecimal() or char in BETWEEN
        for char, kind in zip(name, kinds, strict=True)
    )
    ends = name[0] not in BETWEEN and name[-1] not in BETWEEN and kinds[0] != "M"
    return inner and ends and not re.search(r"[-_.]{2}", name)


def _refuse_what_misleads(name: str) -> None:
    # Cf: zero-width and bidi controls; Cc, Cs, Co, Cn: nothing a name needs.
    if any(
        unicodedata.category(char) in {"Cf", "Cc", "Cs", "Co", "Cn"} for char in name
    ):
        raise ValidationError("This name contains characters that cannot be seen.")
    marks = "".join("m" if unicodedata.combining(char) else "-" for char in name)
    if "m" * (MAX_MARKS + 1) in marks:
        raise ValidationError("This name has too many signs on one letter.")
    if name.isascii():
        return
    # As above: loaded when it is needed.
    from confusable_homoglyphs import categories  # noqa: PLC0415

    for word in re.split(r"[\s._-]+", name):
        if len(categories.unique_aliases(word) & LOOK_ALIKE) > 1:
            raise ValidationError("Please write each name in one alphabet.")


def _refuse_reserved(name: str) -> None:
    looks = {skeleton(name), skeleton(name.translate(LEET))}
    looks |= {skeleton(name.rstrip("0123456789._-"))}
    if looks & _reserved() or any(
        look.startswith(skeleton(RESERVED_START)) for look in looks
    ):
        raise ValidationError("This name is kept for the site. Please choose another.")


@cache
def _reserved() -> frozenset[str]:
    return frozenset(map(skeleton, [*RESERVED.split(), settings.SITE_NAME]))
