"""Tasks as documents, in the shape of Open-RMF's task_state (rmf_api_msgs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_manager.core.report import RobotReport
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Attempt, Phase, PhaseStatus, Task, action_id

BINARY_AT_MOST = 1


def task_state(task: Task, fleet: str, reports: Mapping[str, RobotReport]) -> dict[str, Any]:
    """A task with all that is known of it.

    Args:
        task: of the state, or of the history.
        fleet: name of the fleet, Open-RMF's `group`.
        reports: the latest of each robot; says how far actions have come.
    """
    active = [phase.id for phase in task.phases if phase.status is PhaseStatus.UNDERWAY]
    return {
        "booking": {
            "id": task.id,
            "unix_millis_earliest_start_time": millis(task.earliest_start_s),
            "unix_millis_request_time": millis(task.requested_s),
            "priority": priority(task.priority),
            "labels": list(task.labels),
            "requester": task.requester,
        },
        "category": task.category.value,
        "detail": dict(task.description),
        "unix_millis_start_time": millis(task.started_s),
        "unix_millis_finish_time": millis(task.finished_s),
        "assigned_to": None if task.robot is None else {"group": fleet, "name": task.robot},
        "status": task.status.value,
        "phases": {str(phase.id): _phase(phase) for phase in task.phases},
        "completed": [p.id for p in task.phases if p.status is PhaseStatus.COMPLETED],
        "active": active[0] if active else None,
        "pending": [
            p.id
            for p in task.phases
            if p.status is PhaseStatus.PENDING or (p.id in active and p.id != active[0])
        ],
        "progress": progress(task, reports),
        "reason": task.reason,
        "unix_millis_due_time": millis(task.due_s),
        "attempts": [
            {
                "robot": attempt.robot,
                "from_s": attempt.from_s,
                "to_s": attempt.to_s,
                "reason": attempt.why,
            }
            for attempt in task.attempts
        ],
    }


def task_summary(task: Task, reports: Mapping[str, RobotReport]) -> dict[str, Any]:
    """What the live feed tells of a task."""
    return {
        "id": task.id,
        "category": task.category.value,
        "status": task.status.value,
        "robot": task.robot,
        "progress": progress(task, reports),
        "title": title(task),
        "reason": task.reason,
        "requested_s": round(task.requested_s, 3),
        "started_s": task.started_s,
        "finished_s": task.finished_s,
    }


def task_log(task: Task) -> dict[str, Any]:
    """The log of a task for people, oldest line first."""
    lines = [
        {
            "seq": line.seq,
            "unix_millis_time": millis(line.time_s),
            "tier": line.tier,
            "text": line.text,
        }
        for line in task.log
    ]
    return {"task_id": task.id, "log": lines}


def task_explanation(state: FleetState, task_id: str, now_s: float) -> dict[str, Any]:
    """Why a task of the state waits, and what each robot would be for it.

    Raises:
        Unknown: the state has no such task.
    """
    from fleet_manager.core.planning.explain import explain

    explanation = explain(state, task_id, now_s)
    return {
        "task_id": task_id,
        "status": state.task(task_id).status.value,
        "reason": explanation.reason,
        "never": explanation.never or None,
        "decided": decision(explanation.decided),
        "robots": [
            {
                "robot": each.robot,
                "eligible": each.eligible,
                "reason": each.reason,
                "cost_s": None if each.cost_s is None else round(each.cost_s, 1),
            }
            for each in explanation.robots
        ],
    }


def decision(attempt: Attempt | None) -> dict[str, Any] | None:
    """Why a task went to the robot it went to last, with the best of the others."""
    if attempt is None:
        return None
    return {
        "robot": attempt.robot,
        "time_s": attempt.from_s,
        "reason": attempt.chosen,
        "considered": [
            {"robot": each.robot, "cost_s": each.cost_s, "reason": each.why}
            for each in attempt.considered
        ],
    }


def title(task: Task) -> str:
    """What a task is about, in the ids and names it was asked for with."""
    description = task.description
    if "places" in description:
        rounds = description.get("rounds", 1)
        about = ", ".join(description["places"])
        return f"{about} ×{rounds}" if rounds > 1 else about
    if "assets" in description:
        return ", ".join(description["assets"])
    if "x_m" in description:
        return f"({description['x_m']:.0f}, {description['y_m']:.0f})"
    for key in ("zone", "place", "robot"):
        if key in description:
            return str(description[key])
    return ""


def progress(task: Task, reports: Mapping[str, RobotReport]) -> float:
    """Share of a task that is done, 0 to 1: phases, and what the robot reports of the present one.

    A phase that was broken off counts again when its next attempt reports.
    """
    if not task.phases:
        return 1.0 if task.ended else 0.0
    done = float(sum(phase.status is PhaseStatus.COMPLETED for phase in task.phases))
    report = reports.get(task.robot) if task.robot is not None and not task.ended else None
    if report is not None:
        shares = {each.action_id: each.progress for each in report.action_states}
        done += sum(
            min(1.0, max(0.0, shares.get(action_id(task, phase), 0.0)))
            for phase in task.remaining
            if phase.status is PhaseStatus.UNDERWAY
        )
    return round(done / len(task.phases), 3)


def priority(value: int) -> dict[str, Any]:
    """A priority of 0 to 9 in Open-RMF's form; 0 and 1 are its binary ones."""
    return {"type": "binary" if value <= BINARY_AT_MOST else "level", "value": value}


def millis(time_s: float | None) -> int | None:
    """Unix seconds as Unix milliseconds."""
    return None if time_s is None else round(time_s * 1000)


def _phase(phase: Phase) -> dict[str, Any]:
    """One event a phase: the action at its waypoint, with its result."""
    event: dict[str, Any] = {
        "id": 0,
        "status": phase.status.value,
        "name": phase.action_type,
        "detail": dict(phase.result),
        "deps": [],
    }
    return {
        "id": phase.id,
        "category": phase.action_type,
        "detail": phase.detail,
        "unix_millis_start_time": millis(phase.started_s),
        "unix_millis_finish_time": millis(phase.finished_s),
        "final_event_id": 0,
        "events": {"0": event},
    }
