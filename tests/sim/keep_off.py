"""Where robots in virtual time are on the lanes, held to what is closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.sim.robots import World

ENTERED_M = 0.5
"""A robot that is this far into a lane when it is closed could not have stopped before it."""


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

    def look(self) -> None:
        """To be called after each step of the world, and after each command."""
        for name, robot in self.world.robots.items():
            lane = self._lane(name)
            restricted = self.world.state.restricted(name)
            closed = lane is not None and lane in restricted.closed
            shut = robot.target is None and robot.last_node in restricted.shut
            if closed and lane != self.lanes.get(name):
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
        known = robot.last_node in campus.waypoints
        if not robot.active or robot.target is None or not known:
            return self.lanes.get(name) if robot.target is None and not robot.active else None
        return campus.lane_between(robot.last_node, robot.target.node_id).feature_id
