"""A robot worked out from event to event: it follows its order, does its work, tells what changed.

It does what a robot does by docs/protocol.md. Its order is read from the movement that the order
is made from; a report is made when it has something to say, and is not repeated every second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise

from fleet_manager.adapters.sim.battery import Battery
from fleet_manager.adapters.sim.doing import Doing, Odometer
from fleet_manager.adapters.sim.legs import (
    APPROACH_SPEED_MPS,
    SHORT_M,
    Leg,
    beginning_s,
    corner_s,
    first_heading_rad,
    last_heading_rad,
    leg_of,
    stopping_s,
    turn_between_rad,
)
from fleet_manager.adapters.sim.passage import SimPassage
from fleet_manager.adapters.sim.said import Said
from fleet_manager.adapters.sim.work import Work, work_of
from fleet_manager.core.campus import Campus, Lane, Role
from fleet_manager.core.config import KindSpec
from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.order import Action, InstantAction, InstantActionType
from fleet_manager.core.report import (
    ActionStatus,
    ErrorLevel,
    RobotError,
    RobotReport,
)
from fleet_manager.core.robot import Movement

EXTEND_WITHIN_M = 19.5
"""A new base is asked for when less than this lies ahead: just inside the core's own distance."""
AT_END_WITHIN_M = 2.5
WITHIN_M = 0.4
SOON_S = 1e-6
SAME_CHARGE = 1e-9


