"""Joins docks that a person asks for to a network, each by a stub to the nearest lane."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapely.geometry import LineString, Point

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.osm_network import (
    APART_M,
    BEFORE_WALL_M,
    CLEAR_M,
    Network,
    Solids,
    Stop,
    Track,
)
from fleet_manager.adapters.maps.formats.projection import LatLon
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.geometry import Xy

_FURTHEST_M = 100.0
_BESIDE_M = 2.0  # a dock lies at least this far from the lane that leads to it
_AT_STOP_M = 1.5
_STUB = {"direction": "both", "width_m": 1.5, "speed_limit_mps": 0.5}


def join_docks(
    network: Network,
    docks: Sequence[tuple[LatLon, Xy]],
    level: str,
    solids: Solids,
    notes: Notes,
) -> None:
    """A waypoint of role dock at each place, joined to the nearest lane that can be reached.

    Args:
        docks: places as they were given and in the plane.
        level: on which the docks lie.

    Raises:
        MapFileError: a dock lies in a building, on another dock, or no lane is near or to be
            reached in a straight line; names the option.
    """
    placed: list[Xy] = []
    for number, (given, wanted) in enumerate(docks, 1):
        option = f"--dock {given[0]:g},{given[1]:g}"
        at = _beside(network, wanted, level, solids, placed)
        if at is None:
            raise MapFileError(
                f"{option}: there is no room for a dock: it lies on a lane or another dock, or "
                f"nearer than {BEFORE_WALL_M:g} m to a building or an obstacle",
                f"give a place {_BESIDE_M:g} m beside a lane",
            )
        if math.dist(at, wanted) > 0.01:
            notes.add("docks that lay on a lane were moved beside it", option)
        found = _join(network, at, level, solids, number)
        if found is None:
            raise MapFileError(
                f"{option}: no lane within {_FURTHEST_M:g} m leads to it in a straight line",
                "give a place beside a way of the file",
            )
        placed.append(at)


def _beside(
    network: Network, wanted: Xy, level: str, solids: Solids, placed: list[Xy]
) -> Xy | None:
    """The place itself, or the nearest one beside the lane that it lies on, with room."""
    near = _tracks(network, wanted, level)
    candidates = [wanted]
    if near and near[0].line.distance(Point(wanted)) < _AT_STOP_M:
        line = near[0].line
        along_m = line.project(Point(wanted))
        on = line.interpolate(along_m)
        ahead = line.interpolate(min(along_m + 0.1, line.length))
        behind = line.interpolate(max(along_m - 0.1, 0.0))
        heading = math.atan2(ahead.y - behind.y, ahead.x - behind.x)
        sides = [
            (
                on.x + side * _BESIDE_M * math.cos(heading + math.pi / 2),
                on.y + side * _BESIDE_M * math.sin(heading + math.pi / 2),
            )
            for side in (1.0, -1.0)
        ]
        candidates = sorted(sides, key=lambda each: math.dist(each, wanted))
    for at in candidates:
        lanes = [each for each in network.tracks if network.stops[each.start].level == level]
        clear = all(each.line.distance(Point(at)) >= APART_M for each in lanes)
        apart = all(math.dist(at, each) >= APART_M for each in placed)
        if clear and apart and not solids.near(Point(at), BEFORE_WALL_M):
            return at
    return None


def _join(network: Network, at: Xy, level: str, solids: Solids, number: int) -> str | None:
    for track in _tracks(network, at, level):
        line = track.line
        along_m = line.project(Point(at))
        foot = line.interpolate(along_m)
        stub = LineString([(foot.x, foot.y), at])
        if stub.length > _FURTHEST_M:
            return None
        if solids.near(stub, CLEAR_M):
            continue
        joint = _joint(network, track, along_m, number)
        dock = network.stop(Stop(f"dock_{number}", at, level, "dock", f"Dock {number}"))
        points = [network.stops[joint].at, at]
        name = f"dock_{number}_stub"
        network.tracks.append(Track(name, f"dock {number}", joint, dock, points, dict(_STUB)))
        return dock
    return None


def _joint(network: Network, track: Track, along_m: float, number: int) -> str:
    """A stop at which a stub begins: an end of the track that is near, or a new one."""
    whole_m = track.line.length
    for stop, off_m in ((track.start, along_m), (track.end, whole_m - along_m)):
        if off_m <= _AT_STOP_M and network.stops[stop].may_stop:
            return stop
    along_m = min(
        max(along_m, min(_AT_STOP_M, whole_m / 2)), max(whole_m - _AT_STOP_M, whole_m / 2)
    )
    identifier = f"dock_{number}_joint"
    network.cut(track, along_m, identifier)
    return identifier


def _tracks(network: Network, at: Xy, level: str) -> list[Track]:
    """Tracks that a stub may begin on, the nearest first."""
    usable = [
        each
        for each in network.tracks
        if network.stops[each.start].level == network.stops[each.end].level == level
        and each.structure is None
        and "dock" not in {network.stops[each.start].role, network.stops[each.end].role}
    ]
    return sorted(usable, key=lambda each: (each.line.distance(Point(at)), each.id))
