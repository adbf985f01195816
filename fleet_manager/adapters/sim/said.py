"""What a robot tells of its actions, and which instant actions it has acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fleet_manager.adapters.sim.work import Work
from fleet_manager.core.order import Action
from fleet_manager.core.report import ActionState, ActionStatus

STATES_KEPT = 8
ACKNOWLEDGED_KEPT = 20


class Said:
    """States of the actions of the order held or last ended, as far as they are still told.

    Attributes:
        acknowledged: ids of instant actions, the latest.
    """

    def __init__(self) -> None:
        self.acknowledged: tuple[str, ...] = ()
        self._number = 0
        self._states: dict[str, ActionState] = {}
        self._told: tuple[ActionState, ...] | None = ()

    def begin(self) -> None:
        """Another order begins."""
        self._states, self._told = {}, ()

    def number(self) -> int:
        """The next number of a report."""
        self._number += 1
        return self._number

    def acknowledge(self, action_id: str) -> bool:
        """Note an instant action; False: it has been carried out before."""
        if action_id in self.acknowledged:
            return False
        self.acknowledged = (*self.acknowledged[-ACKNOWLEDGED_KEPT:], action_id)
        return True

    def knows(self, action: Action) -> bool:
        """Whether an action of the node that the robot is at has begun or ended."""
        return action.action_id in self._states

    def tell(self, action: Action, status: ActionStatus, results: Mapping[str, Any]) -> None:
        """An action is at another state."""
        state = _state(action, status, results)
        self._states.pop(action.action_id, None)
        self._states[action.action_id] = state
        self._told = None

    def states(
        self, here: Iterable[Action], sweep: Work | None, now_s: float
    ) -> tuple[ActionState, ...]:
        """What is told now: all that is new, and of what was told before the last few.

        Args:
            here: actions of the node that the robot is at: they are not forgotten.
            sweep: that is under way: how far it has come is told.
        """
        if self._told is None:
            self._told = tuple(self._states.values())
            self._forget({each.action_id for each in here})
        if sweep is None:
            return self._told
        running = _state(sweep.action, ActionStatus.RUNNING, sweep.results(now_s))
        return tuple([running if s.action_id == running.action_id else s for s in self._told])

    def _forget(self, here: set[str]) -> None:
        for each in list(self._states)[:-STATES_KEPT]:
            if each not in here and self._states[each].status is not ActionStatus.RUNNING:
                del self._states[each]


def _state(action: Action, status: ActionStatus, results: Mapping[str, Any]) -> ActionState:
    told = json.dumps(results) if results else ""
    progress = 1.0 if status is ActionStatus.FINISHED else 0.0
    if "covered_m" in results:
        progress = float(results["covered_m"]) / max(float(results["path_m"]), 1e-9)
    return ActionState(
        action.action_id, action.action_type, action.task_id, status, progress, result_json=told
    )
