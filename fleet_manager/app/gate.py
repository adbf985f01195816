"""The core as the loop sees it: decide, apply, and what of an event is written or told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fleet_manager.core.order import InstantAction, Order
from fleet_manager.core.passage import PassageReport, PassageRequest
from fleet_manager.core.planning.jobs import Wish
from fleet_manager.core.report import RobotReport
from fleet_manager.ports import EventRecord, IncidentRow, MapRow, TaskRow

State = TypeVar("State")
Command = TypeVar("Command")
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event as the log keeps it: its name, the version of its form, itself as JSON."""

    type: str
    version: int
    payload: str


@dataclass(frozen=True, slots=True)
class InstantActionFor:
    """An instant action and the robot it is for."""

    robot: str
    action: InstantAction


class Gate(Protocol[State, Command, Event]):
    """Every state change goes through here; nothing of it looks at clocks, files or the network."""

    def initial(self) -> State:
        """The state before the first event."""

    @property
    def form(self) -> str:
        """Names the code, fleet and files that a frozen state is of; others read the log anew."""

    def frozen(self, state: State) -> Callable[[], bytes]:
        """What makes bytes of the state as it is now; may be called later, and in a thread."""

    def thawed(self, data: bytes) -> State:
        """The state that was frozen by a gate of the same form; any error: it cannot be used."""

    def decide(self, state: State, command: Command, now_s: float) -> Sequence[Event]:
        """What a command leads to; the state is left as it is.

        Raises:
            CampusFleetError: the command is refused.
        """

    def apply(self, state: State, event: Event) -> None:
        """Change the state by what has been decided."""

    def observe(self, state: State, report: RobotReport | PassageReport, now_s: float) -> None:
        """Take a report into the telemetry, which is not in the log and does not outlive it."""

    def keep_telemetry(self, before: State, after: State) -> None:
        """Carry over to a state read from the log what is not in the log."""

    def encode(self, event: Event) -> Encoded:
        """An event for the log."""

    def decode(self, record: EventRecord) -> Event:
        """An event from the log, of this version's form or an older one."""

    def started(self, manager_epoch: int) -> Command:
        """The command by which a manager takes the fleet over."""

    def reported(self, report: RobotReport | PassageReport) -> Command:
        """The command that a report of a robot, door, lift or crossing is."""

    def tick(self) -> Command:
        """The command that time has passed."""

    def trouble(self, code: str, severity: int, title: str, note: str, *, over: bool) -> Command:
        """The command by which people are told of something wrong with the manager, or its end."""

    def told(self, state: State, event: Event) -> Iterable[Order | InstantActionFor]:
        """What robots have to be told of an event, which the state has been changed by."""

    def passage_requests(self, state: State) -> Sequence[PassageRequest]:
        """What doors, lifts and crossings have to be asked for, again and again until they are."""

    def wishes(self, state: State, now_s: float) -> Sequence[Wish]:
        """What is to be planned beside the loop, most urgent first; cheap to ask."""

    def planned(self, job_id: str, kind: str, result: Any) -> Command:
        """The command that a plan is ready."""

    def task_rows(self, state: State, events: Sequence[Event]) -> Iterable[TaskRow]:
        """Read models of the tasks that events have changed."""

    def incident_rows(self, state: State, events: Sequence[Event]) -> Iterable[IncidentRow]:
        """Read models of the incidents that events have changed."""

    def map_rows(self, events: Sequence[Event]) -> Iterable[MapRow]:
        """Publications of the map that events are, with their documents."""
