"""Builds the GeoJSON map of a campus from its plan; the same plan gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from fleet_manager.adapters.maps.generator.block_plan import Rules
from fleet_manager.adapters.maps.generator.blocks import draw_cells, join_to_roads
from fleet_manager.adapters.maps.generator.draw import LEVEL, Feature, point, polygon
from fleet_manager.adapters.maps.generator.furnish import (
    bays_by_roads,
    cameras_at_junctions,
    hydrants,
    sectors,
)
from fleet_manager.adapters.maps.generator.lattice import Lattice, lattice
from fleet_manager.adapters.maps.generator.network import Network
from fleet_manager.adapters.maps.generator.plan import Plan, Road
from fleet_manager.adapters.maps.generator.sheet import Sheet
from fleet_manager.adapters.maps.generator.terrain import draw_courses, draw_parts, part_areas
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson


def build_document(plan: Plan) -> dict[str, Any]:
    """The map of a plan as a GeoJSON document.

    Raises:
        MapFormatError: the plan cannot be laid or gives a map that cannot be read; names what.
    """
    return build_campus(plan)[0]


def build_campus(
    plan: Plan, step: Callable[[str], None] = lambda _: None
) -> tuple[dict[str, Any], Campus]:
    """The map of a plan as a GeoJSON document, and the campus that is read from it.

    Args:
        step: is told what is done next.

    Raises:
        MapFormatError: the plan cannot be laid or gives a map that cannot be read; names what.
    """
    step("fitting blocks between roads")
    plan = with_segments(plan)
    lattices = [lattice(plan, block, _rules(plan).block_setback_m) for block in plan.blocks]
    plan = with_lattices(plan, lattices)
    network = Network(plan)
    sheet = Sheet(plan, network, _rules(plan), part_areas(plan))
    for dock_row in plan.docks:
        for number in range(dock_row.count):
            at = tuple(dock_row.first[axis] + number * dock_row.step[axis] for axis in (0, 1))
            identifier = f"{dock_row.prefix}{number + 1}"
            network.add_bay(identifier, (at[0], at[1]), dock_row.joins, role="dock")
    for place in plan.places:
        network.add_bay(place.id, place.at, name=place.name)
    for bay in plan.bays:
        network.add_bay(bay.id, bay.at, bay.joins)
    for zone in plan.zones:
        if zone.access is not None:
            network.add_bay(f"{zone.id}_access", zone.access, zone.joins)
    for crossing in plan.crossings:
        network.add_crossing(crossing.id, crossing.at, crossing.joins)
    for asset in plan.assets:
        network.add_access(asset.id, asset.at, asset.joins)
    if plan.parts:
        _draw_site(sheet, lattices, step)
    step("laying waypoints and lanes")
    laid, accesses = network.lay()
    sheet.finish()
    boundary, *built = _grounds(plan)
    features = [boundary, *sheet.ground, *built, *sheet.built, *_zones(plan), *sheet.zones]
    features += [*laid, *_assets(plan, accesses), *sheet.things]
    document = {"type": "FeatureCollection", "campus": plan.campus, "features": features}
    step("reading the map back")
    return document, campus_from_geojson(document)


def with_segments(plan: Plan) -> Plan:
    """The plan with each road that passes junctions on its way as several roads."""
    roads: list[Road] = []
    for road in plan.roads:
        cuts = [0]
        for index, step in enumerate(road.line[1:-1], 1):
            if isinstance(step, str):
                cuts.append(index)
        cuts.append(len(road.line) - 1)
        if len(cuts) == 2:
            roads.append(road)
            continue
        for number, (begin, end) in enumerate(pairwise(cuts), 1):
            line = road.line[begin : end + 1]
            roads.append(replace(road, id=f"{road.id}_{number}", line=line))
    return replace(plan, roads=roads)


def with_lattices(plan: Plan, lattices: list[Lattice]) -> Plan:
    """The plan with the paths of its blocks."""
    junctions = dict(plan.junctions)
    roads = list(plan.roads)
    for made in lattices:
        junctions |= made.junctions
        roads += made.paths
    return replace(plan, junctions=junctions, roads=roads)


def _rules(plan: Plan) -> Rules:
    return plan.rules or Rules()


def _draw_site(sheet: Sheet, lattices: list[Lattice], step: Callable[[str], None]) -> None:
    """Parts, canals, blocks, and what is laid by rule."""
    step("canals, public roads, blocks and floors")
    draw_parts(sheet)
    draw_courses(sheet)
    for made in lattices:
        join_to_roads(sheet, made)
    for made in lattices:
        draw_cells(sheet, made)
    step("what is laid by rule")
    sheet.network.fill(sheet.rules.waypoint_every_m, sheet.rules.path_waypoint_every_m)
    bays_by_roads(sheet)
    hydrants(sheet)
    cameras_at_junctions(sheet)
    sectors(sheet, lattices)


def document_text(document: Mapping[str, Any]) -> str:
    """The document as JSON with one feature a line, so that a change can be read in a diff."""
    head = {key: value for key, value in document.items() if key != "features"}
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    lines = (json.dumps(feature, ensure_ascii=False) for feature in document["features"])
    return f'{opening}, "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _grounds(plan: Plan) -> Iterator[Feature]:
    yield polygon("boundary", [plan.boundary], {"feature": "boundary"})
    for building in plan.buildings:
        properties = {"feature": "building", "name": building.name, "level": LEVEL}
        yield polygon(building.id, [building.outline, *building.holes], properties)
    for obstacle in plan.obstacles:
        properties = {"feature": "obstacle", "level": LEVEL}
        yield polygon(obstacle.id, [obstacle.outline, *obstacle.holes], properties)
    for area in plan.keep_clear:
        properties = {"feature": "keep_clear", "level": LEVEL}
        yield polygon(area.id, [area.outline, *area.holes], properties)


def _zones(plan: Plan) -> Iterator[Feature]:
    for zone in plan.zones:
        properties = {
            "feature": "zone",
            "name": zone.name,
            "level": LEVEL,
            "purpose": zone.purpose,
            "surface": zone.surface,
        }
        if zone.access is not None:
            properties["access"] = f"{zone.id}_access"
        yield polygon(zone.id, [zone.outline, *zone.holes], properties)


def _assets(plan: Plan, accesses: Mapping[str, str]) -> Iterator[Feature]:
    for asset in plan.assets:
        properties = {
            "feature": "asset",
            "name": asset.name,
            "level": LEVEL,
            "kind": asset.kind,
            "access": accesses[asset.id],
            "due_interval_days": asset.days,
        }
        yield point(asset.id, asset.at, properties)
