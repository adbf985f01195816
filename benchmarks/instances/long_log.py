"""A log of any length: patrols on Canalside from the request to their end, with their orders."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.core import events as e
from fleet_manager.core import order_events as o
from fleet_manager.core.commands import StartManager, SubmitTask
from fleet_manager.core.order import Action
from fleet_manager.core.robot import Movement, RouteNode
from fleet_manager.core.task import PhaseStatus, Task, TaskTrigger

MAP_DIR = Path(__file__).resolve().parents[2] / "maps" / "canalside"
START_S = 1_700_000_000.0
ROBOT = "security_1"


def canalside() -> FleetGate:
    """The core of Canalside."""
    campus = load_campus(MAP_DIR)
    return FleetGate(campus, load_fleet(MAP_DIR / "fleet.yaml", campus))


def write_log(gate: FleetGate, file: Path, events: int) -> None:
    """Append to the log of a database that nobody has open, up to a number of events in all."""
    with closing(sqlite3.connect(file)) as connection:
        (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        life = itertools.islice(_lives(gate, last), events - last)
        records = (
            (seq, START_S + seq, "bench", None, 0, "Tick", type(each).__name__, 1, e.encode(each))
            for seq, each in enumerate(life, start=last + 1)
        )
        connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", records)
        connection.commit()


def _lives(gate: FleetGate, seed: int) -> Iterator[e.Event]:
    """One task after another, for ever."""
    state = gate.initial()
    asked = SubmitTask("patrol", {"places": ["library", "canteen"], "rounds": 1})
    submitted = [
        event
        for command in (StartManager(1), asked)
        for event in gate.decide(state, command, START_S)
        if isinstance(event, e.TaskSubmitted)
    ]
    (template,) = submitted
    campus = gate.site.campus
    home = campus.waypoint(gate.site.fleet.robots[ROBOT].home).id
    goal = template.task.phases[-1].waypoint
    way = gate.site.routes(ROBOT).path(home, goal)
    yield e.ManagerStarted(1, START_S)
    for number in itertools.count(seed + 1):
        yield from _life(template.task, number, way, START_S + number)


def _life(asked: Task, number: int, way: tuple[str, ...], now_s: float) -> Iterator[e.Event]:
    identifier = f"patrol-{number}"
    task = replace(asked, id=identifier, requested_s=now_s)
    yield e.TaskSubmitted(task, number)
    yield e.TaskExplained(identifier, "all robots are busy")
    yield e.TaskMoved(identifier, TaskTrigger.ASSIGN, now_s, "40 s away", ROBOT)
    actions = (Action(f"a-{number}", "patrol_site", identifier, parameters={"dwell_s": 5.0}),)
    nodes = (*(RouteNode(each) for each in way[:-1]), RouteNode(way[-1], actions))
    movement = Movement(
        f"order-{number}", nodes, now_s, released_to=len(nodes) - 1, task_id=identifier
    )
    yield o.OrderIssued(ROBOT, movement, number)
    yield e.TaskMoved(identifier, TaskTrigger.START, now_s)
    for phase in task.phases:
        yield e.PhaseMoved(identifier, phase.id, PhaseStatus.UNDERWAY, now_s)
    for passed in range(1, len(nodes), max(1, len(nodes) // 8)):
        yield o.NodesPassed(ROBOT, passed, now_s)
    for phase in task.phases:
        yield e.PhaseMoved(identifier, phase.id, PhaseStatus.COMPLETED, now_s, {"seen": "nothing"})
    yield o.OrderEnded(ROBOT, movement.order_id, o.OrderOutcome.FINISHED, (way[-1],), False)
    yield e.TaskMoved(identifier, TaskTrigger.COMPLETE, now_s)
