"""A robots' network that loses, doubles, delays and overtakes what is said, both ways."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from typing import Protocol

from fleet_manager.adapters.ros.mailbox import Latest, Unacknowledged
from fleet_manager.adapters.ros.sense import Garbage, finite, share
from fleet_manager.core.order import InstantAction, Order
from fleet_manager.core.passage import PassageReport, PassageRequest
from fleet_manager.core.report import RobotReport

REPEAT_S = 1.0


@dataclass(frozen=True)
class Weather:
    """How bad the network is: chances of a message, and the longest delay, seconds."""

    lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0
    longest_s: float = 0.0


class Network:
    """Carries anything to somebody, some time, perhaps."""

    def __init__(self, chance: random.Random) -> None:
        self.weather = Weather()
        self._chance = chance
        self._under_way: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._last_s: dict[str, float] = {}

    def carry(self, now_s: float, deliver: Callable[[], None], in_order: str = "") -> None:
        """Have something delivered.

        Args:
            in_order: what has the same name arrives in the order in which it was sent, late or
                doubled, but it arrives; as ROS delivers the latest of a reliable topic.
        """
        weather, chance = self.weather, self._chance
        times = 1 + (chance.random() < weather.doubled)
        for _ in range(times):
            if not in_order and chance.random() < weather.lost:
                continue
            late_s = 0.0
            if chance.random() < weather.delayed:
                late_s = chance.uniform(0.0, weather.longest_s)
            due_s = now_s + late_s
            if in_order:
                due_s = self._last_s[in_order] = max(due_s, self._last_s.get(in_order, 0.0))
            self._number += 1
            heappush(self._under_way, (due_s, self._number, deliver))

    def deliver(self, now_s: float) -> None:
        """Everything that is due."""
        while self._under_way and self._under_way[0][0] <= now_s:
            heappop(self._under_way)[2]()


class Receiver(Protocol):
    """Robots and passages, as the link reaches them."""

    def order(self, order: Order, epoch: int) -> None:
        """A robot gets an order."""

    def act(self, robot: str, action: InstantAction, epoch: int) -> None:
        """A robot is told an instant action."""

    def ask(self, request: PassageRequest) -> None:
        """A passage is asked for."""

    def may_crash(self) -> None:
        """The manager may die between two messages."""


class FaultyLink:
    """`ports.RobotLink` of one life of the manager, with the adapter's own boxes and checks."""

    def __init__(
        self, network: Network, now_s: Callable[[], float], world: Receiver, epoch: int
    ) -> None:
        self.epoch = epoch
        self._network, self._now_s, self._world = network, now_s, world
        self._reports: Latest[RobotReport] = Latest(None)
        self._passages: Latest[PassageReport] = Latest(None)
        self._actions = Unacknowledged(REPEAT_S)
        self.refused = 0

    def hear(self, report: RobotReport) -> None:
        """What the adapter takes of a message: nothing of one that makes no sense."""
        try:
            for field in ("x_m", "y_m", "yaw_rad", "stamp_s", "speed_mps"):
                finite(field, getattr(report, field))
            if report.battery is not None and not math.isnan(report.battery):
                share("battery", report.battery)
        except Garbage:
            self.refused += 1
            return
        self._reports.put(report.robot, report)

    def hear_passage(self, report: PassageReport) -> None:
        self._passages.put(report.passage, report)

    def repeat(self) -> None:
        """Send what has not been acknowledged, again."""
        for robot, actions in self._actions.due(self._now_s()).items():
            for action in actions:
                self._network.carry(
                    self._now_s(), partial(self._world.act, robot, action, self.epoch)
                )

    # ports.RobotLink

    def take_reports(self) -> Sequence[RobotReport]:
        return self._reports.take()

    def take_passage_reports(self) -> Sequence[PassageReport]:
        return self._passages.take()

    def send_passage_request(self, request: PassageRequest) -> None:
        self._network.carry(self._now_s(), lambda: self._world.ask(request))

    def send_order(self, order: Order) -> None:
        self._world.may_crash()
        name = f"{order.robot} {self.epoch}"
        self._network.carry(self._now_s(), lambda: self._world.order(order, self.epoch), name)

    def send_instant_action(self, robot: str, action: InstantAction) -> None:
        self._world.may_crash()
        self._actions.add(robot, action)

    def settle_instant_actions(self, action_ids: Iterable[str]) -> None:
        self._actions.settle(action_ids)

    def heartbeat(self) -> None:
        return
