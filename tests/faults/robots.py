"""Robots that follow orders as robots do, and lie, fall silent, reboot and are carried about."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from fleet_manager.app.gate import InstantActionFor
from fleet_manager.core.order import InstantActionType, Order
from fleet_manager.core.report import ActionState, ActionStatus, ErrorLevel, RobotError, RobotReport
from tests.sim.robots import FakeRobot


class Lie(StrEnum):
    """What a robot says that is not so, or makes no sense."""

    NONE = "none"
    AHEAD = "ahead"
    BEHIND = "behind"
    ELSEWHERE = "elsewhere"
    NONSENSE = "nonsense"
    BATTERY = "battery"
    ACTIONS = "actions"
    OTHER_ORDER = "other order"
    FAULT = "fault"


@dataclass
class FaultyRobot(FakeRobot):
    """A robot that drops what it has seen, refuses what it cannot do, and may lie.

    Attributes:
        epoch: of the newest manager that it has heard.
        seen: ids of the orders that it has had.
        honest: it has not lied in what others rely on, and stands where it drove itself.
    """

    epoch: int = 0
    seen: set[str] = field(default_factory=set)
    refusal: RobotError | None = None
    lie: Lie = Lie.NONE
    honest: bool = True

    def hears(self, epoch: int) -> bool:
        """Whether it takes a word of a manager of this epoch."""
        self.epoch = max(self.epoch, epoch) if self.alive else self.epoch
        return self.alive and epoch >= self.epoch

    def take(self, order: Order) -> None:
        """Take an order, an update of the one held, or refuse."""
        update = self.order is not None and self.order.order_id == order.order_id
        if not update and (order.order_id in self.seen or not self.alive):
            return
        if update and self.active and not self._goes_on_from_here(order):
            self._refuse(order, "base_changed", "it is not where the update begins")
            return
        first = order.nodes[0]
        off_m = math.dist((self.x_m, self.y_m), (first.x_m, first.y_m))
        if not update and not self.active and off_m > first.allowed_deviation_xy_m:
            self._refuse(order, "node_unreachable", f"{first.node_id} is {off_m:.1f} m away")
            return
        if update or not self.active:
            self.seen.add(order.order_id)
            self.refusal = None
            super().take(order)

    def _goes_on_from_here(self, order: Order) -> bool:
        numbers = {node.sequence_id for node in order.nodes}
        ahead = self.target is None or self.target.sequence_id in numbers
        return ahead and (self.last_sequence in numbers or self.last_sequence == 0)

    def _refuse(self, order: Order, why: str, told: str) -> None:
        self.refusal = RobotError(
            why,
            ErrorLevel.WARNING,
            told,
            order_id=order.order_id,
            order_update_id=order.order_update_id,
        )

    def do(self, message: InstantActionFor) -> None:
        """Carry out an instant action; an order is not taken any more once it is cancelled."""
        super().do(message)
        if self.alive and message.action.action_type is InstantActionType.CANCEL_ORDER:
            self.seen.add(message.action.parameters["order_id"])

    def carry_to(self, x_m: float, y_m: float) -> None:
        """Somebody carries it away."""
        self.x_m, self.y_m, self.honest = x_m, y_m, False
        self._drop()

    def says(self, now_s: float, chance: random.Random) -> RobotReport:
        """Its report, true or not."""
        report = self.report(now_s)
        if self.refusal is not None:
            report = msgspec.structs.replace(report, errors=(self.refusal,))
        if self.lie in {Lie.AHEAD, Lie.ACTIONS, Lie.OTHER_ORDER, Lie.ELSEWHERE, Lie.FAULT}:
            self.honest = False
        return told(self.lie, report, chance)


def told(lie: Lie, report: RobotReport, chance: random.Random) -> RobotReport:
    """A report as a lie makes it."""
    replace = msgspec.structs.replace
    match lie:
        case Lie.AHEAD:
            return replace(report, last_node_sequence_id=chance.choice([2, 8, 40, 2_000_000]))
        case Lie.BEHIND:
            return replace(report, last_node_sequence_id=chance.choice([0, -2, 1]))
        case Lie.ELSEWHERE:
            return replace(report, x_m=chance.uniform(-2e3, 2e3), y_m=chance.uniform(-2e3, 2e3))
        case Lie.NONSENSE:
            field = chance.choice(["x_m", "y_m", "yaw_rad", "stamp_s", "battery", "speed_mps"])
            return replace(report, **{field: chance.choice([math.nan, math.inf, -math.inf])})
        case Lie.BATTERY:
            return replace(report, battery=chance.choice([0.0, 1.0, None]), charging=True)
        case Lie.ACTIONS:
            return replace(report, action_states=_invented(report, chance))
        case Lie.OTHER_ORDER:
            return replace(report, order_id="order-of-yesterday", order_active=True)
        case Lie.FAULT:
            broken = RobotError("motor", ErrorLevel.FATAL, "it smells")
            return replace(report, errors=(broken,))
    return report


def _invented(report: RobotReport, chance: random.Random) -> tuple[ActionState, ...]:
    """Actions that nobody asked for, and asked ones in any state."""
    states = [
        msgspec.structs.replace(each, status=chance.choice(list(ActionStatus)))
        for each in report.action_states
    ]
    identifiers = ["", "nonsense", "patrol-1/1/1", "clean-1/99/1", "patrol-1/-1/1", "patrol-1/²/1"]
    for identifier in identifiers:
        status = chance.choice(list(ActionStatus))
        states.append(ActionState(identifier, "patrol_site", "patrol-1", status))
    return tuple(states)
