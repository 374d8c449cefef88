"""The deleted do not rise with a backup: what was deleted since is deleted again.

Numbers only. `restore` reads them from the site that it replaces, and hands them to
`replay` when the backup is in place (TRUST §4.3).
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from . import full_text
from .models import Erasure

ACCOUNT, KEY, POST, TEXT = "account", "key", "post", "text"
MAILBOX = "mailbox"


def note(kind: str, object_id: int) -> None:
    """Remember a deletion, in the transaction that deletes."""
    # The search never held a mail address.
    is_settled = kind == MAILBOX
    Erasure.objects.create(kind=kind, object_id=object_id, is_settled=is_settled)


def since(moment: datetime) -> list[tuple[str, int]]:
    """What was deleted since a backup was made, in order."""
    found = Erasure.objects.filter(at__gte=moment).order_by("pk")
    return list(found.values_list("kind", "object_id"))


def replay(
    erased: Iterable[tuple[str, int]], delete: dict[str, Callable[[int], None]]
) -> int:
    """Delete again; `delete` knows how, by kind. Answers how many there were."""
    count = 0
    for kind, object_id in erased:
        delete[kind](object_id)
        count += 1
    return count


def settle() -> int:
    """Rid the search index of the words that were erased. Answers how many texts."""
    unsettled = Erasure.objects.filter(is_settled=False)
    if not unsettled.exists():
        return 0
    full_text.purge()
    return unsettled.update(is_settled=True)
