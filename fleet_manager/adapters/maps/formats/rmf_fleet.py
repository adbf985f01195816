"""The fleet that an Open-RMF building describes: robots that start at its chargers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.rmf_file import Building
from fleet_manager.adapters.maps.starter import kind_like_security


def graph_kinds(building: Building) -> dict[int, str]:
    """Robot kinds by navigation graph, if lanes are on more than one; else none."""
    used = sorted(
        {
            int(row.parameters.at("graph_idx").number(default=0.0))
            for level in building.levels.values()
            for row in level.lanes
        }
    )
    if len(used) < 2:
        return {}
    graphs = building.node.entries("graphs")
    kinds: dict[int, str] = {}
    for index in used:
        named = graphs[str(index)].at("name").text() if str(index) in graphs else ""
        kind = _name(named or f"graph_{index}")
        kinds[index] = kind if kind not in kinds.values() else f"{kind}_{index}"
    return kinds


def fleet_of(
    building: Building,
    kinds: Mapping[int, str],
    waypoints: Mapping[tuple[str, int], str],
    notes: Notes,
) -> Mapping[str, Any] | None:
    """Kinds and robots for fleet.yaml; None if no robot starts at a charger.

    Args:
        kinds: robot kinds by navigation graph, if there are several.
        waypoints: ids by level and vertex.
    """
    robots: dict[str, dict[str, str]] = {}
    for level in building.levels.values():
        for index, vertex in enumerate(level.vertices):
            parameters = vertex.at(4)
            name = parameters.at("spawn_robot_name").text()
            if not name:
                continue
            home = waypoints.get((level.name, index))
            if home is None or not parameters.at("is_charger").is_true:
                notes.add("robots that do not start at a charger are left out", name)
                continue
            graph = next(
                int(row.parameters.at("graph_idx").number(default=0.0))
                for row in level.lanes
                if index in (row.start, row.end)
            )
            model = parameters.at("spawn_robot_type").text().rpartition("/")[2]
            kind = kinds.get(graph) or _name(model or "robot")
            if _name(name) in robots:
                notes.add("two robots of one name: the first counts", name)
            robots.setdefault(_name(name), {"name": _name(name), "kind": kind, "home": home})
    if not robots:
        return None
    notes.add("sizes, speeds, batteries and skills of the robots are a beginning: set yours")
    described = dict.fromkeys([*(each["kind"] for each in robots.values()), *kinds.values()])
    return {
        "kinds": {kind: kind_like_security() for kind in described},
        "robots": list(robots.values()),
    }


def _name(text: str) -> str:
    """A name as fleet.yaml allows: lower case, digits, underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:50]
    return name if re.match(r"[a-z]", name) else f"robot_{name}".strip("_")
