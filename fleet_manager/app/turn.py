"""What the loop decides together and writes in one transaction, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic

import structlog

from fleet_manager.app.gate import Command, Encoded, Event
from fleet_manager.app.inbox import Request
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.ports import Batch, EventRecord

log = structlog.get_logger(__name__)


class InternalError(CampusFleetError):
    """A defect of this program; the command changed nothing."""


class ApplyFailed(Exception):
    """An event could not be applied; the state is not to be trusted."""

    def __init__(self, culprit: object) -> None:
        self.culprit = culprit
        super().__init__(str(culprit))


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Event]):
    """What came of a command.

    Attributes:
        events: it was decided into, committed.
        repeated: the command had been seen before; the events are those of the first time.
    """

    events: tuple[Event, ...]
    repeated: bool = False


@dataclass(slots=True)
class Turn(Generic[Command, Event]):
    """What is decided together and written in one transaction."""

    batch: Batch = field(default_factory=Batch)
    events: list[Event] = field(default_factory=list)
    by_command: dict[str, Outcome[Event]] = field(default_factory=dict)
    answers: list[tuple[Request[Command, Outcome[Event]], Outcome[Event]]] = field(
        default_factory=list
    )


def record_of(
    event: Encoded, request: Request[Command, Any], position: int, seq: int, now_s: float
) -> EventRecord:
    """What the log keeps of an event that a request was decided into."""
    return EventRecord(
        seq=seq,
        time_s=now_s,
        actor=request.actor,
        command_id=request.command_id,
        position=position,
        cause=type(request.command).__name__,
        type=event.type,
        version=event.version,
        payload=event.payload,
    )


def defect(request: Request[Command, Any], error: BaseException | None) -> InternalError:
    """The error that tells who asked of a defect; it is in the manager's log with all of it."""
    name = type(request.command).__name__
    log.error("a command failed", command=name, actor=request.actor, exc_info=error)
    return InternalError(
        f"{name} failed: {type(error).__name__}: {error}",
        "this is a defect of the fleet manager; report it with its log",
    )
