"""Checks that what came over the network makes sense; ROS checks types alone."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, TypeVar

from fleet_manager.core.passage import PassageStatus
from fleet_manager.core.report import ActionStatus, ErrorLevel, OperatingMode

LONGEST_ID = 200
LONGEST_TEXT = 20_000
MOST_ITEMS = 1_000
QUATERNION_TOLERANCE = 0.05
SHARE_TOLERANCE = 1e-3

Choice = TypeVar("Choice", OperatingMode, ActionStatus, ErrorLevel, PassageStatus)


class Garbage(Exception):
    """A message that makes no sense; nothing of it is used.

    Attributes:
        field: of the message.
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field} {problem}")


def finite(field: str, value: float) -> float:
    """A number that is neither NaN nor infinite."""
    if not math.isfinite(value):
        raise Garbage(field, f"is {value}")
    return float(value)


def known(field: str, value: float) -> float | None:
    """NaN is how the messages say that a number is not known."""
    return None if math.isnan(value) else finite(field, value)


def positive(field: str, value: float) -> float:
    """A finite number above 0."""
    if not (math.isfinite(value) and value > 0.0):
        raise Garbage(field, f"is {value}; it has to be above 0")
    return float(value)


def share(field: str, value: float) -> float | None:
    """A number from 0 to 1, with room for rounding to 32 bits; None when not known."""
    if math.isnan(value):
        return None
    if not -SHARE_TOLERANCE <= value <= 1.0 + SHARE_TOLERANCE:
        raise Garbage(field, f"is {value}; it has to be from 0 to 1")
    return min(1.0, max(0.0, float(value)))


def yaw_rad(q: Any) -> float:
    """Heading of a quaternion, counter-clockwise from east, -pi to pi."""
    norm = math.sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z)
    if not abs(norm - 1.0) <= QUATERNION_TOLERANCE:
        raise Garbage("pose.orientation", f"has the length {norm}, not 1")
    return math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))


def stddev_m(covariance: Sequence[float]) -> float | None:
    """Larger standard deviation of x and y of a 6x6 covariance; None when unknown."""
    variances_m2 = [float(covariance[0]), float(covariance[7])]
    # ROS's conventions: 0 everywhere for unknown, negative for not measured.
    if any(math.isnan(each) or each < 0.0 for each in variances_m2) or not any(covariance):
        return None
    return finite("pose.covariance", math.sqrt(max(variances_m2)))


def choice(choices: type[Choice], field: str, value: str) -> Choice:
    """One of a set of constants."""
    try:
        return choices(value)
    except ValueError:
        raise Garbage(field, f"is {value[:40]!r}") from None


def identifier(field: str, value: str) -> str:
    """A short string."""
    if len(value) > LONGEST_ID:
        raise Garbage(field, f"is longer than {LONGEST_ID} characters")
    return value


def text(field: str, value: str) -> str:
    """A string for people."""
    if len(value) > LONGEST_TEXT:
        raise Garbage(field, f"is longer than {LONGEST_TEXT} characters")
    return value


def json_object(field: str, value: str) -> str:
    """A JSON object as text, or ""."""
    if not text(field, value):
        return ""
    try:
        decoded = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Garbage(field, "is not JSON") from None
    if not isinstance(decoded, dict):
        raise Garbage(field, "is not a JSON object")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def few(field: str, values: Sequence[Any]) -> Sequence[Any]:
    """A sequence of a length that makes sense."""
    if len(values) > MOST_ITEMS:
        raise Garbage(field, f"has more than {MOST_ITEMS} items")
    return values
