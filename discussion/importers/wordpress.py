"""A WordPress export: its articles first (`articles.importers.wordpress`), then what was
said under each."""

from functools import partial
from pathlib import Path

from django.utils import timezone

from articles.importers.wordpress import Articles, Comment, Item, Places, read
from mfr_site.import_report import ImportReport, Outcome

from .foreign import Discussion, Fate, Remark

STATES = {
    **dict.fromkeys(["1", "approve", "approved"], Fate.SHOWN),
    **dict.fromkeys(["0", "hold"], Fate.WAITS),
}
GONE = {"spam", "trash", "post-trashed"}
SAID = {"", "comment"}
LINKED = {"pingback", "trackback"}


def import_wordpress(path: Path, report: ImportReport, *, commit: bool) -> None:
    """Bring in what is not here yet. Nothing that is here is ever changed.

    Raises XmlRefused with nothing written, because the whole file is read before.
    """
    places = Places()
    for export, item in read(path):
        places.learn(export, item)
    articles = Articles(report, commit, places)
    for export, item in read(path):
        wanted, article = articles.bring_in(export, item)
        if wanted:
            source = f"wordpress/{export.site}/comment"
            discussion = Discussion(article, source, report, commit=commit)
            discussion.address = partial(places.address, export)
            discussion.bring_in([_remark(comment, item) for comment in item.comments])
        else:
            for comment in item.comments:
                report.tell("comment", comment.id, Outcome.LEFT_OUT, "with its page")


def _remark(comment: Comment, item: Item) -> Remark:
    fate, why = _fate(comment)
    at = comment.at or item.at or timezone.now()
    parent = "" if comment.parent in {"0", comment.id} else comment.parent
    return Remark(
        comment.id,
        parent,
        comment.name,
        min(at, timezone.now()),
        comment.html,
        fate,
        why,
    )


def _fate(comment: Comment) -> tuple[Fate, str]:
    if comment.type in LINKED:
        return Fate.LEFT_OUT, f"it is a {comment.type}"
    if comment.approved in GONE:
        return Fate.LEFT_OUT, f"it was {comment.approved} there"
    if comment.type not in SAID:
        return Fate.NOT_UNDERSTOOD, f"its type is {comment.type!r}"
    if comment.at is None:
        return Fate.NOT_UNDERSTOOD, "its date cannot be read"
    fate = STATES.get(comment.approved, Fate.NOT_UNDERSTOOD)
    return fate, f"its state is {comment.approved!r}"