class SimRobot:
    """One robot.

    Args:
        limit_mps: the speed that robots of its kind may drive on a lane now.
        battery: its own.

    Attributes:
        due_s: when something happens to it by itself; infinite: never.
        node: index of the last node of its order that it has reached; -1: none yet.
        held_s: until then it stands still, for something in its way or because it restarts.
        slow: part of its speed that it drives at.
        silent: hears and says nothing.
    """

    def __init__(
        self,
        name: str,
        kind: KindSpec,
        campus: Campus,
        at: str,
        passages: Mapping[str, SimPassage],
        battery: Battery,
        limit_mps: Callable[[Lane], float],
        now_s: float,
    ) -> None:
        waypoint = campus.waypoint(at)
        self.name, self.kind = name, kind
        self.battery = battery
        self.doing = Doing.STANDING
        self.movement: Movement | None = None
        self.active = False
        self.node = -1
        self.due_s = math.inf
        self.held_s = -math.inf
        self.slow = 1.0
        self.silent = False
        self.dead = self.news = False
        self.odometer = Odometer()
        self.work: Work | None = None
        self.leg: Leg | None = None
        self.at_waypoint: str | None = at
        self.level = waypoint.level
        self.passed: list[str] = []
        self._campus, self._passages, self._limit_mps = campus, passages, limit_mps
        self._xy: Xy = waypoint.xy
        self._heading_rad = waypoint.heading_rad
        self._boot, self._said = 1, Said()
        self._rolls = False
        self._leg_paid_m = self._slope = 0.0
        self._draw(now_s)

    # --- what it is told ---

    def take(self, movement: Movement, now_s: float) -> None:
        """Take an order or an update of the one it has."""
        held = self.movement
        if held is not None and held.order_id == movement.order_id:
            if self.active:
                self.movement = movement
                if self.doing is Doing.WAITING:
                    self._go_on(now_s)
                elif self.doing is Doing.DRIVING:
                    self._plan(now_s)
            return
        if self.active or self.dead:
            return
        self.movement, self.active, self.node = movement, True, -1
        self._said.begin()
        self._begin(movement, now_s)

    def do(self, action: InstantAction, now_s: float) -> None:
        """Carry out an instant action, once; nobody pauses or stops robots in a simulation."""
        if not self._said.acknowledge(action.action_id):
            return
        self.news = True
        movement = self.movement
        own = movement and movement.order_id == action.parameters.get("order_id")
        if action.action_type is InstantActionType.CANCEL_ORDER and own:
            self._drop(now_s)

    # --- what happens to it ---

    def hold(self, now_s: float, for_s: float) -> None:
        """It stands still for a while; its work waits too."""
        self.held_s = max(self.held_s, now_s + for_s)
        self.odometer.stops += 1
        if self.leg is not None:
            self.leg.change(now_s, self.leg.speed_mps, for_s)
        if self.work is not None and not self.work.charges:
            self.work.delay(for_s)
        self._draw(now_s)
        self._plan(now_s)

    def slow_down(self, now_s: float, part: float) -> None:
        """It drives at a part of its speed; 1: at its own again."""
        if self.leg is not None:
            self._count_leg(now_s)
            self.leg.change(now_s, self.leg.speed_mps / self.slow * part)
        self.slow = part
        self._draw(now_s)
        self._plan(now_s)

    def reboot(self, now_s: float, for_s: float) -> None:
        """It stands where it is, and its process starts anew: the order is not gone on with."""
        self._boot += 1
        self._drop(now_s)
        self.held_s = now_s + for_s

    def wake(self, now_s: float) -> None:
        """Do what is due."""
        if now_s < self.due_s - SOON_S:
            return
        if self.battery.charge(now_s) <= 0.0 and not self.battery.charging:
            self._die(now_s)
        elif self.doing is Doing.DRIVING:
            assert self.leg is not None
            if now_s < self.leg.ends_s - SOON_S:
                self.news = True  # it asks for a new base
                self._plan(now_s)
            else:
                self._arrive(now_s)
        elif self.doing is Doing.WORKING:
            self._finish(now_s)
        elif self.doing is Doing.WAITING:
            self._go_on(now_s)
        else:
            self._plan(now_s)

    def poke(self, now_s: float) -> None:
        """A passage has changed: go on if it waited for that."""
        if self.doing is Doing.WAITING:
            self._go_on(now_s)

    def settle(self, now_s: float) -> None:
        """Bring what it has driven and drawn up to now."""
        if self.leg is not None:
            self._count_leg(now_s)
        self._draw(now_s)

    # --- the order ---

    def _begin(self, movement: Movement, now_s: float) -> None:
        first = self._campus.waypoint(movement.nodes[0].waypoint)
        self.at_waypoint = None
        if movement.approach or math.dist(self._xy, first.xy) > 0.05:
            way = (self._xy, *movement.approach[1:], first.xy)
            self._drive(way, APPROACH_SPEED_MPS, now_s)
        else:
            self._reach(0, now_s)
            self.passed.clear()  # it has been there: no visit

    def _drive(
        self,
        way: tuple[Xy, ...],
        speed_mps: float,
        now_s: float,
        slope: float = 0.0,
        stop_s: float = 0.0,
    ) -> None:
        """Drive a way.

        Args:
            stop_s: what a stop at its end costs; it is spread over the way.
        """
        turn_rad = turn_between_rad(self._heading_rad, first_heading_rad(way))
        begins = corner_s if self._rolls else beginning_s
        begun_s = max(now_s, self.held_s) + begins(self.kind, speed_mps, turn_rad)
        way_m = max(length_m(way), SHORT_M)
        even_mps = way_m / (way_m / speed_mps + stop_s)
        self.leg = leg_of(way, even_mps * self.slow, begun_s)
        self._slope = slope
        self._leg_paid_m = 0.0
        self._rolls = True
        self.doing = Doing.DRIVING
        self._draw(now_s)
        self._plan(now_s)

    def _arrive(self, now_s: float) -> None:
        leg = self.leg
        assert leg is not None
        self._count_leg(now_s)
        self._xy = leg.points[-1]
        self._heading_rad = last_heading_rad(leg.points) or self._heading_rad
        self.leg = None
        self._reach(self.node + 1, now_s)

    def _reach(self, node: int, now_s: float) -> None:
        assert self.movement is not None
        self.node, self.news = node, True
        waypoint = self._campus.waypoint(self.movement.nodes[node].waypoint)
        self.at_waypoint = waypoint.id
        self.level = waypoint.level
        self._xy = waypoint.xy
        if waypoint.heading_rad is not None and self._stops_at(self.movement, node):
            self._heading_rad = waypoint.heading_rad
        self.passed.append(waypoint.id)
        self._go_on(now_s)

    def _go_on(self, now_s: float) -> None:
        """At a node: its actions, then the next lane, or wait, or the end."""
        movement = self.movement
        assert movement is not None
        for action in movement.nodes[self.node].actions:
            if not self._said.knows(action):
                self._start(action, now_s)
                if self.doing is Doing.WORKING:
                    return
        last = len(movement.nodes) - 1
        if self.node == last:
            self.doing, self.active, self._rolls = Doing.STANDING, False, False
            self.news = True
            self._draw(now_s)
            self._plan(now_s)
        elif self.node < movement.released_to and self._may_go(movement):
            self._leave(movement, now_s)
        else:
            self.doing, self._rolls = Doing.WAITING, False
            self._draw(now_s)
            self._plan(now_s)

    def _leave(self, movement: Movement, now_s: float) -> None:
        start, end = (movement.nodes[self.node + each].waypoint for each in (0, 1))
        lane = self._campus.lane_between(start, end)
        if lane.lift is not None:
            self.level = self._campus.waypoint(end).level
            self._reach(self.node + 1, now_s)
            return
        self.at_waypoint = None
        speed_mps = min(self._limit_mps(lane), self.kind.max_speed_mps)
        stop_s = 0.0
        if self._stops_at(movement, self.node + 1):
            wanted_rad = self._campus.waypoint(end).heading_rad
            turn_rad = turn_between_rad(last_heading_rad(lane.points), wanted_rad)
            stop_s = stopping_s(self.kind, speed_mps, turn_rad)
        self._drive(lane.points, speed_mps, now_s, lane.slope, stop_s)

    @staticmethod
    def _stops_at(movement: Movement, node: int) -> bool:
        """Whether it comes to a stand there by its order, in the heading that the map wants."""
        return bool(movement.nodes[node].actions) or node == len(movement.nodes) - 1

    def _may_go(self, movement: Movement) -> bool:
        """Whether the door or lift before the robot is open, or has carried it to its level."""
        campus = self._campus
        here = campus.waypoint(movement.nodes[self.node].waypoint)
        there = campus.waypoint(movement.nodes[self.node + 1].waypoint)
        if there.passage is None:
            return True
        if there.passage != here.passage:
            return self._passages[there.passage].is_open_to(self.name, there.level)
        level = there.level
        for node in movement.nodes[self.node + 1 : movement.released_to + 1]:
            waypoint = campus.waypoint(node.waypoint)
            if waypoint.passage != here.passage:
                break
            level = waypoint.level
        return self._passages[there.passage].is_open_to(self.name, level)

    def _drop(self, now_s: float) -> None:
        """Stand where it is, without an order."""
        self._stop_here(now_s)
        self.news = True
        if self.work is not None:
            self._end_of(self.work, ActionStatus.FAILED, now_s)
            self.work = None
        self.active, self.doing, self._rolls = False, Doing.STANDING, False
        self._draw(now_s)
        self._plan(now_s)

    def _stop_here(self, now_s: float) -> None:
        if self.leg is not None:
            self._count_leg(now_s)
            self._xy = self.leg.at(now_s)
            self.leg = None
            self.at_waypoint = None
        elif self.work is not None and self.work.sweep is not None:
            here = self.work.sweep.at(now_s - self.work.begun_s, self._xy)
            if here != self._xy:
                self._xy, self.at_waypoint = here, None

    def _die(self, now_s: float) -> None:
        self._drop(now_s)
        self.dead = True
        self.due_s = math.inf

    # --- work ---

    def _start(self, action: Action, now_s: float) -> None:
        begun_s = max(now_s, self.held_s)
        work = work_of(self.kind, action, self._xy, self._heading_rad, begun_s)
        if work.ends_s <= now_s:
            self._end_of(work, ActionStatus.FINISHED, now_s)
            return
        self.work, self.doing, self._rolls, self.news = work, Doing.WORKING, False, True
        self._said.tell(action, ActionStatus.RUNNING, {})
        self._draw(now_s)
        self._plan(now_s)

    def _finish(self, now_s: float) -> None:
        work = self.work
        assert work is not None
        charged = work.charges and self.battery.charge(now_s) >= work.target - SAME_CHARGE
        if not charged and now_s < work.ends_s - SOON_S:
            self._plan(now_s)
            return
        self.work, self.news = None, True
        if self.at_waypoint is not None:
            self.passed.append(self.at_waypoint)  # it has been there until now
        self._end_of(work, ActionStatus.FINISHED, now_s)
        self._go_on(now_s)

    def _end_of(self, work: Work, status: ActionStatus, now_s: float) -> None:
        sweep = work.sweep
        if sweep is not None:
            swept_m = sweep.covered_m(now_s - work.begun_s) - sweep.from_m
            back_m = sweep.back_m if status is ActionStatus.FINISHED else 0.0
            self.odometer.swept_m += swept_m
            self.odometer.driven_m += swept_m + sweep.in_m + back_m
        self._said.tell(work.action, status, work.results(now_s))

    # --- what it draws, and when something is due ---

    @property
    def docked(self) -> bool:
        """Whether it stands at a dock."""
        if self.at_waypoint is None or self.doing is Doing.DRIVING:
            return False
        return self._campus.waypoint(self.at_waypoint).role is Role.DOCK

    def _draw(self, now_s: float) -> None:
        """Have its battery drawn on by what it does; what a leg takes is spread evenly over it."""
        speed_mps, slope, tool = 0.0, 0.0, 0.0
        if self.doing is Doing.DRIVING and self.leg is not None:
            left_m, left_s = self.leg.length_m - self.leg.along_m(now_s), self.leg.ends_s - now_s
            speed_mps, slope = left_m / max(left_s, SOON_S), self._slope
        elif self.work is not None and self.work.sweep is not None:
            sweep = self.work.sweep
            total_m = sweep.in_m + sweep.path_m - sweep.from_m + sweep.back_m
            lasts_s = max(1e-6, self.work.ends_s - self.work.begun_s)
            speed_mps, tool = total_m / lasts_s, sweep.sweep_s / lasts_s
        docked = self.docked and not (self.work is not None and self.work.sweep is not None)
        self.battery.draw(now_s, speed_mps, slope, tool=tool, docked=docked)

    def _plan(self, now_s: float) -> None:
        """Work out when it has something to do by itself."""
        due_s = math.inf
        if self.dead:
            self.due_s = math.inf
            return
        if self.doing is Doing.DRIVING and self.leg is not None:
            due_s = min(self.leg.ends_s, self._asks_s(now_s))
        elif self.doing is Doing.WORKING and self.work is not None:
            work = self.work
            due_s = self.battery.due_s(work.target) if work.charges else work.ends_s
            if work.charges and due_s == math.inf:
                full = self.battery.charge(now_s) >= work.target - SAME_CHARGE
                due_s = now_s if full else math.inf
        elif self.held_s > now_s and self.doing is Doing.WAITING:
            due_s = self.held_s
        if not self.battery.charging:
            due_s = min(due_s, self.battery.due_s(0.0))
        self.due_s = max(due_s, now_s)

    def _asks_s(self, now_s: float) -> float:
        """When it asks for a new base, as less than some metres of this one lie ahead."""
        movement, leg = self.movement, self.leg
        assert leg is not None
        if movement is None or movement.complete or movement.canceling:
            return math.inf
        beyond_m = self._beyond_m(movement)
        for within_m in (EXTEND_WITHIN_M, AT_END_WITHIN_M):
            time_s = leg.when_s(leg.length_m + beyond_m - within_m)
            if now_s + 1e-6 < time_s < leg.ends_s:
                return time_s
        return math.inf

    def _beyond_m(self, movement: Movement) -> float:
        """Length of base beyond the lane that it is on."""
        names = [node.waypoint for node in movement.nodes[self.node + 1 : movement.released_to + 1]]
        between = self._campus.lane_between
        return sum(between(a, b).length_m for a, b in pairwise(names))

    def _wants_base(self, now_s: float) -> bool:
        """Whether little of its base lies ahead, and there is more to its way."""
        movement, leg = self.movement, self.leg
        if not self.active or movement is None or movement.complete or movement.canceling:
            return False
        ahead_m = self._beyond_m(movement)
        if leg is not None:
            ahead_m += leg.length_m - leg.along_m(now_s)
        return ahead_m < EXTEND_WITHIN_M + WITHIN_M

    def _count_leg(self, now_s: float) -> None:
        assert self.leg is not None
        along_m = self.leg.along_m(now_s)
        self.odometer.driven_m += along_m - self._leg_paid_m
        self._leg_paid_m = along_m

    # --- what it says ---

    def report(self, now_s: float) -> RobotReport:
        """What it says of itself."""
        leg, movement, work = self.leg, self.movement, self.work
        here = movement.nodes[self.node] if movement is not None and self.node >= 0 else None
        x_m, y_m = leg.at(now_s) if leg is not None else self._xy
        charge = self.battery.charge(now_s)
        sweeps = work is not None and work.sweep is not None
        return RobotReport(
            robot=self.name,
            kind=self.kind.name,
            boot_id=f"boot-{self._boot}",
            sequence=self._said.number(),
            stamp_s=now_s,
            x_m=x_m,
            y_m=y_m,
            yaw_rad=self._heading_rad or 0.0,
            level=self.level,
            order_id=movement.order_id if movement else "",
            order_update_id=movement.update_id if movement else 0,
            order_active=self.active,
            last_node_id=here.waypoint if here is not None else "",
            last_node_sequence_id=2 * (self.node + 1) if movement else 0,
            distance_since_last_node_m=leg.along_m(now_s) if leg is not None else 0.0,
            driving=leg is not None,
            new_base_request=self._wants_base(now_s),
            battery=charge,
            charging=self.battery.charging and charge < 1.0,
            action_states=self._said.states(
                here.actions if here is not None else (), work if sweeps else None, now_s
            ),
            acknowledged_action_ids=self._said.acknowledged,
            errors=_EMPTY if self.dead else (),
        )


_EMPTY = (
    RobotError(
        "battery_empty", ErrorLevel.FATAL, "its battery is empty", "carry it to a dock by hand"
    ),
)
