"""Routes on the compiled graph are those that networkx finds, whatever is closed or limited."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from fleet_manager.core.campus import Anchor, Campus, Lane, Level, Role, Waypoint
from fleet_manager.core.config import BatterySpec, KindSpec
from fleet_manager.core.planning.routes import NoRoute, Routes

BATTERY = BatterySpec(100.0, 10.0, 50.0, 0.0, 100.0)
KINDS = {
    name: KindSpec(name, frozenset(), 0.3, speed_mps, 1.0, 1.0, BATTERY)
    for name, speed_mps in (("security", 1.5), ("cleaning", 0.75))
}
LIMITS_MPS = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Case:
    """A random campus, and what of it is closed, limited and held."""

    campus: Campus
    closed: frozenset[str]
    limits: frozenset[tuple[str, float]]
    held: frozenset[str]


def grid_campus(seed: int, width: int, ties: bool) -> Campus:
    """A grid with holes, one-way lanes, lanes for one kind, a few bays and shared resources.

    Args:
        ties: all lanes have round lengths, so that many ways take equally long.
    """
    chance = random.Random(seed)
    waypoints: dict[str, Waypoint] = {}
    for column in range(width):
        for row in range(width):
            role = Role.BAY if chance.random() < 0.2 else Role.JUNCTION
            name = f"place {column} {row}" if chance.random() < 0.3 else None
            resource = f"shared_{chance.randrange(4)}" if chance.random() < 0.2 else None
            jitter_m = 0.0 if ties else chance.random()
            each = Waypoint(
                f"w{chance.randrange(1000):03}_{column}_{row}",
                10.0 * column + jitter_m,
                10.0 * row,
                "ground",
                role,
                name,
                resource=resource,
            )
            waypoints[each.id] = each
    by_place = {tuple(each.id.split("_")[1:]): each for each in waypoints.values()}
    lanes: dict[str, Lane] = {}
    for (column, row), start in by_place.items():
        for step in ((1, 0), (0, 1)):
            end = by_place.get((str(int(column) + step[0]), str(int(row) + step[1])))
            if end is None or chance.random() < 0.2:
                continue
            feature_id = f"{start.id}-{end.id}"
            kinds = frozenset({"security"}) if chance.random() < 0.1 else None
            resource = f"shared_{chance.randrange(4)}" if chance.random() < 0.2 else None
            limit_mps = chance.choice(LIMITS_MPS)
            directions = [(feature_id, start, end), (f"{feature_id}~", end, start)]
            for identifier, here, there in directions[: chance.choice((1, 2, 2, 2))]:
                lanes[identifier] = Lane(
                    identifier,
                    here.id,
                    there.id,
                    (here.xy, there.xy),
                    math.dist(here.xy, there.xy),
                    2.0,
                    limit_mps,
                    "ground",
                    kinds=kinds,
                    resource=resource,
                    end_level="ground",
                )
    empty: dict[str, object] = {}
    return Campus(
        id=f"grid-{seed}",
        name="Grid",
        timezone="UTC",
        anchor=Anchor(30.0, 120.0),
        version=f"grid-{seed}-{width}-{ties}",
        levels={"ground": Level("ground", "Ground", 0.0)},
        waypoints=waypoints,
        lanes=lanes,
        zones={},
        assets={},
        buildings={},
        obstacles={},
        keep_clear={},
        boundary=None,
        document=empty,
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    campus = grid_campus(draw(st.integers(0, 10**6)), draw(st.integers(2, 7)), draw(st.booleans()))
    features = sorted({lane.feature_id for lane in campus.lanes.values()}) or ["none"]
    some = st.frozensets(st.sampled_from(features), max_size=len(features) // 4 + 1)
    limits = draw(st.dictionaries(st.sampled_from(features), st.sampled_from([0.25, 3.0])))
    held = st.frozensets(st.sampled_from([*features, *campus.waypoints, "shared_0"]), max_size=6)
    return Case(campus, draw(some), frozenset(limits.items()), draw(held))


def reference(case: Case, kind: KindSpec) -> nx.DiGraph[str]:
    """The graph as networkx has it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(case.campus.waypoints)
    limits = dict(case.limits)
    for lane in case.campus.lanes.values():
        if lane.admits(kind.name) and lane.feature_id not in case.closed:
            limit_mps = min(lane.speed_limit_mps, limits.get(lane.feature_id, math.inf))
            duration_s = lane.length_m / min(limit_mps, kind.max_speed_mps)
            graph.add_edge(lane.start, lane.end, duration_s=duration_s)
    return graph


