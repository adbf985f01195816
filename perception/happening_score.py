"""How well reports fit what happened: recall of happenings, false alarms per robot-hour, delays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

NEAR_M = 3.0
"""A report that is further from a happening is about something else."""
LATE_S = 30.0
"""After a happening is out of sight, a report about it still counts for so long."""


@dataclass(frozen=True)
class Happening:
    """What was there to be seen, from when until when a robot could see it."""

    name: str
    x_m: float
    y_m: float
    visible_s: float
    gone_s: float


@dataclass(frozen=True)
class Told:
    """A report, as far as it is scored."""

    name: str
    x_m: float
    y_m: float
    time_s: float


@dataclass(frozen=True)
class HappeningFigures:
    """What came of the happenings of a name.

    Attributes:
        delays_s: from visible to told, of those told.
        errors_m: from where it was to where it was told to be.
    """

    happenings: int
    told: int
    false_alarms: int
    robot_hours: float
    delays_s: tuple[float, ...]
    errors_m: tuple[float, ...]

    @property
    def recall(self) -> float:
        """Share of the happenings that were told; NaN without any."""
        return self.told / self.happenings if self.happenings else float("nan")

    @property
    def false_alarms_per_robot_hour(self) -> float:
        """Reports about nothing, over the time watched."""
        return self.false_alarms / self.robot_hours if self.robot_hours else float("nan")

    def document(self) -> dict[str, float]:
        """As JSON."""
        found = {
            "happenings": float(self.happenings),
            "recall": self.recall,
            "false_alarms_per_robot_hour": self.false_alarms_per_robot_hour,
        }
        if self.delays_s:
            found["delay_median_s"] = float(np.median(self.delays_s))
            found["delay_worst_s"] = max(self.delays_s)
            found["error_median_m"] = float(np.median(self.errors_m))
            found["error_worst_m"] = max(self.errors_m)
        return found


def score_happenings(
    happenings: Sequence[Happening], reports: Iterable[Told], robot_hours: float
) -> dict[str, HappeningFigures]:
    """Figures by name. A happening that is told often is told once; the first report counts."""
    first: dict[int, Told] = {}
    false: dict[str, int] = {}
    for report in sorted(reports, key=lambda each: each.time_s):
        fitting = [
            number
            for number, each in enumerate(happenings)
            if each.name == report.name
            and each.visible_s <= report.time_s <= each.gone_s + LATE_S
            and _away_m(each, report) <= NEAR_M
        ]
        if not fitting:
            false[report.name] = false.get(report.name, 0) + 1
            continue
        nearest = min(fitting, key=lambda number: _away_m(happenings[number], report))
        first.setdefault(nearest, report)
    names = {each.name for each in happenings} | set(false)
    found = {}
    for name in sorted(names):
        numbers = [number for number, each in enumerate(happenings) if each.name == name]
        told = [number for number in numbers if number in first]
        found[name] = HappeningFigures(
            happenings=len(numbers),
            told=len(told),
            false_alarms=false.get(name, 0),
            robot_hours=robot_hours,
            delays_s=tuple(first[each].time_s - happenings[each].visible_s for each in told),
            errors_m=tuple(_away_m(happenings[each], first[each]) for each in told),
        )
    return found


def _away_m(happening: Happening, report: Told) -> float:
    return hypot(happening.x_m - report.x_m, happening.y_m - report.y_m)
