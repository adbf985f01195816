"""What the tables of dispatch say of all pairs is what is reckoned for each pair by itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.decisions.tasks import submit
from fleet_manager.core.draft import Draft
from fleet_manager.core.events import TaskMoved
from fleet_manager.core.fleet import apply, decide
from fleet_manager.core.map_commands import AddClosure
from fleet_manager.core.map_events import ClosureAdded, ClosureMoved
from fleet_manager.core.planning.closed_ways import closed_place
from fleet_manager.core.planning.dispatch import assign, overtaken
from fleet_manager.core.planning.energy import begin_wh, task_wh
from fleet_manager.core.planning.options import MARGIN, NEARLY_FULL, Obstacle, Options, desk_of
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.report import RobotReport
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import SKILLS, Task, TaskTrigger

NOW_S = 1_800_000_000.0


def crowd(root: Path, seed: int, tasks: int = 25) -> FleetState:
    """Canalside's robots, idle in random bays with random charge, and random tasks."""
    campus = load_campus(root / "maps/canalside")
    state = FleetState.initial(Site(campus, load_fleet(root / "maps/canalside/fleet.yaml", campus)))
    rng = np.random.default_rng(seed)
    bays = [bay.id for bay in campus.bays]
    for name, spec in state.site.fleet.robots.items():
        bay = campus.waypoint(bays[int(rng.integers(len(bays)))])
        state.robots[name] = msgspec.structs.replace(
            state.robots[name], status=RobotStatus.IDLE, at=(bay.id,), parked=True
        )
        state.telemetry.reports[name] = RobotReport(
            robot=name,
            kind=spec.kind,
            boot_id="boot-1",
            sequence=1,
            stamp_s=0.0,
            x_m=bay.x_m,
            y_m=bay.y_m,
            yaw_rad=0.0,
            level=bay.level,
            battery=float(rng.uniform(0.15, 1.0)),
        )
    draft = Draft(state, NOW_S)
    places, assets = list(campus.names), list(campus.assets)
    for number in range(tasks):
        match number % 3:
            case 0:
                chosen = [places[at] for at in rng.integers(0, len(places), 3)]
                submit(draft, SubmitTask("patrol", {"places": chosen, "rounds": 20}))
            case 1:
                chosen = [assets[at] for at in rng.integers(0, len(assets), 2)]
                submit(draft, SubmitTask("inspect", {"assets": chosen}))
            case 2:
                zone = ("plaza_a_west", "plaza_a_east", "depot_apron_a")[number % 9 // 3]
                submit(draft, SubmitTask("clean", {"zone": zone}))
    return draft.state


def options_of(state: FleetState) -> Options:
    desk = desk_of(state.site)
    prospects = [desk.foresight.prospect(state, robot) for robot in state.robots]
    return desk.options(state, desk.needs(list(state.tasks.values())), prospects)


def reckoned(state: FleetState, robot: str, task: Task) -> float | None:
    """Seconds until a robot that is idle could begin a task; None: it cannot have it."""
    kind, policy = state.site.kind(robot), state.site.policy
    if not {SKILLS[phase.action_type] for phase in task.phases} <= kind.skills:
        return None
    if closed_place(state, robot, task) is not None:
        return None
    start = state.robot(robot).at[0]
    battery = state.telemetry.reports[robot].battery
    assert battery is not None
    try:
        needed = task_wh(state, robot, start, task) / kind.battery.capacity_wh
        begun = begin_wh(state, robot, start, task) / kind.battery.capacity_wh
        away_s = state.routes(robot).leg(start, task.phases[0].waypoint).duration_s
    except NoRoute:
        return None
    begins = battery >= policy.charge_to - NEARLY_FULL and battery - MARGIN * begun
    does = battery - needed >= policy.reserve or (begins is not False and begins >= policy.reserve)
    return away_s if does and battery >= policy.charge_below else None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("closed", [False, True])
def test_every_pair_is_as_it_is_reckoned_by_itself(root: Path, seed: int, closed: bool) -> None:
    state = crowd(root, seed)
    if closed:
        zones = AddClosure(zones=("plaza_a_west",), reason="fair")
        lanes = sorted({lane.feature_id for lane in state.site.campus.lanes.values()})[::17]
        for command in (zones, AddClosure(lanes=tuple(lanes), reason="works")):
            for event in decide(state, command, NOW_S):
                if isinstance(event, ClosureAdded | ClosureMoved):  # robots stay where they are
                    apply(state, event)
    options = options_of(state)
    for row, needs in enumerate(options.needs):
        for column, prospect in enumerate(options.prospects):
            if prospect.task_id is not None:
                continue
            expected = reckoned(state, prospect.robot, needs.task)
            what = (needs.task.id, prospect.robot, Obstacle(options.obstacle[row, column]))
            if expected is None:
                assert options.response_s[row, column] == np.inf, what
            else:
                assert options.response_s[row, column] == pytest.approx(expected, rel=1e-5), what


def test_nobody_gets_two_tasks_and_no_task_two_robots(root: Path) -> None:
    state = crowd(root, 5, tasks=40)
    given = assign(state, NOW_S).assignments
    assert given
    assert len({each.robot for each in given}) == len(given)
    assert len({each.task.id for each in given}) == len(given)


def test_who_was_overtaken_follows_from_the_log_and_only_by_who_could_have_done_it(
    root: Path,
) -> None:
    state = crowd(root, 1, tasks=0)
    ids = []
    for at_s, asked in enumerate(
        [
            SubmitTask("inspect", {"assets": ["aed_a3"]}),
            SubmitTask("clean", {"zone": "plaza_a_west"}),
            SubmitTask("clean", {"zone": "plaza_a_east"}),
            SubmitTask("patrol", {"places": ["gate_a"]}),
            SubmitTask("respond", {"place": "gate_a"}, 9),
        ]
    ):
        draft = Draft(state, NOW_S + at_s)
        ids.append(submit(draft, asked))
        state = draft.state
    robots = [None, None, "cleaning_1", "safety_1", "security_1"]
    draft = Draft(state, NOW_S + 10.0)
    for identifier, robot in zip(ids, robots, strict=True):
        if robot is not None:
            draft.emit(TaskMoved(identifier, TaskTrigger.ASSIGN, NOW_S + 10.0, "", robot))
    state = draft.state
    waiting = [state.task(ids[0]), state.task(ids[1])]
    desk = desk_of(state.site)
    prospects = [desk.foresight.prospect(state, each) for each in state.robots]
    options = desk.options(state, desk.needs(waiting), prospects)
    # A patrol went to a robot that inspects, a sweep to one that cleans; an emergency counts not.
    assert overtaken(state, options, waiting).tolist() == [1, 1]
