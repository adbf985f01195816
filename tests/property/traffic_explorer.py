"""A seeded storm that tries to break traffic: whole core, virtual time, small random campuses.

`python -m tests.property.traffic_explorer SEED [LAST]` runs one seed or a range of them alone and
prints what came of each. Everything random comes from the seed.

A seed has a campus (`traffic_campus`, one for each `A_CAMPUS` seeds), tasks, and a storm: robots up
to five times as slow as planned, or standing for a while; messages of both directions that are
lost, doubled, late and overtake each other; managers that die between any two commands, before or
after these are in the log, and between any two messages to robots; robots that reboot, die for
minutes or for ever, are paused or stopped; lanes that are closed and opened. Then calm: all of
it is mended.

What has to hold at every event: no two robots have a unit of space in common, the precedence graph
has no circle, waits name orders that robots have, and nodes of these. Each half second the discs of
the robots do not touch. With each restart, and in the end, the log gives the state.

**The bound.** In the calm every task ends and every robot rests in a bay within

    RECOVERY_S + legs * (2 * longest_s + dwell_s + HOP_S * nodes) + 2 * robots * longest_s

where `legs` are visits that are left, each with one of somebody who makes way for it, `longest_s`
is what the longest of all shortest ways takes the slowest robot, and each node may take a report
and a look of the manager more (`HOP_S`). It is what robots would take one after the other; that
they go at once may make them wait, but nobody longer than for all others. Until then somebody
drives at least every `RECOVERY_S`.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import msgspec
import networkx as nx

from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.freshness import Freshness
from fleet_manager.app.gate import InstantActionFor
from fleet_manager.core import commands as c
from fleet_manager.core import events as e
from fleet_manager.core import order_events as o
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.passage import PassageRequest
from fleet_manager.core.starting import starting_places
from fleet_manager.core.task import TaskTrigger
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.precedence import open_waits, precedence_graph
from fleet_manager.core.traffic.standstill import waiting
from tests.faults.link import Network, Weather
from tests.property.traffic_campus import drawn_campus
from tests.property.traffic_storm import Driver, Fate, OrderLink
from tests.sim.passages import FakePassage

A_CAMPUS = 25
START_S = 1_800_000_000.0
STEP_S = 0.5
STORM_S = 120.0
RECOVERY_S = 90.0
"""Until everybody is heard, lost orders are found out (30 s) and new ones are given, twice."""
HOP_S = 3.0
FOR_EVER_S = math.inf


class Broken(AssertionError):
    """A promise that did not hold."""


class Died(Exception):
    """The manager does."""


@lru_cache(maxsize=2)
def gate(group: int) -> FleetGate:
    """The core on a campus that many seeds have in common."""
    return FleetGate(*drawn_campus(random.Random(f"campus {group}")))


class Explorer:
    """One seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.fate = Fate.of(self.chance)
        self.gate = gate((seed - 1) // A_CAMPUS)
        self.site = self.gate.site
        self.now_s = START_S
        self.network = Network(self.chance)
        self.network.weather = self.fate.weather
        campus = self.site.campus
        self.passages = {each.id: FakePassage.of(campus, each) for each in campus.passages.values()}
        self.robots: dict[str, Driver] = {}
        for name, home in starting_places(campus, self.site.fleet).items():
            self.robots[name] = Driver(
                self.site, name, home.x_m, home.y_m, home.level, self.passages
            )
        self.log: list[e.Event] = []
        self.closed: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.epoch = 0
        self.up = False
        self.down_until_s = 0.0
        self.begin_life()

    # --- what reaches robots and passages (tests.faults.link.Receiver) ---

    def order(self, order: Order, epoch: int) -> None:
        """A robot gets an order."""
        if self.robots[order.robot].hears(epoch):
            self.robots[order.robot].take(order)

    def act(self, robot: str, action: InstantAction, epoch: int) -> None:
        """A robot is told an instant action."""
        if self.robots[robot].hears(epoch):
            self.robots[robot].do(InstantActionFor(robot, action))

    def ask(self, request: PassageRequest) -> None:
        """A passage is asked for."""
        self.passages[request.passage].ask(request)

    def may_crash(self) -> None:
        """The manager may die between two messages."""
        if self.chance.random() < self.fate.dies:
            raise Died

    # --- the lives of the manager ---

    def begin_life(self) -> None:
        """A manager starts on what is in the log."""
        self.epoch += 1
        self.counts["lives"] += 1
        self.site.kept.pop(FleetWays, None)
        self.state = self.gate.initial()
        for event in self.log:
            self.gate.apply(self.state, e.decode(e.encode(event)))
        self.link = OrderLink(self.network, lambda: self.now_s, self, self.epoch)
        self.link.in_order = self.fate.in_order
        self.fresh = Freshness()
        self.up = True
        self.do(c.StartManager(self.epoch))

    def die(self) -> None:
        """It ends; what it has not told it does not tell."""
        self.up = False
        self.check_log()
        self.down_until_s = self.now_s + self.chance.choice([0.0, 3.0, 20.0])

    def do(self, command: c.Command) -> Sequence[e.Event]:
        """Have a command decided, keep it, tell robots; any of it may be the last."""
        self.may_crash()
        events = self.gate.decide(self.state, command, self.now_s)
        told: list[Order | InstantActionFor] = []
        for event in events:
            self.gate.apply(self.state, event)
            self.log.append(event)
            told += self.gate.told(self.state, event)
        if events:
            self.check_waits(events)
            self.check_space(command)
        for message in told:
            if isinstance(message, Order):
                self.link.send_order(message)
            else:
                self.link.send_instant_action(message.robot, message.action)
        for robot in {message.robot for message in told}:
            self.counts["told"] += bool(robot)
        return events

    def step(self) -> None:
        """A second."""
        for _ in range(2):
            self.now_s += STEP_S
            for robot in self.robots.values():
                robot.step(STEP_S)
            for passage in self.passages.values():
                passage.step(STEP_S)
            self.check_discs()
        self.network.deliver(self.now_s)
        if not self.up and self.now_s >= self.down_until_s:
            self._guard(self.begin_life)
        for robot in self.robots.values():
            if robot.alive:
                said = robot.says(self.now_s, self.chance)
                self.network.carry(self.now_s, lambda said=said: self.link.hear(said))
        self.network.deliver(self.now_s)
        for passage in self.passages.values():
            self.link.hear_passage(passage.report(self.now_s))
        if self.up:
            self._guard(self._turn)

    def _guard(self, live: Any) -> None:
        try:
            live()
        except Died:
            self.counts["deaths"] += 1
            self.die()

    def _turn(self) -> None:
        """What the manager's loop does in a second."""
        for report in (*self.link.take_reports(), *self.link.take_passage_reports()):
            if hasattr(report, "robot") and hasattr(report, "boot_id"):
                if not self.fresh.is_news(report):
                    continue
                self.link.settle_instant_actions(report.acknowledged_action_ids)
            self.gate.observe(self.state, report, self.now_s)
            self.do(self.gate.reported(report))
        for command in self.meddle():
            try:
                self.do(command)
            except CampusFleetError:
                self.counts["refused"] += 1
        self.do(self.gate.tick())
        for request in self.gate.passage_requests(self.state):
            self.link.send_passage_request(request)
        self.link.repeat()

    # --- what people and fate do ---

    def meddle(self) -> list[c.Command]:
        """What people ask for in this second; what befalls robots besides."""
        chance, fate = self.chance, self.fate
        found: list[c.Command] = []
        names = list(self.robots)
        if chance.random() < fate.wish and len(self.state.open_ids) < len(names) + 2:
            found.append(self._wish())
        if chance.random() < fate.befalls:
            found += self._befall(self.robots[chance.choice(names)])
        if chance.random() < fate.slow:
            robot = self.robots[chance.choice(names)]
            robot.slow = chance.choice([1.0, 1.0, 1.5, 5.0])
            robot.stands_s = chance.choice([0.0, 5.0, 30.0])
        if chance.random() < fate.close:
            lane = chance.choice(list(self.site.campus.lanes))
            if self.closed and chance.random() < 0.6:
                found.append(c.OpenLane(chance.choice(sorted(self.closed)), "guard"))
            else:
                self.closed.add(lane)
                found.append(c.CloseLane(lane, "guard"))
        return found

    def _wish(self) -> c.Command:
        chance, campus = self.chance, self.site.campus
        bays = [each.id for each in campus.bays]
        streets = [each for each in campus.waypoints if each.startswith("s")]
        bound = {"robot": chance.choice(list(self.robots))} if chance.random() < 0.6 else {}
        open_ids = list(self.state.open_ids)
        if open_ids and chance.random() < 0.1:
            return c.EndTask(chance.choice(open_ids), TaskTrigger.CANCEL, "guard")
        if chance.random() < 0.5:
            return c.SubmitTask("go_to", {"place": chance.choice(bays), **bound})
        if chance.random() < 0.5:
            return c.SubmitTask("go_to", {"place": chance.choice(streets), "dwell_s": 3.0, **bound})
        places = chance.sample(bays + streets, min(3, len(bays)))
        return c.SubmitTask("patrol", {"places": places, "rounds": chance.choice([1, 2]), **bound})

    def _befall(self, robot: Driver) -> list[c.Command]:
        chance = self.chance
        what = chance.choice(["dies", "dies for ever", "reboots", "pause", "stop", "go on"])
        self.counts[what] += 1
        if what in ("dies", "dies for ever"):
            robot.alive = False
            robot.dead_s = FOR_EVER_S if what == "dies for ever" else chance.choice([8.0, 40.0])
        elif what == "reboots":
            if robot.alive:
                robot.reboot()
        elif what == "pause":
            return [c.TellRobots(InstantActionType.PAUSE, robot.name, "guard")]
        elif what == "stop":
            return [c.TellRobots(InstantActionType.EMERGENCY_STOP, robot.name, "guard")]
        else:
            return self._let_go(robot.name)
        return []

    def _let_go(self, robot: str) -> list[c.Command]:
        kinds = (InstantActionType.RESUME, InstantActionType.RELEASE_STOP)
        return [c.TellRobots(each, robot, "guard") for each in kinds]

    # --- what has to hold ---

    def broken(self, what: str) -> Broken:
        """The error that names the seed and the time."""
        return Broken(f"seed {self.seed} at {self.now_s - START_S:.1f} s: {what}")

    def check_discs(self) -> None:
        """Robots do not touch."""
        for one, other in combinations(self.robots.values(), 2):
            apart_m = math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
            if apart_m > 1.2 or one.level != other.level:
                continue
            radii_m = (self.site.kind(each.name).footprint_radius_m for each in (one, other))
            if apart_m < sum(radii_m):
                raise self.broken(f"{one.name} and {other.name} are {apart_m:.2f} m apart")

    def check_space(self, command: c.Command) -> None:
        """No two robots have a unit of space in common."""
        ways = FleetWays.kept(self.site)
        holder: dict[int, str] = {}
        for name, record in self.state.robots.items():
            for unit in ways.occupied(record):
                other = holder.setdefault(unit, name)
                if other != name:
                    where = ways.space.units[unit]
                    what = type(command).__name__
                    raise self.broken(f"after {what} {name} and {other} both have {where}")

    def check_waits(self, events: Sequence[e.Event]) -> None:
        """What a plan waits for is there, and nobody waits for himself in the end."""
        plans = sum(isinstance(each, o.OrderIssued | o.WayPlanned) for each in events)
        self.counts["plans"] += plans
        if not plans:
            return
        for name, record in self.state.robots.items():
            movement = record.movement
            if movement is None or movement.outdated or movement.canceling:
                continue
            for wait in open_waits(self.state, movement):
                other = self.state.robot(wait.robot).movement
                if other is not None and other.canceling:  # over with its order
                    continue
                fits = other is not None and 0 <= wait.until < len(other.nodes) - 1
                if not fits or wait.robot == name or not 0 <= wait.node < len(movement.nodes) - 1:
                    raise self.broken(f"{name} waits for {wait}, which does not come")
        graph = precedence_graph(self.state)
        if not nx.is_directed_acyclic_graph(graph):
            raise self.broken(f"a circle of waits: {nx.find_cycle(graph)}")

    def check_log(self) -> None:
        """The log gives the state."""
        replayed = self.gate.initial()
        for event in self.log:
            self.gate.apply(replayed, e.decode(e.encode(event)))
        encoded = (
            msgspec.json.encode(each.logged(), order="deterministic")
            for each in (replayed, self.state)
        )
        if len(set(encoded)) > 1:
            raise self.broken("the log does not give the state")

    # --- the storm, and the calm after it ---

    def run(self) -> Counter[str]:
        """A seed.

        Raises:
            Broken: a promise did not hold.
        """
        while self.now_s < START_S + STORM_S:
            self.step()
        self.fate = Fate()
        self.network.weather = Weather()
        self.link.in_order = True
        self.down_until_s = min(self.down_until_s, self.now_s)
        for robot in self.robots.values():
            robot.slow, robot.stands_s = 1.0, 0.0
        self.mend()
        self._until_all_rest()
        self.check_log()
        self.counts["events"] += len(self.log)
        self.counts["seconds"] += int(self.now_s - START_S)
        return self.counts

    def mend(self) -> None:
        """Everything works from now on."""
        for robot in self.robots.values():
            if not robot.alive:
                robot.reboot()
        self.step()
        while not self.up:
            self.step()
        for name in self.robots:
            for command in self._let_go(name):
                self._try(command)
        for lane in sorted(self.closed):
            self._try(c.OpenLane(lane, "guard"))

    def _try(self, command: c.Command) -> None:
        try:
            self.do(command)
        except CampusFleetError:
            self.counts["refused"] += 1

    def bound_s(self) -> float:
        """See the module."""
        legs = [phase for task in self.state.open_tasks() for phase in task.remaining]
        longest_s = max(
            self.state.site.routes(name).duration_s(one, other) or 0.0
            for name in self.robots
            for one in self.site.campus.waypoints
            for other in self.site.campus.waypoints
        )
        per_leg_s = 2 * longest_s + HOP_S * len(self.site.campus.waypoints)
        dwell_s = sum(float(each.parameters.get("dwell_s", 0.0)) for each in legs)
        robots_s = 2 * len(self.robots) * longest_s
        return RECOVERY_S + len(legs) * per_leg_s + dwell_s + robots_s

    def _until_all_rest(self) -> None:
        began_s, bound_s = self.now_s, self.bound_s()
        moved_s, driven_m = self.now_s, self._driven_m()
        while not self.all_rest():
            if self.now_s > began_s + bound_s:
                raise self.broken(f"not all rest after {bound_s:.0f} s: {self.who_waits()}")
            if self.now_s > moved_s + RECOVERY_S:
                raise self.broken(f"nobody drives for {RECOVERY_S:.0f} s: {self.who_waits()}")
            self.step()
            if self._driven_m() > driven_m:
                moved_s, driven_m = self.now_s, self._driven_m()

    def _driven_m(self) -> float:
        return sum(each.driven_m for each in self.robots.values())

    def all_rest(self) -> bool:
        """Whether nothing is left to be done, and everybody stands in a bay."""
        if next(iter(self.state.open_tasks()), None) is not None:
            return False
        return all(each.parked and each.movement is None for each in self.state.robots.values())

    def who_waits(self) -> str:
        """Who waits for whom, in words."""
        said = []
        for name, record in self.state.robots.items():
            what = waiting(self.state, name)
            place = record.movement.base_end if record.movement is not None else record.at
            told = f"{name} ({record.status} {record.task_id} at {place})"
            said.append(f"{told} waits for {what.what}" if what is not None else told)
        said += [f"{task.id}: {task.status} {task.reason}" for task in self.state.open_tasks()]
        return "; ".join(said)


def run_seed(seed: int) -> Counter[str]:
    """What came of a seed.

    Raises:
        Broken: a promise did not hold; the message names the seed.
    """
    explorer = Explorer(seed)
    try:
        return explorer.run()
    except Broken:
        raise
    except Exception as error:
        raise explorer.broken(f"{type(error).__name__}: {error}") from error


def main() -> None:
    """Seeds of the command line."""
    first = int(sys.argv[1])
    last = int(sys.argv[2]) if len(sys.argv) > 2 else first
    for seed in range(first, last + 1):
        try:
            print(seed, dict(run_seed(seed)), flush=True)
        except Broken as error:
            print(error, flush=True)


if __name__ == "__main__":
    main()
