"""One robot, without ROS: takes what it perceives and is told, gives what it commands and reports.

odom, pose ──► Localizer ─┐
orders ──────► OrderBook ─┼─► Navigator or Executor ─► limits, stops ─► cmd_vel, brush
instant actions ──────────┘
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from campus_robot.battery import Battery
from campus_robot.behaviours import Outcome, Senses
from campus_robot.conditions import Conditions
from campus_robot.configuration import RobotConfiguration
from campus_robot.errors import ErrorType, Refused
from campus_robot.executor import Executor
from campus_robot.faults import Faults
from campus_robot.instant import Acknowledgements, InstantAction, InstantActions, checked
from campus_robot.localization import Localizer
from campus_robot.memory import Memory
from campus_robot.motion import STAND, Motion, Pose, slewed
from campus_robot.navigator import Navigator, Progress
from campus_robot.obstacles import Scan
from campus_robot.order import Order, OrderNode
from campus_robot.order_book import OrderBook, Situation, Verdict
from campus_robot.passages import Passages, PassageSeen
from campus_robot.safety import EmergencyStop
from campus_robot.state import Report
from campus_robot.watchdog import NEEDED_TO_DRIVE, Watchdog

STANDING_MPS = 0.03
STANDING_RADPS = 0.05


@dataclass(frozen=True, slots=True)
class HeartbeatSeen:
    """The manager's sign of life: its epoch and the map in use."""

    manager_epoch: int
    map_id: str
    map_version: str


@dataclass(slots=True)
class Inputs:
    """What arrived since the last tick; None or empty where nothing did.

    `measured` is the velocity of the odometry; `pose` the localiser's with its 3x3 covariance, and
    `level` that pose's, "" where it does not tell.
    """

    odometry: Pose | None = None
    measured: Motion | None = None
    pose: tuple[Pose, Any] | None = None
    level: str = ""
    scan: Scan | None = None
    battery: Battery | None = None
    orders: Sequence[Order] = ()
    instants: Sequence[InstantActions] = ()
    heartbeats: Sequence[HeartbeatSeen] = field(default=())
    passages: Sequence[PassageSeen] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """What the drive and the brush are told."""

    motion: Motion = STAND
    brush: bool = False


class Robot:
    """The logic of one robot; `tick` is called every 0.1 s of its clock."""

    def __init__(
        self,
        configuration: RobotConfiguration,
        memory: Memory,
        now_s: float,
        mode: str = "AUTOMATIC",
    ) -> None:
        self.configuration = configuration
        self.memory = memory
        self.operating_mode = mode
        self.localizer = Localizer(configuration.localization_limit_m)
        held_before = (memory.order_id, memory.order_update_id) if memory.order_id else None
        self.book = OrderBook(
            configuration.name, configuration.skills, _orders_before(memory), held_before
        )
        self.navigator = Navigator(configuration.limits)
        self.passages = Passages(configuration.name)
        self.executor = Executor(configuration.skills, configuration.limits, memory)
        self.emergency_stop = EmergencyStop(memory)
        self.acknowledgements = Acknowledgements(memory)
        self.watchdog = Watchdog(now_s)
        self.faults = Faults()
        self.conditions = Conditions(configuration, self.faults)
        self.announcements: list[str] = []
        self.paused = False
        self.battery = Battery()
        self._cancelling = ""
        self._routed = -1  # sequence id up to which the navigator knows the base
        self._map: tuple[str, str] | None = None
        self._scan: Scan | None = None
        self._measured = STAND
        self._command = Command()
        self._now_s = now_s
        self._since_node_m = 0.0
        self._obstacle: tuple[bool, float] = (False, math.inf)

    def tick(self, now_s: float, inputs: Inputs) -> Command:
        """Takes what arrived and returns the command for the next 0.1 s."""
        dt_s = min(max(now_s - self._now_s, 0.0), 0.5)
        self._now_s = now_s
        self._perceive(inputs)
        self._obey(inputs)
        wanted = self._decide(dt_s)
        motion = wanted.motion
        if self.emergency_stop.latched:
            motion = STAND
        else:
            motion = slewed(motion, self._command.motion, self.configuration.limits, dt_s)
        self._command = Command(motion, wanted.brush)
        self._end_order_when_done()
        self.conditions.watch(now_s, self.localizer, self.battery, self.watchdog, wanted)
        return self._command

    @property
    def now_s(self) -> float:
        """The time of the last tick."""
        return self._now_s

    def _perceive(self, inputs: Inputs) -> None:
        now_s = self._now_s
        if inputs.odometry is not None:
            self.watchdog.sensor_heard("odom", now_s)
            self._since_node_m += self.localizer.odometry(inputs.odometry)
        if inputs.measured is not None:
            self._measured = inputs.measured
        if inputs.pose is not None:
            self.localizer.correct(*inputs.pose, inputs.level)
        if inputs.scan is not None:
            self.watchdog.sensor_heard("scan", now_s)
            self._scan = inputs.scan
        if inputs.battery is not None:
            self.watchdog.sensor_heard("battery_state", now_s)
            self.battery = inputs.battery

    def _obey(self, inputs: Inputs) -> None:
        for heartbeat in inputs.heartbeats:
            if heartbeat.manager_epoch >= self.memory.highest_epoch:
                self._manager_heard(heartbeat.manager_epoch)
                self._map = (heartbeat.map_id, heartbeat.map_version)
        for seen in inputs.passages:
            self.passages.hear(seen)
        for message in inputs.instants:
            self._take_instants(message)
        for order in inputs.orders:
            self._take_order(order)

    def _manager_heard(self, epoch: int) -> None:
        self.watchdog.manager_heard(self._now_s)
        if epoch > self.memory.highest_epoch:
            self.memory.highest_epoch = epoch
            self.memory.save(durable=True)

    def _take_instants(self, message: InstantActions) -> None:
        if message.robot != self.configuration.name:
            return
        if message.manager_epoch < self.memory.highest_epoch:
            self.faults.refuse(
                Refused(
                    ErrorType.EPOCH_STALE,
                    f"instant actions of manager epoch {message.manager_epoch}, "
                    f"older than {self.memory.highest_epoch}",
                    "stop the older manager; only the holder of the lease may send",
                ),
                self._now_s,
            )
            return
        self._manager_heard(message.manager_epoch)
        for action in message.actions:
            if self.acknowledgements.first_time(action.action_id):
                try:
                    self._carry_out(action)
                except Refused as refused:
                    self.faults.refuse(refused, self._now_s)

    def _carry_out(self, action: InstantAction) -> None:
        parameters = checked(action)
        kind = action.action_type
        if kind == "pause":
            self.paused = True
        elif kind == "resume":
            self.paused = False
        elif kind == "cancel_order":
            held = self.book.order.order_id if self.book.order and self.book.active else ""
            named = parameters.get("order_id", "")
            if held and named in ("", held):
                self._cancelling = "cancelled by the manager"
            elif named:
                self.book.never(named)
                self._remember_ended()
        elif kind == "emergency_stop":
            self.emergency_stop.latch(
                parameters.get("by") or "manager", parameters.get("reason", "")
            )
        elif kind == "release_stop":
            self.emergency_stop.release(parameters.get("by", ""))
        elif kind == "announce":
            self.announcements.append(parameters.get("text", ""))

    def _take_order(self, order: Order) -> None:
        pose = self.localizer.pose
        situation = Situation(
            pose.x_m if pose else math.nan,
            pose.y_m if pose else math.nan,
            self.memory.highest_epoch,
            self._map,
            self._not_allowed_because(),
            self.localizer.level,
        )
        try:
            verdict = self.book.offer(order, situation)
        except Refused as refused:
            self.faults.refuse(refused, self._now_s, order.order_id, order.order_update_id)
            return
        self._manager_heard(order.manager_epoch)
        if verdict is Verdict.REPEATED:
            return
        self.faults.order_accepted()
        self._route(verdict)
        self.memory.order_id = order.order_id
        self.memory.order_update_id = order.order_update_id
        self.memory.save()

    def _not_allowed_because(self) -> str:
        if self.operating_mode != "AUTOMATIC":
            return f"the operating mode is {self.operating_mode}"
        if self.emergency_stop.latched:
            return f"an emergency stop by {self.emergency_stop.by} is latched"
        if not self.localizer.localized:
            return "the robot does not know where it is"
        return ""

    def _route(self, verdict: Verdict) -> None:
        """Hands what is newly released to the navigator, and all actions to the executor."""
        book, pose = self.book, self.localizer.pose
        assert pose is not None
        base = sorted(k for k, node in book.nodes.items() if node.released)
        if verdict is Verdict.NEW:
            self._cancelling = ""
            self._since_node_m = 0.0
            self.executor.begin()
            self.navigator.begin(pose, book.nodes[base[0]])
            self._routed = base[0]
        else:
            self.navigator.limit(book.edges.values())
        new = [k for k in base if k > self._routed]
        self.navigator.extend((book.edges[k - 1], book.nodes[k]) for k in new)
        self._routed = base[-1]
        self.executor.take(book.nodes[k] for k in sorted(book.nodes))
        if book.last_node is not None:
            self.executor.arrive(book.nodes[book.last_sequence_id])

    def _decide(self, dt_s: float) -> Outcome:
        """What to do in this tick, before the limits of the drive are applied."""
        self._obstacle = (False, math.inf)
        pose = self.localizer.pose
        if not self.book.active or pose is None:
            return Outcome()
        if self._cancelling or self.paused or not self._may_move():
            self.executor.hold()
            return Outcome()
        speed_mps = self._measured.v_mps
        senses = Senses(self._now_s, dt_s, pose, speed_mps, self.battery, self._scan)
        outcome = self.executor.step(senses)
        if outcome is None:
            progress = self.navigator.drive(
                pose, speed_mps, self._scan, self.executor.needs_stop, self._may_go
            )
            self._note(progress)
            outcome = Outcome(
                progress.motion,
                obstacle_stop=progress.obstacle_stop,
                obstacle_m=progress.obstacle_m,
            )
        self._obstacle = (outcome.obstacle_stop, outcome.obstacle_m)
        return outcome

    def _may_move(self) -> bool:
        silent = self.watchdog.silent_sensors(self._now_s)
        return (
            not self.emergency_stop.latched
            and self.localizer.localized
            and self.operating_mode == "AUTOMATIC"
            and not any(name in NEEDED_TO_DRIVE for name in silent)
        )

    def _note(self, progress: Progress) -> None:
        for node in progress.reached:
            self.book.reach(node)
            # An update may have added actions to the node since it was routed.
            self.executor.arrive(self.book.nodes.get(node.sequence_id, node))
            self._since_node_m = 0.0
        self.conditions.off_route(progress.off_route_m, self._now_s)
        self.conditions.passage(progress.waits_for, self._now_s)

    def _may_go(self, start: OrderNode, end: OrderNode) -> bool:
        """Also the localiser must have found the level that a lift has carried the robot to."""
        carried = start.level != end.level and start.passage and start.passage == end.passage
        found = not carried or self.localizer.level in {"", end.level}
        return found and self.passages.may_go(start, end)

    @property
    def standing(self) -> bool:
        """Whether the robot neither moves nor is told to."""
        told, measured = self._command.motion, self._measured
        return (
            abs(told.v_mps) < 1e-6
            and abs(told.w_radps) < 1e-6
            and abs(measured.v_mps) < STANDING_MPS
            and abs(measured.w_radps) < STANDING_RADPS
        )

    def _end_order_when_done(self) -> None:
        if not self.book.active:
            return
        if self._cancelling:
            if self.standing:
                self.executor.cancel(self._cancelling)
                self._end_order()
        elif (
            self.navigator.at_end
            and not self.book.has_horizon
            and self.executor.all_ended
            and self.standing
        ):
            self._end_order()

    def _end_order(self) -> None:
        self._cancelling = ""
        self.book.end()
        self.navigator.clear()
        self._remember_ended()

    def _remember_ended(self) -> None:
        self.memory.ended_orders = list(self.book.ended_orders)
        self.memory.save()

    def report(self) -> Report | None:
        """What RobotState says now; None before the robot knows where it is."""
        pose = self.localizer.pose
        return None if pose is None else self._report_at(pose)

    def _report_at(self, pose: Pose) -> Report:
        book, order = self.book, self.book.order
        last = book.last_node
        stop, obstacle_m = self._obstacle
        ids = (
            (order.order_id, order.order_update_id)
            if order is not None
            else (self.memory.order_id, self.memory.order_update_id)
        )
        return Report(
            order_id=ids[0],
            order_update_id=ids[1],
            order_active=book.active,
            last_node_id=last.node_id if last else "",
            last_node_sequence_id=max(book.last_sequence_id, 0),
            distance_since_last_node_m=self._since_node_m,
            driving=not self.standing,
            paused=self.paused,
            new_base_request=book.active
            and book.has_horizon
            and self.navigator.at_end
            and self.executor.current is None,
            pose=pose,
            covariance=tuple(map(float, self.localizer.covariance.flat)),
            velocity=self._measured,
            level=self.localizer.level or (last.level if last else "ground"),
            map_id=order.map_id if order else "",
            map_version=order.map_version if order else "",
            manager_epoch=self.memory.highest_epoch,
            battery=self.battery,
            operating_mode=self.operating_mode,
            stop_latched=self.emergency_stop.latched,
            stop_by=self.emergency_stop.by,
            stop_reason=self.emergency_stop.reason,
            obstacle_stop=stop,
            localized=self.localizer.localized,
            heartbeat_lost=self.watchdog.heartbeat_lost(self._now_s),
            obstacle_distance_m=obstacle_m if stop else math.nan,
            runs=tuple(self.executor.runs.values()),
            acknowledged=self.acknowledgements.ids(),
            faults=self.faults.current(),
        )


def _orders_before(memory: Memory) -> tuple[str, ...]:
    """Orders of earlier lives: one that was under way at a restart is not resumed."""
    held = (memory.order_id,) if memory.order_id else ()
    return (*(order for order in memory.ended_orders if order not in held), *held)
