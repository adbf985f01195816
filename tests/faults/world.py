"""A campus day gone wrong: the manager's loop and core with faults at every port, seed by seed.

`python -m tests.faults.world SEED [LAST]` runs one seed or a range of them alone and prints what
came of each; `--storm-s 150 --step-s 1` for longer and closer. Everything random comes from the
seed; time is virtual.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import structlog.testing

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.app import keeper, snapshots
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.gate import InstantActionFor
from fleet_manager.app.inbox import Overloaded
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.turn import Outcome
from fleet_manager.core import commands as c
from fleet_manager.core import events as e
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.passage import PassageRequest
from fleet_manager.core.starting import starting_places
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import ENDED, TaskStatus, TaskTrigger
from fleet_manager.ports import StoreError, StoreFailed
from tests.contract.ledger import ScriptedClock
from tests.faults.link import FaultyLink, Network, Weather
from tests.faults.robots import FaultyRobot, Lie
from tests.faults.store import FAILURES, Crash, Disk, FaultyStore
from tests.sim.passages import FakePassage

MAP_DIR = Path(__file__).parents[2] / "maps" / "canalside"
START_S = 1_800_000_000.0
STORM_S = 140.0
CALM_AT_MOST_S = 420.0
STEP_S = 2.0
ROBOTS = ("security_1", "cleaning_1", "safety_2")
PLACES = ("gate_a", "library", "canteen", "bridge_west")
ZONES = ("plaza_a_west", "depot_apron_a")

Loop = FleetLoop[FleetState, c.Command, e.Event]


@lru_cache(maxsize=1)
def gate() -> FleetGate:
    """The core on Canalside; what it keeps of the site is the same for all seeds."""
    campus = load_campus(MAP_DIR)
    fleet = load_fleet(MAP_DIR / "fleet.yaml", campus)
    return FleetGate(campus, replace(fleet, robots={name: fleet.robots[name] for name in ROBOTS}))


class Broken(AssertionError):
    """A promise that did not hold."""


@dataclass
class Asked:
    """What a client asks for until it has an answer."""

    command: c.Command
    command_id: str
    answer: asyncio.Future[Outcome[e.Event]] | None = None


@dataclass
class Fate:
    """How bad it gets: drawn from the seed; nothing after the storm."""

    weather: Weather = field(default_factory=Weather)
    disk: float = 0.0
    crash: float = 0.0
    lies: float = 0.0
    outage: float = 0.0

    @classmethod
    def of(cls, chance: random.Random) -> Fate:
        """Some seeds are mild, some have one thing at its worst, some all of it."""

        def rate(most: float) -> float:
            return chance.choice([0.0, 0.0, most / 5, most])

        return cls(
            Weather(rate(0.5), rate(0.3), rate(0.6), chance.choice([2.0, 20.0, 180.0])),
            rate(0.15),
            rate(0.03),
            rate(0.05),
            rate(0.01),
        )


@dataclass
class FaultyWorld:
    """One seed."""

    seed: int
    now_s: float = START_S
    down_until_s: float = 0.0
    disk_out_until_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.fate = Fate.of(self.chance)
        self.gate = gate()
        self.disk = Disk()
        self.clock = ScriptedClock(START_S)
        self.network = Network(self.chance)
        self.network.weather = self.fate.weather
        campus = self.gate.site.campus
        self.passages = {each.id: FakePassage.of(campus, each) for each in campus.passages.values()}
        places = starting_places(campus, self.gate.site.fleet)
        self.robots = {
            name: FaultyRobot(
                self.gate.site,
                name,
                places[name].x_m,
                places[name].y_m,
                places[name].level,
                self.passages,
            )
            for name in ROBOTS
        }
        self.loop: Loop | None = None
        self.link: FaultyLink | None = None
        self.asked: list[Asked] = []
        self.accepted: dict[str, str] = {}
        self.number = 0

    # What reaches robots and passages.

    def order(self, order: Order, epoch: int) -> None:
        robot = self.robots.get(order.robot)
        if robot is not None and robot.hears(epoch):
            robot.take(order)

    def act(self, robot: str, action: InstantAction, epoch: int) -> None:
        found = self.robots.get(robot)
        if found is not None and found.hears(epoch):
            found.do(InstantActionFor(robot, action))

    def ask(self, request: PassageRequest) -> None:
        self.passages[request.passage].ask(request)

    def may_crash(self) -> None:
        if self.chance.random() < self.fate.crash:
            self.counts["crashes between messages"] += 1
            raise Crash("between two messages")

    # What the disk does.

    def disk_fault(self) -> tuple[str, StoreFailed] | None:
        if self.now_s < self.disk_out_until_s:
            return "before", FAILURES[0]("the disk is full", "wait")
        if self.chance.random() < self.fate.crash:
            self.counts["crashes in a commit"] += 1
            when = self.chance.choice(["crash before", "crash after"])
            return when, StoreFailed("crash", "")
        if self.chance.random() < self.fate.disk:
            self.counts["commits failed"] += 1
            kind = self.chance.choice(FAILURES)
            return self.chance.choice(["before", "before", "after"]), kind("the disk fails", "wait")
        return None

    # The lives of the manager.

    async def begin_life(self) -> None:
        """A manager starts on what is on the disk."""
        store = FaultyStore(self.disk, self.disk_fault, lambda: self.now_s >= self.disk_out_until_s)
        link = FaultyLink(self.network, lambda: self.now_s, self, store.manager_epoch)
        not_before_s = self.disk.events[-1].time_s if self.disk.events else START_S
        loop: Loop = FleetLoop(self.gate, store, link, FleetClock(self.clock, not_before_s))
        self.link = link
        try:
            await loop.start()
        except (StoreError, Crash):
            self.counts["starts failed"] += 1
            self.down_until_s = self.now_s + 2.0
            return
        self.loop = loop
        self.counts["lives"] += 1

    def end_life(self) -> None:
        """It dies; who waited for an answer asks again."""
        self.loop = self.link = None
        self.down_until_s = self.now_s + self.chance.choice([0.0, 3.0, 30.0])
        for asked in self.asked:
            if asked.answer is not None:
                asked.answer.cancel()
            asked.answer = None

    async def step(self) -> None:
        """One step."""
        self.now_s += STEP_S
        self.clock.set(self.now_s)
        for robot in self.robots.values():
            robot.step(STEP_S)
        for passage in self.passages.values():
            passage.step(STEP_S)
        self.network.deliver(self.now_s)
        self._reports()
        if self.loop is None and self.now_s >= self.down_until_s:
            await self.begin_life()
        if self.loop is not None:
            try:
                await self._turn(self.loop)
            except Crash:
                self.end_life()
        self.check()

    def _reports(self) -> None:
        link = self.link
        for robot in self.robots.values():
            if robot.alive:
                said = robot.says(self.now_s, self.chance)
                if link is not None:
                    self.network.carry(self.now_s, _to(self, said))
        for passage in self.passages.values():
            if link is not None:
                link.hear_passage(passage.report(self.now_s))

    async def _turn(self, loop: Loop) -> None:
        for asked in self.asked:
            if asked.answer is None:
                asked.answer = asyncio.ensure_future(
                    loop.submit(asked.command, actor="client", command_id=asked.command_id)
                )
        await asyncio.sleep(0)
        await loop.step(ticks=True)
        assert self.link is not None
        self.link.repeat()
        for name in ("commands_failed", "turns_failed"):
            if loop.counters.get(name):
                raise Broken(f"seed {self.seed}: {name} at {self.now_s - START_S:.0f} s")
        await self._answers()

    async def _answers(self) -> None:
        await asyncio.sleep(0)
        for asked in list(self.asked):
            if asked.answer is None or not asked.answer.done():
                continue
            try:
                outcome = asked.answer.result()
            except (StoreError, Overloaded):
                asked.answer = None  # asks again
                continue
            except CampusFleetError:
                self.counts["refused"] += 1
            else:
                for event in outcome.events:
                    if isinstance(event, e.TaskSubmitted) and asked.command_id not in self.accepted:
                        self.accepted[asked.command_id] = event.task.id
            self.asked.remove(asked)

    # What people and fate do.

    def meddle(self) -> None:
        """Now and then somebody asks for something, and something breaks."""
        chance = self.chance
        if chance.random() < 0.08:
            self._ask(self._wish())
        if chance.random() < self.fate.lies:
            robot = chance.choice(list(self.robots.values()))
            self._befall(robot)
        if chance.random() < self.fate.outage:
            self.counts["outages of the disk"] += 1
            self.disk_out_until_s = self.now_s + chance.choice([1.0, 10.0, 60.0])

    def _ask(self, command: c.Command) -> None:
        self.number += 1
        self.asked.append(Asked(command, f"client:{self.seed}:{self.number}"))

    def _wish(self) -> c.Command:
        chance = self.chance
        tasks = list(self.accepted.values())
        kind = chance.choice(["patrol", "patrol", "clean", "charge", "end", "stop", "closure"])
        if kind == "clean":
            return c.SubmitTask("clean", {"zone": chance.choice(ZONES)})
        if kind == "charge":
            return c.SubmitTask("charge", {"robot": chance.choice(list(self.robots))})
        if kind == "end" and tasks:
            return c.EndTask(chance.choice(tasks), TaskTrigger.CANCEL)
        if kind == "stop":
            action = chance.choice([InstantActionType.PAUSE, InstantActionType.RESUME])
            return c.TellRobots(action, chance.choice(list(self.robots)), "guard")
        if kind == "closure":
            return c.CloseLane("lane_bridge_1_0", by="guard")
        places = chance.sample(PLACES, chance.randint(1, 2))
        return c.SubmitTask("patrol", {"places": places, "rounds": 1})

    def _befall(self, robot: FaultyRobot) -> None:
        chance = self.chance
        what = chance.choice(["lies", "lies", "dies", "reboots", "carried", "better"])
        self.counts[what] += 1
        if what == "lies":
            robot.lie = chance.choice(list(Lie))
        elif what == "dies":
            robot.alive = False
        elif what == "reboots":
            robot.reboot()
        elif what == "carried":
            robot.carry_to(robot.x_m + chance.uniform(-60, 60), robot.y_m + chance.uniform(-60, 60))
        elif not robot.alive:
            robot.reboot()
        else:
            robot.lie = Lie.NONE

    def calm_down(self) -> None:
        """Everything works from now on; people see to robots that are not where they should be."""
        self.fate = Fate()
        self.network.weather = Weather()
        self.disk_out_until_s = 0.0
        self.down_until_s = min(self.down_until_s, self.now_s)
        for robot in self.robots.values():
            robot.lie = Lie.NONE
            robot.paused = False
            if not robot.alive:
                robot.reboot()
            robot.battery = max(robot.battery, 0.6)

    # What has to hold.

    def check(self) -> None:
        """Robots that have not lied and drove themselves do not run into each other."""
        honest = [each for each in self.robots.values() if each.honest]
        for one, other in combinations(honest, 2):
            apart_m = math.dist((one.x_m, one.y_m), (other.x_m, other.y_m))
            kinds = (self.gate.site.kind(one.name), self.gate.site.kind(other.name))
            if one.level == other.level and apart_m < sum(k.footprint_radius_m for k in kinds):
                raise Broken(f"seed {self.seed}: {one.name} and {other.name} {apart_m:.2f} m apart")

    def check_end(self) -> None:
        """Nothing is lost, nothing is there twice, and the log gives the state."""
        replayed = self.gate.initial()
        submitted: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        for record in self.disk.events:
            event = self.gate.decode(record)
            self.gate.apply(replayed, event)
            if isinstance(event, e.TaskSubmitted) and record.command_id:
                submitted[record.command_id] += 1
            if isinstance(event, e.TaskMoved):
                ended[event.task_id] += self._ends(replayed, event)
        assert self.loop is not None
        known = msgspec.json.encode(self.loop.state.logged(), order="deterministic")
        if msgspec.json.encode(replayed.logged(), order="deterministic") != known:
            raise Broken(f"seed {self.seed}: the log does not give the state")
        if too_often := [each for each, times in submitted.items() if times > 1]:
            raise Broken(f"seed {self.seed}: {too_often} were carried out twice")
        for command_id, task in self.accepted.items():
            row = self.disk.tasks.get(task)
            if submitted[command_id] != 1 or row is None:
                raise Broken(f"seed {self.seed}: {task} was accepted and is lost")
            if ended[task] != 1 or TaskStatus(row.status) not in ENDED:
                raise Broken(f"seed {self.seed}: {task} is {row.status}, ended {ended[task]} times")

    @staticmethod
    def _ends(state: FleetState, event: e.TaskMoved) -> int:
        task = state.tasks.get(event.task_id)
        return int(task is not None and task.ended and task.status in ENDED)

    async def run(self) -> Counter[str]:
        """The storm, and the calm after it.

        Raises:
            Broken: a promise did not hold.
        """
        while self.now_s < START_S + STORM_S:
            self.meddle()
            await self.step()
        self.calm_down()
        until_s = self.now_s + CALM_AT_MOST_S
        while self.now_s < until_s and not self._settled():
            await self.step()
            if (self.now_s - START_S - STORM_S) % 100.0 == 0.0:
                self._see_to_robots()
        self._end_what_is_left()
        for _ in range(10):
            await self.step()
        self.check_end()
        self.counts["tasks"] += len(self.accepted)
        self.counts["events"] += len(self.disk.events)
        return self.counts

    def _settled(self) -> bool:
        if self.loop is None or self.asked:
            return False
        return not list(self.loop.state.open_tasks())

    def _see_to_robots(self) -> None:
        """People drive robots that are in nobody's plan to their docks, and say where they are."""
        campus = self.gate.site.campus
        for robot in self.robots.values():
            if not robot.honest and not robot.active:
                home = campus.waypoint(self.gate.site.fleet.robots[robot.name].home)
                robot.carry_to(home.x_m, home.y_m)
                robot.level = home.level
                self._ask(c.ConfirmPosition(robot.name, home.id, "guard"))

    def _end_what_is_left(self) -> None:
        if self.loop is not None:
            for task in self.loop.state.open_tasks():
                self.counts["killed at the end"] += 1
                self._ask(c.EndTask(task.id, TaskTrigger.KILL))


