"""When robots have to charge, at which dock, who is next and for how long: by energies alone.

A robot that is away from a dock counts on one. Those that count on the same dock have turns there:
if all of them stopped what they do now and came, each in its turn, none would fall below its
reserve before it is served (`turns`; earliest deadline first, Jackson 1955, with the wait in a bay
near the dock). A robot goes on only while that holds after what it does next; otherwise it comes in
(docs/decisions/0014). Nothing here looks at a map or a state, so that the same policy runs in the
decisions and in simulations of energies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fleet_manager.core.config import BatterySpec
from fleet_manager.core.consumption import SPREAD
from fleet_manager.core.planning.energy_model import J_PER_WH, charge_s

DETOUR = 0.25
"""A closing on the way back makes it longer by no more than this share."""
DELAY_S = 600.0
"""On its way back a robot waits for others, doors and lifts no longer than this in all."""
CHANGE_S = 240.0
"""From one robot's leaving a dock to the next one's standing at it."""
ROUND_S = 7200.0
"""A robot that gives up its dock before it is full can wait so long for its next turn."""
EASY_S = 1800.0
"""Of several docks at which there is so much time left, the nearest will do."""
OTHERS_HOME_S = 900.0
"""Another robot's home is chosen when it saves as much time."""
ENOUGH = 0.80
"""State of charge that is enough for the work to come, where others wait."""
KEPT_S = 300.0
"""A robot changes the dock it counts on when that saves as much time."""


@dataclass(frozen=True, slots=True)
class Need:
    """A robot's battery, as far as charging is concerned.

    Attributes:
        charge_wh: now.
        reserve_wh: below which it must not fall away from a dock.
        upper: the most it draws, as a share of its model (`Consumption.upper`).
    """

    robot: str
    battery: BatterySpec
    charge_wh: float
    reserve_wh: float
    upper: float

    @property
    def idle_w(self) -> float:
        """The most that it draws while it waits."""
        return self.battery.idle_w * self.upper

    @property
    def leave_wh(self) -> float:
        """A charge with which it can leave its dock to another, and wait for its next turn."""
        wait_wh = self.idle_w * (ROUND_S + DELAY_S) / J_PER_WH
        return min(self.reserve_wh + wait_wh, self.battery.capacity_wh)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a robot needs of the dock that it counts on.

    Attributes:
        duration_s: of the way there, from where it would turn back; 0 at the dock.
        energy_wh: of the way there by the model.
        beyond_wh: from there to the next dock, should this one fail, by the model.
        docked: it stands there.
    """

    need: Need
    duration_s: float
    energy_wh: float
    beyond_wh: float = 0.0
    docked: bool = False

    @property
    def needed_wh(self) -> float:
        """The most that coming in takes, with a detour, delays and the way to the next dock."""
        if self.docked:
            return 0.0
        way_wh = (self.energy_wh + self.beyond_wh) * (1.0 + DETOUR)
        return way_wh * self.need.upper + self.need.idle_w * DELAY_S / J_PER_WH

    @property
    def patience_s(self) -> float:
        """How long it can wait for the dock; below 0: it would arrive below its reserve."""
        spare_wh = self.need.charge_wh - self.need.reserve_wh - self.needed_wh
        if self.need.idle_w <= 0.0:
            return math.copysign(math.inf, spare_wh)
        return spare_wh / self.need.idle_w * J_PER_WH


@dataclass(frozen=True, slots=True)
class Turn:
    """When a robot has a dock if all that count on it come in now.

    Attributes:
        begin_s: from now on; 0 for one that stands there.
        until_s: when the next can have it.
        slack_s: by how much it could begin later; below 0: it would fall below its reserve.
    """

    robot: str
    begin_s: float
    until_s: float
    slack_s: float
    docked: bool = False


def turns(claims: Iterable[Claim]) -> list[Turn]:
    """Who has a dock when, of those that count on it; the one that stands there comes first.

    Each charges until it can wait for its next turn, or is served until it has charged enough
    already. The most urgent are served first: those who can wait least.
    """
    docked, coming = [], []
    for claim in claims:
        if claim.docked:
            docked.append(claim)
        else:
            coming.append((claim.duration_s + claim.patience_s, claim.need.robot, claim))
    coming.sort(key=lambda each: each[:2])
    clock_s = 0.0
    found: list[Turn] = []
    for claim in docked:
        clock_s += _service_s(claim.need, claim.need.charge_wh) + CHANGE_S
        found.append(Turn(claim.need.robot, 0.0, clock_s, math.inf, True))
    for latest_s, robot, claim in coming:
        begin_s = max(clock_s, claim.duration_s)
        waits_s = begin_s - claim.duration_s
        left_wh = claim.need.charge_wh - claim.needed_wh - claim.need.idle_w * waits_s / J_PER_WH
        clock_s = begin_s + _service_s(claim.need, left_wh) + CHANGE_S
        found.append(Turn(robot, begin_s, clock_s, latest_s - begin_s))
    return found


def _service_s(need: Need, from_wh: float) -> float:
    """Time to charge from a charge until the robot can leave the dock to another."""
    if from_wh >= need.leave_wh:
        return 0.0
    battery = need.battery
    net_w = battery.charge_w - battery.idle_w * (need.upper - 1.0)
    return charge_s(battery, from_wh, need.leave_wh) * battery.charge_w / max(net_w, 1.0)


def slack_s(claims: Iterable[Claim]) -> float:
    """The least slack of any that count on a dock; infinite where none has to come."""
    return min((turn.slack_s for turn in turns(claims)), default=math.inf)


def to_come_in(claims: Iterable[Claim], margin_s: float) -> list[str]:
    """Robots that have to come in now, the first to be served first.

    When anyone's slack is used up, that one and all who are served before it: had they come later,
    it would be too late for it.
    """
    plan = turns(claims)
    tight = [index for index, turn in enumerate(plan) if turn.slack_s <= margin_s]
    if not tight:
        return []
    return [turn.robot for turn in plan[: tight[-1] + 1] if not turn.docked]


def docks_needed(batteries: Iterable[BatterySpec]) -> int:
    """The least number of docks at which robots can take turns for ever while they only wait.

    In a round each is charged with what it draws until its next turn, however much above its model
    it draws. Robots that work need more docks than that, or wait longer for them.
    """
    total_s = 0.0
    for battery in batteries:
        draws_w = battery.idle_w * (1.0 + SPREAD)
        net_w = battery.charge_w - battery.idle_w * SPREAD
        total_s += draws_w * (ROUND_S + DELAY_S) / max(net_w, 1.0) + CHANGE_S
    return math.ceil(total_s / ROUND_S)


@dataclass(frozen=True, slots=True)
class Option:
    """A dock that a robot may count on.

    Attributes:
        claim: the robot's, on this dock.
        others: of those that count on it now.
        cost_s: what speaks against it besides time: another robot's home, for example.
    """

    dock: str
    claim: Claim
    others: Sequence[Claim] = ()
    cost_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The dock chosen; `slack_s` is the least of all who then count on it."""

    dock: str
    begin_s: float
    slack_s: float


