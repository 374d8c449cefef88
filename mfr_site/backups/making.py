"""Making a backup."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from . import file
from .databases import database


def make(target: Path) -> file.Manifest:
    """Back the site up to a file that must not exist yet. The site goes on meanwhile.

    Raises BackupError, and OSError when there is no room.
    """
    if target.exists():
        raise file.BackupError(f"{target} exists. A backup never replaces a file.")
    made_at = timezone.now()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy = Path(folder) / file.DATABASE
        counts = database().copy(copy)
        # After the database: every picture that it names is there already.
        media = Path(settings.MEDIA_ROOT)
        pictures = {file.MEDIA + name: path for name, path in file.files_below(media)}
        manifest = file.Manifest(
            made_at=made_at.isoformat(),
            site=settings.SITE_URL,
            vendor=connection.vendor,
            began=began(),
            migrations=sorted(migrations()),
            counts=counts,
        )
        file.write(target, manifest, {file.DATABASE: copy, **pictures})
    return manifest


def migrations() -> set[str]:
    """The migrations that this database has had, as `app.name`."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {f"{app}.{name}" for app, name in applied}


def began() -> str:
    """When this database was first made: the same after every restore, and in no other
    database. Empty when there is none yet."""
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return ""
    first = recorder.migration_qs.aggregate(first=Min("applied"))["first"]
    return first.isoformat() if first else ""
