"""Reports on a period, and the past for replay; times are Unix seconds, `…_after_s` seconds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer

TrackRow = Annotated[
    list[float | str | None],
    Field(description="time_s, x_m, y_m, yaw_rad, level, battery or null"),
]


class Reported(Answer):
    """The period that a report is on.

    Attributes:
        timezone: in which its hours are counted.
    """

    from_s: float
    to_s: float
    timezone: str


class Kept(Answer):
    """How a promise was kept.

    Attributes:
        promise_s: the shortest of its sites.
        worst_s: the longest time without a visit that was reached in it.
        mean_s: idleness, averaged over sites and time.
        broken: promises whose time was up in it.
        kept: nowhere and never longer without a visit than promised.
    """

    programme: str
    sector: str | None
    promise_s: float
    worst_s: float
    mean_s: float
    visits: int
    broken: int
    kept: bool


class SectorHour(Kept):
    """A sector in an hour; `hour_s`: when that begins."""

    hour_s: float


class SiteKept(Kept):
    """A site over the whole period."""

    site: str


class PatrolReport(Reported):
    """Idleness of patrolled sites against what was promised."""

    sectors: list[SectorHour]
    sites: list[SiteKept]


class LevelCells(Answer):
    """Squares of a level: `[column, row, points, robots, last_s]`."""

    level: str
    cells: list[list[float]]


class ZoneSwept(Answer):
    """How often a zone was cleaned, and how much ground came under brushes."""

    zone: str
    name: str
    area_m2: float
    sweeps: int
    swept_m2: float
    last_s: float | None


class CoverageReport(Reported):
    """Where robots were: a square's lower left corner is at (column, row) times `cell_m`."""

    cell_m: float
    levels: list[LevelCells]
    zones: list[ZoneSwept]


class AssetStanding(Answer):
    """An asset as it stands now: `standing` is in_time, overdue or never."""

    asset: str
    name: str
    kind: str
    due_interval_days: float
    last_inspected_s: float | None
    last_result: str | None
    due_s: float | None
    standing: str


class InspectionEntry(Answer):
    """A look at an asset: `result` is seen, not_seen or visited; `evidence` as the robot told."""

    asset: str
    name: str
    kind: str | None
    time_s: float
    result: str
    robot: str | None
    task: str
    requester: str
    took_s: float | None
    evidence: dict[str, Any]


class InspectionReport(Reported):
    """The inspection ledger."""

    assets: list[AssetStanding]
    inspections: list[InspectionEntry]


class Spread(Answer):
    """Of how many, the median, 90th percentile and worst."""

    count: int
    median_s: float | None
    p90_s: float | None
    worst_s: float | None


class IncidentAnswered(Answer):
    """An incident and after how long each step was taken; null: it was not."""

    incident: str
    kind: str
    severity: int
    status: str
    title: str
    place: str | None
    raised_s: float
    acknowledged_after_s: float | None
    assigned_after_s: float | None
    closed_after_s: float | None
    closed_by: str | None


class CallAnswered(Answer):
    """A call for a robot (a task `respond`), and after how long it was there."""

    task: str
    place: str
    priority: int
    requester: str
    status: str
    robot: str | None
    requested_s: float
    assigned_after_s: float | None
    arrived_after_s: float | None
    finished_after_s: float | None


class SeverityAnswered(Answer):
    """Incidents of a severity."""

    severity: int
    count: int
    false_alarms: int
    acknowledged: Spread
    assigned: Spread
    closed: Spread


class ResponseReport(Reported):
    """How soon incidents and calls were answered."""

    incidents: list[IncidentAnswered]
    calls: list[CallAnswered]
    severities: list[SeverityAnswered]
    arrival: Spread


class RobotUsed(Answer):
    """What a robot did with the period: seconds in each status, and what came of it."""

    robot: str
    kind: str
    uninitialized_s: float
    offline_s: float
    idle_s: float
    working_s: float
    charging_s: float
    error_s: float
    unknown_s: float
    with_task_s: float
    tasks_completed: int
    distance_m: float
    drawn_wh: float
    charged_wh: float


class UtilisationReport(Reported):
    """What robots did with their time and energy."""

    robots: list[RobotUsed]


class Recorded(Answer):
    """What is kept of the past; null: nothing is."""

    from_s: float | None
    to_s: float | None
    tracks_from_s: float | None


class Tracks(Answer):
    """Where robots were, oldest first; `next_s`: ask on from there; null: that was all."""

    from_s: float
    to_s: float
    step_s: float
    robots: dict[str, list[TrackRow]]
    next_s: float | None


class LoggedEvent(Answer):
    """An event of the log: what was decided, when, and by whose command."""

    seq: int
    time_s: float
    type: str
    actor: str
    cause: str
    payload: dict[str, Any]


class LoggedEvents(Answer):
    """Events, oldest first; `next`: the cursor of the next page; null: that was all."""

    events: list[LoggedEvent]
    next: str | None
