"""A scenario: what is simulated beside map and fleet, from the work asked for to what goes wrong.

Everything random in it is drawn from streams that depend on the seed and on what they are for, not
on what the fleet does: two scenarios with the same seed meet the same requests, the same incidents
and, robot by robot, the same mishaps (common random numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.programme import ProgrammeSpec

DAY_S = 86_400.0
HOUR_S = 3_600.0


class Requests(Struct, frozen=True, forbid_unknown_fields=True):
    """What people ask for beside the schedules; None: as the map has work for it.

    Arrivals are Poisson processes. By default a clean zone is asked for once a day, assets as often
    as they are due, in rounds of five, and the places of a sector (or, without sectors, of the
    campus) are patrolled as often as is promised, or every two hours.

    Attributes:
        patrols_per_hour, cleanings_per_hour, inspections_per_hour: of tasks.
        spills_per_hour: spot cleaning of two metres round a point.
        visits_per_hour: a robot is sent somewhere.
    """

    patrols_per_hour: float | None = None
    cleanings_per_hour: float | None = None
    inspections_per_hour: float | None = None
    spills_per_hour: float = 0.25
    visits_per_hour: float = 0.25


class Incidents(Struct, frozen=True, forbid_unknown_fields=True):
    """What is raised during the time, each with a robot sent there.

    Attributes:
        per_day: on the whole campus.
        priority: of the task to respond.
        on_site_s: how long the robot stays.
    """

    per_day: float = 6.0
    priority: int = 7
    on_site_s: float = 180.0


class Mishap(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happens to each robot now and then.

    Attributes:
        per_robot_day: how often, on average.
        least_s, most_s: how long it lasts, uniformly.
    """

    per_robot_day: float = 0.0
    least_s: float = 30.0
    most_s: float = 300.0


class Mishaps(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong with robots.

    Attributes:
        stops: it stands still, for people who stand in its way.
        slow: it drives at `slow_factor` of its speed.
        silent: it is not heard and hears nothing, but goes on with its base.
        reboots: it stands still, is not heard, and has forgotten to go on with its order.
        consumption: the draw of each robot's battery is up to this much more or less than its
            kind's (drawn once, uniformly).
    """

    stops: Mishap = Mishap(8.0, 10.0, 120.0)
    slow: Mishap = Mishap(2.0, 120.0, 900.0)
    silent: Mishap = Mishap(0.5, 10.0, 240.0)
    reboots: Mishap = Mishap(0.1, 30.0, 180.0)
    slow_factor: float = 0.5
    consumption: float = 0.2


NO_MISHAPS = Mishaps(Mishap(), Mishap(), Mishap(), Mishap(), 1.0, 0.0)


class ClosureSpell(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is closed or slowed for a while, in hours since the start."""

    from_h: float
    until_h: float
    lanes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None
    speed_limit_mps: float | None = None
    reason: str = "closed in the scenario"


class WeatherSpell(Struct, frozen=True, forbid_unknown_fields=True):
    """Weather for a while, in hours since the start; conditions as the map's rules name them."""

    from_h: float
    until_h: float
    conditions: tuple[str, ...]


class TimedRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A task asked for at a set time, in hours since the start."""

    at_h: float
    category: str
    description: Mapping[str, Any]
    priority: int = 0


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """What is simulated.

    Attributes:
        days: how long.
        start: local time of the campus, unless it names a zone.
        robots: how many in all (the kinds as in the fleet's file), or by kind; None: those of
            the file.
        policy: fields of the fleet's policy that are to be otherwise.
        schedules: those of the map run.
        schedule_file: another file of schedules, which run instead; beside the scenario's file.
        tasks: asked for at set times.
        programmes: patrols with a promise, instead of those of the map; with programmes of its own
            nobody asks for patrols beside, by default.
    """

    name: str = "as it is"
    days: float = 1.0
    start: datetime = datetime(2026, 3, 2)
    robots: int | Mapping[str, int] | None = None
    policy: Mapping[str, float] = {}
    schedules: bool = True
    schedule_file: str | None = None
    requests: Requests = Requests()
    incidents: Incidents = Incidents()
    mishaps: Mishaps = Mishaps()
    closures: tuple[ClosureSpell, ...] = ()
    weather: tuple[WeatherSpell, ...] = ()
    tasks: tuple[TimedRequest, ...] = ()
    programmes: tuple[ProgrammeSpec, ...] | None = None


@dataclass(frozen=True)
class StandingWork:
    """Schedules and programmes of a map, which run unless a scenario says otherwise."""

    schedules: tuple[ScheduleSpec, ...] = ()
    programmes: tuple[ProgrammeSpec, ...] = ()


NO_WORK = StandingWork()
QUIET = Scenario(
    name="nothing happens",
    schedules=False,
    requests=Requests(0.0, 0.0, 0.0, 0.0, 0.0),
    incidents=Incidents(per_day=0.0),
    mishaps=NO_MISHAPS,
)
"""Without work and without anything that goes wrong; what is wanted is put in."""


def check_scenario(scenario: Scenario) -> None:
    """Refuse what cannot be simulated.

    Raises:
        InvalidRequest: a number is out of its range; says which.
    """
    problems: list[str] = []

    def within(name: str, value: float | None, least: float, most: float) -> None:
        if value is not None and not least <= value <= most:
            problems.append(f"{name} is {value:g}, not {least:g} to {most:g}")

    within("days", scenario.days, 0.001, 366.0)
    asked = scenario.requests
    for name in asked.__struct_fields__:
        within(f"requests.{name}", getattr(asked, name), 0.0, 10_000.0)
    within("incidents.per_day", scenario.incidents.per_day, 0.0, 10_000.0)
    within("incidents.priority", scenario.incidents.priority, 0, 9)
    within("incidents.on_site_s", scenario.incidents.on_site_s, 0.0, DAY_S)
    mishaps = scenario.mishaps
    for name in ("stops", "slow", "silent", "reboots"):
        each: Mishap = getattr(mishaps, name)
        within(f"mishaps.{name}.per_robot_day", each.per_robot_day, 0.0, 10_000.0)
        within(f"mishaps.{name}.least_s", each.least_s, 0.0, DAY_S)
        within(f"mishaps.{name}.most_s", each.most_s, each.least_s, DAY_S)
    within("mishaps.slow_factor", mishaps.slow_factor, 0.05, 1.0)
    within("mishaps.consumption", mishaps.consumption, 0.0, 0.9)
    spells = [(each.from_h, each.until_h) for each in scenario.closures]
    spells += [(each.from_h, each.until_h) for each in scenario.weather]
    for from_h, until_h in spells:
        within("from_h of a closure or of weather", from_h, 0.0, 24 * scenario.days)
        within("until_h of a closure or of weather", until_h, from_h, 1e5)
    if problems:
        raise InvalidRequest(
            f"scenario {scenario.name!r}: {'; '.join(problems)}", "correct the scenario"
        )
