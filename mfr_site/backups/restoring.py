"""Putting a backup in the place of a site, without what was deleted since it was made.

The list of deletions stands in the database that goes (`erasures`), so it is written to
a file before: whatever stops a restore, the next one knows what must not come back.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from articles.models import Article
from discussion.models import Decision, Post
from mfr_site import erasures, my_data
from mfr_site.caching import outdate_everything
from mfr_site.models import PageVersion, SiteRules

from . import making
from .databases import counts, database
from .file import DATABASE, MEDIA, BackupError, BackupFile, put_files

Erased = list[tuple[str, int]]


@dataclass
class Present:
    """What the site is that a backup will replace, as far as it has to be known."""

    is_empty: bool
    began: str = ""
    versions: dict[str, int] = field(default_factory=dict)

    @classmethod
    def look(cls) -> "Present":
        if Article._meta.db_table not in connection.introspection.table_names():
            return cls(is_empty=True)
        rows = Article.objects.all(), User.objects.all(), Post.objects.all()
        return cls(
            is_empty=not any(row.exists() for row in rows),
            began=making.began(),
            versions=dict(PageVersion.objects.values_list("tag", "version")),
        )


def restore(path: Path, *, replace: bool) -> Iterator[str]:
    """Restore a backup, and say step by step what is done.

    `replace`: also where there is a site already. Raises BackupError; then all is as it
    was, or, once the backup is in place, the same command finishes the work.
    """
    backup = BackupFile(path)
    present = Present.look()
    _refuse_what_cannot_be(backup, present, replace=replace)
    data = Path(settings.DATA_DIR)
    data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="restoring-", dir=data) as folder:
        backup.extract(Path(folder))
        yield f"The backup is whole. It was made on {backup.manifest.made_at}."
        yield from _what_moderators_did(backup, present)
        erased = _keep_list_of_erased(backup, present)
        database().put_back(Path(folder) / DATABASE)
        _compare(backup)
        yield f"{sum(backup.manifest.counts.values())} rows are back."
        copied = put_files(Path(folder) / MEDIA, Path(settings.MEDIA_ROOT))
        yield f"{copied} of {len(backup.manifest.media)} pictures were missing."
    yield from _bring_up_to_date(backup, present, erased)
    _list_of_erased().unlink(missing_ok=True)


def _refuse_what_cannot_be(
    backup: BackupFile, present: Present, *, replace: bool
) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if backup.manifest.vendor != connection.vendor:
        raise BackupError(
            f"This backup is of {backup.manifest.vendor}, and the site runs on"
            f" {connection.vendor}: deploy/README.md says how to move."
        )
    if newer := sorted(set(backup.manifest.migrations) - known):
        raise BackupError(f"The backup is of a newer version: it has {newer[-1]}.")
    if not present.is_empty and not replace:
        raise BackupError("There is a site here. Say --replace to replace it.")


def _what_moderators_did(backup: BackupFile, present: Present) -> Iterator[str]:
    """What a moderator has to do again: their decisions since the backup are undone."""
    if not _is_same_site(backup, present):
        return
    since = Decision.objects.filter(
        created_at__gte=_made_at(backup), action__in=Decision.AGAINST, by__isnull=False
    )
    for decision in since.select_related("post__article").order_by("pk"):
        post = decision.post
        yield f"Undone, look again: {decision} under /articles/{post.article.slug}/"


def _is_same_site(backup: BackupFile, present: Present) -> bool:
    """Whether the backup is of the database that is here: its ids mean the same."""
    return bool(present.began) and present.began == backup.manifest.began


def _made_at(backup: BackupFile) -> datetime:
    return datetime.fromisoformat(backup.manifest.made_at)


# --- The list of what must not come back


def _list_of_erased() -> Path:
    return Path(settings.DATA_DIR) / "erased-since-backup.json"


def _keep_list_of_erased(backup: BackupFile, present: Present) -> Erased:
    erased = _left_by_another_restore(backup)
    if _is_same_site(backup, present):
        erased += erasures.since(_made_at(backup))
    path = _list_of_erased()
    beside = path.with_name(path.name + ".unfinished")
    with beside.open("w") as file:
        json.dump({"began": backup.manifest.began, "erased": erased}, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return erased


def _left_by_another_restore(backup: BackupFile) -> Erased:
    """The list that a restore made which did not come to its end."""
    if not _list_of_erased().exists():
        return []
    left = json.loads(_list_of_erased().read_text())
    if left["began"] != backup.manifest.began:
        return []
    return [(kind, pk) for kind, pk in left["erased"]]


# --- When it is in place


def _compare(backup: BackupFile) -> None:
    now, then = counts(), backup.manifest.counts
    if wrong := [table for table in then if now.get(table) != then[table]]:
        raise BackupError(f"Not all rows came back in {', '.join(wrong)}.")


def _bring_up_to_date(
    backup: BackupFile, present: Present, erased: Erased
) -> Iterator[str]:
    if making.migrations() != set(backup.manifest.migrations) or _is_behind():
        call_command("migrate", interactive=False, verbosity=0)
        yield "The database was brought to this version."
    with transaction.atomic():
        count = my_data.delete_again(erased)
        outdate_everything(present.versions)
    yield f"{count} things that were deleted since are deleted again."
    if not _is_same_site(backup, present):
        yield (
            "What was deleted elsewhere since the backup could not be known here. If"
            " somebody asks, delete it by hand."
        )
    call_command("rebuild_search", stdout=StringIO())
    cache.clear()
    SiteRules.forget()
    yield "The search is new, and every page that was kept is old."


def _is_behind() -> bool:
    loader = MigrationLoader(connection)
    return bool(set(loader.disk_migrations) - set(loader.applied_migrations))
