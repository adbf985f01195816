"""The manager itself."""

from __future__ import annotations

from typing import Literal

from fleet_manager.adapters.http.schemas.base import Answer


class Health(Answer):
    """It answers."""

    status: Literal["ok"] = "ok"


class Version(Answer):
    """Of the program."""

    version: str


class System(Answer):
    """Fleet time (Unix seconds), how fast it runs, and what was counted since the start."""

    now_s: float
    speed: float
    manager_epoch: int
    map_version: str
    counters: dict[str, float]
