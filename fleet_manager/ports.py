"""What the application needs of the world, as protocols that adapters fulfil.

Errors:

    CampusFleetError
    └── StoreError
        ├── StoreBusy          another fleet manager holds the database
        ├── StoreUnusable      the address, the folder or the file cannot be used
        ├── StoreNewer         the database was written by a newer version
        └── StoreFailed        a transaction was not committed, or the log could not be read
            ├── StoreFull      the disk is full, or the quota is used up
            ├── StoreLocked    another program holds the database locked
            ├── StoreDamaged   what is on the disk is not what was written
            └── StoreFenced    another fleet manager leads; this one has to end
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.order import InstantAction, Order
from fleet_manager.core.passage import PassageReport, PassageRequest
from fleet_manager.core.report import RobotReport


class StoreError(CampusFleetError):
    """Something is wrong with the database."""


class StoreBusy(StoreError):
    """Another fleet manager holds the database."""


class StoreUnusable(StoreError):
    """The address, the folder or the file cannot be used."""


class StoreNewer(StoreError):
    """The database was written by a newer version of this program."""


class StoreFailed(StoreError):
    """A transaction was not committed (nothing of it is there), or the log could not be read."""


class StoreFull(StoreFailed):
    """The disk is full, or the quota is used up."""


class StoreLocked(StoreFailed):
    """Another program holds the database locked."""


class StoreDamaged(StoreFailed):
    """What is on the disk is not what was written."""


class StoreFenced(StoreFailed):
    """Another fleet manager leads; this one has to end."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as the log keeps it.

    Attributes:
        seq: 1, 2, 3, … without gaps.
        time_s: fleet time of the decision, Unix seconds.
        actor: who asked: a person, a robot, "schedule", "manager".
        command_id: of the request it came from; None for what nobody repeats.
        position: 0, 1, … among the events of its command.
        cause: name of the command it was decided from.
        type: name of the event.
        version: of the event's form.
        payload: the event as JSON.
    """

    seq: int
    time_s: float
    actor: str
    command_id: str | None
    position: int
    cause: str
    type: str
    version: int
    payload: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What history keeps of a task; times are Unix seconds, `document` is the task as JSON."""

    id: str
    category: str
    status: str
    robot: str | None
    requested_s: float
    finished_s: float | None
    document: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """What history keeps of an incident; times are Unix seconds, `document` is it as JSON."""

    id: str
    kind: str
    status: str
    robot: str | None
    raised_s: float
    document: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """One publication of the map.

    Attributes:
        number: 1, 2, 3, … of all publications.
        version: of the campus; may be published again.
        published_by: who; "files" for the map's file at a start.
        time_s: fleet time, Unix seconds.
        parent: version in use before, or "".
        source: "files" or "api".
        document: canonical JSON of the campus, compressed by zlib; b"" where it is left out.
    """

    number: int
    version: str
    published_by: str
    time_s: float
    note: str
    parent: str
    source: str
    document: bytes


class OutboxKind(StrEnum):
    """What an outbox entry tells a robot."""

    ORDER = "order"
    INSTANT_ACTION = "instant_action"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """What a robot has to be told until it is replaced or settled.

    Attributes:
        key: a new entry replaces the one of the same key.
        kind: order or instant action.
        robot: whom it is for.
        document: the order or action as JSON.
    """

    key: str
    kind: OutboxKind
    robot: str
    document: str


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """Where a robot was: fleet time, metres and radians in the map frame, battery 0–1 or None."""

    robot: str
    time_s: float
    x_m: float
    y_m: float
    yaw_rad: float
    level: str
    speed_mps: float
    battery: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after an event of the log.

    Attributes:
        seq: of the last event that the state has in it.
        time_s: when it was taken, fleet time, Unix seconds.
        form: names who can read it.
        state: as bytes.
    """

    seq: int
    time_s: float
    form: str
    state: bytes


@dataclass(slots=True)
class Batch:
    """What one transaction writes: all of it or nothing.

    Attributes:
        events: appended to the log, numbered on from the last.
        tasks, incidents: read models that changed.
        outbox: entries to add or replace.
        settled: keys of outbox entries that robots have acknowledged.
        track: where robots were.
        maps: publications of the map.
    """

    events: list[EventRecord] = field(default_factory=list)
    tasks: list[TaskRow] = field(default_factory=list)
    incidents: list[IncidentRow] = field(default_factory=list)
    outbox: list[OutboxEntry] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    track: list[TrackPoint] = field(default_factory=list)
    maps: list[MapRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        rows = (self.events, self.tasks, self.incidents, self.outbox, self.track, self.maps)
        return any(rows) or bool(self.settled)


class EventStore(Protocol):
    """The event log with its projections and outbox. One writer; who opened it holds its lease."""

    @property
    def manager_epoch(self) -> int:
        """Grows by one each time the store is opened; robots refuse an older manager's word."""

    @property
    def rebuilt(self) -> str | None:
        """Where the damaged database is kept that was made anew at the opening; None: none was."""

    @property
    def copy_problem(self) -> str:
        """Why the copy of the log is behind; "": it is not."""

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; when it returns, the batch outlives a power cut.

        Raises:
            StoreFailed: nothing of the batch was written.
        """

    def replay(self, after: int = 0) -> AsyncIterator[EventRecord]:
        """Events of the log after a sequence number, in their order.

        Raises:
            StoreFailed: the log cannot be read.
        """

    async def events_of(self, command_id: str) -> Sequence[EventRecord]:
        """What a command was decided into, if it was seen before; else empty."""

    async def outbox(self) -> Sequence[OutboxEntry]:
        """What robots have to be told, oldest first."""

    async def probe(self) -> None:
        """Write something that matters to nobody, to see whether that is possible.

        Raises:
            StoreFailed: it is not, and why.
        """

    async def find_damage(self) -> None:
        """Look through the whole database, beside everything else; may take minutes.

        Raises:
            StoreDamaged: what was found.
        """

    async def rebuild(self) -> str:
        """Make the database anew from the copy of the log; read models are left out.

        Returns:
            where the damaged one is kept.

        Raises:
            StoreFailed: there is no whole copy, or no room for it.
        """

    def room_bytes(self) -> int | None:
        """What is free where the database is; None: nobody knows."""

    async def snapshots(self, form: str) -> Sequence[Snapshot]:
        """Snapshots of a form that are whole, newest first.

        Raises:
            StoreFailed: the database cannot be read.
        """

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and no more than a few of the older ones.

        Raises:
            StoreFailed: it was not kept.
        """

    async def prune_tracks(self, before_s: float) -> int:
        """Drop what is older than a fleet time from the tracks; returns how many points."""

    async def close(self) -> None:
        """Give back the lease and close the database."""


