"""A patrol programme: a standing promise on the idleness of sites, and how it is being kept."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from fleet_manager.core.recurrence import Recurrence

DWELL_S = 2.0
AT_RISK = "promise_at_risk"
BROKEN = "promise_broken"
TROUBLE = "programme_trouble"
"""Kinds of incidents that programmes raise."""


class ProgrammeStatus(StrEnum):
    """Whether a programme patrols."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


class ProgrammeTrigger(StrEnum):
    """What changes the status of a programme."""

    OPEN = "open"
    CLOSE = "close"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


PROGRAMME_TRANSITIONS: dict[ProgrammeStatus, dict[ProgrammeTrigger, ProgrammeStatus]] = {
    ProgrammeStatus.WAITING: {
        ProgrammeTrigger.OPEN: ProgrammeStatus.RUNNING,
        ProgrammeTrigger.PAUSE: ProgrammeStatus.PAUSED,
        ProgrammeTrigger.END: ProgrammeStatus.OVER,
    },
    ProgrammeStatus.RUNNING: {
        ProgrammeTrigger.CLOSE: ProgrammeStatus.WAITING,
        ProgrammeTrigger.PAUSE: ProgrammeStatus.PAUSED,
        ProgrammeTrigger.END: ProgrammeStatus.OVER,
    },
    ProgrammeStatus.PAUSED: {ProgrammeTrigger.RESUME: ProgrammeStatus.WAITING},
    ProgrammeStatus.OVER: {},
}


class BeatStatus(StrEnum):
    """Whether a robot walks a beat."""

    VACANT = "vacant"
    MANNED = "manned"


class BeatTrigger(StrEnum):
    """What changes the status of a beat."""

    MAN = "man"
    LEAVE = "leave"


BEAT_TRANSITIONS: dict[BeatStatus, dict[BeatTrigger, BeatStatus]] = {
    BeatStatus.VACANT: {BeatTrigger.MAN: BeatStatus.MANNED},
    BeatStatus.MANNED: {BeatTrigger.LEAVE: BeatStatus.VACANT},
}


class SiteSpec(Struct, frozen=True):
    """A place that a programme names; what is None is the programme's.

    Attributes:
        place: id or name of a waypoint.
        weight: how much a second without a visit counts; above 0.
        weights_by_hour: 24 weights, from the local hour that begins at 0:00; (): always `weight`.
        promise_s: it is never longer without a visit.
    """

    place: str
    weight: float = 1.0
    weights_by_hour: tuple[float, ...] = ()
    promise_s: float | None = None


class Window(Struct, frozen=True):
    """When a programme runs: from each occurrence on for a while."""

    recurrence: Recurrence
    duration_s: float


class ProgrammeSpec(Struct, frozen=True):
    """What was asked for.

    Attributes:
        sites: places to be seen again and again.
        sectors: of the map; their named places are sites too, with the sector's risk by hour as
            weight, and its promise where the programme has none.
        promise_s: the longest time without a visit, of every site without a promise of its own.
        robots: how many patrol at the same time; None: as many as the promise needs.
        window: None: always.
        seed: of what is unpredictable.
        unpredictability: share (0 to 1) of the slack between plan and promise that is spent on
            visiting in another order and at other times than planned.
        priority: of its tasks, 0 to 9.
    """

    id: str
    name: str
    timezone: str
    sites: tuple[SiteSpec, ...] = ()
    sectors: tuple[str, ...] = ()
    promise_s: float | None = None
    robots: int | None = None
    window: Window | None = None
    seed: int = 1
    unpredictability: float = 0.5
    dwell_s: float = DWELL_S
    priority: int = 0
    labels: tuple[str, ...] = ()
    enabled: bool = True


class ProgrammeSite(Struct, frozen=True):
    """A site of a programme as the map has it.

    Attributes:
        waypoint: its id.
    """

    waypoint: str
    promise_s: float
    weight: float = 1.0
    weights_by_hour: tuple[float, ...] = ()
    dwell_s: float = DWELL_S

    def weight_at(self, hour: int) -> float:
        """The weight in a local hour, 0 to 23."""
        return self.weights_by_hour[hour] if self.weights_by_hour else self.weight


