"""Builds the GeoJSON map of a campus from its plan; the same plan gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_manager.adapters.maps.network import LEVEL, Feature, Network, point, polygon
from fleet_manager.adapters.maps.plan import Plan
from fleet_manager.core.campus_geojson import campus_from_geojson


def build_document(plan: Plan) -> dict[str, Any]:
    """The map of a plan as a GeoJSON document.

    Raises:
        MapFormatError: the plan cannot be laid or gives a map that cannot be read; names what.
    """
    network = Network(plan)
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
    laid, accesses = network.lay()
    features = [*_grounds(plan), *_zones(plan), *laid, *_assets(plan, accesses)]
    document = {"type": "FeatureCollection", "campus": plan.campus, "features": features}
    campus_from_geojson(document)
    return document


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
