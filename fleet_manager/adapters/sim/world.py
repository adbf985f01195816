"""Core and robots on a virtual clock: events are taken off the agenda, and time leaps between them.

The core is asked through its one gate, as by the fleet manager. It looks at the time
(`Tick`) only when something can have come of it: soon after events while a robot waits or a task
is queued, when something falls due, and else every quarter of a minute.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial

from fleet_manager.adapters.sim import demand
from fleet_manager.adapters.sim.activity import activity_of, waits
from fleet_manager.adapters.sim.agenda import Agenda
from fleet_manager.adapters.sim.battery import Battery
from fleet_manager.adapters.sim.demand import Asked, Spell, Trouble
from fleet_manager.adapters.sim.doing import Doing
from fleet_manager.adapters.sim.passage import SimPassage
from fleet_manager.adapters.sim.record import Record
from fleet_manager.adapters.sim.robot import SimRobot
from fleet_manager.adapters.sim.standstills import Standstills
from fleet_manager.core import events as e
from fleet_manager.core import fleet
from fleet_manager.core import map_events as m
from fleet_manager.core import order_events as o
from fleet_manager.core.campus import Lane, Weather
from fleet_manager.core.closure import Window
from fleet_manager.core.commands import (
    Command,
    MoveIncident,
    PlanReady,
    RaiseIncident,
    ReportPassage,
    ReportRobot,
    SaveSchedule,
    StartManager,
    SubmitTask,
    Tick,
)
from fleet_manager.core.decisions import plans
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.incident import IncidentTrigger
from fleet_manager.core.map_commands import AddClosure, SetWeather
from fleet_manager.core.order import InstantAction
from fleet_manager.core.planning import jobs, learning
from fleet_manager.core.programme_commands import SaveProgramme
from fleet_manager.core.robot import Movement
from fleet_manager.core.scenario import HOUR_S, Scenario, StandingWork
from fleet_manager.core.site import Site
from fleet_manager.core.starting import starting_places
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import TaskStatus
from fleet_manager.core.traffic import passages as passage_rules

LATENCY_S = 0.2
"""From a change at a robot to its report at the manager."""
STOPPING_S = 1.0
SOON_S = 2.0
"""The core looks at the time this long after an event while somebody waits."""
QUEUED_S = 5.0
"""And this long after one while a task is queued: what frees a robot gives it out at once."""
MANAGER_S = 1.0
"""The fleet manager looks at the time this often."""
SLOW_TICK_S = 15.0
RESTING_S = 60.0
"""A robot without an order is looked at this often: its battery changes slowly."""
HEARD_EVERY_S = 30.0
"""A robot with an order, or one that is missed, reports at least so often."""
CHARGE_TO_BEGIN = 0.9
PLANNING_S = 3.0
"""What a planning job takes the worker, in the simulation."""

_MOVED = (o.OrderIssued, o.WayPlanned, o.BaseExtended, o.WayOutTaken, m.OrderRestated)
_TOLD = (o.OrderCanceled, e.InstantActionIssued)


class World:
    """One simulation.

    Args:
        site: campus and fleet.
        standing: schedules and programmes of the map.
        start_s: Unix seconds.

    Attributes:
        state: of the fleet; after each decision, the one that it leads to.
        now_s: Unix seconds.
        record: what has been.
        thorough: look at the time as often and at as much as the fleet manager does.
    """

    thorough = False

    def __init__(
        self,
        site: Site,
        standing: StandingWork,
        scenario: Scenario,
        seed: int,
        start_s: float,
        end_s: float,
    ) -> None:
        self.site, self.scenario, self.seed = site, scenario, seed
        self.now_s, self.end_s = start_s, end_s
        self.state = FleetState.initial(site)
        self.record = Record(site, start_s)
        self._agenda = Agenda()
        self._tick_s = math.inf
        self._whole_s = -math.inf
        self._hears: set[str] = set()
        self._said_s: dict[str, float] = {}
        self._entered_s: dict[str, float] = {}
        self._kept: dict[str, list[InstantAction]] = {}
        self._responses: dict[str, str] = {}
        self._planned: set[str] = set()
        self._waiting: set[str] = set()
        self._refreshed_s: dict[str, float] = {}
        self._standstills = Standstills(self.record)
        campus = site.campus
        self.passages = {each.id: SimPassage(campus, each) for each in campus.passages.values()}
        self._places = starting_places(campus, site.fleet)
        self.robots = {name: self._robot(name) for name in site.fleet.robots}
        self._begin(standing, start_s, end_s)

    def _robot(self, name: str) -> SimRobot:
        kind = self.site.kind(name)
        factor = demand.consumption(self.scenario, name, self.seed)
        battery = Battery(kind, factor, CHARGE_TO_BEGIN, self.now_s)
        at, limit = self._places[name].id, partial(self._limit_mps, name)
        campus = self.site.campus
        return SimRobot(name, kind, campus, at, self.passages, battery, limit, self.now_s)

    def _limit_mps(self, robot: str, lane: Lane) -> float:
        return self.state.restricted(robot).max_speed_mps(lane)

    def _begin(self, standing: StandingWork, start_s: float, end_s: float) -> None:
        campus, config, scenario = self.site.campus, self.site.fleet, self.scenario
        self.do(StartManager(1))
        for passage in self.passages.values():
            self.state.telemetry.observe_passage(passage.report(start_s))
        if scenario.schedules:
            for spec in standing.schedules:
                self.do(SaveSchedule(spec, None))
        programmes = standing.programmes if scenario.schedules else ()
        for programme in programmes if scenario.programmes is None else scenario.programmes:
            self.do(SaveProgramme(programme, None, "scenario"))
        for name in self.robots:
            self._agenda.add(start_s, partial(self._hear, name))
        span = (campus, config, scenario, self.seed, start_s, end_s)
        for asked in demand.requests(*span):
            self._agenda.add(asked.time_s, partial(self._ask, asked))
        for trouble in demand.troubles(*span):
            self._agenda.add(trouble.time_s, partial(self._raise, trouble))
        for spell in demand.spells(scenario, self.robots, self.seed, start_s, end_s):
            self._agenda.add(spell.time_s, partial(self.befall, spell))
        self._close(start_s)
        self._tick_by(start_s + SOON_S)

    def _close(self, start_s: float) -> None:
        """Closures and weather of the scenario."""
        for spell in self.scenario.closures:
            from_s = start_s + spell.from_h * HOUR_S
            window = Window(from_s, start_s + spell.until_h * HOUR_S)
            close = AddClosure(
                lanes=spell.lanes,
                zones=spell.zones,
                passages=spell.passages,
                kinds=spell.kinds,
                speed_limit_mps=spell.speed_limit_mps,
                window=window,
                reason=spell.reason,
                by="scenario",
            )
            self.do(close)
        for weather in self.scenario.weather:
            conditions = tuple(Weather(each) for each in weather.conditions)
            for at_h, now in ((weather.from_h, conditions), (weather.until_h, ())):
                command = SetWeather(now, by="scenario")
                self._agenda.add(start_s + at_h * HOUR_S, partial(self._decide, command))

    # --- time ---

    def run(self, until_s: float | None = None) -> None:
        """Let everything happen up to a time, or to the end."""
        end_s = self.end_s if until_s is None else min(until_s, self.end_s)
        agenda = self._agenda
        while agenda.next_s <= end_s:
            time_s, deed = agenda.take()
            self.now_s = max(self.now_s, time_s)
            deed(self.now_s)
        self.now_s = end_s

    def _tick_by(self, time_s: float) -> None:
        """Have the core look at the time no later than then."""
        if time_s < self._tick_s:
            self._tick_s = time_s
            self._agenda.add(time_s, self._tick)

    def _tick(self, now_s: float) -> None:
        if now_s < self._tick_s:
            return  # it has looked since
        self._tick_s = math.inf
        self._refresh(now_s)
        self.record.ticks += 1
        whole = self.thorough or now_s >= self._whole_s
        if whole:
            self._whole_s = self._next_due_s(now_s)
        self.do(Tick(whole))
        self._standstills.watch(self.state, self.robots, now_s)
        self._plan(now_s)
        self._tick_by(self._whole_s)

    def _plan(self, now_s: float) -> None:
        """Run the planning job that the state wants most; its result comes a little later.

        A job that fails is not tried again, and the fleet goes on without, as with the worker.
        """
        for wish in plans.wanted(self.state, now_s):
            if wish.id in self._planned:
                continue
            self._planned.add(wish.id)
            job = wish.make()
            try:
                result = jobs.run(job)
            except Exception as error:  # whatever a solver does, the days go on
                self.record.refused[f"not planned: {type(error).__name__}: {error}"] += 1
                continue
            plan = PlanReady(job.id, job.kind, result)
            self._agenda.add(now_s + PLANNING_S, partial(self._decide, plan))
            return

    def _refresh(self, now_s: float) -> None:
        """What robots say every second, and the core does not have to decide on."""
        telemetry = self.state.telemetry
        for name, robot in self.robots.items():
            if robot.silent:
                continue
            telemetry.heard_s[name] = now_s
            record = self.state.robots[name]
            odd = record.movement is not None or robot.active
            if not odd and now_s - self._refreshed_s.get(name, -math.inf) < RESTING_S:
                continue
            self._refreshed_s[name] = now_s
            report = robot.report(now_s)
            learning.observe(self.state, telemetry.reports.get(name), report)
            telemetry.reports[name] = report
            if odd and now_s - self._said_s.get(name, now_s) > HEARD_EVERY_S:
                self._say(name, now_s)
            if not robot.battery.charging:
                lowest = self.record.lowest_away
                lowest[name] = min(lowest.get(name, 1.0), robot.battery.charge(now_s))

    def _next_due_s(self, now_s: float) -> float:
        """When something falls due that is known beforehand, or the next slow look."""
        due_s = now_s + SLOW_TICK_S
        for schedule in self.state.schedules.values():
            if schedule.next_run_s is not None and schedule.next_run_s < due_s:
                due_s = schedule.next_run_s
        for closure in self.state.closures.values():
            if not closure.over and closure.changes_s is not None and closure.changes_s < due_s:
                due_s = closure.changes_s
        return max(due_s, now_s + 0.1)

    # --- the core ---

    def do(self, command: Command) -> tuple[e.Event, ...]:
        """Have a command decided, and everybody told.

        Raises:
            CampusFleetError: it was refused.
        """
        self.state, events = fleet.decide_on(self.state, command, self.now_s)
        self.record.decisions += 1
        moved: dict[str, None] = {}
        for event in events:
            if isinstance(event, _MOVED):
                moved[event.robot] = None
            elif isinstance(event, _TOLD):
                self._tell(event.robot, event.action)
        for name in moved:
            movement = self.state.robots[name].movement
            if movement is not None:
                self._order(name, movement)
        if events:
            self._follow(events)
        if self.state.passages or isinstance(command, ReportPassage):
            self._ask_passages()
        return events

    def _follow(self, events: tuple[e.Event, ...]) -> None:
        """What the simulation keeps of events, and when the core is to look next."""
        self.record.decided(self.state, events, self.now_s)
        for event in events:
            if isinstance(event, e.TaskMoved):
                self._resolve(event)
        for name in _concerned(self.state, events):
            self._note(name)
        if self.thorough and (self._waiting or self._queued()):
            self._tick_by(self.now_s + MANAGER_S)
        elif self._waiting:
            self._tick_by(self.now_s + SOON_S)
        elif self._queued():
            self._tick_by(self.now_s + QUEUED_S)

    def _queued(self) -> bool:
        return any(each.status is TaskStatus.QUEUED for each in self.state.open_tasks())

    # --- robots ---

    def _order(self, name: str, movement: Movement) -> None:
        robot = self.robots[name]
        if not robot.silent:
            robot.take(movement, self.now_s)
            self._after(robot)

    def _tell(self, name: str, action: InstantAction) -> None:
        robot = self.robots[name]
        if robot.silent:
            self._kept.setdefault(name, []).append(action)
            return
        robot.do(action, self.now_s)
        self._after(robot, STOPPING_S)

    def _after(self, robot: SimRobot, late_s: float = LATENCY_S) -> None:
        """What follows from a change at a robot: a visit, a report, its next time."""
        if robot.passed:
            if "patrol" in robot.kind.skills:
                for waypoint in robot.passed:
                    self.record.visited(waypoint, self.now_s)
            robot.passed.clear()
        if robot.news:
            robot.news = False
            if not robot.silent:
                self._say(robot.name, self.now_s + late_s)
        self._note(robot.name)
        if robot.due_s < math.inf and self._entered_s.get(robot.name) != robot.due_s:
            self._entered_s[robot.name] = robot.due_s
            self._agenda.add(robot.due_s, partial(self._wake, robot))

    def _wake(self, robot: SimRobot, now_s: float) -> None:
        if self._entered_s.get(robot.name) == robot.due_s:
            del self._entered_s[robot.name]
        if now_s < robot.due_s - 1e-6:
            return
        robot.wake(now_s)
        self._after(robot)

    def _say(self, name: str, time_s: float) -> None:
        """Have a robot report; one report tells all that is new by then."""
        if name not in self._hears:
            self._hears.add(name)
            self._agenda.add(time_s, partial(self._hear, name))

    def _hear(self, name: str, now_s: float) -> None:
        self._hears.discard(name)
        robot = self.robots[name]
        if robot.silent:
            return
        self._said_s[name] = now_s
        report = robot.report(now_s)
        learning.observe(self.state, self.state.telemetry.reports.get(report.robot), report)
        self.state.telemetry.observe(report, now_s)
        self.do(ReportRobot(report))

    def _note(self, name: str) -> None:
        """Write down what a robot spends its time on."""
        self.record.does(name, activity_of(self.state, self.robots[name], self.now_s), self.now_s)
        if waits(self.state, self.robots[name]):
            self._waiting.add(name)
        else:
            self._waiting.discard(name)

    # --- what happens ---

    def _ask(self, asked: Asked, now_s: float) -> None:
        command = SubmitTask(asked.category, asked.description, asked.priority, requester="people")
        self._try(command)

    def _try(self, command: Command) -> tuple[e.Event, ...]:
        """Have something decided that the fleet may refuse; a refusal is counted."""
        try:
            return self.do(command)
        except CampusFleetError as error:
            self.record.refused[str(error)] += 1
            return ()

    def _decide(self, command: Command, now_s: float) -> None:
        self._try(command)

    def _raise(self, trouble: Trouble, now_s: float) -> None:
        title = f"{trouble.kind.replace('_', ' ')} at {trouble.place}"
        events = self._try(RaiseIncident(trouble.kind, title, 2, trouble.place, by="people"))
        raised = [event.incident.id for event in events if isinstance(event, e.IncidentRaised)]
        wanted = {"place": trouble.place, "dwell_s": self.scenario.incidents.on_site_s}
        priority = self.scenario.incidents.priority
        events = self._try(SubmitTask("respond", wanted, priority, requester="people"))
        for event in events:
            if isinstance(event, e.TaskSubmitted) and raised:
                self._responses[event.task.id] = raised[0]

    def _resolve(self, event: e.TaskMoved) -> None:
        """An incident is over when the robot that was sent has been there."""
        task = self.state.tasks.get(event.task_id)
        if task is None or not task.ended or event.task_id not in self._responses:
            return
        incident = self._responses.pop(event.task_id)
        command = MoveIncident(incident, IncidentTrigger.RESOLVE, by="people")
        self._agenda.add(self.now_s, partial(self._decide, command))

    def befall(self, spell: Spell, now_s: float) -> None:
        """Something happens to a robot now, for a while."""
        robot = self.robots[spell.robot]
        if robot.dead:
            return
        over: Callable[[float], None] = partial(self._note_at, robot)
        if spell.what == "stops":
            robot.hold(now_s, spell.for_s)
        elif spell.what == "slow":
            robot.slow_down(now_s, self.scenario.mishaps.slow_factor)
            over = partial(self._recover, robot)
        elif not robot.silent:
            robot.silent = True
            over = partial(self._return, robot)
            if spell.what == "reboots":
                robot.reboot(now_s, spell.for_s)
        self._after(robot)
        self._whole_s = min(self._whole_s, now_s + self.site.policy.offline_after_s + SOON_S)
        self._tick_by(self._whole_s)
        self._agenda.add(now_s + spell.for_s, over)

    def _note_at(self, robot: SimRobot, now_s: float) -> None:
        self._after(robot)

    def _recover(self, robot: SimRobot, now_s: float) -> None:
        robot.slow_down(now_s, 1.0)
        self._after(robot)

    def _return(self, robot: SimRobot, now_s: float) -> None:
        """A silent robot hears and is heard again: the order as it stands, and what it was told."""
        robot.silent = False
        for action in self._kept.pop(robot.name, []):
            robot.do(action, now_s)
        movement = self.state.robots[robot.name].movement
        if movement is not None and not movement.canceling:
            robot.take(movement, now_s)
        robot.news = True
        self._after(robot)

    # --- passages ---

    def _ask_passages(self) -> None:
        for request in passage_rules.requests(self.state):
            passage = self.passages[request.passage]
            if passage.ask(request, self.now_s):
                self._after_passage(passage)

    def _after_passage(self, passage: SimPassage) -> None:
        self._agenda.add(self.now_s + LATENCY_S, partial(self._hear_passage, passage))
        if passage.due_s < math.inf:
            self._agenda.add(passage.due_s, partial(self._wake_passage, passage))

    def _wake_passage(self, passage: SimPassage, now_s: float) -> None:
        if now_s < passage.due_s:
            return
        passage.wake(now_s)
        self._after_passage(passage)
        for robot in self.robots.values():
            if robot.doing is Doing.WAITING:
                robot.poke(now_s)
                self._after(robot)

    def _hear_passage(self, passage: SimPassage, now_s: float) -> None:
        report = passage.report(now_s)
        if self.state.telemetry.passages.get(passage.id) == report:
            return
        self.state.telemetry.observe_passage(report)
        self.do(ReportPassage(report))


def _concerned(state: FleetState, events: Iterable[e.Event]) -> dict[str, None]:
    """Robots that events are about."""
    found: dict[str, None] = {}
    for event in events:
        robot = getattr(event, "robot", None)
        if robot is None:
            task = state.tasks.get(getattr(event, "task_id", None) or "")
            robot = task.robot if task is not None else None
        if robot is not None and robot in state.robots:
            found[robot] = None
    return found
