"""Rounds: which robot makes which visits in which order, within windows, due times and batteries.

A vehicle routing problem with time windows, a matrix for each kind of robot, and visits that may be
left out at a price, solved by hybrid genetic search's successor in PyVRP (Wouda, Lan and Kool
2024). What it draws of a battery takes the place of the distance, so that the longest round is what
the charge allows. The result depends on input and iterations alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.errors import CampusFleetError

if TYPE_CHECKING:
    from pyvrp import ProblemData, Solution

OUT_OF_REACH = 100_000_000
"""For ways that do not exist: longer than any battery lasts."""
LEFT_OUT = 1_000_000
"""What it costs to leave out a visit of weight 1: more than any round."""

Matrix = NDArray[np.float32]


class NoRounds(CampusFleetError):
    """Visits and robots of which no rounds can be made."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Something to be done; times are seconds from now.

    Attributes:
        work_s: what it takes, once there.
        work_draw: of a battery, in the unit of `RoundsProblem.draws`.
        late_s: when it may begin at the latest; None: at any time.
        weight: how much worse it is to leave this out than one of weight 1.
        kinds: of robots that can do it, by number.
    """

    name: str
    work_s: float
    work_draw: float = 0.0
    early_s: float = 0.0
    late_s: float | None = None
    weight: float = 1.0
    kinds: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class RoundRobot:
    """A robot.

    Attributes:
        kind: number of its matrices.
        free_in_s: until it can begin.
        charge: what it may draw in all, in the unit of `RoundsProblem.draws`.
    """

    name: str
    kind: int
    free_in_s: float
    charge: float


@dataclass(frozen=True, eq=False, slots=True)
class RoundsProblem:
    """Visits, robots and what lies between them.

    Rows and columns of the matrices are the visits, then where each robot begins, then where each
    ends; from a visit is from where its work ends.

    Attributes:
        seconds: of the ways, by kind of robot; infinite where there is none.
        draws: of a battery on the ways, by kind of robot.
        before: rounds made earlier, names of visits by name of robot; where the search begins.
    """

    visits: tuple[Visit, ...]
    robots: tuple[RoundRobot, ...]
    seconds: tuple[Matrix, ...]
    draws: tuple[Matrix, ...]
    before: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of robots.

    Attributes:
        rounds: names of visits in their order, by name of robot.
        begins_s: when each of them begins, seconds from now.
        left_out: visits that none can make in time or with its charge.
        draw: of all batteries, with the ways to the ends.
        seconds: of driving.
    """

    rounds: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: tuple[str, ...]
    draw: float
    seconds: float
    begins_s: tuple[tuple[float, ...], ...] = ()


def plan_rounds(problem: RoundsProblem, iterations: int) -> Rounds:
    """Rounds that leave out as little as possible and draw little.

    Args:
        iterations: of the search; the caller's budget.

    Raises:
        NoRounds: there are no robots or no visits, or windows that close before they open.
    """
    _check(problem)
    from pyvrp import solve
    from pyvrp.stop import MaxIterations

    data = problem_data(problem)
    found = solve(
        data,
        MaxIterations(iterations),
        seed=problem.seed,
        collect_stats=False,
        initial_solution=_before(problem, data),
    )
    return _rounds(problem, found.best)


def _check(problem: RoundsProblem) -> None:
    if not problem.robots:
        raise NoRounds("no robots for rounds", "wait until one can be sent, or add one")
    if not problem.visits:
        raise NoRounds("no visits to make rounds of", "ask for some")
    shut = [v.name for v in problem.visits if v.late_s is not None and v.late_s < v.early_s]
    if shut:
        raise NoRounds(
            f"{', '.join(shut)}: the window closes before it opens", "give a later due time"
        )


def problem_data(problem: RoundsProblem) -> ProblemData:
    """The problem in PyVRP's terms; seconds are whole, and one robot is one type of vehicle."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType

    count, robots = len(problem.visits), len(problem.robots)
    locations = [Location(0.0, 0.0) for _ in range(count + 2 * robots)]
    clients = [
        Client(
            location=at,
            service_duration=round(visit.work_s),
            tw_early=max(0, round(visit.early_s)),
            **_closing(visit),
            prize=round(LEFT_OUT * visit.weight),
            required=False,
            name=visit.name,
        )
        for at, visit in enumerate(problem.visits)
    ]
    depots = [Depot(location=count + at) for at in range(2 * robots)]
    vehicles = [
        VehicleType(
            num_available=1,
            start_depot=at,
            end_depot=robots + at,
            tw_early=max(0, round(robot.free_in_s)),
            max_distance=max(0, int(robot.charge)),
            profile=robot.kind,
            name=robot.name,
        )
        for at, robot in enumerate(problem.robots)
    ]
    kinds = range(len(problem.seconds))
    distances: list[Any] = [_draws(problem, kind) for kind in kinds]
    durations: list[Any] = [_whole(problem.seconds[kind]) for kind in kinds]
    return ProblemData(locations, clients, depots, vehicles, distances, durations)


def _closing(visit: Visit) -> dict[str, Any]:
    return {} if visit.late_s is None else {"tw_late": max(0, int(visit.late_s))}


def _draws(problem: RoundsProblem, kind: int) -> NDArray[np.int64]:
    """What ways draw, with the work at their beginnings; out of reach where a kind cannot work."""
    draws = problem.draws[kind].astype(np.float64)
    for at, visit in enumerate(problem.visits):
        draws[at] += visit.work_draw
        if kind not in visit.kinds:
            draws[:, at] = np.inf
    found = _whole(draws)
    np.fill_diagonal(found, 0)
    return found


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    """Rounded up; what is infinite is out of reach."""
    finite = np.where(np.isfinite(values), values, OUT_OF_REACH)
    found: NDArray[np.int64] = np.ceil(np.minimum(finite, OUT_OF_REACH)).astype(np.int64)
    np.fill_diagonal(found, 0)
    return found


def _before(problem: RoundsProblem, data: ProblemData) -> Solution | None:
    """The earlier rounds, as far as their visits and robots are still there."""
    from pyvrp import Route, Solution

    numbers = {visit.name: at for at, visit in enumerate(problem.visits)}
    robots = {robot.name: at for at, robot in enumerate(problem.robots)}
    routes = [
        Route(data, known, robots[robot])
        for robot, names in problem.before
        if robot in robots and (known := [numbers[each] for each in names if each in numbers])
    ]
    return Solution(data, routes) if routes else None


def _rounds(problem: RoundsProblem, solution: Solution) -> Rounds:
    names = [visit.name for visit in problem.visits]
    rounds = []
    draw = seconds = 0.0
    if solution.is_feasible():
        for route in solution.routes():
            robot = problem.robots[route.vehicle_type()]
            made = tuple(names[each.idx] for each in route if each.is_client())
            begins = (float(each.start_time) for each in route.schedule() if each.is_client())
            rounds.append((robot.name, made, tuple(begins)))
            draw += route.distance()
            seconds += route.travel_duration()
    rounds.sort()
    visited = {name for _, made, _ in rounds for name in made}
    return Rounds(
        rounds=tuple((robot, made) for robot, made, _ in rounds),
        left_out=tuple(name for name in names if name not in visited),
        draw=draw,
        seconds=seconds,
        begins_s=tuple(begins for _, _, begins in rounds),
    )
