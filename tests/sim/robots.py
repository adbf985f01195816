"""Robots of a few lines that follow orders in virtual time, and a world that drives the core."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import networkx as nx

from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.gate import InstantActionFor
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command, StartManager, Tick
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import Event
from fleet_manager.core.geometry import Xy, point_at
from fleet_manager.core.geometry import length_m as way_length_m
from fleet_manager.core.order import Action, InstantActionType, Order, OrderNode
from fleet_manager.core.planning.energy_model import drawn_wh as drawn_wh_of
from fleet_manager.core.report import (
    ActionState,
    ActionStatus,
    ErrorLevel,
    RobotError,
    RobotReport,
    Safety,
)
from fleet_manager.core.site import Site
from fleet_manager.core.starting import starting_places
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.precedence import precedence_graph
from tests.sim.passages import FakePassage

START_S = 1_800_000_000.0
STEP_S = 0.5
PATIENCE_S = 15.0
BLOCKED = RobotError("blocked", ErrorLevel.WARNING, "something stands 0.5 m ahead", "clear the way")


@dataclass
class FakeRobot:
    """Drives at full speed along its base, does actions in their time, reports once a second.

    Attributes:
        alive: hears and says nothing when it is not.
        draws: as a share of the model of its kind.
        dead_docks: docks that give no energy.
        vans: discs (x, y, radius, metres) that it stops before.
    """

    site: Site
    name: str
    x_m: float
    y_m: float
    level: str = "ground"
    passages: dict[str, FakePassage] = field(default_factory=dict)
    battery: float = 0.9
    alive: bool = True
    dead_docks: set[str] = field(default_factory=set)
    vans: list[tuple[float, float, float]] = field(default_factory=list)
    stopped_s: float = 0.0
    yaw_rad: float = 0.0
    draws: float = 1.0
    charge_patience_s: float = math.inf
    without_s: float = 0.0
    boot: int = 1
    order: Order | None = None
    active: bool = False
    node: int = -1
    along_m: float = 0.0
    way: list[Xy] = field(default_factory=list)
    target: OrderNode | None = None
    last_node: str = ""
    last_sequence: int = 0
    states: dict[str, ActionState] = field(default_factory=dict)
    action_left_s: float = 0.0
    acknowledged: list[str] = field(default_factory=list)
    paused: bool = False
    latched: bool = False
    charging: bool = False
    sequence: int = 0
    driven_m: float = 0.0

    def take(self, order: Order) -> None:
        """Take an order or an update of the one held."""
        if not self.alive:
            return
        held = self.order
        if held is not None and held.order_id == order.order_id:
            if self.active and order.order_update_id > held.order_update_id:
                self.order = order
            return
        if self.active:
            return
        first = order.nodes[0]
        off_m = math.dist((self.x_m, self.y_m), (first.x_m, first.y_m))
        assert off_m <= first.allowed_deviation_xy_m, f"{self.name}: {first.node_id} {off_m:.1f} m"
        self.order, self.active = order, True
        self.last_sequence, self.last_node = 0, ""
        self.states = {}
        self._head_for(first, [(self.x_m, self.y_m), (first.x_m, first.y_m)])

    def do(self, message: InstantActionFor) -> None:
        """Carry out an instant action."""
        action = message.action
        if not self.alive or action.action_id in self.acknowledged:
            return
        self.acknowledged.append(action.action_id)
        match action.action_type:
            case InstantActionType.CANCEL_ORDER:
                if self.order and self.order.order_id == action.parameters["order_id"]:
                    self._drop()
            case InstantActionType.PAUSE:
                self.paused = True
            case InstantActionType.RESUME:
                self.paused = False
            case InstantActionType.EMERGENCY_STOP:
                self.latched = True
            case InstantActionType.RELEASE_STOP:
                self.latched = False

    def reboot(self) -> None:
        """Start anew where it stands: the order is known, but not gone on with."""
        self.boot += 1
        self.alive = True
        self._drop()

    def _drop(self) -> None:
        self.active = False
        self.target = None
        for key, state in self.states.items():
            if state.status is not ActionStatus.FINISHED:
                self.states[key] = msgspec.structs.replace(state, status=ActionStatus.FAILED)

    def _head_for(self, node: OrderNode, way: list[Xy]) -> None:
        self.target, self.way, self.along_m = node, way, 0.0

    def step(self, dt_s: float) -> None:
        """Live for a while."""
        kind = self.site.kind(self.name)
        here = (self.x_m, self.y_m)
        self.charging = any(
            dock.level == self.level and math.dist(here, dock.xy) < 0.6
            for dock in self.site.campus.docks
            if dock.id not in self.dead_docks
        )
        if self.charging:
            gained_wh = kind.battery.charge_w * dt_s / 3600
            self.battery = min(1.0, self.battery + gained_wh / kind.battery.capacity_wh)
        before_m = self.driven_m
        if self.alive and self.active and not (self.paused or self.latched):
            self._work(dt_s, kind.max_speed_mps)
        running = (each for each in self.states.values() if each.status is ActionStatus.RUNNING)
        tool = any(each.action_type == "clean_zone" for each in running)
        drawn_wh = drawn_wh_of(kind, dt_s, self.driven_m - before_m, 0.0, tool=tool)
        self.battery -= self.draws * drawn_wh / kind.battery.capacity_wh

    def _work(self, dt_s: float, speed_mps: float) -> None:
        assert self.order is not None
        if self.target is not None:
            speed_mps = min(speed_mps, self._limit_mps())
            before_m = self.along_m
            along_m = min(self.along_m + speed_mps * dt_s, way_length_m(self.way))
            if self._stops_before(point_at(self.way, along_m)):
                self.stopped_s += dt_s
                return
            self.stopped_s = 0.0
            self.along_m = along_m
            self.driven_m += self.along_m - before_m
            self.x_m, self.y_m = point_at(self.way, self.along_m)
            if self.along_m < way_length_m(self.way):
                return
            self.last_node, self.last_sequence = self.target.node_id, self.target.sequence_id
            self.target = None
        here = next(n for n in self.order.nodes if n.sequence_id == self.last_sequence)
        for action in here.actions:
            if not self._ended(action):
                self._act(action, dt_s)
                return
        self._next()

    def _stops_before(self, there: Xy) -> bool:
        """Whether a van is so near to where it goes next, and not behind it."""
        here = (self.x_m, self.y_m)
        if here != there:
            self.yaw_rad = math.atan2(there[1] - here[1], there[0] - here[0])
        reach_m = self.site.kind(self.name).footprint_radius_m + 0.3
        return any(
            math.dist(there, van[:2]) < min(van[2] + reach_m, math.dist(here, van[:2]))
            for van in self.vans
        )

    def _limit_mps(self) -> float:
        """Of the edge to the node that it drives to."""
        assert self.order is not None
        assert self.target is not None
        for edge in self.order.edges:
            if edge.sequence_id == self.target.sequence_id - 1:
                return edge.max_speed_mps
        return math.inf

    def _ended(self, action: Action) -> bool:
        state = self.states.get(action.action_id)
        return state is not None and state.status is ActionStatus.FINISHED

    def _act(self, action: Action, dt_s: float) -> None:
        if action.action_id not in self.states:
            self.action_left_s = float(action.parameters.get("dwell_s", 1.0))
            if action.action_type == "clean_zone":
                path = [tuple(point) for point in action.parameters["path"]]
                self.action_left_s = way_length_m(path) - action.parameters["from_m"]
        done = False
        failed = False
        if action.action_type == "charge":
            done = self.battery >= action.parameters["target_soc"]
            self.without_s = 0.0 if self.charging else self.without_s + dt_s
            failed = self.without_s > self.charge_patience_s
        else:
            self.action_left_s -= dt_s
            done = self.action_left_s <= 0
        status = ActionStatus.FINISHED if done else ActionStatus.RUNNING
        status = ActionStatus.FAILED if failed else status
        result = "{}"
        if action.action_type == "clean_zone":
            path = [tuple(point) for point in action.parameters["path"]]
            covered = way_length_m(path) - max(0.0, self.action_left_s)
            result = f'{{"covered_m": {covered}, "path_m": {way_length_m(path)}}}'
        self.states[action.action_id] = ActionState(
            action.action_id, action.action_type, action.task_id, status, result_json=result
        )

    def _next(self) -> None:
        assert self.order is not None
        nodes = self.order.nodes
        if nodes[-1].sequence_id == self.last_sequence and nodes[-1].released:
            self.active = False
            return
        for edge in self.order.edges:
            if edge.sequence_id == self.last_sequence + 1 and edge.released:
                node = next(n for n in nodes if n.sequence_id == edge.sequence_id + 1)
                if not self._may_go(node):
                    return
                self.level = node.level
                way = [(self.x_m, self.y_m), *edge.path, (node.x_m, node.y_m)]
                self._head_for(node, way)

    def _may_go(self, node: OrderNode) -> bool:
        """Whether the door or lift before the robot is open, or has carried it to the node."""
        assert self.order is not None
        here = next(n for n in self.order.nodes if n.sequence_id == self.last_sequence)
        if node.passage and node.passage == here.passage:
            within = [n for n in self.order.nodes if n.released and n.passage == here.passage]
            after = [n for n in within if n.sequence_id > self.last_sequence]
            return self.passages[node.passage].is_open_to(self.name, after[-1].level)
        if here.passage and len(self.site.campus.passage(here.passage).levels) > 1:
            assert self.passages[here.passage].is_open_to(self.name, here.level)
        return not node.passage or self.passages[node.passage].is_open_to(self.name, node.level)

    def report(self, now_s: float) -> RobotReport:
        """What it says of itself."""
        self.sequence += 1
        return RobotReport(
            robot=self.name,
            kind=self.site.kind(self.name).name,
            boot_id=f"boot-{self.boot}",
            sequence=self.sequence,
            stamp_s=now_s,
            x_m=self.x_m,
            y_m=self.y_m,
            yaw_rad=self.yaw_rad,
            level=self.level,
            order_id=self.order.order_id if self.order else "",
            order_update_id=self.order.order_update_id if self.order else 0,
            order_active=self.active,
            last_node_id=self.last_node,
            last_node_sequence_id=self.last_sequence,
            distance_since_last_node_m=self.along_m if self.target else 0.0,
            driving=self.target is not None,
            paused=self.paused,
            map_version=self.order.map_version if self.order else "",
            battery=self.battery,
            charging=self.charging,
            safety=Safety(emergency_stop_latched=self.latched),
            action_states=tuple(self.states.values()),
            acknowledged_action_ids=tuple(self.acknowledged[-50:]),
            errors=(BLOCKED,) if self.stopped_s > PATIENCE_S and self.target else (),
        )


class World:
    """Core and robots on a virtual clock; every event is kept, every rule is checked."""

    def __init__(self, campus: Campus, fleet: FleetConfig, names: list[str] | None = None) -> None:
        self.gate = FleetGate(campus, fleet)
        self.state = self.gate.initial()
        self.now_s = START_S
        self.events: list[Event] = []
        self.passages = {each.id: FakePassage.of(campus, each) for each in campus.passages.values()}
        self.robots: dict[str, FakeRobot] = {}
        places = starting_places(campus, fleet)
        for name in names or list(fleet.robots):
            home = places[name]
            self.robots[name] = FakeRobot(
                self.gate.site, name, home.x_m, home.y_m, home.level, self.passages
            )
        self.do(StartManager(1))

    def do(self, command: Command) -> tuple[Event, ...]:
        """Have a command decided; robots are told at once."""
        events = tuple(self.gate.decide(self.state, command, self.now_s))
        for event in events:
            self.gate.apply(self.state, event)
            for message in self.gate.told(self.state, event):
                robot = self.robots.get(message.robot)
                if robot is None:
                    continue
                if isinstance(message, Order):
                    robot.take(message)
                else:
                    robot.do(message)
        self.events += events
        return events

    def step(self) -> None:
        """Half a second."""
        self.now_s += STEP_S
        whole = self.now_s % 1.0 == 0.0
        for robot in self.robots.values():
            robot.step(STEP_S)
            if robot.alive and whole:
                report = robot.report(self.now_s)
                self.gate.observe(self.state, report, self.now_s)
                self.do(self.gate.reported(report))
        for passage in self.passages.values():
            passage.step(STEP_S)
            if whole:
                word = passage.report(self.now_s)
                self.gate.observe(self.state, word, self.now_s)
                self.do(self.gate.reported(word))
        self.do(Tick())
        if whole:
            for request in self.gate.passage_requests(self.state):
                self.passages[request.passage].ask(request)
        self.check()

    def restart(self, epoch: int) -> None:
        """Another manager takes over from what is in the log; robots are not known to it yet."""
        state = self.replayed()
        state.telemetry = type(state.telemetry)()
        self.state = state
        self.do(StartManager(epoch))

    def run(self, seconds: float) -> Iterator[float]:
        """Steps for a while; yields after each the seconds gone."""
        for number in range(int(seconds / STEP_S)):
            self.step()
            yield number * STEP_S

    def check(self) -> None:
        """No resource or unit of space has two holders, and no robots wait in a circle."""
        names = list(self.robots)
        for index, one in enumerate(names):
            for other in names[index + 1 :]:
                both = self.state.held[one] & self.state.held[other]
                assert not both, f"{one} and {other} both hold {sorted(both)}"
        ways = FleetWays.kept(self.gate.site)
        holder: dict[int, str] = {}
        for name in names:
            for unit in ways.occupied(self.state.robot(name)):
                other = holder.setdefault(unit, name)
                assert other == name, f"{name} and {other}: {ways.space.units[unit]}"
        if self.now_s % 10.0:
            return
        graph = precedence_graph(self.state)
        assert nx.is_directed_acyclic_graph(graph), nx.find_cycle(graph)

    def replayed(self) -> FleetState:
        """The state that the events alone give."""
        state = self.gate.initial()
        for event in self.events:
            self.gate.apply(state, self.gate_decoded(event))
        return state

    def gate_decoded(self, event: Event) -> Event:
        """An event through its JSON."""
        from fleet_manager.core import events as e

        return e.decode(e.encode(event))
