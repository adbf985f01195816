"""Doors and a lift in virtual time: rides, contention, restarts, what does not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.commands import EndTask, RestorePassage
from fleet_manager.core.errors import UnknownFeature, WrongState
from fleet_manager.core.events import (
    Event,
    PassageFailed,
    PassageRecovered,
    PassageRequested,
    SessionMoved,
)
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from fleet_manager.core.passage import PassageSession, PassageStatus, SessionStatus, SessionTrigger
from fleet_manager.core.task import TaskStatus
from fleet_manager.core.traffic.standstill import Waiting, waiting
from tests import two_levels
from tests.sim.robots import World
from tests.sim.test_campus_day import status, submit, task, until


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two robots before a house with two doors, a lift and an office on the upper level."""
    folder = two_levels.write(tmp_path / "two_levels")
    campus = load_campus(folder)
    world = World(campus, load_fleet(folder / "fleet.yaml", campus))
    for _ in world.run(2):
        pass
    return world


def of(world: World, kind: type[Event]) -> list[Event]:
    return [event for event in world.events if isinstance(event, kind)]


def triggers(world: World, passage: str) -> list[SessionTrigger]:
    return [e.trigger for e in of(world, SessionMoved) if e.passage == passage]  # type: ignore[attr-defined]


def sessions(world: World, passage: str) -> tuple[PassageSession, ...]:
    record = world.state.passages.get(passage)
    return record.sessions if record else ()


def at_rest(world: World) -> bool:
    return not world.state.passages and not any(p.session_id for p in world.passages.values())


def test_a_robot_goes_through_a_door_and_rides_a_lift_and_comes_back(world: World) -> None:
    for place, level in (("office", "l2"), ("bay_s", "ground")):
        identifier = submit(world, "go_to", place=place, robot="guard_1")
        until(world, lambda each=identifier: status(world, each) is TaskStatus.COMPLETED, 600)
        assert world.robots["guard_1"].level == level
    asked = [e.passage for e in of(world, PassageRequested)]  # type: ignore[attr-defined]
    assert asked == ["door_n", "lift", "lift"]
    assert triggers(world, "lift") == 2 * ["call", "open", "hold", "ride", "open", "release"]
    assert triggers(world, "door_n") == ["call", "open", "hold", "release"]
    until(world, lambda: at_rest(world), 300)
    assert world.replayed().logged() == world.state.logged()


def test_a_base_reaches_into_no_door_that_is_not_open_and_ends_in_none(world: World) -> None:
    campus = world.gate.site.campus
    world.passages["door_n"].stuck = True
    submit(world, "go_to", place="office", robot="guard_1")
    for _ in world.run(15):
        movement = world.state.robot("guard_1").movement
        assert "door_n" not in world.state.held["guard_1"]
        if movement is not None and movement.way_out:
            assert campus.may_end_base(movement.base_end)
    assert world.state.passages["door_n"].head is not None
    assert world.state.passages["door_n"].head.status is SessionStatus.REQUESTED


def test_first_come_first_served_and_everyone_gets_a_turn(world: World) -> None:
    places = ["office", "bay_s"]
    ids = [submit(world, "patrol", places=places, rounds=4, robot=r) for r in world.robots]
    until(world, lambda: all(task(world, each).ended for each in ids), 3600)
    assert {status(world, each) for each in ids} == {TaskStatus.COMPLETED}
    requests = [e for e in of(world, PassageRequested) if e.passage == "lift"]  # type: ignore[attr-defined]
    robot_of = {e.session_id: e.robot for e in requests}  # type: ignore[attr-defined]
    called = [
        e.session_id  # type: ignore[attr-defined]
        for e in of(world, SessionMoved)
        if e.passage == "lift" and e.trigger is SessionTrigger.CALL  # type: ignore[attr-defined]
    ]
    order = [e.session_id for e in requests if e.session_id in called]  # type: ignore[attr-defined]
    assert called == order, "served in the order of asking"
    assert {robot_of[each] for each in called} == set(world.robots)
    ended_s = sorted(task(world, each).finished_s or 0.0 for each in ids)
    begun_s = min(task(world, each).requested_s for each in ids)
    assert ended_s[0] - begun_s > 0.5 * (ended_s[-1] - begun_s), "they take turns"
    assert world.replayed().logged() == world.state.logged()


def test_a_session_survives_a_manager_that_is_killed_in_the_middle_of_a_ride(world: World) -> None:
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    lift = world.passages["lift"]
    until(world, lambda: lift.status is PassageStatus.MOVING and lift.wanted == "l2", 300)
    session = world.state.passages["lift"].head
    assert session is not None
    world.restart(2)
    after = world.state.passages["lift"].head
    assert after is not None
    assert (after.id, after.status, after.level) == (session.id, SessionStatus.RIDING, "l2")
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 300)
    assert [e.passage for e in of(world, PassageRequested)].count("lift") == 1  # type: ignore[attr-defined]
    assert world.robots["guard_1"].level == "l2"


def test_a_passage_that_forgets_its_session_is_asked_again(world: World) -> None:
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    lift = world.passages["lift"]
    until(world, lambda: SessionTrigger.OPEN in triggers(world, "lift"), 300)
    lift.restart()
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 300)
    assert SessionTrigger.CLOSE in triggers(world, "lift")


