"""What a task asks of a robot: skills, places, energy; worked out once while the task stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.closed_ways import closed_place
from fleet_manager.core.planning.energy import phase_wh, way_wh
from fleet_manager.core.planning.prospects import phase_s
from fleet_manager.core.planning.routes import NoRoute, Routes
from fleet_manager.core.restrictions import Restrictions
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import SKILLS, Category, Task


@dataclass(frozen=True, slots=True)
class Work:
    """A task from its first place to its last, for one kind of robot.

    Attributes:
        energy_wh: of what is done and the ways between; infinite where that is not possible.
        duration_s: of the same.
        why: it is not possible, for people.
        no_way: because no lanes lead, which closures may be the cause of.
    """

    routes: Routes
    energy_wh: float
    duration_s: float
    why: str = ""
    no_way: bool = False


@dataclass(slots=True, eq=False)
class Needs:
    """What a task asks for.

    Attributes:
        bound: the one robot that may do it, or None.
        first, last: waypoints where its work begins and ends.
        works, closed: by kind of robot.
        never: why it can never be done, with the restrictions that it was worked out for.
    """

    task: Task
    skills: frozenset[str]
    bound: str | None
    first: str
    last: str
    charges: bool
    works: dict[str, Work] = field(default_factory=dict)
    closed: dict[str, tuple[Restrictions, str | None]] = field(default_factory=dict)
    never: tuple[object, str | None] | None = None

    @classmethod
    def of(cls, task: Task) -> Needs:
        """Of what is left of a task; it has to have something left."""
        left = task.remaining
        return cls(
            task=task,
            skills=frozenset(SKILLS[phase.action_type] for phase in task.phases),
            bound=task.description.get("robot"),
            first=left[0].waypoint,
            last=left[-1].waypoint,
            charges=task.category is Category.CHARGE,
        )

    def work(self, state: FleetState, robot: str, routes: Routes) -> Work:
        """For the kind of a robot on these routes."""
        kind = state.site.kind(robot)
        known = self.works.get(kind.name)
        if known is None or known.routes is not routes:
            known = self.works[kind.name] = self._work(state, robot, routes)
        return known

    def closed_zone(self, state: FleetState, robot: str) -> str | None:
        """Which closed zone keeps the kind of a robot from it; None: none does."""
        restricted = state.restricted(robot)
        kind = state.site.kind(robot).name
        known = self.closed.get(kind)
        if known is None or known[0] is not restricted:
            known = self.closed[kind] = (restricted, closed_place(state, robot, self.task))
        return known[1]

    def _work(self, state: FleetState, robot: str, routes: Routes) -> Work:
        site, kind = state.site, state.site.kind(robot)
        places = [phase.waypoint for phase in self.task.remaining]
        try:
            energy_wh = way_wh(state, robot, places)
            energy_wh += sum(phase_wh(site, kind, phase) for phase in self.task.remaining)
            duration_s = sum(phase_s(site, kind, phase) for phase in self.task.remaining)
            duration_s += sum(routes.leg(*each).duration_s for each in pairwise(places))
        except NoRoute as error:
            return Work(routes, float("inf"), float("inf"), str(error), no_way=True)
        except CampusFleetError as error:
            return Work(routes, float("inf"), float("inf"), str(error))
        return Work(routes, energy_wh, duration_s)
