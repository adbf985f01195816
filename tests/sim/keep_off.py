"""Where robots in virtual time are on the lanes, held to what is closed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.sim.robots import World

AT_M = 0.3


@dataclass
class KeepOff:
    """Watches a world: nothing enters a closed lane but on its way out of what was closed.

    Attributes:
        inside: robots that are on a closed lane, or at a waypoint with none but closed lanes.
        entered: closed lanes that robots have driven in all.
    """

    world: World
    inside: set[str] = field(default_factory=set)
    lanes: dict[str, str | None] = field(default_factory=dict)
    entered: int = 0

    def look(self, closing: bool = False) -> None:
        """To be called after each step of the world, and after each command.

        Args:
            closing: something has just been closed: where a robot is now, it was before.
        """
        for name, robot in self.world.robots.items():
            lane = self._lane(name)
            restricted = self.world.state.restricted(name)
            closed = lane is not None and lane in restricted.closed
            shut = lane is None and robot.last_node in restricted.shut
            if closed and lane != self.lanes.get(name) and not closing:
                self.entered += 1
                assert name in self.inside, f"{name} entered {lane}, {restricted.why[lane or '']}"
            if closed or shut:
                self.inside.add(name)
            else:
                self.inside.discard(name)
            self.lanes[name] = lane

    def _lane(self, name: str) -> str | None:
        """The lane that a robot drives on; None: it stands at a waypoint, or is off the lanes."""
        robot = self.world.robots[name]
        campus = self.world.state.site.campus
        here = campus.waypoints.get(robot.last_node)
        if here is not None and math.dist(here.xy, (robot.x_m, robot.y_m)) < AT_M:
            return None
        if robot.active and robot.target is not None and here is not None:
            return campus.lane_between(here.id, robot.target.node_id).feature_id
        return self.lanes.get(name)  # it stands on the lane, or leaves it by the nearer end
