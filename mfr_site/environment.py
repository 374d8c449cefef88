"""Reading the environment: small functions, so that settings read like a list."""

import hashlib
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def stop(message: str) -> NoReturn:
    """End the start with one clear line instead of a traceback."""
    sys.stderr.write(f"mfr_site: {message}\n")
    raise SystemExit(2)


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        stop(f"{name} must be 1 or 0, not {value!r}.")
    return value in TRUE


def env_int(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdigit():
        stop(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def env_list(name: str, default: list[str]) -> list[str]:
    given = [item.strip() for item in os.environ.get(name, "").split(",")]
    return [item for item in given if item] or default


def secret_key(debug: bool, data_dir: Path) -> str:
    """The signing key: from the environment, or in development from the data folder.

    Outside development a missing key stops the start, because a key that quietly
    differs from yesterday's makes every post key and log-in worthless.
    """
    if key := os.environ.get("SECRET_KEY", ""):
        return key
    if not debug:
        stop("SECRET_KEY is not set. Give it 50 or more random characters.")
    kept = data_dir / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text().strip()


def runtime_dir(data_dir: Path) -> Path:
    """A folder in memory for what must not outlive a day; not made here.

    RUNTIME_DIR, or one of this user and this data folder's own where the system keeps
    such things.
    """
    if given := os.environ.get("RUNTIME_DIR"):
        return Path(given)
    memory = Path("/dev/shm")  # noqa: S108
    shared = memory if memory.is_dir() else Path(tempfile.gettempdir())
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or shared)
    site = hashlib.sha256(f"{os.getuid()}{data_dir}".encode()).hexdigest()[:12]
    return base / f"mfr-site-{site}"