def took_s(graph: nx.DiGraph[str], way: Iterable[str]) -> float:
    return sum(graph.edges[pair]["duration_s"] for pair in pairwise(way))


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_durations_and_ways_are_those_of_networkx(kind: KindSpec, case: Case) -> None:
    graph = reference(case, kind)
    expected = dict(nx.all_pairs_dijkstra_path_length(graph, weight="duration_s"))
    routes = Routes(case.campus, kind, case.closed, case.limits)
    places = list(case.campus.waypoints)
    matrix = routes.distances_s(places, places)
    for row, start in enumerate(places):
        for column, goal in enumerate(places):
            wanted = expected[start].get(goal)
            assert routes.duration_s(start, goal) == wanted
            assert matrix[row, column] == np.float32(math.inf if wanted is None else wanted)
            if wanted is None:
                with pytest.raises(NoRoute):
                    routes.path(start, goal)
                continue
            way = routes.path(start, goal)
            assert (way[0], way[-1]) == (start, goal)
            assert took_s(graph, way) == wanted
            assert routes.leg(start, goal).length_m == routes.length_m(way)


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_what_was_asked_before_does_not_show_in_an_answer(case: Case) -> None:
    kind = KINDS["security"]
    places = list(case.campus.waypoints)
    pairs = [(start, goal) for start in places[:6] for goal in places]
    used = Routes(case.campus, kind, case.closed, case.limits)
    for start, goal in pairs:
        fresh = Routes(case.campus, kind, case.closed, case.limits)
        if used.duration_s(start, goal) is not None:
            assert used.path(start, goal) == fresh.path(start, goal)
            assert used.leg(start, goal) == fresh.leg(start, goal)


@settings(max_examples=100, deadline=None)
@given(case=cases(), limit_s=st.sampled_from([0.0, 25.0, math.inf]), data=st.data())
def test_the_way_to_the_nearest_bay_passes_and_ends_in_nothing_that_is_held(
    case: Case, limit_s: float, data: st.DataObject
) -> None:
    campus, kind = case.campus, KINDS["security"]
    routes = Routes(campus, kind, case.closed, case.limits)
    places = sorted(campus.waypoints)
    start, home = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))
    avoid = data.draw(st.frozensets(st.sampled_from(places), max_size=3))
    named = data.draw(st.booleans())
    graph = reference(case, kind)
    for lane in campus.lanes.values():
        occupied = {lane.feature_id, lane.resource, lane.end, campus.waypoint(lane.end).resource}
        if occupied & case.held and graph.has_edge(lane.start, lane.end):
            graph.remove_edge(lane.start, lane.end)
    reached = nx.single_source_dijkstra_path_length(graph, start, limit_s, weight="duration_s")

    def fits(name: str) -> bool:
        each = campus.waypoint(name)
        if {each.id, each.resource} & (case.held | avoid):
            return False
        return each.is_bay and (named or each.name is None or each.id == home)

    good = [(duration_s, name) for name, duration_s in reached.items() if fits(name)]
    ends = routes.arrays.bays_for(home, named)
    way = routes.way_to_nearest(start, ends, limit_s, case.held, avoid)
    if not good:
        assert way is None
        return
    assert way is not None
    assert (took_s(graph, way), way[-1]) == min(good)


def test_of_ways_that_tie_the_one_by_the_first_ids_is_taken() -> None:
    campus = grid_campus(3, 8, ties=True)
    kind = KINDS["cleaning"]
    graph = reference(Case(campus, frozenset(), frozenset(), frozenset()), kind)
    routes = Routes(campus, kind)
    tied = 0
    for start in campus.waypoints:
        reached = nx.single_source_dijkstra_path_length(graph, start, weight="duration_s")
        for goal in reached:
            way = routes.path(start, goal)
            for before, here in pairwise(way):
                as_quick = [
                    each
                    for each in graph.predecessors(here)
                    if each in reached
                    and reached[each] + graph.edges[each, here]["duration_s"] == reached[here]
                ]
                tied += len(as_quick) > 1
                assert before == min(as_quick)
    assert tied > 100
