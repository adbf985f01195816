"""Days of robots that work and charge as energies and times alone, from event to event."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from benchmarks.energy.robots import Figures, Robot, Table, Ways
from benchmarks.energy.rules import Rules
from fleet_manager.core.config import Policy
from fleet_manager.core.consumption import SPREAD
from fleet_manager.core.planning import charging
from fleet_manager.core.planning.charging import Claim, Need
from fleet_manager.core.planning.energy_model import J_PER_WH, charge_power_w

DAY_S = 86_400.0
PIECE_M = 300.0
LOOK_S = 240.0
"""How often robots at docks and in bays are looked at."""
STRETCH = 0.02
"""Consumption is learned over stretches of this share of the battery."""
BAY_S, BAY_M = 60.0, 60.0
"""From a dock to the bay in which robots wait for it."""
CLEANS_S = 600.0
CLOSED_S, BETWEEN_CLOSINGS_S = 7200.0, 14_400.0
OUT_S, BETWEEN_OUTAGES_S = (3600.0, 21_600.0), 43_200.0
NO_WORK_SHARE, NO_WORK_S = 0.2, 1800.0
NEARLY_FULL = 0.05


class World:
    """Robots in a time that jumps from event to event, in the order of time."""

    def __init__(
        self, ways: Sequence[Ways], robots: int, policy: Policy, rules: Rules, seed: int
    ) -> None:
        self.rng: Generator = np.random.default_rng([seed, 14])
        self.policy, self.rules = policy, rules
        self.enough = charging.ENOUGH
        self.docks = ways[0].docks
        self.places = len(ways[0].between) - self.docks
        self.now_s = 0.0
        self.figures = Figures()
        self.robots: dict[str, Robot] = {}
        self.at: list[list[Robot]] = [[] for _ in range(self.docks)]
        self.holder: list[Robot | None] = [None] * self.docks
        self.out_until_s = [0.0] * self.docks
        self.known_out = [False] * self.docks
        self.longer = np.zeros((self.places + self.docks, self.docks))
        self.closed_until_s, self.next_closing_s = 0.0, self._exp(BETWEEN_CLOSINGS_S)
        self.next_outage_s = self._exp(BETWEEN_OUTAGES_S)
        self._heap: list[tuple[float, int, str]] = []
        self._number = 0
        for index in range(robots):
            self._add(f"robot_{index + 1:02}", ways[index % len(ways)], index)

    def _add(self, name: str, ways: Ways, index: int) -> None:
        own = float(self.rng.uniform(1.0 - SPREAD, 1.0 + SPREAD))
        battery = ways.kind.battery
        dock = index % self.docks
        charge_wh = float(self.rng.uniform(0.5, 1.0)) * battery.capacity_wh
        robot = Robot(name, ways, own, float(self.rng.uniform(0.0, 0.15)), charge_wh, dock, 0)
        robot.place = self.places + dock
        self.robots[name] = robot
        self.at[dock].append(robot)
        if self.holder[dock] is None:
            self.holder[dock] = robot
        else:
            robot.mode, robot.wants = "idle", False
        robot.claim_wh = charge_wh
        self._wake(robot, float(self.rng.uniform(0.0, 600.0)))

    # --- what rules look at ---

    def way(self, robot: Robot, dock: int) -> tuple[float, float]:
        """Seconds and watt-hours by the model from where a robot will be to a dock."""
        if robot.docked and robot.dock == dock:
            return 0.0, 0.0
        between, end = robot.ways.between, self.places + dock
        drive = robot.ways.kind.battery.drive_w_per_mps * BAY_M / J_PER_WH
        found = self._from(between, robot.place, end, dock)
        if robot.share > 0.0:
            leg, back = between[robot.place][robot.goal], between[robot.goal][robot.place]
            on = self._from(between, robot.goal, end, dock)
            on = (on[0] + (1 - robot.share) * leg[0], on[1] + (1 - robot.share) * leg[1])
            found = (found[0] + robot.share * back[0], found[1] + robot.share * back[1])
            found = min(found, on)
        return found[0] + BAY_S, found[1] + drive

    def _from(self, between: Table, place: int, end: int, dock: int) -> tuple[float, float]:
        seconds, energy_wh = between[place][end]
        if self.closed_until_s:
            longer = 1.0 + float(self.longer[place, dock])
            return seconds * longer, energy_wh * longer
        return seconds, energy_wh

    def claim(self, robot: Robot, dock: int, takes_s: float | None = None) -> Claim:
        """What a robot needs of a dock once it is not busy any more."""
        battery = robot.battery
        if robot.docked and robot.dock == dock:
            return Claim(self._need(robot, robot.charge_wh), 0.0, 0.0, docked=True)
        if takes_s is None:
            takes_s = max(0.0, robot.busy_until_s - self.now_s)
        waited_s = max(0.0, self.now_s - max(robot.busy_until_s, robot.since_s))
        idle_wh = battery.idle_w * robot.upper * waited_s / J_PER_WH
        charge_wh = robot.claim_wh - (0.0 if robot.docked else idle_wh)
        seconds, energy_wh = self.way(robot, dock)
        beyond_wh = robot.ways.beyond_wh[dock]
        return Claim(self._need(robot, charge_wh), takes_s + seconds, energy_wh, beyond_wh)

    def _need(self, robot: Robot, charge_wh: float) -> Need:
        battery = robot.battery
        reserve_wh = self.policy.reserve * battery.capacity_wh
        return Need(robot.name, battery, charge_wh, reserve_wh, robot.upper)

    def claims(self, dock: int, but: Robot | None = None) -> list[Claim]:
        """Of all that count on a dock."""
        return [self.claim(each, dock) for each in self.at[dock] if each is not but]

    def waiting(self, dock: int) -> list[Robot]:
        """Robots that wait in a bay for a dock."""
        return [each for each in self.at[dock] if each.mode == "waiting"]

    def docks_near(self, robot: Robot) -> list[int]:
        """Docks that are not known to be out of order."""
        return [dock for dock in range(self.docks) if not self.known_out[dock]]

    def count_on(self, robot: Robot, dock: int) -> None:
        """Have a robot count on another dock."""
        if dock != robot.dock:
            self.at[robot.dock].remove(robot)
            self.at[dock].append(robot)
            robot.dock = dock

    # --- time ---

    def run(self, days: float) -> Figures:
        """Live for some days."""
        end_s = days * DAY_S
        while self._heap[0][0] < end_s:
            self.now_s, number, name = heapq.heappop(self._heap)
            self._disturb()
            if self.robots[name].look == number:
                self._act(self.robots[name])
        self.figures.robot_days = days * len(self.robots)
        self.figures.learned = [(r.own, r.consumption.factor) for r in self.robots.values()]
        return self.figures

    def _wake(self, robot: Robot, in_s: float) -> None:
        """Look at a robot again then, and not as planned before."""
        self._number += 1
        robot.look = self._number
        heapq.heappush(self._heap, (self.now_s + in_s, self._number, robot.name))

    def _exp(self, mean_s: float) -> float:
        return float(self.rng.exponential(mean_s))

    def _factor(self, robot: Robot) -> float:
        drawn = robot.own + float(self.rng.uniform(-robot.noise, robot.noise))
        return min(max(drawn, 1.0 - SPREAD), 1.0 + SPREAD)

    def _disturb(self) -> None:
        """Closings that make ways back longer, and docks that give nothing."""
        if self.closed_until_s and self.now_s >= self.closed_until_s:
            self.longer[:] = 0.0
            self.closed_until_s, self.next_closing_s = (
                0.0,
                self.now_s + self._exp(BETWEEN_CLOSINGS_S),
            )
        elif not self.closed_until_s and self.now_s >= self.next_closing_s:
            affected = self.rng.random(self.longer.shape) < 0.5
            self.longer = affected * self.rng.uniform(0.0, charging.DETOUR, self.longer.shape)
            self.closed_until_s = self.now_s + CLOSED_S
        for dock in range(self.docks):
            if self.out_until_s[dock] and self.now_s >= self.out_until_s[dock]:
                self.out_until_s[dock], self.known_out[dock] = 0.0, False
                self.next_outage_s = self.now_s + self._exp(BETWEEN_OUTAGES_S)
        if not any(self.out_until_s) and self.now_s >= self.next_outage_s and self.docks > 1:
            dock = int(self.rng.integers(self.docks))
            self.out_until_s[dock] = self.now_s + float(self.rng.uniform(*OUT_S))
            if self.holder[dock] is not None or self.rng.random() < 0.5:
                self._found_out(dock)

    def _found_out(self, dock: int) -> None:
        """Everybody knows that a dock gives nothing: those that count on it choose another."""
        self.known_out[dock] = True
        self.holder[dock] = None
        for robot in list(self.at[dock]):
            if robot.docked:
                self._settle(robot)
                self._leave(robot)
            self.count_on(robot, self.rules.dock_for(self, robot, forced=True))
            if robot.mode == "waiting" or (robot.mode == "idle" and robot.wants):
                self._drive_in(robot)

    # --- robots ---

    def _settle(self, robot: Robot) -> None:
        """Bring a robot's charge up to now."""
        past_s = self.now_s - robot.since_s
        battery = robot.battery
        if robot.docked:
            gained_wh = charge_power_w(battery, robot.charge_wh) * past_s / J_PER_WH
            robot.charge_wh = min(robot.charge_wh + gained_wh, battery.capacity_wh)
        else:
            predicted_wh = robot.drawing_wh
            if robot.mode in ("waiting", "idle"):
                predicted_wh += battery.idle_w * past_s / J_PER_WH
            used_wh = predicted_wh * self._factor(robot)
            robot.charge_wh -= used_wh
            self._learn(robot, predicted_wh, used_wh)
            self._judge(robot)
            self.figures.waiting_s += past_s * (robot.mode == "waiting")
            self.figures.working_s += past_s * (robot.mode == "working")
        robot.drawing_wh = 0.0
        robot.since_s = self.now_s
        robot.claim_wh = robot.charge_wh

    def _learn(self, robot: Robot, predicted_wh: float, used_wh: float) -> None:
        robot.stretch[0] += predicted_wh
        robot.stretch[1] += used_wh
        if robot.stretch[0] >= STRETCH * robot.battery.capacity_wh:
            noise_wh = 0.001 * robot.battery.capacity_wh
            robot.consumption = robot.consumption.after(
                robot.stretch[0], robot.stretch[1], noise_wh
            )
            robot.upper = robot.consumption.upper
            robot.stretch = [0.0, 0.0]

    def _judge(self, robot: Robot) -> None:
        share = robot.charge_wh / robot.battery.capacity_wh
        self.figures.lowest = min(self.figures.lowest, share)
        below = share < self.policy.reserve
        self.figures.below += below and not robot.below
        robot.below = below

    def _act(self, robot: Robot) -> None:
        self._settle(robot)
        if robot.mode == "docked":
            self._at_dock(robot)
        elif robot.mode == "coming":
            self._arrived(robot)
        elif robot.mode == "waiting":
            self._wait(robot)
        else:
            self._work(robot)

    def _at_dock(self, robot: Robot) -> None:
        full_wh = self.policy.charge_to * robot.battery.capacity_wh
        robot.wants = robot.wants and robot.charge_wh < full_wh
        if self.rules.leaves(self, robot):
            dock = robot.dock
            self._leave(robot)
            low = self.rules.low(self, robot)
            robot.mode, robot.wants = ("waiting", True) if low else ("idle", False)
            robot.must = low
            self._hand_over(dock)
            self._wake(robot, LOOK_S)
        elif self.rules.ready(self, robot) and self.rng.random() < 0.5:
            self._work(robot)
        else:
            self._wake(robot, LOOK_S)

    def _leave(self, robot: Robot) -> None:
        """Into the bay before the dock."""
        if self.holder[robot.dock] is robot:
            self.holder[robot.dock] = None
        robot.mode, robot.place, robot.share = "idle", self.places + robot.dock, 0.0
        robot.drawing_wh += robot.battery.drive_w_per_mps * BAY_M / J_PER_WH
        robot.since_s = self.now_s

    def _hand_over(self, dock: int) -> None:
        """A dock has become free: the next one has it after a while."""
        if self.known_out[dock] or self.holder[dock] is not None:
            return
        robot = self.rules.next_at(self, dock)
        if robot is not None:
            self._settle(robot)
            self.holder[dock] = robot
            change_s = float(self.rng.uniform(BAY_S, charging.CHANGE_S))
            self._set_off(robot, "coming", change_s, 0.0)

    def _work(self, robot: Robot) -> None:
        """Do the next piece of work, or come in."""
        low = self.rules.low(self, robot)
        if robot.goal < 0 and not robot.docked and low:
            self._come_in(robot)
            return
        if robot.goal < 0 and robot.cleans_s <= 0.0:
            if self.now_s < robot.no_work_until_s:
                self._rest(robot)
                return
            self._take_work(robot)
        for whole in (True, False):
            then, takes_s, predicted_wh = self._piece(robot, whole)
            if self.rules.may_go(self, robot, then, takes_s):
                self._do(robot, then, takes_s, predicted_wh)
                return
        if robot.docked:
            robot.goal, robot.cleans_s = -1, 0.0
            self._wake(robot, LOOK_S)
        else:
            self._come_in(robot)

    def _rest(self, robot: Robot) -> None:
        """Nothing to do for a while, in a bay: an empty dock is used if there is one."""
        if robot.docked:
            self._wake(robot, LOOK_S)
            return
        free = self.holder[robot.dock] is None and not self.known_out[robot.dock]
        below_wh = (self.policy.charge_to - NEARLY_FULL) * robot.battery.capacity_wh
        if free and not self.waiting(robot.dock) and robot.charge_wh < below_wh:
            self._come_in(robot, must=False)
            return
        then = self._copy(robot)
        idle_wh = robot.battery.idle_w * LOOK_S / J_PER_WH
        then.claim_wh = robot.charge_wh - idle_wh * robot.upper
        if not self.rules.may_go(self, robot, then, LOOK_S):
            self._come_in(robot)
            return
        robot.mode = "idle"
        self._wake(robot, LOOK_S)

    def _take_work(self, robot: Robot) -> None:
        robot.goal = int(self.rng.integers(self.places))
        robot.share = 0.0
        cleans = robot.ways.kind.brush_width_m is not None
        robot.cleans_s = float(self.rng.uniform(600.0, 3600.0)) if cleans else 0.0

    def _copy(self, robot: Robot) -> Robot:
        return Robot(
            name=robot.name, ways=robot.ways, own=0.0, noise=0.0, charge_wh=robot.charge_wh,
            dock=robot.dock, place=robot.place, mode="working", goal=robot.goal,
            share=robot.share, cleans_s=robot.cleans_s, since_s=self.now_s,
            consumption=robot.consumption,
            upper=robot.upper,
        )  # fmt: skip

    def _piece(self, robot: Robot, whole: bool) -> tuple[Robot, float, float]:
        """What a robot would do next: how that leaves it, its seconds, watt-hours by the model."""
        then = self._copy(robot)
        battery = robot.battery
        if robot.goal >= 0:
            leg_s, leg_wh = robot.ways.between[robot.place][robot.goal]
            length_m = max(float(leg_s) * robot.ways.kind.max_speed_mps, 1.0)
            step = 1.0 - robot.share if whole else min(1.0 - robot.share, PIECE_M / length_m)
            takes_s, predicted_wh = float(leg_s) * step, float(leg_wh) * step
            then.share += step
            if then.share > 1.0 - 1e-9:
                then.place, then.goal, then.share = robot.goal, -1, 0.0
        else:
            takes_s = min(robot.cleans_s, CLEANS_S * (2.0 if whole else 1.0))
            speed_mps = robot.ways.kind.max_speed_mps
            power_w = battery.idle_w + battery.tool_w + battery.drive_w_per_mps * speed_mps
            predicted_wh = power_w * takes_s / J_PER_WH
            then.cleans_s -= takes_s
        then.claim_wh = robot.charge_wh - predicted_wh * robot.upper
        return then, takes_s, predicted_wh

    def _do(self, robot: Robot, then: Robot, takes_s: float, predicted_wh: float) -> None:
        if robot.docked:
            dock = robot.dock
            self._leave(robot)
            self._hand_over(dock)
        robot.place, robot.goal, robot.share = then.place, then.goal, then.share
        robot.cleans_s, robot.wants = then.cleans_s, False
        if then.goal < 0 and then.cleans_s <= 0.0 and self.rng.random() < NO_WORK_SHARE:
            robot.no_work_until_s = self.now_s + takes_s + self._exp(NO_WORK_S)
        robot.claim_wh = then.claim_wh
        self._set_off(robot, "working", takes_s, predicted_wh)

    def _set_off(self, robot: Robot, mode: str, takes_s: float, predicted_wh: float) -> None:
        robot.mode = mode
        robot.drawing_wh += predicted_wh
        robot.busy_until_s = self.now_s + takes_s
        self._wake(robot, takes_s)

    def _come_in(self, robot: Robot, *, must: bool = True) -> None:
        robot.must = must
        self.count_on(robot, self.rules.dock_for(self, robot, forced=self.known_out[robot.dock]))
        robot.wants = True
        self._drive_in(robot)

    def _drive_in(self, robot: Robot) -> None:
        """To the bay before the dock, by ways that may get longer, and with delays."""
        seconds, energy_wh = self.way(robot, robot.dock)
        longer = 1.0
        if self.rng.random() < 0.3:
            longer += float(self.rng.uniform(0.0, charging.DETOUR))
        delay_s = float(self.rng.random()) ** 3 * charging.DELAY_S
        robot.goal, robot.cleans_s = -1, 0.0
        robot.place, robot.share = self.places + robot.dock, 0.0
        predicted_wh = energy_wh * longer + robot.battery.idle_w * delay_s / J_PER_WH
        robot.claim_wh = robot.charge_wh - predicted_wh * robot.upper
        self._set_off(robot, "coming", seconds * longer + delay_s, predicted_wh)

    def _arrived(self, robot: Robot) -> None:
        dock = robot.dock
        if self.holder[dock] is robot:
            if self.out_until_s[dock]:
                self._found_out(dock)
                return
            robot.mode, robot.below = "docked", False
            self.figures.charged += 1
            self._wake(robot, LOOK_S)
            return
        robot.mode = "waiting"
        self._wait(robot)

    def _wait(self, robot: Robot) -> None:
        holder = self.holder[robot.dock]
        if holder is None:
            self._hand_over(robot.dock)
        elif holder.docked and self.rules.leaves(self, holder):
            self._settle(holder)
            self._at_dock(holder)
        if robot.mode == "waiting" and not (robot.must and self.rules.low(self, robot)):
            robot.mode, robot.wants = "idle", False
        if robot.mode in ("waiting", "idle"):
            self._wake(robot, LOOK_S)
