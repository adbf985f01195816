"""What the loop decides together and writes in one transaction, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic

from fleet_manager.app.gate import Command, Event
from fleet_manager.app.inbox import Request
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.ports import Batch


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