class SiteRecord(Struct, frozen=True):
    """When a site was visited, by anybody who patrols or may; gaps count from `since_s` on.

    Attributes:
        last_s: end of the last visit, Unix seconds; the window's beginning before the first.
        own_s: end of the last visit by the programme's own tasks; None: none yet.
        by: the robot.
        stopped: it stayed there for a task; else it passed by.
        staying: the robot that is there now, doing what it came for.
        visits: since the window opened.
        worst_s: the longest gap between visits since then.
        squares_s2: the sum of the squares of these gaps.
        broken: gaps that were longer than promised.
    """

    since_s: float
    last_s: float
    own_s: float | None = None
    by: str | None = None
    stopped: bool = False
    staying: str | None = None
    visits: int = 0
    worst_s: float = 0.0
    squares_s2: float = 0.0
    broken: int = 0

    def arrived(
        self, robot: str, time_s: float, promise_s: float, own: bool, stays: bool
    ) -> SiteRecord:
        """The record after a robot came, to stay for a task or passing by."""
        gap_s = max(0.0, time_s - self.last_s) if self.staying is None else 0.0
        return replace(
            self,
            last_s=time_s,
            own_s=time_s if own else self.own_s,
            by=robot,
            stopped=stays,
            staying=robot if stays else self.staying,
            visits=self.visits + 1,
            worst_s=max(self.worst_s, gap_s),
            squares_s2=self.squares_s2 + gap_s * gap_s,
            broken=self.broken + (gap_s > promise_s),
        )

    def left(self, robot: str, time_s: float, own: bool) -> SiteRecord:
        """The record after a robot that stayed has gone on."""
        if self.staying != robot:
            return self
        return replace(self, last_s=time_s, staying=None, own_s=time_s if own else self.own_s)

    def idle_s(self, now_s: float) -> float:
        """Seconds without a visit."""
        return 0.0 if self.staying is not None else max(0.0, now_s - self.last_s)


class TeamPlan(Struct, frozen=True):
    """Robots that follow one tour, evenly spaced.

    Attributes:
        tour: waypoints in the order of visits; a site may come more than once.
        duration_s: planned time of a round; 0 for a robot that stays at its only site.
        starts: index on the tour where each robot begins, so that they are evenly spaced.
    """

    tour: tuple[str, ...]
    duration_s: float
    robots: int
    starts: tuple[int, ...] = ()

    def start(self, robot: int) -> int:
        """Where the robot with this number, from 0, begins."""
        return self.starts[robot] if self.starts else robot * len(self.tour) // self.robots


class PatrolArrangement(Struct, frozen=True):
    """A plan as a programme follows it.

    Attributes:
        version: of the question that it answers (`PlanWanted`).
        method: how it was found.
        robots: that it takes, with those that charge meanwhile (`relief`).
        hour: local hour whose weights it was made for.
        idleness_s: planned longest time without a visit, by waypoint; `worst_s`: of all.
        worst_weighted_s: the same times the weight.
        bound_s: no plan for as many robots has a worst weighted idleness below; `bound`: its name.
        least_robots: proven: fewer cannot keep the promise; None: not looked at.
        robots_needed: the fewest that a plan was found for which keeps the promise; None: not
            looked for.
        keeps_promise: whether every site is visited in time under it.
        entropy_bits: of a visit under it, when robots move as unpredictably as it allows.
        immediate: it was made at once, and another is being worked on.
        reduced: for fewer robots than the programme should have, while the others are away.
        map_version: of the map that robots were led by when it was adopted.
    """

    version: int
    method: str
    teams: tuple[TeamPlan, ...]
    robots: int
    relief: int = 0
    hour: int = 0
    idleness_s: dict[str, float] = {}
    worst_s: float = 0.0
    worst_weighted_s: float = 0.0
    bound_s: float = 0.0
    bound: str = ""
    gap: float | None = None
    least_robots: int | None = None
    robots_needed: int | None = None
    keeps_promise: bool = True
    entropy_bits: float | None = None
    immediate: bool = False
    reduced: bool = False
    map_version: str = ""


