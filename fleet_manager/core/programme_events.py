"""What has been decided about programmes."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.programme import (
    Beat,
    BeatTrigger,
    Guest,
    PatrolArrangement,
    PlanWanted,
    ProgrammeSite,
    ProgrammeSpec,
    ProgrammeTrigger,
)


class ProgrammeSaved(Struct, frozen=True, tag=True):
    """A programme was added or changed; `sites` is what it means on the map."""

    spec: ProgrammeSpec
    sites: tuple[ProgrammeSite, ...]
    time_s: float
    opens_s: float | None = None
    closes_s: float | None = None
    by: str = ""


class ProgrammeDeleted(Struct, frozen=True, tag=True):
    """A programme is no more."""

    programme_id: str
    by: str = ""


class ProgrammeMoved(Struct, frozen=True, tag=True):
    """A programme changed its status.

    Attributes:
        opens_s, closes_s: of the window that is open from now on, or comes next.
    """

    programme_id: str
    trigger: ProgrammeTrigger
    time_s: float
    opens_s: float | None = None
    closes_s: float | None = None
    by: str = ""
    reason: str = ""


class PlanRequested(Struct, frozen=True, tag=True):
    """A plan is to be worked out; the answer names the version of the question."""

    programme_id: str
    wanted: PlanWanted
    time_s: float
    reason: str = ""


class ProgrammePlanned(Struct, frozen=True, tag=True):
    """A programme follows a plan from now on; `beats` go on with the tasks that they have."""

    programme_id: str
    plan: PatrolArrangement
    beats: tuple[Beat, ...]
    time_s: float


class StretchCut(Struct, frozen=True, tag=True):
    """A stretch ends sooner than it was asked for, as another plan is followed.

    Attributes:
        phases: that the task has now; those behind are not done.
    """

    task_id: str
    phases: int
    time_s: float


class StretchBegun(Struct, frozen=True, tag=True):
    """A beat's next task was asked for.

    Attributes:
        next_at: index on the tour where the stretch after it begins.
        headway_s: how long ago its first site was visited by the programme; None: never.
        robot: that ended the stretch before, and goes on as soon as it begins.
        visits: sites of the stretch.
        bits: Shannon entropy of what was drawn for it.
    """

    programme_id: str
    beat: int
    task_id: str
    next_at: int
    time_s: float
    headway_s: float | None = None
    robot: str | None = None
    visits: int = 0
    bits: float = 0.0


class BeatMoved(Struct, frozen=True, tag=True):
    """A robot walks a beat, or none does any more.

    Attributes:
        at: index on the tour where its next stretch begins; None: as before.
    """

    programme_id: str
    beat: int
    trigger: BeatTrigger
    time_s: float
    reason: str = ""
    at: int | None = None


class SitesTakenOver(Struct, frozen=True, tag=True):
    """Sites of teams without a robot, all of them, and who visits them; () gives all back."""

    programme_id: str
    guests: tuple[Guest, ...]
    time_s: float
    reason: str = ""


ProgrammeEvent = (
    ProgrammeSaved
    | ProgrammeDeleted
    | ProgrammeMoved
    | PlanRequested
    | ProgrammePlanned
    | StretchBegun
    | StretchCut
    | BeatMoved
    | SitesTakenOver
)
