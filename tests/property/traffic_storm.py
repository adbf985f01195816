"""What befalls robots and messages in the traffic explorer, as bad as its seed has it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from fleet_manager.app.gate import InstantActionFor
from fleet_manager.core.order import InstantActionType, Order
from tests.faults.link import FaultyLink, Weather
from tests.faults.robots import FaultyRobot


@dataclass
class Fate:
    """How bad it gets: drawn from the seed; nothing after the storm.

    Attributes:
        dies: chance of the manager's end with each command and message; the others are a second's.
    """

    weather: Weather = field(default_factory=Weather)
    in_order: bool = True
    wish: float = 0.0
    dies: float = 0.0
    befalls: float = 0.0
    slow: float = 0.0
    close: float = 0.0

    @classmethod
    def of(cls, chance: random.Random) -> Fate:
        """Some seeds are mild, some have one thing at its worst, some all of it."""

        def rate(most: float) -> float:
            return chance.choice([0.0, 0.0, most / 5, most])

        return cls(
            Weather(rate(0.4), rate(0.3), rate(0.5), chance.choice([2.0, 10.0, 60.0])),
            chance.random() < 0.5,
            chance.choice([0.05, 0.2]),
            rate(0.003),
            rate(0.05),
            rate(0.1),
            rate(0.05),
        )


@dataclass
class Driver(FaultyRobot):
    """A robot that is late: it takes `slow` times as long for all, or stands for a while."""

    slow: float = 1.0
    stands_s: float = 0.0
    dead_s: float = 0.0

    def step(self, dt_s: float) -> None:
        """Live for a while."""
        if not self.alive:
            self.dead_s -= dt_s
            if self.dead_s <= 0:
                self.reboot()
            return
        self.stands_s -= dt_s
        if self.stands_s <= 0:
            super().step(dt_s / self.slow)

    def take(self, order: Order) -> None:
        """Take an order as the protocol says: what is older than what it has is dropped."""
        held = self.order
        same = held is not None and held.order_id == order.order_id
        if held is not None and same and order.order_update_id <= held.order_update_id:
            return
        if not same or self.active:
            super().take(order)

    def do(self, message: InstantActionFor) -> None:
        """Carry out an instant action; an order that is cancelled before it comes has ended."""
        if self.alive and message.action.action_type is InstantActionType.CANCEL_ORDER:
            self.seen.add(message.action.parameters["order_id"])
        super().do(message)


class OrderLink(FaultyLink):
    """Orders may be lost and overtake each other too, where the seed says so."""

    in_order = True

    def send_order(self, order: Order) -> None:
        if self.in_order:
            super().send_order(order)
            return
        self._world.may_crash()
        self._network.carry(self._now_s(), lambda: self._world.order(order, self.epoch))
