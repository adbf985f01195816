"""Charge policies on energies alone: the manager's own, and fixed thresholds beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from benchmarks.energy.robots import Robot
from fleet_manager.core.planning import charging
from fleet_manager.core.planning.charging import Option
from fleet_manager.core.planning.energy_model import charge_s

if TYPE_CHECKING:
    from benchmarks.energy.days import World

MARGIN_S = 300.0
"""Robots come in while there is so much time left."""


class Rules(Protocol):
    """A charge policy: what robots may do next, and who has a dock."""

    def may_go(self, world: World, robot: Robot, then: Robot, takes_s: float) -> bool:
        """Whether a robot may do what leaves it as `then`, after so many seconds."""

    def dock_for(self, world: World, robot: Robot, *, forced: bool) -> int:
        """At which dock a robot that comes in charges; forced: it cannot at its own."""

    def next_at(self, world: World, dock: int) -> Robot | None:
        """Who of those that wait for a dock has it next."""

    def leaves(self, world: World, robot: Robot) -> bool:
        """Whether a robot leaves its dock to those that wait."""

    def ready(self, world: World, robot: Robot) -> bool:
        """Whether a robot at a dock has charged enough for work."""

    def low(self, world: World, robot: Robot) -> bool:
        """Whether a robot that has done its task charges before the next."""


class Ours:
    """The manager's policy, by the functions that it decides with."""

    def may_go(self, world: World, robot: Robot, then: Robot, takes_s: float) -> bool:
        """While every one of those that count on its dock, or on another, gets there in time."""
        others = world.claims(robot.dock, but=robot)
        claims = [*others, world.claim(then, robot.dock, takes_s)]
        if robot.name not in charging.to_come_in(claims, MARGIN_S):
            return True
        options = [
            Option(str(dock), world.claim(then, dock, takes_s), world.claims(dock, but=robot))
            for dock in world.docks_near(robot)
        ]
        choice = charging.choose(options)
        if choice is not None and choice.slack_s > MARGIN_S:
            world.count_on(robot, int(choice.dock))
            return True
        return False

    def dock_for(self, world: World, robot: Robot, *, forced: bool) -> int:
        """The one it counts on, or a nearer one at which there is time for everybody."""
        options = [
            Option(
                str(dock),
                world.claim(robot, dock),
                world.claims(dock, but=robot),
                self._queue_s(world, dock, robot) + charging.KEPT_S * (dock != robot.dock),
            )
            for dock in world.docks_near(robot)
            if not (forced and dock == robot.dock)
        ]
        choice = charging.choose(options)
        if choice is None:
            return robot.dock
        if forced and choice.slack_s <= 0.0:
            world.figures.alerts += 1
        easy = choice.slack_s >= charging.EASY_S
        return int(choice.dock) if forced or easy else robot.dock

    def _queue_s(self, world: World, dock: int, but: Robot) -> float:
        """What those take that charge at a dock, or are to."""
        before = [each for each in world.at[dock] if each.wants and each is not but]
        return sum(
            charge_s(each.battery, each.charge_wh, world.enough * each.battery.capacity_wh)
            for each in before
        )

    def next_at(self, world: World, dock: int) -> Robot | None:
        """The one that can wait least."""
        waiting = {r.name: r for r in world.waiting(dock)}
        name = charging.next_at(world.claims(dock), waiting)
        return None if name is None else waiting[name]

    def leaves(self, world: World, robot: Robot) -> bool:
        """With enough for work, or sooner where somebody cannot wait for that."""
        if not world.waiting(robot.dock):
            return False
        capacity_wh = robot.battery.capacity_wh
        full_wh, enough_wh = world.policy.charge_to * capacity_wh, world.enough * capacity_wh
        return charging.gives_up(world.claims(robot.dock), enough_wh, full_wh, MARGIN_S)

    def ready(self, world: World, robot: Robot) -> bool:
        """From where it may be called away."""
        return robot.charge_wh >= world.enough * robot.battery.capacity_wh

    def low(self, world: World, robot: Robot) -> bool:
        """By the fleet's policy."""
        return robot.charge_wh < world.policy.charge_below * robot.battery.capacity_wh


class Fixed:
    """The usual: below a threshold to the dock with the least queue, and full before it leaves."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def may_go(self, world: World, robot: Robot, then: Robot, takes_s: float) -> bool:
        """While it is above the threshold."""
        return robot.charge_wh >= self.threshold * robot.battery.capacity_wh

    def dock_for(self, world: World, robot: Robot, *, forced: bool) -> int:
        """An hour for everyone that is there or bound there, beside the way."""
        costs = {}
        for dock in world.docks_near(robot):
            if not (forced and dock == robot.dock):
                bound = sum(r.wants for r in world.at[dock] if r is not robot)
                costs[dock] = world.way(robot, dock)[0] + 3600.0 * bound
        return min(costs, key=lambda dock: (costs[dock], dock)) if costs else robot.dock

    def next_at(self, world: World, dock: int) -> Robot | None:
        """The one that came first."""
        return min(world.waiting(dock), key=lambda each: each.since_s, default=None)

    def leaves(self, world: World, robot: Robot) -> bool:
        """When it is full."""
        return bool(world.waiting(robot.dock)) and self.ready(world, robot)

    def ready(self, world: World, robot: Robot) -> bool:
        """When it is full."""
        return robot.charge_wh >= world.policy.charge_to * robot.battery.capacity_wh

    def low(self, world: World, robot: Robot) -> bool:
        """Below the threshold."""
        return robot.charge_wh < self.threshold * robot.battery.capacity_wh
