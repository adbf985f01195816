"""Others that make rounds with windows: OR-Tools, and always the visit that can begin first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from fleet_manager.core.planning.rounds import Rounds, RoundsProblem


def or_tools(problem: RoundsProblem, time_s: float) -> Rounds:
    """Guided local search, from the cheapest insertion, as its documentation advises."""
    visits, robots = len(problem.visits), len(problem.robots)
    metres = np.ceil(problem.draws[0]).astype(int).tolist()
    work_s = [round(visit.work_s) for visit in problem.visits] + [0] * 2 * robots
    seconds = np.ceil(problem.seconds[0]).astype(int).tolist()
    starts = [visits + at for at in range(robots)]
    ends = [visits + robots + at for at in range(robots)]
    index = pywrapcp.RoutingIndexManager(visits + 2 * robots, robots, starts, ends)
    model = pywrapcp.RoutingModel(index)
    node = index.IndexToNode
    drive = model.RegisterTransitCallback(lambda a, b: metres[node(a)][node(b)])
    model.SetArcCostEvaluatorOfAllVehicles(drive)
    model.AddDimension(drive, 0, int(problem.robots[0].charge), True, "charge")
    clock = model.RegisterTransitCallback(lambda a, b: work_s[node(a)] + seconds[node(a)][node(b)])
    model.AddDimension(clock, 10**6, 10**6, False, "time")
    times = model.GetDimensionOrDie("time")
    for at, visit in enumerate(problem.visits):
        assert visit.late_s is not None
        times.CumulVar(index.NodeToIndex(at)).SetRange(round(visit.early_s), int(visit.late_s))
        model.AddDisjunction([index.NodeToIndex(at)], 1_000_000)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.FromMilliseconds(max(1000, int(time_s * 1000)))
    solution = model.SolveWithParameters(search)
    made: list[tuple[str, tuple[str, ...]]] = []
    for vehicle in range(robots):
        at, names = model.Start(vehicle), []
        while not model.IsEnd(at):
            if node(at) < visits:
                names.append(problem.visits[node(at)].name)
            at = solution.Value(model.NextVar(at))
        if names:
            made.append((problem.robots[vehicle].name, tuple(names)))
    return measured(problem, made)


def nearest_next(problem: RoundsProblem) -> Rounds:
    """Each time the robot and visit that can begin first, the nearer of two."""
    visits, robots = problem.visits, problem.robots
    at = [len(visits) + each for each in range(len(robots))]
    free_s = [robot.free_in_s for robot in robots]
    made: list[list[str]] = [[] for _ in robots]
    left = list(range(len(visits)))
    while left:
        best: tuple[float, float, int, int] | None = None
        for robot in range(len(robots)):
            for visit in left:
                way_s = float(problem.seconds[0][at[robot], visit])
                begin_s = max(free_s[robot] + way_s, visits[visit].early_s)
                late_s = visits[visit].late_s
                if late_s is not None and begin_s > late_s:
                    continue
                option = (begin_s, way_s, robot, visit)
                best = option if best is None else min(best, option)
        if best is None:
            break
        begin_s, _, robot, visit = best
        free_s[robot], at[robot] = begin_s + visits[visit].work_s, visit
        made[robot].append(visits[visit].name)
        left.remove(visit)
    return measured(problem, [(robots[each].name, tuple(names)) for each, names in enumerate(made)])


def measured(problem: RoundsProblem, made: Sequence[tuple[str, tuple[str, ...]]]) -> Rounds:
    """Rounds with what they draw, reckoned the same way for all."""
    numbers = {visit.name: at for at, visit in enumerate(problem.visits)}
    visits, robots = len(problem.visits), [robot.name for robot in problem.robots]
    draw = seconds = 0.0
    for robot, names in made:
        number = robots.index(robot)
        stops = [visits + number, *(numbers[each] for each in names)]
        stops.append(visits + len(robots) + number)
        if names:
            draw += float(sum(np.ceil(problem.draws[0][a, b]) for a, b in pairwise(stops)))
            seconds += float(sum(problem.seconds[0][a, b] for a, b in pairwise(stops)))
    done = {each for _, names in made for each in names}
    left = tuple(visit.name for visit in problem.visits if visit.name not in done)
    return Rounds(tuple(made), left, draw, seconds)


def check(problem: RoundsProblem, found: Rounds, name: str) -> None:
    """Every window is kept, and what is driven is what was said."""
    assert abs(measured(problem, found.rounds).draw - found.draw) < 1.0, name
    numbers = {visit.name: at for at, visit in enumerate(problem.visits)}
    robots = [robot.name for robot in problem.robots]
    for robot, names in found.rounds:
        now_s, at = 0.0, len(problem.visits) + robots.index(robot)
        for each in names:
            visit = problem.visits[numbers[each]]
            now_s = max(now_s + float(problem.seconds[0][at, numbers[each]]), visit.early_s)
            assert visit.late_s is None or now_s <= visit.late_s + 1.0, (name, robot, each)
            now_s, at = now_s + visit.work_s, numbers[each]
