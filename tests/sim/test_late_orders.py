"""An order that a robot has not heard of is not given up before the robot knows that it is."""

from __future__ import annotations

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.order import Order
from fleet_manager.core.order_events import OrderCanceled, OrderEnded
from tests.sim.robots import World
from tests.sim.test_campus_day import submit


def test_an_order_that_does_not_come_is_cancelled_before_its_way_is_free(
    campus: Campus, fleet: FleetConfig
) -> None:
    """It may come late: a robot that drove it then would meet those to whom its way was given."""
    world = World(campus, fleet)
    robot = world.robots["security_1"]
    kept_back: list[Order] = []
    for _ in world.run(2):
        pass
    robot.take = kept_back.append  # type: ignore[method-assign]
    submit(world, "go_to", place="library", robot="security_1")
    for _ in world.run(30):
        pass
    first = kept_back[0].order_id
    about = [
        type(event)
        for event in world.events
        if isinstance(event, OrderCanceled | OrderEnded) and event.order_id == first
    ]
    assert about == [OrderCanceled, OrderEnded]
    assert any(first in each for each in robot.acknowledged)
