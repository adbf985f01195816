"""Closures and weather."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Id, Person, Text
from fleet_manager.core.campus import Weather
from fleet_manager.core.closure import ClosureStatus

Ids = Annotated[list[Id], Field(max_length=2000)]
TimeS = Annotated[float, Field(description="Unix seconds")]
NotBefore = Annotated[float, Field(ge=0.0, le=4.2e9, description="Unix seconds")]


class NewClosure(Asked):
    """What to close or slow, for whom and when; without times: from now on, until it is removed.

    Once: `from_s`, `until_s`. Again and again: `rrule` (in `timezone`, the campus' where it is left
    out) with `duration_s`, between the local dates `start` and `until`.
    """

    lanes: Ids = Field(default_factory=list)
    zones: Ids = Field(default_factory=list)
    passages: Ids = Field(default_factory=list)
    kinds: Annotated[list[Id], Field(max_length=100)] | None = None
    speed_limit_mps: Annotated[float, Field(gt=0.0, le=15.0)] | None = None
    reason: Text = ""
    by: Person = ""
    from_s: NotBefore | None = None
    until_s: NotBefore | None = None
    rrule: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    duration_s: Annotated[float, Field(gt=0.0, le=31 * 86400.0)] | None = None
    timezone: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    start: date | None = None
    until: date | None = None


class ChangedClosure(Asked):
    """What is to be changed of a closure; what is left out stays.

    `until_s`: null: until it is removed. `duration_s`, `until` (null: for ever): of one that
    comes again and again.
    """

    from_s: NotBefore | None = None
    until_s: NotBefore | None = None
    duration_s: Annotated[float, Field(gt=0.0, le=31 * 86400.0)] | None = None
    until: date | None = None
    reason: Text | None = None
    by: Person = ""


class NewObstacle(Asked):
    """Something that stands on the lanes: where, how large, for how long from now."""

    x_m: Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False, description="map frame")]
    y_m: Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False, description="map frame")]
    level: Annotated[str, Field(min_length=1, max_length=80)] = "ground"
    radius_m: Annotated[float, Field(gt=0.0, le=25.0)] = 1.0
    what: Text = ""
    stays_s: Annotated[float, Field(ge=60.0, le=7 * 86400.0)] = 1800.0
    by: Person = ""


class ObstacleState(Answer):
    """An obstacle; `seen_s`: when it was reported last."""

    x_m: float
    y_m: float
    level: str
    radius_m: float
    what: str
    seen_s: TimeS | None


class ClosureState(Answer):
    """A closure; `changes_s`: when its status changes next by itself."""

    id: str
    status: ClosureStatus
    lanes: list[str]
    zones: list[str]
    passages: list[str]
    kinds: list[str] | None
    speed_limit_mps: float | None
    reason: str
    by: str
    created_s: TimeS
    since_s: TimeS
    changes_s: TimeS | None
    from_s: TimeS | None
    until_s: TimeS | None
    rrule: str | None
    timezone: str | None
    start: date | None
    until: date | None
    duration_s: float | None
    ended_by: str
    obstacle: ObstacleState | None = None
    affected_lanes: list[str]


class NewWeather(Asked):
    """The weather of now; [] when there is nothing to heed."""

    conditions: Annotated[list[Weather], Field(max_length=10)]
    by: Person = ""
    station: Annotated[str, Field(max_length=200)] = ""


class RuleState(Answer):
    """A rule of the map; `lanes`: how many it applies to."""

    id: str
    weather: Weather
    active: bool
    kinds: list[str] | None
    speed_limit_mps: float | None
    lanes: int


class WeatherState(Answer):
    """The weather that robots are held to."""

    conditions: list[Weather]
    since_s: TimeS
    by: str
    station: str
    rules: list[RuleState]


class KindRestrictions(Answer):
    """What a kind of robot may not use now, or only slowly (metres per second), and why."""

    closed: list[str]
    limits: dict[str, float]
    zones: list[str]
    why: dict[str, str]
