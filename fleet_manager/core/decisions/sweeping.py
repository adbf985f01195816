"""Sweeps in stretches: where one ends before its path does, and robots that are served between."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from fleet_manager.core.decisions.tasks import take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.events import PhaseMoved, ServiceMoved, ServiceStep
from fleet_manager.core.planning.tanks import at_dock, has_tanks, service_due
from fleet_manager.core.robot import ABSENT
from fleet_manager.core.task import Phase, PhaseStatus, Task, TaskTrigger

_ENDS_M = 0.5
"""A sweep that has come so near to its end has come there."""


def end_stretch(
    draft: Draft, robot: str, task: Task, phase: Phase, result: Mapping[str, Any]
) -> bool:
    """Give the rest of a sweep back that ended before its path; False: nothing is left of it.

    What is covered stays covered: whoever has the task next begins there.
    """
    if phase.action_type != "clean_zone" or "covered_m" not in result:
        return False
    covered_m = float(result["covered_m"])
    spot = phase.parameters.get("spot")
    kind = draft.site.kind(robot)
    whole_m = 0.0
    with contextlib.suppress(CampusFleetError):  # the zone is not as it was
        whole_m = draft.site.sweep(phase.detail, tuple(spot) if spot else None, kind).length_m
    if covered_m >= whole_m - _ENDS_M:
        return False
    text = f"{covered_m:.0f} of {whole_m:.0f} m are swept"
    draft.emit(
        PhaseMoved(
            task.id,
            phase.id,
            PhaseStatus.PENDING,
            draft.now_s,
            from_m=covered_m,
            text=text,
            robot=robot,
        )
    )
    why = service_due(draft.state, robot) or "a stretch has ended"
    take_away(draft, task.id, TaskTrigger.RELEASE, f"{text}; {robot}: {why}")
    return True


def watch_service(draft: Draft, robot: str) -> None:
    """Note when a robot begins to be served at a dock, leaves too early, or is ready."""
    record = draft.state.robot(robot)
    if record.swept_m2 <= 0.0 or record.status in ABSENT or not has_tanks(draft.state, robot):
        return
    if not at_dock(draft.state, robot):
        if record.served_since_s is not None:
            draft.emit(ServiceMoved(robot, ServiceStep.LEFT, draft.now_s))
    elif record.served_since_s is None:
        draft.emit(ServiceMoved(robot, ServiceStep.BEGUN, draft.now_s))
    elif draft.now_s - record.served_since_s >= draft.site.kind(robot).service_s:
        draft.emit(ServiceMoved(robot, ServiceStep.READY, draft.now_s))
