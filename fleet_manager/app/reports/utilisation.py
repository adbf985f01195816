"""What robots did with a period: working, charging, waiting, away; driven, drawn and swept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fleet_manager.app.past import DAY_S, Driven, Period
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import RobotMoved
from fleet_manager.core.robot import ROBOT_TRANSITIONS, RobotStatus
from fleet_manager.core.task import Task, TaskStatus

STATUS_TYPES = (RobotMoved.__name__,)
LEAD_S = DAY_S
"""For so long before a period is looked for what robots were at its beginning."""
UNKNOWN = "unknown"


def utilisation_report(
    fleet: FleetConfig,
    period: Period,
    moves: Iterable[RobotMoved],
    driven: Sequence[Driven],
    tasks: Iterable[Task],
    now: Mapping[str, tuple[RobotStatus, float]],
) -> dict[str, Any]:
    """Seconds in each status, metres, watt-hours and tasks of every robot of the fleet.

    Args:
        fleet: of now.
        period: that is looked at, not beyond the present.
        moves: changes of status, from `LEAD_S` before the period on.
        driven: of the tracks.
        tasks: that were open in the period.
        now: status of each robot, and since when; it tells the time before a first change.
    """
    spent = _spent(period, moves, now)
    by_robot = {each.robot: each for each in driven}
    ended: dict[str, int] = defaultdict(int)
    busy_s: dict[str, float] = defaultdict(float)
    for task in tasks:
        if task.status is TaskStatus.COMPLETED and task.robot and task.finished_s is not None:
            ended[task.robot] += period.from_s <= task.finished_s < period.to_s
        for attempt in task.attempts:
            end_s = period.to_s if attempt.to_s is None else attempt.to_s
            busy_s[attempt.robot] += period.overlap_s(attempt.from_s, end_s)
    return {
        "robots": [
            {
                "robot": name,
                "kind": spec.kind,
                **{
                    f"{status}_s": round(spent[name].get(status, 0.0), 1)
                    for status in (*(each.value for each in RobotStatus), UNKNOWN)
                },
                "with_task_s": round(busy_s[name], 1),
                "tasks_completed": ended[name],
                **_energy(fleet, spec.kind, by_robot.get(name)),
            }
            for name, spec in fleet.robots.items()
        ]
    }


def _energy(fleet: FleetConfig, kind: str, driven: Driven | None) -> dict[str, Any]:
    capacity_wh = fleet.kinds[kind].battery.capacity_wh
    return {
        "distance_m": round(driven.distance_m, 1) if driven else 0.0,
        "drawn_wh": round(driven.drawn * capacity_wh, 1) if driven else 0.0,
        "charged_wh": round(driven.charged * capacity_wh, 1) if driven else 0.0,
    }


def _spent(
    period: Period, moves: Iterable[RobotMoved], now: Mapping[str, tuple[RobotStatus, float]]
) -> dict[str, dict[str, float]]:
    """Seconds that each robot was in each status."""
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    since: dict[str, tuple[str, float]] = {}
    for move in moves:
        status, since_s = since.get(move.robot, (UNKNOWN, period.from_s))
        if status == UNKNOWN:
            status = _before(move)
        spent[move.robot][status] += period.overlap_s(since_s, move.time_s)
        since[move.robot] = (_after(status, move), move.time_s)
    for robot, (status_now, status_since_s) in now.items():
        if robot in since:
            status, since_s = since[robot]
        elif status_since_s <= period.from_s:
            status, since_s = status_now.value, period.from_s
        else:
            status, since_s = UNKNOWN, period.from_s
        spent[robot][status] += period.overlap_s(since_s, period.to_s)
    return spent


def _after(status: str, move: RobotMoved) -> str:
    """The status that a change leads to; the same from wherever it is allowed."""
    for known, following in ROBOT_TRANSITIONS.items():
        if known.value == status and move.trigger in following:
            return following[move.trigger].value
    for following in ROBOT_TRANSITIONS.values():
        if move.trigger in following:
            return following[move.trigger].value
    return UNKNOWN


def _before(move: RobotMoved) -> str:
    """The status that a change can only have come from; unknown where it may be several."""
    found = [
        each.value for each, following in ROBOT_TRANSITIONS.items() if move.trigger in following
    ]
    return found[0] if len(found) == 1 else UNKNOWN