class History(Protocol):
    """What is kept of tasks and incidents after memory has forgotten them."""

    async def task_history(
        self,
        *,
        status: str | None = None,
        category: str | None = None,
        robot: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Sequence[TaskRow]:
        """Tasks of the past and the present, newest first.

        Raises:
            StoreFailed: the database cannot be read.
        """

    async def task(self, identifier: str) -> TaskRow | None:
        """One task, or None.

        Raises:
            StoreFailed: the database cannot be read.
        """

    async def incident_history(self, *, limit: int = 100, offset: int = 0) -> Sequence[IncidentRow]:
        """Incidents of the past and the present, newest first.

        Raises:
            StoreFailed: the database cannot be read.
        """


class MapHistory(Protocol):
    """Every version of the map that was ever published."""

    async def map_versions(self, *, limit: int = 100, offset: int = 0) -> Sequence[MapRow]:
        """Publications, newest first, without their documents.

        Raises:
            StoreFailed: the database cannot be read.
        """

    async def map_documents(self) -> Mapping[str, bytes]:
        """The document of each version, compressed.

        Raises:
            StoreFailed: the database cannot be read.
        """


class Clock(Protocol):
    """Where fleet time comes from: the wall, or a simulator's /clock."""

    def now_s(self) -> float:
        """Unix seconds."""

    async def wait_until(self, time_s: float) -> None:
        """Wait until the clock shows a time, or has been set back."""


@dataclass(frozen=True, slots=True)
class ZoneCondition:
    """How clean a zone is: square metres judged, clean share 0–1, Unix seconds of the source."""

    zone_id: str
    source: str
    area_m2: float
    clean_fraction: float
    stamp_s: float


class LinkFailed(CampusFleetError):
    """The robots' network does not start."""


class MediaFailed(CampusFleetError):
    """A picture cannot be kept."""


class MediaStore(Protocol):
    """Pictures of incidents, until their time is over."""

    def key_of(self, name: str, until_s: float) -> str:
        """The key of a picture that is kept until a time, Unix seconds."""

    async def save(self, key: str, jpeg: bytes) -> None:
        """Keep a picture; the same key again replaces it.

        Raises:
            MediaFailed: it cannot be written.
        """

    async def load(self, key: str) -> bytes | None:
        """A picture; None: it was deleted, or never kept."""

    async def remove(self, key: str) -> None:
        """Delete a picture."""

    async def prune(self, now_s: float) -> int:
        """Delete the pictures whose time is over; returns how many."""


class RobotLink(Protocol):
    """The robots and what opens for them, over whatever network joins them.

    It is used in the event loop's thread alone.
    """

    def take_reports(self) -> Sequence[RobotReport]:
        """What robots reported since the last time; of each robot at least the latest."""

    def take_passage_reports(self) -> Sequence[PassageReport]:
        """What doors, lifts and crossings said since the last time; of each at least the latest."""

    def send_passage_request(self, request: PassageRequest) -> None:
        """Ask a door, lift or crossing once; who asks repeats it."""

    def send_order(self, order: Order) -> None:
        """Tell a robot its order; an older one that it has not heard may be left out."""

    def send_instant_action(self, robot: str, action: InstantAction) -> None:
        """Tell a robot an instant action, again and again until it is settled."""

    def settle_instant_actions(self, action_ids: Iterable[str]) -> None:
        """Stop repeating instant actions."""

    def heartbeat(self) -> None:
        """Tell robots that the manager works."""
