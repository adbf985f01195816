"""Learns what a robot draws from its reports: its battery against the model, by stretches.

A stretch is a time away from a charger over which the model says that so much of the battery was
drawn that the battery can tell it apart from its own steps.
"""

from __future__ import annotations

import math

from fleet_manager.core.planning.energy_model import drawn_wh
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
    length_m = 0.0
    if before.driving or report.driving or _tool_on(report):
        length_m = math.dist((before.x_m, before.y_m), (report.x_m, report.y_m))
    slope = _slope(site, record, report)
    return drawn_wh(site.kind(report.robot), past_s, length_m, slope, tool=_tool_on(report))


def _at_dock(site: Site, record: RobotRecord) -> bool:
    """Whether a robot may be at a dock, which feeds it even when its battery is full."""
    if record.movement is not None:
        return record.movement.nodes[record.movement.passed].waypoint in site.dock_ids
    return not site.dock_ids.isdisjoint(record.at)


def _tool_on(report: RobotReport) -> bool:
    running = (each for each in report.action_states if each.status is ActionStatus.RUNNING)
    return any(each.action_type in TOOL_ACTIONS for each in running)


def _slope(site: Site, record: RobotRecord, report: RobotReport) -> float:
    """Of the lane that a robot is on by its order."""
    movement = record.movement
    if movement is None or site.kind(report.robot).mass_kg <= 0.0:
        return 0.0
    at = report.last_node_sequence_id // 2 - 1
    if report.order_id != movement.order_id or not 0 <= at < len(movement.nodes) - 1:
        return 0.0
    ends = (movement.nodes[at].waypoint, movement.nodes[at + 1].waypoint)
    edge = site.routes(report.robot).arrays.edge_between.get(ends)
    return 0.0 if edge is None else float(site.routes(report.robot).arrays.slope[edge])
