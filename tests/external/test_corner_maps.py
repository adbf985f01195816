"""Published corner cases of multi-robot path finding, as campuses with and without bays.

The instances of PIBT's authors (`mapf_corner`): robots that have to swap in a corridor, in a tree
and around a loop with a chain. On them every cell is where somebody rests, so that nobody may stop
without being in the way: as they are, they are refused. With a bay beside each start and goal and
one to spare, all robots are served.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from benchmarks.road_graph.site import Site
from fleet_manager.adapters.maps import load_campus, load_fleet, validate
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig, RobotSpec
from tests.property.traffic_drive import Driving
from tests.unit.campus_documents import Json, lane, tiny_document, waypoint

INSTANCES = ("loop-chain", "tree", "tunnel")
CELL_M, BAY_M = 10.0, 3.0

Cell = tuple[int, int]


@dataclass(frozen=True)
class Instance:
    """Free cells of a grid, and where each robot begins and is to end."""

    cells: frozenset[Cell]
    starts: tuple[Cell, ...]
    goals: tuple[Cell, ...]


def read(folder: Path, name: str) -> Instance:
    rows = (folder / f"{name}.map").read_text().split("map\n", 1)[1].splitlines()
    cells = {(x, y) for y, row in enumerate(rows) for x, each in enumerate(row) if each == "."}
    lines = (folder / f"{name}.txt").read_text().split()
    ways = [tuple(map(int, each.split(","))) for each in lines if each.count(",") == 3]
    starts, goals = ((way[0], way[1]) for way in ways), ((way[2], way[3]) for way in ways)
    return Instance(frozenset(cells), tuple(starts), tuple(goals))


def campus_of(instance: Instance, leaves: bool) -> Campus:
    """A campus of streets from cell to cell.

    Args:
        leaves: robots rest in bays beside the cells, and there is one more; not on the cells.
    """
    resting = {*instance.starts, *instance.goals}
    points: dict[str, Json] = {}
    lanes: list[Json] = []
    for x, y in sorted(instance.cells):
        role = "junction" if leaves or (x, y) not in resting else "bay"
        points[f"{x}_{y}"] = waypoint(f"{x}_{y}", CELL_M * x, CELL_M * y, role)
    for x, y in sorted(instance.cells):
        near = (f"{x + 1}_{y}", f"{x}_{y + 1}")
        lanes += [lane(points[f"{x}_{y}"], points[each]) for each in near if each in points]
    if leaves:
        bays = [(f"bay_{x}_{y}", x, y, BAY_M) for x, y in sorted(resting)]
        x, y = min(resting)
        bays.append(("bay_spare", x, y, -BAY_M))
        for name, x, y, aside_m in bays:
            points[name] = waypoint(name, CELL_M * x + BAY_M, CELL_M * y + aside_m, "bay")
            lanes.append(lane(points[f"{x}_{y}"], points[name]))
    document = tiny_document()
    kept = ("level", "boundary")
    features = [each for each in document["features"] if each["properties"]["feature"] in kept]
    document["features"] = [*features, *points.values(), *lanes]
    return campus_from_geojson(document)


def fleet_of(root: Path, robots: int) -> FleetConfig:
    folder = root / "maps" / "canalside"
    fleet = load_fleet(folder, load_campus(folder))
    specs = {f"r{at}": RobotSpec(f"r{at}", "security") for at in range(robots)}
    return FleetConfig("corner", {"security": fleet.kinds["security"]}, specs, fleet.policy)


@pytest.fixture(params=INSTANCES)
def instance(reference_data: Path, request: pytest.FixtureRequest) -> Instance:
    return read(reference_data / "mapf_corner", request.param)


def test_an_instance_without_bays_is_refused_with_the_reason(
    instance: Instance, root: Path
) -> None:
    found = validate(campus_of(instance, leaves=False), fleet_of(root, len(instance.starts)))
    reasons = {each.check: each for each in found}
    assert "spare_bay" in reasons or "well_formed" in reasons
    for check in ("spare_bay", "well_formed"):
        if check in reasons:
            assert reasons[check].severity.name == "ERROR"
            assert reasons[check].problem
            assert reasons[check].remedy


def test_robots_that_rest_on_a_street_are_named_as_in_the_way(
    reference_data: Path, root: Path
) -> None:
    """In the tunnel's corridor 2, 3, 4 and 5 are bays: from 2 to 5 one drives through 3 and 4."""
    instance = read(reference_data / "mapf_corner", "tunnel")
    found = validate(campus_of(instance, leaves=False), fleet_of(root, 4))
    blocked = [each for each in found if each.check == "well_formed"]
    assert blocked
    assert all("where a robot may rest" in each.problem for each in blocked)


@pytest.mark.parametrize("seed", range(3))
def test_an_instance_with_bays_is_well_formed_and_everybody_is_served(
    instance: Instance, root: Path, seed: int
) -> None:
    print(f"seed {seed}")
    campus, fleet = campus_of(instance, leaves=True), fleet_of(root, len(instance.starts))
    hindering = {"well_formed", "spare_bay", "connected", "trap", "bay_reachable"}
    assert not hindering & {each.check for each in validate(campus, fleet)}
    site = Site(campus, fleet.kinds["security"])
    node = {site.ids[bay]: int(bay) for bay in site.bays}
    starts = [node[f"bay_{x}_{y}"] for x, y in instance.starts]
    goals = [node[f"bay_{x}_{y}"] for x, y in instance.goals]
    random = Random(seed)
    Driving(site.network, site.units, starts, site.bays.tolist(), random).serve(goals)
