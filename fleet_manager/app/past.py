"""What the database tells of a period that is over, for reports, replay and the calendar."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fleet_manager.core.errors import InvalidRequest
from fleet_manager.ports import EventRecord, IncidentRow, TaskRow, TrackPoint

DAY_S = 86_400.0
LONGEST_S = 366 * DAY_S


@dataclass(frozen=True, slots=True)
class Period:
    """From a fleet time until before another, both Unix seconds."""

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.to_s - self.from_s

    def overlap_s(self, begin_s: float, end_s: float) -> float:
        """How much of another time lies in it."""
        return max(0.0, min(end_s, self.to_s) - max(begin_s, self.from_s))


def period(from_s: float, to_s: float, longest_s: float = LONGEST_S) -> Period:
    """A period to report on.

    Raises:
        InvalidRequest: it ends before it begins, or is too long.
    """
    if to_s <= from_s:
        raise InvalidRequest("the period ends before it begins", "give from_s before to_s")
    if to_s - from_s > longest_s:
        raise InvalidRequest(
            f"the period is longer than {longest_s / DAY_S:g} days", "ask for it in parts"
        )
    return Period(from_s, to_s)


@dataclass(frozen=True, slots=True)
class CellCount:
    """How often robots were in a square of a level: points of tracks, a metre or a minute each.

    Attributes:
        column, row: its lower left corner is at (column, row) times the size of a square.
        robots: how many different ones.
        last_s: when last, Unix seconds.
    """

    level: str
    column: int
    row: int
    points: int
    robots: int
    last_s: float


@dataclass(frozen=True, slots=True)
class Driven:
    """What the track of a robot comes to in a period.

    Attributes:
        distance_m: along its points; a jump of more than a minute counts as none.
        drawn, charged: sums of what the battery lost and gained, 1 is a full one.
    """

    robot: str
    points: int
    distance_m: float
    drawn: float
    charged: float


class Past(Protocol):
    """Reads a period of the database; each method raises StoreFailed where that cannot be read."""

    async def ends(self) -> tuple[float, float] | None:
        """Fleet times of the first and the last event; None: the log is empty."""

    async def tracks_since_s(self) -> float | None:
        """Fleet time of the oldest track that is kept; None: there is none."""

    def events(
        self,
        from_s: float,
        to_s: float,
        types: Sequence[str] = (),
        after: int = 0,
    ) -> AsyncIterator[EventRecord]:
        """Events of a period, in their order; of some types, and after a sequence number."""

    async def events_page(
        self, after: int, limit: int, types: Sequence[str] = ()
    ) -> Sequence[EventRecord]:
        """The next events after a sequence number."""

    async def tasks_between(self, from_s: float, to_s: float) -> Sequence[TaskRow]:
        """Tasks that were open at some time of a period, in the order they were asked for."""

    async def incidents_between(self, from_s: float, to_s: float) -> Sequence[IncidentRow]:
        """Incidents that were raised in a period, in the order they were."""

    async def cells(
        self, from_s: float, to_s: float, cell_m: float, robots: Sequence[str] | None = None
    ) -> Sequence[CellCount]:
        """How often robots were in each square."""

    async def driven(self, from_s: float, to_s: float) -> Sequence[Driven]:
        """What the track of each robot comes to."""

    async def points(
        self,
        from_s: float,
        to_s: float,
        *,
        robots: Sequence[str] | None = None,
        step_s: float = 0.0,
        limit: int = 100_000,
    ) -> Sequence[TrackPoint]:
        """Where robots were, in the order of time; one point a robot and step."""
