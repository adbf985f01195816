"""Tells people of a robot that does not go on, and of everyone who waits behind it."""

from __future__ import annotations

from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.draft import Draft
from fleet_manager.core.incident import TRAFFIC_BLOCKED
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.standstill import blockers

TOLD_AFTER_S = 30.0
"""Whoever has held others up for so long is made known."""
NAMED_AT_MOST = 12
CAUSE = "blocks:"


def watch(draft: Draft) -> None:
    """Raise an alert for each robot that holds others up; close it when it does not any more."""
    state = draft.state
    held_up: dict[str, list[str]] = {}
    if any(unavailable(state, robot) for robot in state.robots):
        held_up = blockers(state, [name for name in state.robots if _has_waited(draft, name)])
    for robot, behind in held_up.items():
        if draft.now_s - state.robot(robot).status_since_s <= TOLD_AFTER_S:
            continue
        title = f"{robot} {_why(state, robot)} in the way of {_named(behind)}"
        raise_once(
            draft, TRAFFIC_BLOCKED, f"{CAUSE}{robot}", 1, title, robot, state.robot(robot).task_id
        )
    for cause in [each for each in state.causes if each.startswith(CAUSE)]:
        if cause.removeprefix(CAUSE) not in held_up:
            resolve(draft, cause, "nobody waits behind it any more")


def _has_waited(draft: Draft, robot: str) -> bool:
    """Whether a robot with somewhere to go has stood for a while; what time it drives is none."""
    record = draft.state.robot(robot)
    if unavailable(draft.state, robot) is not None:
        return False
    movement = record.movement
    if movement is None:
        since_s = record.status_since_s
        return record.task_id is not None and draft.now_s - since_s > TOLD_AFTER_S
    if movement.canceling or movement.outdated or movement.passed < movement.released_to:
        return False
    return draft.now_s - movement.updated_s > TOLD_AFTER_S


def _why(state: FleetState, robot: str) -> str:
    return unavailable(state, robot) or "stands"


def _named(robots: list[str]) -> str:
    shown = ", ".join(robots[:NAMED_AT_MOST])
    more = len(robots) - NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown
