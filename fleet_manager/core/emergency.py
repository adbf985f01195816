"""An emergency stop, from the word of a person to the report of the robot and its release."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class StopStatus(StrEnum):
    """How far the stop of a robot is."""

    TOLD = "told"
    CONFIRMED = "confirmed"
    RELEASING = "releasing"
    OVER = "over"


class StopTrigger(StrEnum):
    """What moves the stop of a robot on."""

    TELL = "tell"
    CONFIRM = "confirm"
    RELEASE = "release"
    CLEAR = "clear"


STOP_TRANSITIONS: dict[StopStatus, dict[StopTrigger, StopStatus]] = {
    StopStatus.TOLD: {
        StopTrigger.TELL: StopStatus.TOLD,
        StopTrigger.CONFIRM: StopStatus.CONFIRMED,
        StopTrigger.RELEASE: StopStatus.RELEASING,
    },
    StopStatus.CONFIRMED: {
        StopTrigger.TELL: StopStatus.CONFIRMED,
        StopTrigger.RELEASE: StopStatus.RELEASING,
        StopTrigger.CLEAR: StopStatus.OVER,
    },
    StopStatus.RELEASING: {
        StopTrigger.TELL: StopStatus.TOLD,
        StopTrigger.RELEASE: StopStatus.RELEASING,
        StopTrigger.CLEAR: StopStatus.OVER,
    },
    StopStatus.OVER: {},
}
"""`told`: until a report of the robot says that the stop is latched; `releasing`: until one says
that it is not. `clear` of a confirmed stop: it was released at the robot itself."""


class RobotStop(Struct, frozen=True):
    """The emergency stop of one robot. Times are fleet time, Unix seconds.

    Attributes:
        by, reason: of who stopped it last.
        zones: ids of zones that were stopped with it.
        released_by: who releases it; "": nobody yet.
    """

    robot: str
    status: StopStatus
    told_s: float
    by: str = ""
    reason: str = ""
    zones: tuple[str, ...] = ()
    confirmed_s: float | None = None
    released_by: str = ""


class ZoneStop(Struct, frozen=True):
    """A zone in which everything stands; the closure keeps others out until it is released."""

    zone: str
    closure_id: str
    told_s: float
    by: str = ""
    reason: str = ""
