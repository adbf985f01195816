"""Where the `fleet` command keeps what it is logged in by, one secret an address of a manager."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def credentials_file() -> Path:
    """Readable by its owner alone; `CAMPUS_CREDENTIALS` names another."""
    given = os.environ.get("CAMPUS_CREDENTIALS")
    if given:
        return Path(given)
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config, "campus-fleet", "credentials.json")


def secret_for(url: str) -> str | None:
    """What this user is logged in by at a manager; `CAMPUS_TOKEN` goes before what is kept."""
    return os.environ.get("CAMPUS_TOKEN") or _read(credentials_file()).get(_key(url))


def keep_secret(url: str, secret: str) -> None:
    """Keep what a log-in gave.

    Raises:
        OSError: the file cannot be written.
    """
    _change(lambda kept: kept.update({_key(url): secret}))


def forget_secret(url: str, secret: str | None = None) -> None:
    """Forget it; with a secret only where it is still the one that is kept.

    Raises:
        OSError: the file cannot be written.
    """

    def forget(kept: dict[str, str]) -> None:
        if secret in (None, kept.get(_key(url))):
            kept.pop(_key(url), None)

    _change(forget)


def _key(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{'localhost' if host in LOOPBACK else host}:{port}"


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}


def _change(change: Callable[[dict[str, str]], None]) -> None:
    path = credentials_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(path)
        change(kept)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(kept, file, indent=2)
        fresh.replace(path)
