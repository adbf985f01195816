"""What scenarios are compared by, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Better(StrEnum):
    """Which way is better; neither, where it depends on what is wanted."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a simulation.

    Attributes:
        path: of it in `figures`, with dots.
    """

    path: str
    label: str
    unit: str
    better: Better


def _response(category: str, what: str) -> tuple[Measure, ...]:
    return (
        Measure(f"response.{category}.mean_s", f"{what}: mean wait", "s", Better.LOWER),
        Measure(f"response.{category}.p90_s", f"{what}: 90 % begun within", "s", Better.LOWER),
    )


MEASURES: tuple[Measure, ...] = (
    Measure("idleness.worst_s", "patrolled places: longest without a visit", "s", Better.LOWER),
    Measure("idleness.average_s", "patrolled places: average without a visit", "s", Better.LOWER),
    *_response("respond", "incidents"),
    *_response("patrol", "patrols"),
    *_response("clean", "cleaning"),
    *_response("spot_clean", "spills"),
    *_response("inspect", "inspections"),
    *_response("go_to", "robots sent somewhere"),
    Measure("coverage.share", "share of the due area cleaned", "", Better.HIGHER),
    Measure("tasks.by_status.completed", "tasks completed", "", Better.HIGHER),
    Measure("tasks.by_status.failed", "tasks failed", "", Better.LOWER),
    Measure("energy.used_kwh", "energy used", "kWh", Better.LOWER),
    Measure("driven.km", "driven", "km", Better.LOWER),
    Measure("batteries.lowest_away", "lowest battery away from a dock", "", Better.HIGHER),
    Measure("standstills.count", "standstills", "", Better.LOWER),
    Measure("standstills.unresolved", "standstills not resolved", "", Better.LOWER),
)


def measured(figures: Json) -> dict[str, float | None]:
    """The measures of a simulation by their path; None where there is none."""
    kinds = figures["use"]
    found = {each.path: value_at(figures, each.path) for each in MEASURES}
    found |= {f"use.{kind}.busy": value_at(figures, f"use.{kind}.busy") for kind in kinds}
    if found["tasks.by_status.failed"] is None:
        found["tasks.by_status.failed"] = 0.0
    return found


def measure_of(path: str) -> Measure:
    """The measure with a path."""
    known = next((each for each in MEASURES if each.path == path), None)
    if known is not None:
        return known
    kind = path.split(".")[1]
    return Measure(path, f"{kind} robots: share of time with a task", "", Better.NEITHER)


def value_at(figures: Json, path: str) -> float | None:
    """A figure by its path, such as `response.respond.p90_s`; None where there is none."""
    value: Any = figures
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return None if value is None else float(value)
