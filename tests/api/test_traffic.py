"""Who has waited where, and behind whom: counted by the second, told for the last hours."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.views.live import live_content
from fleet_manager.app.waiting import HOUR_S, WaitingTally
from fleet_manager.cli import app
from fleet_manager.core.report import ActionState, ActionStatus, RobotReport
from fleet_manager.core.robot import Movement, RobotStatus, RouteNode, Wait
from fleet_manager.core.state import FleetState
from tests.api.conftest import Served, call
from tests.api.manager import CANALSIDE, Manager, site
from tests.contract.ledger import START_S, report

WAITS, AHEAD = "security_2", "security_1"
STOOD_S = 90


def a_robot_waits(state: FleetState, **said: object) -> None:
    """One robot stands at the end of its base until another, which drives, has passed."""
    campus = state.site.campus
    lane = next(iter(campus.lanes.values()))
    way = tuple(RouteNode(each) for each in (lane.start, lane.end))
    ahead = Movement("order-1", way, START_S, released_to=1)
    behind = Movement("order-2", way, START_S, waits=(Wait(0, AHEAD, "order-1", 0),))
    for name, movement in ((AHEAD, ahead), (WAITS, behind)):
        state.robots[name] = replace(
            state.robots[name], movement=movement, status=RobotStatus.WORKING
        )
        heard: RobotReport = report(name, **(said if name == WAITS else {"driving": True}))
        state.telemetry.reports[name] = heard


@pytest.fixture
def state() -> FleetState:
    campus, fleet = site(CANALSIDE)
    return FleetGate(campus, fleet).initial()


def counted(state: FleetState, seconds: int, tally: WaitingTally | None = None) -> WaitingTally:
    tally = tally or WaitingTally()
    for second in range(seconds + 1):
        tally.look(state, START_S + second)
    return tally


def test_seconds_are_counted_where_a_robot_stands_behind_another(state: FleetState) -> None:
    a_robot_waits(state)
    tally = counted(state, STOOD_S)
    (found,) = tally.since(START_S + STOOD_S, 24)
    assert found.waypoint == state.robots[WAITS].movement.nodes[0].waypoint  # type: ignore[union-attr]
    assert (found.waited_s, found.robots, found.behind) == (STOOD_S, 1, {AHEAD: STOOD_S})


@pytest.mark.parametrize(
    "said",
    [
        {"driving": True},
        {"paused": True},
        {"action_states": (ActionState("a", "inspect", "task", ActionStatus.RUNNING),)},
    ],
)
def test_who_drives_works_or_is_paused_does_not_wait(
    state: FleetState, said: dict[str, object]
) -> None:
    a_robot_waits(state, **said)
    assert counted(state, STOOD_S).since(START_S + STOOD_S, 24) == []


def test_nobody_waits_behind_a_robot_that_has_passed(state: FleetState) -> None:
    a_robot_waits(state)
    ahead = state.robots[AHEAD]
    assert ahead.movement is not None
    state.robots[AHEAD] = replace(ahead, movement=replace(ahead.movement, passed=1))
    assert counted(state, STOOD_S).since(START_S + STOOD_S, 24) == []


def test_waits_are_forgotten_after_a_day_and_told_for_the_hours_asked(state: FleetState) -> None:
    a_robot_waits(state)
    tally = counted(state, STOOD_S)
    later_s = START_S + 2 * HOUR_S
    assert tally.since(later_s, 1) == []
    assert len(tally.since(later_s, 24)) == 1
    state.robots[WAITS] = replace(state.robots[WAITS], movement=None)
    day_after_s = START_S + 25 * HOUR_S
    tally.look(state, day_after_s)
    assert tally.since(day_after_s, 24) == []


def test_time_that_nobody_looked_at_is_not_counted(state: FleetState) -> None:
    a_robot_waits(state)
    tally = counted(state, 10)
    tally.look(state, START_S + 1000.0)
    tally.look(state, START_S + 1001.0)
    tally.look(state, START_S + 400.0)  # the clock was set back
    tally.look(state, START_S + 401.0)
    (found,) = tally.since(START_S + 1001.0, 24)
    assert found.waited_s == 12.0


def test_the_live_feed_says_who_waits_for_whom(state: FleetState) -> None:
    a_robot_waits(state)
    routes = live_content(state, {}, START_S, 1.0).routes
    assert (routes[WAITS]["waits_for"], routes[AHEAD]["waits_for"]) == ([AHEAD], [])


@pytest.mark.anyio
async def test_waiting_is_told_over_http_with_its_place(manager: Manager) -> None:
    assert await manager.get("/traffic/waiting") == []
    a_robot_waits(manager.loop.state)
    counted(manager.loop.state, STOOD_S, manager.waiting)
    manager.clock.set(START_S + STOOD_S)
    (found,) = await manager.get("/traffic/waiting", hours=2)
    place = manager.loop.state.site.campus.waypoint(found["waypoint"])
    assert (found["x_m"], found["y_m"], found["level"]) == (place.x_m, place.y_m, place.level)
    assert (found["robots"], found["behind"]) == (1, {AHEAD: found["waited_s"]})
    assert found["waited_s"] >= STOOD_S - 5
    for hours in (0, 25):
        refused = await manager.http.get("/traffic/waiting", params={"hours": hours})
        assert refused.status_code == 422


def test_the_command_prints_where_robots_have_waited(served: Served) -> None:
    address, manager, _ = served

    async def wait() -> None:
        a_robot_waits(manager.loop.state)
        counted(manager.loop.state, STOOD_S, manager.waiting)
        manager.clock.set(START_S + STOOD_S)

    nothing = CliRunner().invoke(app, ["traffic", "waiting", "--url", address])
    assert "No robot has waited" in nothing.output
    call(served, wait())
    told = CliRunner().invoke(app, ["traffic", "waiting", "--url", address])
    assert (told.exit_code, AHEAD in told.output) == (0, True)
    as_json = CliRunner().invoke(app, ["traffic", "waiting", "--url", address, "--json"])
    assert json.loads(as_json.output)[0]["behind"].keys() == {AHEAD}
