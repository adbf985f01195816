"""A core of a few lines, a link and a clock that a test steers: what the loop is tested with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from fleet_manager.app.gate import Encoded, InstantActionFor
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.passage import PassageAction, PassageReport, PassageRequest
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.report import RobotReport
from fleet_manager.ports import EventRecord, IncidentRow, MapRow, TaskRow

START_S = 1_800_000_000.0
OPEN_DOOR = PassageRequest("door", "session-1-1", "r1", "ground", PassageAction.OPEN)
"""What the ledger asks for while its total is 50 or more."""


class TooMuch(CampusFleetError):
    """The ledger takes amounts up to 100."""


@dataclass(frozen=True)
class Add:
    """Add an amount; 13 is decided and cannot be applied, 14 cannot be decided."""

    amount: int


@dataclass(frozen=True)
class Send:
    """Tell robot r1 an order."""

    update: int


@dataclass(frozen=True)
class Pause:
    """Tell robot r1 to pause."""

    action_id: str


@dataclass(frozen=True)
class Start:
    epoch: int


@dataclass(frozen=True)
class Reported:
    report: RobotReport | PassageReport


@dataclass(frozen=True)
class Tick:
    pass


@dataclass(frozen=True)
class Trouble:
    code: str
    over: bool


Command = Add | Send | Pause | Start | Reported | Tick | Trouble


class Added(msgspec.Struct, frozen=True, tag=True):
    amount: int


class Sent(msgspec.Struct, frozen=True, tag=True):
    update: int


class Paused(msgspec.Struct, frozen=True, tag=True):
    action_id: str


class Started(msgspec.Struct, frozen=True, tag=True):
    epoch: int


Event = Added | Sent | Paused | Started


@dataclass
class Ledger:
    """The state."""

    total: int = 0
    entries: int = 0
    epoch: int = 0
    reports: dict[str, RobotReport] = field(default_factory=dict)


class LedgerGate:
    """`app.gate.Gate` of the ledger."""

    def __init__(self, form: str = "1") -> None:
        self.form = form
        self.ticks = 0
        self.troubles: list[Trouble] = []

    def initial(self) -> Ledger:
        return Ledger()

    def frozen(self, state: Ledger) -> Callable[[], bytes]:
        numbers = (state.total, state.entries, state.epoch)
        return lambda: msgspec.json.encode(numbers)

    def thawed(self, data: bytes) -> Ledger:
        return Ledger(*msgspec.json.decode(data, type=tuple[int, int, int]))

    def decide(self, state: Ledger, command: Command, now_s: float) -> Sequence[Event]:
        match command:
            case Add(amount):
                if amount > 100:
                    raise TooMuch(f"{amount} is above 100", "add less")
                if amount == 14:
                    raise ZeroDivisionError("a defect in decide")
                return (Added(amount),)
            case Send(update):
                return (Sent(update),)
            case Pause(action_id):
                return (Paused(action_id),)
            case Start(epoch):
                return (Started(epoch),)
            case Tick():
                self.ticks += 1
            case Trouble():
                self.troubles.append(command)
        return ()

    def apply(self, state: Ledger, event: Event) -> None:
        state.entries += 1
        match event:
            case Added(amount):
                state.total += amount
                if amount == 13:
                    raise ZeroDivisionError("a defect in apply")
            case Started(epoch):
                state.epoch = epoch

    def observe(self, state: Ledger, report: RobotReport | PassageReport, now_s: float) -> None:
        if isinstance(report, RobotReport):
            state.reports[report.robot] = report

    def keep_telemetry(self, before: Ledger, after: Ledger) -> None:
        after.reports = before.reports

    def encode(self, event: Event) -> Encoded:
        return Encoded(type(event).__name__, 1, msgspec.json.encode(event).decode())

    def decode(self, record: EventRecord) -> Event:
        return msgspec.json.decode(record.payload, type=Event)

    def started(self, manager_epoch: int) -> Command:
        return Start(manager_epoch)

    def reported(self, report: RobotReport | PassageReport) -> Command:
        return Reported(report)

    def tick(self) -> Command:
        return Tick()

    def trouble(self, code: str, severity: int, title: str, note: str, *, over: bool) -> Command:
        return Trouble(code, over)

    def told(self, state: Ledger, event: Event) -> Iterable[Order | InstantActionFor]:
        match event:
            case Sent(update):
                return [Order("r1", "o1", update, "test", "0", nodes=())]
            case Paused(action_id):
                return [InstantActionFor("r1", InstantAction(action_id, InstantActionType.PAUSE))]
        return []

    def passage_requests(self, state: Ledger) -> Sequence[PassageRequest]:
        return [] if state.total < 50 else [OPEN_DOOR]

    def wishes(self, state: Ledger, now_s: float) -> Sequence[Wish]:
        """An amount is to be thought of while the total is a multiple of seven above 0."""
        if not state.total or state.total % 7:
            return []
        identifier = f"amount:{state.total}"
        job = PlanningJob(identifier, "amount", 1, state.total)
        return [Wish(identifier, "amount", lambda: job)]

    def planned(self, job_id: str, kind: str, result: object) -> Command:
        assert isinstance(result, int)
        return Add(result)

    def task_rows(self, state: Ledger, events: Sequence[Event]) -> Iterable[TaskRow]:
        if not any(isinstance(event, Added) for event in events):
            return []
        return [TaskRow("sum", "patrol", "underway", None, 0.0, None, str(state.total))]

    def incident_rows(self, state: Ledger, events: Sequence[Event]) -> Iterable[IncidentRow]:
        return []

    def map_rows(self, events: Sequence[Event]) -> Iterable[MapRow]:
        return []


class ScriptedLink:
    """`ports.RobotLink` whose robots are the test."""

    def __init__(self) -> None:
        self.reports: list[RobotReport] = []
        self.passage_reports: list[PassageReport] = []
        self.passage_requests: list[PassageRequest] = []
        self.orders: list[Order] = []
        self.instant_actions: list[tuple[str, str]] = []
        self.settled: list[str] = []
        self.heartbeats = 0

    def take_reports(self) -> list[RobotReport]:
        taken, self.reports = self.reports, []
        return taken

    def take_passage_reports(self) -> list[PassageReport]:
        taken, self.passage_reports = self.passage_reports, []
        return taken

    def send_passage_request(self, request: PassageRequest) -> None:
        self.passage_requests.append(request)

    def send_order(self, order: Order) -> None:
        self.orders.append(order)

    def send_instant_action(self, robot: str, action: InstantAction) -> None:
        self.instant_actions.append((robot, action.action_id))

    def settle_instant_actions(self, action_ids: Iterable[str]) -> None:
        self.settled += action_ids

    def heartbeat(self) -> None:
        self.heartbeats += 1


class ScriptedClock:
    """`ports.Clock` that the test sets."""

    def __init__(self, now_s: float = START_S) -> None:
        self._now_s = now_s
        self._moved = asyncio.Event()

    def now_s(self) -> float:
        return self._now_s

    def set(self, now_s: float) -> None:
        self._now_s = now_s
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_until(self, time_s: float) -> None:
        before_s = self._now_s
        while before_s <= self._now_s < time_s:
            await self._moved.wait()


def report(robot: str = "r1", **changes: object) -> RobotReport:
    """A robot that stands."""
    fields: dict[str, object] = {
        "robot": robot,
        "kind": "security",
        "boot_id": "b1",
        "sequence": 1,
        "stamp_s": START_S,
        "x_m": 0.0,
        "y_m": 0.0,
        "yaw_rad": 0.0,
        "level": "ground",
    }
    return RobotReport(**(fields | changes))  # type: ignore[arg-type]
