"""What waits between the ROS thread and the event loop stays bounded and loses nothing needed."""

from __future__ import annotations

import pytest

pytest.importorskip("fleet_manager.adapters.ros.mailbox")

from fleet_manager.adapters.ros.mailbox import INSTANT_ACTIONS_A_MESSAGE, Latest, Unacknowledged
from fleet_manager.core.order import InstantAction, InstantActionType


def pause(identifier: str) -> InstantAction:
    return InstantAction(identifier, InstantActionType.PAUSE)


def ids(due: dict[str, list[InstantAction]]) -> dict[str, list[str]]:
    return {robot: [action.action_id for action in actions] for robot, actions in due.items()}


def test_the_latest_of_each_key_is_taken_once_in_the_order_of_arrival() -> None:
    box: Latest[int] = Latest(["a", "b"])
    assert box.put("a", 1)
    assert not box.put("b", 2)
    assert not box.put("a", 3)
    assert box.take() == [2, 3]
    assert box.take() == []
    assert box.overwritten == 1
    assert box.put("a", 4), "empty again: who takes has to be woken"


def test_a_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        Latest(["a"]).put("b", 1)


def test_an_action_is_due_at_once_and_again_after_the_repeat_time_until_it_is_settled() -> None:
    waiting = Unacknowledged(repeat_s=1.0)
    waiting.add("r1", pause("a"))
    assert ids(waiting.due(100.0)) == {"r1": ["a"]}
    assert waiting.due(100.9) == {}
    assert ids(waiting.due(101.0)) == {"r1": ["a"]}
    waiting.settle(["a", "never-there"])
    assert waiting.due(200.0) == {}
    assert len(waiting) == 0


def test_adding_an_action_again_does_not_send_it_twice() -> None:
    waiting = Unacknowledged(repeat_s=1.0)
    waiting.add("r1", pause("a"))
    waiting.due(100.0)
    waiting.add("r1", pause("a"))
    assert waiting.due(100.5) == {}


def test_a_clock_that_was_set_back_makes_actions_due() -> None:
    waiting = Unacknowledged(repeat_s=1.0)
    waiting.add("r1", pause("a"))
    waiting.due(100.0)
    assert ids(waiting.due(5.0)) == {"r1": ["a"]}


def test_a_robot_gets_no_more_than_it_can_remember_and_the_rest_follows() -> None:
    waiting = Unacknowledged(repeat_s=1.0)
    many = [f"a{n}" for n in range(INSTANT_ACTIONS_A_MESSAGE + 2)]
    for identifier in many:
        waiting.add("r1", pause(identifier))
    waiting.add("r2", pause("b"))
    first = ids(waiting.due(100.0))
    assert first == {"r1": many[:-2], "r2": ["b"]}
    waiting.settle(first["r1"])
    assert ids(waiting.due(100.1)) == {"r1": many[-2:]}