def choose(options: Iterable[Option]) -> Choice | None:
    """The dock to count on: where everybody has time left, the soonest; else where most is left.

    None: there is no dock.
    """
    best: tuple[tuple[bool, float, str], Choice] | None = None
    for option in options:
        plan = turns([*option.others, option.claim])
        least_s = min(turn.slack_s for turn in plan)
        own = next(turn for turn in plan if turn.robot == option.claim.need.robot)
        easy = least_s >= EASY_S
        rank = (not easy, own.begin_s + option.cost_s if easy else -least_s, option.dock)
        if best is None or rank < best[0]:
            best = (rank, Choice(option.dock, own.begin_s, least_s))
    return None if best is None else best[1]


def next_at(dock_claims: Iterable[Claim], wanting: Mapping[str, object]) -> str | None:
    """Which of the robots that want to charge has a dock next: the one that can wait least.

    Args:
        wanting: robots that are to charge there now.
    """
    for turn in turns(dock_claims):
        if turn.robot in wanting:
            return turn.robot
    return None


def gives_up(claims: Sequence[Claim], enough_wh: float, full_wh: float, margin_s: float) -> bool:
    """Whether the robot that charges at a dock leaves it to those that wait for it.

    It charges until it is full while they can wait for that; else until it has enough for the work
    to come; and where somebody cannot wait for that either, until it can wait for its next turn.

    Args:
        claims: of all that count on the dock.
        enough_wh: for the work to come.
        full_wh: at which charging ends.
        margin_s: slack that has to be left to everybody.
    """
    docked = next((each.need for each in claims if each.docked), None)
    if docked is None:
        return False
    if docked.charge_wh >= full_wh:
        return True
    if docked.charge_wh < docked.leave_wh:
        return False
    left_s = slack_s(claims) - margin_s
    if docked.charge_wh < enough_wh:
        return left_s <= 0.0
    return left_s <= charge_s(docked.battery, docked.charge_wh, full_wh)
