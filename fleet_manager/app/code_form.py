"""Names the code that made a snapshot, so that another version's is recognised."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec


@cache
def core_form() -> str:
    """A digest of the sources of the core, and of the library that writes the state.

    Any change of the core may change what an event does; it costs one reading of the whole log to
    find out, and nothing to be sure.
    """
    digest = hashlib.sha256(msgspec.__version__.encode())
    for name, text in sorted(_sources("", resources.files("fleet_manager.core"))):
        digest.update(f"{name} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()[:32]


def _sources(path: str, folder: Traversable) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        name = f"{path}/{each.name}"
        if each.name == "__pycache__":
            continue
        if each.is_dir():
            found += _sources(name, each)
        elif each.name.endswith(".py"):
            found.append((name, each.read_bytes()))
    return found
