"""Instant actions: what each asks for, checked, and carried out once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campus_robot.errors import ErrorType, Refused
from campus_robot.memory import Memory

PARAMETERS: Mapping[str, frozenset[str]] = {
    "pause": frozenset(),
    "resume": frozenset(),
    "cancel_order": frozenset({"order_id"}),
    "emergency_stop": frozenset({"by", "reason"}),
    "release_stop": frozenset({"by"}),
    "announce": frozenset({"text"}),
}


@dataclass(frozen=True, slots=True)
class InstantAction:
    """One instant action; `parameters` maps names to JSON text."""

    action_id: str
    action_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstantActions:
    """A message of instant actions from the manager."""

    robot: str
    manager_epoch: int
    actions: tuple[InstantAction, ...]


class Acknowledgements:
    """Which instant actions were seen; a seen one is never carried out again."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def first_time(self, action_id: str) -> bool:
        """Acknowledges an action; False when it had been seen before."""
        if action_id in self._memory.acknowledged:
            return False
        self._memory.acknowledged.append(action_id)
        self._memory.save()
        return True

    def ids(self) -> tuple[str, ...]:
        """Acknowledged ids, newest last."""
        return tuple(self._memory.acknowledged)


def checked(action: InstantAction) -> dict[str, str]:
    """The parameters as text. Raises Refused: unknown_action or invalid_parameter."""
    allowed = PARAMETERS.get(action.action_type)
    if allowed is None:
        raise Refused(
            ErrorType.UNKNOWN_ACTION,
            f"instant action {action.action_type!r}",
            f"send one of {', '.join(PARAMETERS)}",
            action_id=action.action_id,
        )
    values: dict[str, str] = {}
    for name, text in action.parameters.items():
        value: Any = _value(text)
        if name not in allowed or not isinstance(value, str):
            raise Refused(
                ErrorType.INVALID_PARAMETER,
                f"{action.action_type}: parameter {name} is {text[:40]}",
                f"send only strings named {', '.join(sorted(allowed)) or '(none)'}",
                action_id=action.action_id,
            )
        values[name] = value
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
