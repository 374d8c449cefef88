"""A folder of open formats that a whole site is written to and read from.

YAML, JSON Lines, Markdown with front matter, pictures as they are, and a manifest that
says what each file must be. Written twice from the same site, it is the same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

KIND, VERSION = "mfr-site export", 1
MANIFEST = "manifest.json"
FENCE = "---\n"

# A file's path in the folder, and its content piece by piece.
Part = tuple[str, Iterable[bytes]]


class FolderError(Exception):
    """The folder cannot be written, or is not a whole export; says why."""


# --- What stands in a file


def as_yaml(data: Any) -> Iterator[bytes]:
    yield yaml.safe_dump(
        data, allow_unicode=True, sort_keys=False, width=float("inf")
    ).encode()


def as_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """JSON Lines: a row a line, without what is empty in it."""
    for row in rows:
        yield json.dumps(without_empty(row), ensure_ascii=False).encode() + b"\n"


def as_markdown(fields: dict[str, Any], text: str) -> Iterator[bytes]:
    """Markdown with front matter; the text exactly as it is stored."""
    yield FENCE.encode()
    yield from as_yaml(without_empty(fields))
    yield FENCE.encode() + text.encode()


def without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in fields.items()
        if value not in (None, "", [], {}) and value is not False
    }


def moment(at: datetime | None) -> str | None:
    """A time as it stands in files, in UTC."""
    return at.astimezone(UTC).isoformat() if at else None


def time(said: str) -> datetime:
    """A time as `moment` wrote it. Raises ValueError."""
    return datetime.fromisoformat(said)


def time_if_any(said: str | None) -> datetime | None:
    return time(said) if said else None


def digest(chunks: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for chunk in chunks:
        whole.update(chunk)
    return whole.hexdigest()


# --- Writing


def write(folder: Path, parts: Iterable[Part], about: dict[str, Any]) -> dict[str, str]:
    """Write all parts, and last the manifest, so that a folder that has one is whole.

    Answers the SHA-256 of each file. Raises FolderError when there are files already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if next(folder.iterdir(), None):
        raise FolderError(f"{folder} is not empty.")
    files = {name: _write(folder / name, chunks) for name, chunks in parts}
    said = {"kind": KIND, "version": VERSION, **about, "files": files}
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST).write_bytes(text.encode())
    return files


def _write(path: Path, chunks: Iterable[bytes]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            whole.update(chunk)
    return whole.hexdigest()


# --- Reading


class Folder:
    """An export to read, every file of which has been seen to be what it must be.

    `files`: the SHA-256 of each, by path, in the order in which they were written.
    """

    def __init__(self, path: Path) -> None:
        """Raises FolderError when it is not whole or not ours."""
        self.path = path
        try:
            said = json.loads((path / MANIFEST).read_bytes())
            is_ours = (said["kind"], said["version"]) == (KIND, VERSION)
            self.files: dict[str, str] = dict(said["files"])
        except OSError as error:
            raise FolderError(f"{path / MANIFEST}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise FolderError(
                f"{path / MANIFEST} is not a manifest of ours."
            ) from error
        if not is_ours:
            raise FolderError(f"{path} is not an export that this version can read.")
        for name, wanted in self.files.items():
            self._check(name, wanted)

    def _check(self, name: str, wanted: str) -> None:
        if {"", ".", ".."} & set(name.split("/")):
            raise FolderError(f"{name!r} is no name for a file.")
        try:
            with (self.path / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FolderError(f"{self.path / name}: {error.strerror}") from error
        if found != wanted:
            raise FolderError(f"{self.path / name} is not what was exported.")

    def names(self, start: str, end: str = "") -> list[str]:
        return [n for n in self.files if n.startswith(start) and n.endswith(end)]

    def bytes(self, name: str) -> bytes:
        """Raises FolderError when the manifest does not name the file."""
        if name not in self.files:
            raise FolderError(f"{self.path}: there is no {name}.")
        return (self.path / name).read_bytes()

    def yaml(self, name: str) -> Any:
        try:
            return yaml.safe_load(self.bytes(name))
        except (ValueError, yaml.YAMLError) as error:
            raise FolderError(f"{name} is not YAML: {error}") from error

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        if name in self.files:
            with (self.path / name).open("rb") as file:
                for line in file:
                    yield json.loads(line)

    def markdown(self, name: str) -> tuple[dict[str, Any], str]:
        """Front matter and text, exactly as they were stored."""
        try:
            before, matter, text = self.bytes(name).decode().split(FENCE, 2)
            fields = yaml.safe_load(matter) or {}
        except (ValueError, yaml.YAMLError) as error:
            raise FolderError(f"{name} has no front matter.") from error
        if before or not isinstance(fields, dict):
            raise FolderError(f"{name} has no front matter.")
        return fields, text
