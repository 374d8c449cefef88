"""What an editor writes, and that it never changes once it is saved."""

from collections.abc import Iterable
from typing import TypedDict


class RevisionText(TypedDict, total=False):
    """What an editor writes. `Revision.texts` gives those of a revision."""

    title: str
    standfirst: str
    description: str
    byline: str
    body: str


TEXT_FIELDS = frozenset(RevisionText.__annotations__)
FROZEN_FIELDS = TEXT_FIELDS | {"number"}


class FrozenTextError(Exception):
    """Somebody tried to change what a saved revision says."""


def refuse_frozen(fields: Iterable[str]) -> None:
    if frozen := FROZEN_FIELDS & set(fields):
        raise FrozenTextError(
            f"A revision never changes its {', '.join(sorted(frozen))}."
        )
