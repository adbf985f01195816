"""The fleet and the schedule that an imported map begins with, for people to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

MAX_ROBOTS = 12

_STARTER_KINDS: dict[str, dict[str, Any]] = {
    "security": {
        "skills": ["patrol", "respond", "inspect", "go_to", "charge"],
        "footprint_radius_m": 0.45,
        "max_speed_mps": 1.5,
        "max_acceleration_mps2": 0.8,
        "max_turn_rate_radps": 1.2,
        "battery": {"capacity_wh": 800, "idle_w": 35, "drive_w_per_mps": 60, "charge_w": 400},
    },
    "cleaning": {
        "skills": ["clean", "go_to", "charge"],
        "footprint_radius_m": 0.55,
        "max_speed_mps": 1.0,
        "max_acceleration_mps2": 0.6,
        "max_turn_rate_radps": 1.0,
        "battery": {
            "capacity_wh": 1600,
            "idle_w": 45,
            "drive_w_per_mps": 90,
            "tool_w": 250,
            "charge_w": 700,
        },
        "brush_width_m": 0.7,
    },
    "safety": {
        "skills": ["inspect", "patrol", "go_to", "charge"],
        "footprint_radius_m": 0.45,
        "max_speed_mps": 1.3,
        "max_acceleration_mps2": 0.7,
        "max_turn_rate_radps": 1.2,
        "battery": {
            "capacity_wh": 700,
            "idle_w": 40,
            "drive_w_per_mps": 55,
            "tool_w": 15,
            "charge_w": 400,
        },
    },
}


def kind_like_security(**changed: Any) -> dict[str, Any]:
    """A robot kind of fleet.yaml with the starter's figures where the source gives none."""
    return _STARTER_KINDS["security"] | changed


def starter_fleet(document: Mapping[str, Any], fleet: Mapping[str, Any] | None) -> str:
    """A fleet.yaml for a map.

    Args:
        fleet: kinds and robots that the map's source describes; None: security, cleaning and
            safety robots in turn, each with a dock of the map as its home, and one bay or
            dock to spare, so that two robots can change places. Without docks, one robot with
            a home that has yet to be drawn: `fleet map validate` says so.
    """
    if fleet is None:
        docks, bays = (_waypoints(document, role) for role in ("dock", "bay"))
        robots = max(1, min(len(docks), len(docks) + len(bays) - 1, MAX_ROBOTS))
        fleet = {"kinds": _STARTER_KINDS, "robots": _robots(docks[:robots] or ["dock_1"])}
    head = (
        "# A beginning: set the kinds and figures of your own robots. "
        "docs/map-format.md describes the form.\n"
    )
    return head + _yaml({"fleet": document["campus"]["id"], **fleet})


def starter_schedule() -> str:
    """A schedule.yaml without recurring work."""
    return "# Recurring work; docs/map-format.md describes the form.\n" + _yaml({"schedules": []})


def _waypoints(document: Mapping[str, Any], role: str) -> list[str]:
    """Ids of the waypoints of a role."""
    return [
        str(each["id"])
        for each in document["features"]
        if each["properties"]["feature"] == "waypoint" and each["properties"]["role"] == role
    ]


def _robots(homes: list[str]) -> list[dict[str, str]]:
    kinds = list(_STARTER_KINDS)
    return [
        {
            "name": f"{kinds[index % len(kinds)]}_{index // len(kinds) + 1}",
            "kind": kinds[index % len(kinds)],
            "home": home,
        }
        for index, home in enumerate(homes)
    ]


def _yaml(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
