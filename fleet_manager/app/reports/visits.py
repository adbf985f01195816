"""Reads from the log when which waypoint was visited by whom, by the rules of `core.visits`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fleet_manager.core import events as e
from fleet_manager.core import order_events as o
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.programme import ProgrammeSite, ProgrammeTrigger
from fleet_manager.core.programme_events import (
    ProgrammeDeleted,
    ProgrammeMoved,
    ProgrammeSaved,
)
from fleet_manager.core.robot import Movement, RouteNode
from fleet_manager.core.task import PhaseStatus, Task, TaskTrigger
from fleet_manager.core.visits import PATROL_ACTION, SKILL

WAY_EVENTS = (
    *(o.OrderIssued, o.WayPlanned, o.BaseExtended, o.WayOutTaken, o.NodesPassed, o.OrderEnded),
    *(e.PhaseMoved, e.TaskMoved),
)
PROGRAMME_EVENTS = (ProgrammeSaved, ProgrammeMoved, ProgrammeDeleted)
LEAVING = frozenset(
    {
        *(TaskTrigger.RELEASE, TaskTrigger.INTERRUPT, TaskTrigger.COMPLETE, TaskTrigger.FAIL),
        *(TaskTrigger.CANCEL, TaskTrigger.KILL, TaskTrigger.SKIP),
    }
)
"""After these a robot has the task no more."""
WAY_TYPES = tuple(each.__name__ for each in WAY_EVENTS)
PROGRAMME_TYPES = tuple(each.__name__ for each in PROGRAMME_EVENTS)


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """A robot came and went, Unix seconds; passing by, both are the same."""

    from_s: float
    to_s: float
    robot: str


@dataclass(frozen=True, slots=True)
class Running:
    """A programme kept its promise to a site from a time until another, Unix seconds."""

    programme: str
    site: ProgrammeSite
    from_s: float
    to_s: float


@dataclass
class Ways:
    """Follows robots along their orders: where they drive past, and where they stay for a patrol.

    Attributes:
        fleet: whose robots count for driving past only where their kind can patrol.
        tasks: by id; they say at which waypoint a phase is done, and by whom at a time.
    """

    fleet: FleetConfig
    tasks: Mapping[str, Task]
    visits: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    _nodes: dict[str, list[str | None]] = field(default_factory=dict)
    _ends: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    _passed: dict[str, int] = field(default_factory=dict)
    _stays: dict[str, tuple[str, float]] = field(default_factory=dict)

    def follow(self, event: e.Event) -> None:
        """Take the next event in."""
        match event:
            case o.OrderIssued(robot=robot, movement=movement):
                self._begin(robot, movement)
            case o.BaseExtended(robot=robot) if robot in self._nodes:
                self._ends[robot] = (event.released_to, event.way_out)
                if event.released_to == len(self._nodes[robot]) - 1:
                    self._lead_out(robot)
            case o.WayPlanned(robot=robot) if robot in self._nodes:
                released_to, _ = self._ends[robot]
                kept = self._nodes[robot][:released_to]
                self._nodes[robot] = [*kept, *map(_passed_by, event.nodes)]
                self._ends[robot] = (released_to, ())
            case o.WayOutTaken(robot=robot) if robot in self._nodes:
                self._lead_out(robot)
            case o.NodesPassed(robot=robot) if robot in self._nodes:
                self._pass(robot, event.passed, event.time_s)
            case o.OrderEnded(robot=robot):
                self._nodes.pop(robot, None)
            case e.PhaseMoved():
                self._move_phase(event)
            case e.TaskMoved(trigger=trigger) if trigger in LEAVING and event.task_id in self.tasks:
                robot = _robot_at(self.tasks[event.task_id], event.time_s)
                self._leave(robot, event.time_s)

    def finish(self, now_s: float) -> None:
        """Robots that still stay are where they are now."""
        for robot in list(self._stays):
            self._leave(robot, now_s)

    def _move_phase(self, event: e.PhaseMoved) -> None:
        task = self.tasks.get(event.task_id)
        phase = None if task is None else task.phase(event.phase_id)
        if task is None or phase is None or phase.action_type != PATROL_ACTION:
            return
        robot = _robot_at(task, event.time_s)
        stays = self._stays.get(robot, ("", 0.0))[0] == phase.waypoint
        if event.status is PhaseStatus.UNDERWAY:
            self._leave(robot, event.time_s)
            self._stays[robot] = (phase.waypoint, event.time_s)
        elif stays:
            self._leave(robot, event.time_s)
        elif event.status is PhaseStatus.COMPLETED:
            self.visits[phase.waypoint].append(Visit(event.time_s, event.time_s, robot))

    def _leave(self, robot: str, time_s: float) -> None:
        waypoint, since_s = self._stays.pop(robot, ("", 0.0))
        if waypoint:
            self.visits[waypoint].append(Visit(since_s, time_s, robot))

    def _begin(self, robot: str, movement: Movement) -> None:
        if not self._may_patrol(robot):
            return
        self._nodes[robot] = [_passed_by(node) for node in movement.nodes]
        self._ends[robot] = (movement.released_to, movement.way_out)
        self._passed[robot] = movement.passed

    def _lead_out(self, robot: str) -> None:
        released_to, way_out = self._ends[robot]
        self._nodes[robot] = [*self._nodes[robot][: released_to + 1], *way_out]
        self._ends[robot] = (len(self._nodes[robot]) - 1, ())

    def _pass(self, robot: str, passed: int, time_s: float) -> None:
        for waypoint in self._nodes[robot][self._passed[robot] + 1 : passed + 1]:
            if waypoint is not None and time_s > 0.0:
                self.visits[waypoint].append(Visit(time_s, time_s, robot))
        self._passed[robot] = passed

    def _may_patrol(self, robot: str) -> bool:
        spec = self.fleet.robots.get(robot)
        return spec is not None and SKILL in self.fleet.kinds[spec.kind].skills


def _passed_by(node: RouteNode) -> str | None:
    """The waypoint of a node; None where a robot stops for a patrol: its phase tells of that."""
    stops = any(each.action_type == PATROL_ACTION for each in node.actions)
    return None if stops else node.waypoint


def _robot_at(task: Task, time_s: float) -> str:
    """Who had a task at a time."""
    for attempt in task.attempts:
        if attempt.from_s <= time_s and (attempt.to_s is None or time_s <= attempt.to_s):
            return attempt.robot
    return task.robot or ""


def running_times(events: Iterable[tuple[float, e.Event]], to_s: float) -> list[Running]:
    """When programmes ran, and on which sites, until a time.

    Args:
        events: about programmes with their fleet times, from the beginning of the log.
        to_s: of the end, Unix seconds.
    """
    sites: dict[str, tuple[ProgrammeSite, ...]] = {}
    since: dict[str, float] = {}
    found: list[Running] = []

    def end(programme: str, time_s: float) -> None:
        from_s = since.pop(programme, None)
        if from_s is not None:
            found.extend(Running(programme, site, from_s, time_s) for site in sites[programme])

    for time_s, event in events:
        match event:
            case ProgrammeSaved():
                end(event.spec.id, event.time_s)
                sites[event.spec.id] = event.sites
            case ProgrammeMoved(trigger=ProgrammeTrigger.OPEN):
                end(event.programme_id, event.time_s)
                since[event.programme_id] = event.time_s
            case ProgrammeMoved():
                end(event.programme_id, event.time_s)
            case ProgrammeDeleted():
                end(event.programme_id, time_s)
    for programme in list(since):
        end(programme, to_s)
    return found
