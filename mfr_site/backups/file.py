"""The file: a ZIP archive, whose last entry says what the others must be."""

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

KIND, VERSION = "mfr-site backup", 1
MANIFEST = "manifest.json"
DATABASE = "database"
MEDIA = "media/"
CHUNK = 1024 * 1024
MAX_MANIFEST = 64 * CHUNK
# By these names nothing must be written: they would lead out of the folder.
OUTSIDE = {"", ".", ".."}


class BackupError(Exception):
    """A backup cannot be made, or this file is not a whole one; says why."""


@dataclass
class Manifest:
    """What a backup is of. `began`: when the database first was made, by which we know
    it again; `migrations`: `app.name` of each that was applied; `counts`: rows by table.
    """

    made_at: str
    site: str
    vendor: str
    began: str
    migrations: list[str]
    counts: dict[str, int]
    # Bytes and SHA-256 of each entry, by name.
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def media(self) -> list[str]:
        """The pictures, by path below the media folder."""
        names = [name for name in self.files if name.startswith(MEDIA)]
        return [name.removeprefix(MEDIA) for name in names]


def write(target: Path, manifest: Manifest, files: dict[str, Path]) -> None:
    """Write the archive. It is there whole or not at all, and only its owner reads it.

    `files`: where each entry is read from. Raises OSError.
    """
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        unfinished.touch(mode=0o600)
        unfinished.chmod(0o600)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files.items():
                manifest.files[name] = _add(archive, name, path)
            said = {"kind": KIND, "version": VERSION, **asdict(manifest)}
            archive.writestr(MANIFEST, json.dumps(said, indent=1, sort_keys=True))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    entry = archive.open(name, "w", force_zip64=True)
    with entry, path.open("rb") as file:
        while chunk := file.read(CHUNK):
            entry.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


class BackupFile:
    """A backup to read. Nothing of it is used before `extract` has seen all of it."""

    def __init__(self, path: Path) -> None:
        """Raises BackupError when this is no backup of ours that we can read."""
        self.path = path
        try:
            self.archive = zipfile.ZipFile(path)
            said = self._manifest()
        except OSError as error:
            raise BackupError(f"{path}: {error.strerror}") from error
        except (zipfile.BadZipFile, zlib.error, KeyError, ValueError) as error:
            raise BackupError(
                f"{path} is not a whole backup: torn, or something else."
            ) from error
        if said.pop("kind", "") != KIND or said.pop("version", 0) != VERSION:
            raise BackupError(f"{path} is not a backup that this version can read.")
        try:
            self.manifest = Manifest(**said)
        except TypeError as error:
            raise BackupError(f"{path}: its manifest is not ours.") from error

    def _manifest(self) -> dict[str, Any]:
        entry = self.archive.getinfo(MANIFEST)
        if entry.file_size > MAX_MANIFEST:
            raise ValueError
        said = json.loads(self.archive.read(entry))
        if not isinstance(said, dict):
            raise ValueError
        return said

    def extract(self, folder: Path) -> None:
        """Write all entries into an empty folder. Raises BackupError when one is not
        what the manifest says."""
        for name, (size, digest) in self.manifest.files.items():
            if OUTSIDE & set(name.split("/")):
                raise BackupError(f"{self.path}: {name!r} is no name for a file.")
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with self.archive.open(name) as entry, path.open("wb") as file:
                    found = _copy(entry, file, size)
            except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
                raise BackupError(f"{self.path}: {name} is torn.") from error
            if found != digest:
                raise BackupError(f"{self.path}: {name} is not what was backed up.")


def _copy(entry: IO[bytes], file: IO[bytes], size: int) -> str:
    """Copy at most `size` bytes and one; the SHA-256 of what was there."""
    digest, left = hashlib.sha256(), size + 1
    while left and (chunk := entry.read(min(CHUNK, left))):
        file.write(chunk)
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a folder, by path from it, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def put_files(source: Path, target: Path) -> int:
    """Copy what is new or different from one folder to another. Answers how many."""
    count = 0
    for name, path in files_below(source):
        there = target / name
        if there.is_file() and there.read_bytes() == path.read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        beside = there.with_name(there.name + ".unfinished")
        shutil.copyfile(path, beside)
        beside.replace(there)
        count += 1
    return count
