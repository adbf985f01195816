"""Says whether a fleet can work on a campus: the checks beyond the form of the files."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_manager.adapters.maps.clearance import Room
from fleet_manager.adapters.maps.finding import Finding
from fleet_manager.adapters.maps.reach import check_bases, check_reach
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig, KindSpec


def validate(campus: Campus, fleet: FleetConfig) -> list[Finding]:
    """Everything that would keep robots of a fleet from working on a campus, or endanger them.

    docs/map-format.md lists the checks. The result is empty if all is well.
    """
    findings = [
        *_unknown_kinds(campus, fleet),
        *_docks(campus, fleet),
        *check_bases(campus),
        *_room(campus, fleet).findings(),
    ]
    for kind in fleet.kinds:
        findings.extend(check_reach(campus, kind))
    return findings


def _room(campus: Campus, fleet: FleetConfig) -> Room:
    kinds: list[KindSpec] = list(fleet.kinds.values())
    sweepers = [kind for kind in kinds if kind.brush_width_m is not None]
    return Room(
        campus=campus,
        radius_m=max((kind.footprint_radius_m for kind in kinds), default=0.0),
        sweep_radius_m=max((kind.footprint_radius_m for kind in sweepers), default=0.0),
        brush_width_m=min((kind.brush_width_m or 0.0 for kind in sweepers), default=0.0),
    )


def _unknown_kinds(campus: Campus, fleet: FleetConfig) -> Iterator[Finding]:
    for lane in campus.lanes.values():
        for kind in sorted((lane.kinds or frozenset()) - fleet.kinds.keys()):
            yield Finding(
                "kinds",
                lane.feature_id,
                f"lane {lane.id} is for robots of the kind {kind!r}, which the fleet does not have",
                f"kinds of the fleet are {', '.join(fleet.kinds)}",
            )


def _docks(campus: Campus, fleet: FleetConfig) -> Iterator[Finding]:
    docks = {dock.id for dock in campus.docks}
    if len(docks) < len(fleet.robots):
        yield Finding(
            "docks",
            campus.id,
            f"{len(fleet.robots)} robots have {len(docks)} docks",
            "draw a dock for each robot",
        )
    for robot in fleet.robots.values():
        if robot.home not in docks:
            yield Finding(
                "docks",
                robot.name,
                f"the home {robot.home} of {robot.name} is no dock of the map",
                "correct its home in fleet.yaml or draw the dock",
            )
