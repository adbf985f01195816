"""The actions robots know: the skill each needs and the parameters it takes (docs/protocol.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_robot.errors import ErrorType, Refused
from campus_robot.order import Action

Check = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_points(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))
        for point in value
    )


def _is_path(value: Any) -> bool:
    return _is_points(value) and len(value) >= 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """What values a parameter may have, and how to say so."""

    accepts: Check
    wanted: str


NUMBER = Parameter(_is_number, "a number")
NOT_NEGATIVE = Parameter(lambda v: _is_number(v) and v >= 0, "a number of at least 0")
POSITIVE = Parameter(lambda v: _is_number(v) and v > 0, "a number above 0")
SHARE = Parameter(lambda v: _is_number(v) and 0 <= v <= 1, "a number from 0 to 1")
TEXT = Parameter(_is_text, "a string")
POINTS = Parameter(_is_points, "an array of [x_m, y_m]")
PATH = Parameter(_is_path, "an array of at least two [x_m, y_m]")


@dataclass(frozen=True, slots=True)
class ActionType:
    """The skill an action needs and its parameters: those it requires, and those it may have.

    A parameter that may be missing is an empty array then.
    """

    skill: str
    parameters: Mapping[str, Parameter]
    optional: frozenset[str] = frozenset()


ACTION_TYPES: Mapping[str, ActionType] = {
    "go_to_point": ActionType("go_to", {"dwell_s": NOT_NEGATIVE}),
    "patrol_point": ActionType("patrol", {"dwell_s": NOT_NEGATIVE, "place": TEXT}),
    "respond_point": ActionType("respond", {"dwell_s": NOT_NEGATIVE, "place": TEXT}),
    "clean_zone": ActionType(
        "clean",
        {
            "zone_id": TEXT,
            "path": PATH,
            "brush_width_m": POSITIVE,
            "from_m": NOT_NEGATIVE,
            "way_in": POINTS,
            "way_back": POINTS,
        },
        optional=frozenset({"way_in", "way_back"}),
    ),
    "inspect_asset": ActionType(
        "inspect",
        {
            "asset_id": TEXT,
            "asset_kind": TEXT,
            "x_m": NUMBER,
            "y_m": NUMBER,
            "dwell_s": NOT_NEGATIVE,
        },
    ),
    "charge": ActionType("charge", {"target_soc": SHARE, "interruptible_soc": SHARE}),
}


def checked_parameters(action: Action, skills: frozenset[str], node_id: str) -> dict[str, Any]:
    """The parsed parameters of an action.

    Raises Refused: unknown_action, missing_skill or invalid_parameter.
    """
    action_type = ACTION_TYPES.get(action.action_type)
    if action_type is None:
        known = ", ".join(sorted(ACTION_TYPES))
        raise Refused(
            ErrorType.UNKNOWN_ACTION,
            f"action {action.action_id} is of type {action.action_type!r}",
            f"send one of {known}",
            action_id=action.action_id,
            node_id=node_id,
        )
    if action_type.skill not in skills:
        raise Refused(
            ErrorType.MISSING_SKILL,
            f"{action.action_type} needs the skill {action_type.skill}",
            f"give it to a robot with that skill; this one has {', '.join(sorted(skills))}",
            action_id=action.action_id,
            node_id=node_id,
        )
    return _parse(action, action_type, node_id)


def _parse(action: Action, action_type: ActionType, node_id: str) -> dict[str, Any]:
    def invalid(description: str, remedy: str) -> Refused:
        return Refused(
            ErrorType.INVALID_PARAMETER,
            f"{action.action_type}: {description}",
            remedy,
            action_id=action.action_id,
            node_id=node_id,
        )

    unknown = sorted(set(action.parameters) - set(action_type.parameters))
    if unknown:
        allowed = ", ".join(action_type.parameters)
        raise invalid(f"unknown parameter {unknown[0]!r}", f"send only {allowed}")
    values: dict[str, Any] = {}
    for name, parameter in action_type.parameters.items():
        if name not in action.parameters and name in action_type.optional:
            values[name] = []
            continue
        if name not in action.parameters:
            raise invalid(f"parameter {name!r} is missing", f"send {parameter.wanted}")
        text = action.parameters[name]
        try:
            value = json.loads(text)
        except ValueError:
            raise invalid(f"{name} is not JSON: {text[:40]!r}", "send JSON text") from None
        if not parameter.accepts(value):
            raise invalid(f"{name} is {text[:40]}", f"send {parameter.wanted}")
        values[name] = value
    return values
