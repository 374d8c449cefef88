"""Starter content: files that ship with the site, and what loading them may change.

Loading is done at every start, so it writes only what is new in a file, and never over
what somebody has changed on the site since it was loaded.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .models import LoadedContent

FENCE = "---\n"


class ContentError(Exception):
    """A file is not what it should be; says which and why."""


def read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises ContentError."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: {error}") from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises ContentError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContentError(f"{path}: {error}") from error


def read_markdown(path: Path, needed: Iterable[str]) -> tuple[dict[str, Any], str]:
    """The front matter of a Markdown file, and its text.

    Raises ContentError, also when one of the `needed` fields is missing.
    """
    try:
        before, matter, text = path.read_text(encoding="utf-8").split(FENCE, 2)
        fields = yaml.safe_load(matter)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: no front matter between two lines ---") from error
    if before or not isinstance(fields, dict):
        raise ContentError(f"{path}: the front matter must be fields and come first")
    if missing := set(needed) - fields.keys():
        raise ContentError(f"{path}: the front matter lacks {', '.join(missing)}")
    return fields, text.strip() + "\n"


@dataclass
class Loading:
    """One run: decides what may be written, and counts what became of each thing."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    def may_write(
        self,
        kind: str,
        name: str,
        current: Mapping[str, Any] | None,
        wanted: Mapping[str, Any],
    ) -> bool:
        """Whether to write `wanted`, where the site has `current` (None: nothing).

        Yes when the thing is missing, or still is what an earlier run made of it. The
        caller writes in the transaction in which it asks.
        """
        ref = f"{kind}:{name}"
        loaded = LoadedContent.objects.filter(ref=ref)
        now, then = digest(wanted), loaded.values_list("digest", flat=True).first()
        if current is None and then is not None:
            outcome = "kept"  # somebody has deleted it
        elif current is None:
            outcome = "new"
        elif digest(current) == now:
            outcome = "unchanged"
        else:
            outcome = "updated" if digest(current) == then else "kept"
        self.counts[kind, outcome] += 1
        if outcome == "kept":
            self.kept.append(ref)
        elif then != now:
            LoadedContent.objects.update_or_create(ref=ref, defaults={"digest": now})
        return outcome in {"new", "updated"}

    def may_write_once(self, kind: str, name: str, *, is_free: bool) -> bool:
        """Whether to write what is never written again; `is_free`: nothing is there."""
        ref = f"{kind}:{name}"
        if LoadedContent.objects.filter(ref=ref).exists():
            outcome = "unchanged"
        else:
            outcome = "new" if is_free else "kept"
        self.counts[kind, outcome] += 1
        if outcome == "new":
            LoadedContent.objects.create(ref=ref)
        elif outcome == "kept":
            self.kept.append(ref)
        return outcome == "new"


def digest(fields: Mapping[str, Any]) -> str:
    data = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.sha256(data.encode()).hexdigest()
