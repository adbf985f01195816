"""What a robot reports about itself, as plain values, and when it is to be published."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from campus_robot.battery import Battery
from campus_robot.errors import Fault
from campus_robot.executor import Run
from campus_robot.motion import Motion, Pose

PERIOD_S = 1.0
SHORTEST_PERIOD_S = 0.1


@dataclass(frozen=True, slots=True)
class Report:
    """The content of one RobotState. `covariance` is 3x3 of (x, y, theta), row by row."""

    order_id: str
    order_update_id: int
    order_active: bool
    last_node_id: str
    last_node_sequence_id: int
    distance_since_last_node_m: float
    driving: bool
    paused: bool
    new_base_request: bool
    pose: Pose
    covariance: tuple[float, ...]
    velocity: Motion
    level: str
    map_id: str
    map_version: str
    manager_epoch: int
    battery: Battery
    operating_mode: str
    stop_latched: bool
    stop_by: str
    stop_reason: str
    obstacle_stop: bool
    localized: bool
    heartbeat_lost: bool
    obstacle_distance_m: float = math.nan
    runs: tuple[Run, ...] = ()
    acknowledged: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = field(default=())

    def discrete(self) -> tuple[object, ...]:
        """What is published at once when it changes."""
        return (
            self.order_id,
            self.order_update_id,
            self.order_active,
            self.last_node_sequence_id,
            self.driving,
            self.paused,
            self.new_base_request,
            self.manager_epoch,
            self.battery.charging,
            self.operating_mode,
            self.stop_latched,
            self.obstacle_stop,
            self.localized,
            self.heartbeat_lost,
            tuple((run.action.action_id, run.status) for run in self.runs),
            self.acknowledged,
            tuple((fault.error_type, fault.since_s) for fault in self.faults),
        )


class StateClock:
    """Decides when a state is due: every second and on a change, at most ten times a second."""

    def __init__(self) -> None:
        self._last_s = -math.inf
        self._published: tuple[object, ...] = ()

    def due(self, report: Report, now_s: float) -> bool:
        """Whether to publish now; notes it as published when so. `now_s` may jump back."""
        age_s = abs(now_s - self._last_s)
        discrete = report.discrete()
        changed = discrete != self._published
        if age_s < PERIOD_S - 1e-6 and not (changed and age_s >= SHORTEST_PERIOD_S - 1e-6):
            return False
        self._last_s, self._published = now_s, discrete
        return True