class PlanWanted(Struct, frozen=True):
    """A question to the planner.

    Attributes:
        version: new with each question; an answer to another is dropped.
        robots: that patrol at the same time; None: as few as keep the promise.
        most: that there are.
        hour: local hour whose weights count.
        reduced: for fewer robots than the programme should have, while the others are away.
    """

    version: int
    robots: int | None
    most: int
    hour: int
    reduced: bool = False


class Guest(Struct, frozen=True):
    """A site that another team has taken over.

    Attributes:
        team: that visits it.
        after: index on that team's tour behind which it comes.
    """

    waypoint: str
    team: int
    after: int


class Beat(Struct, frozen=True):
    """One robot's part of a programme: a team's tour, stretch by stretch, each a task.

    Attributes:
        number: within the programme, from 1.
        team: index of its team.
        at: index on the tour where its next stretch begins.
        task_id: of the stretch that was asked for last.
        headway_s: how long ago the first site of that was visited; None: never.
        robot: that ended the stretch before.
        reason: why no robot walks it.
    """

    number: int
    team: int
    at: int
    status: BeatStatus = BeatStatus.VACANT
    since_s: float = 0.0
    task_id: str | None = None
    headway_s: float | None = None
    robot: str | None = None
    reason: str = ""


class Programme(Struct, frozen=True):
    """A programme and how it is being kept. `visits` is replaced as a whole, never changed.

    Attributes:
        sites: what `spec` means on the map.
        opens_s, closes_s: of the present window, or the next; None: never.
        wanted: the question that the planner has not answered yet.
        version: of the last question.
        planned_s: when the plan in use was adopted.
        stretches: that were asked for so far.
        visits_drawn, bits: that these have, and the Shannon entropy of what was drawn for them.
        paused_by: who paused it.
    """

    spec: ProgrammeSpec
    sites: tuple[ProgrammeSite, ...]
    saved_s: float
    status: ProgrammeStatus = ProgrammeStatus.WAITING
    since_s: float = 0.0
    opens_s: float | None = None
    closes_s: float | None = None
    version: int = 0
    wanted: PlanWanted | None = None
    plan: PatrolArrangement | None = None
    planned_s: float = 0.0
    beats: tuple[Beat, ...] = ()
    guests: tuple[Guest, ...] = ()
    visits: dict[str, SiteRecord] = {}
    stretches: int = 0
    visits_drawn: int = 0
    bits: float = 0.0
    paused_by: str = ""

    @property
    def id(self) -> str:
        """Of its spec."""
        return self.spec.id

    @property
    def running(self) -> bool:
        """Whether it patrols now."""
        return self.status is ProgrammeStatus.RUNNING

    def site(self, waypoint: str) -> ProgrammeSite:
        """The site at a waypoint, which is one of the programme's."""
        return next(site for site in self.sites if site.waypoint == waypoint)

    def beat(self, number: int) -> Beat | None:
        """The beat with this number; None: there is none any more."""
        return next((beat for beat in self.beats if beat.number == number), None)

    def with_beat(self, beat: Beat) -> Programme:
        """The programme with a beat replaced."""
        beats = tuple(beat if each.number == beat.number else each for each in self.beats)
        return replace(self, beats=beats)

    def with_record(self, waypoint: str, record: SiteRecord) -> Programme:
        """The programme with what is known of a site replaced."""
        return replace(self, visits={**self.visits, waypoint: record})


def opening(spec: ProgrammeSpec, after_s: float) -> tuple[float | None, float | None]:
    """When the window that is open at a time, or the next one, opens and closes, Unix seconds.

    (None, None) where no window comes any more; a programme without windows is open for ever.
    """
    if spec.window is None:
        return after_s, None
    opens_s = spec.window.recurrence.after(after_s - spec.window.duration_s)
    return opens_s, None if opens_s is None else opens_s + spec.window.duration_s
