"""Steps the world in lockstep with the robots: no step without the command of all that are there.

A step publishes the readings, then the clock, waits for each robot's command stamped with that
clock, and moves the world by them (docs/decisions/0001-simulated-time-in-lockstep.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from campus_sim.attendance import Attendance
from campus_sim.battery import Battery
from campus_sim.body import Body, Command
from campus_sim.dirt import DirtGrid
from campus_sim.pace import Pace
from campus_sim.passages import Passages
from campus_sim.sensors import Reading
from campus_sim.wire import Wire
from campus_sim.world import DT_S
from fleet_manager.core.passage import PassageReport

STEP_NS = 100_000_000
REMINDER_S = 0.05
GREETING_S = 0.1
GONE_AFTER_S = 2.0
LONGEST_SLEEP_S = 0.05
ZONES_EVERY = 10
PASSAGE_SHARES, ZONE_SHARES = 5, 20
"""What has not changed is told again after so many seconds, a share of it each second.

Zones are many, and nobody waits for them: on a site with 473 of them all zones every 5 s were a
quarter of what the simulator published.
"""


@dataclass(slots=True)
class Stop:
    """Whether the run was asked to end; noticed within 0.1 s."""

    asked: bool = False


class SteppedWorld(Protocol):
    """A world that moves when it is told to: the embedded one, or another simulator's.

    Attributes:
        steps: made since the start; each takes `DT_S`.
        bodies: the robots, in the order of the fleet.
        batteries: theirs.
        dirt: of each zone that is cleaned, by its id.
        passages: doors, lifts and crossings.
        readings: of the robots after the last step, by name.
    """

    steps: int
    bodies: Sequence[Body]
    batteries: Sequence[Battery]
    dirt: Mapping[str, DirtGrid]
    passages: Passages
    readings: Mapping[str, Reading]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the robots, in the order of the fleet."""
        ...

    def step(self, commands: Mapping[str, Command]) -> None:
        """Let `DT_S` pass; a robot without a command brakes to a stand."""
        ...


