"""Maps that are published while the manager runs: read and checked as those of files are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_manager.adapters.maps.campus_file import check_schema
from fleet_manager.adapters.maps.checks.validate import validate
from fleet_manager.app.map_library import MapLibrary
from fleet_manager.app.map_publishing import MapPublisher
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig


def map_publisher(library: MapLibrary, fleet: FleetConfig) -> MapPublisher:
    """The publisher of a fleet's maps."""
    return MapPublisher(library, fleet, _read, _examine)


def _read(document: Mapping[str, Any]) -> Campus:
    campus = campus_from_geojson(document)
    check_schema(document)
    return campus


def _examine(campus: Campus, fleet: FleetConfig) -> list[dict[str, Any]]:
    return [each.as_json() for each in validate(campus, fleet)]