def _to(world: FaultyWorld, said: Any) -> Any:
    """Whoever lives when it arrives hears it."""

    def deliver() -> None:
        if world.link is not None:
            world.link.hear(said)

    return deliver


def run_seed(seed: int) -> Counter[str]:
    """What came of a seed.

    Raises:
        Broken: a promise did not hold; the message names the seed.
    """
    with (
        patch.object(snapshots, "EVERY_EVENTS", 50),
        patch.object(keeper, "RETRY_S", 0.0),
        patch.object(keeper, "REBUILD_RETRY_S", 0.0),
        structlog.testing.capture_logs() as said,
    ):
        try:
            return asyncio.run(FaultyWorld(seed).run())
        except Broken as error:
            raise Broken(f"{error}; {_defects(said)}") from error
        except Exception as error:
            raise Broken(f"seed {seed}: {type(error).__name__}: {error}") from error


def _defects(said: Sequence[Any]) -> str:
    """What the manager said of a defect of its own."""
    failures = [str(each["exc_info"]) for each in said if each.get("exc_info")]
    return "; ".join(failures[:2])


def main() -> None:
    """Seeds of the command line."""
    parser = argparse.ArgumentParser(description="Run seeds of faults at every port.")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int, nargs="?")
    parser.add_argument("--storm-s", type=float, default=STORM_S, help="how long things go wrong")
    parser.add_argument("--step-s", type=float, default=STEP_S, help="between two looks")
    options = parser.parse_args()
    chosen = {"STORM_S": options.storm_s, "STEP_S": options.step_s}
    with patch.multiple(sys.modules[__name__], **chosen):
        for seed in range(options.first, (options.last or options.first) + 1):
            try:
                print(seed, dict(run_seed(seed)), flush=True)
            except Broken as error:
                print(error, flush=True)


if __name__ == "__main__":
    main()
