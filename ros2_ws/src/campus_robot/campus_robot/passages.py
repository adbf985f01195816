"""What a robot knows of doors, lifts and crossings: it enters none that is not open to it."""

from __future__ import annotations

from dataclasses import dataclass

from campus_robot.order import OrderNode

OPEN = "open"
LIFT = "lift"


@dataclass(frozen=True, slots=True)
class PassageSeen:
    """The latest word of a passage: how it is, where, and for which robot."""

    passage: str
    kind: str
    state: str
    level: str
    robot: str


class Passages:
    """The passages that were heard of; a robot of another name counts for nothing."""

    def __init__(self, robot: str) -> None:
        self._robot = robot
        self._seen: dict[str, PassageSeen] = {}

    def hear(self, seen: PassageSeen) -> None:
        """Takes over what a passage says."""
        self._seen[seen.passage] = seen

    def is_open(self, passage: str, level: str) -> bool:
        """Whether a passage is open to this robot on a level."""
        seen = self._seen.get(passage)
        return (
            seen is not None
            and seen.state == OPEN
            and seen.robot == self._robot
            and seen.level == level
        )

    def may_go(self, start: OrderNode, end: OrderNode) -> bool:
        """Whether the robot may set out from a node to the next.

        Into a passage, and out of a lift: only while it is open to the robot on that level. Out of
        a door or crossing it may go at any time. Within a lift it is carried: only once that is
        open on the level of `end`.
        """
        if start.passage == end.passage:
            carried = start.passage and start.level != end.level
            return not carried or self.is_open(end.passage, end.level)
        seen = self._seen.get(start.passage)
        if seen is not None and seen.kind == LIFT and not self.is_open(start.passage, start.level):
            return False
        return not end.passage or self.is_open(end.passage, end.level)
