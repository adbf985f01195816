"""Emergency stops that are not over."""

from __future__ import annotations

from fleet_manager.adapters.http.schemas.base import Answer
from fleet_manager.core.emergency import StopStatus


class StopState(Answer):
    """The stop of a robot; times are Unix seconds.

    Attributes:
        status: `told` until the robot reports that it is latched, `releasing` until it reports
            that it is not.
        zones: that were stopped with it.
        released_by: "": nobody yet.
        age_s: since the robot was heard last; null: never.
    """

    robot: str
    status: StopStatus
    since_s: float
    by: str
    reason: str
    zones: list[str]
    confirmed_s: float | None
    released_by: str
    age_s: float | None


class ZoneStopState(Answer):
    """A zone in emergency stop, with the closure that keeps others out."""

    zone: str
    closure: str
    since_s: float
    by: str
    reason: str


class Emergency(Answer):
    """All that is stopped; `unconfirmed`: robots that have not said that they stand."""

    stops: list[StopState]
    zones: list[ZoneStopState]
    unconfirmed: int