class Lockstep:
    """Runs a world on the wire until it is stopped.

    Attributes:
        wall_s: how long the steps took so far.

    Args:
        world: at its first step.
        wire: joins it to the robots.
        start_ns: the clock at step 0, Unix nanoseconds.
        speed: the ceiling; 0 or inf: as fast as it goes.
        stop: ends the run.
        watch: called with the clock after each step: cameras and the like.
    """

    def __init__(
        self,
        world: SteppedWorld,
        wire: Wire,
        start_ns: int,
        speed: float,
        stop: Stop,
        watch: Callable[[int], None] = lambda _clock_ns: None,
    ) -> None:
        self._stop = stop
        self._watch = watch
        self.wall_s = 0.0
        self._world = world
        self._wire = wire
        self._start_ns = start_ns
        self._speed = speed
        self._attendance = Attendance(world.names, GONE_AFTER_S)
        self._commands: dict[str, Command] = {}
        self._asked_ns = -1
        self._told_zones: dict[str, float] = {}
        self._told_passages: dict[str, PassageReport] = {}

    @property
    def clock_ns(self) -> int:
        """The clock of this step, Unix nanoseconds."""
        return self._start_ns + self._world.steps * STEP_NS

    @property
    def speed_reached(self) -> float:
        """Simulated seconds per wall second since the first step."""
        return self._world.steps * DT_S / self.wall_s if self.wall_s > 0 else 0.0

    def wait_for_robots(self, timeout_s: float) -> Sequence[str]:
        """Hold the first step until every robot has been heard, or the time is over.

        Returns:
            The robots that have not been heard.
        """
        deadline_s = time.monotonic() + timeout_s
        self._ask()
        while self._attendance.never_heard and not self._stop.asked:
            if time.monotonic() > deadline_s:
                break
            self._wire.publish(self._world.readings, self.clock_ns)
            self._wire.publish_zones(self._world.dirt.items(), self.clock_ns)
            self._wire.publish_passages(self._world.passages.units.values(), self.clock_ns)
            self._listen_until(time.monotonic() + GREETING_S, self._attendance.never_heard)
        return sorted(self._attendance.never_heard)

    def run(self, duration_s: float | None) -> None:
        """Step until stopped, or for `duration_s` of simulated time."""
        world, pace = self._world, Pace(self._speed, DT_S, time.monotonic())
        steps = None if duration_s is None else round(duration_s / DT_S)
        began_s = time.monotonic()
        while not self._stop.asked and (steps is None or world.steps < steps):
            self._exchange()
            while not self._stop.asked and (wait_s := pace.wait_s(time.monotonic())) > 0:
                time.sleep(min(wait_s, LONGEST_SLEEP_S))
            if self._stop.asked:
                break
            pace.stepped(time.monotonic())
            for request, epoch in self._wire.take_requests():
                world.passages.ask(request, epoch)
            world.step(self._commands)
            self._tell_zones()
            self._tell_passages()
            self._watch(self.clock_ns)
            self.wall_s = time.monotonic() - began_s

    def _exchange(self) -> None:
        """Publish the step and wait for the commands of all that are there."""
        attendance, stamp_ns = self._attendance, self.clock_ns
        # What was answered while the first step was held counts for it.
        if self._asked_ns != stamp_ns:
            self._wire.publish(self._world.readings, stamp_ns)
            self._ask()
        # A word of those that were away: they may have come back.
        self._take([name for name in self._world.names if name not in attendance.present])
        reminded_s = time.monotonic()
        while attendance.missing and not self._stop.asked:
            self._listen_until(reminded_s + REMINDER_S, attendance.missing)
            if not attendance.missing or time.monotonic() < reminded_s + REMINDER_S:
                continue
            for name in list(attendance.missing):
                if not self._wire.is_there(name):
                    attendance.leave(name)
                    self._wire.log(f"{name} has left; its wheels brake")
            for name in sorted(attendance.dismiss_silent(time.monotonic())):
                self._wire.log(f"{name} has been silent for {GONE_AFTER_S:g} s; its wheels brake")
            reminded_s = time.monotonic()
            self._wire.publish_clock(stamp_ns)

    def _ask(self) -> None:
        self._asked_ns = self.clock_ns
        self._commands = {}
        self._attendance.ask(self._asked_ns, time.monotonic())

    def _listen_until(self, end_s: float, awaited: set[str]) -> None:
        """Take commands as they come, until all of those awaited are there or the time is over."""
        while awaited and not self._stop.asked:
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return
            self._wire.wait(awaited, left_s)
            self._take(list(awaited))

    def _take(self, names: Sequence[str]) -> None:
        for name, stamp_ns, command in self._wire.take(names):
            if self._attendance.heard(name, stamp_ns, time.monotonic()):
                self._commands[name] = command

    def _tell_zones(self) -> None:
        """Those that have changed once a second, all of them every twenty seconds."""
        if self._world.steps % ZONES_EVERY:
            return
        share = self._world.steps // ZONES_EVERY % ZONE_SHARES
        told = [
            (zone_id, grid)
            for number, (zone_id, grid) in enumerate(self._world.dirt.items())
            if number % ZONE_SHARES == share or self._told_zones.get(zone_id) != grid.clean_fraction
        ]
        self._told_zones.update((zone_id, grid.clean_fraction) for zone_id, grid in told)
        self._wire.publish_zones(told, self.clock_ns)

    def _tell_passages(self) -> None:
        """Those that have changed at once, all of them every five seconds."""
        whole = self._world.steps % ZONES_EVERY == 0
        share = self._world.steps // ZONES_EVERY % PASSAGE_SHARES
        told = []
        for number, unit in enumerate(self._world.passages.units.values()):
            word = unit.report()
            due = whole and number % PASSAGE_SHARES == share
            if due or self._told_passages.get(word.passage) != word:
                self._told_passages[word.passage] = word
                told.append(unit)
        self._wire.publish_passages(told, self.clock_ns)