def test_a_door_that_does_not_open_is_an_alert_and_a_way_round_until_it_works(
    world: World,
) -> None:
    world.passages["door_n"].stuck = True
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    until(world, lambda: of(world, PassageFailed), 120)
    (incident,) = world.state.incidents.values()
    assert (incident.kind, incident.place, incident.robot) == (
        "passage_failed",
        "door_n",
        "guard_1",
    )
    assert "North door does not open: guard_1 has waited" in incident.title
    assert incident.note.startswith(f"waiting for it: guard_1 with {identifier}")
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 600)
    assert triggers(world, "door_s")[:2] == [SessionTrigger.CALL, SessionTrigger.OPEN]
    world.passages["door_n"].stuck = False
    until(world, lambda: of(world, PassageRecovered), 30)
    assert world.state.incident(incident.id).closed
    until(world, lambda: at_rest(world), 120)


def test_where_no_way_leads_round_the_task_waits_and_says_why(world: World) -> None:
    world.passages["lift"].broken = True
    for _ in world.run(2):
        pass
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    for _ in world.run(60):
        pass
    assert status(world, identifier) is TaskStatus.QUEUED
    assert "Tower lift is out of order" in task(world, identifier).reason
    world.passages["lift"].broken = False
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 600)


def test_a_lift_that_stops_with_a_robot_in_it_names_both_and_goes_on_when_it_works(
    world: World,
) -> None:
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    lift = world.passages["lift"]
    until(world, lambda: lift.status is PassageStatus.MOVING and lift.wanted == "l2", 300)
    lift.stuck = True
    until(world, lambda: of(world, PassageFailed), 120)
    incident = next(i for i in world.state.incidents.values() if i.kind == "passage_failed")
    assert incident.title.startswith("guard_1 is in Tower lift, which does not arrive")
    assert incident.severity == 2
    assert "lift" in world.state.held["guard_1"]
    lift.stuck = False
    until(world, lambda: world.robots["guard_1"].level == "l2", 300)
    until(world, lambda: task(world, identifier).ended, 300)
    assert status(world, identifier) is TaskStatus.COMPLETED
    assert world.replayed().logged() == world.state.logged()


def test_a_person_says_that_a_door_works(world: World) -> None:
    door = world.passages["door_n"]
    with pytest.raises(WrongState):
        world.do(RestorePassage("door_n", "Li"))
    with pytest.raises(UnknownFeature):
        world.do(RestorePassage("gate", "Li"))
    door.stuck = True
    submit(world, "go_to", place="bay_s", robot="guard_1")
    until(world, lambda: of(world, PassageFailed), 120)
    (incident,) = world.state.incidents.values()
    world.do(RestorePassage("door_n", "Li"))
    assert not world.state.out_of_order()
    assert world.state.incident(incident.id).timeline[-1].note == "Li says that it works"


def test_a_task_that_is_cancelled_before_the_door_lets_it_go(world: World) -> None:
    world.passages["door_n"].stuck = True
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    until(world, lambda: world.passages["door_n"].session_id, 60)
    world.do(EndTask(identifier))
    until(world, lambda: at_rest(world), 60)


def test_a_robot_that_restarts_in_the_lift_is_let_out(world: World) -> None:
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    lift = world.passages["lift"]
    until(world, lambda: lift.status is PassageStatus.MOVING and lift.wanted == "l2", 300)
    world.robots["guard_1"].reboot()
    until(world, lambda: lift.status is PassageStatus.OPEN, 60)
    world.robots["guard_1"].level = lift.level  # the cabin takes it along
    until(world, lambda: task(world, identifier).ended, 600)
    assert status(world, identifier) is TaskStatus.COMPLETED


def test_a_door_that_is_out_of_order_and_works_again_is_an_alert_that_ends(world: World) -> None:
    world.passages["door_s"].broken = True
    for _ in world.run(2):
        pass
    (incident,) = world.state.incidents.values()
    assert incident.title == "South door says that it is out of order"
    world.passages["door_s"].broken = False
    for _ in world.run(2):
        pass
    assert world.state.incident(incident.id).closed
    assert not world.state.passages


def test_who_waits_behind_another_is_told_so(world: World) -> None:
    places = zip(world.robots, ("office", "bay_2n"), strict=True)
    ids = [submit(world, "go_to", place=place, robot=each) for each, place in places]
    seen: list[Waiting] = []

    def waits_for_the_lift() -> bool:
        (session,) = sessions(world, "lift") or [None]
        others = [each for each in world.robots if session and each != session.robot]
        found = [waiting(world.state, each) for each in others]
        seen[:] = [each for each in found if each and session and session.robot in each.robots]
        return bool(seen)

    until(world, waits_for_the_lift, 300)
    until(world, lambda: all(task(world, each).ended for each in ids), 600)


def test_a_door_that_is_closed_by_people_is_not_asked_for_and_led_round(world: World) -> None:
    world.do(AddClosure(passages=("door_n",), reason="being painted"))
    identifier = submit(world, "go_to", place="bay_n", robot="guard_1")
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 900)
    asked = {e.passage for e in of(world, PassageRequested)}  # type: ignore[attr-defined]
    assert asked == {"door_s"}


def test_where_the_only_lift_is_closed_a_task_waits_for_it_and_says_so(world: World) -> None:
    world.do(AddClosure(passages=("lift",), reason="inspection"))
    closure = next(iter(world.state.closures))
    identifier = submit(world, "go_to", place="office", robot="guard_1")
    for _ in world.run(300):
        pass
    assert status(world, identifier) is not TaskStatus.COMPLETED
    assert closure in task(world, identifier).reason
    world.do(RemoveClosure(closure, "guard"))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 900)
    assert world.robots["guard_1"].level == "l2"
