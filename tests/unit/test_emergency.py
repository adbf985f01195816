"""Emergency stops in the core: told, confirmed by reports, released by a person, zones closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.commands import ReportRobot, StartManager, TellRobots, Tick
from fleet_manager.core.emergency import StopStatus
from fleet_manager.core.errors import InvalidRequest, UnknownFeature, WrongState
from fleet_manager.core.events import decode, encode
from fleet_manager.core.fleet import apply, decide
from fleet_manager.core.map_commands import ChangeClosure, RemoveClosure
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.report import Safety
from fleet_manager.core.restrictions import places_in
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.stored_state import freeze, thaw
from tests.contract.ledger import START_S, report

CANALSIDE = Path(__file__).parents[2] / "maps" / "canalside"
STOP, RELEASE = InstantActionType.EMERGENCY_STOP, InstantActionType.RELEASE_STOP
ZONE = "plaza_a_west"


class Fleet:
    """A fleet whose log is kept."""

    def __init__(self) -> None:
        campus = load_campus(CANALSIDE)
        self.site = Site(campus, load_fleet(CANALSIDE / "fleet.yaml", campus))
        self.state = FleetState.initial(self.site)
        self.log: list[str] = []
        self.now_s = START_S
        self.numbers: dict[str, int] = {}
        self.does(StartManager(1))

    def does(self, command: Any) -> list[Any]:
        events = decide(self.state, command, self.now_s)
        for event in events:
            self.log.append(encode(event))
            apply(self.state, event)
        return list(events)

    def says(self, robot: str, *, latched: bool = False, **changes: Any) -> None:
        self.numbers[robot] = self.numbers.get(robot, 0) + 1
        home = self.site.campus.waypoint(self.site.fleet.robots[robot].home)
        said = report(
            robot,
            **{
                "kind": self.site.fleet.robots[robot].kind,
                "x_m": home.x_m,
                "y_m": home.y_m,
                "battery": 0.9,
                "sequence": self.numbers[robot],
                "safety": Safety(emergency_stop_latched=latched),
                **changes,
            },
        )
        self.state.telemetry.observe(said, self.now_s)
        self.does(ReportRobot(said))

    def status(self, robot: str) -> StopStatus | None:
        stop = self.state.stops.get(robot)
        return None if stop is None else stop.status


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_a_stop_is_shown_until_the_robot_confirms_it_and_then_until_it_is_released(
    fleet: Fleet,
) -> None:
    fleet.says("security_1")
    fleet.does(TellRobots(STOP, "security_1", "Li", "smoke"))
    assert fleet.status("security_1") is StopStatus.TOLD
    fleet.says("security_1")  # sent before it heard
    assert fleet.status("security_1") is StopStatus.TOLD
    fleet.now_s += 1
    fleet.says("security_1", latched=True)
    assert fleet.status("security_1") is StopStatus.CONFIRMED
    assert fleet.state.stops["security_1"].confirmed_s == fleet.now_s
    fleet.does(TellRobots(RELEASE, "security_1", "Kim"))
    assert fleet.status("security_1") is StopStatus.RELEASING
    assert fleet.state.stops["security_1"].released_by == "Kim"
    fleet.says("security_1", latched=True)
    assert fleet.status("security_1") is StopStatus.RELEASING
    fleet.says("security_1")
    assert fleet.status("security_1") is None


def test_nobody_releases_without_a_name(fleet: Fleet) -> None:
    with pytest.raises(InvalidRequest, match="named person"):
        fleet.does(TellRobots(RELEASE, None, " "))


def test_all_are_followed_until_the_last_has_confirmed(fleet: Fleet) -> None:
    fleet.does(TellRobots(STOP, None, "Li"))
    assert {each.status for each in fleet.state.stops.values()} == {StopStatus.TOLD}
    names = list(fleet.state.robots)
    for name in names[:-1]:
        fleet.says(name, latched=True)
    assert fleet.status(names[-1]) is StopStatus.TOLD
    fleet.now_s += 6
    fleet.does(Tick())
    causes = [each for each in fleet.state.causes if each.startswith("stop:")]
    assert causes == [f"stop:{names[-1]}"]
    fleet.says(names[-1], latched=True)
    assert not [each for each in fleet.state.causes if each.startswith("stop:")]


def test_a_stop_told_again_while_it_is_released_is_a_stop(fleet: Fleet) -> None:
    fleet.does(TellRobots(STOP, "security_1", "Li"))
    fleet.says("security_1", latched=True)
    fleet.does(TellRobots(RELEASE, "security_1", "Kim"))
    fleet.does(TellRobots(STOP, "security_1", "Li"))
    assert fleet.status("security_1") is StopStatus.TOLD
    assert fleet.state.stops["security_1"].released_by == ""


def in_zone(fleet: Fleet) -> dict[str, float]:
    middle = fleet.site.campus.zones[ZONE].polygon.representative_point()
    return {"x_m": middle.x, "y_m": middle.y}


def test_a_zone_stops_who_is_in_it_and_keeps_others_out(fleet: Fleet) -> None:
    fleet.says("security_1", **in_zone(fleet))
    fleet.says("security_2")
    fleet.does(TellRobots(STOP, None, "Li", "glass", (ZONE,)))
    assert set(fleet.state.stops) == {"security_1"}
    assert fleet.state.stops["security_1"].zones == (ZONE,)
    closure = fleet.state.zone_stops[ZONE].closure_id
    assert fleet.state.closures[closure].active
    assert places_in(fleet.site.campus, ZONE) <= fleet.state.restricted("security_2").shut
    for command in (RemoveClosure(closure, "Li"), ChangeClosure(closure, msgspec.UNSET)):  # type: ignore[arg-type]
        with pytest.raises(WrongState, match="stopped by Li"):
            fleet.does(command)
    fleet.says("security_1", latched=True, **in_zone(fleet))
    fleet.does(TellRobots(RELEASE, None, "Kim", "swept", (ZONE,)))
    assert fleet.status("security_1") is StopStatus.RELEASING
    assert fleet.state.closures[closure].over
    assert fleet.state.zone_stops == {}
    with pytest.raises(WrongState, match="not stopped"):
        fleet.does(TellRobots(RELEASE, None, "Kim", "", (ZONE,)))


def test_a_silent_robot_that_was_last_in_the_zone_is_told_too(fleet: Fleet) -> None:
    fleet.says("security_1", **in_zone(fleet))
    fleet.now_s += 3600
    fleet.does(Tick())
    fleet.does(TellRobots(STOP, None, "Li", "", (ZONE,)))
    assert fleet.status("security_1") is StopStatus.TOLD


def test_releasing_all_opens_the_zones_too(fleet: Fleet) -> None:
    fleet.does(TellRobots(STOP, None, "Li", "", (ZONE,)))
    fleet.does(TellRobots(RELEASE, None, "Kim"))
    assert fleet.state.zone_stops == {}
    assert all(each.over for each in fleet.state.closures.values())


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (TellRobots(STOP, None, "Li", "", ("nowhere",)), UnknownFeature),
        (TellRobots(STOP, "security_1", "Li", "", (ZONE,)), InvalidRequest),
        (TellRobots(InstantActionType.PAUSE, None, "Li", "", (ZONE,)), InvalidRequest),
    ],
)
def test_what_cannot_be_is_refused(fleet: Fleet, command: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        fleet.does(command)


def scene(fleet: Fleet) -> None:
    fleet.says("security_1", **in_zone(fleet))
    fleet.does(TellRobots(STOP, None, "Li", "", (ZONE,)))
    fleet.does(TellRobots(STOP, None, "Li"))
    fleet.says("security_1", latched=True, **in_zone(fleet))
    fleet.does(TellRobots(RELEASE, "security_2", "Kim"))


@pytest.mark.parametrize("restore", [True, False])
def test_stops_outlive_a_restart(fleet: Fleet, restore: bool) -> None:
    scene(fleet)
    if restore:
        state = thaw(freeze(fleet.state), fleet.site, {})
    else:
        state = FleetState.initial(fleet.site)
        for line in fleet.log:
            apply(state, decode(line))
    assert state.logged() == fleet.state.logged()
    assert state.stops["security_2"].status is StopStatus.RELEASING


def test_a_log_of_before_stops_were_followed_is_read(fleet: Fleet) -> None:
    fleet.does(TellRobots(STOP, "security_1", "Li"))
    old = [line.replace(',"zones":[]', "") for line in fleet.log]
    state = FleetState.initial(fleet.site)
    for line in old:
        apply(state, decode(line))
    assert state.stops["security_1"].told_s == pytest.approx(START_S, abs=0.001)
