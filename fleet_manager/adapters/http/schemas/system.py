"""The manager itself."""

from __future__ import annotations

from typing import Literal

from fleet_manager.adapters.http.schemas.base import Answer


class Health(Answer):
    """It answers."""

    status: Literal["ok"] = "ok"


class Condition(Answer):
    """Something that is wrong with the manager since a fleet time (Unix seconds).

    `stops`: no command is decided while it lasts.
    """

    code: str
    since_s: float
    problem: str
    remedy: str
    stops: bool


class Ready(Answer):
    """It commands robots; "degraded": something is wrong that people should see to."""

    status: Literal["ok", "degraded"]
    conditions: list[Condition]


class Version(Answer):
    """Of the program."""

    version: str


class System(Answer):
    """Fleet time (Unix seconds), how fast it runs, and what was counted since the start."""

    now_s: float
    speed: float
    manager_epoch: int
    map_version: str
    conditions: list[Condition]
    counters: dict[str, float]
