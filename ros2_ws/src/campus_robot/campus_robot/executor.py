"""Carries out the actions of an order at its nodes, one after the other, and reports each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from campus_robot.actions import checked_parameters
from campus_robot.behaviours import Behaviour, Outcome, Senses, behaviour_for
from campus_robot.memory import Memory
from campus_robot.motion import DriveLimits
from campus_robot.order import Action, Blocking, OrderNode

DWELL_TYPES = frozenset({"go_to_point", "patrol_point", "respond_point"})


class Status(StrEnum):
    """How far an action has come (ActionState.msg)."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


RESTARTED = "the robot was restarted"
NOTE_PERIOD_S = 10.0
ENDED = frozenset({Status.FINISHED, Status.FAILED})


@dataclass(slots=True)
class Run:
    """One action of the order and what has become of it."""

    action: Action
    node: OrderNode
    behaviour: Behaviour | None = None
    status: Status = Status.WAITING
    progress: float = 0.0
    description: str = ""
    result_json: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done."""
        return self.status in ENDED

    @property
    def stands(self) -> bool:
        """Whether the robot stops at the node for it."""
        return self.action.blocking != Blocking.NONE or self.action.action_type not in DWELL_TYPES


class Executor:
    """The actions of the order held, in route order."""

    def __init__(self, skills: frozenset[str], limits: DriveLimits, memory: Memory) -> None:
        self._skills = skills
        self._limits = limits
        self._memory = memory
        self._arrived: set[str] = set()
        self._noted_s = 0.0
        self.runs: dict[str, Run] = {
            action_id: self._interrupted(action_id, known)
            for action_id, known in memory.order_actions.items()
        }

    def begin(self) -> None:
        """Forgets the actions of the order before."""
        self.runs, self._arrived = {}, set()

    def take(self, nodes: Iterable[OrderNode]) -> None:
        """Makes the actions of these nodes (base and horizon, in order) the ones to do.

        What has begun or ended stays as it is; waiting actions that are gone are dropped.
        """
        runs = {key: run for key, run in self.runs.items() if run.status is not Status.WAITING}
        for node in nodes:
            for action in node.actions:
                known = self.runs.get(action.action_id)
                runs[action.action_id] = known or self._waiting(action, node)
        self.runs = runs
        self._note()

    def _note(self) -> None:
        """Puts into the memory what is to be reported of this order after a restart."""
        self._memory.order_actions = {
            action_id: {
                "action_type": run.action.action_type,
                "task_id": run.action.task_id,
                "result_json": run.result_json,
            }
            for action_id, run in self.runs.items()
        }

    def _interrupted(self, action_id: str, known: dict[str, str]) -> Run:
        """An action of the order held before a restart: as it ended, else failed."""
        action = Action(action_id, known["action_type"], known["task_id"])
        nowhere = OrderNode("", 0, True, 0.0, 0.0)
        run = self._waiting(action, nowhere)
        if not run.ended:
            run.status, run.description = Status.FAILED, RESTARTED
            run.result_json = known["result_json"]
        return run

    def _waiting(self, action: Action, node: OrderNode) -> Run:
        run = Run(action, node)
        before = self._memory.finished_actions.get(action.action_id)
        if before is not None:
            run.status = Status(before["status"])
            run.description = before["description"]
            run.result_json = before["result_json"]
            run.progress = 1.0 if run.status is Status.FINISHED else 0.0
        return run

    def needs_stop(self, node: OrderNode) -> bool:
        """Whether actions at a node keep the robot there."""
        return any(
            run.stands and not run.ended
            for run in map(self.runs.get, (a.action_id for a in node.actions))
            if run is not None
        )

    def arrive(self, node: OrderNode) -> None:
        """The robot has reached a node: its actions may begin."""
        self._arrived.update(action.action_id for action in node.actions)

    @property
    def current(self) -> Run | None:
        """The action that keeps the robot standing at its node now, if any."""
        for run in self.runs.values():
            if run.stands and not run.ended and run.action.action_id in self._arrived:
                return run
        return None

    @property
    def all_ended(self) -> bool:
        """Whether every action of the order has ended."""
        return all(run.ended for run in self.runs.values())

    def step(self, senses: Senses) -> Outcome | None:
        """Carries on what is due; None when the robot may drive on."""
        for run in list(self.runs.values()):
            if not run.stands and not run.ended and run.action.action_id in self._arrived:
                self._carry_on(run, senses)
        current = self.current
        return None if current is None else self._carry_on(current, senses)

    def _carry_on(self, run: Run, senses: Senses) -> Outcome:
        if run.behaviour is None:
            parameters = checked_parameters(run.action, self._skills, run.node.node_id)
            run.behaviour = behaviour_for(
                run.action.action_type, parameters, run.node, self._limits
            )
        run.status = Status.RUNNING
        outcome = run.behaviour.step(senses)
        run.progress = run.behaviour.progress
        run.result_json = json.dumps(run.behaviour.result())
        if not outcome.done and abs(senses.now_s - self._noted_s) > NOTE_PERIOD_S:
            self._noted_s = senses.now_s
            self._note()
            self._memory.save()
        if outcome.done:
            self._end(run, Status.FINISHED, "")
        elif outcome.failed_because:
            self._end(run, Status.FAILED, outcome.failed_because)
        return outcome

    def _end(self, run: Run, status: Status, description: str) -> None:
        run.status, run.description = status, description
        if status is Status.FINISHED:
            run.progress = 1.0
        self._memory.finished_actions[run.action.action_id] = {
            "status": str(status),
            "description": description,
            "result_json": run.result_json,
        }
        self._memory.save()

    def hold(self) -> None:
        """Marks what is under way as paused; the next `step` goes on with it."""
        for run in self.runs.values():
            if run.status is Status.RUNNING:
                run.status = Status.PAUSED

    def cancel(self, because: str) -> None:
        """Ends everything: FINISHED where nothing is lost, else FAILED with its result kept."""
        for run in self.runs.values():
            if run.ended:
                continue
            if run.behaviour is not None and run.behaviour.loses_nothing():
                self._end(run, Status.FINISHED, because)
            else:
                self._end(run, Status.FAILED, because)
