"""Zones, assets and traffic."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer
from fleet_manager.core.campus import AssetKind, ZonePurpose


class Condition(Answer):
    """How clean a zone is, by whom and when, Unix seconds."""

    clean_fraction: Annotated[float, Field(ge=0.0, le=1.0)]
    source: str
    stamp_s: float


class Zone(Answer):
    """An area that is cleaned, watched or closed."""

    id: str
    name: str
    area_m2: float
    purpose: ZonePurpose
    condition: Condition | None


class Asset(Answer):
    """A thing that is inspected; times in Unix seconds."""

    id: str
    name: str
    kind: AssetKind
    access: str
    last_inspected_s: float | None
    last_result: str | None
    due_s: float | None


class Held(Answer):
    """A resource and the robot that holds it."""

    resource: str
    robot: str


class RobotTraffic(Answer):
    """Waypoint ids of what is released and of what is not; ids of resources."""

    base: list[str]
    horizon: list[str]
    holds: list[str]
    waiting_for: list[Held]


class WaitsFor(Answer):
    """A robot that waits, for what, and which robot has to go first; "": none."""

    robot: str
    what: str
    behind: str


class ComesAfter(Answer):
    """A waypoint of a robot's way, and a robot that passes it first."""

    waypoint: str
    robot: str


class TrafficExplanation(Answer):
    """Why a robot is where it is: in words, who waits for whom, and after whom it comes."""

    robot: str
    sentences: list[str]
    chain: list[WaitsFor]
    after: list[ComesAfter]


class WaitedAt(Answer):
    """How long robots have waited at a waypoint, all together, and behind whom.

    `behind`: seconds by robot that was waited for; who waits for two counts for each.
    """

    waypoint: str
    x_m: float
    y_m: float
    level: str
    waited_s: float
    robots: int
    behind: dict[str, float]


class Traffic(Answer):
    """Traffic by robot."""

    robots: dict[str, RobotTraffic]
