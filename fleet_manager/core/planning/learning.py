"""Learns what a robot draws from its reports: its battery against the model, by stretches.

A stretch is a time away from a charger over which the model says that so much of the battery was
drawn that the battery can tell it apart from its own steps.
"""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
from msgspec import Struct

from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.planning.energy_model import drawn_wh, drive_wh
from fleet_manager.core.report import ActionStatus, RobotReport
from fleet_manager.core.robot import RobotRecord
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState, Learning

STRETCH = 0.02
"""Share of the battery that a stretch draws by the model."""
STEP = 0.001
"""Standard deviation of a reported state of charge."""
GAP_S = 30.0
"""After so long without a word nobody knows what a robot has done: its stretch begins anew."""
TOOL_ACTIONS = frozenset({"clean_zone"})


def observe(state: FleetState, before: RobotReport | None, report: RobotReport) -> None:
    """Add what happened between two reports of a robot to its stretch; at its end, learn.

    Changes the telemetry alone; what has been learned gets into the log by `ConsumptionLearned`.
    """
    record = state.robots.get(report.robot)
    if record is None or report.battery is None:
        return
    learning = state.telemetry.learning.get(report.robot)
    if learning is None:
        learning = Learning(record.consumption)
        state.telemetry.learning[report.robot] = learning
    drawn = None if before is None else _drawn_wh(state.site, record, before, report)
    if drawn is None or learning.begun_at is None:
        learning.begun_at, learning.predicted_wh = report.battery, 0.0
        return
    learning.predicted_wh += drawn
    capacity_wh = state.site.kind(report.robot).battery.capacity_wh
    if learning.predicted_wh < STRETCH * capacity_wh:
        return
    used_wh = (learning.begun_at - report.battery) * capacity_wh
    noise_wh = math.sqrt(2.0) * STEP * capacity_wh
    learning.consumption = learning.consumption.after(learning.predicted_wh, used_wh, noise_wh)
    learning.begun_at, learning.predicted_wh = report.battery, 0.0


def _drawn_wh(
    site: Site, record: RobotRecord, before: RobotReport, report: RobotReport
) -> float | None:
    """What the model says was drawn between two reports; None: nobody can say."""
    past_s = report.stamp_s - before.stamp_s
    if before.charging or report.charging or before.battery is None or _at_dock(site, record):
        return None
    if before.boot_id != report.boot_id or not 0.0 <= past_s <= GAP_S:
        return None
    tool = _tool_on(report)
    kind = site.kind(report.robot)
    drawn = drawn_wh(kind, past_s, 0.0, 0.0, tool=tool)
    if tool:
        return drawn + drive_wh(kind, _swept_m(before, report), 0.0)
    if not (before.driving or report.driving):
        return drawn
    driven = _driven(site, record, before, report)
    return drawn + sum(drive_wh(kind, length_m, 0.0, slope) for length_m, slope in driven)


def _at_dock(site: Site, record: RobotRecord) -> bool:
    """Whether a robot may be at a dock, which feeds it even when its battery is full."""
    if record.movement is not None:
        return record.movement.nodes[record.movement.passed].waypoint in site.dock_ids
    return not site.dock_ids.isdisjoint(record.at)


def _tool_on(report: RobotReport) -> bool:
    running = (each for each in report.action_states if each.status is ActionStatus.RUNNING)
    return any(each.action_type in TOOL_ACTIONS for each in running)


def _swept_m(before: RobotReport, report: RobotReport) -> float:
    """How far a robot came on its sweep between two reports; straight where it does not tell."""
    tells = [_covered(each) for each in (before, report)]
    if tells[0] is not None and tells[1] is not None and tells[0][0] == tells[1][0]:
        return max(0.0, tells[1][1] - tells[0][1])
    return math.dist((before.x_m, before.y_m), (report.x_m, report.y_m))


class _Sweep(Struct):
    """What a robot tells of a sweep that is under way (docs/protocol.md)."""

    covered_m: float


def _covered(report: RobotReport) -> tuple[str, float] | None:
    """The sweep that a robot is at, and how far it has come on its path."""
    for each in report.action_states:
        if each.status is ActionStatus.RUNNING and each.action_type in TOOL_ACTIONS:
            try:
                told = msgspec.json.decode(each.result_json, type=_Sweep)
            except msgspec.MsgspecError:
                return None
            return each.action_id, told.covered_m
    return None


def _driven(
    site: Site, record: RobotRecord, before: RobotReport, report: RobotReport
) -> list[tuple[float, float]]:
    """Metres driven between two reports on each lane of the order, and the slope of the lane.

    Off the way of an order, and where another order came between: straight and level.
    """
    straight_m = math.dist((before.x_m, before.y_m), (report.x_m, report.y_m))
    movement = record.movement
    ids = {before.order_id, report.order_id}
    if movement is None or ids != {movement.order_id}:
        return [(straight_m, 0.0)]
    first, last = (each.last_node_sequence_id // 2 - 1 for each in (before, report))
    if not 0 <= first <= last < len(movement.nodes):
        return [(straight_m, 0.0)]
    campus = site.campus
    names = [node.waypoint for node in movement.nodes[first : last + 2]]
    try:
        lanes = [campus.lane_between(*ends) for ends in pairwise(names)]
    except UnknownFeature:  # of an earlier map
        return [(straight_m, 0.0)]
    driven = []
    for at, lane in enumerate(lanes, start=first):
        from_m = before.distance_since_last_node_m if at == first else 0.0
        until_m = report.distance_since_last_node_m if at == last else lane.length_m
        if lane.lift is None:
            driven.append((max(0.0, until_m - from_m), lane.slope))
    return driven
