"""The fleet as the log tells it, with the latest telemetry beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from msgspec import Struct

from fleet_manager.core.closure import Closure
from fleet_manager.core.consumption import Consumption
from fleet_manager.core.detection import Heard
from fleet_manager.core.emergency import RobotStop, ZoneStop
from fleet_manager.core.errors import Unknown
from fleet_manager.core.incident import Incident
from fleet_manager.core.passage import PassageRecord, PassageReport
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.programme import Programme
from fleet_manager.core.report import RobotReport
from fleet_manager.core.restrictions import NONE, Restrictions, WeatherNow
from fleet_manager.core.robot import STANDSTILL, RobotRecord
from fleet_manager.core.schedule import Schedule
from fleet_manager.core.site import Site
from fleet_manager.core.task import Task, Turn

Item = TypeVar("Item")

LOGGED = (
    "manager_epoch",
    "task_number",
    "order_number",
    "incident_number",
    "robots",
    "tasks",
    "incidents",
    "schedules",
    "closures",
    "closure_number",
    "stops",
    "zone_stops",
    "weather",
    "map",
    "inspected",
    "given",
    "rounds",
    "rounds_without",
    "session_number",
    "passages",
    "programmes",
    "promised",
    "docks_out",
    "detections_heard",
    "camera_scores",
)
"""Fields that come from the log alone, and that a replay restores byte for byte."""


class MapInUse(Struct, frozen=True):
    """The publication of the map that robots are led by; version "": that of the files."""

    version: str = ""
    number: int = 0
    time_s: float = 0.0
    by: str = ""
    note: str = ""
    source: str = ""


class Inspection(Struct, frozen=True):
    """When an asset was last looked at, Unix seconds, and what was seen."""

    time_s: float
    result: dict[str, Any]


@dataclass(slots=True)
class Learning:
    """What is being learned of what a robot draws (`planning/learning.py`).

    Attributes:
        consumption: as known by now; the log has it as of when it last changed much.
        begun_at: state of charge at the beginning of the present stretch; None: there is none.
        predicted_wh: what the model says has been drawn since.
    """

    consumption: Consumption
    begun_at: float | None = None
    predicted_wh: float = 0.0


@dataclass(slots=True)
class Telemetry:
    """What robots say at rate; not in the log, not in what a replay restores.

    Attributes:
        reports: the latest of each robot.
        heard_s: when that came, fleet time, Unix seconds.
        driven_m: since this manager heard the robot first.
        passages: the latest word of each door, lift and crossing.
        learning: what each robot draws.
        beyond: since when readings of stations are beyond a limit, by the incident's cause.
    """

    reports: dict[str, RobotReport] = field(default_factory=dict)
    heard_s: dict[str, float] = field(default_factory=dict)
    driven_m: dict[str, float] = field(default_factory=dict)
    passages: dict[str, PassageReport] = field(default_factory=dict)
    learning: dict[str, Learning] = field(default_factory=dict)
    beyond: dict[str, float] = field(default_factory=dict)

    def observe(self, report: RobotReport, now_s: float) -> None:
        """Take a report in."""
        before = self.reports.get(report.robot)
        if before is not None:
            step_m = math.dist((before.x_m, before.y_m), (report.x_m, report.y_m))
            if step_m > 0.02 or report.driving:
                self.driven_m[report.robot] = self.driven_m.get(report.robot, 0.0) + step_m
        self.reports[report.robot] = report
        self.heard_s[report.robot] = now_s

    def observe_passage(self, report: PassageReport) -> None:
        """Take in what a door, lift or crossing says."""
        self.passages[report.passage] = report


@dataclass(slots=True)
class FleetState:
    """Everything that decisions are made from. Changed by `changes.apply` alone.

    Values of the dictionaries are frozen, so that a shallow copy is a copy.

    Attributes:
        manager_started_s: when the present manager took over; offline timers start there.
        stops: emergency stops by robot, until it says that it is released.
        zone_stops: zones that are in emergency stop.
        promised: robots that are to charge at a dock next, by dock.
        docks_out: until when docks that gave no energy are not counted on, Unix seconds.
        detections_heard: the last detection of each source that is in the log.
        camera_scores: least scores that people's word has set, by "source class".
        open_ids: of tasks that have not ended, oldest first; follows from `tasks`.
        causes: ids of open incidents by what they stand for; follows from `incidents`.
        held: resources each robot holds; follows from `robots`.
        restrictions: what is closed and slowed, by kind of robot; follows from `closures`,
            `weather` and `site`.
        map: the publication in use; `site` follows from it.
        given: by kind of robot, since when the tasks had waited that its robots were given last
            (`Task.since_s`); how often a task was overtaken follows from it.
        rounds: tasks that wait and are meant for a robot next, in their order.
        rounds_without: tasks that were left out when rounds were planned.
        sites: by version; what the events name, but do not hold.
    """

    site: Site
    manager_epoch: int = 0
    manager_started_s: float = 0.0
    task_number: int = 0
    order_number: int = 0
    incident_number: int = 0
    robots: dict[str, RobotRecord] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    closures: dict[str, Closure] = field(default_factory=dict)
    closure_number: int = 0
    stops: dict[str, RobotStop] = field(default_factory=dict)
    zone_stops: dict[str, ZoneStop] = field(default_factory=dict)
    weather: WeatherNow = field(default_factory=WeatherNow)
    map: MapInUse = field(default_factory=MapInUse)
    inspected: dict[str, Inspection] = field(default_factory=dict)
    given: dict[str, tuple[float, ...]] = field(default_factory=dict)
    rounds: dict[str, tuple[Turn, ...]] = field(default_factory=dict)
    rounds_without: frozenset[str] = frozenset()
    session_number: int = 0
    passages: dict[str, PassageRecord] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    promised: dict[str, str] = field(default_factory=dict)
    docks_out: dict[str, float] = field(default_factory=dict)
    detections_heard: dict[str, Heard] = field(default_factory=dict)
    camera_scores: dict[str, float] = field(default_factory=dict)
    open_ids: dict[str, None] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)
    held: dict[str, frozenset[str]] = field(default_factory=dict)
    restrictions: Mapping[str, Restrictions] = field(default_factory=dict)
    telemetry: Telemetry = field(default_factory=Telemetry)
    sites: Mapping[str, Site] = field(default_factory=dict)

    @classmethod
    def initial(cls, site: Site, sites: Mapping[str, Site] | None = None) -> FleetState:
        """Before the first event: robots are known by name.

        Args:
            site: with the map of the files, until one is published.
            sites: all versions of the map that the log may tell of; None: that one.
        """
        robots = {name: RobotRecord(name) for name in site.fleet.robots}
        return cls(
            site=site,
            robots=robots,
            held={name: frozenset() for name in robots},
            sites={site.campus.version: site} if sites is None else sites,
        )

    def copy(self) -> FleetState:
        """A copy whose changes do not show here; telemetry is shared."""
        return replace(
            self,
            robots=dict(self.robots),
            tasks=dict(self.tasks),
            incidents=dict(self.incidents),
            schedules=dict(self.schedules),
            closures=dict(self.closures),
            stops=dict(self.stops),
            zone_stops=dict(self.zone_stops),
            inspected=dict(self.inspected),
            given=dict(self.given),
            rounds=dict(self.rounds),
            passages=dict(self.passages),
            programmes=dict(self.programmes),
            promised=dict(self.promised),
            docks_out=dict(self.docks_out),
            detections_heard=dict(self.detections_heard),
            camera_scores=dict(self.camera_scores),
            open_ids=dict(self.open_ids),
            causes=dict(self.causes),
            held=dict(self.held),
        )

    def logged(self) -> dict[str, Any]:
        """What the log alone determines; equal states are equal here."""
        return {name: getattr(self, name) for name in LOGGED}

    def robot(self, name: str) -> RobotRecord:
        """A robot.

        Raises:
            Unknown: there is none of this name.
        """
        return _lookup(self.robots, name, "robot", "`fleet robot list` lists them")

    def task(self, identifier: str) -> Task:
        """A task that is open or ended lately.

        Raises:
            Unknown: there is none of this id.
        """
        return _lookup(self.tasks, identifier, "task", "`fleet task list` lists them")

    def incident(self, identifier: str) -> Incident:
        """An incident that is open or was closed lately.

        Raises:
            Unknown: there is none of this id.
        """
        return _lookup(self.incidents, identifier, "incident", "see the list of incidents")

    def schedule(self, identifier: str) -> Schedule:
        """A schedule.

        Raises:
            Unknown: there is none of this id.
        """
        return _lookup(self.schedules, identifier, "schedule", "see the list of schedules")

    def programme(self, identifier: str) -> Programme:
        """A patrol programme.

        Raises:
            Unknown: there is none of this id.
        """
        return _lookup(
            self.programmes, identifier, "programme", "`fleet programme list` lists them"
        )

    def closure(self, identifier: str) -> Closure:
        """A closure that is in force, to come, or over lately.

        Raises:
            Unknown: there is none of this id.
        """
        return _lookup(self.closures, identifier, "closure", "`fleet map closures` lists them")

    def open_tasks(self) -> Iterable[Task]:
        """Tasks that have not ended, oldest first."""
        return [self.tasks[each] for each in self.open_ids]

    def silent_holders(self, robot: str) -> list[str]:
        """Other robots that hold a part of the campus until they are heard, or mended."""
        return [
            name
            for name, record in self.robots.items()
            if name != robot and record.status in STANDSTILL and self.held[name]
        ]

    def out_of_order(self) -> dict[str, str]:
        """Why doors, lifts and crossings do not work, for people, by their ids."""
        return {each.id: each.reason for each in self.passages.values() if each.out_of_order}

    def restricted(self, robot: str) -> Restrictions:
        """What a robot may not use now, or only slowly."""
        return self.restrictions.get(self.site.fleet.robots[robot].kind, NONE)

    def routes(self, robot: str) -> Routes:
        """Ways of a robot that keep off closed lanes and off what silent robots hold."""
        restricted = self.restricted(robot)
        closed = restricted.closed
        for name in self.silent_holders(robot):
            closed |= self.site.lanes_touching(self.held[name])
        return self.site.routes(robot, closed, restricted.limit_pairs)

    def held_by_others(self, robot: str) -> frozenset[str]:
        """Resources that robots other than this one hold, and docks that are promised to them."""
        holdings = [held for name, held in self.held.items() if name != robot]
        if self.promised:
            docks = (dock for dock, to in self.promised.items() if to != robot)
            holdings.append(frozenset(docks))
        return self.site.union(tuple(holdings))


def _lookup(among: dict[str, Item], key: str, noun: str, remedy: str) -> Item:
    if key not in among:
        raise Unknown(f"no {noun} {key!r}", remedy)
    return among[key]
