"""Doors, lifts and crossings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer
from fleet_manager.core.campus import PassageKind
from fleet_manager.core.passage import SessionStatus


class State(StrEnum):
    """How a passage is; unknown: it was not heard since the manager started."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    MOVING = "moving"
    OUT_OF_ORDER = "out_of_order"


class PassageState(Answer):
    """A passage, the robot that it serves, at which level it is asked to be open, and who waits."""

    id: str
    name: str
    kind: PassageKind
    building: str | None
    levels: list[str]
    state: State
    level: Annotated[str | None, Field(description="where it is by its last word")]
    robot: str | None
    session: SessionStatus | None
    asked_level: str | None
    waiting: Annotated[list[str], Field(description="robots, the next first")]
    since_s: Annotated[
        float | None,
        Field(description="of the session's status, or out of order since; Unix seconds"),
    ]
    reason: Annotated[str, Field(description="why it is out of order")]
