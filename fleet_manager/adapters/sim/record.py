"""What a simulation leaves: visits, tasks, activities, standstills; figures are made from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from fleet_manager.adapters.sim.hours import Idleness, ProgrammeHours
from fleet_manager.core import events as e
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Phase, PhaseStatus, Task, TaskStatus


class Activity(StrEnum):
    """What a robot spends its time on; from its first place on, the ways of a task are work."""

    WORK = "work"
    TO_WORK = "to work"
    WAIT = "wait"
    MOVE = "move"
    CHARGE = "charge"
    IDLE = "idle"
    ABSENT = "absent"


@dataclass(slots=True)
class Visits:
    """Visits of a waypoint.

    Attributes:
        worst_s: longest time without one.
        squares_s2: sum of the squares of the times between them.
    """

    last_s: float
    count: int = 0
    worst_s: float = 0.0
    squares_s2: float = 0.0

    def add(self, now_s: float) -> None:
        """It is visited."""
        gap_s = now_s - self.last_s
        self.count += 1
        self.worst_s = max(self.worst_s, gap_s)
        self.squares_s2 += gap_s * gap_s
        self.last_s = now_s

    def closed(self, end_s: float) -> tuple[float, float]:
        """Worst time without a visit, and the sum of squares, with the gap open at the end."""
        gap_s = end_s - self.last_s
        return max(self.worst_s, gap_s), self.squares_s2 + gap_s * gap_s


@dataclass(slots=True)
class TaskStory:
    """What became of a task.

    Attributes:
        asked_s: when it was asked for, or was to begin where that is later.
        begun_s: when a robot began at its first place; None: none has.
        due_m2, cleaned_m2: of zones and spots.
    """

    category: Category
    asked_s: float
    robot: str | None = None
    begun_s: float | None = None
    ended_s: float | None = None
    status: TaskStatus = TaskStatus.QUEUED
    due_m2: float = 0.0
    cleaned_m2: float = 0.0


@dataclass(slots=True)
class Standstill:
    """Robots that wait for each other, or for something that does not come.

    Attributes:
        circle: each waits for the next of them.
        waits_for: what each waits for, for people.
        blocked_by: robots that each waits for; none where it is a closed lane or door.
        until_s: None: for ever, as far as was simulated.
    """

    robots: tuple[str, ...]
    since_s: float
    circle: bool
    waits_for: dict[str, str]
    tasks: dict[str, str]
    blocked_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    until_s: float | None = None


@dataclass
class Record:
    """Kept while a simulation runs.

    Attributes:
        activities: by robot, when each began, in order.
        visits: by waypoint, of robots that can patrol.
        sites: waypoints that patrols or programmes were asked to visit.
        hours: of those that belong to programmes.
        raised: incidents by kind.
        refused: requests that the fleet refused, by what it said.
    """

    site: Site
    start_s: float
    activities: dict[str, list[tuple[float, Activity]]] = field(default_factory=dict)
    visits: dict[str, Visits] = field(default_factory=dict)
    sites: dict[str, None] = field(default_factory=dict)
    hours: ProgrammeHours = field(default_factory=ProgrammeHours)
    tasks: dict[str, TaskStory] = field(default_factory=dict)
    standstills: list[Standstill] = field(default_factory=list)
    raised: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    decisions: int = 0
    ticks: int = 0
    lowest_away: dict[str, float] = field(default_factory=dict)

    def visited(self, waypoint: str, now_s: float) -> None:
        """A robot that can patrol has come to a waypoint."""
        visits = self.visits.get(waypoint)
        if visits is None:
            visits = self.visits[waypoint] = Visits(self.start_s)
        visits.add(now_s)
        if waypoint in self.hours.places:
            self.hours.places[waypoint].visited(now_s)

    def idleness(self, site: str, end_s: float) -> Idleness:
        """Of a site: within the hours of its programmes, or all the time where it has none."""
        hours = self.hours.places.get(site)
        if hours is not None:
            return hours.idleness(end_s)
        worst_s, squares_s2 = self.visits.get(site, Visits(self.start_s)).closed(end_s)
        return Idleness(worst_s, squares_s2, end_s - self.start_s)

    def does(self, robot: str, activity: Activity, now_s: float) -> None:
        """What a robot does from now on."""
        story = self.activities.setdefault(robot, [])
        if story and story[-1][1] is activity:
            return
        if story and story[-1][0] == now_s:
            story.pop()
            self.does(robot, activity, now_s)
            return
        story.append((now_s, activity))

    def decided(self, state: FleetState, events: Iterable[e.Event], now_s: float) -> None:
        """Follow what was decided."""
        for event in events:
            for site in self.hours.decided(state, event, now_s):
                self.sites.setdefault(site)
            if isinstance(event, e.TaskSubmitted):
                self._asked(event.task)
            elif isinstance(event, e.TaskMoved):
                self._moved(state, event)
            elif isinstance(event, e.PhaseMoved):
                self._phase(state, event)
            elif isinstance(event, e.IncidentRaised):
                self.raised[event.incident.kind] += 1

    def _asked(self, task: Task) -> None:
        story = TaskStory(task.category, max(task.requested_s, task.earliest_start_s))
        for phase in task.phases:
            if phase.action_type == "patrol_point":
                self.sites.setdefault(phase.waypoint)
            elif phase.action_type == "clean_zone":
                spot = phase.parameters.get("spot")
                area = self.site.area(phase.detail, tuple(spot) if spot else None).area
                story.due_m2 += float(area)
        self.tasks[task.id] = story

    def _moved(self, state: FleetState, event: e.TaskMoved) -> None:
        story = self.tasks.get(event.task_id)
        task = state.tasks.get(event.task_id)
        if story is None or task is None:
            return
        story.status, story.robot = task.status, task.robot or story.robot
        if task.ended:
            story.ended_s = event.time_s

    def _phase(self, state: FleetState, event: e.PhaseMoved) -> None:
        story = self.tasks.get(event.task_id)
        task = state.tasks.get(event.task_id)
        if story is None or task is None:
            return
        if story.begun_s is None and event.status in (PhaseStatus.UNDERWAY, PhaseStatus.COMPLETED):
            story.begun_s = event.time_s
        phase = task.phase(event.phase_id)
        if phase.action_type == "clean_zone":
            share = 1.0 if event.status is PhaseStatus.COMPLETED else self._swept(story, phase)
            story.cleaned_m2 = max(story.cleaned_m2, share * story.due_m2)

    def _swept(self, story: TaskStory, phase: Phase) -> float:
        """The part of its path that a sweep has covered in earlier attempts."""
        if story.robot is None or phase.from_m <= 0.0:
            return 0.0
        spot = phase.parameters.get("spot")
        kind = self.site.kind(story.robot)
        plan = self.site.sweep(phase.detail, tuple(spot) if spot else None, kind)
        return min(1.0, phase.from_m / plan.length_m)

    def spent(self, robot: str, end_s: float) -> dict[Activity, float]:
        """Seconds that a robot spent on each activity."""
        found = dict.fromkeys(Activity, 0.0)
        story = self.activities.get(robot, [])
        for index, (since_s, activity) in enumerate(story):
            until_s = story[index + 1][0] if index + 1 < len(story) else end_s
            found[activity] += until_s - since_s
        return found


def quantile(values: list[float], q: float) -> float | None:
    """The smallest value that at least this part of all does not exceed; None: there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]
