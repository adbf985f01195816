"""A quiet campus on which programmes patrol in virtual time, and what is known of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from fleet_manager.adapters.sim.demand import Spell
from fleet_manager.adapters.sim.world import World
from fleet_manager.core import events as e
from fleet_manager.core import fleet as gate
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.programme import Programme, ProgrammeSpec, SiteSpec
from fleet_manager.core.programme_commands import SaveProgramme
from fleet_manager.core.scenario import NO_WORK, QUIET
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState

START_S = 1_800_000_000.0
ALL_DAY_S = 86_400.0


class Patrols(World):
    """A simulation whose events are kept, and whose sites' longest gaps can be looked at anew."""

    thorough = True

    def __init__(self, campus: Campus, config: FleetConfig, robots: Iterable[str]) -> None:
        self.events: list[e.Event] = []
        chosen = {name: config.robots[name] for name in robots}
        site = Site(campus, replace(config, robots=chosen))
        super().__init__(site, NO_WORK, QUIET, 1, START_S, START_S + ALL_DAY_S)
        self.hours(0.002)

    def do(self, command: Command) -> tuple[e.Event, ...]:
        """Have a command decided, and its events kept."""
        events = super().do(command)
        self.events += events
        return events

    def hours(self, hours: float) -> None:
        """Let time pass."""
        self.run(self.now_s + hours * 3600.0)

    def patrol(self, **fields: object) -> None:
        """Begin a programme."""
        self.do(SaveProgramme(patrol_spec(self.site.campus, **fields)))

    def programme(self, identifier: str = "watch") -> Programme:
        """The programme."""
        return self.state.programme(identifier)

    def mishap(self, robot: str, what: str, for_s: float) -> None:
        """Have something happen to a robot: stops, silent, reboots."""
        self.befall(Spell(self.now_s, robot, what, for_s), self.now_s)

    def drain(self, robot: str, to: float) -> None:
        """Leave so much charge in a robot's battery."""
        capacity_wh = self.site.kind(robot).battery.capacity_wh
        excess = self.robots[robot].battery.charge(self.now_s) - to
        self.robots[robot].battery._left_wh -= excess * capacity_wh

    def patrolling(self) -> list[str]:
        """Robots that have a stretch of a programme."""
        tasks = self.state.open_tasks()
        return [task.robot for task in tasks if task.programme_id and task.robot]

    def worst_s(self, hours: float, but: Iterable[str] = ()) -> float:
        """The longest time without a visit that ends, or is still open, within the next hours.

        Args:
            but: sites that do not count.
        """
        programme = self.programme()
        fresh = {
            site: msgspec.structs.replace(record, worst_s=0.0)
            for site, record in programme.visits.items()
        }
        self.state.programmes["watch"] = msgspec.structs.replace(programme, visits=fresh)
        self.hours(hours)
        records = {s: r for s, r in self.programme().visits.items() if s not in but}
        return max(max(each.worst_s, each.idle_s(self.now_s)) for each in records.values())

    def replayed(self) -> FleetState:
        """The state that the log alone gives."""
        state = FleetState.initial(self.site)
        for event in self.events:
            gate.apply(state, e.decode(e.encode(event)))
        return state


def patrol_spec(campus: Campus, **fields: object) -> ProgrammeSpec:
    """A programme of places, with what else is given."""
    places = fields.pop("places", tuple(campus.names.values()))
    assert isinstance(places, tuple)
    usual: dict[str, object] = {
        "id": "watch",
        "name": "Watch",
        "timezone": campus.timezone,
        "sites": tuple(SiteSpec(place) for place in places),
        "promise_s": 1800.0,
    }
    return ProgrammeSpec(**{**usual, **fields})  # type: ignore[arg-type]
