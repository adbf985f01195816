"""A robot as the manager's log knows it; what it reports at rate is in `state.reports`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from fleet_manager.core.consumption import Consumption
from fleet_manager.core.geometry import Xy
from fleet_manager.core.order import Action


class RobotStatus(StrEnum):
    """Open-RMF's names (rmf_api_msgs robot_state)."""

    UNINITIALIZED = "uninitialized"
    OFFLINE = "offline"
    IDLE = "idle"
    WORKING = "working"
    CHARGING = "charging"
    ERROR = "error"


class RobotTrigger(StrEnum):
    """What changes the status of a robot."""

    COME_ONLINE = "come_online"
    GO_SILENT = "go_silent"
    BEGIN_WORK = "begin_work"
    END_WORK = "end_work"
    BEGIN_CHARGING = "begin_charging"
    END_CHARGING = "end_charging"
    FAIL = "fail"
    MEND = "mend"


_SILENT_OR_FAILED = {
    RobotTrigger.GO_SILENT: RobotStatus.OFFLINE,
    RobotTrigger.FAIL: RobotStatus.ERROR,
}

ROBOT_TRANSITIONS: dict[RobotStatus, dict[RobotTrigger, RobotStatus]] = {
    RobotStatus.UNINITIALIZED: {RobotTrigger.COME_ONLINE: RobotStatus.IDLE},
    RobotStatus.OFFLINE: {RobotTrigger.COME_ONLINE: RobotStatus.IDLE},
    RobotStatus.IDLE: {
        **_SILENT_OR_FAILED,
        RobotTrigger.BEGIN_WORK: RobotStatus.WORKING,
        RobotTrigger.BEGIN_CHARGING: RobotStatus.CHARGING,
    },
    RobotStatus.WORKING: {
        **_SILENT_OR_FAILED,
        RobotTrigger.END_WORK: RobotStatus.IDLE,
        RobotTrigger.BEGIN_CHARGING: RobotStatus.CHARGING,
    },
    RobotStatus.CHARGING: {
        **_SILENT_OR_FAILED,
        RobotTrigger.BEGIN_WORK: RobotStatus.WORKING,
        RobotTrigger.END_CHARGING: RobotStatus.IDLE,
    },
    RobotStatus.ERROR: {
        RobotTrigger.GO_SILENT: RobotStatus.OFFLINE,
        RobotTrigger.MEND: RobotStatus.IDLE,
    },
}

ABSENT = frozenset({RobotStatus.UNINITIALIZED, RobotStatus.OFFLINE})
STANDSTILL = ABSENT | {RobotStatus.ERROR}
"""Whoever is so stays where it is, as far as is known; others drive around it."""


class RouteNode(Struct, frozen=True):
    """A waypoint of a robot's way and what it does there."""

    waypoint: str
    actions: tuple[Action, ...] = ()


class Wait(Struct, frozen=True, array_like=True):
    """That a departure comes after what another robot does: the order on something both use.

    Attributes:
        node: of the robot's way; its departure from there waits.
        robot, order_id: the other, and the order that it has.
        until: node of the other's way that it has to have left, and be clear of.
        arrived: it has to have arrived at the node after that.
    """

    node: int
    robot: str
    order_id: str
    until: int
    arrived: bool = False


class Movement(Struct, frozen=True):
    """The order a robot has and what of it is released.

    Its way leads into a bay that nobody else has or is bound for. Of what it shares with others it
    is told here after whom it comes (docs/traffic.md).

    Attributes:
        nodes: the whole way; node i has the sequence id 2 (i + 1).
        approach: points from where the robot stands to the first node, which is left out;
            empty where it stands at it.
        behind: waypoints at which, or between which, it stood then; it has them until it is clear
            of the first node; empty where it stands at that.
        clear: of the first of these two it was clear already.
        updated_s: when it was last issued or updated, Unix seconds.
        released_to: index of the last node of the base.
        way_out: of orders of before ways were planned to the end: waypoints from the end of the
            base (not in it) to a bay.
        passed: index of the last node the robot has reached.
        left: it is clear of that node.
        waits: after whom it departs from its nodes.
        task_id: of the task it serves; None when the robot is only parked or brought in.
        boot_id: of the robot's process when the order was issued.
        canceling: the robot has been told to cancel it.
        outdated: its base is not on the map any more; it is on its way to a stop.
        blocks: what of the map it holds until then.
    """

    order_id: str
    nodes: tuple[RouteNode, ...]
    updated_s: float
    update_id: int = 0
    released_to: int = 0
    way_out: tuple[str, ...] = ()
    passed: int = 0
    approach: tuple[Xy, ...] = ()
    task_id: str | None = None
    boot_id: str = ""
    canceling: bool = False
    outdated: bool = False
    blocks: tuple[str, ...] = ()
    left: bool = False
    waits: tuple[Wait, ...] = ()
    behind: tuple[str, ...] = ()
    clear: bool = False

    @property
    def waypoints(self) -> tuple[str, ...]:
        """Ids of the whole way."""
        return tuple([node.waypoint for node in self.nodes])

    def way(self, first: int, last: int) -> tuple[str, ...]:
        """Ids of a part of the way, both ends included."""
        return tuple([node.waypoint for node in self.nodes[first : last + 1]])

    @property
    def beginning(self) -> bool:
        """Whether the robot may not have reached the first node yet."""
        return bool(self.behind) and self.passed == 0 and not self.left

    def steps(self, first: int) -> Iterator[tuple[str, str]]:
        """Where each lane of the way from a node on begins and ends."""
        nodes = self.nodes
        for index in range(first, len(nodes) - 1):
            yield nodes[index].waypoint, nodes[index + 1].waypoint

    @property
    def base_end(self) -> str:
        """Waypoint at which the base ends."""
        return self.nodes[self.released_to].waypoint

    @property
    def complete(self) -> bool:
        """Whether the whole way is released and ends in a bay."""
        return self.released_to == len(self.nodes) - 1 and not self.way_out


class RobotRecord(Struct, frozen=True):
    """What is in the log of a robot.

    Attributes:
        status_since_s: of `status`, Unix seconds.
        boot_id: of the robot's process when it was last heard.
        at: waypoints held while the robot stands without an order; () before it is placed.
        clear: it stands between the two of `at`, and is clear of the first.
        task_id: the task it has.
        parked: `at` is one bay in which it stands; else it has to be brought in.
        canceled_order: id of the order it was last told to cancel.
        canceled_s: when, Unix seconds.
        consumption: what it draws, against its kind; as of when that last changed much.
        dock: that it counts on for its next charge; "": its home.
        swept_m2: since its water was last filled up and its bin emptied.
        served_since_s: it stands at a dock to be served, Unix seconds; None: it does not.
    """

    name: str
    status: RobotStatus = RobotStatus.UNINITIALIZED
    status_since_s: float = 0.0
    boot_id: str = ""
    task_id: str | None = None
    movement: Movement | None = None
    at: tuple[str, ...] = ()
    parked: bool = False
    canceled_order: str = ""
    canceled_s: float = 0.0
    consumption: Consumption = Consumption()
    dock: str = ""
    swept_m2: float = 0.0
    served_since_s: float | None = None
    clear: bool = False
