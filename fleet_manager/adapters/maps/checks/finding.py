"""What a check of a map found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from fleet_manager.core.geometry import Xy

MOST_PER_CHECK = 500
"""A check that finds more than this many things wrong lists no more of them."""


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Robots cannot work, or they and people are endangered."""
    WARNING = "warning"
    """Robots can work; something is probably not as it was meant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a map or a fleet on it.

    Attributes:
        check: the rule that is broken, such as `bay_clearance`; docs/map-format.md lists them.
        subject: feature or robot it is about.
        problem: what is wrong, with figures.
        remedy: what to do.
        features: ids of others that are part of it.
        level: on which it is, or None: of the whole map.
        kind: robot kinds that it concerns, joined by commas, or None: all.
        x_m: where it is, or None.
        y_m: where it is, or None.
    """

    check: str
    subject: str
    problem: str
    remedy: str
    severity: Severity = Severity.ERROR
    features: tuple[str, ...] = ()
    level: str | None = None
    kind: str | None = None
    x_m: float | None = None
    y_m: float | None = None

    def at(self, level: str, xy: Xy) -> Finding:
        """The same finding with where it is."""
        return replace(self, level=level, x_m=round(xy[0], 2), y_m=round(xy[1], 2))

    def as_json(self) -> dict[str, Any]:
        """The object that `fleet map validate --json` prints for this finding."""
        return asdict(self) | {
            "severity": self.severity.value,
            "features": list(self.features),
        }


def limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first findings of a check; if there are more, a last one says so."""
    rest = iter(findings)
    last: Finding | None = None
    for last in islice(rest, MOST_PER_CHECK):
        yield last
    if last is not None and next(rest, None) is not None:
        yield Finding(
            last.check,
            last.subject,
            f"more than {MOST_PER_CHECK} findings of this check: the others are not listed",
            "mend these and validate again",
            last.severity,
        )


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep robots from working or endanger them."""
    return [each for each in findings if each.severity is Severity.ERROR]


def some(names: Iterable[str], first: int = 3) -> str:
    """A few of many names in words: `a, b, c and 7 others`."""
    every = sorted(names)
    more = len(every) - first
    return ", ".join(every[:first]) + (f" and {more} others" if more > 0 else "")
